"""Codes of failures: each has words and is used, and none contains a value that was supplied."""

from __future__ import annotations

import ast
import re

import pytest

from chalicelib.domain.failures import FAMILIES, Family, failure
from chalicelib.formats.words.messages import remedy, sentence
from tests.structure.sources import dotted, modules

WHERE_CODES_ARE_DEFINED = {
    f"chalicelib/{module}.py"
    for module in (
        "domain/failures",
        "formats/words/files",
        "formats/words/records",
        "formats/words/requests",
    )
}


def _texts_in_code() -> dict[str, set[str]]:
    return {
        module.path: {
            node.value for node in module.nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
        for module in modules("chalicelib", "functions")
        if module.path not in WHERE_CODES_ARE_DEFINED
    }


@pytest.mark.parametrize("code", FAMILIES)
def test_every_code_has_a_sentence_and_a_remedy(code: str) -> None:
    reason = failure(code, "Grade")
    words = sentence(reason)
    assert re.fullmatch(r"[A-Z\"'‘“].*[.?]", words, re.DOTALL), words
    assert "{" not in words, "a place for a parameter is left open"
    action = remedy(reason)
    assert action or FAMILIES[code] is Family.NOTICE


def test_every_code_is_used() -> None:
    used = set().union(*_texts_in_code().values())
    assert not set(FAMILIES) - used


def test_every_code_that_is_used_is_in_the_list() -> None:
    found = [
        f"{module.path}:{node.lineno} {code.value}"
        for module in modules("chalicelib", "functions")
        for node in module.nodes
        if isinstance(node, ast.Call) and dotted(node.func).split(".")[-1] in {"failure", "Failure"} and node.args
        if isinstance(code := node.args[0], ast.Constant) and code.value not in FAMILIES
    ]
    assert not found
