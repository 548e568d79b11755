"""Forms follow from the fields, keep what was entered, and put every reason beside its field."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from chalicelib.domain.codes import Code, CodeList
from chalicelib.domain.failures import failure
from chalicelib.domain.fields import DATE_OF_BIRTH, EMAIL_ADDRESS, GENDER, GIVEN_NAME, ULN, Field, Kind
from chalicelib.domain.values import read_fields
from chalicelib.formats.words.pages import PAGE_WORDS, error_text
from chalicelib.web.portal.forms import Asked, asked, form, label_of
from chalicelib.web.portal.parts import FieldError, Input

LEARNER = form(ULN, GIVEN_NAME, DATE_OF_BIRTH, GENDER)
LONG = Field("reason", Kind.CODE, 9, "Reason.", codes=CodeList("R", tuple(Code(str(n), f"No. {n}") for n in range(9))))
PASSWORD = asked(Field("secret", Kind.TEXT, 100, "Secret."), kind=Input.PASSWORD)


def test_a_field_is_asked_for_in_the_way_of_its_kind() -> None:
    kinds = [one.kind for one in form(ULN, DATE_OF_BIRTH, GENDER, LONG).asked]
    assert kinds == [Input.TEXT, Input.DATE, Input.ONE, Input.LIST]
    uln, email = form(ULN, EMAIL_ADDRESS).shown({})
    assert (uln.inputmode, uln.width, uln.type) == ("numeric", 10, "text")
    assert (email.inputmode, email.width, email.type) == ("", 0, "email")


@pytest.mark.parametrize(
    ("name", "label"),
    [("uln", "ULN"), ("given_name", "Given name"), ("staff_id", "Staff ID"), ("master_uln", "Master ULN")],
)
def test_a_label_is_the_name_as_people_write_it(name: str, label: str) -> None:
    assert label_of(Field(name, Kind.TEXT, 10, "")) == label


def test_a_list_begins_with_nothing_chosen() -> None:
    (shown,) = form(LONG).shown({})
    assert [shown.options[0].value, shown.options[0].text, len(shown.options)] == ["", "Select reason", 10]


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        (("14", "3", "2001"), "2001-03-14"),
        (("", "", ""), ""),
        (("31", "2", "2001"), "2001-02-31"),
        (("", "3", "2001"), "2001-03-00"),
        (("x", "3", "2001"), "2001-03-0x"),
    ],
)
def test_a_date_is_entered_in_parts_and_shown_as_entered(parts: tuple[str, ...], text: str) -> None:
    entered = {f"date_of_birth-{name}": [part] for name, part in zip(("day", "month", "year"), parts, strict=True)}
    assert form(DATE_OF_BIRTH).texts(entered) == {"date_of_birth": text}
    assert form(DATE_OF_BIRTH).shown(entered)[0].value == (parts if any(parts) else "")


def test_what_may_be_empty_is_optional_in_a_form_of_which_something_is_needed() -> None:
    def marked(*fields: Field | Asked) -> list[str]:
        return [shown.name for shown in form(*fields).shown({}) if shown.is_optional]

    assert marked(ULN, EMAIL_ADDRESS, asked(LONG, kind=Input.MANY)) == ["email_address"], "boxes are ticked or not"
    assert marked(asked(EMAIL_ADDRESS, is_optional=False), LONG) == ["reason"], "needed for a reason of the page's own"
    assert marked(EMAIL_ADDRESS, LONG) == [], "as filters are"


def test_a_field_is_said_to_be_optional_by_its_label_alone() -> None:
    texts = Path("chalicelib/web/portal/catalogues/portal.pot").read_text("utf-8")
    assert re.findall(r'^msgid "(Optional\b.*)"$', texts, re.MULTILINE) == []


def test_what_is_held_already_is_filled_in() -> None:
    held = {"uln": "1000000043", "given_name": "Amelia", "date_of_birth": "2001-03-14", "gender": "2"}
    assert LEARNER.texts(LEARNER.filled(held)) == held


def test_every_reason_is_beside_its_field_and_in_the_summary_in_the_order_of_the_page() -> None:
    entered = {"uln": ["123"], "given_name": [""], "gender": ["x"]}
    _, reasons = read_fields([one.field for one in LEARNER.asked], LEARNER.texts(entered))
    page = LEARNER.page("x", entered, [*reasons, failure("LRS-USER-15")])
    shown = page.context["fields"]
    assert page.status == 400
    assert all(one.error for one in shown)
    assert shown[1].error == "Enter given name"
    assert shown[2].error == "Enter date of birth"
    assert shown[3].error == "Select gender from the list"
    assert shown[0].value == "123"
    whole, *own = page.context["errors"]
    assert (whole.anchor, whole.text[:33]) == ("uln", "Enter a correct user name and pas")
    assert own == [FieldError(one.error, one.anchor, one.codes) for one in shown]


def test_a_password_is_never_shown_again() -> None:
    assert form(PASSWORD).shown({"secret": ["Correct-Horse1"]})[0].value == ""


def test_a_form_without_reasons_is_a_page_like_any_other() -> None:
    page = LEARNER.page("x", {}, back="/")
    assert (page.status, page.context["errors"], page.context["back"]) == (200, [], "/")


@pytest.mark.parametrize("code", PAGE_WORDS)
def test_words_of_pages_end_up_complete(code: str) -> None:
    text = error_text(failure(code, "X", limit=7), "Given name")
    assert text
    assert "{" not in text


def test_a_missing_choice_is_to_be_selected() -> None:
    assert error_text(failure("ACF001", "Gender"), "Gender", is_choice=True) == "Select gender"
    assert error_text(failure("ACF001", "ULN"), "ULN") == "Enter ULN"


@pytest.mark.req("ULN-01")
@pytest.mark.parametrize(
    ("name", "instead"),
    [
        ("Siân", "Type it with the letters A to Z and no accents: Sian for Siân, Muller for Müller."),
        ("O’Brien", "Use a plain apostrophe (') or hyphen (-)."),
        ("Amelia_Rose", "Use only the letters A to Z, spaces, apostrophes, hyphens and full stops."),
        ("Amelia2", "Remove the digit from given name."),
        ("-", "Enter the registered name."),
    ],
)
def test_of_a_name_that_is_refused_the_page_says_what_to_type(name: str, instead: str) -> None:
    _, failures = read_fields((GIVEN_NAME,), {"given_name": name})
    (shown,) = form(GIVEN_NAME).shown({"given_name": [name]}, failures)
    assert shown.error.startswith("Given name ")
    assert shown.error.endswith(instead)
