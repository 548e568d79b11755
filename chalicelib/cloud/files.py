"""Objects in S3."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

from botocore.exceptions import ClientError

from chalicelib.aws import error_code, temporary_failures
from chalicelib.ports.errors import Missing, TooLarge
from chalicelib.ports.files import StoredObject, UploadForm, VersionPage

_ABSENT: Final = frozenset({"NoSuchKey", "NoSuchVersion", "404", "NotFound"})
_BROWSERS_NAME: Final = "${filename}"
"""In the key of a form: the name of the file that was chosen."""
_EXISTS: Final = "PreconditionFailed"
_UNVERSIONED: Final = "null"
"""S3's name for the version of an object in a bucket without versions."""

_ASCII_NAME: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ._-()")


class S3Files:
    """Objects in S3. ``client`` returns botocore's client; ``name`` returns the physical name of a bucket by its
    logical one.
    """

    def __init__(self, client: Callable[[], Any], name: Callable[[str], str]) -> None:
        self._client = client
        self._name = name

    def read(self, bucket: str, key: str, version: str = "", limit: int | None = None) -> bytes:
        """The object's bytes. Raises Missing, TemporaryFailure, or TooLarge before any of the body is read."""
        where = self._where(bucket, key, version)
        with temporary_failures("files.read"):
            with _missing_if_absent():
                answer = self._client().get_object(**where)
            body = answer["Body"]
            try:
                size = int(answer["ContentLength"])
                if limit is not None and size > limit:
                    raise TooLarge(size)
                data: bytes = body.read()
            finally:
                # The rest is not downloaded: the connection ends here.
                body.close()
        return data

    def read_part(self, bucket: str, key: str, start: int, end: int) -> bytes:
        """The bytes from ``start`` to before ``end``, which must be in the object. Raises Missing, TemporaryFailure."""
        with temporary_failures("files.read_part"):
            with _missing_if_absent():
                answer = self._client().get_object(**self._where(bucket, key), Range=f"bytes={start}-{end - 1}")
            data: bytes = answer["Body"].read()
        return data

    def write(self, bucket: str, key: str, data: bytes, content_type: str) -> None:
        """Write an object, replacing any existing one. Raises TemporaryFailure."""
        with temporary_failures("files.write"):
            self._client().put_object(**self._where(bucket, key), Body=data, ContentType=content_type)

    def write_if_absent(self, bucket: str, key: str, data: bytes, content_type: str) -> bool:
        """False if the object exists; it is not changed. Raises TemporaryFailure."""
        with temporary_failures("files.write_if_absent"):
            try:
                self._client().put_object(
                    **self._where(bucket, key), Body=data, ContentType=content_type, IfNoneMatch="*"
                )
            except ClientError as error:
                if error_code(error) == _EXISTS:
                    return False
                raise
        return True

    def objects(self, bucket: str, prefix: str, since: datetime) -> Iterator[StoredObject]:
        """Current versions under the prefix that were written after ``since``, by key. Raises TemporaryFailure."""
        pages = self._client().get_paginator("list_object_versions")
        with temporary_failures("files.objects"):
            for page in pages.paginate(Bucket=self._name(bucket), Prefix=prefix):
                for found in page.get("Versions", ()):
                    if found["IsLatest"] and found["LastModified"] > since:
                        yield _stored(found)

    def versions(self, bucket: str, prefix: str, after: str = "") -> VersionPage:
        """Up to 1,000 versions under the prefix, including replaced ones, by key; ``after`` is from the previous
        page. Raises TemporaryFailure.
        """
        markers = json.loads(after) if after else {}
        with temporary_failures("files.versions"):
            page = self._client().list_object_versions(Bucket=self._name(bucket), Prefix=prefix, **markers)
        rest = {"KeyMarker": page.get("NextKeyMarker"), "VersionIdMarker": page.get("NextVersionIdMarker")}
        more = json.dumps({name: value for name, value in rest.items() if value}) if page.get("IsTruncated") else ""
        return VersionPage([_stored(found) for found in page.get("Versions", ())], more)

    def written_at(self, bucket: str, key: str, version: str) -> datetime:
        """When a version was written, to the second. Raises Missing, TemporaryFailure."""
        with temporary_failures("files.written_at"), _missing_if_absent():
            answer = self._client().head_object(**self._where(bucket, key, version))
        written: datetime = answer["LastModified"]
        return written

    def tags(self, bucket: str, key: str, version: str) -> dict[str, str]:
        """The tags of a version. Raises Missing, TemporaryFailure."""
        with temporary_failures("files.tags"), _missing_if_absent():
            answer = self._client().get_object_tagging(**self._where(bucket, key, version))
        return {tag["Key"]: tag["Value"] for tag in answer["TagSet"]}

    def upload_form(self, bucket: str, key: str, max_bytes: int, seconds: int) -> UploadForm:
        """A form that accepts one file of at most ``max_bytes`` bytes with exactly this key, for this number of
        seconds.
        """
        # The key does not end in "${filename}", so the browser's name for the file is never used.
        return self._form(bucket, key.replace(_BROWSERS_NAME, ""), max_bytes, seconds, {})

    def page_form(self, bucket: str, folder: str, max_bytes: int, seconds: int, back: str) -> UploadForm:
        """A form for a page: it takes a file of any name into the folder, and leads to ``back``."""
        return self._form(bucket, folder + _BROWSERS_NAME, max_bytes, seconds, {"success_action_redirect": back})

    def _form(self, bucket: str, key: str, max_bytes: int, seconds: int, fields: dict[str, str]) -> UploadForm:
        form = self._client().generate_presigned_post(
            Bucket=self._name(bucket),
            Key=key,
            Fields=fields,
            Conditions=[["content-length-range", 1, max_bytes], *({name: value} for name, value in fields.items())],
            ExpiresIn=seconds,
        )
        return UploadForm(form["url"], form["fields"])

    def download_link(self, bucket: str, key: str, filename: str, seconds: int) -> str:
        """A link, valid for this number of seconds, with which a browser saves the object as ``filename``, and no cache
        keeps it.
        """
        answer = {"ResponseContentDisposition": attachment(filename), "ResponseCacheControl": "no-store"}
        parameters = self._where(bucket, key) | answer
        link: str = self._client().generate_presigned_url("get_object", Params=parameters, ExpiresIn=seconds)
        return link

    def _where(self, bucket: str, key: str, version: str = "") -> dict[str, Any]:
        where = {"Bucket": self._name(bucket), "Key": key}
        return where | {"VersionId": version} if version else where


@contextmanager
def _missing_if_absent() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        if error_code(error) in _ABSENT:
            raise Missing from error
        raise


def _stored(found: dict[str, Any]) -> StoredObject:
    version = found.get("VersionId", _UNVERSIONED)
    return StoredObject(found["Key"], "" if version == _UNVERSIONED else version, found["Size"], found["LastModified"])


def attachment(filename: str) -> str:
    """The ``Content-Disposition`` that saves a file with this name, whatever characters it contains (RFC 6266)."""
    plain = "".join(letter if letter in _ASCII_NAME else "_" for letter in filename)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe='')}"
