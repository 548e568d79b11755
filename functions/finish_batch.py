"""Lambda of the finish queue: ends a job whose chunks are all done (ACH-06, ACH-07)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.bootstrap import services, start
from chalicelib.cloud.events import job_of
from chalicelib.cloud.messages import deliver
from chalicelib.grants import needs
from chalicelib.observability import observed

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse

NEEDS = needs("finish_batch")
start(NEEDS, lambda my: my.batch_finish)


@observed
def handler(event: dict[str, Any], context: Any) -> PartialItemFailureResponse:
    """Return the messages to deliver again."""
    finish = services(needs=NEEDS).batch_finish
    return deliver(event, context, lambda body: finish.run(job_of(body)))
