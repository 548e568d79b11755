"""People of the sample organisations: one for each role, all with the same password, drawn once for each checkout.

The password is stored in `.local/sample-password.txt`. It works at every start, whatever the accounts were used for.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from random import Random
from typing import Final, NamedTuple

from chalicelib import bootstrap
from chalicelib.cloud.clock import new_id
from chalicelib.domain.access import Role
from chalicelib.domain.accounts import Account, AccountState, Details, Password, Question, user_name
from chalicelib.domain.passwords import one_time_password, prepared, prepared_answer
from chalicelib.ports.accounts import Organisation
from chalicelib.ports.errors import Conflict
from chalicelib.services.organisations import granted_roles
from local.emulated.cloud import STATE
from local.samples.world import samples

PASSWORD_FILE: Final = STATE / "sample-password.txt"
ANSWER: Final = "Rover"
"""To everybody's secret question, the name of the first pet."""
_WITH_PEOPLE: Final = ("90000051", "90000101", "90000001")
"""An awarding organisation, a learning provider, the service desk."""
_GIVEN: Final = (
    "Amelia",
    "Bryn",
    "Chidi",
    "Dilys",
    "Ewan",
    "Farah",
    "Gwen",
    "Hamza",
    "Isla",
    "Jakub",
    "Kezia",
    "Lowri",
)
_FAMILY: Final = ("Okafor", "Prosser", "Rahman", "Sinclair", "Tomos", "Underhill", "Vaughan", "Whitlock", "Yardley")


class SampleUser(NamedTuple):
    """Somebody who can sign in."""

    organisation: Organisation
    role: Role
    given_name: str
    family_name: str
    user_name: str


def sample_users() -> Iterator[SampleUser]:
    """One for each role of three organisations, the same every time."""
    for ukprn in _WITH_PEOPLE:
        organisation = samples().organisation(ukprn)
        roles = granted_roles(organisation)
        for role in Role:
            if role in roles:
                chance = Random(f"{ukprn} {role}")
                given, family = chance.choice(_GIVEN), chance.choice(_FAMILY)
                yield SampleUser(organisation, role, given, family, user_name(given, family, chance.randrange(10_000)))


def sample_password() -> str:
    """The password of all of them; the file that has it is readable only by its owner."""
    with suppress(FileNotFoundError):
        return PASSWORD_FILE.read_text(encoding="utf-8").strip()
    PASSWORD_FILE.parent.mkdir(parents=True, exist_ok=True)
    fresh = PASSWORD_FILE.with_suffix(f".{os.getpid()}")
    fresh.touch(mode=0o600)
    fresh.write_text(one_time_password(secrets.randbelow) + "\n", encoding="utf-8")
    with suppress(FileExistsError):
        os.link(fresh, PASSWORD_FILE)  # the first process wins
    fresh.unlink()
    return PASSWORD_FILE.read_text(encoding="utf-8").strip()


def let_in(services: bootstrap.Services) -> None:
    """Create the accounts that are missing, and mend those with which nobody could sign in at once."""
    entrance = _Entrance(services)
    for one in sample_users():
        known = services.user_table.named(one.user_name).account
        if known is None:
            services.user_table.create(entrance.account(one), services.user_table.roll(one.organisation.ukprn))
        elif not entrance.is_open_to(known):
            with suppress(Conflict):  # somebody is signing in with it
                services.user_table.save(entrance.mended(known, one))


class _Entrance:
    """What everybody enters; hashed once."""

    def __init__(self, services: bootstrap.Services) -> None:
        self._services = services
        self._entered = prepared(sample_password())

    @cached_property
    def _password(self) -> Password:
        return Password(self._services.password_hasher.hash(self._entered), self._services.clock())

    @cached_property
    def _question(self) -> Question:
        return Question("PET", self._services.password_hasher.hash(prepared_answer(ANSWER)))

    def is_open_to(self, account: Account) -> bool:
        rules, now = self._services.account_rules, self._services.clock()
        return (
            account.state(rules) is AccountState.ACTIVE
            and account.question is not None
            and not account.password.is_owed(now, rules)
            and self._services.password_hasher.verify(account.password.hashed, self._entered)
        )

    def account(self, one: SampleUser) -> Account:
        host = one.organisation.batch_email.partition("@")[2]
        return Account(
            user_id=new_id(),
            ukprn=one.organisation.ukprn,
            user_name=one.user_name,
            details=Details(
                title="",
                given_name=one.given_name,
                family_name=one.family_name,
                email_address=f"{one.given_name}.{one.family_name}@{host}".lower(),
                landline="",
                mobile="",
                verification="Invented with the sample data",
                staff_id="",
                reference="",
            ),
            roles=frozenset({one.role}),
            created_at=self._services.clock(),
            created_by="local.samples.users",
            password=self._password,
            question=self._question,
        )

    def mended(self, account: Account, one: SampleUser) -> Account:
        changed = account.with_password(self._password.hashed, self._password.since)
        roles = account.roles | {one.role}
        return replace(changed, question=self._question, suspended_at=None, deleted_at=None, roles=roles)
