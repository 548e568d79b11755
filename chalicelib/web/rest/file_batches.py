"""Routes of file batches of every kind: start an upload, follow its job, get the results (ACH-06, ACH-07, ULN-06,
ULN-07, VLD-03).

Files never pass through the web service: the caller gets a form for posting the file to the inbox, and short-lived
links to the results. Each kind of batch has the same seven routes; its :class:`Surface` holds the differences.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, Final, TypeVar
from urllib.parse import urlencode

from chalicelib.domain.fields import EMAIL_ADDRESS
from chalicelib.domain.jobs import Job
from chalicelib.services.batches.kinds import BatchKind
from chalicelib.services.batches.submit import ENCODING, FILENAME, LINK_SECONDS, BatchJobs, ResultFile
from chalicelib.web.http import problems
from chalicelib.web.http.field_forms import FieldText
from chalicelib.web.http.problems import RETRY_SECONDS
from chalicelib.web.http.requests import Text, Whole
from chalicelib.web.http.routes import Call, Reply, Route
from chalicelib.web.rest.job_documents import (
    BatchRecord,
    BegunDocument,
    FileLinkDocument,
    JobDocument,
    JobId,
    OneJob,
    UploadDocument,
    links_of,
)
from chalicelib.web.rest.paging import PAGE as LINES
from chalicelib.web.rest.paging import Cursor, Limit, page_links
from chalicelib.web.rest.table import route

PAGE: Final = 20
"""Jobs on a page if the caller gives no limit."""

View = TypeVar("View", bound=Callable[..., Reply])


@dataclass(frozen=True)
class NewBatch:
    """A file to upload."""

    filename: Annotated[str, FieldText(FILENAME)]
    """The name of the file, ending in ``.csv`` or ``.xml``."""
    email_address: Annotated[str, FieldText(EMAIL_ADDRESS)] = ""
    """Where to send the email when the job has finished; by default the address of the credential."""
    encoding: Annotated[str, FieldText(ENCODING)] = ""
    """The declared encoding of a CSV file; UTF-8 if you leave it out."""


@dataclass(frozen=True)
class JobList:
    """A page of the organisation's jobs."""

    limit: Annotated[int, Whole(minimum=1, maximum=100)] = PAGE
    """The number of jobs on the page."""
    cursor: Annotated[str, Text(maximum=2048)] = ""
    """From the previous page."""


@dataclass(frozen=True)
class RecordList:
    """A page of the records of a job."""

    job_id: JobId
    limit: Limit = LINES
    """The most to return on a page."""
    cursor: Cursor = ""
    """From the previous page."""


@dataclass(frozen=True)
class Surface:
    """What is specific to the routes of one kind of batch."""

    kind: BatchKind
    word: str
    """Its name in the names of routes: ``achievement_batch``."""
    new: type[NewBatch]
    document: type[JobDocument]
    page: type[Any]
    """The response type of a list: jobs, cursor, links."""
    document_of: Callable[[Job], JobDocument]
    """Makes the document of a job."""
    records: type[Any]
    """The response type of a page of records: records, cursor, links."""
    record_of: Callable[[Any], BatchRecord]
    """Makes the document of a record from one of its output file."""

    @property
    def path(self) -> str:
        return self.kind.path

    @property
    def words(self) -> str:
        """Its name with the article."""
        words = self.word.replace("_", " ")
        return f"an {words}" if words[0] in "aeiou" else f"a {words}"

    def jobs(self, call: Call) -> BatchJobs:
        """The jobs of the kind."""
        return call.services.batch_submit.of_kind(self.kind.name)


def routes_of(surface: Surface) -> tuple[Route[Any], ...]:
    """The seven routes of a kind of batch."""
    return (
        _follow(surface),
        _records(surface),
        _file(surface, ResultFile.OUTPUT, "Returns a link to a file of every record with its outcome and reasons."),
        _file(
            surface,
            ResultFile.ERRORS,
            "Returns a link to a file of the failed records and the reasons, which you can correct and send again. "
            "If no record failed, there is no such file (404).",
        ),
        _list(surface),
        _begin(surface),
        _cancel(surface),
    )


def named_view(surface: Surface, name: str, description: str, view: View) -> View:
    """The view with the name, description and module that the API description uses."""
    view.__name__, view.__doc__, view.__module__ = name, description, surface.document_of.__module__
    return view


