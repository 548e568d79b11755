"""Contract of the forms that wait for their senders, for fake and real adapters."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.domain.kept_forms import KeptForm, digest_of

FORM = KeptForm("10000001", "Uamelia", "/verify", {"family_name": ("Ⓦ <b>",), "roles": ("a", "b"), "empty": ("",)})


@pytest.mark.req("IDM-08")
def test_a_form_is_found_as_it_was_kept_until_its_time_is_over_or_it_is_removed(world, ukprn):
    forms, now = world.ports.kept_form_table, world.clock()
    digest, ends = digest_of(f"key of {ukprn}"), now + timedelta(hours=1)
    assert forms.find(digest, now) is None
    assert not forms.remove(digest)
    forms.keep(digest, FORM, ends)
    assert forms.find(digest, now) == FORM
    assert forms.find(digest, ends) is None
    assert forms.remove(digest)
    assert not forms.remove(digest)
    assert forms.find(digest, now) is None
