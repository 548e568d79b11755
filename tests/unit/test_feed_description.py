"""The description of the feeds, their examples and the sample files agree with what is read."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from chalicelib.formats.feeds.event_files import SHAPES, Feed
from chalicelib.formats.feeds.feed_description import description, documents
from local.samples.events import sample_feeds
from local.samples.world import samples
from tests.builders.achievements import world_with

DOCS = Path(__file__).resolve().parents[2] / "docs"
pytestmark = pytest.mark.req("PLR-01")


@pytest.mark.parametrize("path", documents())
def test_what_is_published_is_what_the_shapes_say(path):
    assert (DOCS / path).read_bytes() == documents()[path], "python -m chalicelib.formats.feeds.feed_description docs"


def test_every_column_and_code_is_described():
    text = description()
    for shape in SHAPES:
        for column in shape.columns:
            assert f"| {column.heading} |" in text
            assert all(f"`{code}` {meaning}" in text for code, meaning in column.codes.items())


@pytest.mark.parametrize("path", [path for path in documents() if path.endswith("-example.csv")])
def test_an_example_is_read_without_a_reason(path):
    (row,) = Feed(documents()[path], date(2026, 3, 2)).rows()
    assert row.event
    assert not row.failures


def test_sample_feeds_are_accepted_and_refused_as_expected_and_are_the_same_for_the_same_seed():
    sample = samples(learners=500)
    world = world_with(*sample.learners)
    arguments = (sample.learners, sample.aims, [provider.ukprn for provider in sample.providers], 200)
    feeds = sample_feeds(*arguments)
    assert feeds == sample_feeds(*arguments)
    assert feeds != sample_feeds(*arguments, seed=2)
    for feed in feeds:
        world.files.put("catalogue", f"feeds/{feed.name}", feed.data)
    report = world.services().import_events.run_arrived()
    assert {(file.name, file.new, file.refused) for file in report.files} == {
        (feed.name, feed.taken, feed.refused) for feed in feeds
    }
