"""Logs and metrics: closed lists of codes and metrics, so that neither can contain learner data.

Every line has a code, and every code has a level, one sentence and the fields it may carry. Every field has a format (a
number, a job id, a UKPRN, the name of an exception); there is no format for a name, a ULN, a date of birth or free
text. A value that does not fit is an error on a developer's machine. In the cloud it is left out, because a log line
must never stop the work.
"""

from __future__ import annotations

import json
import logging
import os
import re
import sys
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from enum import Enum
from functools import cache, wraps
from pathlib import PurePath
from typing import IO, TYPE_CHECKING, Any, Final, TypeVar, cast

from chalicelib.settings import SettingsError

if TYPE_CHECKING:
    from aws_lambda_powertools.logging.logger import Logger
    from aws_lambda_powertools.metrics import EphemeralMetrics

SERVICE: Final = "lrs"
"""Not the application's name: Chalice's logger has that name, and two loggers with one name write every line twice."""

NAMESPACE: Final = "LearningRecords"

SHOWN: Final = 5
"""Reasons for refusing a file that one line may list."""

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
"""Outcomes by which records are counted."""

_FRAMES: Final = 8
_FUNCTION: Final = "AWS_LAMBDA_FUNCTION_NAME"
_TIME: Final = "%Y-%m-%dT%H:%M:%S.%FZ"
"""The format of RFC 3339; in Powertools ``%F`` means milliseconds."""
_measured: Final[deque[tuple[Metric, float, tuple[tuple[str, str], ...]]]] = deque()
_printing: Final = threading.Lock()
_compact: Final = json.JSONEncoder(separators=(",", ":")).encode
_route: Final[ContextVar[str]] = ContextVar("route", default="")
_began: Final[list[float]] = []
"""When the handling of the current event began."""


class Unloggable(Exception):
    """A field that the code does not permit, or a value not in the field's format. Names only the field."""


