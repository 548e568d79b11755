"""Development support on pages: templates, examples, schemas, rules and codes of files (VAL-03)."""

from __future__ import annotations

import pytest

from chalicelib.domain.failures import FAMILIES, Family
from chalicelib.formats.batch.templates import DESCRIBED, downloads
from tests.builders.portal import browser_of, portal_world


@pytest.mark.req("VAL-03")
def test_everybody_gets_the_templates_examples_and_schemas_that_systems_get() -> None:
    browser = browser_of(portal_world())
    listed = browser.open("/file-formats").body
    for name, content in downloads().items():
        path = f"/file-formats/files/{name}"
        assert f'href="{path}"' in listed
        seen = browser.get(path)
        assert (seen.status, seen.body) == (200, content)
        assert name in seen.headers["Content-Disposition"]
    for path in ("/file-formats/files/x.csv", "/file-formats/x"):
        assert browser.get(path).status == 404


@pytest.mark.req("VAL-03")
@pytest.mark.parametrize("layout", DESCRIBED, ids=lambda layout: layout.name)
def test_every_field_and_every_value_is_described(layout) -> None:
    seen = browser_of(portal_world()).open(f"/file-formats/{layout.name}")
    for field in layout.columns:
        assert f">{field.column}</th>" in seen.body
        for code in field.codes.codes if field.codes else ():
            assert f">{code.value}</th>" in seen.body


@pytest.mark.req("VAL-03")
def test_every_code_of_files_is_described() -> None:
    seen = browser_of(portal_world()).open("/file-formats/codes")
    codes = {code for code, family in FAMILIES.items() if family is not Family.REQUEST}
    assert {code for code in codes if f'id="{code}"' not in seen.body} == set()
