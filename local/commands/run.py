"""Start the whole service on this machine with sample data, process one file, keep running: `make run`.

Stops on Ctrl-C or SIGTERM. Its state is kept under `.local/` for the next start.
"""

from __future__ import annotations

import argparse
import json
import shlex
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chalicelib.domain.monthly_levels import Month
from local.commands.demo import RECORDS, generated_order, submit
from local.commands.demo_report import report, shown
from local.commands.levels import count_until_now
from local.commands.lists import ListError
from local.commands.service import LocalService, Ports, add_places, chosen_ports, running_service
from local.commands.submission import SubmissionError
from local.emulated.cloud import STATE, CloudError
from local.emulated.provision import ProvisionError
from local.samples.examples import EXAMPLE_AIMS, EXAMPLE_LEARNERS
from local.samples.past_levels import make_past_levels
from local.samples.seed import sample_credential
from local.samples.users import sample_password, sample_users
from local.samples.work import make_work
from local.samples.world import samples

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def main(arguments: list[str] | None = None) -> int:
    """Command line: 0 after a clean stop, or if the service is already running; 1 if it cannot be started or the
    emulator has died.
    """
    chosen = _parser().parse_args(arguments)
    running = running_service(chosen.state)
    if running is not None:
        print(f"The service is already running: {running.address or 'the local cloud only'}, {running.cloud.endpoint}")
        return 0
    service = LocalService(state=chosen.state, ports=chosen_ports(chosen), lists=chosen.lists, say=_say)
    with _interrupted_by_signals():
        try:
            service.start()
        except (CloudError, ListError, ProvisionError) as error:
            print(error, file=sys.stderr)
            return 1
        except KeyboardInterrupt:
            return 0
        try:
            if make_past_levels(service.services):
                _say("Made two months of invented traffic and submissions, and mailed the report of each")
            return _serve(service, chosen.records)
        except KeyboardInterrupt:
            _ignore_signals()
            _say("\nStopping. Stored data is kept.")
        finally:
            service.stop()
    return 0


