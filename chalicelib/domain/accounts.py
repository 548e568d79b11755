"""Accounts of portal users: user names, roles, states, and what a user owes at sign-in (IDM-01 to IDM-07, IDM-12).

An account belongs to one person in one organisation and is never given to another person; a deleted one is kept, with
its history and its user name. A change makes the account's next revision. What a change of access makes a new *epoch*
ends every session of an earlier one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, NamedTuple, Self

from chalicelib.domain.access import Role
from chalicelib.domain.failures import Failure, failure
from chalicelib.reference.letters import joined, normal_form

FEWEST_SUPER_USERS: Final = 3
MOST_SUPER_USERS: Final = 5
"""A guideline of AO18 3.1: fewer or more are reported, not refused."""
REVIEWED_EVERY: Final = timedelta(days=365)
DORMANT_AFTER: Final = timedelta(days=90)


class AccountRules(NamedTuple):
    """Limits that are settings."""

    wrong_entries: int = 10
    """Wrong passwords that lock an account, and wrong secret answers that close the way to a new password."""
    password_lifetime: timedelta = timedelta(days=44)
    one_time_lifetime: timedelta = timedelta(days=14)
    """How long a one-time password can be used."""
    link_lifetime: timedelta = timedelta(hours=1)
    """How long the link in an email about a forgotten password can be used."""
    idle: timedelta = timedelta(minutes=30)
    """A session ends after this time without a request, and in any case after ``longest``."""
    longest: timedelta = timedelta(hours=12)


class AccountState(StrEnum):
    """The state of an account."""

    ACTIVE = "active"
    LOCKED = "locked"
    """After too many wrong passwords. A new password unlocks it, and so does a super user."""
    SUSPENDED = "suspended"
    """By a super user, who alone can reactivate it."""
    DELETED = "deleted"


class Stage(StrEnum):
    """What a person who has signed in must do next."""

    PASSWORD_OWED = "password-owed"  # noqa: S105 - a word, not a secret
    """Choose a password: the present one is for one use, or has expired."""
    AGREEMENT_OWED = "agreement-owed"
    """Accept the User Agreement, at every sign-in."""
    QUESTION_OWED = "question-owed"
    """Choose a secret question and answer."""
    COMPLETE = "complete"


class Details(NamedTuple):
    """Who the user is, as entered by a super user."""

    title: str
    given_name: str
    family_name: str
    email_address: str
    landline: str
    mobile: str
    verification: str
    """How the person's identity was verified."""
    staff_id: str
    reference: str

    @property
    def name(self) -> str:
        """Given and family name."""
        return f"{self.given_name} {self.family_name}"


@dataclass(frozen=True, slots=True)
class Password:
    """The hash of a password, and since when it is used."""

    hashed: str
    since: datetime
    is_one_time: bool = False

    def is_owed(self, now: datetime, rules: AccountRules) -> bool:
        """Whether another must be chosen at sign-in."""
        return self.is_one_time or self.since + rules.password_lifetime <= now

    def is_void(self, now: datetime, rules: AccountRules) -> bool:
        """Whether it was for one use and that came too late."""
        return self.is_one_time and self.since + rules.one_time_lifetime <= now


@dataclass(frozen=True, slots=True)
class Question:
    """A secret question by its code, and the hash of the answer."""

    code: str
    hashed: str


@dataclass(frozen=True, slots=True)
class ResetLink:
    """A link to choose a password, by the digest of its secret."""

    digest: str
    ends: datetime


