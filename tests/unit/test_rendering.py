"""Pages from templates: escaped, strict, translated, and the same when compiled beforehand."""

from __future__ import annotations

import gettext
import io
import re
import struct
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from jinja2 import Environment, UndefinedError, nodes

from chalicelib.web.portal import rendering, security, statuses
from chalicelib.web.portal.rendering import Chrome, Menu, MenuEntry, Person, render
from local.commands import portal_texts
from tests.browser.cases import CASES

SOURCES = rendering.environment()
PATHS = sorted(rendering.TEMPLATES.rglob("*.jinja"))
NOT_OURS = re.compile(r"components/(header|footer)/|macros/logo|template\.html")
"""The components' templates with marks of the government's site."""

CHROME = Chrome(nonce="n", path="/")


@cache
def _trees() -> dict[str, nodes.Template]:
    """The templates as jinja reads them, by name."""
    return {path.relative_to(rendering.TEMPLATES).as_posix(): SOURCES.parse(path.read_text("utf-8")) for path in PATHS}


def _wrong(check: Callable[[nodes.Template], list[Any]]) -> dict[str, list[Any]]:
    """What a check finds wrong, by template."""
    return {name: found for name, tree in _trees().items() if (found := check(tree))}


def test_a_page_has_its_title_its_heading_and_the_service() -> None:
    page = render("errors/404.html.jinja", {}, chrome=CHROME)
    assert "<title>Page not found – Learning Records Service</title>" in page
    assert '<h1 class="govuk-heading-l">Page not found</h1>' in page


def test_a_name_that_the_template_does_not_get_is_an_error() -> None:
    with pytest.raises(UndefinedError, match="limit"):
        render("errors/413.html.jinja", {}, chrome=CHROME)


@pytest.mark.req("SLA-02")
def test_every_template_can_be_loaded_for_a_snapshot_without_a_page() -> None:
    rendering.load()


def test_texts_of_users_are_escaped() -> None:
    chrome = Chrome(nonce="n", path="/", person=Person("<i>", "A & B"))
    page = render("errors/403.html.jinja", {"roles": ["<b>"]}, chrome=chrome)
    assert "&lt;b&gt;" in page
    assert "&lt;i&gt;" in page
    assert "A &amp; B" in page


def test_the_menu_marks_the_page_and_its_part_of_the_portal() -> None:
    menu = Menu((MenuEntry("Home", "/"), MenuEntry("Jobs", "/jobs", is_here=True)))
    for path, mark in (("/jobs/7", "true"), ("/jobs", "page")):
        page = render("errors/404.html.jinja", {}, chrome=Chrome(nonce="n", path=path, menu=menu))
        assert re.findall(r'href="(\S+)" aria-current="(\w+)"', page) == [("/jobs", mark)]


def test_the_page_during_maintenance_says_until_when() -> None:
    window = SimpleNamespace(start=datetime(2026, 7, 1, 5, tzinfo=UTC), end=datetime(2026, 7, 1, 11, tzinfo=UTC))
    page = render("errors/503.html.jinja", {"window": window}, chrome=CHROME)
    assert '<time datetime="2026-07-01T12:00:00+01:00">1 July 2026 at midday</time>' in page
    assert "1 July 2026 at 6am" in page


@pytest.mark.parametrize("kind", statuses.STATUSES, ids=lambda kind: kind.__name__)
def test_every_status_has_a_word_and_a_meaning_of_its_own(kind: type) -> None:
    shown = [statuses.shown(member) for member in kind]
    assert len({one.word for one in shown}) == len({one.meaning for one in shown}) == len(shown)
    assert all(one.meaning.endswith(".") for one in shown)


# --- Compiled beforehand ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    folder = tmp_path_factory.mktemp("compiled")
    rendering.compile_templates(folder)
    return rendering.environment(compiled=folder)


def test_every_page_is_the_same_from_compiled_templates(compiled: Environment) -> None:
    different = []
    for case in (case for case in CASES if case.template in _trees()):
        context = {"errors": (), "back": "", **case.context, "chrome": case.chrome}
        page = compiled.get_template(case.template).render(context)
        if page != SOURCES.get_template(case.template).render(context):
            different.append(case.name)
    assert different == []


def test_marks_of_the_governments_site_are_never_compiled(tmp_path: Path) -> None:
    rendering.compile_templates(tmp_path)
    found = [
        path.name for path in tmp_path.iterdir() if re.search("crown|crest", path.read_text("utf-8"), re.IGNORECASE)
    ]
    assert found == []


# --- The templates themselves -----------------------------------------------------------------------------------------


def _options(tree: nodes.Template) -> Iterator[tuple[str, nodes.Expr]]:
    """Names and values of the options that components are given."""
    for pair in tree.find_all(nodes.Pair):
        if isinstance(pair.key, nodes.Const):
            yield str(pair.key.value), pair.value
    for keyword in tree.find_all(nodes.Keyword):
        yield keyword.key, keyword.value


