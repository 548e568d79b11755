"""What the demo shows and how it compares."""

from __future__ import annotations

import io
from typing import Any

import pytest

from chalicelib.domain.results import Outcome
from local.commands.demo_report import Progress, report
from local.samples.expectation import COUNTERS, Comparison, compare
from local.samples.files import Expected, ExpectedRecord

HEAD = '"RecordNumber","Outcome","ErrorCodes","Notices"\r\n'
EXPECTED = Expected(
    "a.csv",
    {},
    {},
    (
        ExpectedRecord(1, Outcome.CREATED, ()),
        ExpectedRecord(2, Outcome.CREATED, ("ACW003",)),
        ExpectedRecord(3, Outcome.REFUSED, ("ACF001", "ACL001")),
    ),
)
RIGHT = ('"1","CREATED","",""', '"2","CREATED","","ACW003: Late, by: far."', '"3","REFUSED","ACL001; ACF001",""')


def job(**changes: Any) -> dict[str, Any]:
    zeros = dict.fromkeys([*COUNTERS.values(), "fieldDataErrors", "learnerDataErrors", "businessRuleErrors"], 0)
    standing: dict[str, Any] = {"status": "Successful", "percentDone": 100, "numberOfRecords": 3, "lateAwards": 0}
    return {**zeros, **standing, "rejection": [], "notices": [], "sameContentAs": None, **changes}


def compared(*rows: str, known: frozenset[int] = frozenset(), **changes: Any) -> Comparison:
    reported = job(achievementsCreated=2, recordsRefused=1) | changes
    return compare(EXPECTED, known, reported, (HEAD + "\r\n".join(rows)).encode("utf-8-sig"))


def test_answers_that_are_right_agree() -> None:
    assert compared(*RIGHT) == Comparison(3, 0, ())


@pytest.mark.parametrize(
    ("rows", "wrong"),
    [
        (RIGHT[:2], "record 3: no answer"),
        ((*RIGHT, RIGHT[0]), "record 1: ANSWERED TWICE"),
        ((*RIGHT, '"4","CREATED","",""'), "record 4"),
        (('"1","UNCHANGED","",""', *RIGHT[1:]), "record 1: UNCHANGED instead of CREATED"),
        ((*RIGHT[:2], '"3","REFUSED","ACL001",""'), "record 3: REFUSED ACL001 instead of REFUSED ACF001 ACL001"),
        ((RIGHT[0], '"2","CREATED","",""', RIGHT[2]), "record 2"),
    ],
)
def test_a_record_that_is_lost_repeated_or_answered_differently_is_named(rows: tuple[str, ...], wrong: str) -> None:
    comparison = compared(*rows)
    assert not comparison.agrees
    assert comparison.wrong[0].startswith(wrong)


def test_counters_that_differ_from_the_file_are_named() -> None:
    assert compared(*RIGHT, achievementsCreated=3).wrong == ("achievementsCreated: 3, but the output file has 2",)


def test_what_the_register_had_before_is_left_open() -> None:
    comparison = compared(
        '"1","UNCHANGED","",""', *RIGHT[1:], known=frozenset({1}), achievementsCreated=1, achievementsUnchanged=1
    )
    assert comparison == Comparison(2, 1, ())


def test_the_report_counts_by_outcome_and_explains_why_records_were_refused() -> None:
    shown = report(job(achievementsCreated=2, recordsRefused=1, learnerDataErrors=1), 0.5, (None, None, None))
    assert "6 records a second" in shown
    assert "created" in shown
    assert "learner data 1" in shown
    assert "Error file   none" in shown


def test_the_report_of_a_refused_file_has_code_line_column_and_what_to_do() -> None:
    reason = {"code": "ACB010", "field": "", "message": "Wrong.", "action": "Mend it.", "line": 7, "column": 3}
    shown = report(job(status="Failed", numberOfRecords=0, rejection=[reason]), 1.0, (None, None, None))
    assert "ACB010 (line 7, column 3): Wrong. Mend it." in shown


def test_the_report_shows_clearly_when_answers_are_wrong() -> None:
    shown = report(job(), 1.0, (None, None, None), Comparison(3, 0, ("record 1: CREATED instead of REFUSED",)))
    assert "NOT as expected" in shown
    assert "record 1" in shown


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_one_line_that_is_drawn_again() -> None:
    terminal = Terminal()
    with Progress(terminal) as progress:
        for percent in (0, 45, 100):
            progress.show(job(status="InProgress", percentDone=percent))
    assert terminal.getvalue().count("\n") == 1
    assert terminal.getvalue().count("\r") == 3
    assert "45 %" in terminal.getvalue()


def test_a_pipe_gets_plain_lines_and_not_too_many() -> None:
    pipe = io.StringIO()
    with Progress(pipe) as progress:
        progress.show(None)
        for percent in range(101):
            progress.show(job(status="InProgress", percentDone=percent))
    assert "\r" not in pipe.getvalue()
    assert pipe.getvalue().count("\n") == 12
