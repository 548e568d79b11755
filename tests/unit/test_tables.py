"""What every item has: its own table, keys, revisions, one text for values read as a whole."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pynamodb.attributes import UnicodeAttribute

from chalicelib.storage.tables import Item, VersionedItem, bind
from chalicelib.storage.texts import JsonText, decode, encode

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


class NoteItem(VersionedItem):
    """A note."""

    word = UnicodeAttribute()
    body = JsonText(100, null=True)


class OtherItem(Item):
    """Something else."""


def test_each_model_has_a_table_of_its_own_and_binding_again_takes_effect():
    bind(NoteItem, "notes", "eu-west-2", lambda: "a client")
    bind(OtherItem, "others", "eu-west-2", lambda: "a client")
    assert (NoteItem.table(), OtherItem.table(), NoteItem.client()) == ("notes", "others", "a client")
    bind(NoteItem, "notes-2", "eu-west-2", lambda: "another")
    assert (NoteItem.table(), OtherItem.table(), NoteItem.client()) == ("notes-2", "others", "another")


def test_binding_to_the_same_again_leaves_the_connection_to_those_who_use_it():
    def client() -> str:
        return "a client"

    bind(NoteItem, "notes", "eu-west-2", client)
    held = NoteItem._get_connection()
    bind(NoteItem, "notes", "eu-west-2", client)
    assert NoteItem._get_connection() is held


def test_an_item_that_lacks_an_attribute_is_refused_by_its_name_alone():
    stored = NoteItem("a", "b", word="Siân", revision=1).serialize()
    assert NoteItem.of(stored).body is None
    del stored["word"]
    with pytest.raises(KeyError) as refused:
        NoteItem.of(stored)
    assert refused.value.args == ("word",)


def test_a_first_revision_is_written_where_nothing_is_and_any_other_over_the_one_before():
    assert str(NoteItem("a", "b", revision=1).follows()) == "attribute_not_exists (pk)"
    assert str(NoteItem("a", "b", revision=7).follows()) == "revision = {'N': '6'}"


@given(VALUES, st.sampled_from([0, 10, 1000]))
def test_a_value_is_read_from_its_text_as_it_was(value, longest):
    assert decode(encode(value, longest)) == value


def test_dates_are_written_as_days_and_times_as_times_and_nothing_else_is_guessed():
    assert encode((date(2026, 3, 2), datetime(2026, 3, 2, 9, 30, tzinfo=UTC))) == (
        '["2026-03-02","2026-03-02T09:30:00+00:00"]'
    )
    with pytest.raises(TypeError, match="bytes"):
        encode(b"x")


def test_a_long_value_is_compressed():
    item = NoteItem("a", "b", word="w", revision=1, body=["Siân"] * 100).serialize()
    assert len(item["body"]["S"]) < 100
    assert NoteItem.of(item).body == ["Siân"] * 100
