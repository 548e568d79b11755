"""What the scanners find and we accept, each for one resource of the code and with the reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple


class Finding(NamedTuple):
    """What a scanner found."""

    check: str
    resource: str
    """As the scanner names it: trivy by the module's call, checkov by the address."""
    place: str
    """File and line."""
    says: str

    def __str__(self) -> str:
        return f"{self.place}: {self.check} {self.resource}: {self.says}"


class Accepted(NamedTuple):
    """Checks that need not hold for some resources."""

    checks: tuple[str, ...]
    resources: tuple[str, ...]
    reason: str


_BUCKET: Final = "aws_s3_bucket.this"
_BUCKETS: Final = ("access_logs", "bucket", "releases", "state", "surface.module.truststore")
_TRACED: Final = "a trace of the stage has the address of the request, which can contain a ULN"
_CACHED: Final = "answers have personal data, which is not cached"
_FUNCTION: Final = ("module.function.aws_lambda_function.this",)
_STAGE: Final = ("module.surface.aws_api_gateway_stage.this",)

ACCEPTED: Final = (
    Accepted(
        ("CKV_AWS_109", "CKV_AWS_111", "CKV_AWS_356"),
        ("module.key.aws_iam_policy_document.this", "module.state_key.aws_iam_policy_document.this"),
        "in the policy of a key, a resource * is the key",
    ),
    Accepted(
        ("CKV_AWS_356",),
        ("aws_iam_policy_document.boundary",),
        "a boundary permits nothing by itself: the policies of the roles within it name resources, see decision 37",
    ),
    Accepted(
        ("CKV_AWS_116",),
        _FUNCTION,
        "queues and streams have dead letters of their own, and the web service is called synchronously",
    ),
    Accepted(
        ("CKV_AWS_117",),
        _FUNCTION,
        "no function needs a private network: it only calls public endpoints, with credentials",
    ),
    Accepted(
        ("CKV_AWS_272",),
        _FUNCTION,
        "only the deploy role can write packages, and a test compares the package with its source",
    ),
    Accepted(
        ("CKV_AWS_144",),
        tuple(f"module.{name}.{_BUCKET}" for name in _BUCKETS),
        "no second region is agreed; AWS Backup keeps copies",
    ),
    Accepted(
        ("CKV_AWS_21",),
        (f"module.access_logs.{_BUCKET}",),
        "access logs are written once and never replaced",
    ),
    Accepted(("AWS-0090",), ("module.access_logs",), "access logs are written once and never replaced"),
    Accepted(
        ("CKV_AWS_300",),
        ("module.access_logs.aws_s3_bucket_lifecycle_configuration.this",),
        "checkov does not follow the list of rules; a rule of ours checks that uploads in parts end",
    ),
    Accepted(("AWS-0089",), ("module.access_logs",), "the bucket of access logs does not log itself"),
    Accepted(
        ("AWS-0089",),
        ("module.state",),
        "the bucket of the state is made before any bucket that could have its logs",
    ),
    Accepted(("CKV2_AWS_4",), _STAGE, "the level is ERROR; checkov also wants a metric of every method, which costs"),
    Accepted(
        ("CKV2_AWS_51",), _STAGE, "client certificates are checked by the custom domain, and the default address is off"
    ),
    Accepted(
        ("CKV2_AWS_77",),
        _STAGE,
        "the rule groups are a list, which checkov does not follow; a rule of ours checks them",
    ),
    Accepted(
        ("CKV_AWS_192",),
        ("module.surface.aws_wafv2_web_acl.this",),
        "the rule groups are a list, which checkov does not follow; a rule of ours checks them",
    ),
    Accepted(("CKV_AWS_120",), _STAGE, _CACHED),
    Accepted(
        ("CKV_AWS_225",),
        ("module.surface.aws_api_gateway_method_settings.this",),
        _CACHED,
    ),
    Accepted(("AWS-0190",), ("module.surface",), _CACHED),
    Accepted(("CKV_AWS_73",), _STAGE, _TRACED),
    Accepted(("AWS-0003",), ("module.surface",), _TRACED),
    Accepted(
        ("CKV_AWS_237",),
        ("module.surface.aws_api_gateway_rest_api.this",),
        "an API is changed in place; a second one could not have its domain",
    ),
    Accepted(("CKV_AWS_164",), ("aws_transfer_server.sftp",), "awarding organisations reach SFTP over the internet"),
    Accepted(("CKV_AWS_380",), ("aws_transfer_server.sftp",), "the policy is a newer one than checkov knows"),
    Accepted(("CKV_AWS_297",), ("aws_scheduler_schedule.schedule",), "a schedule has no data to encrypt"),
    Accepted(
        ("CKV2_AWS_57",),
        ("aws_secretsmanager_secret.secret",),
        "an operator's command replaces secrets: earlier signing keys have to stay valid for a time",
    ),
)

_PAIRS: Final = frozenset((check, resource) for one in ACCEPTED for check in one.checks for resource in one.resources)


def unaccepted(found: Iterable[Finding], prefix: str) -> Iterator[str]:
    """What is found and not accepted; and what is accepted, of the checks with a prefix, and not found any more."""
    seen = set()
    for one in found:
        seen.add((one.check, one.resource))
        if (one.check, one.resource) not in _PAIRS:
            yield f"{one}\n    Change it, or accept it with the reason in infra/check/accepted.py."
    for check, resource in sorted(_PAIRS - seen):
        if check.startswith(prefix):
            yield f"{check} {resource} is accepted and no longer found: remove it from infra/check/accepted.py."