class Failed(Exception):
    """An entry point failed; the text is the type of the original exception.

    Lambda prints the text and trace of any exception that leaves a handler, and a library's text may contain anything.
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
    "month": _form(r"[0-9]{4}-[0-9]{2}"),
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
    "hours": _number,
    "days": _number,
    "doubled": _number,
    "missing": _number,
    "unknown": _number,
    "aims": _number,
}
"""The format of every field that a line may carry. None accepts ten digits as text, so no ULN gets through."""


class Code(Enum):
    """The log lines: level, sentence, permitted fields."""

    JOB_RECEIVED = (logging.INFO, "A file has arrived.", ("job", "ukprn", "channel"))
    JOB_SPLIT = (
        logging.INFO,
        "The file was cut into chunks.",
        ("job", "ukprn", "records", "chunks", "format", "milliseconds"),
    )
    FILE_ASTRAY = (logging.WARNING, "A file in the inbox names no organisation that we know.", ("job",))
    JOB_REFUSED = (logging.INFO, "The whole file was refused.", ("job", "ukprn", "reasons"))
    MALWARE_FOUND = (logging.ERROR, "Malware was found in a submitted file.", ("job", "ukprn", "status"))
    SCAN_UNSUPPORTED = (
        logging.WARNING,
        "A submitted file cannot be scanned for malware, and was refused.",
        ("job", "ukprn", "status"),
    )
    SCAN_DENIED = (
        logging.ERROR,
        "The malware scanner may not read a submitted file, which waits.",
        ("job", "ukprn", "status"),
    )
    SCAN_FAILED = (logging.ERROR, "The malware scan of a submitted file failed; it waits.", ("job", "ukprn", "status"))
    SCAN_OVERDUE = (logging.ERROR, "A submitted file has no result of its malware scan; it waits.", ("job", "ukprn"))
    CHUNK_APPLIED = (
        logging.INFO,
        "The chunk was applied.",
        ("job", "chunk", "attempt", "milliseconds", "counts"),
    )
    CHUNK_BUSY = (logging.INFO, "Another delivery is working on the chunk.", ("kind", "job", "chunk", "attempt"))
    JOB_ENDED = (logging.INFO, "The job has ended.", ("job", "status", "minutes", "counts"))
    NOTICE_SENT = (logging.INFO, "The email about the job was sent.", ("job",))
    NOTICE_REFUSED = (logging.WARNING, "The email service refused the email about the job.", ("job",))
    NOTICE_GIVEN_UP = (
        logging.ERROR,
        "The email about the job could not be sent for four days, and is given up.",
        ("job", "ukprn"),
    )
    CHALLENGE_NOTICE_SENT = (logging.INFO, "The service desk was notified of a challenge.", ())
    MAINTENANCE_NOTICE_SENT = (logging.INFO, "An organisation was notified of maintenance.", ("ukprn",))
    MAINTENANCE_NOTICE_REFUSED = (
        logging.WARNING,
        "The email service refused an email about maintenance.",
        ("ukprn",),
    )
    FEED_IMPORTED = (logging.INFO, "A feed of events was imported.", ("records", "counts"))
    FEED_UNREADABLE = (logging.ERROR, "A feed of events could not be read. See its report.", ("reasons",))
    AUDIT_RECORDED = (logging.INFO, "Changes were added to the audit log.", ("entries", "milliseconds"))
    AUDIT_UNREADABLE = (logging.ERROR, "A change to the register could not be read.", ("kind", "places"))
    LEVELS_COUNTED = (logging.INFO, "The service levels were counted.", ("hours", "milliseconds"))
    LEVELS_BEHIND = (
        logging.WARNING,
        "There was no time to count every hour; the next run continues.",
        ("hours", "milliseconds"),
    )
    LINES_ODD = (
        logging.WARNING,
        "The access log of the month lacks lines, or has some that cannot be read.",
        ("doubled", "missing", "unreadable", "unknown"),
    )
    TIMELINESS_BEHIND = (logging.WARNING, "There was no time to count every day; the next run continues.", ("days",))
    REPORT_SENT = (logging.INFO, "The monthly report was sent to the service manager.", ("month",))
    REPORT_NOT_SENT = (
        logging.ERROR,
        "The monthly report could not be sent; it will be tried again.",
        ("month", "kind"),
    )
    PROBE_FAILED = (logging.INFO, "The service did not answer the probe.", ("kind", "status", "milliseconds"))
    ROUND_DONE = (
        logging.INFO,
        "Watch run finished.",
        ("open_jobs", "oldest_hours", "sent_again", "given_up", "found_files", "milliseconds"),
    )
    JOB_TROUBLE = (logging.ERROR, "The watch run could not check a job.", ("job", "kind"))
    CATALOGUE_PUBLISHED = (logging.INFO, "A new version of the catalogue is in force.", ("version", "aims"))
    IMPORT_REFUSED = (logging.ERROR, "An import of the registers was refused. See its report.", ("version",))
    LIST_MISSING = (logging.WARNING, "The operator's list is missing; using the packaged sample.", ("list",))
    LIST_ENDS = (logging.WARNING, "The list ends within a year.", ("list",))
    NOT_STARTED = (logging.ERROR, "The function's settings or lists are missing or malformed.", ("problems",))
    REQUEST_ANSWERED = (
        logging.INFO,
        "A request was answered.",
        ("route", "status", "milliseconds", "ukprn", "correlation"),
    )
    TRY_AGAIN = (
        logging.WARNING,
        "Temporary failure; message returned to the queue.",
        ("kind", "place", "job", "chunk", "attempt"),
    )
    RECORD_FAULT = (
        logging.ERROR,
        "Unexpected error in one record; answered LRS-FAULT-1.",
        ("job", "chunk", "record", "kind", "places"),
    )
    FAULT = (
        logging.ERROR,
        "Unexpected error.",
        ("kind", "places", "job", "chunk", "attempt", "route", "correlation"),
    )

    def __init__(self, level: int, sentence: str, permitted: tuple[str, ...]) -> None:
        self.level = level
        self.sentence = sentence
        self.permitted = permitted


class Metric(Enum):
    """The metrics: name and unit in CloudWatch."""

    FILES_SUBMITTED = ("FilesSubmitted", "Count")
    FILES_REFUSED = ("FilesRefused", "Count")
    JOBS_ENDED = ("JobsEnded", "Count")
    JOB_MINUTES = ("JobMinutes", "None")
    """From submission until the job ended."""
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
    """Deliveries returned to their queue because of a temporary failure."""
    AUDIT_ENTRIES = ("AuditEntries", "Count")
    IMPORTS_REFUSED = ("ImportsRefused", "Count")
    NOTICES_SENT = ("NoticesSent", "Count")
    NOTICES_GIVEN_UP = ("NoticesGivenUp", "Count")
    FEEDS_UNREADABLE = ("FeedsUnreadable", "Count")
    EVENTS_REFUSED = ("EventsRefused", "Count")
    CALLERS_REFUSED = ("CallersRefused", "Count")
    """Requests without permission; each is in the audit log."""
    CALLERS_THROTTLED = ("CallersThrottled", "Count")
    FAULTS = ("Faults", "Count")
    LOG_LINES = ("LogLines", "Count")
    """Warnings and errors in the log, by code."""
    REQUESTS = ("lrs_request", "Count")
    """Requests and records of files, by function of the catalogue and channel; likewise the next two."""
    REQUEST_FAULTS = ("lrs_request_fault", "Count")
    REQUESTS_IN_MAINTENANCE = ("lrs_request_maintenance", "Count")
    """Requests refused in agreed maintenance, which are no faults (SLA-05)."""
    REQUEST_DURATION = ("lrs_request_duration", "Milliseconds")
    """The milliseconds of one request, or of one chunk of a file."""
    FILES_ENDED = ("lrs_file", "Count")
    """Files that were processed or refused, with the same dimensions; likewise the next two."""
    FILES_LATE = ("lrs_file_late", "Count")
    """Those that took more than the 48 hours agreed, or were given up."""
    FILE_MINUTES = ("lrs_file_minutes", "None")
    PROBE_SUCCEEDED = ("ProbeSucceeded", "Count")
    """1 if the service answered a call from outside, otherwise 0."""
    PROBE_MILLISECONDS = ("ProbeMilliseconds", "Milliseconds")
    MONTH_AVAILABILITY = ("MonthAvailability", "Percent")
    """Figures of the month so far, by function of the catalogue and channel; likewise the next three."""
    MONTH_MEAN_RESPONSE = ("MonthMeanResponse", "Milliseconds")
    MONTH_P95_RESPONSE = ("MonthP95Response", "Milliseconds")
    MONTH_ERROR_BUDGET_LEFT = ("MonthErrorBudgetLeft", "Percent")
    RECOVERY_HOURS = ("RecoveryHours", "None")
    """Service hours used by the longest recovery from disaster of the month so far; 0 without one (SLA-07)."""
    LEVELS_REPORTED = ("LevelsReported", "Count")
    """Runs of the reporter that have counted everything up to their start."""


def prepare() -> None:
    """Load the library that writes logs before the first line."""
    _logger()


def is_strict() -> bool:
    """Whether logging a value that is not permitted is an error: everywhere except in the cloud."""
    return _FUNCTION not in os.environ


def log(code: Code, **fields: object) -> None:
    """Write one line, without fields that are None; without unfit fields too or, when strict, raise Unloggable."""
    fit: dict[str, object] = {}
    unfit: list[str] = []
    for name, value in fields.items():
        if value is None:
            continue
        if name in code.permitted and FIELDS[name](value):
            fit[name] = value
        else:
            unfit.append(name)
    if unfit:
        if is_strict():
            raise Unloggable(f"{code.name} cannot carry {', '.join(sorted(unfit))}")
        fit["left_out"] = len(unfit)
    if code.level >= logging.WARNING:
        measure(Metric.LOG_LINES, code=code.name)
    write = getattr(_logger(), logging.getLevelName(code.level).lower())
    write(code.sentence, extra={"code": code.name, **fit})


def fault(error: BaseException, code: Code = Code.FAULT, **fields: object) -> None:
    """Log an unexpected error: the type of exception and where it arose, without its text, which may contain anything.

    The text of a SettingsError is logged: it names variables and lines, never their values.
    """
    if isinstance(error, SettingsError):
        log(Code.NOT_STARTED, problems=error.problems)
        return
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    places = [f"{PurePath(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]
    log(code, kind=type(error).__name__, places=places, **fields)


def measure(metric: Metric, value: float = 1, **where: str) -> None:
    """Add a value of a metric; :func:`flush` prints it for the service, for the function and for its route.

    ``where`` are other dimensions, in place of function and route, with few values each.
    """
    route = {} if where else {"route": _route.get()}
    _measured.append((metric, value, tuple((where or route).items())))


def measure_file(function: str, channel: str, minutes: float, *, late: bool) -> None:
    """Add a file that has ended, for the time agreed for files (SLA-03)."""
    where = {"catalogue_function": function, "channel": channel}
    measure(Metric.FILES_ENDED, 1, **where)
    measure(Metric.FILES_LATE, int(late), **where)
    measure(Metric.FILE_MINUTES, minutes, **where)


def measure_requests(function: str, channel: str, milliseconds: float, count: int = 1, faults: int = 0) -> None:
    """Add requests of a function of the catalogue, from which its service levels are computed (SLA-01, SLA-02)."""
    where = {"catalogue_function": function, "channel": channel}
    measure(Metric.REQUESTS, count, **where)
    measure(Metric.REQUEST_FAULTS, faults, **where)
    measure(Metric.REQUEST_DURATION, milliseconds, **where)


def measure_maintenance(function: str, channel: str) -> None:
    """Add a request of a function of the catalogue that was refused in agreed maintenance (SLA-05)."""
    measure(Metric.REQUESTS_IN_MAINTENANCE, catalogue_function=function, channel=channel)


@contextmanager
def serving(route: str) -> Iterator[None]:
    """What is measured inside is measured for this route, and printed at the end."""
    before = _route.set(route)
    try:
        yield
    finally:
        flush()
        _route.reset(before)


Handler = TypeVar("Handler", bound=Callable[..., Any])


def observed(handler: Handler) -> Handler:
    """Decorate an entry point: its lines carry the request id, its metrics are printed and its errors are logged."""

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
    """Milliseconds since this event began; 0 outside an observed entry point."""
    return round((time.perf_counter() - _began[0]) * 1000) if _began else 0


def flush() -> None:
    """Print the metrics of this event, if there are any, in CloudWatch's embedded metric format: a line for a place."""
    function = os.environ.get(_FUNCTION, "local")
    with _printing:
        lines: dict[tuple[tuple[str, str], ...], EphemeralMetrics] = {}
        while _measured:
            metric, value, where = _measured.popleft()
            line = lines.get(where) or lines.setdefault(where, _metrics_of(function, where))
            line.add_metric(*metric.value, value)
        for line in lines.values():
            if line.metric_set:  # else Powertools has printed all, as the last was the hundredth of a line
                sys.stdout.write(_compact(line.serialize_metric_set()) + "\n")
                line.metric_set.clear()


