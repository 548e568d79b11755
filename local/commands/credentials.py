"""Manage the credentials of organisations' systems, and the keys of access tokens.

    python -m local.commands.credentials list [UKPRN]      of every sample organisation, or of one
    python -m local.commands.credentials token [UKPRN]     an access token for the system of a sample organisation
    python -m local.commands.credentials issue UKPRN NAME [--scope S …] [--days N]
    python -m local.commands.credentials rotate CLIENT_ID [--overlap-days N]
    python -m local.commands.credentials revoke CLIENT_ID
    python -m local.commands.credentials rotate-keys [--at-once]  a new key for tokens; --at-once ends every token

They act on the local cloud, or with `--environment dev` on that environment of your AWS account. A secret is shown
once, when it is made.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from chalicelib import bootstrap
from chalicelib.cloud.clock import now
from chalicelib.cloud.token_keys import renewed
from chalicelib.domain.credentials import LIFETIME, OVERLAP, Credential, scope_text
from chalicelib.ports.accounts import Organisation
from chalicelib.services.credentials import Issued, Order
from chalicelib.services.tokens import grantable_scopes
from local.commands.operators import PlaceParser, concluded, operator
from local.emulated.account import chosen_place
from local.emulated.cloud import ProvisionedCloud
from local.samples.seed import sample_credential
from local.samples.world import samples


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line: 0 done, 1 refused, 2 no such place."""
    chosen = _parser().parse_args(arguments)
    return concluded(lambda: _run(chosen, chosen_place(chosen)))


def _run(chosen: argparse.Namespace, cloud: ProvisionedCloud) -> int:
    services, caller = bootstrap.services(cloud.environment), operator()
    if chosen.command == "list":
        ukprns = [chosen.ukprn] if chosen.ukprn else [body.ukprn for body in samples().organisations]
        for ukprn in ukprns:
            print(*_listed(services.credentials.of_organisation(ukprn), now()), sep="\n")
        return 0
    if chosen.command == "token":
        return _print_token(services, chosen.ukprn)
    if chosen.command == "issue":
        organisation = services.accounts.organisation(chosen.ukprn)
        order = Order(chosen.name, _scopes(chosen.scope, organisation), timedelta(days=chosen.days))
        _show(services.credentials.issue(caller, chosen.ukprn, order))
        return 0
    if chosen.command == "rotate":
        _show(services.credentials.rotate(caller, chosen.client_id, timedelta(days=chosen.overlap_days)))
        return 0
    if chosen.command == "revoke":
        is_done = services.credentials.revoke(caller, chosen.client_id)
        print("Revoked, with all its tokens." if is_done else "No such credential, or it is already revoked.")
        return 0 if is_done else 1
    rotate_keys(cloud, at_once=chosen.at_once)
    return 0


def _print_token(services: bootstrap.Services, ukprn: str) -> int:
    own = sample_credential(ukprn)
    if own is None:
        known = ", ".join(body.ukprn for body in samples().organisations)
        print(f"{ukprn} is not a sample organisation. These are: {known}.", file=sys.stderr)
        return 1
    print(services.tokens.grant(services.tokens.client(own.client_id, own.secret)).token)
    return 0


def rotate_keys(cloud: ProvisionedCloud, *, at_once: bool = False) -> None:
    """Put a new key for tokens into the secret; ``at_once`` removes the others, so that every token ends."""
    vault, name = cloud.client("secretsmanager"), cloud.environment["LRS_SECRET_TOKEN_KEYS"]
    held = vault.get_secret_value(SecretId=name)["SecretString"]
    vault.put_secret_value(SecretId=name, SecretString=renewed(held, now(), at_once=at_once))
    print("Every token has ended." if at_once else "The new key will be used in ten minutes. Tokens stay valid.")


def _scopes(named: Iterable[str], organisation: Organisation | None) -> frozenset[str]:
    """The named scopes, or all that the organisation may have."""
    wanted = frozenset(named)
    return wanted if wanted or organisation is None else grantable_scopes(organisation)


def _show(issued: Issued) -> None:
    credential = issued.credential
    print(f"client id  {credential.credential_id}")
    print(f"secret     {issued.secret}")
    print(f"scope      {scope_text(credential.scopes)}")
    print(f"until      {credential.expires_at:%Y-%m-%d %H:%M} UTC")
    print("The secret will not be shown again.")


def _listed(credentials: Iterable[Credential], moment: datetime) -> list[str]:
    lines = []
    for one in credentials:
        used = f"{one.last_used_at:%Y-%m-%d %H:%M}" if one.last_used_at else "never"
        lines.append(
            f"{one.credential_id}  {one.state(moment):8}  until {one.expires_at:%Y-%m-%d}  last used {used}  {one.name}"
        )
    return lines


def _parser() -> argparse.ArgumentParser:
    parser = PlaceParser("credentials", __doc__)
    commands = parser.commands()
    listing = commands.add_parser("list", help="credentials with their state and last use")
    listing.add_argument("ukprn", nargs="?", default="")
    token = commands.add_parser("token", help="an access token for the system of a sample organisation")
    token.add_argument("ukprn", nargs="?", default=samples().organisations[0].ukprn)
    issue = commands.add_parser("issue", help="a new credential")
    issue.add_argument("ukprn")
    issue.add_argument("name", help="of the system that uses it")
    issue.add_argument("--scope", nargs="+", default=[], help="by default all that the organisation may have")
    issue.add_argument("--days", type=int, default=LIFETIME.days, help=f"how long it is valid ({LIFETIME.days})")
    rotate = commands.add_parser("rotate", help="a successor; the old credential stays valid for a while")
    rotate.add_argument("client_id")
    rotate.add_argument("--overlap-days", type=int, default=OVERLAP.days, help=f"at most {OVERLAP.days}")
    commands.add_parser("revoke", help="end a credential and its tokens at once").add_argument("client_id")
    keys = commands.add_parser("rotate-keys", help="a new key for tokens")
    keys.add_argument("--at-once", action="store_true", help="remove the other keys, if one was exposed")
    return parser


if __name__ == "__main__":
    sys.exit(main())
