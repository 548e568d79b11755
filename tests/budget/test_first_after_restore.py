"""The first request after a restore costs no more than the second: what only a first one does has been rehearsed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bench.restores import TARGET, counts, recorded
from chalicelib.web.rest.table import ENTRIES


@pytest.mark.req("SLA-02")
@pytest.mark.skipif(sys.version_info < (3, 12), reason="Python before 3.12 cannot count lines")
def test_the_first_request_after_a_restore_runs_hardly_more_lines_than_the_second(tmp_path: Path) -> None:
    recordings = recorded()
    assert {name for name, one in recordings.items() if one.status >= 500} == set()
    assert {entry.name for entry in ENTRIES} <= recordings.keys()
    found = counts(recordings, tmp_path)
    assert {name: (one, two) for name, (one, two) in found.items() if one > two * TARGET} == {}
