"""The order of a restore's steps: each is refused too early and too late, with what to do (SLA-07)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from local.commands.restored_order import CHECK, CLEAN, NEEDED, ORDER, STARTING, STOP, Progress, require
from local.commands.restored_starts import Starts
from local.commands.restored_tables import RestoreError

pytestmark = pytest.mark.req("SLA-07")
MOMENT = datetime(2026, 11, 27, 5, tzinfo=UTC)
STILL = Starts()
RUNNING = Starts(frozenset({"apply_chunk"}), frozenset({"watch_jobs"}), {"api": None, "watch_jobs": 1})


def progress(*done: str) -> Progress:
    return Progress(RUNNING, begun_at=MOMENT.isoformat(), moment="2026-11-27T05:00:00Z", done=done)


def refusal(made: Progress, step: str, moment: datetime = MOMENT, running: Starts = STILL) -> str:
    try:
        require(made, step, moment, running)
    except RestoreError as error:
        return str(error)
    return ""


def test_every_step_but_the_first_and_check_needs_the_one_before_it() -> None:
    steps = [step for step in ORDER if step != CHECK]
    assert list(NEEDED.items()) == list(zip(steps[1:], steps, strict=False))
    for place, step in enumerate(steps[1:], 1):
        assert refusal(progress(*steps[:place]), step) == ""
        why = refusal(progress(*steps[: place - 1]), step)
        assert why == (
            f"{step} comes after {steps[place - 1]}. The order is stop, tables, objects, check, report, resume, clean."
        )


@pytest.mark.parametrize("step", ["tables", "objects", "report"])
@pytest.mark.parametrize("resumed", [(STARTING,), (STARTING, "resume")])
def test_nothing_is_taken_away_once_a_resume_has_begun(step: str, resumed: tuple[str, ...]) -> None:
    why = refusal(progress("stop", "tables", "objects", "report", *resumed), step)
    assert why.startswith(f"{step} comes before resume, which is done or has begun")
    assert why.endswith("begin with stop.")


@pytest.mark.parametrize("step", ["objects", "report", "resume"])
def test_another_moment_than_that_of_the_tables_is_refused(step: str) -> None:
    made = progress("stop", "tables", "objects", "report")
    other = MOMENT + timedelta(hours=1)
    expected = "This restore goes back to 2026-11-27T05:00:00Z, not to 2026-11-27T06:00:00Z."
    assert refusal(made, step, other) == expected


@pytest.mark.parametrize("step", ["tables", "objects"])
def test_what_runs_is_named_before_a_step_changes_anything(step: str) -> None:
    why = refusal(progress("stop", "tables"), step, running=RUNNING)
    assert "schedules watch_jobs; mappings of apply_chunk; functions api, watch_jobs. Repeat stop" in why


def test_copies_of_another_restore_can_be_removed_and_those_of_this_one_after_resume() -> None:
    for made in (Progress(), progress("stop", "tables")):
        assert refusal(made, CLEAN, MOMENT - timedelta(days=7)) == ""
    assert "clean comes after resume" in refusal(progress("stop", "tables", "objects", "report", STARTING), CLEAN)


@pytest.mark.parametrize("done", [(), ("stop",)])
def test_no_copy_is_removed_before_the_tables_are_back(done: tuple[str, ...]) -> None:
    copying = replace(progress(*done), moment="")
    assert "clean comes after resume" in refusal(copying, CLEAN)


def test_a_stop_after_a_resume_begins_another_restore() -> None:
    ended = progress("stop", "tables", "objects", "report", STARTING, "resume")
    begun = ended.stopping(RUNNING, MOMENT + timedelta(days=1))
    assert begun == Progress(RUNNING, begun_at="2026-11-28T05:00:00+00:00")
    assert "objects comes after tables" in refusal(begun.with_done(STOP), "objects")


def test_a_stop_after_a_resume_that_was_interrupted_still_knows_what_could_run() -> None:
    """It had started the web service, and nothing else yet."""
    half = Starts(frozenset(), frozenset(), {"api": None, "watch_jobs": 0})
    begun = progress("stop", "tables", "objects", "report", STARTING).stopping(half, MOMENT + timedelta(days=1))
    assert begun == Progress(RUNNING, begun_at="2026-11-28T05:00:00+00:00")


def test_a_repeated_stop_keeps_what_could_run_before_the_first() -> None:
    half = Starts(frozenset(), frozenset(), {"api": 0, "watch_jobs": 0})
    assert progress(STOP).stopping(half, MOMENT).starts == RUNNING
    assert progress(STOP).stopping(half, MOMENT).begun_at == MOMENT.isoformat()


def test_a_repeated_stop_that_was_interrupted_is_repeated_before_anything_else() -> None:
    """A deployment had started everything: calls that began then may still write, and `objects` waits for their end."""
    made = progress(STOP, "tables").stopping(RUNNING, MOMENT)
    assert refusal(made, "objects").startswith("objects comes after stop.")
    assert refusal(made.with_done(STOP), "objects") == ""


def test_progress_is_kept_as_text_that_fits_a_parameter() -> None:
    made = progress("stop", "tables")
    assert Progress.of(made.text()) == made
    assert len(made.text()) < 4096
