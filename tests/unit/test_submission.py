"""Following a submission, and what is reported when the service does not accept it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from local.commands.submission import SubmissionError, _reasons, follow


class Scripted:
    """A submission whose job has the states of the script, the last one forever."""

    job_id = "J1"

    def __init__(self, *script: dict[str, Any] | None) -> None:
        self._script = list(script)

    def job(self) -> dict[str, Any] | None:
        return self._script.pop(0) if len(self._script) > 1 else self._script[0]

    def result(self, file: str) -> bytes | None:
        return None


def state(status: str, percent: int, end: str | None = None) -> dict[str, Any]:
    return {"status": status, "percentDone": percent, "endDate": end}


def followed(*script: dict[str, Any] | None) -> Iterable[Any]:
    shown: list[Any] = []
    follow(Scripted(*script), shown.append, pause=lambda _: None)
    return shown


def test_a_job_is_followed_until_it_ends_and_every_look_is_shown() -> None:
    script = (None, state("Waiting", 0), state("InProgress", 50), state("Successful", 100, "2026-03-02T09:00:00Z"))
    assert followed(*script) == list(script)


def test_a_job_that_does_not_move_is_given_up() -> None:
    with pytest.raises(SubmissionError, match="J1 has made no progress"):
        follow(Scripted(state("Waiting", 0)), lambda _: None, patience_seconds=0.0, pause=lambda _: None)


def test_a_problem_document_is_shown_reason_by_reason() -> None:
    body = b'{"title": "Refused", "errors": [{"code": "ACB002", "field": "filename", "message": "No."}]}'
    assert _reasons(422, body) == "422 Refused\nACB002 filename: No."


def test_an_answer_of_s3_is_shown_with_its_code_and_message() -> None:
    body = b"<?xml version='1.0'?><Error><Code>EntityTooLarge</Code><Message>Too large.</Message></Error>"
    assert _reasons(400, body) == "400 EntityTooLarge: Too large."


def test_any_other_answer_is_shown_unchanged() -> None:
    assert _reasons(502, b"Bad gateway \xff") == "502 Bad gateway \ufffd"
