"""Every surface in the evaluated state: its routes, its line of the log, its certificates and its firewall."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local.commands.described_routes import TARGET
from local.emulated.access_log import FORMAT, access_line
from local.emulated.gateway_responses import described

State = list[dict[str, Any]]
ROUTES = json.loads(TARGET.read_text("utf-8"))
STACK = json.loads((TARGET.parent / "stack.json").read_text("utf-8"))
FUNCTIONS = {surface: described["function"] for surface, described in STACK["surfaces"].items()}


def of_type(state: State, kind: str) -> list[dict[str, Any]]:
    return [one["values"] for one in state if one["type"] == kind and one["mode"] == "managed"]


class Surface:
    """One surface's part of the state."""

    def __init__(self, state: State, name: str) -> None:
        self.name = name
        self._mine = [one for one in state if one["address"].startswith(f'module.surface["{name}"].')]
        self._function = [one for one in state if one["address"].startswith(f'module.function["{FUNCTIONS[name]}"].')]

    def only(self, kind: str) -> dict[str, Any]:
        (found,) = of_type(self._mine, kind)
        return found

    @property
    def document(self) -> Any:
        return json.loads(self.only("aws_api_gateway_rest_api")["body"])

    @property
    def alias(self) -> dict[str, Any]:
        (found,) = of_type(self._function, "aws_lambda_alias")
        return found


@pytest.fixture(params=FUNCTIONS)
def surface(state: State, request: pytest.FixtureRequest) -> Surface:
    return Surface(state, request.param)


@pytest.fixture
def document(surface: Surface) -> Any:
    return surface.document


def test_the_state_has_every_surface_and_no_other(state: State) -> None:
    assert set(FUNCTIONS) == set(ROUTES)
    assert len(of_type(state, "aws_api_gateway_rest_api")) == len(FUNCTIONS)


@pytest.mark.req("SLA-08")
def test_every_route_is_in_the_api_and_calls_the_alias(surface: Surface, document: Any) -> None:
    found = {
        path: ["ANY" if name == "x-amazon-apigateway-any-method" else name.upper() for name in sorted(methods)]
        for path, methods in document["paths"].items()
    }
    assert found == ROUTES[surface.name]
    integrations = {
        one["x-amazon-apigateway-integration"]["uri"]
        for methods in document["paths"].values()
        for one in methods.values()
    }
    assert integrations == {surface.alias["invoke_arn"]}


@pytest.mark.req("SLA-08")
def test_the_import_of_the_api_gives_no_warning(surface: Surface, document: Any) -> None:
    assert surface.only("aws_api_gateway_rest_api")["fail_on_warnings"] is True
    operations = [one for methods in document["paths"].values() for one in methods.values()]
    assert {status for one in operations for status in one["responses"]} == {"200"}, "not `default`, which it skips"
    assert {one["x-amazon-apigateway-integration"]["passthroughBehavior"] for one in operations} == {"when_no_match"}


@pytest.mark.req("SLA-01")
def test_no_metric_of_a_method_is_paid_that_nobody_reads(state: State, surface: Surface) -> None:
    assert surface.only("aws_api_gateway_method_settings")["settings"][0]["metrics_enabled"] is False
    queries = [
        query for one in of_type(state, "aws_cloudwatch_metric_alarm") for query in one["metric_query"] or () if query
    ]
    read = {metric["namespace"] for query in queries for metric in query["metric"] or ()}
    assert "AWS/ApiGateway" not in read


@pytest.mark.req("SLA-08")
def test_the_gateway_has_our_own_responses(surface: Surface, document: Any) -> None:
    found, wanted = document["x-amazon-apigateway-gateway-responses"], described(surface.name)
    assert {kind: one["statusCode"] for kind, one in found.items()} == {
        kind: one["status_code"] for kind, one in wanted.items()
    }
    assert all(found[kind]["responseTemplates"] == one["response_templates"] for kind, one in wanted.items())


@pytest.mark.req("SLA-01")
def test_the_stage_writes_the_line_that_the_local_gateway_writes(surface: Surface) -> None:
    written: str = surface.only("aws_api_gateway_stage")["access_log_settings"][0]["format"]
    found: dict[str, object] = dict.fromkeys(FORMAT["texts"].values(), "texts")
    found |= {variable: number for number, variable in enumerate(FORMAT["numbers"].values())}
    for variable in sorted(found, key=len, reverse=True):
        written = written.replace(variable, str(found[variable]))
    assert written == access_line(found)


@pytest.mark.req("SLA-02")
def test_responses_are_compressed_where_the_surface_says_so(surface: Surface, document: Any) -> None:
    wanted = STACK["surfaces"][surface.name].get("compressFrom")
    assert document.get("x-amazon-apigateway-minimum-compression-size") == wanted
    held = surface.only("aws_api_gateway_rest_api")["minimum_compression_size"]
    assert wanted is None or held == str(wanted), "else a later import keeps the first value"


@pytest.mark.req("SEC-01")
def test_the_function_asks_for_certificates_where_the_gateway_does(state: State) -> None:
    domain = Surface(state, "web").only("aws_api_gateway_domain_name")
    assert domain["mutual_tls_authentication"][0]["truststore_version"]
    assert domain["security_policy"] == "TLS_1_2"
    asked = {
        one["function_name"]
        for one in of_type(state, "aws_lambda_function")
        if one["environment"][0]["variables"].get("LRS_REQUIRE_CLIENT_CERT") == "true"
    }
    assert asked == {"lrs-live-api"}