def _serve(service: LocalService, records: int) -> int:
    """Process a file and serve until a signal; 1 if the local cloud ends by itself."""
    if records:
        _process_one(service, records)
    if make_work(service.services, service.cloud):
        _say("Submitted files of a college and an awarding organisation, and raised a challenge")
    count_until_now(service.services)
    _say(summary(service))
    status = service.cloud.emulator.wait()
    print(f"The local cloud has ended (status {status}): see {shown(service.state)}/emulator.log.", file=sys.stderr)
    print(f"What was stored in the last minute may be lost. Start again with {start_again(service)}.", file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local.commands.run", description=__doc__.splitlines()[0])
    parser.add_argument("--records", type=int, default=RECORDS, help="records of the first file; 0 for no file")
    parser.add_argument("--lists", type=Path, metavar="FOLDER", help="folder of the operator's reference lists to use")
    add_places(parser)
    return parser


def _say(sentence: str) -> None:
    print(sentence, flush=True)


def _process_one(service: LocalService, records: int) -> None:
    """Process a file as `make demo` does. Errors are shown, and the service keeps running."""
    try:
        result = submit(service, generated_order(records=records, state=service.state), "drop", _say)
    except SubmissionError as error:
        print(error, file=sys.stderr)
        return
    files = (result.output_path, result.error_path, result.mail_path)
    _say(report(result.job, result.seconds, files, result.comparison))


def summary(service: LocalService) -> str:
    """Where everything is, who can sign in, and commands to paste, with the options by which they find the service."""
    last_month = Month.of(service.services.clock()).previous
    python, state = ".venv/bin/python -m ", _state_option(service.state)
    made, mailbox = _for_make(state), f" --endpoint {service.cloud.endpoint}" if state else ""
    lines = [
        "",
        f"The service is running: {service.address}",
        f"  portal          {service.portal_address}",
        f"  API reference   {service.address}/developers",
        f"  maintenance     {service.address}/maintenance ({python}local.commands.maintenance{state} --help)",
        f"  service levels  make levels{made}, or make levels MONTH={last_month}{made}",
        f"  local cloud     {service.cloud.endpoint} (region eu-west-2, any credentials)",
        f"  state and logs  {shown(service.state)} (functions.log, web.log)",
        f"  results         {shown(service.state / 'demo')}",
        f"  email           {python}local.emulated.mailbox{mailbox} (also the reports to the service manager)",
        "",
        *_people(service.portal_address),
        "",
        "Sample organisations, each with the client id and secret of its system:",
        *_credentials(),
        "",
        *first_requests(service.address, service.state),
        f'  curl -H "Authorization: Bearer $TOKEN" "{service.address}/v1/timeliness?month={last_month}"',
        f"  make demo CHANNEL=api{made}",
        f"  make demo FILE=your-file.csv UKPRN={samples().organisations[0].ukprn}{made}",
        f"  {python}local.commands.credentials{state} list",
        "",
        "Press Ctrl-C to stop it.",
    ]
    return "\n".join(lines)


def _state_option(state: Path) -> str:
    """What a command needs to find a service with another state; it finds the ports there."""
    return "" if state.absolute() == STATE else f" --state {shlex.quote(str(state.absolute()))}"


def _for_make(options: str) -> str:
    return f' ARGS="{options.strip()}"' if options else ""


def start_again(service: LocalService) -> str:
    """The command that starts the service with the options that it has now."""
    ports = zip(("cloud-port", "port", "portal-port"), service.ports, Ports(), strict=True)
    options = "".join(f" --{name} {port}" for name, port, default in ports if port != default)
    lists = f" --lists {shlex.quote(str(service.lists))}" if service.lists else ""
    return f"make run{_for_make(_state_option(service.state) + options + lists)}"


def _people(address: str) -> Iterator[str]:
    """Who can sign in to the portal."""
    yield f"People who can sign in at {address}, all with the password {sample_password()} :"
    organisation = ""
    for one in sample_users():
        if one.organisation.name != organisation:
            organisation = one.organisation.name
            yield f"  {organisation}"
        yield f"    {one.user_name:22} {one.role}"


def _credentials() -> Iterator[str]:
    for body in samples().organisations:
        credential = sample_credential(body.ukprn)
        if credential is not None:
            suspended = "" if body.status == "active" else f" ({body.status})"
            yield f"  {body.name}{suspended}\n    {credential.client_id}  {credential.secret}"


def first_requests(address: str, state: Path = STATE) -> Iterator[str]:
    """A learner and an aim that work, and requests to paste: who the learner is, and what has been submitted."""
    own = samples().organisations[0]
    learner, aim = EXAMPLE_LEARNERS[0], EXAMPLE_AIMS[0]
    details = {"uln": learner.uln, "givenName": learner.given_name, "familyName": learner.family_name}
    bearer = '-H "Authorization: Bearer $TOKEN"'
    yield f"A learner: {' '.join(details.values())}. An aim of {own.name}: {aim.reference}, {aim.title}."
    yield ""
    yield "Try it from another terminal:"
    yield f"  TOKEN=$(.venv/bin/python -m local.commands.credentials{_state_option(state)} token)"
    yield f"  curl {bearer} -H 'Content-Type: application/json' -d '{json.dumps(details)}' {address}/v1/verifications"
    yield f"  curl {bearer} {address}/v1/achievement-batches"


@contextmanager
def _interrupted_by_signals() -> Iterator[None]:
    """Inside, SIGTERM interrupts like Ctrl-C, even if Ctrl-C was ignored (as for a background job)."""
    before = {number: signal.signal(number, signal.default_int_handler) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _ignore_signals() -> None:
    """A second signal must not interrupt the saving of the state."""
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)


if __name__ == "__main__":
    sys.exit(main())
