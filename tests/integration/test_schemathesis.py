"""The application against its own description: whatever is sent, the answer is one that is described, never a fault.

Schemathesis makes valid and invalid requests from the OpenAPI document, and sends them through the local gateway to the
application over fakes.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
import schemathesis.pytest
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import load_all_checks
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi import checks
from schemathesis.specs.openapi.schemas import OpenApiSchema

from local.lambda_runtime.gateway import GatewayApplication
from tests.builders.web import TOKEN, organised_world
from tests.fakes.web import application

pytestmark = [pytest.mark.req("SEC-01", "SLA-08", "VAL-03")]

EXAMPLES = 8
"""Random requests for each operation, in addition to those at every limit of its schema."""

load_all_checks()


class FreshApplication:
    """The application, in a world of its own for every operation."""

    def __init__(self) -> None:
        self._gateway = _gateway()
        self._operation = ""

    def serve(self, operation: str) -> None:
        if operation != self._operation:
            self._gateway.close()
            self._gateway, self._operation = _gateway(), operation

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        return self._gateway(environ, start_response)


def _gateway() -> GatewayApplication:
    return GatewayApplication(application(organised_world()), threads=1)


APPLICATION = FreshApplication()
# A change without a version gets the status made for this (RFC 6585).
CONFIG = SchemathesisConfig.from_dict({"checks": {"missing_required_header": {"expected-statuses": ["400", "428"]}}})
BEYOND_A_SCHEMA = [
    # It tries HEAD, which is where GET is, and TRACE, which the gateway answers by itself.
    checks.unsupported_method,
    # Check digits, calendars, contents of the register: valid by the schema and correctly refused.
    checks.positive_data_acceptance,
]


@pytest.fixture
def document() -> OpenApiSchema:
    return schemathesis.openapi.from_wsgi("/v1/openapi.json", APPLICATION, config=CONFIG)


# Its requests take long to make: from a fixture they are made when the test runs, not whenever tests are collected.
@schemathesis.pytest.from_fixture("document").parametrize()
@settings(
    max_examples=EXAMPLES,
    derandomize=True,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_is_one_that_is_described(case: schemathesis.Case) -> None:
    APPLICATION.serve(case.operation.label)
    case.call_and_validate(headers={"Authorization": f"Bearer {TOKEN}"}, excluded_checks=BEYOND_A_SCHEMA)
