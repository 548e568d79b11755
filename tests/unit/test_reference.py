"""Reference lists: those packaged, their sources, and the operator's own."""

from __future__ import annotations

import csv
import subprocess
import sys
from datetime import date
from importlib.util import find_spec

import pytest

from chalicelib import reference
from chalicelib.reference import Lists, Sources, install, lists
from chalicelib.reference.letters import joined
from local.commands import make_reference
from tests.shared_data import shared_data

pytestmark = pytest.mark.req("ULN-08")

NEEDED = ("holidays", "nicknames", "faker")


@pytest.mark.parametrize("name", sorted(make_reference.MAKERS))
def test_packaged_lists_are_what_the_pinned_packages_give(name):
    maker = make_reference.MAKERS[name]
    if missing := [package for package in NEEDED if find_spec(package) is None]:
        pytest.fail(f"install the development requirements: {', '.join(missing)}")
    assert (make_reference.DATA / name).read_text(encoding="utf-8") == maker()


def test_every_packaged_list_that_is_not_our_own_is_named_in_the_notice():
    notice = (make_reference.DATA / "NOTICE.txt").read_text(encoding="utf-8")
    assert all(name in notice for name in make_reference.MAKERS)
    assert "Apache License, Version 2.0" in notice


def test_bank_holidays_are_those_published_for_england():
    with (shared_data() / "uk-bank-holidays.csv").open(encoding="utf-8", newline="") as rows:
        published = {
            date.fromisoformat(row["date"]) for row in csv.DictReader(rows) if row["division"] == "england-and-wales"
        }
    assert {day for day in lists().bank_holidays if day <= max(published)} == published


@pytest.mark.parametrize(
    ("day", "holiday"),
    [
        (date(2022, 9, 19), True),  # the late Queen's funeral
        (date(2023, 5, 8), True),  # the coronation
        (date(2021, 12, 27), True),  # for Christmas on a Saturday
        (date(2021, 12, 25), False),
        (date(2030, 12, 26), True),
        (date(2024, 3, 18), False),  # Northern Ireland only
        (date(2024, 8, 5), False),  # Scotland only
    ],
)
def test_bank_holidays_of_england_count_with_their_substitute_days(day, holiday):
    assert (day in lists().bank_holidays) == holiday


@pytest.mark.parametrize(
    ("name", "short"), [("james", "jim"), ("alfred", "alfie"), ("catherine", "kathryn"), ("bob", "rob")]
)
def test_synonyms_work_both_ways(name, short):
    synonyms = lists().synonyms
    assert short in synonyms[name]
    assert name in synonyms[short]


@pytest.mark.parametrize(("one", "other"), [("ella", "bella"), ("jack", "jake"), ("daisy", "megan"), ("chloe", "zoe")])
def test_short_forms_of_one_name_are_not_themselves_synonyms(one, other):
    assert other not in lists().synonyms.get(one, frozenset())


def test_no_name_is_its_own_synonym_and_all_are_in_small_letters():
    for name, others in lists().synonyms.items():
        assert name not in others
        assert name == name.casefold()


def test_what_stands_for_a_name_stands_for_every_spelling_of_it():
    synonyms, spellings = lists().synonyms, lists().spellings
    assert {"mo", "izzy", "izzie"} <= synonyms["muhammad"] | synonyms["isabelle"]
    for name, others in spellings.items():
        for other in others:
            missing = synonyms.get(other, frozenset()) - synonyms[name] - {name}
            assert not missing, f"{', '.join(sorted(missing))} stands for {other}, not for {name}"


def test_synonyms_are_kept_in_the_form_in_which_they_are_looked_up():
    own = Lists(Sources(synonyms="Siân, Sharon-Ann\nK.C., Casey\n"))
    assert own.synonyms["sian"] >= {"sharonann"}
    assert own.synonyms["kc"] >= {"casey"}
    assert all(name == joined(name) for name in lists().synonyms)


def test_names_in_use_are_kept_in_the_form_in_which_they_are_looked_up():
    for names in (lists().given_names, lists().family_names):
        assert len(names) > 15_000
        assert all(name == joined(name) and name.isascii() and len(name) > 1 for name in names)


def test_common_names_of_a_community_share_it():
    given, family = lists().given_names, lists().family_names
    assert given["mandeep"] & given["manpreet"]
    assert family["wang"] & family["yang"]
    assert not family["wang"] & family["okafor"]


def test_the_packaged_prohibited_lists_are_marked_as_samples():
    for name in ("prohibited_text_sample.txt", "prohibited_postcodes_sample.txt"):
        assert (make_reference.DATA / name).read_text(encoding="utf-8").startswith("# SAMPLE.")
    assert lists().prohibited_words
    assert all(postcode.startswith("ZZ99 ") for postcode in lists().prohibited_postcodes)


def test_the_operators_files_replace_the_samples(tmp_path):
    words = tmp_path / "words.txt"
    words.write_text("\ufeffunwanted\n", encoding="utf-8")
    own = Lists(
        Sources(prohibited_text=words, prohibited_postcodes="B18 4AS", bank_holidays="2031-01-01,New Year's Day")
    )
    assert own.prohibited_words == {"unwanted"}
    assert own.prohibited_postcodes == {"B18 4AS"}
    assert own.bank_holidays == {date(2031, 1, 1)}


def test_the_operators_synonyms_are_added_to_the_packaged_ones():
    own = Lists(Sources(synonyms="Xanthippe, Tippy\n"))
    assert own.synonyms["tippy"] == {"xanthippe"}
    assert "jim" in own.synonyms["james"]


@pytest.mark.parametrize(
    ("sources", "read", "message"),
    [
        (Sources(prohibited_postcodes="B18 4AS\n\nB18"), "prohibited_postcodes", "prohibited postcodes, line 3"),
        (Sources(synonyms="james"), "synonyms", "synonyms, line 1"),
        (Sources(synonyms="# forms\njames,,jim"), "synonyms", "synonyms, line 2"),
        (Sources(bank_holidays="01/01/2031"), "bank_holidays", "bank holidays, line 1"),
    ],
)
def test_a_list_that_cannot_be_read_is_refused_by_line(sources, read, message):
    with pytest.raises(ValueError, match=message):
        getattr(Lists(sources), read)


def test_an_operators_file_that_is_not_there_is_not_taken_for_an_empty_list(tmp_path):
    with pytest.raises(FileNotFoundError):
        _ = Lists(Sources(prohibited_text=tmp_path / "absent.txt")).prohibited_words


def test_lists_are_installed_for_the_process_and_put_back():
    own = Lists(Sources(prohibited_text="unwanted"))
    install(own)
    assert reference.lists() is own
    install(None)
    assert reference.lists() is not own
    assert reference.lists() is reference.lists()


def test_nothing_is_read_before_it_is_needed():
    program = (
        "import pkgutil, chalicelib.domain.matching as m, chalicelib.domain.people, chalicelib.reference as r\n"
        "def refuse(*a): raise SystemExit('read ' + str(a))\n"
        "pkgutil.get_data = refuse\n"
        "l = m.LearnerProfile('1', 'A', 'B')\n"
        "assert m.verify(m.SubmittedDetails('1', 'A', 'B'), l).code == 'VRC001'\n"
        "r.lists(); r.Lists()\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
