"""Fixtures for tests of rules, formats and the log."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chalicelib import observability

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Iterator[Lines]:
    """Reads the lines that were logged and measured since it was last called."""
    observability._measured.clear()
    observability._logger.cache_clear()
    logging.Logger.manager.loggerDict.pop(observability.SERVICE, None)

    def read() -> list[dict[str, Any]]:
        observability.flush()
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    yield read
    observability._measured.clear()
