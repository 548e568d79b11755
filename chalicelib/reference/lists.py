"""The reference lists of one process: their sources, each read when first needed."""

from __future__ import annotations

import pkgutil
import re
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple
from unicodedata import category, normalize

from chalicelib.reference.letters import joined

_WORD = re.compile(r"[^\W_]+")
_LESS_COMMON = ", less common"
_FILLERS = "\u115f\u1160\u3164\uffa0"
"""Letters of Hangul that stand for no letter, and are not seen."""
_POSTCODE_FORM = re.compile(r"[A-Z0-9]{5,8}")


class Sources(NamedTuple):
    """The operator's own lists: a ``Path`` names a file, a ``str`` is the list's text; None means the packaged one.

    The text is UTF-8 with one entry per line; empty lines and anything after a ``#`` are ignored. Synonyms are given
    names separated by commas; each line is a set of names used for one another. They are added to the packaged ones.
    """

    prohibited_text: Path | str | None = None
    prohibited_postcodes: Path | str | None = None
    synonyms: Path | str | None = None
    bank_holidays: Path | str | None = None
    key_dates: Path | str | None = None


class Lists:
    """Reference lists, each read and prepared on first use; a list that cannot be read raises ValueError with its line.

    With ``welsh_names``, names may contain the accented letters of Welsh, which AO18 App. B does not allow.
    """

    def __init__(self, sources: Sources = Sources(), *, welsh_names: bool = False) -> None:
        self._sources = sources
        self.welsh_names = welsh_names

    def check(self) -> None:
        """Read the operator's lists now. Raises ValueError with the list and line of the first malformed entry."""
        for name, source in self._sources._asdict().items():
            if source is not None:
                getattr(self, _MADE_OF[name])

    def complete(self) -> Lists:
        """These lists, all read."""
        for name, part in vars(Lists).items():
            if isinstance(part, cached_property):
                getattr(self, name)
        return self

    @cached_property
    def spellings(self) -> dict[str, frozenset[str]]:
        """Name to its other spellings (mohammed: muhammad, mohamed, ...), in their normal form, joined."""
        found: dict[str, set[str]] = {}
        for line, entry in _entries(_packaged("name_spellings.csv")):
            _together(found, _names(entry, "name_spellings.csv", line))
        return {name: frozenset(others) for name, others in found.items()}

    @cached_property
    def synonyms(self) -> dict[str, frozenset[str]]:
        """Given name to the names used for it, in their normal form, joined, in both directions (james: jim, jim:
        james).

        What stands for a name stands for all its spellings. Two short forms are synonyms only if the list of forms in
        the UK says so, not merely because they share a long form: Ella and Bella are often two people.
        """
        found: dict[str, set[str]] = {}
        for packaged in ("given_name_synonyms.csv", "given_name_short_forms_uk.csv"):
            for line, entry in _entries(_packaged(packaged)):
                name, *short_forms = _names(entry, packaged, line)
                for short in short_forms:
                    _together(found, [name, short])
        for text in (_packaged("given_name_forms_uk.csv"), _text(self._sources, "synonyms")):
            for line, entry in _entries(text):
                _together(found, _names(entry, "synonyms", line))
        _among_spellings(found, self.spellings)
        return {name: frozenset(others) for name, others in found.items()}

    @cached_property
    def given_names(self) -> dict[str, int]:
        """Given names in use, in their normal form, with the communities in which they are common: a bit for each."""
        return self._in_use["given"]

    @cached_property
    def family_names(self) -> dict[str, int]:
        """Family names in use, likewise."""
        return self._in_use["family"]

    @cached_property
    def _in_use(self) -> dict[str, dict[str, int]]:
        bits: dict[str, int] = {}
        found: dict[str, dict[str, int]] = {}
        for kind in ("given", "family"):
            texts = (_packaged(f"{kind}_names_in_use.txt"), _packaged(f"{kind}_names_in_use_more.txt"))
            communities = [entry.partition(":")[::2] for text in texts for _, entry in _entries(text)]
            less_common = (
                name for title, names in communities if title.endswith(_LESS_COMMON) for name in names.split()
            )
            found[kind] = in_use = dict.fromkeys(less_common, 0)
            for community, names in communities:
                if not community.endswith(_LESS_COMMON):
                    bit = bits.setdefault(community, 1 << len(bits))
                    for name in names.split():
                        in_use[name] = in_use.get(name, 0) | bit
        return found

    @cached_property
    def syllables(self) -> dict[str, int]:
        """Syllables in which the names of some communities are written, with the romanisations that can write them: a
        bit for each.
        """
        bits: dict[str, int] = {}
        found: dict[str, int] = {}
        for _, entry in _entries(_packaged("syllables.txt")):
            written, _, ends = entry.partition(": ")
            romanisation, *beginnings = written.split()
            bit = bits.setdefault(romanisation, 1 << len(bits))
            for syllable in (beginning.strip("-") + end for beginning in beginnings for end in ends.split()):
                found[syllable] = found.get(syllable, 0) | bit
        return found

    @cached_property
    def prohibited_words(self) -> frozenset[str]:
        """Prohibited single words, in small letters."""
        return frozenset(phrase[0] for phrase in self._phrases if len(phrase) == 1)

    @cached_property
    def prohibited_phrases(self) -> dict[str, tuple[tuple[str, ...], ...]]:
        """Prohibited phrases of two words or more as their words, by first word."""
        found: dict[str, list[tuple[str, ...]]] = {}
        for phrase in self._phrases:
            if len(phrase) > 1:
                found.setdefault(phrase[0], []).append(phrase)
        return {first: tuple(phrases) for first, phrases in found.items()}

    @cached_property
    def _phrases(self) -> tuple[tuple[str, ...], ...]:
        text = _text(self._sources, "prohibited_text")
        return tuple(_phrase(entry, line) for line, entry in _entries(text))

    def prohibits(self, text: str) -> bool:
        """Whether a whole word or phrase of the text is prohibited, ignoring case, punctuation, the form of letters
        (full width, mathematical), their alphabet where they look alike, and characters that are not seen (soft
        hyphens, zero-width spaces).
        """
        return self._prohibits(_folded(text)) or (not text.isascii() and self._prohibits(_folded(text, _look_alikes())))

    def _prohibits(self, folded: str) -> bool:
        if folded.isalpha():
            return folded in self.prohibited_words
        words = _WORD.findall(folded)
        if not self.prohibited_words.isdisjoint(words):
            return True
        phrases = self.prohibited_phrases
        if not phrases or phrases.keys().isdisjoint(words):
            return False
        return any(
            tuple(words[start : start + len(phrase)]) == phrase
            for start, word in enumerate(words)
            for phrase in phrases.get(word, ())
        )

    @cached_property
    def prohibited_postcodes(self) -> frozenset[str]:
        """Postcodes of prisons and offender institutions in their normal form ("AB1 2BD")."""
        text = _text(self._sources, "prohibited_postcodes")
        return frozenset(_postcode(entry, line) for line, entry in _entries(text))

    @cached_property
    def bank_holidays(self) -> frozenset[date]:
        """Bank holidays of England, substitute days as proclaimed; packaged for 2019 to 2030."""
        text = _text(self._sources, "bank_holidays")
        days = frozenset(_day(entry, line) for line, entry in _entries(text))
        if not days:
            raise ValueError("bank holidays, line 1: a list without any date would make every holiday a working day")
        return days

    @cached_property
    def key_dates(self) -> tuple[tuple[date, date, str], ...]:
        """Periods that matter to awarding organisations, first and last day and name; none are packaged."""
        text = _text(self._sources, "key_dates")
        return tuple(_key_dates(entry, line) for line, entry in _entries(text))


