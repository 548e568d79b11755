"""Values inside an item are compact JSON."""

from __future__ import annotations

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.storage.texts import decode, encode

PLAIN = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
VALUES = st.recursive(PLAIN, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20)


@pytest.mark.req("SLA-03")
@given(VALUES)
def test_a_text_is_the_json_that_python_writes_and_reads_back_as_it_was(value):
    text = encode(value)
    assert text == json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    assert decode(text) == value


@pytest.mark.req("SLA-03")
def test_a_date_is_written_in_its_iso_form_and_anything_else_is_refused():
    assert encode([date(2026, 3, 2)]) == '["2026-03-02"]'
    with pytest.raises(TypeError, match="object cannot be stored as text"):
        encode([object()])
