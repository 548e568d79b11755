"""The snapshot of the catalogue: what is written can be read, quickly."""

from __future__ import annotations

import gzip
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.aims import Aim, AimKind, AimReference, AwardingBody, Provider, Register
from chalicelib.formats.registers.catalogue_files import (
    UnreadableSnapshot,
    read_snapshot,
    versioned_snapshot,
    write_snapshot,
)

TEXT = st.text(max_size=12)
NUMBERS = st.frozensets(st.sampled_from(["RN1", "RN2", "RN3", "XX1"]), max_size=3)
DAY = st.none() | st.dates()
AIMS = st.builds(
    Aim,
    reference=st.from_regex(r"[0-9]{7}[0-9X]", fullmatch=True).map(AimReference),
    title=TEXT,
    kind=st.sampled_from(AimKind),
    owners=NUMBERS,
    shared=st.booleans(),
    shared_with=NUMBERS,
    first_award=DAY,
    last_award=DAY,
    grades=st.lists(TEXT, max_size=3).map(tuple),
    level=TEXT,
    type=TEXT,
    ssa=TEXT,
    credits=st.none() | st.integers(0, 999),
    glh=st.none() | st.integers(0, 999),
    grading_type=TEXT,
    status=TEXT,
    register=st.sampled_from(Register),
    gone_on=DAY,
)
CATALOGUES = st.tuples(
    st.lists(AIMS, max_size=6, unique_by=lambda aim: aim.reference),
    st.lists(
        st.builds(Provider, st.from_regex(r"[1-9][0-9]{7}", fullmatch=True), TEXT, TEXT),
        max_size=4,
        unique_by=lambda provider: provider.ukprn,
    ),
    st.lists(
        st.builds(AwardingBody, st.from_regex(r"RN[0-9]{4}", fullmatch=True), TEXT, TEXT, TEXT, TEXT),
        max_size=4,
        unique_by=lambda body: body.recognition_number,
    ),
)


@pytest.mark.req("QUAL-01")
@given(CATALOGUES)
def test_what_is_written_is_read(contents):
    aims, providers, bodies = contents
    catalogue = read_snapshot(write_snapshot(aims, providers, bodies, "v7"))
    assert catalogue.version == "v7"
    assert sorted(aims, key=lambda aim: aim.reference) == list(catalogue.aims())
    assert sorted(providers) == list(catalogue.providers())
    assert sorted(bodies, key=lambda body: body.recognition_number) == list(catalogue.awarding_bodies())
    for aim in aims:
        assert catalogue.aim(aim.reference) == aim
        assert catalogue.summary(aim.reference) == aim.summary
    for provider in providers:
        assert catalogue.is_provider(provider.ukprn)
        assert catalogue.provider(provider.ukprn) == provider
    assert catalogue.aim(AimReference("nothing")) is None
    assert catalogue.summary(AimReference("nothing")) is None
    assert not catalogue.is_provider("00000000")
    assert catalogue.provider("00000000") is None


@given(CATALOGUES, st.randoms())
def test_the_same_contents_make_the_same_version_and_bytes_in_whatever_order_they_come(contents, chance):
    shuffled = [list(part) for part in contents]
    for part in shuffled:
        chance.shuffle(part)
    assert versioned_snapshot(*contents) == versioned_snapshot(*shuffled)


def test_other_contents_make_another_version():
    first = Aim(AimReference("60012345"), "Joinery", AimKind.QUALIFICATION, frozenset({"RN1"}))
    other = replace(first, gone_on=date(2026, 1, 1))
    assert versioned_snapshot([first], [], [])[0] != versioned_snapshot([other], [], [])[0]


def test_an_aim_requested_twice_is_created_once():
    aim = Aim(AimReference("60012345"), "Joinery", AimKind.QUALIFICATION, frozenset({"RN1"}))
    catalogue = read_snapshot(write_snapshot([aim], [], [], "v"))
    assert catalogue.aim(aim.reference) is catalogue.aim(aim.reference)


def test_a_doubled_reference_is_not_written():
    aim = Aim(AimReference("60012345"), "Joinery", AimKind.QUALIFICATION, frozenset({"RN1"}))
    with pytest.raises(ValueError, match="60012345"):
        write_snapshot([aim, aim], [], [], "v")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"nothing",
        gzip.compress(b"", mtime=0),
        gzip.compress(b"[]\n[]", mtime=0),
        gzip.compress(b'{"format":2,"version":"v","aims":0,"providers":0,"awarding_bodies":0}\n[]', mtime=0),
        gzip.compress(b'{"format":1,"version":"v","aims":1,"providers":0,"awarding_bodies":0}\n[]', mtime=0),
        write_snapshot([], [], [], "v")[:-9],
    ],
)
def test_an_incomplete_snapshot_or_another_format_is_refused(data):
    with pytest.raises(UnreadableSnapshot):
        read_snapshot(data)
