"""Lambda of the notice queue: sends the email that is due about a job or a challenge (SLA-03, LEDC-01, SEC-02)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.bootstrap import Services, services, start
from chalicelib.cloud.events import noticed
from chalicelib.cloud.messages import deliver
from chalicelib.grants import needs
from chalicelib.observability import Code, Metric, log, measure, observed

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse

NEEDS = needs("send_notice")
start(NEEDS, lambda my: (my.notices, my.challenge_notices))


@observed
def handler(event: dict[str, Any], context: Any) -> PartialItemFailureResponse:
    """Return the messages to deliver again."""
    made = services(needs=NEEDS)
    return deliver(event, context, lambda body: _send(made, *noticed(body)))


def _send(made: Services, kind: str, name: str) -> None:
    if kind == "challenge":
        if made.challenge_notices.run(name):
            log(Code.CHALLENGE_NOTICE_SENT)
            measure(Metric.NOTICES_SENT)
    elif made.notices.run(name):
        log(Code.NOTICE_SENT, job=name)
        measure(Metric.NOTICES_SENT)
