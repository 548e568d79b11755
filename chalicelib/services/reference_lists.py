"""The operator's own reference lists, for administrators: compare with the list in force, use, go back (VLD-02).

A list is first kept beside the one in force, checked, and compared with it. It is put in force only where the list that
it was compared with still is. Functions read the lists when they start, so those already running keep what they have.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from datetime import UTC, datetime
from typing import Final, NamedTuple

from chalicelib.domain.callers import Caller
from chalicelib.domain.failures import failure
from chalicelib.domain.looks import LookAction
from chalicelib.domain.refusals import Refused
from chalicelib.ports.errors import Missing
from chalicelib.ports.files import Files
from chalicelib.reference.lists import packaged_source
from chalicelib.services.imports.operator_lists import BUCKET, LISTS, check_list, text_of
from chalicelib.services.looks import Looks, list_subject

MOST_BYTES: Final = 500_000
_PROPOSED: Final = "proposed/"
_TYPE: Final = "text/plain; charset=utf-8"
_EVER: Final = datetime(2000, 1, 1, tzinfo=UTC)
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
PACKAGED: Final = "packaged"
"""The version of the list that comes with the service."""


class InForce(NamedTuple):
    """A list, and since when its present version is in force; without a time, it is the packaged one."""

    name: str
    version: str
    since: datetime | None


class Version(NamedTuple):
    """A version of a list that is or was in force."""

    version: str
    since: datetime


class Comparison(NamedTuple):
    """What another list would change."""

    name: str
    added: tuple[str, ...]
    removed: tuple[str, ...]
    entries: int
    """Of the other list."""
    base: str
    """The version that it was compared with."""


class ReferenceLists:
    """The operator's lists in the catalogue bucket, under a prefix."""

    def __init__(self, files: Files, looks: Looks, prefix: str) -> None:
        self._files = files
        self._looks = looks
        self._prefix = prefix

    def all(self) -> list[InForce]:
        """Every list, with what is in force."""
        found = {one.key.removeprefix(self._prefix): one for one in self._files.objects(BUCKET, self._prefix, _EVER)}
        return [
            InForce(name, found[name].version, found[name].modified) if name in found else InForce(name, PACKAGED, None)
            for name in LISTS
        ]

    def versions(self, name: str) -> list[Version]:
        """The versions of a list that were stored, newest first. Raises Refused (``LRS-LIST-1``)."""
        self._require(name)
        key = self._prefix + name
        held = [one for one in self._files.versions(BUCKET, key).items if one.key == key]
        return [Version(one.version, one.modified) for one in sorted(held, key=lambda one: one.modified, reverse=True)]

    def propose(self, name: str, data: bytes) -> str:
        """Check a list and keep it; returns its digest. Raises Refused (``LRS-LIST-1``, ``LRS-LIST-2``)."""
        self._require(name)
        try:
            check_list(name, data)
        except ValueError as wrong:
            raise Refused(failure("LRS-LIST-2", "List", reason=str(wrong))) from None
        digest = hashlib.sha256(data).hexdigest()
        self._files.write_if_absent(BUCKET, self._key_of(name, digest), data, _TYPE)
        return digest

    def compare(self, name: str, other: str) -> Comparison:
        """A proposed list, by its digest, or an earlier version, with the list in force. Raises Refused."""
        base = self._current(name)
        now, new = _entries(self._text(name, base)), _entries(self._text(name, other))
        return Comparison(
            name, tuple(sorted((new - now).elements())), tuple(sorted((now - new).elements())), new.total(), base
        )

    def download(self, caller: Caller, name: str, version: str) -> str:
        """A version as it was uploaded, or as it comes with the service. Raises Refused (``LRS-LIST-1``)."""
        self._require(name)
        text = self._text(name, version)
        self._looks.at(caller, LookAction.LIST_DOWNLOADED, list_subject(name), version=version)
        return text

    def put_in_force(self, caller: Caller, name: str, other: str, base: str) -> None:
        """Use that list from now on. Raises Refused: ``LRS-REQ-13`` if ``base`` is no longer in force."""
        text = self._text(name, other)
        now = self._current(name)
        if self._text(name, now) == text:
            return
        if now != base:
            raise Refused(failure("LRS-REQ-13"))
        data = text.encode()
        digest = hashlib.sha256(data).hexdigest()
        self._looks.at(caller, LookAction.LIST_CHANGED, list_subject(name), digest=digest, before=base)
        self._files.write(BUCKET, self._prefix + name, data, _TYPE)

    def _current(self, name: str) -> str:
        self._require(name)
        return next(one.version for one in self.all() if one.name == name)

    def _text(self, name: str, version: str) -> str:
        """The text of a version, or of a proposed list. Raises Refused (``LRS-LIST-1``)."""
        if version == PACKAGED:
            return packaged_source(LISTS[name])
        is_proposed = _DIGEST.fullmatch(version) is not None
        if not is_proposed and all(one.version != version for one in self.versions(name)):
            raise Refused(failure("LRS-LIST-1"))
        place = (self._key_of(name, version), "") if is_proposed else (self._prefix + name, version)
        try:
            return text_of(name, self._files.read(BUCKET, *place))
        except Missing:
            raise Refused(failure("LRS-LIST-1")) from None

    def _key_of(self, name: str, digest: str) -> str:
        return f"{self._prefix}{_PROPOSED}{name}/{digest}"

    def _require(self, name: str) -> None:
        if name not in LISTS:
            raise Refused(failure("LRS-LIST-1"))


def _entries(text: str) -> Counter[str]:
    """The lines that say something."""
    return Counter(line for one in text.splitlines() if (line := one.partition("#")[0].strip()))
