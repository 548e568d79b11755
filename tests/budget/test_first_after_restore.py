"""The first request after a restore costs no more than the second: what only a first one does has been rehearsed."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.restores import MORE, TARGET, counts, recorded


@pytest.mark.req("SLA-02")
def test_the_first_request_after_a_restore_runs_hardly_more_lines_than_the_second(tmp_path: Path) -> None:
    found = counts(recorded(), tmp_path)
    assert {"verify", "find by ULN", "create", "record of 20 events", "batch list"} <= found.keys()
    assert {name: (one, two) for name, (one, two) in found.items() if one > two * MORE.get(name, TARGET)} == {}
