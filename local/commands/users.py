"""The first portal users of an environment: those of the service desk, who register everybody else.

    python -m local.commands.users list 90000001 --environment dev
    python -m local.commands.users create 90000001 Jo Bloggs jo.bloggs@desk.example.org --environment dev

`create` makes a super user of the service desk, who also has the role of service desk and manages its other users in
the portal. The one-time password is shown once. Users of any other organisation are created in the portal alone.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence

from chalicelib import bootstrap
from chalicelib.domain.access import Role
from chalicelib.domain.accounts import Account, AccountRules
from chalicelib.services.users import Order
from local.commands.operators import CommandError, PlaceParser, concluded, operator
from local.emulated.account import chosen_place

FIRST_ROLES = frozenset({Role.SUPER_USER, Role.SERVICE_DESK})
VERIFICATION = "Created by an operator of the service"


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line: 0 done, 1 refused, 2 no such place."""
    chosen = _parser().parse_args(arguments)
    return concluded(lambda: _run(chosen))


def _run(chosen: argparse.Namespace) -> int:
    services = bootstrap.services(chosen_place(chosen).environment)
    if chosen.command == "list":
        print(*_listed(services.user_table.roll(chosen.ukprn).accounts, services.account_rules), sep="\n")
        return 0
    organisation = services.accounts.organisation(chosen.ukprn)
    if organisation is None or not organisation.is_service_desk:
        raise CommandError(f"{chosen.ukprn} is not the service desk. Set it up first: local.commands.organisations.")
    texts = {
        "given_name": chosen.given_name,
        "family_name": chosen.family_name,
        "email_address": chosen.email,
        "verification": VERIFICATION,
    }
    order = Order(texts, FIRST_ROLES, is_confirmed=chosen.another)
    account, password = services.users.create(operator()._replace(ukprn=chosen.ukprn), order)
    print(f"user name          {account.user_name}")
    print(f"one-time password  {password}")
    days = services.account_rules.one_time_lifetime.days
    print(f"The password will not be shown again. It can be used for {days} days, once.")
    return 0


def _listed(accounts: Iterable[Account], rules: AccountRules) -> Iterator[str]:
    for one in accounts:
        seen = f"{one.last_sign_in:%Y-%m-%d %H:%M}" if one.last_sign_in else "never"
        yield f"{one.user_name}  {one.state(rules):9}  last sign-in {seen}  {', '.join(sorted(one.roles))}"


def _parser() -> argparse.ArgumentParser:
    parser = PlaceParser("users", __doc__)
    commands = parser.commands()
    listing = commands.add_parser("list", help="an organisation's users, with state and last sign-in")
    create = commands.add_parser("create", help="a super user of the service desk")
    for command in (listing, create):
        command.add_argument("ukprn")
    create.add_argument("given_name")
    create.add_argument("family_name")
    create.add_argument("email")
    create.add_argument("--another", action="store_true", help="somebody else has the same name or email address")
    return parser


if __name__ == "__main__":
    sys.exit(main())
