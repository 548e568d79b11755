"""The stand-alone validator."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pytest

from chalicelib.formats.batch.checks import Expectations, Report, check_file
from chalicelib.formats.batch.findings import NOTICES_SHOWN, findings
from chalicelib.formats.words.messages import remedy, sentence
from chalicelib.validator.__main__ import main
from chalicelib.validator.html_report import html_report
from local.commands.make_pyz import build
from tests.builders import learner_files
from tests.builders.files import FILENAME, UKPRN, csv_file, csv_text, record, records, rows, xml_file
from tests.shared_data import ROOT

pytestmark = pytest.mark.req("VAL-01")

TODAY = date(2026, 11, 10)
NAME = FILENAME + ".csv"
AS_OF = ["--as-of", TODAY.isoformat()]


def check(data: bytes, name: str = NAME, **expected: str) -> Report:
    return check_file(data, Expectations(TODAY, **expected), name)


def record_codes(report: Report) -> dict[int, list[str]]:
    return {entry.number: [reason.code for reason in entry.failures] for entry in report.records}


def written(folder: Path, data: bytes, name: str = NAME) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def test_a_correct_file_is_valid() -> None:
    for data, name in ((csv_file(records(5)), NAME), (xml_file(records(5)), FILENAME + ".xml")):
        report = check(data, name, ukprn=UKPRN, organisation_ref="A12345")
        assert (report.valid, report.record_count, report.failures, report.records) == (True, 5, [], [])


def test_everything_that_needs_no_register_is_checked() -> None:
    entries = [
        record(ULN="1000000018"),
        record(AchievementAwardDate="2006-08-31"),
        record(AchievementAwardDate="2026-11-11"),
        record(Action="3", ActionDate="2026-11-11", ActionReason="WHY"),
        record(ULN="1000000027", ActionReason="BATCHERROR"),
        record(UnitOrQualificationReferenceNumber="600/0055/8"),
        record(AchievementAwardDate="2026-09-01"),
        record(ULN="1000000035", FamilyName="Donotenter", GivenName=""),
    ]
    found = record_codes(check(csv_file(entries)))
    assert found == {
        1: ["ACL001"],
        2: ["ACR004"],
        3: ["ACR005"],
        4: ["ACR005", "ACR011"],
        5: ["ACW001"],
        6: ["REF_CHECK"],
        7: ["ACW003"],
        8: ["ACF006", "ACF001"],
    }


@pytest.mark.req("VAL-01", "ACH-10")
def test_a_record_that_would_be_refused_is_not_said_to_be_marked_late() -> None:
    found = record_codes(check(csv_file([record(AchievementAwardDate="2026-09-01", Gender="X")])))
    assert found == {1: ["ACF005"]}


def test_two_records_on_one_achievement_are_noticed() -> None:
    entries = [record(), record(ULN="1000000027"), record(UnitOrQualificationReferenceNumber="60000557")]
    report = check(csv_file(entries))
    assert record_codes(report) == {3: ["ACW005"]}
    assert report.valid
    assert sentence(report.records[0].failures[0]) == "Record 1 has the same ULN, reference and award date."


def test_the_file_as_a_whole_is_checked_with_its_records() -> None:
    report = check(csv_file([record(Gender="X")], RecordCount="7", FileVersion="9"), ukprn="10000063")
    assert sorted(reason.code for reason in report.failures) == ["ACB014", "ACB015", "WSRC0017"]
    assert record_codes(report) == {1: ["ACF005"]}
    assert report.refused
    assert not report.valid


def test_a_file_that_is_too_large_is_reported_without_being_read(tmp_path: Path) -> None:
    path = tmp_path / NAME
    with path.open("wb") as file:
        file.truncate(200_000_000)
    report = check_file(path, Expectations(TODAY))
    assert [reason.code for reason in report.failures] == ["ACB013"]


def test_a_finding_has_its_cell_line_and_words() -> None:
    report = check(csv_file([record(MISIdentifier="a\r\nb"), record(Grade="x" * 31)]))
    found = {finding.code: finding for finding in findings(report)}
    assert (found["ACF002"].record, found["ACF002"].line, found["ACF002"].cell) == (2, 4, "P3")
    assert found["ACF002"].message == "Grade must be 30 characters or fewer."
    assert found["ACF003"].cell == "G2"


def test_cells_are_those_of_the_spreadsheet_with_blank_rows_and_columns_left_out() -> None:
    data = csv_file([record(MISIdentifier="a\nb"), record(Gender="X")], UKPRN="1")
    heads, *others = data.split(b"\r\n")
    report = check(b"\r\n".join([b"", heads, b"", *others]))
    found = {finding.code: (finding.row, finding.cell) for finding in findings(report)}
    assert found["ACF005"] == (5, "L5")
    assert found["ACB016"] == (4, "D4")
    learners = learner_files.csv_file([learner_files.row(Gender="X")]).decode().replace('"JobType",', "", 1)
    learners = learners.replace('"1","","","MIS-1"', '"1","","MIS-1"')
    (finding,) = findings(check(learners.encode(), learner_files.LRB))
    assert finding.cell == "X2"


def test_a_reason_about_a_heading_or_header_value_has_its_line_column_and_cell() -> None:
    data = csv_file(UKPRN="1", RecordCount="9").replace(b'"Grade"', b'"Grad"')
    found = {finding.code: (finding.line, finding.column, finding.cell) for finding in findings(check(data))}
    assert found == {"ACB008": (1, 16, "P1"), "ACB016": (2, 4, "D2"), "WSRC0017": (2, 6, "F2")}
    changed = rows(records(2))
    changed[2][3] = "10000063"
    (finding,) = findings(check(csv_text(changed).encode()))
    assert (finding.code, finding.line, finding.column, finding.cell) == ("ACB017", 3, 4, "D3")
    text = xml_file(UKPRN="1", RecordCount="9").decode()
    found = {finding.code: (finding.line, finding.column) for finding in findings(check(text.encode(), "a.xml"))}
    line = text.split("\n")[2]
    assert found["ACB016"] == (3, line.index("<UKPRN>") + 1)
    assert found["WSRC0017"] == (3, line.index("<RecordCount>") + 1)


@pytest.mark.parametrize("aside", ["", "<!-- said aside -->"])
def test_a_reason_about_an_xml_record_has_the_place_of_its_element(aside: str) -> None:
    entries = [entry | ({"Gender": "X", "Grade": "=1"} if place == 2 else {}) for place, entry in enumerate(records(4))]
    text = xml_file(entries).decode().replace("><", f">\n    {aside}<")
    found = {finding.field: finding for finding in findings(check(text.encode(), FILENAME + ".xml"))}
    for field, value in (("Gender", "X"), ("Grade", "=1")):
        before = text[: text.index(f"<{field}>{value}")]
        assert found[field].line == before.count("\n") + 1
        assert found[field].column == len(before) - before.rindex("\n")
    missing = xml_file([record(), {name: value for name, value in record().items() if name != "ULN"}])
    (finding, *_) = findings(check(missing, FILENAME + ".xml"))
    assert (finding.code, finding.line) == ("ACF001", 5)


def test_progress_is_reported_in_bytes() -> None:
    reported: list[int] = []
    data = csv_file(records(2_000))
    check_file(data, Expectations(TODAY), NAME, progress=reported.append)
    assert reported == sorted(reported)
    assert len(reported) == 8
    assert reported[-1] <= len(data)


# --- The command -----------------------------------------------------------------------------------------------------


def test_exit_status_0_for_valid_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths = [written(tmp_path, csv_file()), written(tmp_path, xml_file(), FILENAME + ".xml")]
    assert main([*map(str, paths), *AS_OF]) == 0
    out = capsys.readouterr()
    assert out.out.count("No errors found in 1 record.") == 2
    assert out.err == ""


def test_exit_status_1_for_errors_each_on_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path, csv_file([record(), record(Gender="X", ULN="1000000018")]))
    assert main([str(path), *AS_OF]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"{NAME}:3: record 2, cell H3: error ACL001: The ULN is not valid")
    assert lines[1].startswith(f"{NAME}:3: record 2, cell L3: error ACF005: Gender must be one of")
    assert "The service would refuse 1 of 2 records and process the rest." in lines[2]


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--format", "pdf", "x.csv"],
        ["--ukprn", "123", "x.csv"],
        ["--as-of", "1.1.2026", "x.csv"],
        ["--encoding", "koi8-r", "x.csv"],
    ],
)
def test_exit_status_2_for_wrong_use(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_exit_status_2_for_a_file_that_cannot_be_read_and_the_others_are_still_checked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path / "absent.csv"), str(tmp_path), str(written(tmp_path, csv_file())), *AS_OF]) == 2
    out = capsys.readouterr()
    assert out.err.count("cannot read") == 2
    assert "No errors found" in out.out


def test_a_report_can_be_written_to_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, report = written(tmp_path, csv_file()), tmp_path / "report.txt"
    assert main([str(path), "--output", str(report), *AS_OF]) == 0
    assert "No errors found" in report.read_text("utf-8")
    assert capsys.readouterr().out == ""
    assert main([str(path), "--output", str(tmp_path / "no" / "where"), *AS_OF]) == 2


def test_json_has_every_finding(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path, csv_file([record(Gender="X")] * 30, UKPRN="x"))
    assert main([str(path), "--format", "json", *AS_OF]) == 1
    document = json.loads(capsys.readouterr().out)
    assert document["valid"] is False
    (reported,) = document["files"]
    assert (reported["records"], reported["records_with_errors"], reported["refused_as_a_whole"]) == (30, 30, True)
    assert reported["errors"][0]["code"] == "ACB016"
    assert reported["errors"][0]["record"] is None
    assert len(reported["errors"]) == 31
    assert len(reported["notices"]) == 29
    assert reported["errors"][1] == {
        "code": "ACF005",
        "family": "FIELD",
        "record": 1,
        "line": 2,
        "column": None,
        "cell": "L2",
        "field": "Gender",
        "message": "Gender must be one of: 0, 1, 2, 9.",
        "action": "Enter one of these values.",
    }


def test_notices_do_not_go_to_people_without_end(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path, csv_file([entry for entry in records(29) for _ in range(2)]))
    assert main([str(path), *AS_OF]) == 0
    out = capsys.readouterr().out
    assert out.count(": notice ACW005: Record ") == NOTICES_SHOWN
    assert "notice ACW005: 19 more" in out
    assert main([str(path), "--all", *AS_OF]) == 0
    assert capsys.readouterr().out.count(": notice ACW005: Record ") == 29


def test_equal_findings_are_one_line_with_their_rows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    entries = [entry | {"FamilyName": ""} for entry in records(39)]
    entries[10] = records(11)[10]
    path = written(tmp_path, csv_file(entries))
    assert main([str(path), *AS_OF]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == (
        f"{NAME}:2: FamilyName, rows 2–11, 13–40, 38 records: error ACF001: FamilyName is missing. "
        "Enter a value for FamilyName."
    )
    assert lines[1] == f"{NAME}: The service would refuse 38 of 39 records and process the rest."
    assert main([str(path), "--all", *AS_OF]) == 1
    assert capsys.readouterr().out.count("FamilyName is missing") == 39
    xml = written(tmp_path, xml_file(entries), FILENAME + ".xml")
    assert main([str(xml), *AS_OF]) == 1
    assert ":4:" in (line := capsys.readouterr().out.splitlines()[0])
    assert "FamilyName, records 1–10, 12–39: error" in line


def test_quiet_gives_the_summary_only(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path, csv_file([record(Gender="X")]))
    assert main([str(path), "--quiet", *AS_OF]) == 1
    out = capsys.readouterr().out
    assert "cell" not in out
    assert "1 × ACF005" in out


def test_a_declared_encoding_counts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path, csv_file([record(MISIdentifier="é")]).decode().encode("cp1252"))
    assert main([str(path), *AS_OF]) == 1
    assert main([str(path), "--encoding", "windows-1252", *AS_OF]) == 0
    capsys.readouterr()


def test_a_bar_is_drawn_on_a_terminal_and_wiped(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, csv_file(records(1_000)))
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert main([str(path), *AS_OF]) == 0
    err = capsys.readouterr().err
    assert re.search(r"\[#+ *\] +\d+%", err)
    assert err.endswith("\r\033[K")
    assert "ACW" not in err


@pytest.mark.req("SEC-02")
@pytest.mark.parametrize("form", ["text", "json", "html"])
def test_no_report_repeats_what_a_learner_is(form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    entry = record(
        FamilyName="Skyewalk3r", GivenName="Lük", ULN="1234567890", LearnerPostcode="XX99 ZZ", Grade="=secret"
    )
    path = written(tmp_path, csv_file([entry, entry]))
    assert main([str(path), "--format", form, *AS_OF]) == 1
    out = capsys.readouterr().out
    for value in (entry["FamilyName"], entry["GivenName"], entry["ULN"], entry["LearnerPostcode"], "secret"):
        assert value not in out


def test_no_input_is_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path, csv_file())
    words = written(tmp_path, b"quibble\n", "words.txt")
    (tmp_path / "link.csv").symlink_to(path)
    for output in (path, tmp_path / "link.csv", tmp_path / "." / NAME, words):
        with pytest.raises(SystemExit) as stopped:
            main([str(path), "--prohibited-words", str(words), "--output", str(output), *AS_OF])
        assert stopped.value.code == 2
    assert path.read_bytes() == csv_file()
    assert "--output would overwrite" in capsys.readouterr().err


def test_an_interruption_ends_without_a_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("chalicelib.validator.__main__.check_file", interrupted)
    assert main([str(written(tmp_path, csv_file())), *AS_OF]) == 130
    assert capsys.readouterr().err == "Stopped before the end. No report was written.\n"


def test_wildcards_that_the_shell_left_are_expanded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("a.csv", "b.csv", "c[1].csv"):
        written(tmp_path, csv_file(), name)
    assert main([str(tmp_path / "*.csv"), str(tmp_path / "a.csv"), str(tmp_path / "c[1].csv"), *AS_OF]) == 0
    assert capsys.readouterr().out.count("No errors found") == 3
    assert main([str(tmp_path / "*.xml"), *AS_OF]) == 2
    assert "cannot read" in capsys.readouterr().err


@pytest.mark.parametrize("form", ["text", "json", "html"])
def test_two_files_of_one_name_are_told_apart(form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        written(tmp_path / folder, csv_file([record(Gender="X")]))
    paths = [str(tmp_path / folder / NAME) for folder in ("one", "two")]
    assert main([*paths, "--format", form, *AS_OF]) == 1
    out = capsys.readouterr().out
    assert all(path in out for path in paths)


def test_the_version_is_that_of_the_service(capsys: pytest.CaptureFixture[str]) -> None:
    stated = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    with pytest.raises(SystemExit):
        main(["--version"])
    assert capsys.readouterr().out.startswith(f"lrs-validator {stated}, layouts achievements-1A,")


def test_an_organisation_reference_may_be_the_file_s_ukprn_without_naming_it() -> None:
    assert check(csv_file(OrganisationRef=UKPRN), organisation_ref="A12345").valid
    assert not check(csv_file(OrganisationRef="10000063"), organisation_ref="A12345").valid
    assert not check(csv_file(OrganisationRef="10000063", UKPRN="10000063"), ukprn=UKPRN).valid


# --- The page --------------------------------------------------------------------------------------------------------


class Page(HTMLParser):
    """What assistive technology needs of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def count(self, tag: str) -> int:
        return sum(name == tag for name, _ in self.tags)


