"""Every page in every state as markup, without a browser: well-formed, labelled, ours alone."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from itertools import pairwise
from xml.etree.ElementTree import Element

import html5lib
import pytest

from chalicelib.ports.files import UploadForm
from chalicelib.web.portal import assets, rendering
from tests.browser.cases import CASES, HOSTILE, Case

every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
BRANDING = re.compile(r"gds transport|crown|crest|gov\.uk", re.IGNORECASE)
LAYOUTS = ("gateway.html.jinja", "layout.html.jinja")
CONTROLS = ("input", "select", "textarea")


@cache
def _html(case: Case) -> str:
    return case.html("the-nonce")


@cache
def _page(case: Case) -> Element:
    """The page as a strict parser reads it, which raises at the first error."""
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    tree: Element = parser.parse(_html(case))
    return tree


def _text(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


@every_case
def test_ids_are_unique_and_everything_that_names_one_finds_it(case: Case) -> None:
    page = _page(case)
    ids = Counter(element.get("id") for element in page.iter() if element.get("id"))
    assert [one for one, count in ids.items() if count > 1] == []
    named = [
        name
        for element in page.iter()
        for attribute in ("for", "aria-labelledby", "aria-describedby", "aria-controls")
        for name in element.get(attribute, "").split()
    ]
    named += [link.get("href", "")[1:] for link in page.iter("a") if link.get("href", "").startswith("#")]
    assert sorted(set(named) - set(ids)) == []


@every_case
def test_every_control_has_a_label(case: Case) -> None:
    page = _page(case)
    labelled = {label.get("for") for label in page.iter("label")}
    controls = [one for kind in CONTROLS for one in page.iter(kind) if one.get("type") != "hidden"]
    assert [one.get("name") for one in controls if one.get("id") not in labelled] == []


@every_case
def test_headings_begin_with_one_and_leave_no_level_out(case: Case) -> None:
    page = _page(case)
    main = next(element for element in page.iter("main"))
    levels = [int(element.tag[1]) for element in main.iter() if re.fullmatch("h[1-6]", str(element.tag))]
    assert levels.count(1) == 1
    after = levels[levels.index(1) :]
    assert all(later - earlier <= 1 for earlier, later in pairwise(after))


@every_case
def test_the_title_is_the_heading_and_the_service_and_says_if_there_are_errors(case: Case) -> None:
    page = _page(case)
    title = _text(next(page.iter("title")))
    heading = _text(next(page.iter("h1")))
    prefix = "Error: " if case.context.get("errors") else ""
    assert title == f"{prefix}{heading} – {rendering.SERVICE_NAME}"
    assert next(page.iter("html")).get("lang") == "en"


@every_case
def test_every_table_has_a_caption_and_its_heads_a_scope(case: Case) -> None:
    page = _page(case)
    assert all(_text(table[0]) for table in page.iter("table") if table[0].tag == "caption")
    assert all(table[0].tag == "caption" for table in page.iter("table"))
    assert all(head.get("scope") in ("col", "row") for head in page.iter("th"))


@every_case
def test_nothing_breaks_the_security_policy(case: Case) -> None:
    page = _page(case)
    inline = [
        (element.tag, name) for element in page.iter() for name in element.attrib if name == "style" or name[:2] == "on"
    ]
    assert inline == []
    assert list(page.iter("style")) == []
    assert [one.get("nonce") or one.get("src") for one in page.iter("script")] == [
        assets.address("portal.js"),
        "the-nonce",
    ]


def _is_way_out(element: Element) -> bool:
    """Whether it leads to a place that people choose to go to, and that gets nothing from the page."""
    return element.tag == "a" and re.match("https://|mailto:", element.get("href") or "") is not None


def _bucket(case: Case) -> list[str]:
    """Where the form of a large file sends it: straight to the bucket, which takes it by the policy in the form."""
    upload = case.context.get("form")
    return [upload.url] if isinstance(upload, UploadForm) else []


@every_case
def test_everything_comes_from_the_portal_itself_and_only_a_large_file_goes_elsewhere(case: Case) -> None:
    found = [
        value
        for element in _page(case).iter()
        for name in ("href", "src", "action", "poster", "data", "formaction")
        if (value := element.get(name)) and not re.match(r"/(?!/)|#", value) and not _is_way_out(element)
    ]
    assert found == _bucket(case)


@every_case
def test_there_is_no_branding_that_is_not_ours(case: Case) -> None:
    assert not BRANDING.findall(re.sub('<a class="govuk-link" href="https://[^"]*"', "", _html(case)))


@every_case
def test_a_form_that_changes_something_has_a_token_which_only_we_get(case: Case) -> None:
    for form in _page(case).iter("form"):
        names = [one.get("name") for one in form.iter("input")]
        is_ours = form.get("action") not in _bucket(case)
        assert form.get("method") == "get" or ("csrf_token" in names) == is_ours


@every_case
def test_the_footer_has_help_status_terms_and_the_accessibility_statement(case: Case) -> None:
    (footer,) = _page(case).iter("footer")
    links = [_text(link) for link in footer.iter("a")]
    assert links == [
        *("Help", "Service status", "Contact", "News", "Service charter", "Validator"),
        *("Terms & Conditions", "Privacy", "Cookies", "Accessibility statement"),
    ]


def test_what_users_enter_stays_text() -> None:
    (case,) = (case for case in CASES if case.name == "hostile")
    page = _page(case)
    assert len(list(page.iter("script"))) == 2
    assert list(page.iter("b")) == []
    assert _text(next(page.iter("main"))).count(HOSTILE) == 3


def test_every_template_has_a_case() -> None:
    templates = {path.relative_to(rendering.TEMPLATES).as_posix() for path in rendering.TEMPLATES.rglob("*.jinja")}
    shown = {case.template for case in CASES}
    missing = {name for name in templates - shown if name not in LAYOUTS and not name.startswith("macros/")}
    assert missing == set()


def test_cases_have_names_of_their_own() -> None:
    assert len({case.name for case in CASES}) == len(CASES)
