"""The world of the examples: what ``make run`` starts with, as far as the examples need it, over fakes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from chalicelib.formats.registers.catalogue_files import read_snapshot
from chalicelib.services.imports.events import ARRIVALS
from local.samples.events import example_feed
from local.samples.examples import EXAMPLE_PROVIDER, example_learners
from local.samples.world import samples
from tests.fakes.world import FakeWorld

NOW: Final = datetime(2026, 7, 7, 9, 0, tzinfo=UTC)
"""A few days after the awards of the examples, so that none of them is late."""
AWARDING, PROVIDER, DESK = "90000051", EXAMPLE_PROVIDER, "90000001"


def sample_world() -> FakeWorld:
    """A world with the sample organisations, the learners of the examples and the sample catalogue."""
    world, known = FakeWorld(), samples(learners=300)
    world.clock.now = NOW
    for body in known.organisations:
        world.accounts.put(body)
    world.learner_register.load(example_learners())
    world.catalogues.publish("v1", read_snapshot(known.snapshot("v1")))
    feed = example_feed()
    world.files.write("catalogue", f"{ARRIVALS}{feed.name}", feed.data, "text/csv")
    world.services().import_events.run_stored([f"{ARRIVALS}{feed.name}"])
    return world
