"""Users of an organisation, for its super users; and lost super users, for the service desk (IDM-06, IDM-10, IDM-12).

A super user acts on the accounts of the own organisation alone. Every act, done or refused, is in the audit log of the
account. A one-time password is returned once, and only its hash is stored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from chalicelib.domain.access import Role
from chalicelib.domain.account_fields import CHANGE_FORM_FIELDS, WANTS_EMAILS, read_details, read_own_details
from chalicelib.domain.accounts import (
    Account,
    AccountRules,
    AccountState,
    Details,
    Password,
    alike,
    details_failures,
    duplicate_failures,
    entered_user_name,
    removal_failures,
    review_is_due,
    role_failures,
    same_person,
    super_user_notices,
    user_name,
)
from chalicelib.domain.callers import Caller
from chalicelib.domain.failures import Failure, failure
from chalicelib.domain.looks import LookAction, LookOutcome
from chalicelib.domain.passwords import one_time_password, prepared, prepared_answer
from chalicelib.domain.portal_sessions import Session
from chalicelib.domain.refusals import Refused, or_refuse
from chalicelib.domain.throttles import PaceClass
from chalicelib.domain.values import judged, read_fields
from chalicelib.ports.accounts import Accounts, Organisation
from chalicelib.ports.audit import AuditEntry, AuditLog, mark_of
from chalicelib.ports.clock import Clock, NewId
from chalicelib.ports.errors import Conflict, TemporaryFailure
from chalicelib.ports.passwords import PasswordHasher
from chalicelib.ports.users import Roll, UserNameTaken, UserStore
from chalicelib.reference.letters import joined
from chalicelib.services.looks import Looks, organisation_subject, user_subject
from chalicelib.services.organisations import granted_roles
from chalicelib.services.saved_accounts import saved
from chalicelib.services.throttles import Throttles, TooManyTries
from chalicelib.services.user_mails import UserMails

ACTIVITY_SHOWN: Final = 25
_TRIES: Final = 6
_NAMES: Final = 10_000
_NOT_DELETED: Final = frozenset({AccountState.ACTIVE, AccountState.LOCKED, AccountState.SUSPENDED})
_JUST: Final = timedelta(minutes=1)


class UserPorts(NamedTuple):
    """What the management of users uses."""

    users: UserStore
    accounts: Accounts
    hasher: PasswordHasher
    throttles: Throttles
    looks: Looks
    audit: AuditLog
    mails: UserMails
    clock: Clock
    new_id: NewId
    draw: Callable[[int], int]
    rules: AccountRules


class Order(NamedTuple):
    """What is wanted of an account."""

    texts: Mapping[str, str]
    """Its details, by the names of their fields."""
    roles: frozenset[Role]
    is_confirmed: bool = False
    """Whether somebody with the same name or email address is confirmed to be another person."""
    user_id: str = ""
    """Of the account to create, where the caller knows it again by that; otherwise it gets a new one."""


class Created(NamedTuple):
    """A new account, and its one-time password, to be shown once."""

    account: Account
    password: str


class Wanted(NamedTuple):
    """Criteria of a search; empty ones find everybody."""

    user_name: str = ""
    given_name: str = ""
    family_name: str = ""
    state: AccountState | None = None
    roles: frozenset[Role] = frozenset()
    """Any of them."""


EVERYBODY: Final = Wanted()


class Overview(NamedTuple):
    """What a super user sees of the organisation's users."""

    accounts: tuple[Account, ...]
    notices: tuple[Failure, ...]
    """``LRS-USER-14`` if there are too few or too many super users."""
    review_is_due: bool
    revision: int
    """Of the roll, to sign off exactly this list."""
    reviewed_at: datetime | None
    reviewed_by: str


class Activity(NamedTuple):
    """What was done with an account."""

    account: Account
    entries: tuple[AuditEntry, ...]
    """Newest first."""
    next_mark: str
    """Where earlier ones begin; empty if there are none."""


class ChangeForm(NamedTuple):
    """The Change of Super User form (AO18 3.6)."""

    signatory: str
    is_manager: bool
    """Whether the signatory is of manager status or above."""
    reason: str


