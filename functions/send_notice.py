"""Lambda of the notice queue: the notice that a job owes is sent (SLA-03, SEC-02)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response

from chalicelib.bootstrap import services
from chalicelib.cloud.events import job_of

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
    from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

_processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)


def handler(event: dict[str, Any], context: Any) -> PartialItemFailureResponse:
    """Answer which messages are to be delivered again."""
    return process_partial_response(event=event, record_handler=_notify, processor=_processor, context=context)


def _notify(record: SQSRecord) -> None:
    services().notices.run(job_of(record.body))
