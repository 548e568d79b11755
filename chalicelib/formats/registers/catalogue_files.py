"""The snapshot of the catalogue: every aim and provider of one version, in one compressed file.

Every function that decides on achievements reads it when it starts, so it is designed for fast reading: 60,000 aims are
ready in less than 150 ms. Lines are kept as text, and an aim is made from its line when it is first needed.

The file is gzip over UTF-8 text. The first line is a JSON object with the version and the numbers of lines in each
part, the second a JSON list of tables (lists of the values that many aims have in common); then come the parts, one
line for each entry: references of the aims in order, the aims as JSON lists without their reference, UKPRNs of the
providers in order, the providers, the awarding bodies.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import date
from itertools import pairwise
from typing import Any, Final, TypeVar

from chalicelib.domain.aims import Aim, AimKind, AimReference, AimSummary, AwardingBody, Provider, Register

FORMAT: Final = 1

_VERSION_DIGITS: Final = 16

_LEVEL: Final = 6
"""The compression level; higher ones save almost nothing and take seconds."""

_TABLES: Final = ("bodies", "grades", "level", "type", "ssa", "grading_type", "status")


_Entry = TypeVar("_Entry")


class UnreadableSnapshot(ValueError):
    """The bytes are not a snapshot, or its format is unknown."""


class SnapshotCatalogue:
    """A catalogue read from its snapshot; it implements ``domain.achievements.Catalogue``."""

    def __init__(
        self,
        version: str,
        tables: Sequence[list[Any]],
        aims: dict[str, str],
        providers: dict[str, str],
        bodies: Sequence[str],
    ) -> None:
        self.version = version
        self._tables = tables
        self._lines = aims
        self._providers = providers
        self._bodies = bodies
        self._made: dict[str, Aim] = {}
        self._known: dict[str, Provider] = {}
        self._owner_sets: dict[tuple[int, ...], frozenset[str]] = {}

    def aim(self, reference: AimReference) -> Aim | None:
        """The aim with this reference in its normal form, or None."""
        made = self._made.get(reference)
        if made is None:
            line = self._lines.get(reference)
            if line is None:
                return None
            made = self._made[reference] = self._make(reference, line)
        return made

    def summary(self, reference: AimReference) -> AimSummary | None:
        """The part of an aim that a record shows, or None; nothing of it is kept."""
        line = self._lines.get(reference)
        if line is None:
            return None
        values, _ = _DECODER.raw_decode(line)
        level, of_type = values[8], values[9]
        _, _, levels, types, *_ = self._tables
        return AimSummary(values[0], _KINDS[values[1]], values[11], levels[level], types[of_type])

    def is_provider(self, ukprn: str) -> bool:
        """Whether the UK register of learning providers has this UKPRN."""
        return ukprn in self._providers

    def provider(self, ukprn: str) -> Provider | None:
        """The provider with this UKPRN, or None."""
        known = self._known.get(ukprn)
        if known is None:
            line = self._providers.get(ukprn)
            if line is None:
                return None
            known = self._known[ukprn] = Provider(ukprn, *json.loads(line))
        return known

    def references(self) -> Collection[str]:
        """Every reference, in order."""
        return self._lines.keys()

    def aims(self) -> Iterator[Aim]:
        """Every aim, in order of reference."""
        for reference, line in self._lines.items():
            yield self._made.get(reference) or self._make(reference, line)

    def providers(self) -> Iterator[Provider]:
        """Every provider, in order of UKPRN."""
        for ukprn, line in self._providers.items():
            yield Provider(ukprn, *json.loads(line))

    def awarding_bodies(self) -> Iterator[AwardingBody]:
        """Every awarding body, in order of recognition number."""
        return (AwardingBody(*json.loads(line)) for line in self._bodies)

    def _make(self, reference: str, line: str) -> Aim:
        bodies, grades, levels, types, areas, gradings, states = self._tables
        (
            title, kind, owners, shared, shared_with, first, last, graded, level, of_type, area, credit, glh,
            grading, status, register, gone,
        ) = json.loads(line)  # fmt: skip
        return Aim(
            reference=AimReference(reference),
            title=title,
            kind=_KINDS[kind],
            owners=self._owners(bodies, owners),
            shared=shared == 1,
            shared_with=self._owners(bodies, shared_with),
            first_award=_date(first),
            last_award=_date(last),
            grades=tuple(grades[graded]),
            level=levels[level],
            type=types[of_type],
            ssa=areas[area],
            credits=credit,
            glh=glh,
            grading_type=gradings[grading],
            status=states[status],
            register=_REGISTERS[register],
            gone_on=_date(gone),
        )

    def _owners(self, bodies: list[str], numbers: list[int]) -> frozenset[str]:
        """One shared set for all aims with the same owners: there are a few hundred sets."""
        key = tuple(numbers)
        owners = self._owner_sets.get(key)
        if owners is None:
            owners = self._owner_sets[key] = frozenset(bodies[number] for number in key)
        return owners


_DECODER: Final = json.JSONDecoder()
_KINDS: Final = tuple(AimKind)
_REGISTERS: Final = tuple(Register)


class _Table:
    """Numbers for values, in order of first appearance."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self._numbers: dict[Any, int] = {}

    def number(self, value: Any) -> int:
        number = self._numbers.get(value)
        if number is None:
            number = self._numbers[value] = len(self.values)
            self.values.append(value)
        return number


