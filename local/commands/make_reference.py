"""Make the packaged reference lists again from the pinned public packages: ``python -m local.commands.make_reference``.

Bank holidays of England come from ``holidays`` (MIT), synonyms of given names from ``nicknames`` (Apache-2.0), names in
common use by community from ``Faker`` (MIT). These packages are only needed here and in the test that compares them
with the packaged files; the service itself reads the files. Run this after raising any of the pins, review the
difference and commit it.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

from chalicelib.reference.letters import joined

FIRST_YEAR = 2019
LAST_YEAR = 2030
COMMUNITIES = {
    "english": ("en_GB", "en_IE", "en_NZ", "en_US"),
    "akan": ("tw_GH",),
    "azeri-uzbek": ("az_AZ", "uz_UZ"),
    "baltic-finnish": ("et_EE", "fi_FI"),
    "chinese": ("zh_CN",),
    "czech-slovak": ("cs_CZ", "sk_SK"),
    "dutch": ("nl_NL",),
    "east-african": ("en_KE", "sw"),
    "french": ("fr_FR",),
    "german": ("de_DE",),
    "hausa": ("ha_NG",),
    "hungarian": ("hu_HU",),
    "igbo": ("ig_NG",),
    "indonesian": ("id_ID",),
    "italian": ("it_IT",),
    "japanese": ("ja_JP",),
    "lithuanian-latvian": ("lt_LT", "lv_LV"),
    "north-african": ("fr_DZ",),
    "pakistani": ("en_PK",),
    "polish": ("pl_PL",),
    "portuguese": ("pt_BR", "pt_PT"),
    "romanian": ("ro_RO",),
    "scandinavian": ("da_DK", "no_NO", "sv_SE"),
    "shona-zulu": ("zu_ZA",),
    "south-asian": ("en_IN",),
    "south-slav": ("hr_HR", "sl_SI"),
    "spanish": ("es_ES",),
    "taiwanese": ("zh_TW",),
    "turkish": ("tr_TR",),
    "vietnamese": ("vi_VN",),
    "yoruba": ("yo_NG",),
}
"""Faker's locales with names in Latin letters, by community: two children of a family have names of one community."""
BRITISH = ("english",)
"""The communities whose names are all common in Britain."""
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


def given_names_in_use() -> str:
    """One line for each community: given names in common use in it."""
    kinds = ("first_names", "first_names_male", "first_names_female", "first_names_nonbinary", "first_names_unisex")
    return _names("Given names", (*kinds, "first_romanized_names"))


def family_names_in_use() -> str:
    """One line for each community: family names in common use in it."""
    kinds = ("last_names", "last_names_male", "last_names_female", "male_last_names", "unisex_last_names")
    return _names("Family names", (*kinds, "last_romanized_names"))


def _names(title: str, kinds: tuple[str, ...]) -> str:
    """The names of these kinds in Faker's locales by community, in their normal form; only names of plain letters."""
    lines = []
    for community, locales in COMMUNITIES.items():
        found: set[str] = set()
        for locale in locales:
            provider = import_module(f"faker.providers.person.{locale}").Provider
            for kind in kinds:
                found.update(joined(name) for name in getattr(provider, kind, ()))
        plain = sorted(name for name in found if name.isascii() and name.isalpha() and len(name) > 1)
        rank = "" if community in BRITISH else ", less common"
        lines.append(f"{community}{rank}: {' '.join(plain)}")
    return _file(f"{title} in common use, by community, from Faker {version('Faker')} (MIT); see NOTICE.txt", lines)


def _file(title: str, lines: list[str]) -> str:
    return "\n".join([f"# {title}.", "# Made by local/commands/make_reference.py; do not edit.", *lines, ""])


MAKERS: dict[str, Callable[[], str]] = {
    "bank_holidays_england.csv": bank_holidays_england,
    "given_name_synonyms.csv": given_name_synonyms,
    "given_names_in_use.txt": given_names_in_use,
    "family_names_in_use.txt": family_names_in_use,
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
