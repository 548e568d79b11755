"""Forms with files (``multipart/form-data``, RFC 7578), as browsers send them.

The parts are cut at their delimiter and nowhere else, so a file comes out byte for byte. Whatever no browser sends is
refused as a whole. Python's ``email`` would read it too, but forgives nearly everything, and copies a file several
times.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple
from urllib.parse import unquote

from chalicelib.domain.failures import failure
from chalicelib.web.http.bodies import BodyTooLarge, Malformed, readable_text

MULTIPART: Final = "multipart/form-data"
"""Bodies of this type must reach the function as they are: a gateway takes any other for UTF-8."""
_BOUNDARY: Final = re.compile(r'multipart/form-data\s*;\s*boundary="?([\x21\x23-\x2b\x2d-\x3a\x3c-\x7e]{1,70})"?')
_DISPOSITION: Final = re.compile(r'form-data; name="([^"\r\n]*)"(?:; filename="([^"\r\n]*)")?')
_LONGEST_HEAD: Final = 4_096
_LONGEST_NAME: Final = 255
_LINE: Final = b"\r\n"
_NOT_SHOWN: Final = re.compile(r"[\x00-\x1f\x7f]")


class UploadedFile(NamedTuple):
    """A file that was chosen in a form."""

    name: str
    """Without folders; the browser's, so anybody's text."""
    data: bytes


class FilledForm(NamedTuple):
    """What was entered, by the names of the controls."""

    texts: dict[str, list[str]]
    files: dict[str, list[UploadedFile]]
    """Without the controls in which no file was chosen."""


def is_multipart(media_type: str) -> bool:
    """Whether a Content-Type header says that there may be files."""
    return media_type.partition(";")[0].strip().lower() == MULTIPART


def read_multipart(raw: bytes, media_type: str, limit: int, most: int) -> FilledForm:
    """The content of a form with at most ``most`` parts. Raises BodyTooLarge, and Malformed for what no browser
    sends.
    """
    if len(raw) > limit:
        raise BodyTooLarge(failure("LRS-REQ-8", limit=limit))
    found = _BOUNDARY.fullmatch(media_type.strip())
    if found is None:
        raise _malformed()
    form = FilledForm({}, {})
    for number, (head, content) in enumerate(_parts(raw, b"--" + found[1].encode())):
        if number >= most:
            raise _malformed()
        name, filename = _names(head)
        if filename is None:
            form.texts.setdefault(name, []).append(readable_text(content))
        elif filename or content:
            form.files.setdefault(name, []).append(UploadedFile(_without_folders(filename), content))
    return form


def _parts(raw: bytes, delimiter: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The head and the content of each part."""
    before, *parts = (_LINE + raw).split(_LINE + delimiter)
    end = parts.pop() if parts else b""
    if before or end.rstrip(_LINE) != b"--":
        raise _malformed()
    for part in parts:
        head, blank, content = part.partition(_LINE * 2)
        if not head.startswith(_LINE) or not blank or len(head) > _LONGEST_HEAD:
            raise _malformed()
        yield head, content


def _names(head: bytes) -> tuple[str, str | None]:
    """The name of the control, and of the file if it is one."""
    for line in readable_text(head).split("\r\n"):
        name, _, value = line.partition(":")
        if name.strip().lower() == "content-disposition":
            found = _DISPOSITION.fullmatch(value.strip())
            if found:
                return _unescaped(found[1]), None if found[2] is None else _unescaped(found[2])
    raise _malformed()


def _unescaped(name: str) -> str:
    """A name without the escapes of HTML's form submission: quotation mark and line ends, and nothing else."""
    return re.sub(r"%(?:22|0D|0A)", lambda one: unquote(one[0]), name)


def _without_folders(name: str) -> str:
    return _NOT_SHOWN.sub("", re.split(r"[\\/]", name)[-1])[-_LONGEST_NAME:]


def _malformed() -> Malformed:
    return Malformed(failure("WSEC0001"))
