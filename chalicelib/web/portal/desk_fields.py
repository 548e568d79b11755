"""The forms of the service desk: organisations, their roles, and the Change of Super User form (IDM-10)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from chalicelib.domain.access import Role
from chalicelib.domain.account_fields import CHANGE_FORM_FIELDS, DETAIL_FIELDS
from chalicelib.domain.fields import Field, Kind, named
from chalicelib.domain.organisation_fields import ORGANISATION_FIELDS, REASON, YES_OR_NO
from chalicelib.domain.organisations import OrganisationKind, OrganisationState
from chalicelib.web.portal import statuses
from chalicelib.web.portal.forms import Asked, Form, asked, form
from chalicelib.web.portal.parts import Input, Option
from chalicelib.web.portal.roles import ROLE_NAMES, ROLE_WORDS
from chalicelib.web.portal.texts import marked as _
from chalicelib.web.portal.user_fields import confirmation, detail

KINDS: Final = {
    OrganisationKind.REGISTRATION_BODY: _("Learner registration body"),
    OrganisationKind.AWARDING_ORGANISATION: _("Awarding organisation"),
    OrganisationKind.ADVISER: _("Adviser"),
    OrganisationKind.SERVICE_DESK: _("Service desk"),
}
ANY: Final = Option("", _("Any"))
"""No criterion."""

_BY_NAME: Final = {field.name: field for field in ORGANISATION_FIELDS}


def _field(name: str, label: str, hint: str = "", **changes: object) -> Asked:
    return asked(_BY_NAME[name], label=label, hint=hint, **changes)


_KIND: Final = _field(
    "kind",
    _("What the organisation does"),
    options=(
        Option(
            OrganisationKind.REGISTRATION_BODY,
            KINDS[OrganisationKind.REGISTRATION_BODY],
            _("Registers learners and sees their records"),
        ),
        Option(
            OrganisationKind.AWARDING_ORGANISATION,
            KINDS[OrganisationKind.AWARDING_ORGANISATION],
            _("Verifies learners and sends their achievements"),
        ),
        Option(
            OrganisationKind.ADVISER,
            KINDS[OrganisationKind.ADVISER],
            _("A careers or advisory service that sees learners’ records"),
        ),
    ),
)
_UKPRN: Final = _field("ukprn", "UKPRN", _("8 digits. A body that has two roles has a UKPRN for each."))
_DETAILS: Final = (
    _field("name", _("Name")),
    _field("signed_on", _("Day on which the agreement was signed"), _("For example, 27 3 2026")),
    _field("signatory", _("Who signed the agreement"), _("Name and position")),
    _field(
        "twin",
        _("UKPRN of its awarding organisation"),
        _("Only if the same body is also an awarding organisation. Register that one first."),
    ),
    _field(
        "business_reason",
        _("Why it needs to register learners"),
        _("The reason in its registration form. Needed if the same body is also an awarding organisation."),
    ),
    _field("recognition_numbers", _("Recognition numbers"), _("With a space between them")),
    _field("sends_files", _("It may send files of achievements")),
    _field("organisation_ref", _("Organisation reference"), _("Its number in the names and headers of its files")),
    _field(
        "email_address",
        _("Email address for files and maintenance"),
        _(
            "An awarding organisation that sends files needs one. "
            "Without one, emails go to the super user who was most recently active."
        ),
        autocomplete="off",
    ),
    _field("csv_encoding", _("Encoding of its CSV files"), _("UTF-8 if none is selected")),
)
_ONLY: Final = {
    "twin": OrganisationKind.REGISTRATION_BODY,
    "business_reason": OrganisationKind.REGISTRATION_BODY,
    "recognition_numbers": OrganisationKind.AWARDING_ORGANISATION,
    "sends_files": OrganisationKind.AWARDING_ORGANISATION,
}
"""Fields of one kind of organisation."""

REGISTRATION: Final = form(_KIND, _UKPRN, *_DETAILS)


def details_of(kind: OrganisationKind) -> Form:
    """What can be changed of an organisation of this kind."""
    return form(*(one for one in _DETAILS if _ONLY.get(one.name, kind) is kind))


def roles_of(roles: Iterable[Role]) -> Form:
    """Some of these roles; every organisation has super users."""
    chosen = frozenset(roles) - {Role.SUPER_USER}
    options = tuple(Option(role, ROLE_NAMES[role], ROLE_WORDS[role]) for role in Role if role in chosen)
    field = Field("roles", Kind.CODE, 40, "Roles for the users of the organisation.", mandatory=True)
    return form(asked(field, label=_("Roles for its users"), kind=Input.MANY, options=options))


WHY: Final = form(asked(REASON, label=_("Reason"), hint=_("It is kept with your name.")))

_PERSON: Final[tuple[Field | Asked, ...]] = (
    *map(detail, named(DETAIL_FIELDS, "title", "given_name", "family_name", "email_address", "landline", "mobile")),
    asked(
        named(DETAIL_FIELDS, "verification")[0],
        label=_("How the person’s identity was verified"),
        hint=_("Never enter the secret question or its answer here."),
    ),
    *map(detail, named(DETAIL_FIELDS, "staff_id", "reference")),
)
CONFIRMED: Final = replace(confirmation(), label=_("If another user has the same name or email address"))
FIRST_SUPER_USER: Final = form(*_PERSON)
CHANGE_OF_SUPER_USER: Final = form(
    asked(
        CHANGE_FORM_FIELDS[0],
        label=_("Signatory of the form"),
        hint=_("Who signed it by hand; preferably the person who signed the organisation’s agreement"),
    ),
    asked(
        Field("is_manager", Kind.CODE, 3, "Whether the signatory is of manager status or above.", codes=YES_OR_NO),
        label=_("Is the signatory of manager status or above?"),
        is_optional=False,
    ),
    asked(CHANGE_FORM_FIELDS[1], label=_("Why the organisation needs a new super user"), hint=_("As the form says")),
    *_PERSON,
    CONFIRMED,
)

FILTERS: Final = form(
    asked(replace(_BY_NAME["name"], mandatory=False), label=_("Name"), hint=_("Any part of it")),
    asked(replace(_BY_NAME["ukprn"], mandatory=False), label="UKPRN"),
    asked(
        Field("kind", Kind.CODE, 24, "What the organisation does."),
        kind=Input.LIST,
        options=(ANY, *(Option(kind, text) for kind, text in KINDS.items())),
    ),
    asked(
        Field("state", Kind.CODE, 12, "Whether it has access."),
        label=_("Status"),
        kind=Input.LIST,
        options=(ANY, *(Option(state, statuses.shown(state).word) for state in OrganisationState)),
    ),
)
"""Of the list of organisations; nothing in them is about a learner."""
