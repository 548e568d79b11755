"""The operator's own lists replace the packaged ones, or the function does not start."""

from __future__ import annotations

from datetime import date

import pytest

from chalicelib.ports.journal import Journal
from chalicelib.reference import Lists, Sources
from chalicelib.services.imports.operator_lists import LISTS, check_end, check_list, read_sources, stored_versions
from tests.fakes import FakeWorld


class Missed(Journal):
    def __init__(self) -> None:
        self.names: list[str] = []

    def list_missing(self, name: str) -> None:
        self.names.append(name)

    def list_ends(self, name: str) -> None:
        self.names.append(f"{name} ends")


def put(world: FakeWorld, name: str, text: str | bytes) -> None:
    world.files.put("catalogue", f"lists/{name}", text.encode() if isinstance(text, str) else text)


def sources_of(world: FakeWorld, missed: Missed) -> Sources:
    return read_sources(world.files, "lists/", stored_versions(world.files, "lists/"), missed)


def test_without_lists_the_samples_are_used_and_this_is_reported() -> None:
    missed = Missed()
    assert sources_of(FakeWorld(), missed) == Sources()
    assert missed.names == ["prohibited-words.txt", "prohibited-postcodes.txt"]


@pytest.mark.req("VLD-02")
def test_every_list_is_taken_from_its_object() -> None:
    world, missed = FakeWorld(), Missed()
    put(world, "prohibited-words.txt", "\ufeffPlonker # a word\nsilly sausage\n")
    put(world, "prohibited-postcodes.txt", "zz1 1zz\r\n")
    put(world, "given-name-synonyms.csv", "Vyvyanne,Vyv\n")
    put(world, "bank-holidays.csv", "2031-12-25,Christmas Day\n")
    lists = Lists(sources_of(world, missed))
    lists.check()
    assert missed.names == []
    assert lists.prohibits("you PLONKER!")
    assert lists.prohibits("a silly, sausage")
    assert lists.prohibited_postcodes == {"ZZ1 1ZZ"}
    assert lists.synonyms["vyv"] >= {"vyvyanne"}
    assert [day.isoformat() for day in lists.bank_holidays] == ["2031-12-25"]


@pytest.mark.req("ACH-10")
@pytest.mark.parametrize(
    ("today", "warned"), [("2029-12-26", False), ("2029-12-27", True), ("2030-12-26", True), ("2035-01-01", True)]
)
def test_the_end_of_the_packaged_bank_holidays_is_reported_a_year_before(today: str, warned: bool) -> None:
    missed = Missed()
    check_end(Lists(), date.fromisoformat(today), missed)
    assert missed.names == (["bank-holidays.csv ends"] if warned else [])
    check_end(Lists(Sources(bank_holidays="2040-12-26")), date.fromisoformat(today), missed)
    assert len(missed.names) == warned


@pytest.mark.req("ACH-10")
def test_a_container_that_starts_with_holidays_that_end_says_so() -> None:
    world, missed = FakeWorld(), Missed()
    put(world, "bank-holidays.csv", "2026-12-25,Christmas Day\n")
    del world.lists  # so that the real adapter reads them
    world.journal = missed
    assert len(world.services(lists_prefix="lists/").lists.bank_holidays) == 1
    assert "bank-holidays.csv ends" in missed.names


def test_other_objects_under_the_prefix_are_left_alone() -> None:
    world = FakeWorld()
    put(world, "notes.txt", b"\xff")
    assert sources_of(world, Missed()) == Sources()


@pytest.mark.parametrize(
    ("name", "data", "line"),
    [
        ("prohibited-words.txt", b"one\n\n---\n", 3),
        ("prohibited-words.txt", b"one\ntwo\xff\n", 2),
        ("prohibited-postcodes.txt", b"ZZ1 1ZZ\n# note\nZZ1\n", 3),
        ("given-name-synonyms.csv", b"Vyvyanne\n", 1),
        ("bank-holidays.csv", b"2031-12-25\n26/12/2031\n", 2),
        ("bank-holidays.csv", b"# none\n", 1),
        ("prohibited-words.txt", b"one\ntw\0o\n", 2),
        ("prohibited-words.txt", b"one\n\n\x1b[31m\n", 3),
    ],
)
def test_a_malformed_list_is_refused_with_its_line(name: str, data: bytes, line: int) -> None:
    with pytest.raises(ValueError, match=f"line {line}: "):
        check_list(name, data)


@pytest.mark.parametrize(
    "data", [b"%PDF-1.7\n", b"PK\x03\x04", b"{\\rtf1\n", b"\xef\xbb\xbf\n<!doctype html>", b"<HTML>"]
)
def test_another_file_is_not_taken_for_a_list(data: bytes) -> None:
    with pytest.raises(ValueError, match="not a list"):
        check_list("prohibited-words.txt", data)


def test_every_source_has_an_object_and_no_other_name_is_a_list() -> None:
    assert len(set(LISTS.values())) == len(LISTS) == len(Sources._fields)
    with pytest.raises(KeyError):
        check_list("words.txt", b"")
