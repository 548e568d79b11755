"""The output of `make demo`: a progress bar while the job runs, and a report at the end."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Self

from local.samples.expectation import COUNTERS, Comparison

_WIDTH = 40
_STEP = 10
"""Percent between two lines, if there is no terminal for a progress bar."""
_SHOWN = 20
_OTHERS = ("recordsNotProcessed", "recordsCancelled")


class Progress:
    """A progress bar: one line that is redrawn on a terminal, otherwise a line every ten percent."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream
        self._bar = stream.isatty()
        self._started = time.monotonic()
        self._shown: tuple[str, int] | None = None

    def show(self, job: Mapping[str, Any] | None) -> None:
        """Show the status of the job; None if there is none yet."""
        status = "Submitted" if job is None else str(job["status"])
        percent = 0 if job is None else int(job["percentDone"])
        seconds = time.monotonic() - self._started
        if self._bar:
            done = "█" * (percent * _WIDTH // 100)
            self._stream.write(f"\r{done:░<{_WIDTH}} {percent:3} %  {status:<12} {seconds:6.1f} s")
            self._stream.flush()
        elif self._shown != (status, percent // _STEP):
            self._shown = (status, percent // _STEP)
            self._stream.write(f"{percent:3} %  {status:<12} {seconds:6.1f} s\n")
            self._stream.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar:
            self._stream.write("\n")
            self._stream.flush()


def report(
    job: Mapping[str, Any], seconds: float, files: Sequence[Path | None], comparison: Comparison | None = None
) -> str:
    """The result in words. ``files`` are the paths of the output file, the error file and the email."""
    return "\n".join(_lines(job, seconds, files, comparison))


def _lines(
    job: Mapping[str, Any], seconds: float, files: Sequence[Path | None], comparison: Comparison | None
) -> Iterator[str]:
    records = int(job["numberOfRecords"])
    yield ""
    yield f"{job['status']} in {seconds:.1f} s" + (f": {records / seconds:,.0f} records a second" if records else "")
    if job["rejection"]:
        yield "The whole file was refused. None of its records was processed:"
        yield from (f"  {_reason(reason)}" for reason in job["rejection"])
    else:
        yield from _outcomes(job, comparison)
    yield from (f"Notice: {_reason(notice)}" for notice in job["notices"])
    if job["sameContentAs"]:
        yield f"Job {job['sameContentAs']} had the same content."
    yield ""
    for name, path in zip(("Output file", "Error file", "Email"), files, strict=True):
        yield f"{name:<12} {shown(path) if path is not None else 'none'}"


def counted(job: Mapping[str, Any]) -> dict[str, int]:
    """The counters of a job of any kind: achievements by outcome, learners by the field names of the API."""
    if all(counter in job for counter in COUNTERS.values()):
        return {outcome.name.lower(): job[counter] for outcome, counter in COUNTERS.items()}
    return {name: job[name] for name in job if name.endswith("Count") or name in _OTHERS}


def shown(path: Path) -> Path:
    """The path relative to the current folder, if it is below it."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _outcomes(job: Mapping[str, Any], comparison: Comparison | None) -> Iterator[str]:
    for counter in COUNTERS.values() if "achievementsCreated" in job else counted(job):
        if job[counter]:
            yield f"  {_words(counter):<14} {job[counter]:>7,}"
    if job.get("recordsRefused"):
        families = (
            ("field data", "fieldDataErrors"),
            ("learner data", "learnerDataErrors"),
            ("rules", "businessRuleErrors"),
        )
        parts = [f"{name} {job[counter]:,}" for name, counter in families if job[counter]]
        yield f"  {'':<14} {'':>7}  refused for {', '.join(parts)}"
    if job.get("lateAwards"):
        yield f"  {'':<14} {'':>7}  {job['lateAwards']:,} of the accepted awards were late"
    if comparison is not None:
        yield from _compared(comparison)


def _compared(comparison: Comparison) -> Iterator[str]:
    if comparison.open:
        yield f"Not checked: {comparison.open:,} records of achievements that are also in earlier files."
    if comparison.agrees:
        yield f"Checked {comparison.compared:,} answers: all as expected."
        return
    yield f"NOT as expected: {len(comparison.wrong):,} answers"
    yield from (f"  {line}" for line in comparison.wrong[:_SHOWN])


def _words(counter: str) -> str:
    """`recordsNotProcessed` → `not processed`."""
    plain = counter.removeprefix("achievements").removeprefix("records").removeprefix("learners")
    plain = plain.removesuffix("Count").removesuffix("Learners")
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in plain).strip()


def _reason(reason: Mapping[str, Any]) -> str:
    places = [f"{name} {reason[name]}" for name in ("line", "column") if reason[name]]
    where = ", ".join([*places, *([reason["field"]] if reason["field"] else [])])
    return f"{reason['code']}" + (f" ({where})" if where else "") + f": {reason['message']} {reason['action']}"
