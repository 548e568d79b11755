"""The PDF of a record: tagged, in its language, with its title, and with every text as it is (PLR-03)."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest
import typst

from chalicelib.cloud.typeset.report import UNSHOWN, report_pdf
from chalicelib.formats.record_report import RecordReport, ReportedPart
from functions.make_report import handler
from local.lambda_runtime.invocation import LambdaContext

HOSTILE = '#panic("x") *bold* $x$ @ref <label> \\ //'
EVENT = (f"Diploma in Welding, 601/4292/3 {HOSTILE}", "Level 3", "Merit", "12", "21 August 2025", "Awards", "College")
REPORT = RecordReport(
    language="en",
    title="Personal Learning Record, ULN 1000000043",
    organisation="Coleg Penarlâg",
    header=f"Learning Records Service – ULN 1000000043 – {HOSTILE}",
    printed=f"Made for Coleg Penarlâg by Siân Llŷr on 22 November 2026 {HOSTILE}",
    limits=[f"The learner does not share this record. {HOSTILE}"],
    learner_title="Learner",
    learner_heads=("Detail", "Value"),
    learner=[("Given name", f"Llŷr ŵ {HOSTILE}"), ("ULN", "1000000043")],
    heads=("Qualification", "Level", "Grade", "Credits", "Date", "Awarding organisation", "School or provider"),
    parts=[
        ReportedPart(title="Achievement: 2", events=[EVENT, EVENT]),
        ReportedPart(title="Participation: 0", events=[]),
    ],
    nothing="Nothing to show",
    note="Withdrawn achievements are not part of the record.",
    unshown="Some characters cannot be shown.",
)


def made(report: RecordReport) -> bytes:
    """The PDF of a report that has come as JSON."""
    sent: dict[str, Any] = json.loads(json.dumps(report.as_json()))
    return report_pdf(sent)


@pytest.mark.req("PLR-03")
def test_the_report_is_tagged_in_its_language_and_shows_its_title() -> None:
    pdf = made(REPORT)
    assert pdf.startswith(b"%PDF-")
    for mark in (b"/StructTreeRoot", b"/MarkInfo", b"pdfuaid:part", b"/DisplayDocTitle true", b"/S /TH", b"/S /H1"):
        assert mark in re.sub(rb"/S/", b"/S /", pdf), mark
    assert re.search(rb"/Lang ?\(en", pdf)
    assert re.search(rb"/Lang ?\(cy", made(replace(REPORT, language="cy")))


@pytest.mark.req("PLR-03")
def test_the_fonts_are_our_own_and_have_the_letters_of_welsh() -> None:
    pdf = made(REPORT)
    assert set(re.findall(rb"/BaseFont ?/\w+\+([\w-]+)", pdf)) <= {b"LiberationSans", b"LiberationSans-Bold"}
    assert b"LiberationSans" in pdf


@pytest.mark.req("PLR-03", "SLA-04")
@pytest.mark.parametrize(
    "text",
    [
        pytest.param("\u65e5\u672c\u8a9e", id="CJK"),
        pytest.param("\u0a16\u0a3e\u0a32\u0a38\u0a3e", id="Gurmukhi"),
        pytest.param("\u09ac\u09be\u0982", id="Bengali"),
        pytest.param("\U0001f393", id="emoji"),
        pytest.param("\ufeff\x07", id="no letters"),
    ],
)
def test_characters_that_no_font_has_are_replaced_and_a_note_says_so(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled: list[str] = []
    real = typst.compile

    def compile_seen(source: Any, *, sys_inputs: dict[str, str], **settings: Any) -> Any:
        compiled.append(sys_inputs["data"])
        return real(source, sys_inputs=sys_inputs, **settings)

    monkeypatch.setattr(typst, "compile", compile_seen)
    made(REPORT)
    assert json.loads(compiled[-1]) == json.loads(json.dumps({**REPORT.as_json(), "unshown": ""}))
    # The first letters have a font, if not ours.
    both = replace(REPORT, title=f"\u0628 \u03a9 {text}", learner=[("Given name", f"Llŷr {text}")])
    assert made(both).startswith(b"%PDF-")
    as_compiled = replace(
        both, title="\u0628 \u03a9 " + UNSHOWN * len(text), learner=[("Given name", "Llŷr " + UNSHOWN * len(text))]
    )
    assert json.loads(compiled[-1]) == json.loads(json.dumps(as_compiled.as_json()))


@pytest.mark.req("PLR-03")
def test_a_long_record_is_far_below_what_lambda_can_return() -> None:
    pdf = made(replace(REPORT, parts=[ReportedPart(title="Achievement: 400", events=[EVENT] * 400)]))
    assert len(pdf) < 2_000_000


@pytest.mark.req("PLR-03", "SEC-02")
def test_the_function_answers_in_base64_and_logs_no_text_of_a_report(capsys: pytest.CaptureFixture[str]) -> None:
    context = LambdaContext("make_report", 1024, "1", 1e12)
    assert handler(REPORT.as_json(), context)["pdf"].startswith("JVBERi0")
    broken = REPORT.as_json()
    del broken["heads"]
    with pytest.raises(Exception, match="TypstError"):
        handler(broken, context)
    printed = capsys.readouterr()
    assert "1000000043" not in printed.out + printed.err
    assert "Llŷr" not in printed.out + printed.err
