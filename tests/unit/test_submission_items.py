"""A group of changes as one item, in both directions, and its cost."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.meter import item_size, write_units
from chalicelib.domain.achievements import Key, Status
from chalicelib.domain.codes import SubmissionType
from chalicelib.domain.failures import failure
from chalicelib.domain.results import Outcome, RecordResult
from chalicelib.ports.achievements import SubmittedChange
from chalicelib.storage import keys
from chalicelib.storage.achievement_items import achievement_item
from chalicelib.storage.changes import change_of
from chalicelib.storage.submission_items import SubmissionItem, packed, unpacked
from chalicelib.storage.submissions import GROUP, SHARDS, shard_of
from tests.builders.achievements import AIM, uln
from tests.builders.organisations import OURS
from tests.builders.stream import stream_record, submitted_change
from tests.contract.conftest import achievement

BEGAN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CHANGES = st.lists(
    st.builds(
        SubmittedChange,
        st.just(OURS),
        st.integers(-60, 100_000).map(lambda after: (BEGAN + timedelta(seconds=after)).isoformat(timespec="seconds")),
        st.builds(Key, st.integers(0, 30).map(uln), st.just(AIM.reference), st.dates()),
        st.integers(1, 10_000),
        st.text("1234", min_size=1, max_size=5),
        st.sampled_from(Status),
        st.sampled_from(SubmissionType),
        st.booleans(),
        st.sampled_from(["batch", "webservice", "portal"]),
        st.text(max_size=8),
        st.text("ABC", max_size=2),
        st.sampled_from(["", "2026-02-27"]),
    ),
    min_size=1,
    max_size=40,
)


@pytest.mark.req("ACH-08", "ACH-10")
@given(CHANGES)
def test_a_group_is_read_as_it_was_written(changes: list[SubmittedChange]) -> None:
    item = SubmissionItem("DAY", "x", changes=packed(changes)).serialize()
    assert unpacked(SubmissionItem.of(item).changes, OURS, changes[0].at) == changes


@pytest.mark.req("ACH-08")
def test_a_hundred_changes_of_a_batch_cost_a_tenth_of_a_write_unit_each_at_most() -> None:
    group = [
        SubmittedChange(
            OURS,
            BEGAN.isoformat(timespec="seconds"),
            Key(uln(n * 7), AIM.reference, date(2026, 2, 1 + n % 20)),
            1,
            "1",
            Status.ACTIVE,
            SubmissionType.FINAL,
            n % 3 == 0,
            "batch",
            "bucket",
            "J7Qm2xVbT0yKcPz4aaaaaaaaaaaaaaaa",
            "",
        )
        for n in range(GROUP)
    ]
    key = keys.submissions(OURS, date(2026, 3, 2), 0, group[0].at, "e" * 32)
    item = SubmissionItem(*key, changes=packed(group)).serialize()
    assert write_units(item_size(item)) / GROUP <= 0.06


def test_a_place_among_the_partitions_depends_on_the_event_alone() -> None:
    shards = [shard_of(f"{number:032x}") for number in range(400)]
    assert shards == [shard_of(f"{number:032x}") for number in range(400)]
    assert all(60 < shards.count(shard) < 140 for shard in range(SHARDS))


@pytest.mark.req("ACH-08", "ACH-09")
def test_the_newest_version_is_what_was_submitted() -> None:
    held = achievement(Key(uln(0), AIM.reference, date(2026, 2, 20)), versions=2, late=True)
    change = submitted_change(held)
    assert (change.revision, change.actions, change.late, change.job) == (2, "1", False, "J1")
    late = RecordResult(1, Outcome.UPDATED, failures=(failure("ACW003", "ActionDate"),))
    amended = held._replace(late=False, history=(held.history[0], held.history[0]._replace(results=(late,))))
    assert submitted_change(amended).late
    single = held._replace(
        history=(held.history[0]._replace(provenance=held.history[0].provenance._replace(chunk=-1)),)
    )
    assert submitted_change(single).job == ""


def test_a_learner_of_the_stream_is_audited_and_submitted_by_nobody() -> None:
    image = {"pk": {"S": f"ULN#{uln(0)}"}, "sk": {"S": "LEARNER"}}
    change = change_of(stream_record(image, event="MODIFY", at=1_772_442_000))
    assert change.submitted is None
    assert change.entry.action == "learner-saved"


@pytest.mark.parametrize("lost", ["owner", "history", "revision"])
def test_an_achievement_of_the_stream_that_lacks_an_attribute_is_not_a_change(lost: str) -> None:
    image = achievement_item(achievement(Key(uln(0), AIM.reference, date(2026, 2, 20)))).serialize()
    del image[lost]
    with pytest.raises(KeyError, match=lost):
        change_of(stream_record(image))


def test_keys_of_submissions_lead_back() -> None:
    key = keys.submissions(OURS, date(2026, 3, 2), 3, BEGAN.isoformat(), "e1")
    assert key.pk == keys.submissions_of_day(OURS, date(2026, 3, 2), 3)
    assert keys.submissions_began(key.sk) == BEGAN.isoformat()
    with pytest.raises(keys.UnknownKey):
        keys.submissions_began("e1")
