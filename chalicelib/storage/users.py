"""Accounts of portal users, in the accounts table (IDM-06).

An organisation's users are in its partition: one query lists them. The roll's revision is the optimistic lock of
whatever depends on all of them. A user name is an item of its own that is never deleted.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Final

from pynamodb.attributes import UnicodeAttribute

from chalicelib.aws import temporary_failures
from chalicelib.domain.access import Role
from chalicelib.domain.accounts import Account, Details, Password, Question, ResetLink
from chalicelib.ports.errors import Conflict
from chalicelib.ports.users import Known, Roll, UserNameTaken
from chalicelib.storage import keys
from chalicelib.storage.accounts import OrganisationItem, organisation_of
from chalicelib.storage.conditions import Patience
from chalicelib.storage.tables import Item, Models, VersionedItem
from chalicelib.storage.texts import JsonText
from chalicelib.storage.transactions import Put, transact
from chalicelib.storage.wire import change_or_see, read_items

_NOBODY: Final = ("00000000", "nobody")
"""Organisation and account that are read for a user name that nobody has: no answer comes sooner than another."""


class UserItem(VersionedItem):
    """A portal user's account, ``ORG#<ukprn>`` / ``USER#<id>``; of the password and the answer it has hashes only."""

    body = JsonText()


class UserRollItem(VersionedItem):
    """What concerns all users of an organisation, ``ORG#<ukprn>`` / ``USERS``: ``revision`` locks them together."""

    reviewed = UnicodeAttribute(null=True)
    reviewed_by = UnicodeAttribute(null=True)


class UserNameItem(Item):
    """Whose a user name is, ``USERNAME#<user name>`` / ``LOCK``; never deleted."""

    ukprn = UnicodeAttribute()
    user_id = UnicodeAttribute()


class UserTable:
    """The portal users of the accounts table."""

    MODELS: ClassVar[Models] = {"accounts": (UserItem, UserRollItem, UserNameItem)}

    def __init__(self, patience: Patience) -> None:
        self._patience = patience

    def named(self, user_name: str) -> Known:
        """The account with this user name, and its organisation, in two calls, whether or not there is one."""
        name = UserNameItem.find("users.named", keys.user_name(user_name))
        ukprn, user_id = (name.ukprn, name.user_id) if name else _NOBODY
        wanted = [keys.organisation(ukprn), keys.user(ukprn, user_id)]
        return known(read_items("users.named", self._patience, UserItem, wanted, consistent=True))

    def get(self, ukprn: str, user_id: str) -> Account | None:
        """One account."""
        item = UserItem.find("users.get", keys.user(ukprn, user_id))
        return _account(item) if item else None

    def roll(self, ukprn: str) -> Roll:
        """All accounts of an organisation. Its revision is read first, so that a later change is noticed."""
        item = UserRollItem.find("users.roll", keys.users(ukprn))
        pk = keys.organisation(ukprn).pk
        own = UserItem.sk.startswith(keys.USER + keys.SEPARATOR)
        with temporary_failures("users.roll"):
            found = [_account(one) for one in UserItem.query(pk, own, consistent_read=True)]
        accounts = tuple(sorted(found, key=lambda account: account.user_name))
        if item is None:
            return Roll(ukprn, accounts, 0, None, "")
        reviewed_at = datetime.fromisoformat(item.reviewed) if item.reviewed else None
        return Roll(ukprn, accounts, int(item.revision), reviewed_at, item.reviewed_by or "")

    def create(self, account: Account, roll: Roll) -> None:
        """Raises UserNameTaken; Conflict if the roll has changed since."""
        name = UserNameItem(*keys.user_name(account.user_name), ukprn=account.ukprn, user_id=account.user_id)
        user, after = _item(account), _next(roll)
        actions = [Put(name, name.absent()), Put(user, user.follows()), Put(after, after.follows())]
        stopped = transact("users.create", self._patience, actions)
        if stopped and self._stored(account) != account:
            raise UserNameTaken if 0 in stopped else Conflict

    def save(self, account: Account) -> None:
        """Store the next revision of an account. Raises Conflict if there is another by now, or no account."""
        item = _item(account)
        actions = [UserItem.body.set(item.body), UserItem.revision.set(account.revision)]
        stored = change_or_see("users.save", item, actions, UserItem.revision == account.revision - 1)
        # Where botocore repeats a call whose answer was lost, the revision that is there is ours.
        if stored is not None and not (stored and _account(UserItem.of(stored)) == account):
            raise Conflict

    def save_in_roll(self, account: Account, roll: Roll) -> None:
        """The same for a change that depends on the other accounts: Conflict also if the roll has changed since."""
        user, after = _item(account), _next(roll)
        actions = [Put(user, UserItem.revision == account.revision - 1), Put(after, after.follows())]
        if transact("users.save_in_roll", self._patience, actions) and self._stored(account) != account:
            raise Conflict

    def sign_off(self, roll: Roll, at: datetime, by: str) -> None:
        """Store that the roll was reviewed. Raises Conflict if it has changed since."""
        after = _next(roll._replace(reviewed_at=at, reviewed_by=by))
        if not after.put("users.sign_off", after.follows()):
            stored = UserRollItem.find("users.sign_off", keys.users(roll.ukprn))
            if stored is None or (stored.revision, stored.reviewed) != (after.revision, after.reviewed):
                raise Conflict

    def _stored(self, account: Account) -> Account | None:
        """What is there: the same where botocore repeated a call whose answer was lost."""
        return self.get(account.ukprn, account.user_id)


