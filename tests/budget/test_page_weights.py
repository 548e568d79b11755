"""What a first look at a page weighs on the wire: page, style sheet and script, as the gateway sends them."""

from __future__ import annotations

from functools import cache

import pytest

from chalicelib.web.portal import assets
from local.emulated.stack import load_stack
from local.lambda_runtime.gateway import compressed
from tests.browser.cases import CASES

MOST = 45 * 1024


@cache
def _sent(body: bytes) -> int:
    """Bytes on the wire for browsers, which all accept gzip."""
    is_compressed = len(body) >= load_stack().compress_from["portal"]
    return len(compressed(body, "gzip")) if is_compressed else len(body)


def _asset(name: str) -> bytes:
    found = assets.find(assets.address(name))
    assert found is not None
    return found.content


@pytest.mark.req("SLA-02")
def test_no_page_in_any_state_weighs_more_than_45_kb_with_style_and_script() -> None:
    around = _sent(_asset("portal.css")) + _sent(_asset("portal.js"))
    weights = {case.name: around + _sent(case.html("the-nonce").encode()) for case in CASES}
    assert {name: weight for name, weight in weights.items() if weight > MOST} == {}
