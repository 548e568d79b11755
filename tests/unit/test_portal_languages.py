"""Pages in another language: every text is in the catalogue, and nothing else is looked up there."""

from __future__ import annotations

import ast
import gettext
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path

import pytest

from chalicelib.domain.access import Role
from chalicelib.domain.failures import FAMILIES
from chalicelib.formats.batch.templates import DESCRIBED
from chalicelib.formats.words.texts import Text, said
from chalicelib.web.portal import rendering, table
from chalicelib.web.portal.parts import Link, Option, Row, Shown
from tests.browser.cases import CASES, HOSTILE
from tests.browser.cases.case import LONG
from tests.builders import pseudo
from tests.builders.portal import browser_of, portal_world, signed_in

CASES_OF_PAGES = [case for case in CASES if (rendering.TEMPLATES / case.template).exists()]
LETTERS = re.compile(r"[^\W\d_]{2,}")
FIELDS = [field for layout in DESCRIBED for field in layout.columns]
CODES = [code for field in FIELDS if field.codes for code in field.codes.codes]


def _literally(*texts: str) -> list[str]:
    return [re.escape(text) for text in texts if LETTERS.search(text)]


NOT_TRANSLATED = {
    "codes": [*FAMILIES, r"V?RC\d{3}", r"[A-Z]{3,5}-\d\d", r"[A-Z]+_[A-Z_]+"],
    "what a system may do, as its token names it": [r"[a-z-]+:[a-z-]+"],
    "ids, references and secrets": [r"[A-Z0-9]{25}", r"EX\d+", r"x{43}", r"[\w-]+0417"],
    "names of files and folders": [r"[\w.-]+\.(csv|txt|xml)", r"drop/[\w/]+", r"line \d+: not UTF-8"],
    "formats, encodings and sizes": ["CSV", "XML", "XSD", "UTF-8", r"\d+(\.\d)?(KB|MB)"],
    "addresses of people and servers": [r"[\w.-]+@[\w.-]+", r"https?://\S+"],
    "names of cookies, settings and versions": [r"__Host-\w+", r"[a-z]+_[a-z_]+", r"\d[\w.]*\.dev\d", "live"],
    "people and organisations of the cases whose names are made": [
        "(Carl|Dora|Eve)( Okafor)?",
        "Service Desk",
        rf"({LONG})+({re.escape(HOSTILE)})?",
        "Ofqual qualifications",
    ],
    "columns of files": _literally(*(field.column for field in FIELDS)),
    "names of lists": _literally(*(field.codes.name for field in FIELDS if field.codes)),
    "values of files": _literally(*(text for code in CODES for text in (code.value, *code.spellings))),
    "values of the example with errors": ["A very good pass, with distinction", "Amelia2", "CV1( 2WT)?", "Müller"],
    "examples of values": _literally(*(field.example for field in FIELDS)),
}
"""What stays as it is, by reason, as regular expressions."""


@cache
def _of_cases() -> Sequence[Sequence[str]]:
    """What the cases themselves have: names and titles of people, organisations, awards; those of several words, and
    the others.
    """
    written: set[str] = set()
    for folder in ("browser/cases", "builders", "fakes"):
        for path in (Path(__file__).parent.parent / folder).glob("*.py"):
            nodes = ast.walk(ast.parse(path.read_text("utf-8")))
            texts = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
            written |= {text.strip() for text in texts if LETTERS.search(text)}
    data = sorted(written - pseudo.known(), key=len, reverse=True)
    return [[text for text in data if (" " in text) is several] for several in (True, False)]


STAYS = re.compile("|".join(rf"(?<!\w)(?:{one})(?!\w)" for texts in NOT_TRANSLATED.values() for one in texts))


@cache
def _is_ours(run: str) -> bool:
    """Whether a text that is not translated has anything in it that should be."""
    sentences, words = _of_cases()
    left = _without(words, STAYS.sub("", _without(sentences, run)))
    return LETTERS.search(left) is not None


def _without(texts: Iterable[str], run: str) -> str:
    for text in texts:
        if text in run:
            run = re.sub(rf"(?<!\w){re.escape(text)}(?!\w)", "", run)
    return run


