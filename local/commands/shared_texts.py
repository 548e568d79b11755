"""The tables of texts that pages share with files, mails and web services, for the portal's catalogue of texts.

Domain, formats and reference data know nothing of translations: each keeps its words in its one table, and pages
translate them where they show them. Here is what of it pages show, with a comment for translators.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from types import ModuleType
from typing import NamedTuple, TypeVar

import chalicelib.domain
import chalicelib.web.portal
from chalicelib.domain.access import Role
from chalicelib.domain.announcements import NEWS
from chalicelib.domain.challenges import PROBLEMS
from chalicelib.domain.codes import CodeList
from chalicelib.domain.comparisons import EXPLAINED
from chalicelib.domain.fields import Field, Kind
from chalicelib.formats.batch.format_pages import FAMILY_TITLES
from chalicelib.formats.batch.format_versions import VERSIONS
from chalicelib.formats.batch.headings import SEPARATORS
from chalicelib.formats.batch.templates import DESCRIBED
from chalicelib.formats.words import look_wording, messages, pages, return_codes
from chalicelib.formats.words.glossary import GLOSSARY
from chalicelib.formats.words.objections import AT_MOST, OBJECTIONS, OF_OWNER
from chalicelib.web.portal.forms import label_of

T = TypeVar("T")
CODE = Path(chalicelib.__file__).parent
LEVELS = CODE.parent / "infra" / "service_levels.json"


class Table(NamedTuple):
    """The texts of a table."""

    place: str
    comment: str
    """For translators."""
    texts: Iterable[str]


def shared_tables() -> Iterator[Table]:
    """Every table, with the module that has it."""
    yield from _refusals()
    yield from _codes()
    yield Table("formats/words/glossary.py", "A word of the service and what it means", _each(GLOSSARY))
    yield Table("domain/announcements.py", "News", _each((one.title, one.text) for one in NEWS))
    problems = _each((one.problem, one.enquiry) for one in PROBLEMS.values())
    yield Table("domain/challenges.py", "A problem that can be reported, and what is asked about it", problems)
    yield Table("formats/batch/format_pages.py", "A family of codes", FAMILY_TITLES.values())
    versions = _each((one.since, one.changes) for one in VERSIONS)
    yield Table(
        "formats/batch/format_versions.py", "Since when a file format has a version, and what changed", versions
    )
    doubts = (*OBJECTIONS.values(), OF_OWNER, AT_MOST)
    yield Table("formats/words/objections.py", "Why the load of a register has to be accepted, or a part of it", doubts)
    yield Table("domain/access.py", "The name of a role of users", [role.value for role in Role])
    yield Table("infra/service_levels.json", "A function of the service", _functions())


def _refusals() -> Iterator[Table]:
    for code, words in messages.WORDS.items():
        yield Table("formats/words/messages.py", f"What is wrong and what to do: {code}", words)
    for (code, detail), words in messages.VARIANTS.items():
        yield Table("formats/words/messages.py", f"What is wrong and what to do: {code}, {detail}", words)
    for code, text in (pages.PAGE_WORDS | pages.PAGE_WORDS_OF_FILES).items():
        yield Table("formats/words/pages.py", f"What is wrong, beside a field or for a file: {code}", [text])
    yield Table(
        "formats/words/pages.py",
        "What is wrong, beside a field: {its} is the label of the field as in the middle of a sentence",
        [pages.SELECT, pages.ENTER, pages.AS_A_TEXT],
    )
    yield Table(
        "domain, services, formats", "What a value must be or is, in a sentence about what is wrong", _details()
    )
    others = (*SEPARATORS.values(), *_constants("_left_empty", 2))
    yield Table("domain, formats", "Part of a sentence about what is wrong", others)
    likeness = sorted({word for how in _constants("Likeness", 1) for word in how.split(", ")})
    likeness += ["not held", "preferred name", "previous name", "name at 16"]
    yield Table("domain/name_likeness.py", "How two details of a learner differ", likeness)
    yield Table("domain/comparisons.py", "A detail of a learner that differs", EXPLAINED)
    phrases = (*messages.PHRASES.values(), messages.BOTH, messages.FROM, messages.UNTIL, messages.CHARACTER)
    yield Table("formats/words/messages.py", "Part of a sentence about what is wrong", phrases)
    every = [text for words in (*messages.WORDS.values(), *messages.VARIANTS.values()) for text in words]
    blanks = sorted({word for text in every for _name, word in messages.blanks_of(text)} | {messages.SOME_VALUE})
    yield Table("formats/words/messages.py", "What stands for a value in lists of all codes", blanks)


def _details() -> list[str]:
    """The words that rules give their failures as details."""
    return sorted(
        {
            text
            for call in _calls("failure")
            for keyword in call.keywords
            if keyword.arg in messages.IN_WORDS
            for text in _texts(keyword.value)
        }
    )


def _constants(name: str, place: int) -> Iterator[str]:
    """The texts that calls of a function have at a place."""
    for call in _calls(name):
        if len(call.args) > place:
            yield from _texts(call.args[place])


def _texts(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _texts(node.body)
        yield from _texts(node.orelse)


@cache
def _calls(name: str) -> list[ast.Call]:
    """Every call of a function in the layers below the surfaces."""
    paths = [path for layer in ("domain", "services", "formats") for path in sorted((CODE / layer).rglob("*.py"))]
    nodes = [node for path in paths for node in ast.walk(ast.parse(path.read_text("utf-8")))]
    return [
        node
        for node in nodes
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name
    ]


def _codes() -> Iterator[Table]:
    fields = [field for layout in DESCRIBED for field in layout.columns]
    own = {field.codes.name: field.codes for field in fields if field.codes is not None}
    for one in (own | {one.name: one for one in _declared(chalicelib.domain, CodeList)}).values():
        yield Table("domain", f"The meaning of a value of {one.name}", [code.meaning for code in one.codes])
    for code, words in return_codes.VERIFICATION_CODES.items():
        yield Table("formats/words/return_codes.py", f"The result of verifying a learner: {code}", words)
    flags = return_codes.FLAGS
    yield Table("formats/words/return_codes.py", "Why a learner could not be verified", flags.values())
    names = [messages.flag_text(flag) for flag in flags]
    yield Table("formats/words/return_codes.py", "What differs, in a sentence about what is wrong", names)
    learners = return_codes.LEARNER_CODES.values()
    yield Table("formats/words/return_codes.py", "What came of a record of a learner file", learners)
    comment = "What somebody did, and the same after 'Tried to'"
    yield Table("formats/words/look_wording.py", comment, _each(look_wording.LOOK_WORDS.values()))
    yield Table(
        "formats/words/look_wording.py",
        "What somebody tried to do ({attempt}) and how it ended ({ended})",
        [look_wording.TRIED, *look_wording.ENDED.values()],
    )
    yield Table("domain", "What a field of a file means", [field.description for field in fields])
    yield Table("domain", "When a field of a file is needed", [field.condition for field in fields])
    yield Table("domain/fields.py", "The form of a field", [kind.value for kind in Kind])
    yield Table("domain", "The label of a field", [label_of(field) for field in _declared(chalicelib.domain, Field)])
    yield Table(
        "web/portal", "The label of a field", [label_of(field) for field in _declared(chalicelib.web.portal, Field)]
    )


def _declared(package: ModuleType, kind: type[T]) -> list[T]:
    """What the modules of a package declare of a kind, alone or with others, each once."""
    found: dict[int, T] = {}
    for module in iter_modules(package.__path__, f"{package.__name__}."):
        for value in vars(import_module(module.name)).values():
            values = value if isinstance(value, tuple) else (value,)
            found |= {id(one): one for one in values if isinstance(one, kind)}
    return list(found.values())


def _functions() -> list[str]:
    levels = json.loads(LEVELS.read_text("utf-8"))
    return [one["title"] for part in ("functions", "pages") for one in levels[part].values()]


def _each(rows: Iterable[Iterable[str]]) -> list[str]:
    return [text for row in rows for text in row]