class Users:
    """Manages accounts."""

    def __init__(self, ports: UserPorts) -> None:
        self._ports = ports

    @property
    def rules(self) -> AccountRules:
        """The limits by which accounts have their states."""
        return self._ports.rules

    # --- Look --------------------------------------------------------------------------------------------------------

    def find(self, caller: Caller, wanted: Wanted = EVERYBODY) -> Overview:
        """The users who meet all criteria, deleted ones only if they are wanted. The notices are about all users."""
        my, roll = self._ports, self._ports.users.roll(caller.ukprn)
        found = tuple(one for one in roll.accounts if self._meets(one, wanted))
        subject = organisation_subject(caller.ukprn)
        my.looks.at(caller, LookAction.USERS_LISTED, subject, count=str(len(found)))
        is_due = review_is_due(roll.reviewed_at, roll.accounts, my.clock())
        notices = tuple(super_user_notices(roll.accounts))
        return Overview(found, notices, is_due, roll.revision, roll.reviewed_at, roll.reviewed_by)

    def get(self, caller: Caller, user_id: str) -> Account:
        """One account. Raises Refused (``LRS-USER-21``)."""
        account = self._found(caller.ukprn, user_id)
        self._look(caller, LookAction.USER_VIEWED, account)
        return account

    def activity(self, caller: Caller, user_id: str, before: str = "") -> Activity:
        """What was done with an account, newest first: sign-ins, changes, refusals."""
        account = self._found(caller.ukprn, user_id)
        self._look(caller, LookAction.USER_ACTIVITY_VIEWED, account)
        found = self._ports.audit.latest(user_subject(account.user_id), ACTIVITY_SHOWN + 1, before)
        shown = tuple(found[:ACTIVITY_SHOWN])
        return Activity(account, shown, mark_of(shown[-1]) if len(found) > len(shown) else "")

    def verify_identity(self, caller: Caller, user_id: str, answer: str) -> None:
        """Verify a user's identity by the answer to the secret question (AO18 3.5.6.2).

        A try is counted before it is verified, together with the user's own after a forgotten password. Raises
        Refused: ``LRS-USER-19`` for a wrong answer, ``LRS-USER-26`` after too many, ``LRS-USER-22`` without a
        question; TooManyTries.
        """
        my, account = self._ports, self._found(caller.ukprn, user_id)
        if account.question is None:
            raise Refused(failure("LRS-USER-22"))
        seconds = my.throttles.wait(account.user_id, PaceClass.SIGN_INS)
        if seconds:
            raise TooManyTries(seconds)
        account = saved(my.users, account, Account.answered_wrong, failure("LRS-REQ-13"))
        is_open = account.wrong_answers <= my.rules.wrong_entries
        is_right = my.hasher.verify(account.question.hashed, prepared_answer(answer)) if account.question else False
        outcome = LookOutcome.DONE if is_right and is_open else LookOutcome.REFUSED
        my.looks.at(caller, LookAction.USER_IDENTITY_VERIFIED, user_subject(account.user_id), outcome)
        if not is_open:
            raise Refused(failure("LRS-USER-26"))
        if not is_right:
            raise Refused(failure("LRS-USER-19", "Answer"))
        saved(my.users, account, Account.answered_right, failure("LRS-REQ-13"))

    def grantable(self, caller: Caller) -> tuple[Role, ...]:
        """The roles that the caller's organisation can give its users. Raises Refused."""
        granted = granted_roles(self._organisation(caller.ukprn))
        return tuple(role for role in Role if role in granted)

    def check(self, caller: Caller, order: Order) -> tuple[Account, ...]:
        """Judge an order before it is given: the users with the same name or email address, of whom it warns.

        Raises Refused with every reason but that.
        """
        my, organisation = self._ports, self._organisation(caller.ukprn)
        others = my.users.roll(caller.ukprn).accounts
        details = self._judged(order._replace(is_confirmed=True), organisation, others, order.user_id)
        found = tuple(alike(others, details, user_id=order.user_id))
        if found:
            my.looks.at(caller, LookAction.USERS_LISTED, organisation_subject(caller.ukprn), count=str(len(found)))
        return found

    # --- Change ------------------------------------------------------------------------------------------------------

    def create(self, caller: Caller, order: Order) -> Created:
        """Create an account in the caller's organisation. Raises Refused with every reason."""
        return self._created(caller, caller.ukprn, order, LookAction.USER_CREATED)

    def replace_super_user(self, caller: Caller, ukprn: str, form: ChangeForm, order: Order) -> Created:
        """Create a super user for an organisation that has lost its own, by the signed form (AO18 3.6).

        Whatever the order says, the account has the role of super user alone. A person who is a super user already, and
        whose one-time password nobody has used, gets another one. Raises Refused with every reason.
        """
        given, reasons = read_fields(CHANGE_FORM_FIELDS, {"signatory": form.signatory, "reason": form.reason})
        if not form.is_manager:
            reasons.append(failure("LRS-USER-24", "Signatory", allowed="of manager status or above"))
        reasons += self._not_from_here(ukprn)
        waiting = None if reasons else self._waiting(ukprn, order)
        if waiting is not None:
            return self._reset(caller, ukprn, LookAction.SUPER_USER_REPLACED, waiting.user_id, waiting.epoch, **given)
        wanted = order._replace(roles=frozenset({Role.SUPER_USER}))
        return self._created(caller, ukprn, wanted, LookAction.SUPER_USER_REPLACED, *reasons, **given)

    def _waiting(self, ukprn: str, order: Order) -> Account | None:
        """The super user whom an order describes, if that account is not this order's own and nobody has used it."""
        details = read_details(order.texts)
        found = same_person(self._ports.users.roll(ukprn).accounts, details) if isinstance(details, Details) else None
        if found is None or found.user_id == order.user_id:
            return None
        return found if found.is_super_user and found.password.is_one_time else None

    def has(self, ukprn: str, user_id: str) -> bool:
        """Whether an organisation has or had this user."""
        return self._ports.users.get(ukprn, user_id) is not None

    def has_users(self, ukprn: str) -> bool:
        """Whether an organisation has or had any."""
        return bool(self._ports.users.roll(ukprn).accounts)

    def create_first(self, caller: Caller, ukprn: str, order: Order) -> Created:
        """Create the first super user of an organisation that has just been registered.

        Whatever the order says, the account has the role of super user alone. Raises Refused with every reason,
        ``LRS-USER-25`` if the organisation has or had users.
        """
        reasons = [*self._not_from_here(ukprn), *([failure("LRS-USER-25")] if self.has_users(ukprn) else [])]
        return self._created(
            caller, ukprn, order._replace(roles=frozenset({Role.SUPER_USER})), LookAction.USER_CREATED, *reasons
        )

    def _not_from_here(self, ukprn: str) -> list[Failure]:
        """The reason against making a super user of those who run the service, who could give any role to anybody."""
        return [failure("LRS-ORG-3")] if self._organisation(ukprn).is_service_desk else []

    def update(self, caller: Caller, user_id: str, edition: str, order: Order) -> Account:
        """Change details and roles, one's own too. Raises Refused: ``LRS-REQ-13`` if they are others by now."""
        organisation = self._organisation(caller.ukprn)

        def change(account: Account, roll: Roll) -> Account:
            if (read_details(order.texts), order.roles) == (account.details, account.roles):
                return account
            _require_edition(account, edition)
            details = self._judged(order, organisation, roll.accounts, user_id)
            return account.with_details(details, order.roles)

        before = self._found(caller.ukprn, user_id)
        account = self._changed(caller, LookAction.USER_UPDATED, user_id, change)
        if account.roles != before.roles:
            self._ports.mails.roles_changed(account)
        if account.details.email_address != before.details.email_address:
            self._ports.mails.address_changed(before)
        return account

    def update_own(self, caller: Caller, session: Session, texts: Mapping[str, str]) -> Account:
        """Change one's own contact details: email address and telephone numbers (IDM-09)."""
        before = self._found(caller.ukprn, session.kept.user_id)
        contact = or_refuse(read_own_details(texts))

        def change(account: Account, _: Roll) -> Account:
            details = account.details._replace(**contact)
            if details == account.details:
                return account
            return account.with_details(details, account.roles)

        account = self._changed(caller, LookAction.USER_UPDATED, session.kept.user_id, change)
        if account.details.email_address != before.details.email_address:
            self._ports.mails.address_changed(before)
        return account

    def choose_emails(self, caller: Caller, session: Session, text: str) -> Account:
        """Choose, by ``yes`` or ``no``, whether emails about one's own files are sent. Raises Refused."""
        read = judged(WANTS_EMAILS, text)
        chosen = or_refuse(read.value or "", *read.failures)

        def change(account: Account, _: Roll) -> Account:
            is_so = account.wants_notices == (chosen == "yes")
            return account if is_so else account.changed(wants_notices=chosen == "yes")

        return self._changed(caller, LookAction.USER_UPDATED, session.kept.user_id, change)

    def suspend(self, caller: Caller, user_id: str) -> Account:
        """Deny access until it is reactivated; ends all sessions. Raises Refused."""
        my = self._ports

        def change(account: Account, _: Roll) -> Account:
            return account if account.suspended_at is not None else account.suspended(my.clock())

        return self._changed(caller, LookAction.USER_SUSPENDED, user_id, change, tell=my.mails.suspended)

    def reactivate(self, caller: Caller, user_id: str, epoch: int) -> Account:
        """Lift a suspension or unlock; the password stays as it was.

        Raises Refused: ``LRS-REQ-13`` if the epoch is another one by now, as after another suspension.
        """
        my = self._ports

        def change(account: Account, _: Roll) -> Account:
            if account.state(my.rules) is AccountState.ACTIVE:
                return account
            _require_epoch(account, epoch)
            return account.reactivated()

        return self._changed(caller, LookAction.USER_REACTIVATED, user_id, change, tell=my.mails.reactivated)

    def delete(self, caller: Caller, user_id: str) -> Account:
        """End an account for ever, and keep its history. Raises Refused."""
        now = self._ports.clock()

        def change(account: Account, _: Roll) -> Account:
            return account if account.deleted_at is not None else account.deleted(now)

        return self._changed(caller, LookAction.USER_DELETED, user_id, change, states=frozenset(AccountState))

    def reset(self, caller: Caller, user_id: str, epoch: int) -> Created:
        """Give a one-time password, which unlocks the account and ends all sessions.

        Raises Refused: ``LRS-REQ-13`` if the epoch is another one by now, as after a reset.
        """
        return self._reset(caller, caller.ukprn, LookAction.USER_PASSWORD_RESET, user_id, epoch)

    def _reset(
        self, caller: Caller, ukprn: str, action: LookAction, user_id: str, epoch: int, **detail: str
    ) -> Created:
        my, password = self._ports, one_time_password(self._ports.draw)
        hashed, now = my.hasher.hash(prepared(password)), my.clock()

        def change(account: Account, _: Roll) -> Account:
            _require_epoch(account, epoch)
            return account.with_one_time_password(hashed, now)

        tell = my.mails.password_reset
        account = self._changed(caller, action, user_id, change, states=_NOT_DELETED, ukprn=ukprn, tell=tell, **detail)
        return Created(account, password)

    def sign_off(self, caller: Caller, revision: int) -> None:
        """Sign off the annual review of the users as they were listed. Raises Refused: ``LRS-REQ-13`` if there are
        others by now, unless the caller has just signed off the same list.
        """
        my, roll = self._ports, self._ports.users.roll(caller.ukprn)
        if roll.revision != revision:
            if _is_just_reviewed(roll, revision, caller.user, my.clock()):
                return
            raise Refused(failure("LRS-REQ-13"))
        held = sum(one.deleted_at is None for one in roll.accounts)
        my.looks.at(caller, LookAction.USERS_REVIEWED, organisation_subject(caller.ukprn), count=str(held))
        try:
            my.users.sign_off(roll, my.clock(), caller.user)
        except Conflict:
            if not _is_just_reviewed(my.users.roll(caller.ukprn), revision, caller.user, my.clock()):
                raise Refused(failure("LRS-REQ-13")) from None

    # --- Parts -------------------------------------------------------------------------------------------------------

    def _created(
        self, caller: Caller, ukprn: str, order: Order, action: LookAction, *reasons: Failure, **detail: str
    ) -> Created:
        my, organisation, password = self._ports, self._organisation(ukprn), one_time_password(self._ports.draw)
        hashed, now, user_id = my.hasher.hash(prepared(password)), my.clock(), order.user_id or my.new_id()
        for _ in range(_TRIES):
            roll = my.users.roll(ukprn)
            try:
                details = self._judged(order, organisation, roll.accounts, "", *reasons)
            except Refused as refused:
                my.looks.at(caller, action, organisation_subject(ukprn), LookOutcome.REFUSED, code=refused.codes)
                raise
            account = Account(
                user_id=user_id,
                ukprn=ukprn,
                user_name=user_name(details.given_name, details.family_name, my.draw(_NAMES)),
                details=details,
                roles=order.roles,
                created_at=now,
                created_by=caller.user,
                password=Password(hashed, now, is_one_time=True),
            )
            my.looks.at(caller, action, user_subject(user_id), of=ukprn, roles=_listed(order.roles), **detail)
            try:
                my.users.create(account, roll)
            except (UserNameTaken, Conflict):
                continue
            my.mails.created(account)
            return Created(account, password)
        raise TemporaryFailure("users.create: overtaken")

    def _changed(
        self,
        caller: Caller,
        action: LookAction,
        user_id: str,
        change: Callable[[Account, Roll], Account],
        *,
        states: frozenset[AccountState] = _NOT_DELETED,
        ukprn: str = "",
        tell: Callable[[Account], None] = lambda _: None,
        **detail: str,
    ) -> Account:
        """Change an account in one of these states, of the caller's own organisation if no other is named, unless
        that takes the last super user; then tell its person. Where the change returns the account itself, it has been
        made, as by the first of two clicks.
        """
        my, subject, ukprn = self._ports, user_subject(user_id), ukprn or caller.ukprn
        for _ in range(_TRIES):
            roll = my.users.roll(ukprn)
            account = self._found(ukprn, user_id)
            try:
                self._require(account, *states)
                changed = change(account, roll)
                or_refuse(tuple(removal_failures(roll.accounts, changed)) or changed)
            except Refused as refused:
                my.looks.at(caller, action, subject, LookOutcome.REFUSED, code=refused.codes)
                raise
            if changed is account:
                my.looks.at(caller, action, subject, LookOutcome.UNCHANGED)
                return account
            my.looks.at(caller, action, subject, roles=_difference(account.roles, changed.roles), **detail)
            try:
                my.users.save_in_roll(changed, roll)
            except Conflict:
                continue
            tell(changed)
            return changed
        raise TemporaryFailure("users.save_in_roll: overtaken")

    def _judged(
        self, order: Order, organisation: Organisation, others: Iterable[Account], user_id: str, *reasons: Failure
    ) -> Details:
        """The details of an order. Raises Refused with every reason against it."""
        read = read_details(order.texts)
        found = [*reasons, *role_failures(order.roles, granted_roles(organisation))]
        if isinstance(read, Details):
            found += details_failures(read)
            found += duplicate_failures(others, read, is_confirmed=order.is_confirmed, user_id=user_id)
        return or_refuse(read, *found)

    def _organisation(self, ukprn: str) -> Organisation:
        organisation = self._ports.accounts.organisation(ukprn)
        if organisation is None:
            raise Refused(failure("WSEC0003"))
        if organisation.status != "active":
            raise Refused(failure("LRS-USER-17"))
        return organisation

    def _found(self, ukprn: str, user_id: str) -> Account:
        account = self._ports.users.get(ukprn, user_id) if user_id.isprintable() and "#" not in user_id else None
        if account is None:
            raise Refused(failure("LRS-USER-21"))
        return account

    def _require(self, account: Account, *states: AccountState) -> None:
        if account.state(self._ports.rules) not in states:
            raise Refused(failure("LRS-USER-22"))

    def _meets(self, account: Account, wanted: Wanted) -> bool:
        state, details = account.state(self._ports.rules), account.details
        return (
            (state is wanted.state if wanted.state else state is not AccountState.DELETED)
            and (not wanted.roles or bool(account.roles & wanted.roles))
            and entered_user_name(wanted.user_name) in account.user_name
            and joined(details.given_name).startswith(joined(wanted.given_name))
            and joined(details.family_name).startswith(joined(wanted.family_name))
        )

    def _look(self, caller: Caller, action: LookAction, account: Account) -> None:
        self._ports.looks.at(caller, action, user_subject(account.user_id))


def _require_edition(account: Account, edition: str) -> None:
    if account.edition != edition:
        raise Refused(failure("LRS-REQ-13"))


def _require_epoch(account: Account, epoch: int) -> None:
    if account.epoch != epoch:
        raise Refused(failure("LRS-REQ-13"))


def _is_just_reviewed(roll: Roll, revision: int, user: str, now: datetime) -> bool:
    """Whether this person has just signed off this list: by the first of two clicks."""
    is_own = (roll.revision, roll.reviewed_by) == (revision + 1, user)
    return is_own and roll.reviewed_at is not None and now < roll.reviewed_at + _JUST


def _listed(roles: Iterable[Role]) -> str:
    return ", ".join(sorted(roles))


def _difference(before: frozenset[Role], after: frozenset[Role]) -> str:
    """The roles that were added and removed, such as "+QCF User, -LRB Super User"."""
    marked = [*(f"+{role}" for role in sorted(after - before)), *(f"-{role}" for role in sorted(before - after))]
    return ", ".join(marked)
