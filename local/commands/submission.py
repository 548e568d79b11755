"""Submit a file to the local service as its users do, follow the job, get the results.

Both channels show a job as the REST API does (``job_document``), so the code that follows it need not know the channel.
"""

from __future__ import annotations

import json
import re
import secrets
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from chalicelib.bootstrap import Services
from chalicelib.domain.jobs import Source, job_id_of
from chalicelib.services.batches.places import drop_folder
from chalicelib.web.http.responses import rendered
from local.commands.access import AccessToken
from local.commands.demo_kinds import DEMO_KINDS, DemoKind
from local.emulated.cloud import ProvisionedCloud
from local.samples.seed import SampleCredential

Document = Mapping[str, Any]
ACHIEVEMENT_FILE = DEMO_KINDS["achievements"]

FOLLOW_SECONDS = 0.25
"""Seconds between two requests for a job's status."""


class SubmissionError(RuntimeError):
    """The service did not accept the file, or cannot be reached; the message says why."""


class Submission(Protocol):
    """A submitted file."""

    job_id: str

    def job(self) -> Document | None:
        """The status of the job; None if there is none yet."""
        ...

    def result(self, file: str) -> bytes | None:
        """The ``output`` or ``errors`` file; None if the job has none."""
        ...


class Dropped:
    """A file put under the organisation's own prefix of the inbox."""

    def __init__(
        self,
        cloud: ProvisionedCloud,
        services: Services,
        ukprn: str,
        filename: str,
        data: bytes,
        kind: DemoKind = ACHIEVEMENT_FILE,
    ) -> None:
        self._cloud = cloud
        self._services = services
        self._kind = kind
        key = drop_folder(ukprn, kind.batch.name) + filename
        put = cloud.client("s3").put_object(Bucket=cloud.bucket("inbox"), Key=key, Body=data)
        self.job_id = job_id_of(Source("inbox", key, put["VersionId"]))

    def job(self) -> Document | None:
        """The status of the job; None until the event of the drop has been handled."""
        job = self._services.jobs.get(self.job_id)
        return None if job is None else json.loads(rendered(self._kind.document_of(job)))

    def result(self, file: str) -> bytes | None:
        """The file from the results bucket."""
        job = self._services.jobs.get(self.job_id)
        key = "" if job is None else {"output": job.output_key, "errors": job.error_key}[file]
        return self._services.files.read("results", key) if key else None


class Uploaded:
    """A file sent by web service: starts a job, and posts the file with the form from the response."""

    def __init__(
        self,
        address: str,
        credential: SampleCredential,
        filename: str,
        data: bytes,
        kind: DemoKind = ACHIEVEMENT_FILE,
    ) -> None:
        self._address = address
        self._token = AccessToken(address, credential, _open)
        begun = self._call("POST", kind.batch.path, {"filename": filename})
        self.job_id = begun["jobId"]
        self._path = begun["links"]["self"]
        try:
            post_form(begun["upload"]["url"], begun["upload"]["fields"], filename, data)
        except SubmissionError:
            self._call("POST", begun["links"]["cancellation"])
            raise

    def job(self) -> Document | None:
        """The status of the job."""
        return self._call("GET", self._path)

    def result(self, file: str) -> bytes | None:
        """The file, through the short-lived link from the service."""
        links = self._call("GET", self._path)["links"]
        if file not in links:
            return None
        with _open(urllib.request.Request(self._call("GET", links[file])["url"])) as answer:
            data: bytes = answer.read()
            return data

    def _call(self, method: str, path: str, document: Document | None = None) -> Document:
        body = None if document is None else json.dumps(document).encode()
        headers = {"Authorization": self._token.header(), "Content-Type": "application/json"}
        with _open(urllib.request.Request(self._address + path, body, headers, method=method)) as answer:
            found: Document = json.load(answer)
            return found


def follow(
    submission: Submission,
    show: Callable[[Document | None], None],
    patience_seconds: float = 300.0,
    pause: Callable[[float], None] = time.sleep,
) -> Document:
    """Follow the job until it ends. Raises :class:`SubmissionError` after ``patience_seconds`` without progress."""
    seen: tuple[object, ...] = ()
    moved = time.monotonic()
    while True:
        job = submission.job()
        show(job)
        if job is not None and job["endDate"] is not None:
            return job
        state = () if job is None else (job["status"], job["percentDone"])
        if state != seen:
            seen, moved = state, time.monotonic()
        elif time.monotonic() - moved > patience_seconds:
            raise SubmissionError(f"Job {submission.job_id} has made no progress for {patience_seconds:.0f} seconds")
        pause(FOLLOW_SECONDS)


def post_form(url: str, fields: Mapping[str, str], filename: str, data: bytes) -> None:
    """Post a file after the fields of its form, as S3 requires."""
    boundary = secrets.token_hex(16)
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'
        for name, text in fields.items()
    ]
    quoted = urllib.parse.quote(filename)
    parts.append(
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{quoted}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    body = "".join(parts).encode() + data + f"\r\n--{boundary}--\r\n".encode()
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    _open(urllib.request.Request(url, body, headers, method="POST")).close()


def _open(request: urllib.request.Request) -> Any:
    try:
        return urllib.request.urlopen(request, timeout=60)
    except urllib.error.HTTPError as refused:
        with refused:
            raise SubmissionError(_reasons(refused.code, refused.read())) from None
    except (urllib.error.URLError, OSError) as error:
        raise SubmissionError(f"Cannot reach {request.host}: {error}") from None


def _reasons(status: int, body: bytes) -> str:
    """The reasons in a problem document, one on each line; otherwise the status and the beginning of the text."""
    try:
        document = json.loads(body)
        reasons = [f"{reason['code']} {reason['field']}: {reason['message']}" for reason in document["errors"]]
        return "\n".join([f"{status} {document['title']}", *reasons])
    except (ValueError, KeyError, TypeError):
        text = body[:500].decode("utf-8", "replace")
        said = re.search("<Code>(.*?)</Code>.*?<Message>(.*?)</Message>", text, re.DOTALL)
        return f"{status} {said[1]}: {said[2]}" if said else f"{status} {text}"