@dataclass(frozen=True, slots=True)
class Account:
    """The account of one person in one organisation."""

    user_id: str
    ukprn: str
    user_name: str
    """Made from the person's names, and never given to anybody else."""
    details: Details
    roles: frozenset[Role]
    created_at: datetime
    created_by: str
    password: Password
    question: Question | None = None
    link: ResetLink | None = None
    wrong_passwords: int = 0
    """Since the last sign-in."""
    wrong_answers: int = 0
    """Since the last password was chosen."""
    suspended_at: datetime | None = None
    deleted_at: datetime | None = None
    last_sign_in: datetime | None = None
    wants_notices: bool = True
    """Whether emails about the person's own files are sent. Those that keep the account safe always are."""
    epoch: int = 1
    revision: int = 1

    def state(self, rules: AccountRules) -> AccountState:
        """Its state; of several, the one that lasts longest."""
        if self.deleted_at is not None:
            return AccountState.DELETED
        if self.suspended_at is not None:
            return AccountState.SUSPENDED
        return AccountState.LOCKED if self.wrong_passwords >= rules.wrong_entries else AccountState.ACTIVE

    def stage(self, now: datetime, rules: AccountRules, *, has_agreed: bool) -> Stage:
        """What the person must do next, in the order of AO18 2.3.1."""
        if self.password.is_owed(now, rules):
            return Stage.PASSWORD_OWED
        if not has_agreed:
            return Stage.AGREEMENT_OWED
        return Stage.QUESTION_OWED if self.question is None else Stage.COMPLETE

    @property
    def is_super_user(self) -> bool:
        """Whether it counts as a super user of the organisation: a locked one can unlock itself, and does."""
        return Role.SUPER_USER in self.roles and self.suspended_at is None and self.deleted_at is None

    @property
    def edition(self) -> str:
        """A digest of its details and roles. A form about them carries it: the revision also changes with each
        sign-in.
        """
        return hashlib.sha256("\0".join([*self.details, *sorted(self.roles)]).encode()).hexdigest()[:16]

    def is_dormant(self, now: datetime) -> bool:
        """Whether nobody has signed in with it for a long time."""
        return (self.last_sign_in or self.created_at) + DORMANT_AFTER <= now

    # Changes. Each returns the next revision.

    def changed(self, **changes: Any) -> Self:
        """With other values."""
        return replace(self, revision=self.revision + 1, **changes)

    def attempted(self) -> Self:
        """With one more wrong password: counted before the password is verified, so that nobody tries several at
        once.
        """
        return self.changed(wrong_passwords=self.wrong_passwords + 1)

    def answered_wrong(self) -> Self:
        """With one more wrong answer, counted in the same way."""
        return self.changed(wrong_answers=self.wrong_answers + 1)

    def answered_right(self) -> Self:
        """With the last answer not counted: it was right."""
        return self.changed(wrong_answers=max(self.wrong_answers - 1, 0))

    def signed_in(self, now: datetime) -> Self:
        """With a right password."""
        return self.changed(wrong_passwords=0, last_sign_in=now)

    def with_password(self, hashed: str, now: datetime) -> Self:
        """With a password that the person chose. It ends all sessions, and unlocks the account."""
        password = Password(hashed, now)
        return self.changed(password=password, link=None, wrong_passwords=0, wrong_answers=0, epoch=self.epoch + 1)

    def with_one_time_password(self, hashed: str, now: datetime) -> Self:
        """With a password that somebody else knows, for one use."""
        password = Password(hashed, now, is_one_time=True)
        return self.changed(password=password, link=None, wrong_passwords=0, wrong_answers=0, epoch=self.epoch + 1)

    def rehashed(self, hashed: str) -> Self:
        """With the same password, hashed with other parameters."""
        return self.changed(password=replace(self.password, hashed=hashed))

    def with_details(self, details: Details, roles: frozenset[Role]) -> Self:
        """With other details and roles. Other roles end all sessions."""
        epoch = self.epoch + (roles != self.roles)
        return self.changed(details=details, roles=roles, epoch=epoch)

    def suspended(self, at: datetime) -> Self:
        """Without access until a super user reactivates it."""
        return self.changed(suspended_at=at, epoch=self.epoch + 1)

    def reactivated(self) -> Self:
        """With access again, and with the same password."""
        return self.changed(suspended_at=None, wrong_passwords=0, wrong_answers=0)

    def deleted(self, at: datetime) -> Self:
        """Without access for ever. Who it was is kept; how the person signed in is not."""
        return self.changed(deleted_at=at, password=Password("", at), question=None, link=None, epoch=self.epoch + 1)


# --- User names ------------------------------------------------------------------------------------------------------

_OF_FAMILY_NAME: Final = 16
_NUMBERS: Final = 10_000
_NO_GIVEN_NAME: Final = frozenset({
    "account", "admin", "administration", "administrator", "anonymous", "batch", "centre", "college", "data",
    "default", "department", "dept", "desk", "dummy", "email", "enquiries", "everyone", "exam", "examinations", "exams",
    "generic", "group", "guest", "helpdesk", "info", "learner", "lrs", "mis", "nobody", "office", "officer",
    "organisation", "portal", "public", "reception", "registry", "school", "service", "shared", "staff", "student",
    "super", "superuser", "supervisor", "support", "system", "team", "temp", "temporary", "test", "tester", "testing",
    "training", "unknown", "user", "username", "users", "visitor", "work",
})  # fmt: skip
_NO_FAMILY_NAME: Final = frozenset({
    "account", "admin", "administrator", "department", "dept", "exams", "helpdesk", "office", "reception", "superuser",
    "team", "user", "users",
})  # fmt: skip
"""Words that are no person's name. Guest, Batch and Officer are family names too, so they are not refused there."""


