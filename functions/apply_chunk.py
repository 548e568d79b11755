"""Lambda of the chunk queue: applies the records of one chunk (ACH-01 to ACH-06)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.bootstrap import services, start
from chalicelib.cloud.events import chunk_of
from chalicelib.cloud.messages import deliver
from chalicelib.grants import needs
from chalicelib.observability import Code, observed
from chalicelib.services.batches.apply import ChunkBusy

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse

NEEDS = needs("apply_chunk")
start(NEEDS, lambda my: my.batch_apply)


@observed
def handler(event: dict[str, Any], context: Any) -> PartialItemFailureResponse:
    """Return the messages to deliver again."""
    apply = services(needs=NEEDS).batch_apply
    return deliver(event, context, lambda body: apply.run(*chunk_of(body)), {ChunkBusy: Code.CHUNK_BUSY})
