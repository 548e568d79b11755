"""The forms about single learners: to verify, find, register and change them (ULN-01 to ULN-04, VLD-01)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from chalicelib.domain.fields import Field
from chalicelib.domain.learner_fields import SUBMITTED
from chalicelib.web.portal.forms import Asked, asked, form, label_of
from chalicelib.web.portal.parts import Input
from chalicelib.web.portal.texts import marked as _

_LABELS: Final[Mapping[str, str]] = {
    "last_known_post_code": _("Postcode"),
}
_OPTIONAL: Final = _("Optional.")
_DATE: Final = _("For example, 27 3 2007")
_VERIFY_HINTS: Final = {
    "uln": _("10 digits"),
    "date_of_birth": _("Optional, but it makes the verification stronger. For example, 27 3 2007"),
    "gender": _("Optional, but it makes the verification stronger."),
    "last_known_post_code": _("Optional. A postcode that differs does not fail the verification on its own."),
}


def _asked(field: Field, hints: Mapping[str, str], **changes: Any) -> Asked:
    kind = {"kind": Input.LIST} if field.name == "gender" else {}
    return asked(field, label=label(field), hint=hints.get(field.name, ""), autocomplete="off", **kind, **changes)


def label(field: Field) -> str:
    """What pages call a detail of a learner."""
    return _LABELS.get(field.name) or label_of(field)


VERIFY: Final = form(*(_asked(field, _VERIFY_HINTS) for field in SUBMITTED))
