"""The forms about single learners: to verify, find, register and change them (ULN-01 to ULN-04, VLD-01)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from chalicelib.domain.fields import MIS_IDENTIFIER, Field
from chalicelib.domain.learner_fields import CRITERIA, DETAIL, HELD, SUBMITTED, TO_FIND
from chalicelib.domain.learners import LearnerDetails
from chalicelib.web.portal.forms import Asked, Form, asked, form, label_of
from chalicelib.web.portal.parts import Input, Shown
from chalicelib.web.portal.texts import marked as _


class Section(NamedTuple):
    """Details that stand together."""

    title: str
    names: Sequence[str]
    """Of the fields."""


SECTIONS: Final = (
    Section(
        _("Name"),
        (
            "title",
            "given_name",
            "middle_other_name",
            "family_name",
            "preferred_given_name",
            "previous_family_name",
            "family_name_at_age_16",
        ),
    ),
    Section(_("Birth and gender"), ("date_of_birth", "place_of_birth", "gender", "nationality")),
    Section(
        _("Address and contact details"),
        (
            "last_known_address_line_1",
            "last_known_address_line_2",
            "last_known_address_town",
            "last_known_address_county_or_city",
            "last_known_post_code",
            "date_of_address_capture",
            "email_address",
            "telephone_number",
        ),
    ),
    Section(_("Identity and privacy"), ("verification_type", "other_verification_description", "ability_to_share")),
    Section(
        _("School and identifiers"),
        ("school_at_age_16", "unique_pupil_number", "unique_candidate_identifier", "scottish_candidate_number"),
    ),
    Section(_("Notes and your reference"), ("notes", "mis_identifier")),
)
"""A learner's details in the order in which pages show them."""
_LABELS: Final[Mapping[str, str]] = {
    "middle_other_name": _("Middle names"),
    "family_name_at_age_16": _("Family name at age 16"),
    "last_known_address_line_1": _("Address line 1"),
    "last_known_address_line_2": _("Address line 2"),
    "last_known_address_town": _("Town"),
    "last_known_address_county_or_city": _("County or city"),
    "last_known_post_code": _("Postcode"),
    "date_of_address_capture": _("Date when the address was recorded"),
    "verification_type": _("Proof of identity"),
    "other_verification_description": _("Other proof of identity"),
    "ability_to_share": _("Privacy notice"),
    "unique_pupil_number": _("Unique pupil number (UPN)"),
    "unique_candidate_identifier": _("Unique candidate identifier (UCI)"),
    "mis_identifier": _("Your own reference"),
}
_NO_POSTCODE: Final = _("The last that is known. Enter ZZ99 9ZZ if it is not known")
_DATE: Final = _("For example, 27 3 2007")
_VERIFY_HINTS: Final = {
    "uln": _("10 digits"),
    "date_of_birth": _("It makes the verification stronger. For example, 27 3 2007"),
    "gender": _("It makes the verification stronger"),
    "last_known_post_code": _("A postcode that differs does not fail the verification on its own"),
}
_FIND_HINTS: Final = {
    "uln": _("10 digits"),
    "family_name": _("The present or a previous one. It must agree with the register"),
}
_HELPS: Final = _("Helps to choose among many learners")
_CRITERIA_HINTS: Final = {
    "date_of_birth": _DATE,
    "last_known_post_code": _NO_POSTCODE,
    "school_at_age_16": _HELPS,
    "place_of_birth": _HELPS,
    "email_address": _HELPS,
}
_DETAIL_HINTS: Final = {
    "date_of_birth": _DATE,
    "date_of_address_capture": _DATE,
    "last_known_post_code": _NO_POSTCODE,
    "nationality": _("The three letters of the country, for example GBR"),
    "other_verification_description": _("Only if the proof of identity is another one"),
    "ability_to_share": _("The learner has to see the privacy notice before their record is shared"),
    "mis_identifier": _("Comes back with the result"),
}


def label(field: Field) -> str:
    """What pages call a detail of a learner."""
    return _LABELS.get(field.name) or label_of(field)


def _asked(field: Field, hints: Mapping[str, str], **changes: Any) -> Asked:
    kind = {"kind": Input.LIST} if field.name == "gender" else {}
    return asked(field, label=label(field), hint=hints.get(field.name, ""), autocomplete="off", **kind, **changes)


def _detailed(names: Iterable[str]) -> Form:
    every = {**DETAIL, MIS_IDENTIFIER.name: MIS_IDENTIFIER}
    return form(*(_asked(every[name], _DETAIL_HINTS) for name in names))


_EVERY: Final = tuple(name for section in SECTIONS for name in section.names)
VERIFY: Final = form(*(_asked(field, _VERIFY_HINTS) for field in SUBMITTED))
FIND: Final = form(*(_asked(field, _FIND_HINTS) for field in TO_FIND[:3]))
"""By ULN."""
SEARCH: Final = form(*(_asked(field, _CRITERIA_HINTS) for field in CRITERIA))
"""By details."""
REGISTER: Final = _detailed(_EVERY)
UPDATE: Final = _detailed(name for name in _EVERY if name in DETAIL)
_FIELDS: Final = {**{field.name: field for field in HELD}, MIS_IDENTIFIER.name: MIS_IDENTIFIER}


def sections_of(shown: Iterable[Shown]) -> list[tuple[str, list[Shown]]]:
    """The fields of a form under the titles of their sections."""
    by_name = {one.name: one for one in shown}
    return [(section.title, [by_name[name] for name in section.names if name in by_name]) for section in SECTIONS]


def field_of(name: str) -> Field:
    """A detail as the register holds it, or the organisation's own reference."""
    return _FIELDS[name]


def texts_of(details: LearnerDetails) -> dict[str, str]:
    """A learner's details as they would be entered."""
    return {name: "" if value is None else str(value) for name, value in details._asdict().items()}
