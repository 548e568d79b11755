"""The version that a change must name, in an If-Match header (RFC 9110 13.1.1)."""

from __future__ import annotations

import pytest

from chalicelib.web.http import problems
from chalicelib.web.http.bodies import Malformed
from chalicelib.web.http.preconditions import named_revision
from chalicelib.web.http.problems import Problem

pytestmark = pytest.mark.req("ULN-04", "SLA-08")


@pytest.mark.parametrize(("header", "revision"), [('"3"', 3), (' "12" ', 12), ('"abc"', 0), ('W/"3"', 0), ('"03"', 0)])
def test_the_revision_is_that_of_the_tag_and_none_for_a_tag_that_is_not_ours(header, revision):
    assert named_revision(header) == revision


@pytest.mark.parametrize("header", [None, "*", " * "])
def test_a_change_that_names_no_version_is_refused(header):
    with pytest.raises(Problem) as refused:
        named_revision(header)
    assert refused.value.kind is problems.PRECONDITION_REQUIRED
    assert [reason.code for reason in refused.value.failures] == ["LRS-REQ-15"]


@pytest.mark.parametrize("header", ["3", '"3", "4"', "", '"3'])
def test_what_is_not_one_tag_is_malformed(header):
    with pytest.raises(Malformed):
        named_revision(header)
