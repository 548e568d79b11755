"""Organisations of an environment, before the portal has a page for them.

    python -m local.commands.organisations show 90000051 --environment dev
    python -m local.commands.organisations put 90000051 "Merrowdale Awards" --reference 900051 --batches
           --recognition RN9051 --email batches@merrowdale.example.org --certificate client.pem --environment dev
    python -m local.commands.organisations put 90000001 "Service Desk" --service-desk --environment dev

`put` replaces the organisation, so give everything that is to be kept; `--suspended` suspends it. Each change is on the
audit log. Where callers need a client certificate, `--certificate` registers theirs.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from chalicelib import bootstrap
from chalicelib.ports.accounts import Organisation
from chalicelib.web.http.certificates import fingerprint
from local.commands.operators import CommandError, PlaceParser, concluded, operator
from local.emulated.account import chosen_place


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line: 0 done, 1 refused or not found, 2 no such place."""
    chosen = _parser().parse_args(arguments)
    return concluded(lambda: _run(chosen))


def _run(chosen: argparse.Namespace) -> int:
    services = bootstrap.services(chosen_place(chosen).environment)
    if chosen.command == "put":
        services.organisation_setup.save(operator(), _ordered(chosen))
    found = services.accounts.organisation(chosen.ukprn)
    if found is None:
        print(f"There is no organisation {chosen.ukprn}.", file=sys.stderr)
        return 1
    print(*_shown(found), sep="\n")
    return 0


def _ordered(chosen: argparse.Namespace) -> Organisation:
    """The organisation that the arguments describe. Raises CommandError for certificates that cannot be read."""
    return Organisation(
        ukprn=chosen.ukprn,
        name=chosen.name.strip(),
        organisation_ref=chosen.reference,
        recognition_numbers=frozenset(chosen.recognition),
        is_awarding_organisation=bool(chosen.recognition),
        batch_achievements=chosen.batches,
        status="suspended" if chosen.suspended else "active",
        batch_email=chosen.email,
        csv_encoding=chosen.encoding,
        certificates=frozenset(map(fingerprint, _read(chosen.certificate))),
        is_service_desk=chosen.service_desk,
        roles=frozenset(chosen.role),
    )


def _read(paths: Iterable[Path]) -> list[str]:
    texts, wrong = [], []
    for path in paths:
        try:
            texts.append(path.read_text("ascii", "replace"))
        except OSError as error:
            wrong.append(f"cannot read {path}: {error.strerror}")
    if wrong:
        raise CommandError("\n".join(wrong))
    return texts


def _shown(found: Organisation) -> Iterator[str]:
    kinds = {found.is_service_desk: "service desk", found.is_awarding_organisation: "awarding organisation"}
    yield f"{found.ukprn}  {found.name}  {found.status}  {kinds.get(True, 'registers learners')}"
    numbers = " ".join(sorted(found.recognition_numbers))
    yield f"  reference {found.organisation_ref or '-'}, recognition {numbers or '-'}"
    batches = "may" if found.batch_achievements else "may not"
    yield f"  {batches} send achievement files; emails to {found.batch_email or '-'}"
    yield f"  roles {', '.join(sorted(found.roles)) or 'all of its kind'}"
    yield from (f"  certificate {one}" for one in sorted(found.certificates))


def _parser() -> argparse.ArgumentParser:
    parser = PlaceParser("organisations", __doc__)
    commands = parser.commands()
    show, put = commands.add_parser("show", help="how it is set up"), commands.add_parser("put", help="set it up")
    for command in (show, put):
        command.add_argument("ukprn")
    put.add_argument("name")
    put.add_argument("--reference", default="", help="its number in file names and feeds")
    put.add_argument("--recognition", nargs="+", default=[], help="recognition numbers of an awarding organisation")
    put.add_argument("--batches", action="store_true", help="it may send achievement files")
    put.add_argument("--email", default="", help="for emails about files that it puts in its folder")
    put.add_argument("--encoding", default="", help="of its CSV files: utf-8 (the default) or windows-1252")
    put.add_argument("--certificate", nargs="+", type=Path, default=[], help="its client certificates, in PEM")
    put.add_argument("--service-desk", action="store_true", help="it is the service desk")
    put.add_argument("--role", nargs="+", default=[], help="roles for its users; by default all of its kind")
    put.add_argument("--suspended", action="store_true", help="its calls and files are refused")
    return parser


if __name__ == "__main__":
    sys.exit(main())
