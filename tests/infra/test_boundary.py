"""Whoever deploys makes roles, but none that may do more than the service: simulated as IAM decides."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest
from moto.iam.aws_managed_policies import aws_managed_policies_data

from infra.check.invented import ACCOUNT, REGION
from infra.check.policies import allows
from infra.check.state import State, listed, resources_of, statements_of
from infra.check.terraform import ROOT, copied, terraform

PREFIX: Final = "lrs-live"
LONGEST: Final = "a-prefix-of-thirty-letters-abc"
BOUNDARY: Final = f"arn:aws:iam::{ACCOUNT}:policy/{PREFIX}-boundary"
ADMINISTRATOR: Final = "arn:aws:iam::aws:policy/AdministratorAccess"

BOOTSTRAP: Final = {
    "environment": "live",
    "account_id": ACCOUNT,
    "pipeline": {
        "issuer": "https://token.actions.githubusercontent.com",
        "audience": "sts.amazonaws.com",
        "subjects": ["repo:example/records:environment:live"],
    },
}
_TAKEN: Final = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "transfer.amazonaws.com"}}
ORGANISATION: Final = {
    "prefix": PREFIX,
    "ukprn": "90000051",
    "bucket": {"name": f"{PREFIX}-inbox", "arn": f"arn:aws:s3:::{PREFIX}-inbox"},
    "key_arn": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/00000000-0000-4000-a000-000000000000",
    "boundary": BOUNDARY,
    "principals": ["arn:aws:iam::111122223333:root"],
    "external_id": "0123456789abcdef",
    "sftp": {"server_id": "s-01234567890abcdef", "trust": json.dumps({"Statement": [_TAKEN]})},
    "ssh_keys": ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5"],
}
OF_OTHER_DATA: Final = {
    "backup-gateway", "cloudformation", "ds", "dsql", "ebs", "ec2", "eks", "elasticfilesystem", "fsx", "guardduty",
    "iam", "rds", "redshift", "redshift-serverless", "ssm", "ssm-sap", "storagegateway", "timestream",
}  # fmt: skip
"""Services of which AWS's policies for AWS Backup speak, and that have no data of ours."""
OF_OTHER_RESTORES: Final = "BackupRestoreJobManagementPermissions"
"""A statement of them for data that is made of several resources, such as a cluster."""


def _applied(folder: str, variables: Mapping[str, Any]) -> State:
    with copied(ROOT) as copy, tempfile.TemporaryDirectory() as place, terraform(ROOT) as worker:
        given, plan = Path(place) / "given.tfvars.json", Path(place) / "plan"
        given.write_text(json.dumps(variables), "utf-8")
        worker.init(copy / folder)
        worker.plan(copy / folder, given, plan)
        return State(resources_of(worker.apply(copy / folder, plan)))


@pytest.fixture(scope="module")
def bootstrapped(installed: None) -> State:
    """What a person makes once in the account."""
    return _applied("bootstrap", BOOTSTRAP)


@pytest.fixture(scope="module")
def organisation(installed: None) -> State:
    """What an organisation gets that puts files itself, with both ways to do so."""
    return _applied("modules/organisation", ORGANISATION)


@pytest.fixture(scope="module")
def deploy(bootstrapped: State) -> list[dict[str, Any]]:
    """The statements of the role that deploys."""
    ((_, statements),) = bootstrapped.policies()
    return statements


@pytest.fixture(scope="module")
def boundary(bootstrapped: State) -> list[dict[str, Any]]:
    return statements_of(bootstrapped.of("iam_policy")[0]["policy"])


class Call(NamedTuple):
    """A call to AWS, with the keys of its context."""

    action: str
    resource: str
    context: dict[str, str]


