"""Lambda of the notice queue: the notice that a job owes is sent (SLA-03, SEC-02)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.bootstrap import services
from chalicelib.cloud.events import job_of
from chalicelib.cloud.messages import deliver
from chalicelib.observability import Code, Metric, log, measure, observed

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse

    from chalicelib.services.notices import Notices

NEEDS = ("mail_sender", "portal_url", "table_jobs")


@observed
def handler(event: dict[str, Any], context: Any) -> PartialItemFailureResponse:
    """Answer which messages are to be delivered again."""
    notices = services(needs=NEEDS).notices
    return deliver(event, context, lambda body: _send(notices, job_of(body)))


def _send(notices: Notices, job_id: str) -> None:
    if notices.run(job_id):
        log(Code.NOTICE_SENT, job=job_id)
        measure(Metric.NOTICES_SENT)
