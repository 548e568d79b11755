"""Fakes of buckets, queues and mail."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from chalicelib.ports.errors import Missing, TooLarge
from chalicelib.ports.files import StoredObject, UploadForm, VersionPage
from chalicelib.ports.messages import NOTHING_ATTACHED
from tests.fakes.calls import Fake, FakeClock, Hook, call, no_hook

VERSIONED = frozenset({"inbox", "catalogue"})
BUCKETS = frozenset({"inbox", "work", "results", "catalogue"})
QUEUES = ("intake", "chunks", "finish", "notices")


class HeldObject(NamedTuple):
    version: str
    data: bytes
    content_type: str
    modified: datetime


class FakeFiles(Fake):
    """Objects by bucket and key, every version of them; only versioned buckets name their versions."""

    def __init__(self, clock: FakeClock, before: Hook = no_hook) -> None:
        super().__init__(clock, before)
        self.held: dict[tuple[str, str], list[HeldObject]] = {}
        self.forms: dict[tuple[str, str], int] = {}
        """The upload forms issued, by bucket and key: the largest size they accept."""
        self.tagged: dict[tuple[str, str, str], dict[str, str]] = {}
        """The tags by bucket, key and version, to arrange a test."""
        self.page_size = 1_000
        self._versions = 0

    def put(self, bucket: str, key: str, data: bytes, content_type: str = "application/octet-stream") -> str:
        """Store an object and return its version, to arrange a test: this is how a file is dropped."""
        if bucket not in BUCKETS:
            raise KeyError(bucket)
        self._versions += 1
        version = f"v{self._versions:06d}" if bucket in VERSIONED else ""
        kept = self.held.get((bucket, key), []) if version else []
        self.held[bucket, key] = [*kept, HeldObject(version, bytes(data), content_type, self.clock())]
        return version

    def remove(self, bucket: str, key: str) -> None:
        self.held.pop((bucket, key), None)

    def post(self, form: UploadForm, data: bytes, filename: str = "file.csv") -> str:
        """Post a file with an upload form, as a browser does; the version of the object made."""
        bucket, key = form.fields["x-bucket"], form.fields["key"]
        if len(data) > self.forms[bucket, key]:
            raise TooLarge(len(data))
        return self.put(bucket, key.replace("${filename}", filename), data)

    def data(self, bucket: str, key: str) -> bytes:
        """The current version, to check."""
        return self.held[bucket, key][-1].data

    @call("files.read")
    def read(self, bucket: str, key: str, version: str = "", limit: int | None = None) -> bytes:
        versions = self.held.get((bucket, key), [])
        found = [held for held in versions if held.version == version] if version else versions[-1:]
        if not found:
            raise Missing
        if limit is not None and len(found[0].data) > limit:
            raise TooLarge(len(found[0].data))
        return found[0].data

    @call("files.read_part")
    def read_part(self, bucket: str, key: str, start: int, end: int) -> bytes:
        if (bucket, key) not in self.held:
            raise Missing
        return self.held[bucket, key][-1].data[start:end]

    @call("files.write")
    def write(self, bucket: str, key: str, data: bytes, content_type: str) -> None:
        self.put(bucket, key, data, content_type)

    @call("files.write_if_absent")
    def write_if_absent(self, bucket: str, key: str, data: bytes, content_type: str) -> bool:
        if (bucket, key) in self.held:
            return False
        self.put(bucket, key, data, content_type)
        return True

    @call("files.objects")
    def objects(self, bucket: str, prefix: str, since: datetime) -> Iterator[StoredObject]:
        found = []
        for (held_bucket, key), versions in sorted(self.held.items()):
            current = versions[-1]
            if held_bucket == bucket and key.startswith(prefix) and current.modified > since:
                found.append(StoredObject(key, current.version, len(current.data), current.modified))
        return iter(found)

    @call("files.versions")
    def versions(self, bucket: str, prefix: str, after: str = "") -> VersionPage:
        found = [
            StoredObject(key, held.version, len(held.data), held.modified)
            for (held_bucket, key), versions in sorted(self.held.items())
            for held in reversed(versions)
            if held_bucket == bucket and key.startswith(prefix)
        ]
        begin = int(after or 0)
        end = begin + self.page_size
        return VersionPage(found[begin:end], str(end) if end < len(found) else "")

    @call("files.written_at")
    def written_at(self, bucket: str, key: str, version: str) -> datetime:
        return self._version(bucket, key, version).modified.replace(microsecond=0)

    @call("files.tags")
    def tags(self, bucket: str, key: str, version: str) -> dict[str, str]:
        self._version(bucket, key, version)
        return dict(self.tagged.get((bucket, key, version), {}))

    def _version(self, bucket: str, key: str, version: str) -> HeldObject:
        for held in self.held.get((bucket, key), []):
            if held.version == version:
                return held
        raise Missing

    @call("files.upload_form")
    def upload_form(self, bucket: str, key: str, max_bytes: int, seconds: int) -> UploadForm:
        self.forms[bucket, key] = max_bytes
        return UploadForm("https://uploads.test/", {"key": key, "x-bucket": bucket})

    @call("files.page_form")
    def page_form(self, bucket: str, folder: str, max_bytes: int, seconds: int, back: str) -> UploadForm:
        key = folder + "${filename}"
        self.forms[bucket, key] = max_bytes
        return UploadForm("https://uploads.test/", {"key": key, "x-bucket": bucket, "success_action_redirect": back})

    @call("files.download_link")
    def download_link(self, bucket: str, key: str, filename: str, seconds: int) -> str:
        return f"https://downloads.test/{bucket}/{key}?filename={filename}&seconds={seconds}"


class FakeQueues(Fake):
    """Messages by queue, as the JSON that a real queue would hold; ten per call, so a crash can leave some unsent."""

    def __init__(self, clock: FakeClock, before: Hook = no_hook) -> None:
        super().__init__(clock, before)
        self.waiting: dict[str, deque[str]] = {name: deque() for queue in QUEUES for name in (queue, f"{queue}_dead")}
        self.sent: list[tuple[str, str]] = []
        """Every message ever sent, as (queue, JSON)."""

    def send(self, queue: str, messages: Sequence[Mapping[str, object]]) -> None:
        if queue not in self.waiting:
            raise KeyError(queue)
        for start in range(0, len(messages), 10):
            self._send(queue, messages[start : start + 10])

    @call("queues.send")
    def _send(self, queue: str, messages: Sequence[Mapping[str, object]]) -> None:
        for message in messages:
            body = json.dumps(message)
            self.waiting[queue].append(body)
            self.sent.append((queue, body))

    @call("queues.count")
    def count(self, queue: str) -> int:
        return len(self.waiting[queue])

    @call("queues.oldest")
    def oldest(self, queue: str) -> datetime | None:
        return self.clock() if self.waiting[queue] else None

    @call("queues.move")
    def move(self, queue: str, to: str) -> int:
        moved = 0
        while self.waiting[queue] and moved < 10:
            self.waiting[to].append(self.waiting[queue].popleft())
            moved += 1
        return moved

    def take(self, queue: str, place: int = 0) -> dict[str, object] | None:
        """Take out the message at ``place``, by default the oldest; None when the queue is empty."""
        waiting = self.waiting[queue]
        if not waiting:
            return None
        body = waiting[place]
        del waiting[place]
        message: dict[str, object] = json.loads(body)
        return message


class SentMail(NamedTuple):
    to: str
    subject: str
    body: str
    attached: Mapping[str, str] = NOTHING_ATTACHED


class FakeReports(Fake):
    """Keeps what it was asked for; its PDFs only begin as such."""

    def __init__(self, clock: FakeClock, before: Hook = no_hook) -> None:
        super().__init__(clock, before)
        self.asked: list[dict[str, Any]] = []

    @call("reports.pdf")
    def pdf(self, report: dict[str, Any]) -> bytes:
        self.asked.append(report)
        return b"%PDF-1.7 \xff"


class FakeFunctions(Fake):
    """The functions that were started, with their events."""

    def __init__(self, clock: FakeClock, before: Hook = no_hook) -> None:
        super().__init__(clock, before)
        self.started: list[tuple[str, dict[str, Any]]] = []

    @call("functions.start")
    def start(self, function: str, event: Mapping[str, object]) -> None:
        self.started.append((function, json.loads(json.dumps(event))))


class FakeMail(Fake):
    """The mail that was sent."""

    def __init__(self, clock: FakeClock, before: Hook = no_hook) -> None:
        super().__init__(clock, before)
        self.sent: list[SentMail] = []

    @call("mail.send")
    def send(self, to: str, subject: str, body: str, attached: Mapping[str, str] = NOTHING_ATTACHED) -> None:
        if not to or any(mark in to + subject for mark in "\r\n"):
            raise ValueError("an email needs one address, and a subject of one line")
        self.sent.append(SentMail(to, subject, body, attached))