def _role(name: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:role/{PREFIX}-{name}"


WITHIN: Final = {"iam:PermissionsBoundary": BOUNDARY}
_POLICY: Final = {"iam:PolicyARN": ADMINISTRATOR}
_LAMBDA: Final = {"iam:PassedToService": "lambda.amazonaws.com"}
ESCALATIONS: Final = {
    "a role without a boundary": Call("iam:CreateRole", _role("new"), {}),
    "a role with another boundary": Call("iam:CreateRole", _role("new"), {"iam:PermissionsBoundary": ADMINISTRATOR}),
    "a role of another name": Call("iam:CreateRole", f"arn:aws:iam::{ACCOUNT}:role/new", WITHIN),
    "a policy for a role without a boundary": Call("iam:PutRolePolicy", _role("new"), {}),
    "AWS's policy for a role without a boundary": Call("iam:AttachRolePolicy", _role("new"), _POLICY),
    "AWS's policy for administrators": Call("iam:AttachRolePolicy", _role("backup"), WITHIN | _POLICY),
    "no boundary any more": Call("iam:DeleteRolePermissionsBoundary", _role("api"), WITHIN),
    "another boundary": Call(
        "iam:PutRolePermissionsBoundary", _role("api"), {"iam:PermissionsBoundary": ADMINISTRATOR}
    ),
    "a wider version of the boundary": Call("iam:CreatePolicyVersion", BOUNDARY, {}),
    "an earlier version of the boundary": Call("iam:SetDefaultPolicyVersion", BOUNDARY, {}),
    "the boundary made anew": Call("iam:CreatePolicy", BOUNDARY, {}),
    "no such policy": Call("iam:DeletePolicy", BOUNDARY, {}),
    "a function with its own role": Call("iam:PassRole", _role("deploy"), _LAMBDA),
    "a function with an administrator's role": Call("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/admin", _LAMBDA),
    "a machine with a role": Call("iam:PassRole", _role("api"), {"iam:PassedToService": "ec2.amazonaws.com"}),
    "a role that trusts it": Call("iam:UpdateAssumeRolePolicy", _role("api"), {}),
    "another role": Call("sts:AssumeRole", _role("drop-90000051"), {}),
    "more rights of its own": Call("iam:PutRolePolicy", _role("deploy"), WITHIN),
    "AWS's policy of its own": Call("iam:AttachRolePolicy", _role("deploy"), WITHIN | _POLICY),
    "others who may deploy": Call("iam:UpdateAssumeRolePolicy", _role("deploy"), {}),
    "a user": Call("iam:CreateUser", f"arn:aws:iam::{ACCOUNT}:user/{PREFIX}-new", WITHIN),
    "a key of a user": Call("iam:CreateAccessKey", f"arn:aws:iam::{ACCOUNT}:user/admin", {}),
    "another issuer of tokens": Call(
        "iam:CreateOpenIDConnectProvider", f"arn:aws:iam::{ACCOUNT}:oidc-provider/issuer.example", {}
    ),
    "a stack of resources": Call("cloudformation:CreateStack", "*", {}),
}


@pytest.mark.req("SEC-01", "SEC-03")
@pytest.mark.parametrize("wanted", ESCALATIONS)
def test_whoever_deploys_cannot_become_an_administrator(wanted: str, deploy: list[dict[str, Any]]) -> None:
    assert not allows(deploy, *ESCALATIONS[wanted])


_TABLE: Final = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{PREFIX}-register"
_INBOX: Final = f"arn:aws:s3:::{PREFIX}-inbox/drop/90000051/achievements/a.csv"
DATA: Final = {
    "an item": Call("dynamodb:GetItem", _TABLE, {}),
    "items": Call("dynamodb:BatchGetItem", _TABLE, {}),
    "a partition": Call("dynamodb:Query", f"{_TABLE}/index/any", {}),
    "a table": Call("dynamodb:Scan", _TABLE, {}),
    "a statement": Call("dynamodb:PartiQLSelect", _TABLE, {}),
    "whether an item is so": Call("dynamodb:ConditionCheckItem", _TABLE, {}),
    "a stream": Call("dynamodb:GetRecords", f"{_TABLE}/stream/any", {}),
    "a table, into a bucket that it reads": Call("dynamodb:ExportTableToPointInTime", _TABLE, {}),
    "a file": Call("s3:GetObject", _INBOX, {}),
    "an earlier file": Call("s3:GetObjectVersion", _INBOX, {}),
    "a message": Call("sqs:ReceiveMessage", f"arn:aws:sqs:{REGION}:{ACCOUNT}:{PREFIX}-notices", {}),
    "a secret": Call(
        "secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{PREFIX}-identity-key", {}
    ),
}


@pytest.mark.req("SEC-01", "SEC-03")
@pytest.mark.parametrize("wanted", DATA)
def test_whoever_deploys_reads_no_data(wanted: str, deploy: list[dict[str, Any]]) -> None:
    assert not allows(deploy, *DATA[wanted])


def _deployed(role: Mapping[str, Any], attached: list[str], policies: list[str]) -> Iterator[Call]:
    """What Terraform's provider calls to make, read, change and remove a role with its policies."""
    arn, within = role["arn"], {"iam:PermissionsBoundary": role["permissions_boundary"]}
    for action in ("CreateRole", "PutRolePermissionsBoundary"):
        yield Call(f"iam:{action}", arn, within)
    for action in (
        "DeleteRole", "GetRole", "ListAttachedRolePolicies", "ListInstanceProfilesForRole", "ListRolePolicies",
        "TagRole", "UntagRole", "UpdateRole", "UpdateRoleDescription",
    ):  # fmt: skip
        yield Call(f"iam:{action}", arn, {})
    for _ in policies:
        yield Call("iam:GetRolePolicy", arn, {})
        yield from (Call(f"iam:{action}", arn, within) for action in ("DeleteRolePolicy", "PutRolePolicy"))
    for policy in attached:
        context = within | {"iam:PolicyARN": policy}
        yield from (Call(f"iam:{action}", arn, context) for action in ("AttachRolePolicy", "DetachRolePolicy"))
    for statement in statements_of(role["assume_role_policy"]):
        if "Service" in statement["Principal"]:
            yield Call("iam:PassRole", arn, {"iam:PassedToService": statement["Principal"]["Service"]})
        else:
            yield Call("iam:UpdateAssumeRolePolicy", arn, {})


@pytest.mark.req("SEC-01")
def test_whoever_deploys_may_do_what_terraform_does_with_every_role(
    deploy: list[dict[str, Any]], evaluated: State, organisation: State
) -> None:
    calls = [
        call
        for state in (evaluated, organisation)
        for role in state.of("iam_role")
        for call in _deployed(
            role,
            [one["policy_arn"] for one in state.of("iam_role_policy_attachment") if one["role"] == role["name"]],
            [one["name"] for one in state.of("iam_role_policy") if one["role"] == role["name"]],
        )
    ]
    assert {call.action for call in calls} >= {"iam:AttachRolePolicy", "iam:PassRole", "iam:UpdateAssumeRolePolicy"}
    assert [call for call in calls if not allows(deploy, *call)] == []


@pytest.mark.req("SEC-01", "SEC-03")
def test_every_role_has_the_boundary_that_the_account_was_prepared_with(
    bootstrapped: State, evaluated: State, organisation: State
) -> None:
    roles = [*evaluated.of("iam_role"), *organisation.of("iam_role")]
    assert len(organisation.of("iam_role")) == 2
    assert {role["permissions_boundary"] for role in roles} == {bootstrapped.of("iam_policy")[0]["arn"]} == {BOUNDARY}


def _calls_of(role: str, statements: list[dict[str, Any]]) -> Iterator[Call]:
    """What statements allow, each with a context in which they do."""
    for one in statements:
        context = {
            key: listed(value)[0].replace("false", "any") if operator == "Null" else listed(value)[0]
            for operator, tests in one.get("Condition", {}).items()
            for key, value in tests.items()
        }
        context["aws:PrincipalArn"] = f"arn:aws:iam::{ACCOUNT}:role/{role}"
        for action in listed(one["Action"]):
            yield from (Call(action, resource, context) for resource in listed(one["Resource"]))


@pytest.mark.req("SEC-01")
def test_the_boundary_takes_nothing_from_any_role(
    boundary: list[dict[str, Any]], evaluated: State, organisation: State
) -> None:
    calls = [
        call
        for state in (evaluated, organisation)
        for role, statements in state.policies()
        for call in _calls_of(role, statements)
    ]
    assert [call for call in calls if not allows(boundary, *call)] == []


def _of_services(evaluated: State) -> Iterator[Call]:
    """What AWS's own policies allow the roles that have them, of data that we have."""
    known = json.loads(aws_managed_policies_data)
    for one in evaluated.of("iam_role_policy_attachment"):
        statements = listed(known[one["policy_arn"].rpartition("/")[2]]["Document"]["Statement"])
        for call in _calls_of(
            one["role"], [statement for statement in statements if statement.get("Sid") != OF_OTHER_RESTORES]
        ):
            service = call.context.get("kms:ViaService", "s3.").partition(".")[0]
            if call.action.partition(":")[0] not in OF_OTHER_DATA and service in ("dynamodb", "s3"):
                yield call._replace(resource=call.resource.replace(":*:*:", f":{REGION}:{ACCOUNT}:"))


@pytest.mark.req("SEC-01")
def test_the_boundary_leaves_the_gateway_and_backups_what_aws_says_they_need(
    boundary: list[dict[str, Any]], evaluated: State
) -> None:
    calls = list(_of_services(evaluated))
    assert {call.action for call in calls} >= {"dynamodb:CreateBackup", "s3:GetObject", "logs:CreateLogGroup"}
    assert [call for call in calls if not allows(boundary, *call)] == []


@pytest.mark.req("SEC-03")
def test_the_boundary_allows_no_action_that_no_role_needs(
    boundary: list[dict[str, Any]], evaluated: State, organisation: State
) -> None:
    allowed = {action for one in boundary if one["Effect"] == "Allow" for action in listed(one["Action"])}
    needed = {call.action for call in _of_services(evaluated)}
    for state in (evaluated, organisation):
        needed |= {call.action for role, statements in state.policies() for call in _calls_of(role, statements)}
    assert allowed == needed


@pytest.mark.req("SEC-01", "SEC-03")
@pytest.mark.parametrize("role", ["api", "backup", "drop-90000051", "gateway", "new"])
def test_a_role_with_every_right_stays_within_the_boundary(role: str, boundary: list[dict[str, Any]]) -> None:
    state = f"arn:aws:s3:::{PREFIX}-terraform-state/terraform.tfstate"
    calls = [
        ("iam:CreateRole", _role("new")), ("iam:CreatePolicyVersion", BOUNDARY), ("iam:PassRole", _role("api")),
        ("iam:CreateUser", "*"), ("sts:AssumeRole", _role("deploy")), ("lambda:UpdateFunctionCode", "*"),
        ("lambda:CreateFunction", "*"), ("kms:PutKeyPolicy", "*"), ("ec2:RunInstances", "*"), ("s3:PutObject", state),
        ("s3:GetObject", state), ("s3:PutObject", f"arn:aws:s3:::{PREFIX}-releases/lrs-lambda.zip"),
        ("s3:PutBucketPolicy", f"arn:aws:s3:::{PREFIX}-inbox"), ("secretsmanager:PutSecretValue", "*"),
    ]  # fmt: skip
    context = {"aws:PrincipalArn": _role(role), "kms:ViaService": f"s3.{REGION}.amazonaws.com"}
    assert [call for call in calls if allows(boundary, *call, context)] == []


@pytest.mark.parametrize("prefix", [PREFIX, LONGEST])
def test_the_policies_fit_into_what_iam_takes(prefix: str, evaluated: State) -> None:
    state = _applied("bootstrap", BOOTSTRAP | {"prefix": prefix})
    (managed,) = (one["policy"] for one in state.of("iam_policy"))
    inline = [one["policy"] for one in (*state.of("iam_role_policy"), *evaluated.of("iam_role_policy"))]
    assert len("".join(managed.split())) <= 6_144
    assert max(len("".join(policy.split())) for policy in inline) <= 10_240