def test_the_page_is_self_contained_and_accessible() -> None:
    reports = [check(csv_file([record(Gender="X")]), "<b>a&b</b>.csv"), check(csv_file(), NAME)]
    text = html_report(reports, TODAY)
    page = Page(text)
    assert page.tags[0] == ("html", {"lang": "en"})
    assert [page.count(tag) for tag in ("h1", "h2", "title", "main")] == [1, 2, 1, 1]
    assert page.count("table") == page.count("caption") == 2
    assert all("scope" in attributes for tag, attributes in page.tags if tag == "th")
    assert page.count("script") == page.count("link") == page.count("img") == page.count("a") == 0
    assert page.count("b") == 0, "a file's name is text"
    assert "<title>Errors found: " in text
    assert "http" not in text


# --- The single file -------------------------------------------------------------------------------------------------


def run(program: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", "-S", "-B", str(program), *arguments]
    return subprocess.run(command, check=False, capture_output=True, text=True, encoding="utf-8", cwd=program.parent)


def test_the_single_file_runs_with_nothing_but_python(tmp_path: Path) -> None:
    program = build(tmp_path / "lrs-validator.pyz")
    good = run(program, str(written(tmp_path, csv_file())), *AS_OF)
    assert (good.returncode, good.stderr) == (0, "")
    bad = run(program, str(written(tmp_path, csv_file([record(FamilyName="Donotenter")]))), "--format", "json", *AS_OF)
    assert bad.returncode == 1
    assert json.loads(bad.stdout)["files"][0]["errors"][0]["code"] == "ACF006"
    assert run(program).returncode == 2


def test_the_single_file_is_the_same_bytes_each_time(tmp_path: Path) -> None:
    assert build(tmp_path / "a").read_bytes() == build(tmp_path / "b").read_bytes()


def test_the_single_file_reports_what_the_service_reports(tmp_path: Path) -> None:
    data = csv_file([record(Gender="X")])
    (reason,) = check(data).records[0].failures
    reported = run(build(tmp_path / "lrs-validator.pyz"), str(written(tmp_path, data)), *AS_OF).stdout
    assert f"{reason.code}: {sentence(reason)} {remedy(reason)}" in reported


def test_the_operators_lists_replace_the_packaged_ones(tmp_path: Path) -> None:
    words, postcodes = tmp_path / "words.txt", tmp_path / "postcodes.txt"
    words.write_text("# the operator's\nquibble\n", encoding="utf-8")
    postcodes.write_text("SW1A 1AA\n", encoding="utf-8")
    rows = [record(FamilyName="Quibble"), record(LearnerPostcode="SW1A 1AA"), record(FamilyName="Donotenter")]
    path = written(tmp_path, csv_file(rows))
    lists = ["--prohibited-words", str(words), "--prohibited-postcodes", str(postcodes)]
    report = tmp_path / "report.json"
    assert main([str(path), *lists, "--format", "json", "--output", str(report), *AS_OF]) == 1
    text = report.read_text(encoding="utf-8")
    assert [code in text for code in ("ACF006", "ACF009")] == [True, True]
    assert main([str(written(tmp_path, csv_file(rows[2:]))), *lists, *AS_OF]) == 0


@pytest.mark.parametrize("content", [None, "# nothing\n!!!\n"])
def test_a_list_that_cannot_be_used_is_a_mistake_in_the_command(
    tmp_path: Path, content: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    words = tmp_path / "words.txt"
    if content is not None:
        words.write_text(content, encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        main([str(written(tmp_path, csv_file())), "--prohibited-words", str(words)])
    assert ended.value.code == 2
    assert "cannot use a list" in capsys.readouterr().err
