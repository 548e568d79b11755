"""Put the sample data into a running local cloud, or into an environment of your AWS account (never live).

It goes through the service's own stores.

    python -m local.samples.seed                     organisations with a credential each, learners, the aims
    python -m local.samples.seed --register FOLDER    also import the files of the regulators' registers in that folder

The credentials of the sample organisations are drawn once for each checkout and stored in
`.local/sample-credentials.json`.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from chalicelib import bootstrap
from chalicelib.cloud.clock import new_id
from chalicelib.cloud.secrets import new_secret
from chalicelib.domain.credentials import Credential
from chalicelib.domain.learners import learner_of
from chalicelib.domain.search import entry_keys
from chalicelib.formats.registers.catalogue_files import SnapshotCatalogue, versioned_snapshot
from chalicelib.ports.accounts import Organisation
from chalicelib.ports.errors import Conflict, Missing
from chalicelib.services.imports.events import ARRIVALS
from chalicelib.services.imports.registers import DeliveredFile, ImportOutcome, ImportReport
from chalicelib.services.tokens import grantable_scopes, secret_digest
from local.emulated.account import add_place, chosen_place, refuse_live
from local.emulated.cloud import STATE, CloudError, ProvisionedCloud
from local.samples.events import example_feed, sample_feeds
from local.samples.examples import EXAMPLE_AIMS, EXAMPLE_LEARNERS, example_learners
from local.samples.world import Samples, samples

KEYS = STATE / "sample-credentials.json"
_LIFETIME = timedelta(days=3650)

_WRITERS = 4

Say = Callable[[str], None]


class SampleCredential(NamedTuple):
    """The credential of a sample organisation's system."""

    client_id: str
    secret: str


def seed_if_empty(cloud: ProvisionedCloud) -> bool:
    """Seed a cloud that does not have the current sample data; False if it has all of it."""
    services = bootstrap.services(cloud.environment)
    if _is_seeded(services, samples()):
        return False
    seed(services, samples())
    return True


def seed(services: bootstrap.Services, world: Samples) -> None:
    """Load organisations, credentials, learners, events and, last, the catalogue, replacing existing data."""
    for body in world.organisations:
        services.accounts.put(body)
        with suppress(Conflict):  # it exists already
            services.credential_table.create(_credential(body, services.clock()))
    register = services.learner_register
    learners = [*example_learners(), *map(learner_of, world.learners)]
    register.load(learners[:1])  # before threads share the stores
    with ThreadPoolExecutor(_WRITERS) as writers:
        list(writers.map(register.load, (learners[part::_WRITERS] for part in range(_WRITERS))))
    version, snapshot = _with_samples(_current(services), world)
    _import_feeds(services, world)
    services.catalogues.publish(version, snapshot)


def _import_feeds(services: bootstrap.Services, world: Samples) -> None:
    """Add events from school data and a funding return for the sample learners, as the schedule would within a day."""
    ukprns = [provider.ukprn for provider in world.providers]
    feeds = (example_feed(), *sample_feeds(world.learners, world.aims, ukprns))
    for feed in feeds:
        services.files.write("catalogue", f"{ARRIVALS}{feed.name}", feed.data, "text/csv")
    services.import_events.run_stored([f"{ARRIVALS}{feed.name}" for feed in feeds])


def sample_credential(ukprn: str) -> SampleCredential | None:
    """The credential of a sample organisation's system; None for any other organisation."""
    return _credentials().get(ukprn)


def import_folder(services: bootstrap.Services, folder: Path, *, accept: bool, whole: bool) -> ImportReport:
    """Import every CSV file of a folder into the catalogue; with ``accept`` in spite of objections.

    Raises OSError for a folder that cannot be read.
    """
    found = sorted(path for path in folder.iterdir() if path.suffix.casefold() == ".csv")
    files = [DeliveredFile(path.name, path.read_bytes()) for path in found]
    report = services.import_register.run(files, whole=whole)
    if report.objections and accept:
        return services.import_register.run(files, accepted=report, whole=whole)
    return report


