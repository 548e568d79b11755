"""The portal's pages about single learners: find, register, update, verify."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from chalicelib.domain.learner_fields import CRITERIA
from chalicelib.formats.batch.learner_layouts import LEARNERS, VERIFICATIONS
from chalicelib.web.portal.learner_fields import texts_of
from tests.builders.portal import Browser
from tests.builders.portal import Seen as Shown
from tests.fakes import FakeWorld
from tests.parity.cases import Case, Reason, Seen, seen
from tests.parity.files import fields_of

_NAMES: Final = {column: field.name for column, field in (LEARNERS.by_name | VERIFICATIONS.by_name).items()}
_COLUMNS: Final = {name: column for column, name in _NAMES.items()}
_OF_WHOLE: Final = {"WSRC0019": "ULN"}
"""The columns of the reasons that a page shows beside no field, by code."""
_DONE: Final = {"Learner registered": "registered", "The learner is registered already": "found"}
_SAID: Final = {"The details were updated.": "updated", "Nothing was changed": "found"}


def has_learner_page(case: Case) -> bool:
    """Pages have three boxes for a date, in which no other form can be entered. A page is about a ULN, and shows what
    is held: proof of identity cannot be left out.
    """
    given = fields_of(case)
    dates = (given.get(name, "") for name in ("DateOfBirth", "DateOfAddressCapture"))
    is_left_out = case.fields.get("VerificationType") == "" and bool(given.get("ULN"))
    return all(re.fullmatch(r"(\d{4}-\d\d-\d\d)?", text) for text in dates) and not is_left_out


def has_update_page(case: Case) -> bool:
    """Whether there can be a page of that learner."""
    return has_learner_page(case) and len(fields_of(case)["ULN"]) == 10


def has_search_page(case: Case) -> bool:
    """Whether the details are searched for: a ULN is found by its name alone."""
    return has_learner_page(case) and not case.fields.get("ULN")


def find(case: Case, browser: Browser, _: FakeWorld) -> Seen:
    """Search by the details."""
    names = {field.name for field in CRITERIA}
    texts = {_NAMES[column]: text for column, text in fields_of(case).items() if _NAMES.get(column) in names}
    shown = browser.fill_in("/learners/by-details", **_form(texts))
    if shown.status != 200:
        return _refused(shown)
    return Seen("possible" if "possible learner" in shown.title else "found")


def register(case: Case, browser: Browser, _: FakeWorld) -> Seen:
    """Enter the details, check them, and register."""
    texts = {_NAMES[column]: text for column, text in fields_of(case).items() if column in _NAMES}
    browser.open("/learners/by-details")
    checked = browser.submit("/learners/new", **_form(texts))
    if checked.status != 303:
        return _refused(checked)
    browser.open(checked.location)
    done = browser.submit(checked.location)
    if done.location.startswith("/exceptions/"):
        return Seen("possible")
    return Seen(_DONE[browser.open(done.location).title])


def update(case: Case, browser: Browser, world: FakeWorld) -> Seen:
    """Change the fields of the record in the form of what is held."""
    given = {_NAMES[column]: text for column, text in fields_of(case).items() if text and column in _NAMES}
    given |= {_NAMES[column]: text for column, text in case.fields.items() if column in _NAMES}
    uln = given.pop("uln")
    held = world.learner_register.whole.get(uln)
    texts = texts_of(held.details) if held else {}
    if given.get("verification_type", "999") != "999":
        texts["other_verification_description"] = ""
    browser.open("/learners")
    version = str(held.version_number if held else 1)
    sent = browser.submit(f"/learners/{uln}/edit", revision=version, **_form(texts | given))
    if sent.status == 303:
        page = browser.open(sent.location).body
        return Seen(next((outcome for said, outcome in _SAID.items() if said in page), "linked"))
    refused = _refused(sent)
    return refused._replace(outcome="not found") if refused.reasons == (("WSRC0019", "ULN"),) else refused


def verify(case: Case, browser: Browser, _: FakeWorld) -> Seen:
    """Verify the details."""
    texts = {_NAMES[column]: text for column, text in fields_of(case).items() if column in _NAMES}
    shown = browser.fill_in("/verify", **_form(texts))
    code = re.search(r"return code (VRC\d{3})", shown.body)
    return Seen(code[1]) if code else _refused(shown)


def _form(texts: Mapping[str, str]) -> dict[str, str]:
    """Details as the fields of a form."""
    form = {name: text for name, text in texts.items() if not name.startswith("date_")}
    for name in texts.keys() - form.keys():
        parts = texts[name].split("-") if texts[name] else ("", "", "")
        form |= dict(zip((f"{name}-{part}" for part in ("year", "month", "day")), parts, strict=True))
    return form


def _refused(shown: Shown) -> Seen:
    assert shown.status == 400, shown
    return seen("refused", *_errors(shown))


def _errors(shown: Shown) -> Iterator[Reason]:
    for anchor, codes in re.findall(r'<a href="#([^"]+)"\s+data-codes="([^"]+)"', shown.body):
        for code in codes.split():
            yield code, _OF_WHOLE.get(code) or _COLUMNS[anchor.removesuffix("-day")]
