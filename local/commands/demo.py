"""Process one file with the local service and show the result: `make demo`.

    make demo [KIND=achievements|learners|verifications] [FILE=achievements.csv] [UKPRN=90000051] [CHANNEL=drop|api]
              [JSON=1]

Without FILE, the command makes a file of 10,000 achievements or 200 learners with known errors, and compares the
answers with those expected. It starts the local service if none is running, and stops what it started. With
`--environment dev` it drops the file into that environment of your AWS account, which must have the sample data
(`python -m local.samples.seed --environment dev`): a test of the whole pipeline after a deployment. Exit status: 0 the
job ended as expected, 1 it did not, 2 wrong arguments or the file is missing. With JSON=1, standard output is one
JSON object and everything else goes to standard error.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

from botocore.exceptions import BotoCoreError

from chalicelib.formats.batch.files import iter_records
from chalicelib.formats.batch.layout_choice import layout_of
from chalicelib.ports.errors import TemporaryFailure
from local.commands.demo_kinds import DEMO_KINDS, DemoKind, compared, kind_of
from local.commands.demo_report import Progress, counted, report
from local.commands.service import LocalService, RunningService, add_places, chosen_ports, running_service, use_cloud
from local.commands.submission import ACHIEVEMENT_FILE, Document, Dropped, Submission, SubmissionError, Uploaded, follow
from local.emulated.account import Account, add_place, chosen_place, refuse_live
from local.emulated.cloud import STATE, CloudError
from local.emulated.mailbox import Mail, read_mail
from local.emulated.provision import ProvisionError
from local.samples.expectation import Comparison, records_in_register
from local.samples.files import Expected
from local.samples.learner_files import ExpectedAnswers
from local.samples.seed import sample_credential
from local.samples.world import samples

RECORDS = ACHIEVEMENT_FILE.records
MAIL_SECONDS = 20.0

Say = Callable[[str], None]


class DemoError(Exception):
    """The command cannot be carried out; the message says why."""


class Order(NamedTuple):
    """One file to submit, and the expected answers if they are known."""

    ukprn: str
    filename: str
    data: bytes
    expected: Expected | ExpectedAnswers | None = None
    kind: DemoKind = ACHIEVEMENT_FILE


@dataclass(frozen=True)
class Result:
    """The result of a submission."""

    job: Document
    seconds: float
    """From submitting the file until the job ended."""
    output_path: Path | None
    error_path: Path | None
    mail_path: Path | None
    comparison: Comparison | None

    @property
    def is_as_expected(self) -> bool:
        agrees = self.comparison is None or self.comparison.agrees
        return agrees and self.job["status"] == "Successful"


def generated_order(ukprn: str = "", records: int = 0, state: Path = STATE, kind: DemoKind = ACHIEVEMENT_FILE) -> Order:
    """A file that has not been submitted here before. Raises :class:`DemoError` for an organisation without batches."""
    ukprn = ukprn or kind.ukprn
    if not kind.may_submit(ukprn):
        raise DemoError(f"{ukprn} is not a sample organisation that submits files of {kind.batch.name}")
    counter = state / "demo" / "submitted"
    counter.parent.mkdir(parents=True, exist_ok=True)
    seed = int(counter.read_text("utf-8")) + 1 if counter.exists() else 1
    counter.write_text(f"{seed}\n", encoding="utf-8")
    data, expected = kind.make(records or kind.records, seed, ukprn)
    return Order(ukprn, expected.file_name, data, expected, kind)


def order_of_file(path: Path, ukprn: str = "") -> Order:
    """The user's own file, from the organisation it names unless another is given. Raises :class:`DemoError`."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DemoError(f"Cannot read {path}: {error.strerror}") from None
    kind = kind_of(data)
    return Order(ukprn or _submitter(data, path.name, kind), path.name, data, kind=kind)


def submit(service: LocalService | RunningService, order: Order, channel: str, say: Say) -> Result:
    """Submit the file, follow the job with a progress bar, get its files and email. Raises SubmissionError."""
    known = frozenset[int]()
    if isinstance(order.expected, Expected):
        known = records_in_register(service.services.achievements, order.data, order.filename)
    started = time.monotonic()
    submission = _handed_in(service, order, channel)
    say(f"Job {submission.job_id}: {order.filename}, {len(order.data):,} bytes, from {order.ukprn} by {channel}")
    with Progress(sys.stderr) as progress:
        job = follow(submission, progress.show)
    seconds = time.monotonic() - started
    folder = service.state / "demo" / submission.job_id
    folder.mkdir(parents=True, exist_ok=True)
    output, errors = (_fetched(submission, file, folder) for file in ("output", "errors"))
    mail = _mail_about(service, submission.job_id)
    mail_path = _kept(folder / "mail.txt", _mail_text(mail)) if mail else None
    comparison = compared(order.expected, known, job, _read(output)) if order.expected else None
    return Result(job, seconds, output, errors, mail_path, comparison)