def _is_seeded(services: bootstrap.Services, world: Samples) -> bool:
    """Whether the first and last of everything are those of the samples."""
    catalogue = _current(services)
    ends, examples = (world.learners[0], world.learners[-1]), [learner.uln for learner in EXAMPLE_LEARNERS]
    return (
        catalogue is not None
        and all(catalogue.aim(aim.reference) == aim for aim in (*EXAMPLE_AIMS, world.aims[0], world.aims[-1]))
        and all(services.accounts.organisation(body.ukprn) == body for body in world.organisations)
        and all(services.credentials.get(one.client_id) is not None for one in _credentials().values())
        and ends[0] in services.person_index.candidates(entry_keys(ends[0])).profiles
        and services.learners.profiles([learner.uln for learner in ends]) == {one.uln: one for one in ends}
        and services.learners.profiles(examples).keys() == set(examples)  # whatever has been tried on them
    )


def _current(services: bootstrap.Services) -> SnapshotCatalogue | None:
    try:
        catalogue = services.catalogues.load(services.catalogues.current_version())
    except Missing:
        return None
    return catalogue if isinstance(catalogue, SnapshotCatalogue) else None


def _with_samples(current: SnapshotCatalogue | None, world: Samples) -> tuple[str, bytes]:
    """The catalogue in force with the sample aims, providers and bodies in it."""
    aims = {aim.reference: aim for aim in (*(current.aims() if current else ()), *EXAMPLE_AIMS, *world.aims)}
    providers = {one.ukprn: one for one in (*(current.providers() if current else ()), *world.providers)}
    known = current.awarding_bodies() if current else ()
    bodies = {body.recognition_number: body for body in (*known, *world.awarding_bodies)}
    return versioned_snapshot(aims.values(), providers.values(), bodies.values())


# --- Credentials ------------------------------------------------------------------------------------------------------


def _credentials() -> dict[str, SampleCredential]:
    """By UKPRN, drawn when first needed; one file for the checkout, readable only by its owner."""
    held = _read_credentials()
    missing = [body.ukprn for body in samples().organisations if body.ukprn not in held]
    if not missing:
        return held
    drawn = {ukprn: SampleCredential(f"{ukprn}-{new_id()}", new_secret()) for ukprn in missing}
    KEYS.parent.mkdir(parents=True, exist_ok=True)
    fresh = KEYS.with_suffix(f".{os.getpid()}")
    fresh.touch(mode=0o600)
    fresh.write_text(json.dumps(held | drawn, indent=2) + "\n", encoding="utf-8")
    if held:
        fresh.replace(KEYS)  # from an earlier release with fewer organisations
        return _read_credentials()
    try:
        os.link(fresh, KEYS)  # the first process wins
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
    return _read_credentials()


def _read_credentials() -> dict[str, SampleCredential]:
    try:
        text = KEYS.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    return {ukprn: SampleCredential(*pair) for ukprn, pair in json.loads(text).items()}


def _credential(body: Organisation, now: datetime) -> Credential:
    own = _credentials()[body.ukprn]
    return Credential(
        credential_id=own.client_id,
        ukprn=body.ukprn,
        name=f"{body.organisation_ref}-system",
        secret_digest=secret_digest(own.secret),
        scopes=grantable_scopes(body),
        created_at=now,
        created_by="local.samples.seed",
        expires_at=now + _LIFETIME,
    )


# --- The command ------------------------------------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line: 0 if done, 1 if there is no such place or an import was refused."""
    parser = argparse.ArgumentParser(prog="python -m local.samples.seed", description=__doc__.split("\n", 1)[0])
    parser.add_argument(
        "--register", type=Path, metavar="FOLDER", help="import the registers' CSV files in this folder"
    )
    parser.add_argument("--whole", action="store_true", help="what the registers' files do not list has gone")
    parser.add_argument("--accept", action="store_true", help="import in spite of the objections")
    add_place(parser)
    options = parser.parse_args(arguments)
    try:
        refuse_live(options)
        cloud = chosen_place(options)
    except CloudError as error:
        print(error, file=sys.stderr)
        return 1
    print("Seeded the sample data." if seed_if_empty(cloud) else "The sample data is already there.")
    if options.register is None:
        return 0
    services = bootstrap.services(cloud.environment)
    report = import_folder(services, options.register, accept=options.accept, whole=options.whole)
    target = STATE / "import-report.json"
    target.write_text(report.to_json() + "\n", encoding="utf-8")
    print(report.summary(), *filter(None, [report.reason]), f"Report: {target}", sep="\n")
    return 1 if report.outcome is ImportOutcome.REFUSED else 0


if __name__ == "__main__":
    sys.exit(main())
