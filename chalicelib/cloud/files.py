"""Objects in S3."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

from botocore.exceptions import ClientError

from chalicelib.aws import error_code, temporary_failures
from chalicelib.ports.errors import Missing, TooLarge
from chalicelib.ports.files import StoredObject, UploadForm

_ABSENT: Final = frozenset({"NoSuchKey", "NoSuchVersion", "404", "NotFound"})
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
        where = self._where(bucket, key)
        if version:
            where["VersionId"] = version
        with temporary_failures("files.read"):
            try:
                answer = self._client().get_object(**where)
            except ClientError as error:
                if error_code(error) in _ABSENT:
                    raise Missing from error
                raise
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
        return self._listed("files.objects", bucket, prefix, since, replaced=False)

    def versions(self, bucket: str, prefix: str, since: datetime) -> Iterator[StoredObject]:
        """Every version under the prefix that was written after ``since``, by key. Raises TemporaryFailure."""
        return self._listed("files.versions", bucket, prefix, since, replaced=True)

    def _listed(
        self, call: str, bucket: str, prefix: str, since: datetime, *, replaced: bool
    ) -> Iterator[StoredObject]:
        pages = self._client().get_paginator("list_object_versions")
        with temporary_failures(call):
            for page in pages.paginate(Bucket=self._name(bucket), Prefix=prefix):
                for found in page.get("Versions", ()):
                    if (replaced or found["IsLatest"]) and found["LastModified"] > since:
                        version = found.get("VersionId", _UNVERSIONED)
                        yield StoredObject(
                            found["Key"],
                            "" if version == _UNVERSIONED else version,
                            found["Size"],
                            found["LastModified"],
                        )

    def upload_form(self, bucket: str, key: str, max_bytes: int, seconds: int) -> UploadForm:
        """A form that accepts one file of at most ``max_bytes`` bytes with exactly this key, for this number of
        seconds.
        """
        form = self._client().generate_presigned_post(
            Bucket=self._name(bucket),
            # The key does not end in "${filename}", so the browser's name for the file is never used.
            Key=key.replace("${filename}", ""),
            Conditions=[["content-length-range", 1, max_bytes]],
            ExpiresIn=seconds,
        )
        return UploadForm(form["url"], form["fields"])

    def download_link(self, bucket: str, key: str, filename: str, seconds: int) -> str:
        """A link, valid for this number of seconds, with which a browser saves the object as ``filename``."""
        parameters = self._where(bucket, key) | {"ResponseContentDisposition": attachment(filename)}
        link: str = self._client().generate_presigned_url("get_object", Params=parameters, ExpiresIn=seconds)
        return link

    def _where(self, bucket: str, key: str) -> dict[str, Any]:
        return {"Bucket": self._name(bucket), "Key": key}


def attachment(filename: str) -> str:
    """The ``Content-Disposition`` that saves a file with this name, whatever characters it contains (RFC 6266)."""
    plain = "".join(letter if letter in _ASCII_NAME else "_" for letter in filename)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe='')}"
