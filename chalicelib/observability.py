"""What is logged and measured: a closed list of codes and metrics, so that no learner's data can get into either.

Every line has a code, and every code its level, its one sentence and the fields it may carry. A field has a form (a
number, a job's id, a UKPRN, the name of an exception); there is no form for a name, a ULN, a date of birth or free
text. What does not fit is refused where a programmer sees it, and left out in the cloud, where a log line must never
stop the work.
"""

from __future__ import annotations

import logging
import os
import re
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from enum import Enum
from functools import cache, wraps
from pathlib import PurePath
from typing import IO, TYPE_CHECKING, Any, Final, TypeVar, cast

from chalicelib.settings import SettingsError

if TYPE_CHECKING:
    from aws_lambda_powertools.logging.logger import Logger
    from aws_lambda_powertools.metrics.metrics import Metrics

SERVICE: Final = "lrs"
"""Not the application's name: Chalice's logger has that, and two loggers of one name write every line twice."""

NAMESPACE: Final = "LearningRecords"

SHOWN: Final = 5
"""Reasons of a refused file that one line names."""

OUTCOMES: Final = (
    "created",
    "updated",
    "withdrawn",
    "reinstated",
    "promoted",
    "unchanged",
    "found",
    "possible",
    "not_found",
    "refused",
    "not_processed",
    "cancelled",
)
"""Counts of records by what became of them."""

_FRAMES: Final = 8
_FUNCTION: Final = "AWS_LAMBDA_FUNCTION_NAME"
_TIME: Final = "%Y-%m-%dT%H:%M:%S.%FZ"
"""Of RFC 3339; ``%F`` is Powertools' for milliseconds."""
_began: Final[list[float]] = []
"""When the event began that is being handled."""


class Unloggable(Exception):
    """A field that the code does not permit, or a value that is not of the field's form. Names the field only."""


class Failed(Exception):
    """An entry point failed; its text is the kind of what it failed with.

    Lambda prints the text and the trace of whatever leaves a handler, and a library's text may hold anything.
    """


def _form(pattern: str) -> Callable[[object], bool]:
    matches = re.compile(pattern, re.ASCII).fullmatch
    return lambda value: isinstance(value, str) and matches(value) is not None


def _number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _places(value: object) -> bool:
    fits = _form(r"[\w.<>-]{1,80}:\d{1,6} [\w<>]{1,80}")
    return isinstance(value, (list, tuple)) and len(value) <= _FRAMES and all(fits(place) for place in value)


def _codes(value: object) -> bool:
    fits = _form(r"[A-Z][A-Za-z0-9-]{2,15}")
    return isinstance(value, (list, tuple)) and len(value) <= SHOWN and all(fits(code) for code in value)


def _counts(value: object) -> bool:
    return isinstance(value, dict) and all(name in OUTCOMES and _number(count) for name, count in value.items())


def _problems(value: object) -> bool:
    fits = _form(r"(?!.*[0-9]{6})[A-Za-z][A-Za-z0-9 _.,:/-]{0,159}")
    return isinstance(value, (list, tuple)) and all(fits(problem) for problem in value)


_NAME: Final = _form(r"[A-Za-z_][A-Za-z0-9_.]{0,79}")

