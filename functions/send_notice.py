"""Lambda of the notice queue: sends the email that is due about a job, a challenge or maintenance.

(SLA-03, SLA-05, LEDC-01, SEC-02)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.bootstrap import Services, services, start
from chalicelib.cloud.events import Noticed, noticed
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
    return deliver(event, context, lambda body: _send(made, noticed(body)))


def _send(made: Services, about: Noticed) -> None:
    if about.kind == "challenge":
        if made.challenge_notices.run(about.name):
            log(Code.CHALLENGE_NOTICE_SENT)
            measure(Metric.NOTICES_SENT)
    elif about.kind == "maintenance":
        _send_maintenance(made, about)
    elif made.notices.run(about.name):
        log(Code.NOTICE_SENT, job=about.name)
        measure(Metric.NOTICES_SENT)


def _send_maintenance(made: Services, about: Noticed) -> None:
    if not about.organisation:
        made.maintenance_notices.find_organisations(about.name, about.after)
    elif made.maintenance_notices.run(about.name, about.organisation):
        log(Code.MAINTENANCE_NOTICE_SENT, ukprn=about.organisation)
        measure(Metric.NOTICES_SENT)
    else:
        log(Code.MAINTENANCE_NOTICE_REFUSED, ukprn=about.organisation)
