"""Every page in every state as markup, without a browser: well-formed, labelled, ours alone."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from functools import cache
from itertools import pairwise
from typing import Any
from xml.etree.ElementTree import Element

import html5lib

from chalicelib.ports.files import UploadForm
from chalicelib.web.portal import assets, rendering
from tests.browser.cases import CASES, HOSTILE, Case

BRANDING = re.compile(r"gds transport|crown|crest|gov\.uk", re.IGNORECASE)
LAYOUTS = ("gateway.html.jinja", "layout.html.jinja")
CONTROLS = ("input", "select", "textarea")
FOOTER = [
    *("Help", "Service status", "Contact", "News", "Service charter", "Validator"),
    *("Terms & Conditions", "Privacy", "Cookies", "Accessibility statement"),
]


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


def _wrong(check: Callable[[Case], Any]) -> dict[str, Any]:
    """What a check finds wrong, by case: a test looks at all pages, since a test of its own for each takes longer."""
    return {case.name: found for case in CASES if (found := check(case))}


def _dangling(case: Case) -> list[str]:
    """Ids that are there twice, and names of ids that are not there."""
    page = _page(case)
    ids = Counter(element.get("id") for element in page.iter() if element.get("id"))
    named = [
        name
        for element in page.iter()
        for attribute in ("for", "aria-labelledby", "aria-describedby", "aria-controls")
        for name in element.get(attribute, "").split()
    ]
    named += [link.get("href", "")[1:] for link in page.iter("a") if link.get("href", "").startswith("#")]
    return [str(one) for one, count in ids.items() if count > 1] + sorted(set(named) - set(ids))


def test_ids_are_unique_and_everything_that_names_one_finds_it() -> None:
    assert _wrong(_dangling) == {}


def _unlabelled(case: Case) -> list[str | None]:
    page = _page(case)
    labelled = {label.get("for") for label in page.iter("label")}
    controls = [one for kind in CONTROLS for one in page.iter(kind) if one.get("type") != "hidden"]
    return [one.get("name") for one in controls if one.get("id") not in labelled]


def test_every_control_has_a_label() -> None:
    assert _wrong(_unlabelled) == {}


def _uneven_headings(case: Case) -> list[int]:
    main = next(element for element in _page(case).iter("main"))
    levels = [int(element.tag[1]) for element in main.iter() if re.fullmatch("h[1-6]", str(element.tag))]
    after = levels[levels.index(1) :] if 1 in levels else [0, 2]
    is_even = levels.count(1) == 1 and all(later - earlier <= 1 for earlier, later in pairwise(after))
    return [] if is_even else levels or [0]


def test_headings_begin_with_one_and_leave_no_level_out() -> None:
    assert _wrong(_uneven_headings) == {}


def _wrong_title(case: Case) -> str:
    page = _page(case)
    title = _text(next(page.iter("title")))
    heading = _text(next(page.iter("h1")))
    prefix = "Error: " if case.context.get("errors") else ""
    is_right = title == f"{prefix}{heading} – {rendering.SERVICE_NAME}"
    return "" if is_right and next(page.iter("html")).get("lang") == "en" else title


def test_the_title_is_the_heading_and_the_service_and_says_if_there_are_errors() -> None:
    assert _wrong(_wrong_title) == {}


def _incomplete_tables(case: Case) -> list[str]:
    page = _page(case)
    tables = [table[0].tag for table in page.iter("table") if table[0].tag != "caption" or not _text(table[0])]
    return tables + [_text(head) for head in page.iter("th") if head.get("scope") not in ("col", "row")]


def test_every_table_has_a_caption_and_its_heads_a_scope() -> None:
    assert _wrong(_incomplete_tables) == {}


def _outside_the_policy(case: Case) -> list[tuple[str, str]]:
    page = _page(case)
    found = [
        (element.tag, name) for element in page.iter() for name in element.attrib if name == "style" or name[:2] == "on"
    ]
    found += [(element.tag, "") for element in page.iter("style")]
    scripts = [one.get("nonce") or one.get("src") or "" for one in page.iter("script")]
    return found if scripts == [assets.address("portal.js"), "the-nonce"] else [*found, ("script", str(scripts))]


def test_nothing_breaks_the_security_policy() -> None:
    assert _wrong(_outside_the_policy) == {}


def _is_way_out(element: Element) -> bool:
    """Whether it leads to a place that people choose to go to, and that gets nothing from the page."""
    return element.tag == "a" and re.match("https://|mailto:", element.get("href") or "") is not None


def _bucket(case: Case) -> list[str]:
    """Where the form of a large file sends it: straight to the bucket, which takes it by the policy in the form."""
    upload = case.context.get("form")
    return [upload.url] if isinstance(upload, UploadForm) else []


def _elsewhere(case: Case) -> list[str]:
    found = [
        value
        for element in _page(case).iter()
        for name in ("href", "src", "action", "poster", "data", "formaction")
        if (value := element.get(name)) and not re.match(r"/(?!/)|#", value) and not _is_way_out(element)
    ]
    return [] if found == _bucket(case) else found or ["no address of the bucket"]


def test_everything_comes_from_the_portal_itself_and_only_a_large_file_goes_elsewhere() -> None:
    assert _wrong(_elsewhere) == {}


def test_there_is_no_branding_that_is_not_ours() -> None:
    links_out = '<a class="govuk-link" href="https://[^"]*"'
    assert _wrong(lambda case: BRANDING.findall(re.sub(links_out, "", _html(case)))) == {}


def _unguarded_forms(case: Case) -> list[str | None]:
    bucket = _bucket(case)
    return [
        form.get("action")
        for form in _page(case).iter("form")
        if form.get("method") != "get"
        and ("csrf_token" in [one.get("name") for one in form.iter("input")]) == (form.get("action") in bucket)
    ]


def test_a_form_that_changes_something_has_a_token_which_only_we_get() -> None:
    assert _wrong(_unguarded_forms) == {}


def _other_footer(case: Case) -> list[str]:
    (footer,) = _page(case).iter("footer")
    links = [_text(link) for link in footer.iter("a")]
    return [] if links == FOOTER else links or ["no links"]


def test_the_footer_has_help_status_terms_and_the_accessibility_statement() -> None:
    assert _wrong(_other_footer) == {}


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
