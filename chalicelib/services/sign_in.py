"""Sign in to the portal: password, User Agreement, secret question, forgotten password (IDM-01 to IDM-05, IDM-09).

Nothing shows strangers whether an account exists. For a user name that nobody has, the same calls are made and a hash
is verified as for one that somebody has, and the refusal is the same. A try is counted before it is verified, so that
many tries at once get no further than one after another. Whatever was verified holds for the epoch of the account in
which it was: a change is refused if another one has begun meanwhile.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Final, NamedTuple

from chalicelib.domain.account_fields import SECRET_QUESTION, answer_failures
from chalicelib.domain.accounts import (
    Account,
    AccountRules,
    AccountState,
    Details,
    Password,
    Question,
    ResetLink,
    entered_user_name,
)
from chalicelib.domain.callers import Caller, Channel
from chalicelib.domain.failures import Failure, failure
from chalicelib.domain.looks import LookAction, LookOutcome
from chalicelib.domain.passwords import new_password_failures, prepared, prepared_answer
from chalicelib.domain.portal_sessions import Session, Ticket, read_ticket
from chalicelib.domain.refusals import Refused
from chalicelib.domain.throttles import PaceClass
from chalicelib.ports.accounts import Accounts, Organisation
from chalicelib.ports.clock import Clock
from chalicelib.ports.errors import Conflict
from chalicelib.ports.identity import NewSecret
from chalicelib.ports.passwords import PasswordHasher
from chalicelib.ports.users import Known, UserStore
from chalicelib.services.looks import Looks, user_subject
from chalicelib.services.portal_sessions import Begun, PortalSessions
from chalicelib.services.saved_accounts import saved
from chalicelib.services.throttles import Throttles, TooManyTries
from chalicelib.services.user_mails import UserMails

_USER_NAME: Final = re.compile(r"[a-z0-9]{1,40}", re.ASCII)
_NO_ORGANISATION: Final = "00000000"
_NO_DETAILS: Final = Details(*("" for _ in Details._fields))
_LONG_AGO: Final = datetime(2000, 1, 1, tzinfo=UTC)


class Visitor(NamedTuple):
    """Somebody who is not signed in."""

    source: str
    """The address, or the network, that they come from."""
    request_id: str


class SignInPorts(NamedTuple):
    """What sign-in uses."""

    users: UserStore
    accounts: Accounts
    sessions: PortalSessions
    hasher: PasswordHasher
    throttles: Throttles
    looks: Looks
    mails: UserMails
    clock: Clock
    new_secret: NewSecret
    key: Callable[[], bytes]
    """A key of the service, for the questions that are shown for user names that nobody has."""
    rules: AccountRules


class _Act(NamedTuple):
    """Who does what, as it is recorded."""

    caller: Caller
    action: LookAction
    detail: Mapping[str, str] = MappingProxyType({})
    otherwise: Failure = failure("LRS-USER-15")
    """Why it is refused if the account's epoch is another one by now."""