def known(items: Any) -> Known:
    """The account and the organisation among items in DynamoDB's JSON."""
    account, organisation = None, None
    for item in items:
        if item["sk"]["S"] == keys.ORGANISATION:
            organisation = organisation_of(OrganisationItem.of(item))
        elif item["sk"]["S"].startswith(keys.USER + keys.SEPARATOR):
            account = _account(UserItem.of(item))
    return Known(account, organisation)


def _next(roll: Roll) -> UserRollItem:
    return UserRollItem(
        *keys.users(roll.ukprn),
        revision=roll.revision + 1,
        reviewed=roll.reviewed_at.isoformat() if roll.reviewed_at else None,
        reviewed_by=roll.reviewed_by or None,
    )


def _item(account: Account) -> UserItem:
    password, question, link = account.password, account.question, account.link
    body = {
        "name": account.user_name,
        "details": account.details,
        "roles": sorted(account.roles),
        "created": (account.created_at, account.created_by),
        "password": (password.hashed, password.since, password.is_one_time),
        "question": (question.code, question.hashed) if question else None,
        "link": (link.digest, link.ends) if link else None,
        "wrong": (account.wrong_passwords, account.wrong_answers),
        "suspended": account.suspended_at,
        "deleted": account.deleted_at,
        "signed_in": account.last_sign_in,
        "notices": account.wants_notices,
        "epoch": account.epoch,
    }
    return UserItem(*keys.user(account.ukprn, account.user_id), body=body, revision=account.revision)


def _account(item: UserItem) -> Account:
    body, (ukprn, user_id) = item.body, keys.user_of(item.pk, item.sk)
    hashed, since, is_one_time = body["password"]
    created_at, created_by = body["created"]
    wrong_passwords, wrong_answers = body["wrong"]
    return Account(
        user_id=user_id,
        ukprn=ukprn,
        user_name=body["name"],
        details=Details(*body["details"]),
        roles=frozenset(map(Role, body["roles"])),
        created_at=datetime.fromisoformat(created_at),
        created_by=created_by,
        password=Password(hashed, datetime.fromisoformat(since), is_one_time),
        question=Question(*body["question"]) if body["question"] else None,
        link=ResetLink(body["link"][0], datetime.fromisoformat(body["link"][1])) if body["link"] else None,
        wrong_passwords=wrong_passwords,
        wrong_answers=wrong_answers,
        suspended_at=_moment(body["suspended"]),
        deleted_at=_moment(body["deleted"]),
        last_sign_in=_moment(body["signed_in"]),
        wants_notices=body["notices"],
        epoch=body["epoch"],
        revision=int(item.revision),
    )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