@cache
def _metrics_of(function: str, where: tuple[tuple[str, str], ...]) -> EphemeralMetrics:
    """Powertools' metrics of one place; they keep their sets of dimensions from line to line."""
    from aws_lambda_powertools.metrics import EphemeralMetrics  # noqa: PLC0415 - slow, and loaded with the logger

    metrics = EphemeralMetrics(namespace=NAMESPACE, service=SERVICE)
    metrics.add_dimension("service", SERVICE)
    named = dict(where)
    if named.keys() <= {"route"}:
        metrics.add_dimensions(service=SERVICE, function=function)
        if named.get("route"):
            metrics.add_dimensions(service=SERVICE, function=function, **named)
    else:
        for name, text in where:
            metrics.add_dimension(name, text)
    return metrics


@cache
def _logger() -> Logger:
    from aws_lambda_powertools.logging.logger import Logger  # noqa: PLC0415 - slow, and only needed to log

    level = os.environ.get("LRS_LOG_LEVEL", "INFO")
    # The location would always be this module, and the log group is the function's. Every line has the trace's id
    # while the platform traces.
    out = cast("IO[str]", _StandardOutput())
    logger = Logger(service=SERVICE, level=level, datefmt=_TIME, utc=True, location=None, stream=out)
    logger.remove_keys(["service"])
    return logger


class _StandardOutput:
    """The current standard output, looked up for each line: on a developer's machine it may be redirected later."""

    def write(self, text: str) -> int:
        return sys.stdout.write(text)

    def flush(self) -> None:
        sys.stdout.flush()
