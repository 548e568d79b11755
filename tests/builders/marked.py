"""A person with unmistakable details, and what others may not see of them."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import pytest

from chalicelib import observability
from chalicelib.domain.learners import LearnerProfile
from chalicelib.domain.uln import check_digit

NAME, BORN, POSTCODE = "Zqxjkvbw", "1987-11-23", "ZE2 9XJ"
ULN = f"873645192{check_digit('873645192')}"
MARKS = re.compile(rf"{NAME}|{BORN}|23/11/1987|ZE2 ?9XJ|{ULN}", re.IGNORECASE)
MARKS_BUT_ULN = re.compile(rf"{NAME}|{BORN}|23/11/1987|ZE2 ?9XJ", re.IGNORECASE)
PERSON = LearnerProfile(
    ULN, NAME, NAME, NAME, NAME, NAME, date.fromisoformat(BORN), gender="2", postcode=POSTCODE
)  # fmt: skip


def forget_the_logger() -> None:
    """A logger writes to the standard output that it found when it was made."""
    observability._logger.cache_clear()
    logging.Logger.manager.loggerDict.pop(observability.SERVICE, None)


@contextmanager
def overhearing(capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Checks that nothing about the person is logged or measured inside, and that something is logged."""
    forget_the_logger()
    caplog.set_level(logging.DEBUG)
    yield
    observability.flush()
    captured = capsys.readouterr()
    forget_the_logger()
    logged = [f"{record.getMessage()} {vars(record)}" for record in caplog.records]
    assert "REQUEST_ANSWERED" in captured.out
    assert not MARKS.search("\n".join([captured.out, captured.err, *logged]))
