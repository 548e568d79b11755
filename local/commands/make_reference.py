"""Make the packaged reference lists again from the pinned public packages: ``python -m local.commands.make_reference``.

Bank holidays of England come from ``holidays`` (MIT), synonyms of given names from ``nicknames`` (Apache-2.0), names in
common use from ``Faker`` (MIT). These packages are only needed here and in the test that compares them with the
packaged files; the service itself reads the files. Run this after raising any of the pins, review the difference and
commit it.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

FIRST_YEAR = 2019
LAST_YEAR = 2030
GIVEN_NAME_LOCALES = ("en_GB", "en_IE", "en_NZ", "en_US")
FAMILY_NAME_LOCALES = ("en_GB",)
DATA = Path(__file__).resolve().parents[2] / "chalicelib" / "reference" / "data"


def bank_holidays_england() -> str:
    """One line for each bank holiday of England: date, name. Weekend days are left out: the substitute day counts."""
    import holidays

    found = holidays.country_holidays("GB", subdiv="ENG", years=range(FIRST_YEAR, LAST_YEAR + 1), language="en_GB")
    lines = [f"{day.isoformat()},{name}" for day, name in sorted(found.items()) if day.weekday() < 5]
    return _file(
        f"England's bank holidays {FIRST_YEAR} to {LAST_YEAR}, from holidays {version('holidays')} (MIT)", lines
    )


def given_name_synonyms() -> str:
    """One line for each given name: the name, then its short forms."""
    from nicknames import NickNamer

    table = NickNamer().nickname_lookup
    lines = [",".join([name, *sorted(shorts - {name})]) for name, shorts in sorted(table.items()) if shorts - {name}]
    return _file(
        f"Given names and their short forms, from nicknames {version('nicknames')} (Apache-2.0); see NOTICE.txt", lines
    )


def established_given_names() -> str:
    """One line for each given name common in Britain and Ireland, or where many of their families come from."""
    kinds = ("first_names", "first_names_male", "first_names_female", "first_names_nonbinary")
    return _names("Given names in common use", GIVEN_NAME_LOCALES, kinds)


def established_family_names() -> str:
    """One line for each family name in common use."""
    return _names("Family names in common use", FAMILY_NAME_LOCALES, ("last_names",))


def _names(title: str, locales: tuple[str, ...], kinds: tuple[str, ...]) -> str:
    """The names of these kinds in Faker's locales, in small letters; only names of plain letters."""
    found: set[str] = set()
    for locale in locales:
        provider = import_module(f"faker.providers.person.{locale}").Provider
        for kind in kinds:
            found.update(name.lower() for name in getattr(provider, kind, ()))
    plain = sorted(name for name in found if name.isascii() and name.isalpha() and len(name) > 1)
    return _file(f"{title}, from Faker {version('Faker')}, {', '.join(locales)} (MIT); see NOTICE.txt", plain)


def _file(title: str, lines: list[str]) -> str:
    return "\n".join([f"# {title}.", "# Made by local/commands/make_reference.py; do not edit.", *lines, ""])


MAKERS: dict[str, Callable[[], str]] = {
    "bank_holidays_england.csv": bank_holidays_england,
    "given_name_synonyms.csv": given_name_synonyms,
    "established_given_names.txt": established_given_names,
    "established_family_names.txt": established_family_names,
}
"""Each packaged file that is made from a public package, and what makes its text."""


def main() -> None:
    """Write each file that differs, and say which did."""
    for name, maker in MAKERS.items():
        path, text = DATA / name, maker()
        changed = not path.exists() or path.read_text(encoding="utf-8") != text
        path.write_text(text, encoding="utf-8", newline="\n")
        print(f"{path.name}: {'written' if changed else 'unchanged'}, {len(text.splitlines()) - 2} lines")


if __name__ == "__main__":
    main()
