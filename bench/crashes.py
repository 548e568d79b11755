"""Kills while files are processed: does every record still get its one right answer?

    python -m bench.crashes [--crashes 20] [--seed 1] [--records 2000]

The whole service runs in a folder of its own, and nine files of all kinds are dropped. At random moments a worker, the
emulator, the runner or everything is killed (``kill -9``) and what has ended is started again. When all jobs have
ended, every record is compared with its expected answer, and the learners and achievements stored are counted. It takes
about a quarter of an hour, since a killed function's message and lease must first run out.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Final, NamedTuple

from chalicelib.storage import keys
from chalicelib.web.http.responses import rendered
from local.commands.demo_kinds import DEMO_KINDS, DemoKind, compared
from local.commands.service import RunningService, running_service
from local.commands.submission import Dropped
from local.emulated.cloud import is_running
from local.samples.files import Expected
from local.samples.learner_files import ExpectedAnswers
from local.samples.world import samples

ROOT = Path(__file__).resolve().parent.parent
PROGRAMS: Final = {"worker": b"local.lambda_runtime.worker", "emulator": b"local.emulated.emulator"}
VICTIMS: Final = ("worker", "worker", "worker", "emulator", "runner", "everything")
"""What is killed, by its share."""
SAVED_EVERY_SECONDS = 1
PAUSES: Final = (2.0, 9.0)
"""Seconds between two crashes, at least and at most."""
PATIENCE: Final = 1_800.0
"""Seconds for which the last jobs may take after the last crash."""


class Submitted(NamedTuple):
    """A file in the inbox, with what should come of it."""

    kind: DemoKind
    job_id: str
    expected: Expected | ExpectedAnswers
    records: int


class Service:
    """`make run` in its own process and folder."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self._cloud_port = _free_port()
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start it, and wait until it serves. Raises RuntimeError if it does not start."""
        command = [sys.executable, "-m", "local.commands.run", "--state", str(self.state), "--records", "0"]
        command += ["--port", "0", "--portal-port", "0", "--cloud-port", str(self._cloud_port)]
        environ = {name: value for name, value in os.environ.items() if not name.startswith(("LRS_", "AWS_"))}
        environ["LRS_SAVED_EVERY_SECONDS"] = str(SAVED_EVERY_SECONDS)
        self._process = subprocess.Popen(
            command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        assert self._process.stdout is not None
        said = []
        for line in self._process.stdout:
            said.append(line)
            if "Press Ctrl-C" in line:
                threading.Thread(target=self._process.stdout.read, daemon=True).start()
                return
        raise RuntimeError("".join(said))

    def found(self) -> RunningService:
        """The running service, as a client sees it."""
        service = running_service(self.state)
        assert service is not None
        return service

    def crash(self, victim: str, chance: Random) -> None:
        """Kill it, or a part of it, and start again what has ended."""
        assert self._process is not None
        runner = self._process.pid
        running = dict(children(runner))
        if victim in PROGRAMS:
            of_kind = [child for child, program in running.items() if PROGRAMS[victim] in program]
            chosen = [chance.choice(of_kind)] if of_kind else []
        else:
            chosen = [runner] if victim == "runner" else [runner, *running]
        for process in chosen:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        if victim != "worker":
            self._process.wait()
            while is_running(f"http://127.0.0.1:{self._cloud_port}"):
                time.sleep(0.2)  # the emulator saves its state when its launcher has gone
            self.start()

    def stop(self) -> None:
        """Stop it cleanly."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait()


def main() -> int:
    """Print each crash and the comparison; 1 if anything is not as expected."""
    parser = argparse.ArgumentParser(prog="python -m bench.crashes", description=__doc__.splitlines()[0])
    parser.add_argument("--crashes", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--records", type=int, default=2_000, help="of each achievement file")
    chosen = parser.parse_args()
    chance = Random(chosen.seed)
    with tempfile.TemporaryDirectory() as folder:
        service = Service(Path(folder))
        service.start()
        try:
            before = stored(service.found())
            files = list(dropped(service.found(), chosen.seed, chosen.records))
            time.sleep(3 * SAVED_EVERY_SECONDS)
            for number in range(1, chosen.crashes + 1):
                time.sleep(chance.uniform(*PAUSES))
                victim = chance.choice(VICTIMS)
                print(
                    f"crash {number:>2} of {chosen.crashes}: {victim:<10} {_ended(service, files)} jobs have ended",
                    flush=True,
                )
                service.crash(victim, chance)
            _wait(service, files)
            return report(service.found(), files, before)
        finally:
            service.stop()


def dropped(service: RunningService, seed: int, records: int) -> Iterator[Submitted]:
    """Drop three files of each kind; those of achievements from three organisations, at the same time."""
    awarding = [body.ukprn for body in samples().organisations][:3]
    for kind in DEMO_KINDS.values():
        for place in range(3):
            ukprn = awarding[place] if kind.batch.name == "achievements" else kind.ukprn
            count = records if kind.batch.name == "achievements" else kind.records
            data, expected = kind.make(count, seed * 10 + place, ukprn)
            drop = Dropped(service.cloud, service.services, ukprn, expected.file_name, data, kind)
            yield Submitted(kind, drop.job_id, expected, count)


def stored(service: RunningService) -> Counter[str]:
    """How many learners and achievements the register has."""
    pages = service.cloud.client("dynamodb").get_paginator("scan")
    found = pages.paginate(TableName=service.cloud.table("register"), ProjectionExpression="sk")
    return Counter(item["sk"]["S"].partition(keys.SEPARATOR)[0] for page in found for item in page["Items"])


def report(service: RunningService, files: Sequence[Submitted], before: Counter[str]) -> int:
    """Compare every record and what is stored; print it."""
    wrong = 0
    made: Counter[str] = Counter()
    for file in files:
        name, job = file.kind.batch.name, service.services.jobs.get(file.job_id)
        assert job is not None
        output = service.services.files.read("results", job.output_key)
        faults = compared(file.expected, frozenset(), json.loads(rendered(file.kind.document_of(job))), output).wrong
        made[name] += job.counts.created
        wrong += len(faults)
        print(f"{name:<14} {file.records:>6,} records  {job.status:<11} {len(faults)} not as expected", flush=True)
        print(*faults[:5], sep="\n", end="\n" if faults else "")
    after = stored(service)
    for what, kind in ((keys.LEARNER, "learners"), (keys.ACHIEVEMENT, "achievements")):
        new = after[what] - before[what]
        wrong += new != made[kind]
        print(f"{kind}: {new:,} new in the register, {made[kind]:,} according to the answers")
    print("Every record as expected." if not wrong else f"{wrong} not as expected.")
    return 1 if wrong else 0


def _wait(service: Service, files: Sequence[Submitted]) -> None:
    """Wait until every job has ended. Raises RuntimeError if one does not."""
    ends = time.monotonic() + PATIENCE
    while (ended := _ended(service, files)) < len(files):
        if time.monotonic() > ends:
            raise RuntimeError(f"only {ended} jobs have ended")
        time.sleep(5)


def _ended(service: Service, files: Sequence[Submitted]) -> int:
    jobs = [service.found().services.jobs.get(file.job_id) for file in files]
    return sum(job is not None and job.status.is_end for job in jobs)


def children(parent: int) -> Iterator[tuple[int, bytes]]:
    """Process id and command line of each child."""
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has ended
            if process.joinpath("stat").read_text().rpartition(")")[2].split()[1] == str(parent):
                yield int(process.name), process.joinpath("cmdline").read_bytes()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main())