_MADE_OF = {
    "prohibited_text": "prohibited_words",
    "prohibited_postcodes": "prohibited_postcodes",
    "synonyms": "synonyms",
    "bank_holidays": "bank_holidays",
    "key_dates": "key_dates",
}
"""The value made from each source."""
_PACKAGED = {
    "prohibited_text": "prohibited_text_sample.txt",
    "prohibited_postcodes": "prohibited_postcodes_sample.txt",
    "synonyms": "",
    "bank_holidays": "bank_holidays_england.csv",
    "key_dates": "",
}
"""The packaged list of each source."""

_installed: list[Lists] = []


@lru_cache(maxsize=1)
def _packaged_lists() -> Lists:
    return Lists()


def lists() -> Lists:
    """The lists of this process: those installed, otherwise the packaged ones."""
    return _installed[-1] if _installed else _packaged_lists()


def install(held: Lists | None) -> None:
    """Use these lists from now on; None means the packaged ones."""
    _installed[:] = [held] if held is not None else []


def _packaged(name: str) -> str:
    """The text of a packaged list; works from a zip file as well."""
    content = pkgutil.get_data(__package__ or "chalicelib.reference", f"data/{name}")
    if content is None:
        raise ValueError(f"packaged list {name} is missing")
    return content.decode("utf-8-sig")


