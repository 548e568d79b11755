"""The times that the command for a restore accepts."""

from __future__ import annotations

import pytest

from local.commands import restore

pytestmark = pytest.mark.req("SLA-07")


@pytest.mark.parametrize(
    ("time", "reason"),
    [
        ("yesterday", "yesterday is not a time with its zone, such as 2026-11-27T05:00:00Z"),
        ("2026-11-27T05:00:00", "is not a time with its zone"),
        ("2999-01-01T00:00:00Z", "is still to come"),
    ],
)
def test_a_moment_that_cannot_be_restored_is_refused_in_words(
    time: str, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        restore.main(["tables", "--moment", time])
    assert reason in capsys.readouterr().err
