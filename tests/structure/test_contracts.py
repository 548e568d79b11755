"""Every adapter that calls AWS has contract tests."""

from __future__ import annotations

import re

from chalicelib.bootstrap import Adapter, Services
from tests.structure.sources import ROOT

ELSEWHERE = {
    "alarms": "no emulator mutes alarms: tests/services/test_alarm_mutes.py checks the calls",
    "clients": "what all the others use",
    "clock": "the tests' own",
    "digests": "no AWS service: tests/unit/test_learner_items.py",
    "draw": "chance; the register that uses it is tested",
    "functions": "likewise no emulator runs functions: tests/unit/test_function_calls.py",
    "journal": "the log: tests/unit/test_journal.py",
    "lists": "read from files: tests/services/test_operator_lists.py",
    "question_key": "a secret: tests/contract/test_secrets_contract.py",
    "probe": "no AWS service: tests/unit/test_probe.py calls a server of its own",
    "reports": "no emulator runs functions: tests/unit/test_function_calls.py calls the local stand-in",
    "patience": "tests/contract/test_troubles.py replaces it to see its pauses",
}


def test_every_adapter_has_contract_tests() -> None:
    adapters = {name for name, part in vars(Services).items() if isinstance(part, Adapter)}
    assert adapters >= ELSEWHERE.keys()
    text = "".join(path.read_text("utf-8") for path in (ROOT / "tests" / "contract").glob("test_*.py"))
    used = set(re.findall(r"\b(?:world\.ports|adapters|services)\.([a-z_]+)", text))
    assert adapters - ELSEWHERE.keys() - used == set()
