"""Lambda of the intake queue: a submitted file is refused or cut into chunks (ACH-06, SEC-03)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.bootstrap import services
from chalicelib.cloud.events import deliveries
from chalicelib.cloud.messages import deliver
from chalicelib.grants import needs
from chalicelib.observability import observed

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse

NEEDS = needs("split_batch")


@observed
def handler(event: dict[str, Any], context: Any) -> PartialItemFailureResponse:
    """Answer which messages are to be delivered again."""
    split = services(needs=NEEDS).batch_split
    return deliver(event, context, lambda body: [split.run(delivered) for delivered in deliveries(body)])
