"""Development support on pages: templates, examples, schemas, rules and codes of files (VAL-03)."""

from __future__ import annotations

import csv
from datetime import date

import pytest

from chalicelib.domain.failures import FAMILIES, Family
from chalicelib.formats.batch.checks import Expectations, check_file
from chalicelib.formats.batch.faulty_examples import errors_of
from chalicelib.formats.batch.format_versions import VERSIONS
from chalicelib.formats.batch.layout_choice import LAYOUTS
from chalicelib.formats.batch.learner_layouts import LEARNERS, LEARNERS_2A
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


@pytest.mark.req("VAL-03")
@pytest.mark.parametrize("ending", ["csv", "xml"])
@pytest.mark.parametrize("layout", DESCRIBED, ids=lambda layout: layout.name)
def test_the_example_with_errors_has_exactly_the_errors_that_are_listed(layout, ending: str) -> None:
    name = f"{layout.name}-faulty.{ending}"
    ukprn = layout.by_name["UKPRN"].example
    # Whatever the day: an example does not become right with time.
    for day in (date(2026, 11, 27), date(2036, 11, 27)):
        report = check_file(downloads()[name].encode(), Expectations(day, ukprn), name)
        assert (report.layout, report.refused) == (layout, False)
        found = [(one.number, why.field, why.code) for one in report.records for why in one.failures if why.refuses]
        listed = list(csv.DictReader(downloads()[f"{layout.name}-faulty-list.csv"].splitlines()))
        assert found == [(int(one["Record"]), one["Field"], one["Code"]) for one in listed]
        assert report.record_count == report.faulty_records + 1, "the first record is valid"
    seen = browser_of(portal_world()).open(f"/file-formats/{layout.name}").text
    for one in listed:
        assert f"{one['Code']} {one['Message']} {one['Action']}" in seen


@pytest.mark.req("VAL-03")
def test_every_error_of_an_example_is_one_that_its_record_has() -> None:
    for layout in DESCRIBED:
        kinds = {one.code for one in errors_of(layout)}
        assert {"ACF001", "ACF003", "ACF004", "ACF005", "ACL001"} <= kinds, layout.name


@pytest.mark.req("VAL-03")
def test_every_version_of_a_format_that_is_read_is_in_its_history() -> None:
    assert [one.layout for one in VERSIONS] == list(LAYOUTS)
    seen = browser_of(portal_world()).open("/file-formats").text
    for one in VERSIONS:
        assert f"{one.layout.version} {one.since} {one.changes}" in seen
    new = set(LEARNERS.names) - set(LEARNERS_2A.names) | set(LEARNERS_2A.names) - set(LEARNERS.names)
    changes = next(one.changes for one in VERSIONS if one.layout is LEARNERS)
    assert {name for name in new if name not in changes} == set()