def packaged_source(name: str) -> str:
    """The packaged list that is used where a source is None; empty where there is none."""
    packaged = _PACKAGED[name]
    return _packaged(packaged) if packaged else ""


def _text(sources: Sources, name: str) -> str:
    source: Path | str | None = getattr(sources, name)
    if isinstance(source, Path):
        return source.read_text(encoding="utf-8-sig")
    if source is not None:
        return source
    return packaged_source(name)


def _entries(text: str) -> Iterator[tuple[int, str]]:
    for line, content in enumerate(text.splitlines(), start=1):
        entry = content.partition("#")[0].strip()
        if entry:
            yield line, entry


def _together(found: dict[str, set[str]], names: list[str]) -> None:
    """Make each of these names a synonym of the others."""
    for name in names:
        for other in names:
            if other != name:
                found.setdefault(name, set()).add(other)
                found.setdefault(other, set()).add(name)


def _among_spellings(found: dict[str, set[str]], spellings: dict[str, frozenset[str]]) -> None:
    """Make every spelling of a name a synonym of its other spellings and of what the name has synonyms for."""
    for name, others in list(found.items()):
        written = (name, *spellings.get(name, ()))
        wider = {*others, *(spelling for other in others for spelling in spellings.get(other, ()))}
        if len(written) > 1 or len(wider) > len(others):
            for one in written:
                found.setdefault(one, set()).update(wider - {one})
            for other in wider:
                found.setdefault(other, set()).update(one for one in written if one != other)
    for name, same in spellings.items():
        found.setdefault(name, set()).update(same)


def _names(entry: str, kind: str, line: int) -> list[str]:
    names = [joined(name) for name in entry.split(",")]
    if len(names) < 2 or not all(names):
        raise ValueError(f"{kind}, line {line}: two or more names separated by commas are needed")
    return names


def _folded(text: str, alike: Mapping[int, str] = MappingProxyType({})) -> str:
    """The text in small letters, in their usual form, without characters that only change how others look; some letters
    replaced by what they look ``alike``.
    """
    if text.isascii():
        return text.casefold()
    seen = "".join(one for one in text if category(one) != "Cf" and one not in _FILLERS)
    usual = normalize("NFKC", seen).translate(alike)
    return "".join(one for one in usual if category(one) not in ("Cf", "Mn")).casefold()


@lru_cache(maxsize=1)
def _look_alikes() -> dict[int, str]:
    """Letters of other alphabets that look like one of A to Z: Cyrillic and Greek ones, for example."""
    found = (entry.split(": ") for _, entry in _entries(_packaged("look_alike_letters.txt")))
    return {ord(letter): latin for latin, letters in found for letter in letters}


def _phrase(entry: str, line: int) -> tuple[str, ...]:
    words = tuple(_WORD.findall(_folded(entry)))
    if not words:
        raise ValueError(f"prohibited words, line {line}: a word is needed")
    return words


def _postcode(entry: str, line: int) -> str:
    code = "".join(entry.upper().split())
    if not _POSTCODE_FORM.fullmatch(code):
        raise ValueError(f"prohibited postcodes, line {line}: a full postcode is needed")
    return f"BFPO {code[4:]}" if code.startswith("BFPO") else f"{code[:-3]} {code[-3:]}"


def _day(entry: str, line: int) -> date:
    try:
        return date.fromisoformat(entry.partition(",")[0].strip())
    except ValueError:
        raise ValueError(f"bank holidays, line {line}: the line must begin with a date YYYY-MM-DD") from None


def _key_dates(entry: str, line: int) -> tuple[date, date, str]:
    first, _, rest = entry.partition(",")
    last, _, name = (part.strip() for part in rest.partition(","))
    try:
        days = date.fromisoformat(first.strip()), date.fromisoformat(last)
    except ValueError:
        raise ValueError(f"key dates, line {line}: the line must begin with two dates YYYY-MM-DD") from None
    if days[1] < days[0] or not name:
        raise ValueError(f"key dates, line {line}: a first day, a last day no earlier, and a name are needed")
    return (*days, name)
