"""The forms of personal learning records: whose, and how it is listed (PLR-01)."""

from __future__ import annotations

from typing import Final

from chalicelib.domain.learner_fields import SUBMITTED
from chalicelib.domain.record_reports import Order, Part
from chalicelib.domain.records import Source
from chalicelib.web.portal.forms import asked, form
from chalicelib.web.portal.parts import Input, Option, Shown
from chalicelib.web.portal.texts import marked as _

_ULN, _GIVEN, _FAMILY = SUBMITTED[:3]

LEARNER: Final = form(
    asked(_ULN, hint=_("10 digits"), autocomplete="off"),
    asked(_GIVEN, autocomplete="off"),
    asked(_FAMILY, autocomplete="off"),
)

PART_WORDS: Final = {Part.ACHIEVEMENT: _("Achievement"), Part.PARTICIPATION: _("Participation")}
ORDER_WORDS: Final = {
    Order.NEWEST: _("Newest first"),
    Order.OLDEST: _("Oldest first"),
    Order.TITLE: _("Qualification"),
    Order.LEVEL: _("Level"),
    Order.AWARDING_ORGANISATION: _("Awarding organisation"),
    Order.PROVIDER: _("School or provider"),
}
SOURCE_WORDS: Final = {
    Source.AWARDING_ORGANISATION: _("Awarding organisation"),
    Source.UNIT_CREDIT: _("Awarding organisation, for a unit"),
    Source.SCHOOL_DATA: _("School data"),
    Source.FUNDING_RETURN: _("Funding return"),
}


def listing(part: Part | None, order: Order) -> list[Shown]:
    """What is listed and in which order, as it is now."""
    parts = [Option("", _("All events")), *(Option(one.value, text) for one, text in PART_WORDS.items())]
    orders = [Option(one.value, text) for one, text in ORDER_WORDS.items()]
    return [
        Shown(name="part", label=_("Show"), kind=Input.LIST, value=part or "", options=parts),
        Shown(name="sort", label=_("Sort by"), kind=Input.LIST, value=order, options=orders),
    ]