def test_no_option_that_is_not_escaped_is_used() -> None:
    """Markup of our macros can be given as `text`: it is marked as such, so that only texts are escaped."""
    assert _wrong(lambda tree: [option for option, _ in _options(tree) if option.lower().endswith("html")]) == {}


def _exempt(tree: nodes.Template) -> list[Any]:
    filters = [one.name for one in tree.find_all(nodes.Filter) if one.name in ("safe", "forceescape", "xmlattr")]
    return [*filters, *tree.find_all(nodes.ScopedEvalContextModifier), *tree.find_all(nodes.EvalContextModifier)]


def test_nothing_is_exempt_from_escaping() -> None:
    assert _wrong(_exempt) == {}


def _not_fixed(tree: nodes.Template) -> list[Any]:
    given = [
        argument
        for call in tree.find_all(nodes.Call)
        if isinstance(call.node, nodes.Name) and call.node.name in ("_", "gettext", "ngettext")
        for argument in call.args[: 2 if call.node.name == "ngettext" else 1]
    ]
    return [one for one in given if not isinstance(one, nodes.Const)]


def test_only_fixed_texts_are_translated() -> None:
    """What `_` is given is not escaped."""
    assert _wrong(_not_fixed) == {}


def _outside_the_catalogue(tree: nodes.Template) -> list[Any]:
    blocks = [block for block in tree.find_all(nodes.Block) if block.name == "width"]
    of_a_class = [data for block in blocks for data in block.find_all(nodes.TemplateData)]
    every = tree.find_all(nodes.TemplateData)
    written = "".join(data.data for data in every if not any(data is one for one in of_a_class))
    # What a computer is told is the same in every language.
    without_code = re.sub(r"<(script nonce=\"\"|style|code)>[^<]*</(script|style|code)>", "", written)
    return re.findall(r"[A-Za-z]{2,}", re.sub(r"<[^>]*>", " ", without_code))


def test_every_text_of_a_template_can_be_translated() -> None:
    assert _wrong(_outside_the_catalogue) == {}


def _not_ours_to_use(tree: nodes.Template) -> list[Any]:
    used = [one.template for one in tree.find_all(nodes.FromImport)]
    return [one.value for one in used if isinstance(one, nodes.Const) and NOT_OURS.search(one.value)]


def test_the_components_that_are_used_are_ours_to_use() -> None:
    assert _wrong(_not_ours_to_use) == {}


def test_the_catalogue_for_translators_is_up_to_date() -> None:
    assert portal_texts.CATALOGUE.read_text("utf-8") == portal_texts.catalogue(), "make portal-texts writes it again"


def test_another_language_needs_nothing_but_its_catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "cy" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "portal.mo").write_bytes(_compiled_catalogue({"Page not found": "Heb ganfod y dudalen"}))
    monkeypatch.setattr(rendering, "CATALOGUES", tmp_path)
    page = rendering.environment("cy").get_template("errors/404.html.jinja")
    html = page.render({"errors": (), "back": "", "chrome": Chrome(nonce="n", path="/", language="cy")})
    assert '<html lang="cy"' in html
    assert '<h1 class="govuk-heading-l">Heb ganfod y dudalen</h1>' in html


def _compiled_catalogue(texts: dict[str, str]) -> bytes:
    """As gettext reads it: tables of lengths and places, then the texts (GNU gettext, MO files)."""
    texts = {"": "Content-Type: text/plain; charset=UTF-8\n", **texts}
    pairs = sorted((key.encode(), value.encode()) for key, value in texts.items())
    place, tables, content = 28 + 16 * len(pairs), [b"", b""], b""
    for side in (0, 1):
        for pair in pairs:
            tables[side] += struct.pack("<II", len(pair[side]), place + len(content))
            content += pair[side] + b"\0"
    head = struct.pack("<7I", 0x950412DE, 0, len(pairs), 28, 28 + 8 * len(pairs), 0, 0)
    written = head + tables[0] + tables[1] + content
    assert gettext.GNUTranslations(io.BytesIO(written))
    return written


# --- What browsers are told -------------------------------------------------------------------------------------------


def test_the_policy_allows_our_own_files_and_one_script() -> None:
    policy = security.headers("abc")["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "script-src 'self' 'nonce-abc'" in policy
    assert "form-action 'self';" in policy
    assert "unsafe" not in policy


def test_a_form_may_go_to_the_bucket_of_uploads_and_come_back() -> None:
    policy = security.headers("abc", upload_origin="https://uploads.example")["Content-Security-Policy"]
    assert "form-action 'self' https://uploads.example;" in policy


def test_pages_are_not_kept_and_send_their_origin_only_to_ourselves() -> None:
    found = security.headers("abc")
    assert found["Cache-Control"] == "no-store"
    assert found["Referrer-Policy"] == "strict-origin"
    assert found["X-Content-Type-Options"] == "nosniff"
