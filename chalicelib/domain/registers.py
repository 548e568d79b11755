"""What a new delivery of the registers makes of the catalogue: aims that are new, changed, gone or back (QUAL-01).

A delivery need not be whole: it settles the parts that it has a file for and leaves the others as they are. An aim
that a register no longer has is marked as gone, never deleted, since achievements on it must still be open to
correction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from typing import Final, NamedTuple

from chalicelib.domain.aims import Aim, AimKind, AimReference, Register

Part = tuple[AimKind, Register]
"""A part of the catalogue that one file of a register states whole."""

_COMPARED: Final = tuple(spec.name for spec in fields(Aim) if spec.compare)
_FILLED: Final = tuple(name for name in _COMPARED if name not in {"reference", "kind", "register", "gone_on"})


@dataclass
class Delivery:
    """What a set of files says."""

    aims: dict[AimReference, Aim] = field(default_factory=dict)
    parts: set[Part] = field(default_factory=set)
    """Those that the files state."""
    sharing: set[AimReference] = field(default_factory=set)
    """Units whose mark as shared or restricted the files state."""
    units: set[tuple[AimReference, AimReference]] = field(default_factory=set)
    """Qualification and a unit in it."""
    states_units: bool = False
    """Whether the files state which units stand in which qualification."""

    def add(self, part: Part, aims: Iterable[Aim], *, says_sharing: bool) -> None:
        """Take the aims of one file. What an earlier file says of an aim holds; a later one fills what it left open."""
        self.parts.add(part)
        for aim in aims:
            known = self.aims.get(aim.reference)
            self.aims[aim.reference] = filled(known, aim) if known else aim
            if says_sharing:
                self.sharing.add(aim.reference)


class Change(NamedTuple):
    """An aim whose entry differs from that of the version before."""

    reference: AimReference
    fields: tuple[str, ...]


@dataclass(frozen=True)
class Merged:
    """The catalogue after a delivery."""

    aims: dict[AimReference, Aim]
    new: tuple[AimReference, ...]
    changed: tuple[Change, ...]
    gone: tuple[AimReference, ...]
    back: tuple[AimReference, ...]
    """Marked as gone before, and stated again."""
    lost: float
    """The largest share of a part's standing aims that has gone with this delivery; 0 to 1."""


def filled(first: Aim, second: Aim) -> Aim:
    """The first aim, with what it leaves open taken from the second."""
    taken = {
        name: value
        for name in _FILLED
        if not getattr(first, name) and (value := getattr(second, name)) and getattr(first, name) != value
    }
    return replace(first, **taken)


def merge(current: Mapping[AimReference, Aim], delivery: Delivery, today: date, *, whole: bool = True) -> Merged:
    """The catalogue that the delivery makes of the current one.

    ``whole``: what a stated part does not list has gone on ``today``. Otherwise the files are taken for selections,
    and what they do not list stays as it is.
    """
    after: dict[AimReference, Aim] = dict(current)
    for reference, stated in delivery.aims.items():
        after[reference] = _restated(current.get(reference), stated, says_sharing=reference in delivery.sharing)
    if whole:
        for reference, aim in current.items():
            if reference not in delivery.aims and (aim.kind, aim.register) in delivery.parts and aim.gone_on is None:
                after[reference] = replace(aim, gone_on=today)
    if delivery.states_units:
        _share_units(after, delivery, whole=whole)
    return _compared(current, after, delivery)


def _restated(before: Aim | None, stated: Aim, *, says_sharing: bool) -> Aim:
    """The stated aim, with what the file does not speak of kept from before."""
    if before is None:
        return stated
    if stated.register is Register.QIW and before.register is Register.OFQUAL:
        return replace(filled(before, stated), gone_on=None)
    return replace(
        stated, shared=stated.shared if says_sharing else before.shared, shared_with=before.shared_with, gone_on=None
    )


def _share_units(aims: dict[AimReference, Aim], delivery: Delivery, *, whole: bool) -> None:
    """A unit in another organisation's qualification may be awarded by that organisation as well."""
    sharers: dict[AimReference, set[str]] = {}
    for qualification, unit in delivery.units:
        if qualification in aims and unit in aims:
            sharers.setdefault(unit, set()).update(aims[qualification].owners)
    for reference, aim in list(aims.items()):
        if aim.kind is AimKind.UNIT:
            stated = frozenset(sharers.get(reference, ())) - aim.owners
            shared_with = stated if whole else stated | aim.shared_with
            if shared_with != aim.shared_with:
                aims[reference] = replace(aim, shared_with=shared_with)


def _compared(current: Mapping[AimReference, Aim], after: dict[AimReference, Aim], delivery: Delivery) -> Merged:
    changed: list[Change] = []
    gone: list[AimReference] = []
    back: list[AimReference] = []
    for reference, before in current.items():
        now = after[reference]
        if now == before:
            continue
        if now.gone_on and not before.gone_on:
            gone.append(reference)
        elif before.gone_on and not now.gone_on:
            back.append(reference)
        else:
            names = tuple(name for name in _COMPARED if getattr(before, name) != getattr(now, name))
            changed.append(Change(reference, names))
    return Merged(
        after,
        tuple(sorted(reference for reference in after if reference not in current)),
        tuple(sorted(changed)),
        tuple(sorted(gone)),
        tuple(sorted(back)),
        max((_lost(part, current, gone) for part in delivery.parts), default=0.0),
    )


def _lost(part: Part, current: Mapping[AimReference, Aim], gone: Iterable[AimReference]) -> float:
    standing = sum((aim.kind, aim.register) == part and aim.gone_on is None for aim in current.values())
    lost = sum((current[reference].kind, current[reference].register) == part for reference in gone)
    return lost / standing if standing else 0.0
