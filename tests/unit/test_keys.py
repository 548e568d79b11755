"""Keys of the items: every template in both directions."""

from __future__ import annotations

from datetime import UTC, date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.achievements import Key
from chalicelib.storage import keys

ULNS = st.from_regex(r"[1-9][0-9]{9}", fullmatch=True)
AIMS = st.text(alphabet="ABCDEFXYZ0123456789/", min_size=1, max_size=8)
DATES = st.dates(date(1900, 1, 1), date(2100, 1, 1))
UKPRNS = st.from_regex(r"[0-9]{8}", fullmatch=True)
IDS = st.from_regex(r"[A-Za-z0-9_-]{1,40}", fullmatch=True)
CREDENTIALS = st.from_regex(r"[0-9]{8}-[A-Za-z0-9_-]{8,30}", fullmatch=True)
DIGESTS = st.from_regex(r"[0-9a-f]{64}", fullmatch=True)
KINDS = st.sampled_from(["achievements", "learners"])
TIMES = st.datetimes(timezones=st.just(UTC))
ISO_TIMES = TIMES.map(lambda time: time.isoformat(timespec="microseconds"))

REGISTER = st.one_of(
    ULNS.map(lambda uln: ("learner", uln)),
    st.tuples(ULNS, AIMS, DATES).map(lambda parts: ("achievement", parts)),
)
JOBS = st.one_of(
    IDS.map(lambda job_id: ("job", job_id)),
    st.tuples(UKPRNS, KINDS, ISO_TIMES, IDS).map(lambda parts: ("place", parts)),
    st.tuples(UKPRNS, DIGESTS).map(lambda parts: ("content", parts)),
)
ACCOUNTS = st.one_of(
    UKPRNS.map(lambda ukprn: ("organisation", ukprn)),
    CREDENTIALS.map(lambda credential_id: ("credential", credential_id)),
)


def made(described):
    kind, value = described
    if kind == "achievement":
        return keys.achievement(Key(*value))
    return getattr(keys, kind)(*(value if isinstance(value, tuple) else (value,)))


@pytest.mark.req("ACH-01")
@given(ULNS, AIMS, DATES)
def test_an_achievement_is_recognised_by_its_key(uln, aim, awarded):
    key = Key(uln, aim, awarded)
    assert keys.achievement_of(*keys.achievement(key)) == key


@given(ULNS)
def test_a_learner_is_recognised_by_its_key(uln):
    assert keys.uln_of(keys.learner(uln).pk) == uln


SESSIONS = st.one_of(
    CREDENTIALS.map(lambda name: ("pace", name)),
    DIGESTS.map(lambda digest: ("answer", digest)),
    st.tuples(ISO_TIMES, st.ip_addresses().map(str), CREDENTIALS).map(lambda parts: ("refused_calls", parts)),
    st.tuples(IDS, st.integers(0, 99), st.integers(0, 99)).map(lambda parts: ("ledger_entry", parts)),
)


@given(CREDENTIALS)
def test_a_credential_is_recognised_by_its_key_and_is_stored_with_its_organisation(credential_id):
    key = keys.credential(credential_id)
    assert keys.credential_of(key.sk) == credential_id
    assert key.pk == keys.organisation(credential_id[:8]).pk


@given(ISO_TIMES, st.ip_addresses().map(str), st.one_of(st.just(""), CREDENTIALS))
def test_refused_calls_are_recognised_by_their_key(minute, source, credential_id):
    key = keys.refused_calls(minute, source, credential_id)
    assert (key.pk, keys.refused_calls_of(key.sk)) == (keys.refused_minute(minute), (source, credential_id))


@given(DATES)
def test_a_block_is_recognised_by_its_key(born):
    assert keys.block_of(keys.block("D", born.isoformat()).pk) == ("D", born.isoformat())
    for wrong in ("D", "D#2004-05-17#JMS"):
        with pytest.raises(keys.UnknownKey):
            keys.block_of(wrong)


@given(IDS, UKPRNS, KINDS, ISO_TIMES)
def test_jobs_places_in_a_line_and_organisations_are_recognised_by_their_keys(job_id, ukprn, kind, submitted):
    assert keys.job_of(keys.job(job_id).pk) == job_id
    place = keys.place(ukprn, kind, submitted, job_id)
    assert place.pk == keys.line(ukprn, kind)
    assert keys.place_of(place.sk) == (submitted, job_id)
    assert keys.organisation_of(keys.organisation(ukprn).pk) == ukprn


@given(TIMES)
def test_an_outage_is_known_again_by_its_start(start):
    key = keys.outage(start)
    assert keys.outage_of(key.sk) == start
    assert key.pk == keys.outages_of_year(start.year)


@given(st.text(min_size=1), TIMES, IDS)
def test_an_audit_entry_is_recognised_by_its_key(subject, at, entry_id):
    key = keys.audit(subject, at.isoformat(), entry_id)
    assert keys.audit_of(*key) == (subject, at.isoformat(), entry_id)


@pytest.mark.parametrize(
    "described", [REGISTER, JOBS, ACCOUNTS, SESSIONS], ids=["register", "jobs", "accounts", "sessions"]
)
def test_no_two_items_of_a_table_share_a_key(described):
    @given(described, described)
    def check(one, other):
        assert (made(one) == made(other)) == (one == other)

    check()


@given(st.lists(TIMES, min_size=2, max_size=5))
def test_outages_of_a_year_sort_by_their_start(starts):
    assert sorted(starts) == [keys.outage_of(sk) for sk in sorted(keys.outage(start).sk for start in starts)]


@pytest.mark.parametrize(
    ("make", "values"),
    [
        (keys.achievement, (Key("1000000000#ACH", "50022140", date(2026, 1, 1)),)),
        (keys.achievement, (Key("1000000000", "500#2214", date(2026, 1, 1)),)),
        (keys.job, ("a#b",)),
        (keys.line, ("10000001", "a#b")),
        (keys.place, ("10000001", "achievements", "2026-03-02", "a#b")),
        (keys.content, ("10000001", "abc")),
        (keys.credential, ("10000001-a#b",)),
        (keys.answer, ("G" * 64,)),
        (keys.pace, ("a#b",)),
        (keys.audit, ("ULN#1", "2026#", "x")),
        (keys.audit, ("", "2026", "x")),
    ],
)
def test_a_value_that_would_blur_a_key_is_refused(make, values):
    with pytest.raises(ValueError, match=r"key|SHA"):
        make(*values)


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (keys.uln_of, ("LEARNER",)),
        (keys.achievement_of, ("ULN#1", "LEARNER")),
        (keys.achievement_of, ("ULN#1", "ACH#50022140#today")),
        (keys.achievement_of, ("UKPRN#1", "ACH#50022140#2026-01-01")),
        (keys.job_of, ("TURN#1#a",)),
        (keys.place_of, ("TURN",)),
        (keys.audit_of, ("ULN#1", "2026")),
        (keys.outage_of, ("yesterday",)),
    ],
)
def test_a_key_of_another_template_is_refused_without_repeating_it(read, text):
    with pytest.raises(keys.UnknownKey) as refused:
        read(*text)
    assert str(refused.value) == ""
