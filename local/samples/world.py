"""Sample data of an invented world: organisations, learners, catalogue, and files of achievements; seeded.

Nobody and nothing in it exists, and the same seed makes the same world. Learners have valid ULNs and aims have correct
check characters; both include every case that the rules distinguish (see ``sample_learners`` and ``sample_catalogue``).
The results of a sample file of achievements are known, because each record was made for one outcome.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import cache
from typing import NamedTuple

from chalicelib.domain.aims import Aim, AwardingBody, Provider
from chalicelib.domain.learners import LearnerProfile
from chalicelib.domain.working_time import london_day
from chalicelib.formats.registers.catalogue_files import write_snapshot
from chalicelib.ports.accounts import Organisation
from local.samples.catalogue import AWARDING_BODIES, ORGANISATIONS, PROVIDERS, sample_aims
from local.samples.drafts import World
from local.samples.examples import EXAMPLE_AIMS
from local.samples.files import Expected, expected_of, file_bytes, mixed_entries
from local.samples.learners import COUNT, sample_learners

SEED = 1
"""The seed of the data in a new local cloud."""


class Samples(NamedTuple):
    """One invented world."""

    organisations: tuple[Organisation, ...]
    awarding_bodies: tuple[AwardingBody, ...]
    providers: tuple[Provider, ...]
    aims: tuple[Aim, ...]
    """Those that random files are about; see also :mod:`.examples`."""
    learners: tuple[LearnerProfile, ...]
    """Likewise."""

    def organisation(self, ukprn: str) -> Organisation:
        """The organisation with this UKPRN; raises KeyError."""
        return {body.ukprn: body for body in self.organisations}[ukprn]

    def snapshot(self, version: str) -> bytes:
        """The catalogue of this world as a snapshot of that version."""
        return write_snapshot((*EXAMPLE_AIMS, *self.aims), self.providers, self.awarding_bodies, version)


@cache
def samples(seed: int = SEED, learners: int = COUNT) -> Samples:
    """The world of this seed, with this many learners."""
    return Samples(
        ORGANISATIONS, AWARDING_BODIES, PROVIDERS, tuple(sample_aims(seed)), tuple(sample_learners(seed, learners))
    )


def mixed_file(
    count: int = 10_000,
    seed: int = 1,
    *,
    world: Samples | None = None,
    ukprn: str = "90000051",
    today: date | None = None,
    faults: float = 0.05,
    xml: bool = False,
) -> tuple[bytes, Expected]:
    """A file of ``count`` achievement records of one organisation, and the expected results.

    Creates, updates, withdrawals and reinstatements are mixed; about the share ``faults`` of the records breaks a rule,
    each kind of fault in turn. The results are correct if the register has the learners and the catalogue of ``world``
    (by default the standard one) and none of the file's achievements yet, and if the file is submitted on ``today`` (by
    default the current day in London) or within the next two days. Raises ValueError for a count below 1.
    """
    if count < 1:
        raise ValueError("a file has at least one record")
    world = world or samples()
    day = today or london_day(datetime.now(UTC))
    organisation = world.organisation(ukprn)
    known = World(organisation, world.learners, world.aims, world.providers)
    entries = mixed_entries(known, count, seed, day, faults)
    expected = expected_of(entries, f"QCF_{ukprn}_{day:%Y%m%d}_{seed % 1000:03d}.{'XML' if xml else 'CSV'}")
    return file_bytes(organisation, entries, expected.file_name, xml=xml), expected
