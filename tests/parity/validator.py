"""The stand-alone validator: a record as a file, checked without the registers."""

from __future__ import annotations

from chalicelib.formats.batch.checks import Expectations, check_file
from tests.builders.learners import TODAY
from tests.fakes import FakeWorld
from tests.parity.cases import Case, Reason, Seen, Sort, seen
from tests.parity.files import csv_of, name_of

NEEDS_REGISTERS = (
    "ACL002", "ACL003", "ACL004", "ACL005", "ACW002", "ACR001", "ACR002", "ACR003", "ACR006", "ACR007", "ACR008",
    "ACR009", "ACR010", "ACR012", "ACR013", "ACR014", "ACR015", "ACR016", "ACW006", "WSRC",
)  # fmt: skip
"""The prefixes of codes that need a register."""


def _is_of_held(case: Case, why: Reason) -> bool:
    """Whether a description is missing only if the learner held has none, or a value is ignored only if it differs."""
    if case.sort is Sort.UPDATE:
        return why == ("ACF001", "OtherVerificationDescription")
    return why[0] == "ACW001" and why[1] != "ActionReason"


def validator_surface(case: Case, _: FakeWorld) -> Seen:
    """Check the record as a CSV file; answers that need a register are taken from the table."""
    return _checked(case, case, Expectations(TODAY))


def validator_surface_with_chosen_type(case: Case, _: FakeWorld) -> Seen:
    """The same where not the file says what to do with the record, but its sender."""
    fields = {name: value for name, value in case.fields.items() if name != "JobType"}
    return _checked(case._replace(fields=fields), case, Expectations(TODAY, job_type=case.fields["JobType"]))


def states_job_type(case: Case) -> bool:
    """Whether the record has its job type in the file."""
    return "JobType" in case.fields


def _checked(sent: Case, case: Case, expected: Expectations) -> Seen:
    report = check_file(csv_of(sent), expected, name_of(sent))
    assert not report.failures
    found = [why for record in report.records for why in record.failures if why.code != "REF_CHECK"]
    others = [why for why in case.expected.reasons if why[0].startswith(NEEDS_REGISTERS) or _is_of_held(case, why)]
    passed = case.expected.outcome if others or case.expected.outcome != "refused" else "passed"
    if case.expected.outcome == "VRC006" and [why.code for why in found] == ["ACL001"]:
        return case.expected
    outcome = "refused" if any(why.refuses for why in found) else passed
    return seen(outcome, *others, *((why.code, why.field) for why in found))
