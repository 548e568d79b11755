"""Versions on the wire: ``ETag`` in a response, ``If-Match`` with a change, ``If-None-Match`` with a read.

The tag of a resource is its revision in quotation marks. If a caller sends it with a change, the change is refused if
somebody else has changed the resource since; without it, the change is applied to the current version.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from chalicelib.domain.failures import failure
from chalicelib.web.http.bodies import Malformed
from chalicelib.web.http.problems import PRECONDITION_REQUIRED, Problem

_TAG = r'(?:W/)?"[\x21\x23-\x7e]*"'
_TAGS = re.compile(rf"\s*{_TAG}(?:\s*,\s*{_TAG})*\s*")
_REVISION = re.compile(r'(?<!\S)"([1-9][0-9]{0,8})"')


def etag(revision: int) -> Mapping[str, str]:
    """The header with a resource's revision."""
    return {"ETag": f'"{revision}"'}


def expected_revisions(if_match: str | None) -> frozenset[int] | None:
    """The revisions that a change accepts; None if it accepts any (no header, or ``*``).

    Weak tags never match (RFC 9110 13.1.1), nor do tags that are not ours. Raises Malformed for anything but a list of
    tags.
    """
    if if_match is None or if_match.strip() == "*":
        return None
    if not _TAGS.fullmatch(if_match):
        raise Malformed(failure("LRS-REQ-6", "If-Match", allowed="* or entity tags in quotation marks"))
    return frozenset(int(found) for found in _REVISION.findall(if_match.replace(",", " ")))


def named_revision(if_match: str | None) -> int:
    """The one revision that a change must name; 0, which does not exist, for a tag that is not ours.

    Raises Problem 428 (LRS-REQ-15) for no header or ``*``, and Malformed for anything but one tag.
    """
    if if_match is None or if_match.strip() == "*":
        raise Problem(PRECONDITION_REQUIRED, failure("LRS-REQ-15", "If-Match"))
    if not re.fullmatch(rf"\s*{_TAG}\s*", if_match):
        raise Malformed(failure("LRS-REQ-6", "If-Match", allowed="one entity tag in quotation marks"))
    found = _REVISION.fullmatch(if_match.strip())
    return int(found[1]) if found else 0


def held_tags(if_none_match: str | None) -> tuple[str, ...]:
    """The tags, in quotation marks, of the versions that a caller holds; empty if the header is not a list of tags.

    Weak and strong tags are the same here (RFC 9110 13.1.2).
    """
    if if_none_match is None or not _TAGS.fullmatch(if_none_match):
        return ()
    return tuple(re.findall(r'"[^"]*"', if_none_match))


def is_held(tag: str, if_none_match: str | None) -> bool:
    """Whether the caller holds the version with this tag, so that the response is 304."""
    if not tag:
        return False
    return (if_none_match or "").strip() == "*" or tag.removeprefix("W/") in held_tags(if_none_match)
