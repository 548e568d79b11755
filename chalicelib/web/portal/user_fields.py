"""The forms of user management: find, create and update users, verify who they are (IDM-06, AO18 3.5)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from chalicelib.domain.access import Role
from chalicelib.domain.account_fields import DETAIL_FIELDS
from chalicelib.domain.accounts import Account, AccountState
from chalicelib.domain.failures import Failure
from chalicelib.domain.fields import FAMILY_NAME, GIVEN_NAME, Field, Kind
from chalicelib.domain.passwords import ANSWER_CHARACTERS
from chalicelib.services.users import Order, Wanted
from chalicelib.web.portal import statuses
from chalicelib.web.portal.account_fields import USER_NAME
from chalicelib.web.portal.forms import Asked, Form, asked, form
from chalicelib.web.portal.parts import Input, Option
from chalicelib.web.portal.roles import ROLE_NAMES, ROLE_WORDS
from chalicelib.web.portal.texts import marked as _
from chalicelib.web.portal.visits import Entered

_LABELS: Final = {
    "verification": _("Verification provided"),
    "staff_id": _("Staff ID"),
    "reference": _("Your reference"),
}
_HINTS: Final = {
    "verification": _(
        "How the person’s identity was verified, such as a staff ID or a work email address. "
        "Never enter the secret question or its answer here."
    ),
    "email_address": _("The link to choose a new password is sent to this address."),
}
_ROLES: Final = Field("roles", Kind.TEXT, 400, "Roles.", mandatory=True)
_CONFIRMED: Final = Field("confirmed", Kind.TEXT, 3, "Whether it is another person.")
_YES: Final = "yes"


def detail(field: Field) -> Asked:
    """A detail of a user, in whichever form."""
    ask = asked(field, autocomplete="off")
    return replace(ask, label=_LABELS.get(field.name, ask.label), hint=_HINTS.get(field.name, ""))


_DETAILS: Final = tuple(map(detail, DETAIL_FIELDS))
DETAILS: Final = form(*_DETAILS)


def user_form(roles: Iterable[Role], *, with_confirmation: bool = False) -> Form:
    """Details and roles of a user; of roles, those that can be given."""
    options = tuple(Option(role.value, ROLE_NAMES[role], ROLE_WORDS[role]) for role in roles)
    hint = _("Give only the roles that the person needs.")
    asks = [*_DETAILS, asked(_ROLES, kind=Input.MANY, options=options, hint=hint)]
    return form(*asks, confirmation()) if with_confirmation else form(*asks)


def confirmation() -> Asked:
    """That somebody alike is another person."""
    options = (Option(_YES, _("I have checked that this is another person")),)
    return asked(_CONFIRMED, kind=Input.MANY, options=options, label=_("Same name or email address"))


CONFIRMATION: Final = form(confirmation())
NOTHING: Final = form()


def order_of(entered: Entered) -> Order:
    """What was entered about a user. Roles that there are not are none."""
    known = {role.value: role for role in Role}
    roles = frozenset(known[text] for text in entered.get(_ROLES.name, ()) if text in known)
    return Order(DETAILS.texts(entered), roles, _YES in entered.get(_CONFIRMED.name, ()))


def entered_of(order: Order) -> dict[str, Sequence[str]]:
    """The same as it was entered."""
    return {**DETAILS.filled(order.texts), _ROLES.name: sorted(order.roles)}


def held_of(account: Account) -> dict[str, Sequence[str]]:
    """What is stored about a user, as if it had been entered."""
    return entered_of(Order(account.details._asdict(), account.roles))


def asks_confirmation(failures: Iterable[Failure]) -> bool:
    """Whether it must be confirmed that this is another person."""
    return any(reason.code == _ALIKE for reason in failures)


def beside(failures: Iterable[Failure]) -> list[Failure]:
    """The failures, with the warning of somebody alike beside its confirmation."""
    return [one._replace(field=_CONFIRMED.name) if one.code == _ALIKE else one for one in failures]


_ALIKE: Final = "LRS-USER-12"

# --- Find ------------------------------------------------------------------------------------------------------------

_ROLE: Final = Field("role", Kind.TEXT, 40, "Role.")
_STATUS: Final = Field("status", Kind.TEXT, 20, "Status.")
_STATES: Final = {state.value: state for state in AccountState}


def _optional(field: Field) -> Asked:
    return asked(replace(field, mandatory=False), autocomplete="off")


FIND: Final = form(
    _optional(USER_NAME),
    _optional(GIVEN_NAME),
    _optional(FAMILY_NAME),
    asked(
        _ROLE,
        kind=Input.LIST,
        options=(Option("", _("All roles")), *(Option(role.value, name) for role, name in ROLE_NAMES.items())),
    ),
    asked(
        _STATUS,
        kind=Input.LIST,
        options=(
            Option("", _("Every status but deleted")),
            *(Option(state.value, statuses.shown(state).word) for state in AccountState),
        ),
    ),
)


def find_form(roles: Iterable[Role]) -> Form:
    """The criteria, with the roles that there can be."""
    offered = {"", *roles}
    return Form(
        tuple(
            replace(one, options=[option for option in one.options if option.value in offered])
            if one.field is _ROLE
            else one
            for one in FIND.asked
        )
    )


def wanted_of(texts: dict[str, str]) -> Wanted:
    """The criteria that were entered."""
    return Wanted(
        user_name=texts.get("user_name", ""),
        given_name=texts.get("given_name", ""),
        family_name=texts.get("family_name", ""),
        state=_STATES.get(texts.get("status", "")),
        roles=frozenset(role for role in Role if role.value == texts.get("role")),
    )


# --- Verify ----------------------------------------------------------------------------------------------------------

ANSWER: Final = form(
    asked(
        Field("answer", Kind.TEXT, ANSWER_CHARACTERS, "Answer.", mandatory=True),
        label=_("The user’s answer"),
        hint=_("Capital and small letters are the same."),
        autocomplete="off",
    )
)
