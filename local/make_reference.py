"""Make the packaged reference lists again from the pinned public packages: ``python -m local.make_reference``.

Bank holidays of England come from ``holidays`` (MIT), synonyms of given names from ``nicknames`` (Apache-2.0). Both packages are
needed only here and in the test that proves the packaged files equal to what they give; the service itself reads the files.
Run this after raising either pin, look at the difference, and commit it.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

FIRST_YEAR = 2019
LAST_YEAR = 2030
DATA = Path(__file__).resolve().parent.parent / "chalicelib" / "reference" / "data"


def bank_holidays_england() -> str:
    """One line a bank holiday of England: date, name. One that falls on a weekend is left out for its substitute day."""
    import holidays

    found = holidays.country_holidays("GB", subdiv="ENG", years=range(FIRST_YEAR, LAST_YEAR + 1), language="en_GB")
    lines = [f"{day.isoformat()},{name}" for day, name in sorted(found.items()) if day.weekday() < 5]
    return _file(f"England's bank holidays {FIRST_YEAR} to {LAST_YEAR}, from holidays {version('holidays')} (MIT)", lines)


def given_name_synonyms() -> str:
    """One line a given name: the name, then its short forms."""
    from nicknames import NickNamer

    table = NickNamer().nickname_lookup
    lines = [",".join([name, *sorted(shorts - {name})]) for name, shorts in sorted(table.items()) if shorts - {name}]
    return _file(f"Given names and their short forms, from nicknames {version('nicknames')} (Apache-2.0); see NOTICE.txt", lines)


def files() -> Iterator[tuple[Path, str]]:
    """Each packaged file that is made from a public package, and its text."""
    yield DATA / "bank_holidays_england.csv", bank_holidays_england()
    yield DATA / "given_name_synonyms.csv", given_name_synonyms()


def main() -> None:
    for path, text in files():
        changed = not path.exists() or path.read_text(encoding="utf-8") != text
        path.write_text(text, encoding="utf-8", newline="\n")
        print(f"{path.name}: {'written' if changed else 'unchanged'}, {len(text.splitlines()) - 2} lines")


def _file(title: str, lines: list[str]) -> str:
    return "\n".join([f"# {title}.", "# Made by local/make_reference.py; do not edit.", *lines, ""])


if __name__ == "__main__":
    main()
