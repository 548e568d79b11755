"""What everybody can read without signing in (HLP-01 to HLP-03, VAL-01)."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from chalicelib.domain.announcements import INTERFACE_CHANGES, NEWS, InterfaceChange, months_after
from chalicelib.domain.codes import ACTION_REASON
from chalicelib.domain.failures import FAMILIES, Family
from chalicelib.formats.batch.templates import DESCRIBED, files
from chalicelib.formats.words.glossary import GLOSSARY
from chalicelib.formats.words.return_codes import VERIFICATION_CODES
from chalicelib.web.http.versions import ENDINGS
from chalicelib.web.portal import table
from chalicelib.web.portal.help_pages import FAMILY_TITLES
from tests.builders.portal import Browser, browser_of, portal_world, signed_in

PAGES = [
    entry.path
    for entry in table.ENTRIES
    if entry.module.rpartition(".")[2] in ("public_pages", "help_pages", "status_pages") and entry.method == "GET"
]
DESK = "desk@example.org"


@pytest.fixture
def browser() -> Browser:
    return browser_of(portal_world(), service_desk_email=DESK, service_owner_email="owner@example.org")


@pytest.mark.req("HLP-01")
@pytest.mark.parametrize("path", PAGES)
def test_everybody_reads_them_signed_in_or_not(browser: Browser, path: str) -> None:
    assert browser.get(path).status == 200
    assert signed_in(portal_world()).get(path).status == 200


@pytest.mark.req("HLP-01")
def test_somebody_who_is_not_signed_in_begins_at_the_start_page(browser: Browser) -> None:
    seen = browser.open("/")
    assert seen.title == "Organisation Portal"
    assert 'href="/sign-in"' in seen.body
    ended = browser_of(portal_world())
    ended.cookies["__Host-lrs_session"] = "10000001.Uamelia.0123456789abcdef0123"
    assert ended.open("/").title == "Sign in", "a session that has ended goes on where it was"


@pytest.mark.req("HLP-01")
def test_every_public_page_is_found_from_the_start_page_and_the_footer(browser: Browser) -> None:
    start = browser.open("/start").body
    main, _, footer = start.partition("<footer")
    own = [path for path in PAGES if path not in ("/start", "/status.json", "/status.atom")]
    unlisted = [path for path in own if f'href="{path}"' not in main and not path.endswith(".py")]
    assert not unlisted
    for path in ("/help", "/status", "/contact", "/news", "/validator", "/user-agreement", "/privacy", "/cookies"):
        assert f'href="{path}"' in footer
    assert "Terms & Conditions" in footer


@pytest.mark.req("HLP-01")
def test_return_codes_are_those_by_which_the_service_works(browser: Browser) -> None:
    text = browser.open("/help/return-codes").text
    for code, words in VERIFICATION_CODES.items():
        assert f"{code} {words.result}" in text
    shown = set(re.findall(r'<tr class="govuk-table__row" id="([^"]+)"', browser.seen.body))
    assert shown == {code for code, family in FAMILIES.items() if family in FAMILY_TITLES}
    assert {Family.FIELD, Family.RULE, Family.FILE} <= FAMILY_TITLES.keys()
    assert all(f"{code.value} {code.meaning}" in text for code in ACTION_REASON.codes)


@pytest.mark.req("HLP-01", "VAL-03")
def test_data_rules_have_every_field_of_every_file(browser: Browser) -> None:
    body = browser.open("/help/data-rules").body
    for layout in DESCRIBED:
        section = body.partition(f'id="{layout.name}"')[2].partition("</table>")[0]
        heads = re.findall(r'<th scope="row" class="govuk-table__header">([^<]+)</th>', section)
        assert heads == [field.column for field in layout.columns]


@pytest.mark.req("HLP-01")
def test_the_points_of_escalation_come_from_the_settings(browser: Browser) -> None:
    body = browser.open("/contact").body
    assert f'href="mailto:{DESK}"' in body
    assert 'href="mailto:owner@example.org"' in body
    assert body.count("mailto:") == 2, "an address that is not set is left out"


@pytest.mark.req("HLP-01", "SEC-02")
def test_a_call_is_spoken_of_where_the_service_desk_has_a_telephone_number(browser: Browser) -> None:
    number = {"service_desk_telephone": "01632 960000", "service_desk_hours": "Monday to Friday, 9am to 5pm"}
    called = browser_of(portal_world(), **number)
    assert "Telephone: 01632 960000 Monday to Friday, 9am to 5pm" in called.open("/contact").text
    assert "Tell the password by telephone, not in an email: 01632 960000." in called.open("/help").text
    for path in ("/contact", "/help"):
        assert "telephone" not in browser.open(path).text.lower(), path


@pytest.mark.req("HLP-02")
def test_the_charter_has_every_function_with_what_is_agreed(browser: Browser) -> None:
    text = browser.open("/service-charter").text
    described = portal_world().services().described_levels
    for number, one in described.functions.items():
        assert f"{number} {one.title}" in text
    assert "VLD-01 Verify one learner's details Web service" in text


@pytest.mark.req("HLP-03", "SLA-08")
def test_announced_changes_keep_what_is_promised() -> None:
    assert all(change.keeps_promises for change in INTERFACE_CHANGES)
    announced = {(change.interface, change.announced) for change in INTERFACE_CHANGES}
    assert not [ending for ending in ENDINGS if (ending.path, ending.announced) not in announced]
    for rows in ([one.day for one in NEWS], [one.announced for one in INTERFACE_CHANGES]):
        assert rows == sorted(rows, reverse=True), "newest first"


@pytest.mark.req("HLP-03", "SLA-08")
@pytest.mark.parametrize(
    ("specified", "supported_until", "is_kept"),
    [
        (date(2027, 2, 28), date(2028, 2, 29), True),
        (date(2027, 3, 1), date(2028, 2, 29), False),
        (date(2027, 2, 28), date(2028, 2, 28), False),
        (date(2026, 8, 30), date(2029, 1, 1), False),
    ],
)
def test_the_dates_of_a_change_are_judged_by_the_calendar(
    specified: date, supported_until: date, *, is_kept: bool
) -> None:
    change = InterfaceChange(date(2026, 8, 31), "/v1/", "Another version", specified, supported_until)
    assert change.keeps_promises is is_kept
    assert months_after(date(2026, 8, 31), 6) == date(2027, 2, 28)


@pytest.mark.req("VAL-01")
def test_the_validator_that_is_downloaded_has_the_checksum_and_checks_files(browser: Browser, tmp_path: Path) -> None:
    page = browser.open("/validator").body
    seen = browser.get("/validator/lrs-validator.py")
    assert hashlib.sha256(seen.body.encode()).hexdigest() in page
    assert "lrs-validator.py" in seen.headers["Content-Disposition"]
    program, example = tmp_path / "lrs-validator.py", tmp_path / "achievements-example.csv"
    program.write_text(seen.body, encoding="utf-8")
    example.write_bytes(files()["templates/achievements-example.csv"])
    found = subprocess.run(
        [sys.executable, "-I", program, example], cwd=tmp_path, check=False, capture_output=True, text=True
    )
    assert found.returncode == 0, found.stderr
    version = subprocess.run([sys.executable, "-I", program, "--version"], check=True, capture_output=True, text=True)
    assert re.search(r"<dt[^>]*>Version</dt><dd[^>]*>([^<]+)</dd>", page)[1] in version.stdout  # type: ignore[index]


@pytest.mark.req("HLP-01")
def test_every_abbreviation_on_pages_is_in_the_glossary() -> None:
    texts = Path("chalicelib/web/portal/catalogues/portal.pot").read_text("utf-8")
    shown = "\n".join(re.findall(r'^(?:msgid(?:_plural)? )?"(.*)"$', texts, re.MULTILINE))
    found = set(re.findall(r"(?<![\w%<-])[A-Z]{2,}(?:-[0-9]+)?(?=s?\b)(?![-_0-9])", shown))
    known = {word for word, _ in GLOSSARY}
    assert {"ULN", "PDF", "UTF-8"} <= found
    as_written = {"AA", "GBR", "UK", "FUL", "FINAL", "DD", "MM", "YYYY", "POST", "DOCTYPE", "FFFD"}
    assert found - known == as_written, "levels, codes, forms of dates, and what files have"
    assert [word for word, _ in GLOSSARY] == sorted(known, key=str.lower)
