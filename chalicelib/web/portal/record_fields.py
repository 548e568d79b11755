"""The forms of personal learning records: whose, lists, reports, problems, availability (PLR-01 to PLR-06)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, Protocol

from chalicelib.domain.availability import AVAILABILITY, CONTACT_TYPE, REASON
from chalicelib.domain.challenges import CONTACT, EVENT_FIELDS, PROBLEMS, SUPPLIED, TYPE, ChallengeKind
from chalicelib.domain.codes import NOT_KNOWN, ChallengeType
from chalicelib.domain.fields import Field, Kind, named
from chalicelib.domain.learner_fields import SUBMITTED
from chalicelib.domain.record_reports import FIRST_DAY, LAST_DAY, ORDER, SHOWN, Order, Part
from chalicelib.domain.record_reports import LEARNER as LEARNER_PART
from chalicelib.domain.records import AvailabilityState, LearningEvent, Source
from chalicelib.formats.words.texts import Text
from chalicelib.web.portal.forms import Form, asked, form
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


_SHOWN: Final = (
    (LEARNER_PART, _("The learner’s details")),
    *((part.value, text) for part, text in PART_WORDS.items()),
)

REPORT: Final = form(
    asked(
        SHOWN,
        label=_("What to show"),
        kind=Input.MANY,
        options=tuple(Option(value, text) for value, text in _SHOWN),
    ),
    asked(
        ORDER,
        label=_("Order"),
        kind=Input.ONE,
        is_optional=False,
        options=tuple(Option(order.value, text) for order, text in ORDER_WORDS.items()),
    ),
    asked(FIRST_DAY, label=_("From"), hint=_("Leave it out to begin with the oldest event. For example, 1 9 2023")),
    asked(LAST_DAY, label=_("To"), hint=_("Leave it out to end with the newest event")),
)


def listing(part: Part | None, order: Order) -> list[Shown]:
    """What is listed and in which order, as it is now."""
    parts = [Option("", _("All events")), *(Option(one.value, text) for one, text in PART_WORDS.items())]
    orders = [Option(one.value, text) for one, text in ORDER_WORDS.items()]
    return [
        Shown(name="part", label=_("Show"), kind=Input.LIST, value=part or "", options=parts),
        Shown(name="sort", label=_("Sort by"), kind=Input.LIST, value=order, options=orders),
    ]


# --- Problems with events --------------------------------------------------------------------------------------------

SUPPLIED_NAMES: Final = ("achieved_grade", "achieved_date", "end_date")
"""The details that a problem with an event can be about."""
OTHER_EVENT: Final = Field("other_event", Kind.CODE, 20, "The event to compare it with.", wire=EVENT_FIELDS[1])
_KINDS: Final = tuple(
    Option(kind.value, Text(problem.problem), Text(problem.enquiry))
    for kind, problem in PROBLEMS.items()
    if problem.kind is ChallengeKind.EVENT
)
_NAME, _TELEPHONE, _EMAIL, _TEXT = CONTACT


class EventTitle(Protocol):
    """An event and how people call it."""

    @property
    def event(self) -> LearningEvent: ...
    @property
    def title(self) -> str: ...


def problem_form(others: Sequence[EventTitle]) -> Form:
    """The form of a problem with an event; ``others`` are those with which it can be compared."""
    grade, day, end = named(SUPPLIED, *SUPPLIED_NAMES)
    options = [Option("", _("None")), *(Option(str(one.event.id), one.title) for one in others)]
    return form(
        asked(TYPE, label=_("The problem"), kind=Input.ONE, options=_KINDS),
        asked(grade, label=_("The right grade"), hint=_("If the grade is wrong")),
        asked(day, label=_("The right award date"), hint=_("If the award date is wrong. For example, 21 8 2025")),
        asked(end, label=_("The right end date"), hint=_("If the end date is wrong. For example, 27 6 2025")),
        asked(
            OTHER_EVENT,
            label=_("The other event"),
            hint=_("If the qualification appears more than once"),
            kind=Input.LIST,
            options=options,
        ),
        asked(_TEXT, label=_("What else we should know"), hint=_("Do not give details of other people")),
        asked(_NAME, label=_("Who the service desk can contact"), autocomplete="name"),
        asked(_EMAIL, label=_("Email address"), hint=_("Give this or a telephone number"), autocomplete="email"),
        asked(_TELEPHONE, label=_("Telephone number"), autocomplete="tel"),
    )


PROBLEM: Final = problem_form(())
PROBLEM_CHOICE: Final = Form(tuple(one for one in PROBLEM.asked if one.name == TYPE.name))


def details_form(kind: ChallengeType, others: Sequence[EventTitle]) -> Form:
    """What is asked about a problem of this kind, once it is chosen."""
    needed = (*PROBLEMS[kind].needs_one_of, *((OTHER_EVENT.name,) if kind is ChallengeType.EVENT_DUPLICATE else ()))
    left_out = {TYPE.name, *SUPPLIED_NAMES, OTHER_EVENT.name} - set(needed)
    may_be_empty = () if PROBLEMS[kind].needs_information else (_TEXT.name,)
    asks = (one for one in problem_form(others).asked if one.name not in left_out)
    return Form(tuple(replace(one, is_optional=one.name in may_be_empty) for one in asks))


# --- Availability ----------------------------------------------------------------------------------------------------

_MEANINGS: Final = {
    AvailabilityState.AVAILABLE: (
        _("Make it available"),
        _("Organisations that know the learner’s ULN and names can see the whole record."),
    ),
    AvailabilityState.OPTED_OUT: (
        _("Make it unavailable"),
        _("Each organisation sees only the events that it submitted itself, and not the learner’s details."),
    ),
}
CONTACT_WORDS: Final = {
    "FTF": _("Face to face"),
    "TEL": _("By telephone"),
    "PST": _("By post"),
    "WEB": _("On a website"),
    "EML": _("By email"),
    NOT_KNOWN: _("Not known"),
}
AVAILABILITY_FORM: Final = form(
    asked(
        AVAILABILITY,
        label=_("What the learner wants"),
        kind=Input.ONE,
        options=tuple(Option(state.value, *words) for state, words in _MEANINGS.items()),
    ),
    asked(
        CONTACT_TYPE,
        label=_("How the learner asked for it"),
        kind=Input.ONE,
        options=tuple(Option(value, text) for value, text in CONTACT_WORDS.items()),
    ),
    asked(REASON, label=_("The learner’s reason"), hint=_("In the learner’s words, if one was given")),
)

NOTHING_TO_ENTER: Final = form()
"""The form of a page on which something is confirmed."""