def _begin(surface: Surface) -> Route[Any]:
    def view(call: Call, request: NewBatch) -> Reply:
        begin = partial(surface.jobs(call).begin, call.caller, request.filename, request.email_address)
        begun = begin(request.encoding, getattr(request, "job_type", ""))
        job = begun.job
        upload = UploadDocument(begun.form.url, begun.form.fields, begun.expires_in, surface.kind.max_bytes)
        document = BegunDocument(job.job_id, job.status, upload, links_of(job, surface.path))
        return Reply(document, 202, {"Location": f"{surface.path}/{job.job_id}"})

    description = f"""Start {surface.words}.

    Creates a job and returns the form for posting its file. The job waits until the file has arrived.
    """
    declare = route(
        surface.new,
        answers={202: BegunDocument},
        refusals=(problems.REFUSED,),
        gives=("Location",),
    )
    return declare(named_view(surface, f"begin_{surface.word}", description, view))


def _list(surface: Surface) -> Route[Any]:
    def view(call: Call, request: JobList) -> Reply:
        page = surface.jobs(call).page(call.caller, request.limit, request.cursor)
        links = {"self": surface.path}
        if page.cursor:
            links["next"] = f"{surface.path}?{urlencode({'limit': request.limit, 'cursor': page.cursor})}"
        return Reply(surface.page(tuple(map(surface.document_of, page.items)), page.cursor or None, links))

    description = f"List your organisation's {surface.word.replace('_', ' ')}es, newest first."
    declare = route(JobList, answers={200: surface.page})
    return declare(named_view(surface, f"list_{surface.word}es", description, view))


def _follow(surface: Surface) -> Route[Any]:
    def view(call: Call, request: OneJob) -> Reply:
        job = surface.jobs(call).get(call.caller, request.job_id)
        headers = {} if job.status.is_end else {"Retry-After": str(RETRY_SECONDS)}
        return Reply(surface.document_of(job), headers=headers)

    description = f"""Get the status of {surface.words}.

    Shows its progress, the outcome of its records, or why its file was refused.
    """
    declare = route(
        OneJob,
        answers={200: surface.document},
        gives=("Retry-After",),
    )
    return declare(named_view(surface, f"get_{surface.word}", description, view))


def _file(surface: Surface, file: ResultFile, what: str) -> Route[Any]:
    def view(call: Call, request: OneJob) -> Reply:
        url = surface.jobs(call).file_link(call.caller, request.job_id, file)
        return Reply(FileLinkDocument(url, LINK_SECONDS))

    name = "error" if file is ResultFile.ERRORS else file.value
    description = f"""Get the {name} file of {surface.words}.

    {what}
    """
    declare = route(
        OneJob,
        answers={200: FileLinkDocument},
        refusals=(problems.NOT_NOW,),
    )
    return declare(named_view(surface, f"get_{surface.word}_{file}", description, view))


def _records(surface: Surface) -> Route[Any]:
    def view(call: Call, request: RecordList) -> Reply:
        kind, job_id, limit = surface.kind.name, request.job_id, request.limit
        page = call.services.job_records.page(call.caller, kind, job_id, limit, request.cursor)
        links = page_links(f"{surface.path}/{job_id}/records", page.cursor, {"limit": limit})
        return Reply(surface.records(tuple(map(surface.record_of, page.items)), page.cursor or None, links))

    description = f"""List the records of {surface.words}.

    Returns every record of a finished job in the order of the file, with its outcome and reasons.
    """
    declare = route(
        RecordList,
        answers={200: surface.records},
        refusals=(problems.NOT_NOW,),
        gives=("Retry-After",),
    )
    return declare(named_view(surface, f"list_{surface.word}_records", description, view))


def _cancel(surface: Surface) -> Route[Any]:
    def view(call: Call, request: OneJob) -> Reply:
        job = surface.jobs(call).cancel(call.caller, request.job_id)
        return Reply(surface.document_of(job), 200 if job.status.is_end else 202)

    description = f"""Cancel {surface.words}.

    Records not yet processed are reported as cancelled. The others are not undone.
    """
    declare = route(
        OneJob,
        answers={200: surface.document, 202: surface.document},
        refusals=(problems.NOT_NOW,),
    )
    return declare(named_view(surface, f"cancel_{surface.word}", description, view))
