"""The examples of the API reference are what the service answers."""

from __future__ import annotations

import json

import pytest

from chalicelib.web.described.examples import RECORDED
from tests.recorded_examples import recorded, text_of


@pytest.mark.req("VAL-03")
def test_the_examples_are_the_answers_of_the_service() -> None:
    """If this fails after a change of the interface: ``python -m tests.recorded_examples`` records them again."""
    kept = RECORDED.read_text(encoding="utf-8")
    made = text_of(recorded())
    assert json.loads(kept) == json.loads(made)
    assert kept == made
