"""Read the email that the service has sent on this machine: `python -m local.emulated.mailbox [NUMBER]`."""

from __future__ import annotations

import argparse
import json
import sys
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from local.emulated.cloud import running_endpoint


@dataclass(frozen=True)
class Mail:
    """One email as sent; `sent` is the time recorded by the emulator, in UTC."""

    number: int
    sent: str
    sender: str
    to: tuple[str, ...]
    subject: str
    text: str
    html: str
    attached: Mapping[str, str] = field(default_factory=dict)
    """The text of each file, by its name."""


def read_mail(endpoint: str, to: str | None = None) -> list[Mail]:
    """Every email sent, oldest first, numbered from 1; with `to`, only those to one address. Raises `OSError`."""
    with urllib.request.urlopen(f"{endpoint}/_ministack/ses/messages", timeout=10) as answer:
        accounts: dict[str, list[dict[str, Any]]] = json.load(answer)["messages"]
    found = sorted((one for messages in accounts.values() for one in messages), key=_sent)
    mails = [_mail(number, one) for number, one in enumerate(found, 1)]
    return [mail for mail in mails if to is None or to in mail.to]


def _sent(message: dict[str, Any]) -> datetime:
    return datetime.fromtimestamp(message["Timestamp"], UTC)


def _mail(number: int, message: dict[str, Any]) -> Mail:
    return Mail(
        number=number,
        sent=f"{_sent(message):%Y-%m-%d %H:%M:%S}",
        sender=message["Source"],
        to=tuple(message["To"] + message["CC"] + message["BCC"]),
        subject=message["Subject"] or "",
        text=message["BodyText"] or "",
        html=message["BodyHtml"] or "",
        attached=message["Attached"],
    )


def _show(mail: Mail, folder: Path | None) -> None:
    print(f"From: {mail.sender}\nTo: {', '.join(mail.to)}\nDate: {mail.sent}\nSubject: {mail.subject}\n")
    print(mail.text or mail.html)
    for name, text in mail.attached.items():
        if folder is None:
            print(f"Attached: {name} (--save FOLDER saves it)")
        else:
            folder.mkdir(parents=True, exist_ok=True)
            target = folder / Path(name).name
            target.write_text(text, encoding="utf-8", newline="")
            print(f"Attached: {target}")


def main(arguments: list[str] | None = None) -> int:
    """Command line: 0 listed or shown, 1 no such email, 2 no local cloud."""
    parser = argparse.ArgumentParser(
        prog="python -m local.emulated.mailbox", description="The email that the service has sent on this machine."
    )
    parser.add_argument("number", type=int, nargs="?", help="show this email in full; without it, list all")
    parser.add_argument("--to", help="only email to this address")
    parser.add_argument("--endpoint", help="address of the local cloud, when it was not started from this folder")
    parser.add_argument("--save", type=Path, metavar="FOLDER", help="with a number: also save its attached files there")
    chosen = parser.parse_args(arguments)
    found = (chosen.endpoint, "") if chosen.endpoint else running_endpoint()
    if found is None:
        print("The local cloud is not running. Start it with make run.", file=sys.stderr)
        return 2
    mails = read_mail(found[0], chosen.to)
    if chosen.number is None:
        for mail in mails:
            files = "".join(f" [{name}]" for name in mail.attached)
            print(f"{mail.number:>4}  {mail.sent}  {', '.join(mail.to)}  {mail.subject}{files}")
        print("1 email" if len(mails) == 1 else f"{len(mails)} emails")
        return 0
    for mail in mails:
        if mail.number == chosen.number:
            _show(mail, chosen.save)
            return 0
    print(f"There is no email {chosen.number}.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
