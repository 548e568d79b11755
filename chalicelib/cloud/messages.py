"""Messages of a queue, handled one by one: those that failed are returned, so that the queue delivers them again.

The text of a failed message or of its exception is never logged: either may contain anything (SEC-02).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response

from chalicelib.observability import FIELDS, Code, Metric, fault, log, measure
from chalicelib.ports.errors import TemporaryFailure

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
    from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

Expected = Mapping[type[Exception], Code]


def deliver(
    event: dict[str, Any], context: Any, step: Callable[[str], object], expected: Expected = MappingProxyType({})
) -> PartialItemFailureResponse:
    """Pass the body of each message to ``step``; returns the messages to deliver again.

    A temporary failure is logged as such, or with the code of ``expected`` if it is part of the work; anything else is
    a fault of ours.
    """
    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)

    def take(record: SQSRecord) -> None:
        try:
            step(record.body)
        except Exception as error:
            _log(error, record, expected)
            raise

    return process_partial_response(event=event, record_handler=take, processor=processor, context=context)


def _log(error: Exception, record: SQSRecord, expected: Expected) -> None:
    what = _what(record)
    code = expected.get(type(error))
    if code is not None:
        log(code, kind=type(error).__name__, **what)
    elif isinstance(error, TemporaryFailure):
        place = str(error)
        measure(Metric.TRIED_AGAIN)
        log(Code.TRY_AGAIN, kind=type(error).__name__, place=place if FIELDS["place"](place) else None, **what)
    else:
        measure(Metric.FAULTS)
        fault(error, **what)


def _what(record: SQSRecord) -> dict[str, Any]:
    """Job, chunk and attempt of a message, if it has them."""
    found: dict[str, Any] = {}
    try:
        message = json.loads(record.body)
        found = {name: message[name] for name in ("job", "chunk") if FIELDS[name](message.get(name))}
        found["attempt"] = int(record.attributes.approximate_receive_count)
    except (ValueError, KeyError, AttributeError, TypeError):
        return found
    return found