@pytest.mark.req("SEC-01")
def test_people_with_browsers_need_no_certificate(state: State) -> None:
    domain = Surface(state, "portal").only("aws_api_gateway_domain_name")
    assert not domain["mutual_tls_authentication"]
    assert (domain["security_policy"], domain["endpoint_access_mode"]) == ("SecurityPolicy_TLS13_1_2_2021_06", "STRICT")


@pytest.mark.req("SEC-01")
def test_nobody_gets_past_the_domain_of_a_surface(state: State, surface: Surface) -> None:
    names = [one["domain_name"] for one in of_type(state, "aws_api_gateway_domain_name")]
    assert len(names) == len(set(names)) == len(FUNCTIONS)
    mapping, stage = surface.only("aws_api_gateway_base_path_mapping"), surface.only("aws_api_gateway_stage")
    assert mapping["domain_name"] == surface.only("aws_api_gateway_domain_name")["domain_name"]
    assert mapping["stage_name"] == stage["stage_name"] == surface.name
    api = surface.only("aws_api_gateway_rest_api")
    assert api["disable_execute_api_endpoint"] is True
    # API Gateway negotiates TLS by the policy of the API, also for requests to the domain.
    assert api["security_policy"] == json.loads(api["body"])["x-amazon-apigateway-security-policy"]
    assert api["security_policy"].startswith("SecurityPolicy_TLS13_1_2_")
    assert api["endpoint_access_mode"] == json.loads(api["body"])["x-amazon-apigateway-endpoint-access-mode"]


@pytest.mark.req("SLA-01")
def test_the_probe_calls_the_domain_of_the_web_service(state: State) -> None:
    (probe,) = [one for one in of_type(state, "aws_lambda_function") if one["function_name"].endswith("-probe_service")]
    domain = Surface(state, "web").only("aws_api_gateway_domain_name")["domain_name"]
    assert probe["environment"][0]["variables"]["LRS_PROBE_URL"] == f"https://{domain}/health"


def test_the_address_of_the_portal_is_that_of_its_domain(state: State) -> None:
    domain = Surface(state, "portal").only("aws_api_gateway_domain_name")["domain_name"]
    variables = [one["environment"][0]["variables"] for one in of_type(state, "aws_lambda_function")]
    addresses = [one["LRS_PORTAL_URL"] for one in variables if "LRS_PORTAL_URL" in one]
    named = [one for one in STACK["functions"].values() if "LRS_PORTAL_URL" in one.get("settings", {})]
    assert addresses == [f"https://{domain}"] * len(named)


@pytest.mark.req("SEC-01")
def test_only_the_stage_may_invoke_the_function(state: State, surface: Surface) -> None:
    permissions = [
        one for one in of_type(state, "aws_lambda_permission") if one["principal"] == "apigateway.amazonaws.com"
    ]
    assert len(permissions) == len(FUNCTIONS)
    api, stage = surface.only("aws_api_gateway_rest_api"), surface.only("aws_api_gateway_stage")
    permission = surface.only("aws_lambda_permission")
    assert permission["function_name"] == surface.alias["function_name"]
    assert permission["source_arn"] == f"{api['execution_arn']}/{stage['stage_name']}/*"
    assert permission["qualifier"] == "live"


@pytest.mark.req("SEC-01")
def test_the_firewall_is_in_front_of_every_stage_and_blocks_no_body_for_its_size_or_markup(surface: Surface) -> None:
    firewall, association = surface.only("aws_wafv2_web_acl"), surface.only("aws_wafv2_web_acl_association")
    assert association["resource_arn"] == surface.only("aws_api_gateway_stage")["arn"]
    assert association["web_acl_arn"] == firewall["arn"]
    groups = {
        rule["name"]: rule["statement"][0]["managed_rule_group_statement"][0]
        for rule in firewall["rule"]
        if rule["statement"][0].get("managed_rule_group_statement")
    }
    assert set(groups) == {
        "AWSManagedRulesAmazonIpReputationList",
        "AWSManagedRulesCommonRuleSet",
        "AWSManagedRulesKnownBadInputsRuleSet",
    }
    counted = {name: [one["name"] for one in group.get("rule_action_override") or []] for name, group in groups.items()}
    assert counted.pop("AWSManagedRulesCommonRuleSet") == [
        "SizeRestrictions_BODY",
        "CrossSiteScripting_BODY",
        "EC2MetaDataSSRF_BODY",
        "GenericLFI_BODY",
        "GenericRFI_BODY",
        "NoUserAgent_HEADER",
    ]
    assert not any(counted.values())


@pytest.mark.req("SEC-02")
def test_no_log_of_a_request_keeps_what_a_caller_sent(surface: Surface) -> None:
    settings = surface.only("aws_api_gateway_method_settings")["settings"][0]
    assert settings["data_trace_enabled"] is False
    redacted = surface.only("aws_wafv2_web_acl_logging_configuration")["redacted_fields"]
    headers = {header["name"] for field in redacted for header in field.get("single_header") or []}
    assert {"authorization", "cookie", "referer", "x-client-cert"} <= headers
    assert any(field.get("uri_path") for field in redacted)
    assert any(field.get("query_string") for field in redacted)
    firewall = surface.only("aws_wafv2_web_acl")
    protected = [one["field"][0] for one in firewall["data_protection_config"][0]["data_protection"]]
    assert headers == {key for field in protected for key in field["field_keys"] or ()}
    assert not any(rule["visibility_config"][0]["sampled_requests_enabled"] for rule in firewall["rule"])
