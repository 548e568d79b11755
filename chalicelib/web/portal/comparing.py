"""Two learners side by side, as pages show them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from chalicelib.domain.comparisons import Agreement, Compared, Value
from chalicelib.domain.fields import Field
from chalicelib.formats.words.messages import how_text
from chalicelib.web.portal import statuses
from chalicelib.web.portal.forms import meaning
from chalicelib.web.portal.learner_fields import label


class ComparedRow(NamedTuple):
    """A row of the table; see ``macros/learners.html.jinja``."""

    label: str
    one: str | date
    other: str | date
    status: statuses.Shown
    how: str
    is_same: bool


def rows_of(compared: Iterable[Compared]) -> list[ComparedRow]:
    """The rows of a comparison; what only one has comes last."""
    both = sorted(compared, key=lambda one: one.agreement is Agreement.ONE_SIDED)
    return [
        ComparedRow(
            label(one.field),
            value_of(one.field, one.one),
            value_of(one.field, one.other),
            statuses.shown(one.agreement),
            how_text(one.how) if one.how else "",
            one.agreement is Agreement.SAME,
        )
        for one in both
    ]


def value_of(field: Field, value: Value) -> str | date:
    """A detail for people: of a code what it means."""
    if field.codes is not None and isinstance(value, str):
        return meaning(field.codes, value)
    return value or ""