def user_name(given_name: str, family_name: str, number: int) -> str:
    """A user name from the names and a random number below 10,000, such as "aokafor0417" (IDM-06).

    The number keeps user names from being guessed, and from showing how many people have the same name.
    """
    letters = f"{joined(given_name)[:1]}{joined(family_name)[:_OF_FAMILY_NAME]}"
    ascii_letters = "".join(letter for letter in letters if letter.isascii() and letter.isalnum())
    return f"{ascii_letters}{number % _NUMBERS:04d}"


def entered_user_name(text: str) -> str:
    """A user name as it is looked for: people may write capitals or spaces around it."""
    return text.strip().lower()


def is_generic(given_name: str, family_name: str) -> bool:
    """Whether these are not the names of a person but of a guest, an office or a function (AO18 3.5.1)."""
    given, family = (set(normal_form(name).split()) for name in (given_name, family_name))
    return (bool(given) and given <= _NO_GIVEN_NAME) or bool(family & _NO_FAMILY_NAME)


# --- All users of an organisation ------------------------------------------------------------------------------------


def details_failures(details: Details) -> Iterator[Failure]:
    """``LRS-USER-8`` for a guest or generic account."""
    if is_generic(details.given_name, details.family_name):
        yield failure("LRS-USER-8", "GivenName")


def role_failures(roles: frozenset[Role], granted: frozenset[Role]) -> Iterator[Failure]:
    """``LRS-USER-10`` without a role, ``LRS-USER-9`` with a role that the organisation was not granted."""
    if not roles:
        yield failure("LRS-USER-10", "Roles")
    elif not roles <= granted:
        yield failure("LRS-USER-9", "Roles", allowed=", ".join(role for role in Role if role in granted))


def duplicate_failures(
    users: Iterable[Account], details: Details, *, is_confirmed: bool, user_id: str = ""
) -> Iterator[Failure]:
    """Why these details may be those of a person who has an account already (one person, one account).

    ``LRS-USER-13`` the same name and email address, which is always refused; ``LRS-USER-12`` one of the two (detail
    ``same``), until it is confirmed that this is another person. ``user_id`` is the account that is being changed.
    """
    found = list(alike(users, details, user_id=user_id))
    if same_person(found, details, user_id=user_id):
        yield failure("LRS-USER-13")
    elif not is_confirmed:
        same = [("name" if _name_of(one.details) == _name_of(details) else "email address") for one in found]
        yield from (failure("LRS-USER-12", same=what) for what in dict.fromkeys(same))


def same_person(users: Iterable[Account], details: Details, *, user_id: str = "") -> Account | None:
    """The account with the same name and email address as these details, except the one with this id."""
    whose = _name_of(details), _email_of(details)
    found = alike(users, details, user_id=user_id)
    return next((one for one in found if (_name_of(one.details), _email_of(one.details)) == whose), None)


def alike(users: Iterable[Account], details: Details, *, user_id: str = "") -> Iterator[Account]:
    """Accounts with the same name or email address as these details, except the one with this id."""
    for one in users:
        if one.deleted_at is None and one.user_id != user_id:
            has_name = _name_of(one.details) == _name_of(details)
            if has_name or _email_of(one.details) == _email_of(details):
                yield one


def removal_failures(users: Iterable[Account], changed: Account) -> Iterator[Failure]:
    """``LRS-USER-11`` if a change takes the organisation's last super user."""
    held = {one.user_id: one for one in users}
    before = held.get(changed.user_id)
    if before is None or not before.is_super_user or changed.is_super_user:
        return
    if not any(one.is_super_user for user_id, one in held.items() if user_id != changed.user_id):
        yield failure("LRS-USER-11")


def super_user_notices(users: Iterable[Account]) -> Iterator[Failure]:
    """``LRS-USER-14`` if there are fewer than three super users or more than five (AO18 3.1)."""
    count = sum(one.is_super_user for one in users)
    if not FEWEST_SUPER_USERS <= count <= MOST_SUPER_USERS:
        yield failure("LRS-USER-14", number=count, minimum=FEWEST_SUPER_USERS, maximum=MOST_SUPER_USERS)


def review_is_due(reviewed_at: datetime | None, users: Iterable[Account], now: datetime) -> bool:
    """Whether the annual review of users is due (IDM-12): a year after the last one, or after the first account."""
    since = reviewed_at or min((one.created_at for one in users), default=now)
    return since + REVIEWED_EVERY <= now


def most_recently_active(users: Iterable[Account]) -> Account | None:
    """The super user who gets the emails to the organisation (IDM-13, AO18 3.5.1)."""
    return max(
        (one for one in users if one.is_super_user),
        key=lambda one: (one.last_sign_in or one.created_at, one.user_id),
        default=None,
    )


def _name_of(details: Details) -> tuple[str, str]:
    return joined(details.given_name), joined(details.family_name)


def _email_of(details: Details) -> str:
    return details.email_address.casefold()
