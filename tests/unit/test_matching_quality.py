"""Matching quality is measured: agreement on public pairs and on invented ones."""

from __future__ import annotations

import csv

import pytest

from bench import communities, matching_quality
from bench.communities import DIFFERENT_TAKEN
from bench.matching_quality import CORE_AGREES, STRANGERS_ACCEPTED, Judged, core_agreement, judge, pair_files, strangers
from tests.shared_data import shared_data

pytestmark = pytest.mark.req("VLD-02")

SWAPPED_ACCEPTED = 0.99
SLIPS_ACCEPTED = 0.98
INVENTED = 400
GARBLED_AGREE = 0.88
MEASURED = frozenset(
    {
        "chinese",
        "vietnamese",
        "korean",
        "cantonese-hokkien",
        "taiwanese",
        "hokkien",
        "english",
        "polish",
        "nigerian",
        "south-asian",
        "punjabi",
        "somali",
        "greek",
        "arabic",
        "igbo",
    }
)
"""``bench/matching_quality.py --communities`` measures all."""
UNSEEN = frozenset(
    {
        "wade-giles",
        "teochew",
        "jyutping",
        "pinyin-rarer",
        "korean-rarer",
        "vietnamese-rarer",
        "lao",
        "hmong",
        "foochow",
        "karen-zomi",
        "maltese",
        "samoan",
    }
)
"""Communities of which no list was made; ``bench/matching_quality.py --unseen`` measures all."""


@pytest.fixture(scope="module")
def judged() -> list[Judged]:
    files = pair_files(shared_data())
    assert files, "the shared data has no pairs"
    return [pair for path in files for pair in judge(path)]


def test_in_scope_core_at_least_99_in_100_public_pairs_get_the_expected_code(judged):
    agreeing, number = core_agreement(judged)
    assert agreeing >= CORE_AGREES * number


def test_public_uk_pairs_garbled_beyond_slips_are_mostly_possible():
    path = next(path for path in pair_files(shared_data()) if path.stem.endswith("-uk"))
    garbled = [pair.agrees for pair in judge(path) if pair.scope == "stretch"]
    assert sum(garbled) >= GARBLED_AGREE * len(garbled)


def test_at_most_1_in_100_strangers_is_accepted(judged):
    accepted, number = strangers(judged, look_alike=False)
    assert accepted <= STRANGERS_ACCEPTED * number


def test_public_pairs_with_swapped_names_are_possible(judged):
    swapped = [pair for pair in judged if pair.expected == "VRC003" and "swapped" in pair.row["variation"]]
    assert swapped
    assert all(pair.verification.code == "VRC003" for pair in swapped)


def test_no_public_pair_is_exact_that_should_not_be(judged):
    assert [pair.row for pair in judged if (pair.verification.code == "VRC001") != (pair.expected == "VRC001")] == []


def test_invented_pairs_of_one_person_match_and_those_of_two_do_not():
    kinds = {kind.kind: kind for kind in matching_quality.invented(shared_data(), INVENTED)}
    certain = ("names swapped", "names joined or split", "part of a double name", "initial")
    assert all(kinds[name].accepted >= SWAPPED_ACCEPTED * INVENTED for name in certain)
    slips = ("one slip in one name", "one slip in each name", "neighbouring letters exchanged")
    assert all(kinds[name].accepted >= (SLIPS_ACCEPTED - 0.015) * INVENTED for name in slips)
    others = [kind for kind in kinds.values() if kind.group == "other person"]
    assert len(others) == 3
    assert all(kind.accepted <= 2 * STRANGERS_ACCEPTED * kind.number for kind in others)


@pytest.fixture(scope="module")
def by_community():
    """The communities, each with its shares as listed, and as if no list had its names."""
    return [
        (one, communities.measured(one), communities.measured(one, withheld=True))
        for one in communities.communities()
        if one.title in MEASURED
    ]


def test_in_every_community_two_names_are_two_people_and_one_slip_is_none(by_community):
    assert len(by_community) > len(MEASURED)
    for community, listed, _ in by_community:
        assert listed.different <= DIFFERENT_TAKEN, community
        assert listed.slips_accepted >= communities.SLIPS_ACCEPTED, community


def test_names_that_no_list_has_are_protected_by_the_form_of_a_slip(by_community):
    for community, _, unlisted in by_community:
        assert unlisted.different <= DIFFERENT_TAKEN, community
        assert unlisted.slips_accepted >= communities.SLIPS_ACCEPTED, community


def test_names_with_which_no_rule_was_made_are_distinguished_as_well():
    found = [one for one in communities.unseen() if one.title in UNSEEN]
    assert len(found) == len(UNSEEN)
    for community in found:
        shares = communities.measured(community)
        assert shares.different <= DIFFERENT_TAKEN, community
        assert shares.slips_accepted >= communities.SLIPS_ACCEPTED, community


def write_pairs(path, rows: list[tuple[str, ...]]) -> None:
    columns = [
        *("uln", "reg_given_name", "reg_family_name", "reg_date_of_birth", "reg_gender"),
        *(
            "sub_given_name",
            "sub_family_name",
            "sub_date_of_birth",
            "sub_gender",
            "same_person",
            "expected_code",
            "scope",
        ),
    ]
    with path.open("w", encoding="utf-8", newline="") as lines:
        csv.writer(lines).writerows([columns, *rows])


GOOD = ("1000000043", "James", "Smith", "2005-01-31", "", "Jim", "Smith", "2005-01-31", "", "Y", "VRC003", "core")
STRANGER = ("1000000043", "James", "Smith", "", "", "Mia", "Smith", "", "", "N", "VRC005", "core")
WRONG = ("1000000043", "James", "Smith", "", "", "Mia", "Smith", "", "", "Y", "VRC003", "core")


def test_the_measurement_prints_a_table_and_succeeds_when_the_limits_hold(tmp_path, capsys):
    write_pairs(tmp_path / "pairs.csv", [GOOD, STRANGER])
    (tmp_path / "other.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    assert matching_quality.main([str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    assert "pairs.csv: 2 pairs" in printed
    assert "strangers           accepted   0.00 %  (0 of 1)" in printed
    assert "other.csv" not in printed


def test_the_measurement_fails_when_a_limit_is_broken_and_lists_the_misses(tmp_path, capsys):
    write_pairs(tmp_path / "pairs.csv", [GOOD, WRONG])
    assert matching_quality.main([str(tmp_path / "pairs.csv"), "--misses"]) == 1
    assert "core VRC003 got VRC005" in capsys.readouterr().out


def test_the_measurement_reports_when_there_is_nothing_to_measure(tmp_path):
    assert matching_quality.main([str(tmp_path)]) == 2


def test_the_measurement_by_community_prints_a_line_for_each(capsys, monkeypatch):
    few = [one for one in communities.communities() if one.title == "akan"]
    monkeypatch.setattr(communities, "communities", lambda: iter(few))
    assert matching_quality.main(["--communities"]) == 0
    assert "given   akan" in capsys.readouterr().out