FIELDS: Final[Mapping[str, Callable[[object], bool]]] = {
    "job": _form(r"[A-Z][A-Za-z0-9_-]{1,63}"),
    "ukprn": _form(r"[0-9]{8}|"),
    "chunk": _number,
    "attempt": _number,
    "records": _number,
    "chunks": _number,
    "record": _number,
    "milliseconds": _number,
    "minutes": _number,
    "counts": _counts,
    "status": _form(r"[A-Za-z]{1,20}|[0-9]{3}"),
    "reasons": _codes,
    "problems": _problems,
    "list": _form(r"[a-z-]{1,40}\.(?:txt|csv)"),
    "channel": _form(r"[a-z]{1,16}"),
    "format": _form(r"csv|xml|"),
    "queue": _NAME,
    "route": _NAME,
    "correlation": _form(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    "version": _form(r"(?![0-9]{10}$)[A-Za-z0-9._-]{1,64}"),
    "kind": _NAME,
    "places": _places,
    "place": _form(r"[a-z_. ]{1,40}(?:: [A-Za-z0-9.]{1,60})?"),
    "open_jobs": _number,
    "oldest_hours": _number,
    "sent_again": _number,
    "given_up": _number,
    "found_files": _number,
    "entries": _number,
    "unreadable": _number,
    "aims": _number,
}
"""The form of every field that a line may carry. None admits ten digits as a text: no ULN passes."""


class Code(Enum):
    """What may be logged: level, sentence, permitted fields."""

    JOB_RECEIVED = (logging.INFO, "A file has arrived.", ("job", "ukprn", "channel"))
    JOB_SPLIT = (
        logging.INFO,
        "The file was cut into chunks.",
        ("job", "ukprn", "records", "chunks", "format", "milliseconds"),
    )
    JOB_REFUSED = (logging.INFO, "The file was refused as a whole.", ("job", "ukprn", "reasons"))
    CHUNK_APPLIED = (
        logging.INFO,
        "The chunk was applied.",
        ("job", "chunk", "attempt", "milliseconds", "counts"),
    )
    CHUNK_BUSY = (logging.INFO, "Another delivery is working on the chunk.", ("kind", "job", "chunk", "attempt"))
    JOB_ENDED = (logging.INFO, "The job has ended.", ("job", "status", "minutes", "counts"))
    NOTICE_SENT = (logging.INFO, "The notice was sent.", ("job",))
    CHALLENGE_NOTICE_SENT = (logging.INFO, "The service desk was told of a challenge.", ())
    FEED_IMPORTED = (logging.INFO, "A feed of events was imported.", ("records", "counts"))
    FEED_UNREADABLE = (logging.ERROR, "A feed of events cannot be read; its report says why.", ("reasons",))
    AUDIT_RECORDED = (logging.INFO, "Changes are in the audit log.", ("entries", "milliseconds"))
    AUDIT_UNREADABLE = (logging.ERROR, "A change of the register cannot be read.", ("kind", "places"))
    ROUND_DONE = (
        logging.INFO,
        "The watcher has been round.",
        ("open_jobs", "oldest_hours", "sent_again", "given_up", "found_files", "milliseconds"),
    )
    JOB_TROUBLE = (logging.ERROR, "A job could not be looked after.", ("job", "kind"))
    CATALOGUE_PUBLISHED = (logging.INFO, "A version of the catalogue is in force.", ("version", "aims"))
    IMPORT_REFUSED = (logging.ERROR, "An import of the registers was refused; its report says why.", ("version",))
    LIST_MISSING = (logging.WARNING, "The operator gave no such list; the packaged sample stands in.", ("list",))
    NOT_STARTED = (logging.ERROR, "What the function was given is incomplete or malformed.", ("problems",))
    REQUEST_ANSWERED = (
        logging.INFO,
        "A request was answered.",
        ("route", "status", "milliseconds", "ukprn", "correlation"),
    )
    TRY_AGAIN = (
        logging.WARNING,
        "It cannot be done now; the message comes again.",
        ("kind", "place", "job", "chunk", "attempt"),
    )
    RECORD_FAULT = (
        logging.ERROR,
        "A record stops our program and was answered LRS-FAULT-1.",
        ("job", "chunk", "record", "kind", "places"),
    )
    FAULT = (
        logging.ERROR,
        "A fault of ours.",
        ("kind", "places", "job", "chunk", "attempt", "route", "correlation"),
    )

    def __init__(self, level: int, sentence: str, permitted: tuple[str, ...]) -> None:
        self.level = level
        self.sentence = sentence
        self.permitted = permitted


class Metric(Enum):
    """What may be measured: name and unit of CloudWatch."""

    FILES_SUBMITTED = ("FilesSubmitted", "Count")
    FILES_REFUSED = ("FilesRefused", "Count")
    JOBS_ENDED = ("JobsEnded", "Count")
    JOB_MINUTES = ("JobMinutes", "None")
    """From submission to the end."""
    RECORDS_ACCEPTED = ("RecordsAccepted", "Count")
    RECORDS_REFUSED = ("RecordsRefused", "Count")
    RECORD_FAULTS = ("RecordFaults", "Count")
    CHUNK_MILLISECONDS = ("ChunkMilliseconds", "Milliseconds")
    OPEN_JOBS = ("OpenJobs", "Count")
    OLDEST_JOB_HOURS = ("OldestJobHours", "None")
    SENT_AGAIN = ("SentAgain", "Count")
    GIVEN_UP = ("GivenUp", "Count")
    FOUND_FILES = ("FoundFiles", "Count")
    TRIED_AGAIN = ("TriedAgain", "Count")
    """Deliveries that go back to their queue because of trouble that passes."""
    AUDIT_ENTRIES = ("AuditEntries", "Count")
    IMPORTS_REFUSED = ("ImportsRefused", "Count")
    NOTICES_SENT = ("NoticesSent", "Count")
    FEEDS_UNREADABLE = ("FeedsUnreadable", "Count")
    EVENTS_REFUSED = ("EventsRefused", "Count")
    CALLERS_REFUSED = ("CallersRefused", "Count")
    """Attempts without the right to what was asked for; each is in the audit log."""
    CALLERS_THROTTLED = ("CallersThrottled", "Count")
    FAULTS = ("Faults", "Count")


def is_strict() -> bool:
    """Whether what must not be logged is an error: everywhere but in the cloud."""
    return _FUNCTION not in os.environ


def log(code: Code, **fields: object) -> None:
    """Write one line without fields that are None. Raises Unloggable when strict, else leaves out what is unfit."""
    told: dict[str, object] = {}
    unfit: list[str] = []
    for name, value in fields.items():
        if value is None:
            continue
        if name in code.permitted and FIELDS[name](value):
            told[name] = value
        else:
            unfit.append(name)
    if unfit:
        if is_strict():
            raise Unloggable(f"{code.name} cannot carry {', '.join(sorted(unfit))}")
        told["left_out"] = len(unfit)
    write = getattr(_logger(), logging.getLevelName(code.level).lower())
    write(code.sentence, extra={"code": code.name, **told})


def fault(error: BaseException, code: Code = Code.FAULT, **fields: object) -> None:
    """Log a fault of ours: what kind of exception and where it arose, without its text, which may hold anything.

    The text of wrong settings is told: it names variables and lines, never what they say.
    """
    if isinstance(error, SettingsError):
        log(Code.NOT_STARTED, problems=error.problems)
        return
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    places = [f"{PurePath(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]
    log(code, kind=type(error).__name__, places=places, **fields)


def measure(metric: Metric, value: float = 1) -> None:
    """Add a value of a metric; all values of one event go out as one line when :func:`observed` ends."""
    name, unit = metric.value
    _metrics().add_metric(name=name, unit=unit, value=value)


Handler = TypeVar("Handler", bound=Callable[..., Any])


def observed(handler: Handler) -> Handler:
    """Decorate an entry point: lines carry its request's id, metrics go out at its end, and its faults are logged."""

    @wraps(handler)
    def run(event: Any, context: Any) -> Any:
        _began[:] = [time.perf_counter()]
        _logger().append_keys(request_id=getattr(context, "aws_request_id", ""))
        try:
            return handler(event, context)
        except Exception as error:
            measure(Metric.FAULTS)
            fault(error)
            if isinstance(error, SettingsError):
                raise
            raise Failed(type(error).__name__) from None
        finally:
            flush()

    return run  # type: ignore[return-value]


def elapsed() -> int:
    """Milliseconds since this event began; 0 where no entry point is observed."""
    return round((time.perf_counter() - _began[0]) * 1000) if _began else 0


def flush() -> None:
    """Print the metrics of this event, if there are any."""
    if _metrics.cache_info().currsize and _metrics().metric_set:
        _metrics().flush_metrics()


@cache
def _logger() -> Logger:
    from aws_lambda_powertools.logging.logger import Logger  # noqa: PLC0415 - only who logs pays for it

    level = os.environ.get("LRS_LOG_LEVEL", "INFO")
    # Every line would have been written at the same place, in this module; the request's id leads to its trace, and the
    # log's group says which function it is.
    out = cast("IO[str]", _StandardOutput())
    logger = Logger(
        service=SERVICE, level=level, datefmt=_TIME, utc=True, location=None, xray_trace_id=None, stream=out
    )
    logger.remove_keys(["service"])
    return logger


class _StandardOutput:
    """Standard output as it is at each line, whoever was first to log: it is put elsewhere on one's own machine."""

    def write(self, text: str) -> int:
        return sys.stdout.write(text)

    def flush(self) -> None:
        sys.stdout.flush()


@cache
def _metrics() -> Metrics:
    from aws_lambda_powertools.metrics.metrics import Metrics  # noqa: PLC0415 - likewise

    return Metrics(namespace=NAMESPACE, service=SERVICE)