def _untranslated(html: str) -> set[str]:
    return {run for run in pseudo.unmarked(html) if _is_ours(run)}


@pytest.fixture(scope="module")
def language() -> Iterator[pseudo.Pseudo]:
    """Every page is in the language that marks its texts."""
    made = pseudo.Pseudo()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(gettext, "translation", lambda *_, **__: made)
        marking = rendering.environment("marked")
        patched.setattr(rendering, "_packaged", lambda _: marking)
        yield made


@pytest.fixture
def asked(language: pseudo.Pseudo) -> set[str]:
    """What is looked up in vain."""
    language.unknown.clear()
    return language.unknown


def test_every_text_of_every_page_is_in_the_catalogue(asked: set[str]) -> None:
    found: dict[str, set[str]] = defaultdict(set)
    for case in CASES_OF_PAGES:
        html = rendering.render(case.template, case.context, chrome=case.chrome)
        for run in _untranslated(html):
            found[case.name].add(run)
    assert found == {}
    assert set(filter(_is_ours, asked - OF_CASES)) == set()


# The menu of the cases is their own, and so are the announcements and the list of values that one of them shows.
OF_CASES = {"Challenges", "Jobs", "View Batch Jobs", HOSTILE, f"{HOSTILE} {LONG}"}


POSTED = {entry.path for entry in table.ENTRIES if entry.method == "POST" and "{" not in entry.path}
FORM_PATHS = sorted(POSTED - {table.SIGN_OUT})
ROLES = {
    "signed out": None,
    "awarding organisation": {Role.AWARDING_BODY_USER, Role.QCF_USER, Role.QCF_RECORD_SET_USER},
    "learner registration body": {Role.LRB_ONLINE_USER, Role.LRB_BATCH_USER},
    "super user": {Role.SUPER_USER},
    "service desk": {Role.SERVICE_DESK},
    "service manager": {Role.SERVICE_MANAGER},
    "administrator": {Role.ADMINISTRATOR},
}


@pytest.mark.parametrize("roles", ROLES.values(), ids=ROLES)
def test_refusals_of_forms_are_in_the_catalogue(asked: set[str], roles: set[Role] | None) -> None:
    """Each form that has a page of its own, submitted as it is and with nonsense in every field."""
    world = portal_world(roles=frozenset(roles or ()))
    browser = signed_in(world) if roles else browser_of(world)
    found: dict[str, set[str]] = defaultdict(set)
    refused = 0
    for path in FORM_PATHS:
        shown = browser.get(path)
        if shown.status != 200:
            continue
        nonsense = dict.fromkeys(re.findall(r'<(?:input|textarea|select)[^>]* name="([^"]+)"', shown.body), "7 Q?")
        for fields in ({}, {name: text for name, text in nonsense.items() if name != "csrf_token"}):
            answer = browser.submit(path, token=shown.token, **fields)
            refused += answer.status == 400
            found[path] |= _untranslated(answer.body) if answer.status in (200, 400, 409) else set()
    assert {path: runs for path, runs in found.items() if runs} == {}
    assert set(filter(_is_ours, asked)) == set()
    assert refused > 2


@pytest.mark.parametrize("text", ["Home", "Not known"])
def test_what_users_entered_is_never_looked_up(text: str) -> None:
    """Even if it is the same as a text of ours."""
    assert text in pseudo.known()
    marking = pseudo.marked(text)
    translate = pseudo.Pseudo().gettext
    row = Row(Text("Name"), text, [Link(Text("Change"), "/", text)]).as_item(translate)
    assert (row["value"]["text"], row["actions"]["items"][0]["visuallyHiddenText"]) == (text, text)
    (option,) = Shown(name="one", label=text, options=[Option(text, text)]).choices(translate)
    assert option["text"] == text
    sentence = Text("{field} is missing.", {"field": text})
    assert said(sentence, translate) == f"{text}⟦ is missing.⟧"
    assert said(Text("{field} is missing.", {"field": Text(text)}), translate) == f"{marking}⟦ is missing.⟧"