class SignIn:
    """Lets people in."""

    def __init__(self, ports: SignInPorts) -> None:
        self._ports = ports

    # --- Password ----------------------------------------------------------------------------------------------------

    def enter(self, visitor: Visitor, user_name: str, password: str) -> Begun:
        """Begin a session, whose stage says what is owed. Raises Refused, TooManyTries, TemporaryFailure.

        ``LRS-USER-15`` for a wrong user name or password and for a locked account; only who knows the password learns
        that the account (``LRS-USER-16``) or the organisation (``LRS-USER-17``) is suspended.
        """
        my = self._ports
        account, organisation = self._sought(visitor, user_name)
        act = _Act(_caller(account, visitor.request_id), LookAction.SIGNED_IN, {"source": visitor.source})
        account = self._counted(act, account, Account.attempted)
        is_right = my.hasher.verify(account.password.hashed, prepared(password))
        reason = self._against_entry(account, organisation, is_right=is_right)
        if reason or organisation is None:
            raise self._refused(act, account, reason)
        self._look(act, account)
        account = self._saved(act, account, lambda one: one.signed_in(my.clock()))
        if my.hasher.is_outdated(account.password.hashed):
            hashed = my.hasher.hash(prepared(password))
            account = self._saved(act, account, lambda one: one.rehashed(hashed))
        return my.sessions.begin(account, organisation)

    def _against_entry(self, account: Account, organisation: Organisation | None, *, is_right: bool) -> Failure | None:
        my = self._ports
        is_locked = account.wrong_passwords > my.rules.wrong_entries
        if not is_right or is_locked or account.password.is_void(my.clock(), my.rules):
            return failure("LRS-USER-15")
        if account.suspended_at is not None:
            return failure("LRS-USER-16")
        if organisation is None or organisation.status != "active":
            return failure("LRS-USER-17")
        return None

    def choose_password(self, session: Session, present: str, new: str, again: str, request_id: str) -> Begun:
        """Change the password: the session continues as a new one, and all others end.

        Raises Refused with every reason: those of ``domain.passwords``, and ``LRS-USER-18`` for a wrong present one.
        """
        my = self._ports
        account = self._own(session)
        act = _Act(_caller(account, request_id), LookAction.PASSWORD_CHANGED)
        account = self._counted(act, account, Account.attempted)
        is_right = my.hasher.verify(account.password.hashed, prepared(present))
        is_right = is_right and account.wrong_passwords <= my.rules.wrong_entries
        reasons = [] if is_right else [failure("LRS-USER-18", "Password")]
        reasons += new_password_failures(new, again, is_present=is_right and prepared(new) == prepared(present))
        if reasons:
            raise self._refused(act, account, *reasons)
        account = self._with_password(act, account, new)
        organisation = my.accounts.organisation(account.ukprn)
        if organisation is None:
            raise Refused(failure("LRS-USER-17"))
        my.sessions.end(session)
        return my.sessions.begin(account, organisation, has_agreed=session.kept.has_agreed)

    def _with_password(self, act: _Act, account: Account, new: str) -> Account:
        my = self._ports
        hashed = my.hasher.hash(prepared(new))
        self._look(act, account)
        account = self._saved(act, account, lambda one: one.with_password(hashed, my.clock()))
        my.mails.password_changed(account)
        return account

    # --- Agreement, question, end ------------------------------------------------------------------------------------

    def accept(self, session: Session, request_id: str) -> None:
        """Accept the User Agreement, for this session."""
        self._look_of(session, LookAction.AGREEMENT_ACCEPTED, request_id)
        self._ports.sessions.agreed(session)

    def decline(self, session: Session, request_id: str) -> None:
        """Decline it, which ends the session."""
        self._look_of(session, LookAction.AGREEMENT_DECLINED, request_id)
        self._ports.sessions.end(session)

    def leave(self, session: Session, request_id: str) -> None:
        """Sign out."""
        self._look_of(session, LookAction.SIGNED_OUT, request_id)
        self._ports.sessions.end(session)

    def choose_question(self, session: Session, code: str, answer: str, again: str, request_id: str) -> None:
        """Choose a secret question and its answer. Raises Refused with every reason."""
        reasons = list(answer_failures(code, answer, again))
        if reasons:
            raise Refused(*reasons)
        question = Question(SECRET_QUESTION.read(code.strip()) or "", self._ports.hasher.hash(prepared_answer(answer)))
        account = self._own(session)
        act = _Act(_caller(account, request_id), LookAction.QUESTION_CHANGED)
        self._look(act, account)
        self._saved(act, account, lambda one: one.changed(question=question))

    # --- Forgotten password ------------------------------------------------------------------------------------------

    def question_of(self, visitor: Visitor, user_name: str) -> str:
        """The code of the secret question to ask. Raises TooManyTries, TemporaryFailure.

        For a user name that nobody has, or whose person has not chosen a question, it is one of the list, always the
        same one.
        """
        account, _ = self._sought(visitor, user_name)
        digest = hmac.new(self._ports.key(), entered_user_name(user_name).encode("utf-8", "replace"), hashlib.sha256)
        chosen = SECRET_QUESTION.values[int.from_bytes(digest.digest()[:8]) % len(SECRET_QUESTION.values)]
        return account.question.code if account.question else chosen

    def answer(self, visitor: Visitor, user_name: str, answer: str) -> None:
        """Send the link to choose a password. Raises Refused (``LRS-USER-19``), TooManyTries, TemporaryFailure."""
        my = self._ports
        account, organisation = self._sought(visitor, user_name)
        reason = failure("LRS-USER-19", "Answer")
        act = _Act(_caller(account, visitor.request_id), LookAction.RESET_LINK_SENT, {"source": visitor.source}, reason)
        account = self._counted(act, account, Account.answered_wrong)
        hashed = account.question.hashed if account.question else ""
        is_right = my.hasher.verify(hashed, prepared_answer(answer))
        has_access = account.suspended_at is None and organisation is not None and organisation.status == "active"
        if not is_right or not has_access or account.wrong_answers > my.rules.wrong_entries:
            raise self._refused(act, account, reason)
        ticket = Ticket(account.ukprn, account.user_id, my.new_secret())
        link = ResetLink(ticket.digest, my.clock() + my.rules.link_lifetime)
        self._look(act, account)
        account = self._saved(act, account, lambda one: one.changed(link=link, wrong_answers=0))
        my.mails.send_link(account, ticket.text, my.rules.link_lifetime // timedelta(minutes=1))

    def has_link(self, visitor: Visitor, link: str) -> bool:
        """Whether a link can still be used. Raises TooManyTries, TemporaryFailure."""
        self._throttle(visitor)
        return self._of_link(link) is not None

    def reset_password(self, visitor: Visitor, link: str, new: str, again: str) -> None:
        """Choose a password with the link of an email, once. It unlocks the account; the person then signs in.

        Raises Refused: ``LRS-USER-20`` for a link that cannot be used, otherwise every reason against the password.
        """
        self._throttle(visitor)
        account, ended = self._of_link(link), failure("LRS-USER-20")
        if account is None:
            raise Refused(ended)
        reasons = list(new_password_failures(new, again, is_present=False))
        if not reasons and self._ports.hasher.verify(account.password.hashed, prepared(new)):
            reasons = [failure("LRS-USER-6", "NewPassword")]
        act = _Act(_caller(account, visitor.request_id), LookAction.PASSWORD_CHANGED, otherwise=ended)
        if reasons:
            raise self._refused(act, account, *reasons)
        self._with_password(act, account, new)

    def _of_link(self, text: str) -> Account | None:
        my, ticket = self._ports, read_ticket(text)
        account = my.users.get(ticket.ukprn, ticket.user_id) if ticket else None
        if ticket is None or account is None or account.link is None or my.clock() >= account.link.ends:
            return None
        is_same = hmac.compare_digest(account.link.digest, ticket.digest)
        has_access = account.state(my.rules) in (AccountState.ACTIVE, AccountState.LOCKED)
        return account if is_same and has_access else None

    # --- Parts -------------------------------------------------------------------------------------------------------

    def _sought(self, visitor: Visitor, user_name: str) -> tuple[Account, Organisation | None]:
        """The account with this user name, or one that nobody has."""
        name = entered_user_name(user_name)
        digest = hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()
        self._throttle(visitor, digest)
        known: Known = self._ports.users.named(name if _USER_NAME.fullmatch(name) else "")
        if known.account is not None and known.account.deleted_at is None:
            return known.account, known.organisation
        return _nobody(digest), None

    def _throttle(self, visitor: Visitor, digest: str = "") -> None:
        wait = self._ports.throttles.wait
        seconds = wait(visitor.source, PaceClass.SOURCES)
        seconds = max(seconds, wait(digest, PaceClass.SIGN_INS) if digest else 0)
        if seconds:
            raise TooManyTries(seconds)

    def _own(self, session: Session) -> Account:
        account = self._ports.users.get(session.kept.ukprn, session.kept.user_id)
        if account is None or account.epoch != session.kept.epoch:
            raise Refused(failure("LRS-USER-15"))
        return account

    def _counted(self, act: _Act, account: Account, count: Callable[[Account], Account]) -> Account:
        """The account with one more try. Nobody's is written to as well, in vain."""
        if account.ukprn != _NO_ORGANISATION:
            return self._saved(act, account, count)
        counted = count(account)
        try:
            self._ports.users.save(counted)
        except Conflict:
            return counted
        raise AssertionError("an account of no organisation was stored")

    def _saved(self, act: _Act, account: Account, change: Callable[[Account], Account]) -> Account:
        try:
            return saved(self._ports.users, account, change, act.otherwise)
        except Refused as refused:
            raise self._refused(act, account, *refused.failures) from None

    def _look(self, act: _Act, account: Account) -> None:
        self._ports.looks.at(act.caller, act.action, user_subject(account.user_id), **act.detail)

    def _look_of(self, session: Session, action: LookAction, request_id: str) -> None:
        kept = session.kept
        caller = Caller(kept.ukprn, session.user_name, session.email, frozenset(), Channel.PORTAL, request_id)
        self._ports.looks.at(caller, action, user_subject(kept.user_id))

    def _refused(self, act: _Act, account: Account, *reasons: Failure | None) -> Refused:
        refused = Refused(*(one for one in reasons if one is not None))
        detail = {**act.detail, "code": refused.codes}
        self._ports.looks.at(act.caller, act.action, user_subject(account.user_id), LookOutcome.REFUSED, **detail)
        refused.is_recorded = True
        return refused


def _caller(account: Account, request_id: str) -> Caller:
    ukprn = "" if account.ukprn == _NO_ORGANISATION else account.ukprn
    email = account.details.email_address
    return Caller(ukprn, account.user_name, email, frozenset(), Channel.PORTAL, request_id)


def _nobody(digest: str) -> Account:
    """What stands for the account of a user name that nobody has; the name itself, which may be a password entered in
    the wrong place, is nowhere recorded.
    """
    password = Password("", _LONG_AGO)
    return Account(f"unknown-{digest[:16]}", _NO_ORGANISATION, "", _NO_DETAILS, frozenset(), _LONG_AGO, "", password)