def main(arguments: list[str] | None = None) -> int:
    """Command line; the exit status of the module's docstring."""
    chosen = _parser().parse_args(arguments)
    talk = sys.stderr if chosen.json else sys.stdout

    def say(sentence: str) -> None:
        print(sentence, file=talk, flush=True)

    try:
        order = _order(chosen)
        with _service(chosen, say) as service:
            result = submit(service, order, chosen.channel, say)
    except DemoError as error:
        print(error, file=sys.stderr)
        return 2
    except (SubmissionError, CloudError, ProvisionError) as error:
        print(error, file=sys.stderr)
        return 1
    except (TemporaryFailure, OSError, BotoCoreError) as error:
        print(f"The service has stopped responding: {error}", file=sys.stderr)
        return 1
    say(
        report(result.job, result.seconds, (result.output_path, result.error_path, result.mail_path), result.comparison)
    )
    if chosen.json:
        print(json.dumps(_summary(result)), flush=True)
    return 0 if result.is_as_expected else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local.commands.demo", description=__doc__.splitlines()[0])
    env = os.environ
    parser.add_argument("--file", default=env.get("FILE", ""), help="the file to submit; by default one is made")
    parser.add_argument("--ukprn", default=env.get("UKPRN", ""), help="the organisation that submits it")
    parser.add_argument(
        "--channel", choices=("drop", "api"), default=env.get("CHANNEL") or "drop", help="how to submit it"
    )
    as_json = env.get("JSON", "") not in ("", "0", "no", "false")
    parser.add_argument("--json", action="store_true", default=as_json, help="print the result as JSON")
    add_place(parser, state=False)
    kinds = ", ".join(f"{kind.records:,} {name}" for name, kind in DEMO_KINDS.items())
    parser.add_argument("--kind", choices=DEMO_KINDS, default=env.get("KIND") or "achievements", help="what to make")
    parser.add_argument("--records", type=int, default=0, help=f"how many records to make ({kinds})")
    add_places(parser)
    return parser


def _order(chosen: argparse.Namespace) -> Order:
    if chosen.file:
        return order_of_file(Path(chosen.file), chosen.ukprn)
    return generated_order(chosen.ukprn, chosen.records, chosen.state, DEMO_KINDS[chosen.kind])


def _service(chosen: argparse.Namespace, say: Say) -> AbstractContextManager[LocalService | RunningService]:
    if chosen.environment:
        return nullcontext(_of_environment(chosen))
    running = running_service(chosen.state)
    if running is None:
        web = chosen.channel == "api"
        return LocalService(state=chosen.state, ports=chosen_ports(chosen), web=web, say=say)
    if chosen.channel == "api" and not running.address:
        raise DemoError("The local cloud is running without the web service. Wait until it stops, or use make run.")
    return nullcontext(running)


def _of_environment(chosen: argparse.Namespace) -> RunningService:
    """An environment of an account, into which files are dropped. Raises CloudError, DemoError."""
    if chosen.channel == "api":
        raise DemoError("In an account this command only drops files: its web service wants a client certificate.")
    refuse_live(chosen)
    account = chosen_place(chosen)
    use_cloud(account)
    return RunningService(chosen.state, account, "")


def _handed_in(service: LocalService | RunningService, order: Order, channel: str) -> Submission:
    if channel == "drop":
        return Dropped(service.cloud, service.services, order.ukprn, order.filename, order.data, order.kind)
    credential = sample_credential(order.ukprn)
    if credential is None:
        raise DemoError(f"{order.ukprn} has no sample credential for the web service")
    return Uploaded(service.address, credential, order.filename, order.data, order.kind)


def _submitter(data: bytes, filename: str, kind: DemoKind) -> str:
    """The organisation that the file names, if it is a sample; otherwise the one that submits such files."""
    reader = iter_records(BytesIO(data), filename, layout_of(data))
    next(iter(reader), None)
    named = reader.reading.header.get("UKPRN", "")
    known = [body.ukprn for body in samples().organisations]
    return named if named in known else kind.ukprn


def _fetched(submission: Submission, file: str, folder: Path) -> Path | None:
    data = submission.result(file)
    extension = "xml" if data is not None and data.lstrip(b"\xef\xbb\xbf")[:1] == b"<" else "csv"
    return None if data is None else _kept(folder / f"{file}.{extension}", data)


def _read(path: Path | None) -> bytes:
    return path.read_bytes() if path else b""


def _kept(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def _mail_about(service: LocalService | RunningService, job_id: str) -> Mail | None:
    """The email about the job, if it arrives in time; an account sends it to its receiver only."""
    if isinstance(service.cloud, Account):
        return None
    deadline = time.monotonic() + MAIL_SECONDS
    while time.monotonic() < deadline:
        found = [mail for mail in read_mail(service.cloud.endpoint) if job_id in mail.subject + mail.text]
        if found:
            return found[-1]
        time.sleep(0.2)
    return None


def _mail_text(mail: Mail) -> bytes:
    return f"From: {mail.sender}\nTo: {', '.join(mail.to)}\nSubject: {mail.subject}\n\n{mail.text}".encode()


def _summary(result: Result) -> dict[str, Any]:
    return {
        "job_id": result.job["jobId"],
        "status": result.job["status"],
        "counts": counted(result.job),
        "seconds": round(result.seconds, 3),
        "output_path": str(result.output_path) if result.output_path else None,
        "error_path": str(result.error_path) if result.error_path else None,
    }


if __name__ == "__main__":
    sys.exit(main())
