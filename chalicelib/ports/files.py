"""Objects in buckets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import NamedTuple, Protocol


class UploadForm(NamedTuple):
    """A pre-signed form for posting a file to the inbox."""

    url: str
    fields: Mapping[str, str]


class StoredObject(NamedTuple):
    """One object in a list."""

    key: str
    version: str
    size: int
    modified: datetime


class VersionPage(NamedTuple):
    """A page of a list of versions."""

    items: list[StoredObject]
    after: str
    """Where the next page begins; empty at the end."""


class Files(Protocol):
    """Objects in buckets, by the bucket's logical name (``inbox``, ``work``, ``results``, ``catalogue``)."""

    def read(self, bucket: str, key: str, version: str = "", limit: int | None = None) -> bytes:
        """Raises :class:`Missing`, or :class:`TooLarge` before any of the body is read."""
        ...

    def read_part(self, bucket: str, key: str, start: int, end: int) -> bytes:
        """The bytes from ``start`` to before ``end``, which must be in the object. Raises :class:`Missing`."""
        ...

    def write(self, bucket: str, key: str, data: bytes, content_type: str) -> None: ...

    def write_if_absent(self, bucket: str, key: str, data: bytes, content_type: str) -> bool:
        """False if the object exists; it is not changed."""
        ...

    def objects(self, bucket: str, prefix: str, since: datetime) -> Iterator[StoredObject]:
        """Current versions under the prefix that were written after ``since``."""
        ...

    def versions(self, bucket: str, prefix: str, after: str = "") -> VersionPage:
        """Up to 1,000 versions under the prefix, including replaced ones, by key; ``after`` is from the previous
        page.
        """
        ...

    def written_at(self, bucket: str, key: str, version: str) -> datetime:
        """When a version was written, to the second. Raises :class:`Missing`."""
        ...

    def tags(self, bucket: str, key: str, version: str) -> Mapping[str, str]:
        """The tags of a version. Raises :class:`Missing`."""
        ...

    def upload_form(self, bucket: str, key: str, max_bytes: int, seconds: int) -> UploadForm: ...

    def page_form(self, bucket: str, folder: str, max_bytes: int, seconds: int, back: str) -> UploadForm:
        """A form for a page: it takes a file of any name into the folder, and leads to ``back``."""
        ...

    def download_link(self, bucket: str, key: str, filename: str, seconds: int) -> str: ...
