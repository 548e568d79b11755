"""A change costs the same however long the history is, and a look at a history what it shows."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import count

import pytest

from bench.meter import Meter, item_size
from chalicelib import bootstrap
from chalicelib.domain.achievements import Achievement, Key, Provenance, Status
from chalicelib.domain.results import Outcome, RecordResult
from chalicelib.storage.achievement_items import apart
from local.emulated.cloud import ProvisionedCloud
from tests.builders.achievements import AIM, uln
from tests.builders.functions import items_of
from tests.builders.organisations import OURS
from tests.builders.records import stored

SHORT, LONG = 10, 1_000
CHANGES = 40
_numbers = count(1)


class MeteredHistory:
    """Achievements with any number of versions, written one by one or in batches; their calls are counted."""

    def __init__(self, cloud: ProvisionedCloud) -> None:
        self.cloud = cloud
        self.register = cloud.table("register")
        services = bootstrap.services(cloud.environment)
        self.achievements = services.achievements
        self.meter = Meter()
        self.meter.attach(services.clients["dynamodb"])

    def with_versions(self, versions: int) -> Achievement:
        """An achievement that was changed this often, as it is read."""
        by = Provenance("2026-03-02T09:00:00+00:00", OURS, "results-system", "webservice", "J7Qm2xVbT0yKcPz4aaaa")
        held = stored(Key(uln(next(_numbers)), AIM.reference, date(2026, 2, 20)), by)
        self.achievements.write(held)
        for _ in range(versions - 1):
            held = self.changed(held)
            self.achievements.write(held)
            held, _ = apart(held)
        return self.read(held.key)

    def read(self, key: Key) -> Achievement:
        return self.achievements.read([key])[key]

    @staticmethod
    def changed(held: Achievement) -> Achievement:
        grade = f"Grade {held.revision + 1}"
        version = held.history[-1]._replace(actions="2", grade=grade, results=(RecordResult(1, Outcome.UPDATED),))
        return held._replace(grade=grade, revision=held.revision + 1, history=(*held.history, version))

    def costs_of_changes(self, held: Achievement, *, batch: bool) -> tuple[int, float]:
        """Calls and write units of some more changes."""
        calls, units = 0, 0.0
        for _ in range(CHANGES):
            changed = self.changed(self.read(held.key))
            self.meter.reset()
            if batch:
                assert self.achievements.write_all([changed]) == [True]
            else:
                self.achievements.write(changed)
            calls += self.meter.dynamodb_calls
            units += self.meter.wcu[self.register]
        return calls, units


@pytest.fixture(scope="module")
def metered(module_cloud: ProvisionedCloud) -> MeteredHistory:
    return MeteredHistory(module_cloud)


@pytest.fixture(scope="module")
def short(metered: MeteredHistory) -> Achievement:
    return metered.with_versions(SHORT)


@pytest.fixture(scope="module")
def long(metered: MeteredHistory) -> Achievement:
    return metered.with_versions(LONG)


@pytest.mark.req("ACH-03", "ACH-09")
@pytest.mark.parametrize("batch", [False, True], ids=["single", "batch"])
def test_the_thousandth_change_costs_what_the_tenth_does(metered, short, long, batch):
    costs = [metered.costs_of_changes(held, batch=batch) for held in (short, long)]
    assert costs[0] == costs[1]
    calls, units = costs[1]
    assert calls / CHANGES <= 1.35
    assert units / CHANGES <= 1.35


@pytest.mark.req("ACH-09")
def test_no_version_of_a_thousand_is_lost(metered, long):
    held = metered.read(long.key)
    versions = list(metered.achievements.forwards(held))
    assert [number for number, _ in versions] == list(range(1, held.revision + 1))
    assert [version.grade for number, version in versions[1:]] == [f"Grade {n}" for n in range(2, held.revision + 1)]
    backwards = list(metered.achievements.backwards(held))
    assert backwards == [version for _, version in reversed(versions)]


@pytest.mark.req("ACH-04", "ACH-09")
def test_an_achievement_is_below_one_write_unit_at_any_age_and_can_be_withdrawn(metered, long):
    held = metered.read(long.key)
    withdrawn = held.history[-1]._replace(actions="3", status=Status.WITHDRAWN)
    metered.achievements.write(
        held._replace(status=Status.WITHDRAWN, revision=held.revision + 1, history=(*held.history, withdrawn))
    )
    items = [item for item in items_of(metered.cloud, "register") if long.key.uln in item["pk"]["S"]]
    assert len(items) > LONG / 6
    assert max(map(item_size, items)) <= 1024


@pytest.mark.req("ACH-08")
def test_a_page_of_a_long_history_reads_no_more_than_of_a_short_one(metered, long):
    held = metered.read(long.key)
    for after in (0, 500, 900):
        metered.meter.reset()
        page = [number for number, _ in zip(range(50), metered.achievements.forwards(held, after), strict=False)]
        assert len(page) == 50
        assert metered.meter.dynamodb_calls == 1
        assert metered.meter.rcu[metered.register] <= 6


@pytest.mark.req("ACH-08")
def test_pages_of_a_learners_achievements_read_each_of_them_once(metered):
    by = Provenance("2026-03-02T09:00:00+00:00", OURS, "results-system", "webservice", "J7Qm2xVbT0yKcPz4aaaa")
    size = 20
    units = []
    for many in (100, 400):
        number = uln(next(_numbers))
        first = date(2026, 2, 20)
        keys = [Key(number, AIM.reference, first - timedelta(days=day)) for day in range(many)]
        metered.achievements.write_all([stored(key, by) for key in keys])
        metered.meter.reset()
        after, listed = None, 0
        while page := [
            held for _, held in zip(range(size), metered.achievements.of_learner(number, after, size + 1), strict=False)
        ]:
            listed += len(page)
            after = page[-1].key
        assert listed == many
        units.append(metered.meter.rcu[metered.register])
    assert units[1] <= 4.4 * units[0], "in proportion to the achievements"
    assert units[1] <= 400 * 0.15
