"""User management: find, create, change and review users."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from chalicelib.domain.access import Role
from chalicelib.domain.accounts import AccountRules, AccountState, super_user_notices
from chalicelib.domain.failures import failure
from chalicelib.domain.looks import LookAction, LookOutcome
from chalicelib.formats.words.pages import error_text
from chalicelib.formats.words.texts import Text
from chalicelib.ports.audit import AuditEntry
from chalicelib.services.organisation_activity import Deed
from chalicelib.services.users import Created
from chalicelib.web.portal import statuses, user_change_pages, user_fields, user_parts
from chalicelib.web.portal.menu import TABS
from chalicelib.web.portal.parts import FieldError, Link, Paging
from chalicelib.web.portal.rendering import Chrome, Flash, Menu, MenuEntry
from tests.browser.cases.case import HOSTILE, IN, LONG, NOW, Case
from tests.builders.accounts import account, details, super_user

_RULES: Final = AccountRules()
_TAB: Final = next(tab for tab in TABS if tab.text == "User Management")
_MENU: Final = Menu(
    (MenuEntry("Home", "/"), MenuEntry(_TAB.text, "/users", is_here=True)),
    tuple(MenuEntry(one.text, one.entry.path, one.page == "show_users") for one in _TAB.options),
)
_AMELIA: Final = replace(
    super_user("amelia", created_at=NOW - timedelta(days=400)),
    last_sign_in=NOW - timedelta(hours=2),
    roles=frozenset(Role),
)
_LONG: Final = account(
    LONG.lower()[:20],
    created_at=NOW - timedelta(days=200),
    details=details(given_name=LONG, family_name=HOSTILE, email_address=f"{LONG}@example.org", verification=HOSTILE),
)
_SUSPENDED: Final = account("carl").suspended(NOW)
_LOCKED: Final = replace(account("dora"), wrong_passwords=10, last_sign_in=NOW)
_ALL: Final = [user_parts.listed(one, NOW, _RULES) for one in (_AMELIA, _LONG, _SUSPENDED, _LOCKED)]
_NOTICES: Final = user_parts.notice_texts(super_user_notices([_AMELIA]))
_ROLES: Final = tuple(Role)
_FIND: Final = user_fields.find_form(_ROLES)
_CRITERIA: Final = {"user_name": HOSTILE, "given_name": "Amelia", "role": Role.QCF_USER.value, "status": "active"}


def _at(path: str, **changes: Any) -> Chrome:
    return replace(IN, path=path, menu=_MENU, **changes)


def _find(name: str, **changes: Any) -> Case:
    context = {
        "fields": _FIND.shown(_FIND.filled({})),
        "has_searched": False,
        "users": _ALL,
        "paging": Paging(page=2, total=312, address="/users?page="),
        "notices": (),
        "review_is_due": False,
    }
    return Case(name, "users/find.html.jinja", {**context, **changes}, _at("/users"))


_ENTERED: Final = {**user_fields.held_of(_AMELIA), "given_name": [HOSTILE], "verification": [LONG]}
_WRONG: Final = (
    failure("ACF001", "VerificationProvided"),
    failure("ACF003", "EmailAddress"),
    failure("LRS-USER-10", "Roles"),
    failure("LRS-USER-8", "GivenName"),
)
_ALIKE: Final = (failure("LRS-USER-12", same="name"),)


def _form(case: str, template: str, asked: Any, failures: Any = (), status: int = 0, /, **context: Any) -> Case:
    entered = _ENTERED if failures or context.pop("is_filled", False) else {}
    page = asked.page(f"users/{template}.html.jinja", entered, failures, back="/users", **context)
    return Case(case, page.template, page.context, _at("/users/Uamelia/update"), status or page.status)


def _user(name: str, held: Any, **changes: Any) -> Case:
    state = held.state(_RULES)
    base = f"/users/{held.user_id}"
    context = {
        "name": held.details.name,
        "rows": user_parts.user_rows(held),
        "status": statuses.shown(state),
        "account": held,
        "is_dormant": held.is_dormant(NOW),
        "one_time_until": None,
        "links": [Link(text, f"{base}/x") for text in ("Update User", "Reset Password", "Delete User")]
        if state is not AccountState.DELETED
        else (),
        "back": "/users",
    }
    return Case(name, "users/user.html.jinja", {**context, **changes}, _at(base))


def _confirm(name: str, question: user_change_pages.Question, **changes: Any) -> Case:
    rows, status = user_parts.naming_rows(_LONG), 409 if changes.get("errors") else 200
    context = {"question": question, "rows": rows, "epoch": 1, "is_own": False, "back": "/users/Ux"}
    return Case(name, "users/confirm.html.jinja", {**context, **changes}, _at("/users/Ux/suspend"), status)


def _log(name: str, count: int, **context: Any) -> Case:
    detail = {"roles": "+Awarding Body User, -QCF User", "source": "192.0.2.7"}
    actions = (LookAction.SIGNED_IN, LookAction.USER_UPDATED, LookAction.USER_SUSPENDED)
    entries = [
        AuditEntry("USER#U", NOW.isoformat(), f"e{number}", actions[number % 3], outcome, "10000001", "ann0417", detail)
        for number, outcome in zip(range(count), [LookOutcome.DONE, LookOutcome.REFUSED] * count, strict=False)
    ]
    shown = {
        "name": LONG,
        "entries": [user_parts.log_entry(one) for one in entries],
        "earlier": "",
        "back": "/users/Ux",
    }
    return Case(name, "users/activity.html.jinja", {**shown, **context}, _at("/users/Ux/activity"))


def _all(name: str, count: int, **context: Any) -> Case:
    actions = (LookAction.SIGNED_IN, LookAction.USER_UPDATED, LookAction.RECORD_VIEWED)
    details = ({"source": "192.0.2.7"}, {"roles": "+Awarding Body User, -QCF User"}, {"learners": "3"})
    deeds = [
        Deed(
            AuditEntry(
                "X", NOW.isoformat(), f"e{number}", actions[number % 3], LookOutcome.DONE, "10000001", "ann0417",
                details[number % 3],
            ),
            HOSTILE if number % 3 == 1 else "",
        )
        for number in range(count)
    ]  # fmt: skip
    shown = {"deeds": [user_parts.deed(one) for one in deeds], "earlier": "", "left_out": 0}
    return Case(name, "users/all-activity.html.jinja", {**shown, **context}, _at("/activity"))


def _review(name: str, status: int = 200, **changes: Any) -> Case:
    context: Mapping[str, Any] = {
        "users": _ALL,
        "supers": 1,
        "notices": _NOTICES,
        "review_is_due": True,
        "reviewed_at": None,
        "reviewed_by": "",
        "revision": 3,
    }
    return Case(name, "users/review.html.jinja", {**context, **changes}, _at("/users/review"), status)


def _password(name: str, title: str) -> Case:
    page = user_parts.password_page(title, Created(_LONG, "Wq7-mfkd-Rpt2-zzkq"), _RULES)
    return Case(name, page.template, page.context, _at("/users/new/check"))


_LAST: Final = [FieldError(error_text(failure("LRS-USER-11"), ""))]
_STALE: Final = (failure("LRS-REQ-13"),)
_DIFFERENT: Final = [
    user_change_pages.Difference(Text("Given name"), "Amelia", HOSTILE),
    user_change_pages.Difference("Verification provided", "–", LONG),
]
_IDENTITY: Final = {"question": "What was the name of your first pet?", "rows": user_parts.naming_rows(_AMELIA)}

CASES: Final = (
    _find("users-find"),
    _find("users-found", has_searched=True, fields=_FIND.shown(_FIND.filled(_CRITERIA)), notices=_NOTICES),
    _find("users-found-due", review_is_due=True, paging=Paging(page=1, total=4, address="/users?page=")),
    _find("users-none", has_searched=True, users=(), paging=Paging(page=1, total=0, address="/users?page=")),
    Case("users-search-first", "users/search-first.html.jinja", {"back": "/users"}, _at("/users/new")),
    _form("users-new", "new", user_fields.user_form(_ROLES)),
    _form("users-new-wrong", "new", user_fields.user_form(_ROLES), _WRONG),
    _form(
        "users-check",
        "check",
        user_fields.NOTHING,
        rows=user_parts.detail_rows(_AMELIA.details._asdict(), [Role.QCF_USER]),
        alike=(),
        is_super_user=False,
    ),
    *(
        _form(
            f"users-check-alike{state}",
            "check",
            user_fields.CONFIRMATION,
            user_fields.beside(failures),
            rows=user_parts.detail_rows(_LONG.details._asdict(), _ROLES),
            alike=_ALL[:2],
            is_super_user=True,
        )
        for state, failures in (("", ()), ("-wrong", _ALIKE))
    ),
    _password("users-created", "User created"),
    _password("users-reset", "Password reset"),
    _user("users-user", _AMELIA),
    _user("users-user-never", _LONG, one_time_until=NOW),
    _user("users-user-suspended", _SUSPENDED),
    _user("users-user-deleted", account("eve").deleted(NOW)),
    replace(
        _user("users-user-saved", _AMELIA), chrome=_at("/users/Ux", flash=(Flash("The user was updated."),))
    ),
    _log("users-activity", 12, earlier="/users/Ux/activity?before=x"),
    _log("users-activity-none", 0),
    _all("activity", 9, earlier="/activity?before=x", left_out=12),
    _all("activity-none", 0),
    _review("users-review"),
    _review("users-review-done", review_is_due=False, reviewed_at=NOW, reviewed_by="ann0417", notices=()),
    _review("users-review-stale", 409, errors=[FieldError(error_text(_STALE[0], ""), "sign-off")]),
    _form(
        "users-update", "update", user_fields.user_form(_ROLES), name=LONG, differences=(), edition="x", is_own=True,
        is_filled=True,
    ),
    _form(
        "users-update-wrong", "update", user_fields.user_form(_ROLES, with_confirmation=True),
        [*_WRONG, *user_fields.beside(_ALIKE)], name=HOSTILE, differences=(), edition="x", is_own=False,
    ),
    _form(
        "users-update-conflict", "update", user_fields.user_form(_ROLES), _STALE, 409, name=HOSTILE,
        differences=_DIFFERENT, edition="x", is_own=False,
    ),
    _confirm("users-suspend", user_change_pages.SUSPEND),
    _confirm("users-suspend-last", user_change_pages.SUSPEND, errors=_LAST, is_own=True),
    _confirm("users-reactivate", user_change_pages.REACTIVATE),
    _confirm("users-reset-password", user_change_pages.RESET),
    _confirm("users-delete", user_change_pages.DELETE),
    _form("users-identity", "identity", user_fields.ANSWER, **_IDENTITY),
    _form("users-identity-wrong", "identity", user_fields.ANSWER, (failure("LRS-USER-19", "Answer"),), **_IDENTITY),
    _form(
        "users-identity-none", "identity", user_fields.ANSWER, question="", rows=user_parts.naming_rows(_AMELIA)
    ),
)  # fmt: skip
