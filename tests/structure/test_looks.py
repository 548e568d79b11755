"""The audit log has one writer and a closed list of actions (SEC-01)."""

from __future__ import annotations

import ast

import pytest

from chalicelib.domain.looks import LookAction, LookOutcome
from chalicelib.formats.words.look_wording import LOOK_WORDS, look_sentence
from tests.structure.sources import DEPLOYED, modules

MAKERS = {
    "chalicelib/services/looks.py",
    "chalicelib/storage/changes.py",  # the register's stream
    "chalicelib/storage/audit.py",  # reads entries back
}


@pytest.mark.req("SEC-01")
def test_only_the_writer_of_looks_and_the_registers_stream_make_audit_entries() -> None:
    makers = {
        module.path
        for module in modules(*DEPLOYED)
        for node in module.nodes
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "AuditEntry"
    }
    assert makers == MAKERS


def test_every_action_of_the_list_is_one_that_somebody_does() -> None:
    used = {
        node.attr
        for module in modules(*DEPLOYED)
        if module.path != "chalicelib/formats/words/look_wording.py"
        for node in module.nodes
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "LookAction"
    }
    assert used == {action.name for action in LookAction}


@pytest.mark.req("PLR-07")
def test_every_action_has_words_for_what_was_done_and_for_what_was_tried() -> None:
    assert set(LOOK_WORDS) == set(LookAction)
    sentences = [look_sentence(action, outcome) for action in LookAction for outcome in LookOutcome]
    assert all(sentence[0].isupper() and not sentence.endswith(".") for sentence in sentences)
    done = [words.done for words in LOOK_WORDS.values()]
    assert len(set(done)) == len(done)


def test_codes_of_actions_have_one_style() -> None:
    for action in LookAction:
        assert action.value == action.name.lower().replace("_", "-")
