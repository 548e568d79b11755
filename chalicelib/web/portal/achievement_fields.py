"""The forms about single achievements, with the labels of the guide (AO18 5.2.1 to 5.2.4)."""

from __future__ import annotations

from typing import Any, Final

from chalicelib.domain import achievement_fields as records
from chalicelib.domain.fields import named
from chalicelib.web.portal.forms import Asked, asked, form, meaning_of
from chalicelib.web.portal.parts import Input, Option
from chalicelib.web.portal.texts import marked as _

_OWN: Final[dict[str, dict[str, Any]]] = {
    "uln": {"hint": _("10 digits")},
    "given_name": {"label": _("Given name")},
    "family_name": {"label": _("Family name")},
    "date_of_birth": {"label": _("Date of birth"), "hint": _("For example, 27 3 2009")},
    "gender": {"label": _("Gender")},
    "learner_postcode": {"label": _("Postcode")},
    "unit_or_qualification_reference_number": {
        "label": _("Aim reference number"),
        "hint": _("Of the unit or qualification. For example, 600/1234/1 or L/616/8832"),
    },
    "achievement_award_date": {"label": _("Achievement award date"), "hint": _("For example, 27 3 2026")},
    "grade": {"label": _("Grade"), "hint": _("As the unit or qualification has it. For example, Pass")},
    "language_for_assessment": {"label": _("Language for assessment")},
    "provider_ukprn": {
        "label": _("Provider UKPRN"),
        "hint": _("8 digits. The learning provider where the learner studied, if you know it"),
    },
    "action_date": {
        "label": _("Action date"),
        "hint": _("The date on which the change was agreed. It must be today or in the past"),
    },
    "action_reason": {"label": _("Action reason")},
    "submission_type": {"label": _("Submission type")},
}
_LISTS: Final = frozenset({"gender", "language_for_assessment"})
"""Choices that may be left open, so that they cannot be radios."""


def _asked(*names: str, **changes: Any) -> list[Asked]:
    fields = named((*records.ACHIEVEMENT, records.SUBMISSION_TYPE), *names)
    return [asked(one, **_OWN[one.name], **_choices(one.name), **changes) for one in fields]


def _choices(name: str) -> dict[str, Any]:
    one = named((*records.ACHIEVEMENT, records.SUBMISSION_TYPE), name)[0]
    if one.codes is None:
        return {}
    if name in _LISTS:
        options = (Option(code.value, meaning_of(code)) for code in one.codes.codes)
        return {"kind": Input.LIST, "options": (Option("", _("Not chosen")), *options)}
    if name == "action_reason":
        return {"options": tuple(Option(code.value, meaning_of(code), code.value) for code in one.codes.codes)}
    return {}


_NAMED: Final = _asked("uln", "given_name", "family_name")
_AIM: Final = _asked("unit_or_qualification_reference_number", "achievement_award_date")
_VALUES: Final = _asked("grade", "language_for_assessment", "provider_ukprn")
_DATED: Final = _asked("action_date", is_optional=False)

LEARNER_FIELDS: Final = 6
"""How many fields of a new achievement are about its learner."""
CREATE: Final = form(*_NAMED, *_asked("date_of_birth", "gender", "learner_postcode"), *_AIM, *_VALUES)
"""AO18 5.2.1, in the order of its screen."""
FIND: Final = form(*_NAMED, *_AIM)
"""The five details by which an achievement is found (AO18 5.2.2 to 5.2.4)."""
UPDATE: Final = form(*_VALUES, *_DATED)
"""AO18 5.2.2."""
PROMOTE: Final = form(*_VALUES, *_DATED, *_asked("submission_type", is_optional=False))
"""The same for a provisional achievement, which may be made final."""
REASONED: Final = form(*_DATED, *_asked("action_reason", is_optional=False))
"""AO18 5.2.3 and 5.2.4: to withdraw, and to reinstate."""
