"""The service desk's pages of organisations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final

from chalicelib.domain.access import Role
from chalicelib.domain.developers import Developer
from chalicelib.domain.failures import Failure, failure
from chalicelib.domain.organisations import Agreement, Listed, OrganisationKind, OrganisationState, StateChange
from chalicelib.formats.words.texts import Text
from chalicelib.services.organisations import roles_of_kind
from chalicelib.web.portal import desk_fields, developer_pages, organisation_parts, statuses
from chalicelib.web.portal.forms import Form
from chalicelib.web.portal.parts import Paging, Row
from chalicelib.web.portal.rendering import Flash, Menu, MenuEntry
from tests.browser.cases.case import HOSTILE, IN, LONG, NOW, Case
from tests.builders.organisations import organisation, provider

_MENU: Final = Menu(
    (MenuEntry("Home", "/"), MenuEntry("Service Desk", organisation_parts.DESK, is_here=True)),
    (
        MenuEntry("Find Organisations", organisation_parts.DESK, is_here=True),
        MenuEntry("Register Organisation", f"{organisation_parts.DESK}/new"),
    ),
)
_DESK: Final = replace(IN, path=organisation_parts.DESK, menu=_MENU)
_COLLEGE: Final = provider(
    "90000003",
    name="Penarlâg College",
    recognition_numbers=frozenset(),
    agreement=Agreement(date(2025, 3, 1), "Jo Bloggs, Principal"),
    twin="90000001",
    business_reason="It has a training centre of its own, which registers its learners.",
)
_GONE: Final = _COLLEGE._replace(
    name=f"{LONG} {HOSTILE}",
    status="suspended",
    state_change=StateChange(NOW, "aokafor0417", HOSTILE),
    business_reason=LONG * 3,
)
_OURS: Final = provider("90000009", name="Service Desk", recognition_numbers=frozenset(), is_service_desk=True)
_AWARDS: Final = organisation(agreement=Agreement(date(2025, 3, 1), HOSTILE), business_reason="")
_LISTED: Final = (
    *(one.listed for one in (_COLLEGE, _GONE, _OURS, _AWARDS)),
    *(
        Listed(f"1000{number:04}", f"College {number}", OrganisationKind.ADVISER, OrganisationState.ACTIVE)
        for number in range(21)
    ),
)
_PERSON: Final = {"given_name": "Bea", "family_name": HOSTILE, "email_address": f"{LONG.lower()}@example.org"}
_STALE: Final = (failure("LRS-REQ-13"),)


def _list(state: str, found: Sequence[Listed], total: int, name: str = "", page: int = 1) -> Case:
    context = {
        "filters": desk_fields.FILTERS.shown({"name": [name]}),
        "clear": organisation_parts.DESK if name else "",
        "found": found,
        "paging": Paging(page=page, total=total, address=f"{organisation_parts.DESK}?page="),
        "kinds": desk_fields.KINDS,
    }
    return Case(f"desk-organisations{state}", "desk/organisations.html.jinja", context, _DESK)


def _one(state: str, one: Any, *, has_users: bool = True, flash: str = "") -> Case:
    rows = organisation_parts.details(one, "" if one.is_service_desk else "/desk/organisations/1/details")
    rows.append(organisation_parts.roles(one, "" if one.is_service_desk else "/desk/organisations/1/roles"))
    context = {
        "one": one,
        "rows": rows,
        "is_ours": one.is_service_desk,
        "has_users": has_users,
        "may_replace": True,
    }
    chrome = replace(_DESK, path=organisation_parts.path_of(one.ukprn), flash=[Flash(flash)] if flash else [])
    return Case(f"desk-organisation{state}", "desk/organisation.html.jinja", context, chrome)


def _form(
    name: str,
    form: Form,
    entered: dict[str, Any] | None = None,
    failures: Sequence[Failure] = (),
    state: str = "",
    /,
    **more: Any,
) -> Case:
    filled = {field: value if isinstance(value, list) else [value] for field, value in (entered or {}).items()}
    page = form.page(f"desk/{name}.html.jinja", filled, failures, back=organisation_parts.DESK, **more)
    return Case(f"desk-{name}{state}", page.template, page.context, _DESK, page.status)


_ROLES: Final = desk_fields.roles_of(roles_of_kind(OrganisationKind.REGISTRATION_BODY))
_NOTHING: Final = tuple(failure("ACF001", name) for name in ("Kind", "UKPRN", "Name", "SignedOn", "Signatory"))
_NO_PERSON: Final = tuple(failure("ACF001", one) for one in ("GivenName", "FamilyName", "VerificationProvided"))
_CREATED: Final = [
    Row(Text("Organisation"), f"{LONG}, 90000003"),
    Row(Text("Name"), HOSTILE),
    Row(Text("User name"), "bfeatherstone0417"),
    Row(Text("One-time password"), "Ss4W-XYZ2-3456-789a"),
]

_DEVELOPERS: Final = (
    Developer("D1", "Penhallow Software", "Jo Bloggs", "jo@penhallow.example.org", "MIS", "both", "", NOW, "desk0001"),
    Developer("D2", HOSTILE, LONG, f"{LONG.lower()}@example.org", HOSTILE, "files", "90000051", NOW, "desk0001"),
)
_NOBODY: Final = tuple(failure("ACF001", one) for one in ("Contact", "EmailAddress", "Interface"))

CASES: Final = (
    _list("", _LISTED, 61),
    _list("-last", _LISTED[:11], 61, page=3),
    _list("-none", (), 0, HOSTILE),
    _one("", _COLLEGE, flash="The organisation’s roles were changed."),
    _one("-new", _AWARDS, has_users=False),
    _one("-suspended", _GONE),
    _one("-own", _OURS),
    _form("new", desk_fields.REGISTRATION, {"csv_encoding": "utf-8"}),
    _form("new", desk_fields.REGISTRATION, {"signatory": HOSTILE, "name": LONG}, _NOTHING, "-wrong"),
    _form("new-roles", _ROLES, {"roles": sorted(Role)}, name=LONG),
    _form("new-roles", _ROLES, {}, (failure("LRS-USER-10", "Roles"),), "-wrong", name=HOSTILE),
    Case(
        "desk-new-check",
        "desk/new-check.html.jinja",
        {"rows": [*organisation_parts.details(_GONE, "/desk"), organisation_parts.roles(_GONE, "/desk")]},
        _DESK,
    ),
    _form("details", desk_fields.details_of(_AWARDS.kind), {"name": LONG, "signatory": HOSTILE}, one=_AWARDS, now=[]),
    _form(
        "details",
        desk_fields.details_of(_COLLEGE.kind),
        {"name": HOSTILE},
        _STALE,
        "-conflict",
        one=_COLLEGE,
        now=organisation_parts.details(_COLLEGE),
    ),
    _form("roles", _ROLES, {"roles": ["Adviser"]}, one=_COLLEGE, now=[]),
    _form("roles", _ROLES, {}, _STALE, "-conflict", one=_GONE, now=[organisation_parts.roles(_GONE)]),
    _form("status", desk_fields.WHY, one=_COLLEGE, status=statuses.shown(_COLLEGE.state)),
    _form(
        "status",
        desk_fields.WHY,
        {},
        (failure("ACF001", "Reason"),),
        "-wrong",
        one=_GONE,
        status=statuses.shown(_GONE.state),
    ),
    _form("first-super-user", desk_fields.FIRST_SUPER_USER, one=_COLLEGE),
    _form("first-super-user", desk_fields.FIRST_SUPER_USER, _PERSON, _NO_PERSON, "-wrong", one=_GONE),
    _form("change-of-super-user", desk_fields.CHANGE_OF_SUPER_USER, one=_COLLEGE),
    _form(
        "change-of-super-user",
        desk_fields.CHANGE_OF_SUPER_USER,
        _PERSON,
        (*_NO_PERSON, failure("LRS-USER-24", "Signatory", allowed="of manager status or above")),
        "-wrong",
        one=_GONE,
    ),
    Case(
        "desk-super-user-created",
        "desk/super-user-created.html.jinja",
        {"is_new": True, "rows": _CREATED, "days": 14, "to": organisation_parts.DESK},
        _DESK,
    ),
    Case("desk-developers", "desk/developers.html.jinja", {"found": (), "words": developer_pages.WORDS}, _DESK),
    Case(
        "desk-developers-some",
        "desk/developers.html.jinja",
        {"found": _DEVELOPERS, "words": developer_pages.WORDS},
        _DESK,
    ),
    _form("new-developer", developer_pages.DEVELOPER),
    _form("new-developer", developer_pages.DEVELOPER, {"company": HOSTILE, "purpose": LONG}, _NOBODY, "-wrong"),
    Case(
        "desk-end-developer",
        "desk/end-developer.html.jinja",
        {"rows": developer_pages.rows_of(_DEVELOPERS[1]), "back": "/desk/developers"},
        _DESK,
    ),
)
