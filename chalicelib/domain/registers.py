"""The effect of a new delivery of the registers on the catalogue: aims that are new, changed, gone or back (QUAL-01).

A delivery may be incomplete: it replaces the parts for which it has a file and leaves the others unchanged. An aim that
is no longer in a register is marked as gone but never deleted, since its achievements may still need correction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from typing import Final, NamedTuple

from chalicelib.domain.aims import Aim, AimKind, AimReference, Register

Part = tuple[AimKind, Register]
"""A part of the catalogue that one file of a register covers completely."""

_COMPARED: Final = tuple(spec.name for spec in fields(Aim) if spec.compare)
_FILLED: Final = tuple(name for name in _COMPARED if name not in {"reference", "kind", "register", "gone_on"})


@dataclass
class Delivery:
    """The content of a set of files."""

    aims: dict[AimReference, Aim] = field(default_factory=dict)
    parts: set[Part] = field(default_factory=set)
    """The parts for which there are files."""
    sharing: set[AimReference] = field(default_factory=set)
    """Units that the files mark as shared or restricted."""
    units: set[tuple[AimReference, AimReference]] = field(default_factory=set)
    """Qualification and a unit in it."""
    states_units: bool = False
    """Whether the files say which units are in which qualification."""
    unreadable: set[AimReference] = field(default_factory=set)
    """Aims that the files list with values that cannot be used; their entries stay as they are."""

    def add(self, part: Part, aims: Iterable[Aim], *, says_sharing: bool) -> None:
        """Add the aims of one file. The first file about an aim applies; later ones supply what it leaves out."""
        self.parts.add(part)
        for aim in aims:
            known = self.aims.get(aim.reference)
            self.aims[aim.reference] = filled(known, aim) if known else aim
            if says_sharing:
                self.sharing.add(aim.reference)


class Change(NamedTuple):
    """An aim whose entry differs from that of the previous version."""

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
    """Aims that were marked as gone and are in the files again."""


def filled(first: Aim, second: Aim) -> Aim:
    """The first aim, with missing values taken from the second."""
    taken = {
        name: value
        for name in _FILLED
        if not getattr(first, name) and (value := getattr(second, name)) and getattr(first, name) != value
    }
    return replace(first, **taken)


def merge(current: Mapping[AimReference, Aim], delivery: Delivery, today: date, *, whole: bool = True) -> Merged:
    """The catalogue after the delivery.

    ``whole``: aims that a delivered part does not list are gone as of ``today``. Otherwise the files are treated as
    selections, and aims that they do not list are not changed.
    """
    after: dict[AimReference, Aim] = dict(current)
    for reference, stated in delivery.aims.items():
        after[reference] = _restated(current.get(reference), stated, says_sharing=reference in delivery.sharing)
    if whole:
        listed = delivery.aims.keys() | delivery.unreadable
        for reference, aim in current.items():
            if reference not in listed and (aim.kind, aim.register) in delivery.parts and aim.gone_on is None:
                after[reference] = replace(aim, gone_on=today)
    if delivery.states_units:
        _share_units(after, delivery, whole=whole)
    return _compared(current, after)


def _restated(before: Aim | None, stated: Aim, *, says_sharing: bool) -> Aim:
    """The delivered aim, with values that the file does not cover kept from before."""
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


def _compared(current: Mapping[AimReference, Aim], after: dict[AimReference, Aim]) -> Merged:
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
    )
