"""Versions on the wire: ``ETag`` with an answer, ``If-Match`` with a change, ``If-None-Match`` with a look.

The tag of a resource is its revision in quotation marks. A caller that sends it with a change has the change refused
when somebody else was there first; one that sends none has it applied to whatever stands.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from chalicelib.domain.failures import failure
from chalicelib.web.http.problems import PRECONDITION_REQUIRED, Problem
from chalicelib.web.http.requests import Malformed

_TAG = r'(?:W/)?"[\x21\x23-\x7e]*"'
_TAGS = re.compile(rf"\s*{_TAG}(?:\s*,\s*{_TAG})*\s*")
_REVISION = re.compile(r'(?<!\S)"([1-9][0-9]{0,8})"')


def etag(revision: int) -> Mapping[str, str]:
    """The header that tells a resource's revision."""
    return {"ETag": f'"{revision}"'}


def expected_revisions(if_match: str | None) -> frozenset[int] | None:
    """The revisions of which a change must find one; None where any will do (no header, or ``*``).

    Weak tags never match (RFC 9110 13.1.1), nor do tags that are none of ours. Raises Malformed for what is no list of
    tags.
    """
    if if_match is None or if_match.strip() == "*":
        return None
    if not _TAGS.fullmatch(if_match):
        raise Malformed(failure("LRS-REQ-6", "If-Match", allowed="* or entity tags in quotation marks"))
    return frozenset(int(found) for found in _REVISION.findall(if_match.replace(",", " ")))


def named_revision(if_match: str | None) -> int:
    """The one revision that a change must name; 0, which none has, for a tag that is none of ours.

    Raises Problem 428 (LRS-REQ-15) where there is no header, or ``*``, and Malformed for what is not one tag.
    """
    if if_match is None or if_match.strip() == "*":
        raise Problem(PRECONDITION_REQUIRED, failure("LRS-REQ-15", "If-Match"))
    if not re.fullmatch(rf"\s*{_TAG}\s*", if_match):
        raise Malformed(failure("LRS-REQ-6", "If-Match", allowed="one entity tag in quotation marks"))
    found = _REVISION.fullmatch(if_match.strip())
    return int(found[1]) if found else 0


def held_tags(if_none_match: str | None) -> tuple[str, ...]:
    """The tags, in quotation marks, that a caller says it holds; none where the header is no list of tags.

    Weak and strong tags are the same here (RFC 9110 13.1.2).
    """
    if if_none_match is None or not _TAGS.fullmatch(if_none_match):
        return ()
    return tuple(re.findall(r'"[^"]*"', if_none_match))


def is_held(tag: str, if_none_match: str | None) -> bool:
    """Whether the caller holds the version of this tag, so that the answer is 304."""
    return (if_none_match or "").strip() == "*" or tag in held_tags(if_none_match)