def write_snapshot(
    aims: Iterable[Aim], providers: Iterable[Provider], organisations: Iterable[AwardingBody], version: str
) -> bytes:
    """The snapshot of these; the same contents and version give the same bytes. Raises ValueError for a duplicate
    key.
    """
    counts, body = _body(aims, providers, organisations)
    return _compressed(counts, body, version)


def versioned_snapshot(
    aims: Iterable[Aim], providers: Iterable[Provider], organisations: Iterable[AwardingBody]
) -> tuple[str, bytes]:
    """The snapshot of these and its version, which is a digest of the contents."""
    counts, body = _body(aims, providers, organisations)
    version = hashlib.sha256(body.encode()).hexdigest()[:_VERSION_DIGITS]
    return version, _compressed(counts, body, version)


def read_snapshot(data: bytes) -> SnapshotCatalogue:
    """The catalogue that :func:`write_snapshot` wrote. Raises :class:`UnreadableSnapshot`."""
    try:
        lines = gzip.decompress(data).decode().split("\n")
        head, tables = json.loads(lines[0]), json.loads(lines[1])
        form, aims, providers, bodies = (head[part] for part in ("format", "aims", "providers", "awarding_bodies"))
    except (OSError, EOFError, ValueError, KeyError, IndexError, TypeError) as error:
        raise UnreadableSnapshot("not a snapshot of the catalogue") from error
    if form != FORMAT:
        raise UnreadableSnapshot(f"unknown format {form}")
    if len(lines) != 2 + 2 * aims + 2 * providers + bodies:
        raise UnreadableSnapshot("the snapshot is incomplete")
    start = 2 + 2 * aims
    return SnapshotCatalogue(
        head["version"],
        tables,
        dict(zip(lines[2 : 2 + aims], lines[2 + aims : start], strict=True)),
        dict(zip(lines[start : start + providers], lines[start + providers : start + 2 * providers], strict=True)),
        lines[start + 2 * providers :],
    )


def _body(
    aims: Iterable[Aim], providers: Iterable[Provider], organisations: Iterable[AwardingBody]
) -> tuple[dict[str, int], str]:
    """The number of lines in each part, and everything after the first line."""
    tables = {name: _Table() for name in _TABLES}
    of_aims = _unique(aims, lambda aim: aim.reference)
    of_providers = _unique(providers, lambda provider: provider.ukprn)
    of_bodies = _unique(organisations, lambda body: body.recognition_number)
    lines = [_compact(_values(aim, tables)) for aim in of_aims]
    parts = [
        _compact([tables[name].values for name in _TABLES]),
        *(aim.reference for aim in of_aims),
        *lines,
        *(provider.ukprn for provider in of_providers),
        *(_compact(provider[1:]) for provider in of_providers),
        *(_compact(body) for body in of_bodies),
    ]
    counts = {"aims": len(of_aims), "providers": len(of_providers), "awarding_bodies": len(of_bodies)}
    return counts, "\n".join(parts)


def _compressed(counts: dict[str, int], body: str, version: str) -> bytes:
    head = _compact({"format": FORMAT, "version": version, **counts})
    return gzip.compress(f"{head}\n{body}".encode(), _LEVEL, mtime=0)


def _values(aim: Aim, tables: dict[str, _Table]) -> list[Any]:
    bodies = tables["bodies"]
    return [
        aim.title,
        _KINDS.index(aim.kind),
        [bodies.number(owner) for owner in sorted(aim.owners)],
        int(aim.shared),
        [bodies.number(body) for body in sorted(aim.shared_with)],
        _text(aim.first_award),
        _text(aim.last_award),
        tables["grades"].number(aim.grades),
        tables["level"].number(aim.level),
        tables["type"].number(aim.type),
        tables["ssa"].number(aim.ssa),
        aim.credits,
        aim.glh,
        tables["grading_type"].number(aim.grading_type),
        tables["status"].number(aim.status),
        _REGISTERS.index(aim.register),
        _text(aim.gone_on),
    ]


def _unique(entries: Iterable[_Entry], key: Callable[[_Entry], str]) -> list[_Entry]:
    ordered = sorted(entries, key=key)
    for earlier, later in pairwise(ordered):
        if key(earlier) == key(later):
            raise ValueError(f"duplicate in the catalogue: {key(later)}")
    return ordered


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _text(day: date | None) -> str:
    return day.isoformat() if day else ""


def _date(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
