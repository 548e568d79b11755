"""Lambda of the intake queue: refuses a submitted file or cuts it into chunks (ACH-06, SEC-03)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.bootstrap import services, start
from chalicelib.cloud.events import deliveries
from chalicelib.cloud.messages import deliver
from chalicelib.grants import needs
from chalicelib.observability import observed

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse

NEEDS = needs("split_batch")
start(NEEDS, lambda my: my.batch_split)


@observed
def handler(event: dict[str, Any], context: Any) -> PartialItemFailureResponse:
    """Return the messages to deliver again."""
    split = services(needs=NEEDS).batch_split
    return deliver(event, context, lambda body: [split.run(delivered) for delivered in deliveries(body)])
