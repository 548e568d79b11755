"""Valid and invalid records, each with what every surface must answer: the outcome, and every reason with its field.

Fields have the names of the batch layouts, those of the header included. A reason is a code and a field; a surface with
other names for the fields translates them back.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple

from chalicelib.domain.aims import with_obliques
from tests.builders.achievements import AIM as SAMPLE
from tests.builders.achievements import SHARED_AIM, THEIRS, UNGRADED_AIM, uln
from tests.builders.learners import uln as learner_uln

AIM: Final = "UnitOrQualificationReferenceNumber"
AWARDED: Final = "AchievementAwardDate"

Reason = tuple[str, str]
Fields = Mapping[str, str]


class Sort(StrEnum):
    """The subject of a record."""

    ACHIEVEMENT = "achievement"
    REGISTRATION = "registration"
    UPDATE = "update"
    CHECK = "check"
    VERIFICATION = "verification"


class Seen(NamedTuple):
    """The answer of a surface."""

    outcome: str
    """In the words of this table: created, refused, registered, VRC003 …"""
    reasons: tuple[Reason, ...] = ()
    """Reasons and, for achievements, notices, in order of their codes; each as often as it is reported."""


class Case(NamedTuple):
    """A record that differs from a valid one in some fields."""

    title: str
    sort: Sort
    fields: Fields
    expected: Seen
    before: tuple[Fields, ...] = ()
    """Achievement records that are applied first."""
    expected_of_single: Seen | None = None
    """What a single request must answer where that is something else."""

    def __str__(self) -> str:
        return f"{self.sort}: {self.title}"


def seen(outcome: str, *reasons: Reason) -> Seen:
    """An answer with its reasons in any order."""
    return Seen(outcome, tuple(sorted(reasons)))


def _refused(*reasons: Reason) -> Seen:
    return seen("refused", *reasons)


UPDATE = {"Action": "2", "ActionDate": "2026-02-27"}
WITHDRAW = {"Action": "3", "ActionDate": "2026-02-27", "ActionReason": "SUBINERROR"}
REINSTATE = {"Action": "4", "ActionDate": "2026-02-27", "ActionReason": "SUBINERROR"}

SHARED = SHARED_AIM.reference.replace("/", "")
LONG = "Bartholomew-Maximilian-Christopherson"
OTHER_LEARNER, DELETED_LEARNER, LINKED_LEARNER, NOBODY = uln(1), uln(2), uln(3), uln(40)

# --- Achievements -----------------------------------------------------------------------------------------------------

_CREATES: tuple[tuple[str, Fields, Seen], ...] = (
    ("valid", {}, Seen("created")),
    ("the least that is needed", {"Grade": "", "LanguageForAssessment": "", "ProviderUKPRN": "", "MISIdentifier": ""},
     Seen("created")),
    ("every field", {"DateOfBirth": "2005-01-01", "Gender": "2", "LearnerPostcode": ""}, Seen("created")),
    ("codes and names in other letters", {"LanguageForAssessment": "cym", "Grade": "merit", "GivenName": "AMELIA"},
     Seen("created")),
    ("reference with obliques", {AIM: with_obliques(SAMPLE.reference)}, Seen("created")),
    ("spaces around values", {"GivenName": " Amelia ", "Grade": " Pass "}, Seen("created")),
    # One field at a time.
    ("no ULN", {"ULN": ""}, _refused(("ACF001", "ULN"))),
    ("no family name", {"FamilyName": ""}, _refused(("ACF001", "FamilyName"))),
    ("no given name", {"GivenName": "  "}, _refused(("ACF001", "GivenName"))),
    ("no reference", {AIM: ""}, _refused(("ACF001", AIM))),
    ("no award date", {AWARDED: ""}, _refused(("ACF001", AWARDED))),
    ("family name too long", {"FamilyName": LONG}, _refused(("ACF002", "FamilyName"))),
    ("grade too long", {"Grade": "P" * 31}, _refused(("ACF002", "Grade"))),
    ("own reference too long", {"MISIdentifier": "M" * 129}, _refused(("ACF002", "MISIdentifier"))),
    ("digit in a name", {"FamilyName": "Sm1th"}, _refused(("ACF003", "FamilyName"))),
    ("ULN too short", {"ULN": "123456789"}, _refused(("ACF003", "ULN"))),
    ("ULN as a spreadsheet shows it", {"ULN": "1.23457E+09"}, _refused(("ACF003", "ULN"))),
    ("ULN with a wrong check digit", {"ULN": f"{uln(0)[:9]}{(int(uln(0)[9]) + 1) % 10}"}, _refused(("ACL001", "ULN"))),
    ("postcode in the wrong format", {"LearnerPostcode": "QA1 1C"}, _refused(("ACF003", "LearnerPostcode"))),
    ("UKPRN in the wrong format", {"ProviderUKPRN": "1234"}, _refused(("ACF003", "ProviderUKPRN"))),
    ("reference in the wrong format", {AIM: "6901234"}, _refused(("ACF003", AIM))),
    ("date the other way round", {AWARDED: "31/01/2026"}, _refused(("ACF004", AWARDED))),
    ("no such day", {AWARDED: "2026-02-30"}, _refused(("ACF004", AWARDED))),
    ("born before anyone", {"DateOfBirth": "1889-12-31"}, _refused(("ACF004", "DateOfBirth"), ("ACL003", "ULN"))),
    ("born after the award", {"DateOfBirth": "2026-02-25"}, _refused(("ACF004", "DateOfBirth"), ("ACL003", "ULN"))),
    ("gender not in the list", {"Gender": "7"}, _refused(("ACF005", "Gender"))),
    ("language not in the list", {"LanguageForAssessment": "FRA"}, _refused(("ACF005", "LanguageForAssessment"))),
    ("grade like a formula", {"Grade": "=1+1"}, _refused(("ACF008", "Grade"))),
    ("own reference like a formula", {"MISIdentifier": "@SUM(A1)"}, _refused(("ACF008", "MISIdentifier"))),
    # One rule at a time.
    ("aim unknown", {AIM: "60088886"}, _refused(("ACR001", AIM))),
    ("award before 1 September 2006", {AWARDED: "2006-08-31"}, _refused(("ACR004", AWARDED), ("ACR003", AWARDED))),
    ("award in the future", {AWARDED: "2026-03-03"}, _refused(("ACR005", AWARDED))),
    ("grade not one of the aim's", {"Grade": "Starred"}, _refused(("ACR006", "Grade"))),
    ("provider unknown", {"ProviderUKPRN": "10009999"}, _refused(("ACR012", "ProviderUKPRN"))),
    ("a grade where none is known for the aim", {AIM: UNGRADED_AIM.reference, "Grade": "Banana"},
     seen("created", ("ACW006", "Grade"))),
    ("award older than ten working days", {AWARDED: "2026-01-05"}, seen("created", ("ACW003", AWARDED))),
    # The register.
    ("nobody's ULN", {"ULN": NOBODY}, _refused(("ACL002", "ULN"))),
    ("another learner's ULN", {"ULN": OTHER_LEARNER}, _refused(("ACL003", "ULN"))),
    ("a deleted learner", {"ULN": DELETED_LEARNER, "GivenName": "Isla", "FamilyName": "Willoughby"},
     _refused(("ACL002", "ULN"))),
    ("a linked learner", {"ULN": LINKED_LEARNER, "GivenName": "Noah", "FamilyName": "Pemberton"},
     seen("created", ("ACL004", "ULN"))),
    ("a name spelt a little differently", {"GivenName": "Amelie"}, seen("created", ("ACW002", "ULN"))),
    ("another date of birth", {"DateOfBirth": "2004-12-31"}, _refused(("ACL003", "ULN"))),
    # Several at once.
    ("gender, name and aim", {"Gender": "7", "FamilyName": "Sm1th", AIM: "60088886"},
     _refused(("ACF005", "Gender"), ("ACF003", "FamilyName"), ("ACR001", AIM))),
    ("everything missing", {"ULN": "", "FamilyName": "", "GivenName": "", AIM: "", AWARDED: ""},
     _refused(("ACF001", "ULN"), ("ACF001", "FamilyName"), ("ACF001", "GivenName"), ("ACF001", AIM),
              ("ACF001", AWARDED))),
    ("field and rules", {"Gender": "x", "Grade": "Starred", "ProviderUKPRN": "10009999", AWARDED: "2026-03-03"},
     _refused(("ACF005", "Gender"), ("ACR006", "Grade"), ("ACR012", "ProviderUKPRN"), ("ACR005", AWARDED))),
    # With what the register says.
    ("nobody's ULN and an aim unknown", {"ULN": NOBODY, AIM: "60088886"},
     _refused(("ACL002", "ULN"), ("ACR001", AIM))),
    ("nobody's ULN and faults of fields and rules", {"ULN": NOBODY, "Grade": "Starred", "Gender": "7",
     "FamilyName": "Sm1th", AWARDED: "31/01/2026"}, _refused(("ACL002", "ULN"), ("ACR006", "Grade"),
     ("ACF005", "Gender"), ("ACF003", "FamilyName"), ("ACF004", AWARDED))),
    ("another learner's ULN and a grade not one of the aim's", {"ULN": OTHER_LEARNER, "Grade": "Starred"},
     _refused(("ACL003", "ULN"), ("ACR006", "Grade"))),
    ("no family name and another date of birth", {"FamilyName": "", "DateOfBirth": "2004-12-31"},
     _refused(("ACF001", "FamilyName"), ("ACL003", "ULN"))),
    ("a name spelt a little differently and a provider unknown", {"GivenName": "Amelie", "ProviderUKPRN": "10009999"},
     _refused(("ACR012", "ProviderUKPRN"), ("ACW002", "ULN"))),
    ("a name that cannot be read and a name spelt a little differently", {"GivenName": "Amelie", "FamilyName": "Sm1th"},
     _refused(("ACF003", "FamilyName"))),
    ("a linked learner and an award in the future", {"ULN": LINKED_LEARNER, "GivenName": "Noah",
     "FamilyName": "Pemberton", AWARDED: "2026-03-03"}, _refused(("ACR005", AWARDED), ("ACL004", "ULN"))),
    ("two dates and a postcode", {"DateOfBirth": "01/01/2005", AWARDED: "20260220", "LearnerPostcode": "nowhere"},
     _refused(("ACF004", "DateOfBirth"), ("ACF004", AWARDED), ("ACF003", "LearnerPostcode"))),
)  # fmt: skip

_CHANGES: tuple[tuple[str, Fields, Seen, tuple[Fields, ...]], ...] = (
    ("create again", {}, Seen("unchanged"), ({},)),
    ("create again with another grade", {"Grade": "Merit"}, _refused(("ACR007", AWARDED)), ({},)),
    ("update", {**UPDATE, "Grade": "Merit"}, Seen("updated"), ({},)),
    ("update that changes nothing", UPDATE, Seen("unchanged"), ({},)),
    ("update of what is not there", UPDATE, _refused(("ACR008", AWARDED)), ()),
    ("update without its date", {**UPDATE, "ActionDate": ""}, _refused(("ACF001", "ActionDate")), ({},)),
    ("update dated in the future", {**UPDATE, "ActionDate": "2026-03-03"}, _refused(("ACR005", "ActionDate")), ({},)),
    ("update with a grade not one of the aim's", {**UPDATE, "Grade": "Starred"}, _refused(("ACR006", "Grade")), ({},)),
    ("update with several faults", {**UPDATE, "ActionDate": "27/02/2026", "LanguageForAssessment": "FRA",
     "ProviderUKPRN": "1234"}, _refused(("ACF004", "ActionDate"), ("ACF005", "LanguageForAssessment"),
     ("ACF003", "ProviderUKPRN")), ({},)),
    ("update of a withdrawn one", {**UPDATE, "Grade": "Merit"}, _refused(("ACR009", "Action")), ({}, WITHDRAW)),
    ("update of a withdrawn one with a grade not one of the aim's", {**UPDATE, "Grade": "Starred"},
     _refused(("ACR006", "Grade")), ({}, WITHDRAW)),
    ("update in another's name with a grade not one of the aim's", {**UPDATE, "GivenName": "Zebedee",
     "FamilyName": "Quartermaine", "Grade": "Starred"}, _refused(("ACL003", "ULN"), ("ACR006", "Grade")), ({},)),
    ("update of a withdrawn one in another's name", {**UPDATE, "GivenName": "Zebedee", "FamilyName": "Quartermaine"},
     _refused(("ACL003", "ULN")), ({}, WITHDRAW)),
    ("withdraw", WITHDRAW, Seen("withdrawn"), ({},)),
    ("withdraw without a reason", {**WITHDRAW, "ActionReason": ""}, _refused(("ACR011", "ActionReason")), ({},)),
    ("withdraw with an unknown reason", {**WITHDRAW, "ActionReason": "WHIM"}, _refused(("ACR011", "ActionReason")),
     ({},)),
    ("withdraw again", {**WITHDRAW, "ActionReason": "BATCHERROR"}, _refused(("ACR009", "Action")), ({}, WITHDRAW)),
    ("withdraw with date and reason wrong", {**WITHDRAW, "ActionDate": "", "ActionReason": "WHIM"},
     _refused(("ACF001", "ActionDate"), ("ACR011", "ActionReason")), ({},)),
    ("reinstate", REINSTATE, Seen("reinstated"), ({}, WITHDRAW)),
    ("reinstate one that was not withdrawn", REINSTATE, _refused(("ACR010", "Action")), ({},)),
    ("update with other names", {**UPDATE, "Grade": "Merit", "GivenName": "Amelie"},
     _refused(("ACR015", "GivenName"), ("ACW002", "ULN")), ({},)),
    ("update with another family name", {**UPDATE, "Grade": "Merit", "FamilyName": "Thornbury-Lloyd"},
     _refused(("ACR015", "FamilyName"), ("ACW002", "ULN")), ({},)),
    ("update older than ten working days", {**UPDATE, "Grade": "Merit", "ActionDate": "2026-01-05"},
     seen("updated", ("ACW003", "ActionDate")), ({},)),
    ("update of a final one to provisional", {**UPDATE, "SubmissionType": "PROVISIONAL"},
     _refused(("ACR013", "SubmissionType")), ({},)),
    ("update of a provisional one to final", {**UPDATE, "SubmissionType": "FINAL"}, Seen("promoted"),
     ({"SubmissionType": "PROVISIONAL"},)),
    ("reinstate in small letters", {**REINSTATE, "ActionReason": "subinerror"}, Seen("reinstated"), ({}, WITHDRAW)),
)  # fmt: skip

_OTHERWISE_SINGLY: Final = (
    # Only a file may change the grade while reinstating (AO18 5.2.4).
    Case("reinstate with another grade", Sort.ACHIEVEMENT, {**REINSTATE, "Grade": "Merit"}, Seen("reinstated"),
         ({}, WITHDRAW), _refused(("ACR016", "Grade"))),
    # A request has no place for what the action does not change.
    Case("reinstate with another language", Sort.ACHIEVEMENT, {**REINSTATE, "LanguageForAssessment": "CYM"},
         seen("reinstated", ("ACW001", "LanguageForAssessment")), ({}, WITHDRAW), Seen("reinstated")),
    Case("withdraw with a grade that the aim does not have", Sort.ACHIEVEMENT, {**WITHDRAW, "Grade": "Starred"},
         seen("withdrawn", ("ACW001", "Grade")), ({},), Seen("withdrawn")),
    # An address does not tell whether another organisation has such an achievement.
    Case("update of another organisation's", Sort.ACHIEVEMENT, {**UPDATE, AIM: SHARED}, _refused(("ACR014", AIM)),
         ({AIM: SHARED, "UKPRN": THEIRS},), _refused(("ACR008", AWARDED))),
)  # fmt: skip

# --- Learners ---------------------------------------------------------------------------------------------------------

KNOWN, RESTRICTED, LINKED, MASTER = learner_uln(1), learner_uln(2), learner_uln(3), learner_uln(4)
_NEW = {"GivenName": "Gethin", "FamilyName": "Rowlands", "DateOfBirth": "2003-01-09", "Gender": "1"}

_IN_FULL_WIDTH = "".join(chr(ord(letter) + 0xFEE0) for letter in "prohibitedword")

_REGISTRATIONS: tuple[tuple[str, Fields, Seen], ...] = (
    ("a new learner", _NEW, Seen("registered")),
    ("with every identifier", {**_NEW, "UCI": "123450123456A", "UPN": "A123456789012", "ScottishCandidateNumber":
     "123456789", "Nationality": "GBR", "EmailAddress": "gethin@example.org"}, Seen("registered")),
    ("on the register already", {}, Seen("found")),
    ("one like it on the register", {"GivenName": "Bronwyn"}, Seen("possible")),
    ("no given name", {**_NEW, "GivenName": ""}, _refused(("ACF001", "GivenName"))),
    ("no postcode", {**_NEW, "LastKnownPostCode": ""}, _refused(("ACF001", "LastKnownPostCode"))),
    ("no date of birth", {**_NEW, "DateOfBirth": ""}, _refused(("ACF001", "DateOfBirth"))),
    ("no verification type", {**_NEW, "VerificationType": ""}, _refused(("ACF001", "VerificationType"))),
    ("no privacy notice", {**_NEW, "PrivacyNoticeSeen": ""}, _refused(("ACF001", "PrivacyNoticeSeen"))),
    ("name too long", {**_NEW, "PreferredGivenName": LONG}, _refused(("ACF002", "PreferredGivenName"))),
    ("address too long", {**_NEW, "LastKnownAddressTown": "T" * 51}, _refused(("ACF002", "LastKnownAddressTown"))),
    ("digit in a name", {**_NEW, "MiddleNames": "R0se"}, _refused(("ACF003", "MiddleNames"))),
    ("e-mail address in the wrong format", {**_NEW, "EmailAddress": "gethin(at)example"},
     _refused(("ACF003", "EmailAddress"))),
    ("UPN in the wrong format", {**_NEW, "UPN": "123"}, _refused(("ACF003", "UPN"))),
    ("UCI in the wrong format", {**_NEW, "UCI": "ABC"}, _refused(("ACF003", "UCI"))),
    ("nationality in the wrong format", {**_NEW, "Nationality": "G1B"}, _refused(("ACF003", "Nationality"))),
    ("postcode in the wrong format", {**_NEW, "LastKnownPostCode": "CF10"}, _refused(("ACF003", "LastKnownPostCode"))),
    ("date of birth the other way round", {**_NEW, "DateOfBirth": "09/01/2003"}, _refused(("ACF004", "DateOfBirth"))),
    ("ten years old", {**_NEW, "DateOfBirth": "2016-01-09"}, _refused(("ACF004", "DateOfBirth"))),
    ("born in the future", {**_NEW, "DateOfBirth": "2027-01-09"}, _refused(("ACF004", "DateOfBirth"))),
    ("address dated in the future", {**_NEW, "DateOfAddressCapture": "2026-03-03"},
     _refused(("ACF004", "DateOfAddressCapture"))),
    ("gender not in the list", {**_NEW, "Gender": "7"}, _refused(("ACF005", "Gender"))),
    ("verification type not in the list", {**_NEW, "VerificationType": "8"}, _refused(("ACF005", "VerificationType"))),
    ("opted out", {**_NEW, "PrivacyNoticeSeen": "2"}, _refused(("ACF005", "PrivacyNoticeSeen"))),
    ("other verification not described", {**_NEW, "VerificationType": "999"},
     _refused(("ACF001", "OtherVerificationDescription"))),
    ("described without need", {**_NEW, "OtherVerificationDescription": "Bus pass"},
     _refused(("ACF003", "OtherVerificationDescription"))),
    ("a prohibited word in full width", {**_NEW, "Notes": _IN_FULL_WIDTH}, _refused(("ACF006", "Notes"))),
    ("notes like a formula", {**_NEW, "Notes": "=HYPERLINK(1)"}, _refused(("ACF008", "Notes"))),
    ("several at once", {**_NEW, "Gender": "7", "FamilyName": "Sm1th", "DateOfBirth": "2016-01-09",
     "Nationality": "G1"},
     _refused(("ACF005", "Gender"), ("ACF003", "FamilyName"), ("ACF004", "DateOfBirth"), ("ACF003", "Nationality"))),
)  # fmt: skip

_CARYS = {"ULN": MASTER, "GivenName": "Carys", "FamilyName": "Merrick", "DateOfBirth": "2001-07-30"}
"""Her verification type is 999."""

_UPDATES: tuple[tuple[str, Fields, Seen], ...] = (
    ("a new town", {"ULN": KNOWN, "LastKnownAddressTown": "Barry"}, Seen("updated")),
    ("nothing to change", {"ULN": KNOWN}, Seen("found")),
    ("nobody's ULN", {"ULN": learner_uln(9), "Notes": "Moved"}, seen("not found", ("WSRC0019", "ULN"))),
    ("another's names", {"ULN": KNOWN, "GivenName": "Gethin", "FamilyName": "Rowlands", "DateOfBirth": "2003-01-09"},
     seen("not found", ("WSRC0019", "ULN"))),
    ("a restricted learner", {"ULN": RESTRICTED, "Notes": "Moved"},
     seen("not found", ("WSRC0019", "ULN"))),
    ("a linked learner", {"ULN": LINKED, "GivenName": "Eleri", "FamilyName": "Prosser", "DateOfBirth": "2000-11-02",
     "Notes": "Moved"}, Seen("linked")),
    ("ULN in the wrong format", {"ULN": "12345", "Notes": "Moved"}, _refused(("ACF003", "ULN"))),
    ("digit in a name", {"ULN": KNOWN, "PreviousFamilyName": "Sm1th"}, _refused(("ACF003", "PreviousFamilyName"))),
    ("gender not in the list", {"ULN": KNOWN, "Gender": "7"}, _refused(("ACF005", "Gender"))),
    ("opted out", {"ULN": KNOWN, "PrivacyNoticeSeen": "2"}, _refused(("ACF005", "PrivacyNoticeSeen"))),
    ("privacy notice no longer seen", {"ULN": KNOWN, "PrivacyNoticeSeen": "0"},
     _refused(("WSRC0014", "PrivacyNoticeSeen"))),
    ("another verification type than the described one", {**_CARYS, "VerificationType": "2"}, Seen("updated")),
    ("described without need", {"ULN": KNOWN, "OtherVerificationDescription": "Bus pass", "VerificationType": "2"},
     _refused(("ACF003", "OtherVerificationDescription"))),
    ("born in the future", {"ULN": KNOWN, "DateOfBirth": "2027-01-09"}, _refused(("ACF004", "DateOfBirth"))),
    ("other verification not described", {"ULN": KNOWN, "VerificationType": "999"},
     _refused(("ACF001", "OtherVerificationDescription"))),
    ("another description of the verification held", {**_CARYS, "VerificationType": "",
     "OtherVerificationDescription": "Library card"}, Seen("updated")),
    ("verification held with its description left out", {**_CARYS, "VerificationType": "999", "Notes": "Moved"},
     Seen("updated")),
    ("described with another type than the one held", {**_CARYS, "VerificationType": "2",
     "OtherVerificationDescription": "Library card"}, _refused(("ACF003", "OtherVerificationDescription"))),
    ("several at once", {"ULN": KNOWN, "Gender": "7", "EmailAddress": "nowhere", "UCI": "ABC"},
     _refused(("ACF005", "Gender"), ("ACF003", "EmailAddress"), ("ACF003", "UCI"))),
    # Refused for a value, and compared with the register too.
    ("nobody's ULN and a gender not in the list", {"ULN": learner_uln(9), "Gender": "7"},
     _refused(("ACF005", "Gender"), ("WSRC0019", "ULN"))),
    ("another's names and an address in the wrong format", {"ULN": KNOWN, "GivenName": "Gethin",
     "FamilyName": "Rowlands", "DateOfBirth": "2003-01-09", "LastKnownPostCode": "CF10"},
     _refused(("ACF003", "LastKnownPostCode"), ("WSRC0019", "ULN"))),
    ("a restricted learner and a wrong value", {"ULN": RESTRICTED, "GivenName": "Bethan", "FamilyName": "Vaughan",
     "DateOfBirth": "1999-03-03", "UCI": "ABC"}, _refused(("ACF003", "UCI"), ("WSRC0019", "ULN"))),
    ("nobody's ULN and no given name", {"ULN": learner_uln(9), "GivenName": ""},
     _refused(("ACF001", "GivenName"), ("WSRC0019", "ULN"))),
    ("no given name", {"ULN": KNOWN, "GivenName": ""}, _refused(("ACF001", "GivenName"))),
    ("another's family name and no given name", {"ULN": KNOWN, "GivenName": "", "FamilyName": "Rowlands"},
     _refused(("ACF001", "GivenName"), ("WSRC0019", "ULN"))),
    ("nobody's ULN and no family name", {"ULN": learner_uln(9), "FamilyName": ""},
     _refused(("ACF001", "FamilyName"))),
    ("privacy notice no longer seen and a gender not in the list", {"ULN": KNOWN, "PrivacyNoticeSeen": "0",
     "Gender": "7"}, _refused(("ACF005", "Gender"), ("WSRC0014", "PrivacyNoticeSeen"))),
    ("other verification not described and a gender not in the list", {"ULN": KNOWN, "VerificationType": "999",
     "OtherVerificationDescription": "", "Gender": "7"},
     _refused(("ACF001", "OtherVerificationDescription"), ("ACF005", "Gender"))),
)  # fmt: skip

_CHECKS: tuple[tuple[str, Fields, Seen], ...] = (
    ("on the register", {}, Seen("found")),
    ("one like it on the register", {"GivenName": "Bronwyn"}, Seen("possible")),
    ("what only a registration needs", {"VerificationType": "", "PrivacyNoticeSeen": ""}, Seen("found")),
    ("born in the future", {"DateOfBirth": "2027-01-09"}, _refused(("ACF004", "DateOfBirth"))),
    ("several at once", {"Gender": "", "FamilyName": "Sm1th", "DateOfBirth": "17/05/2004"},
     _refused(("ACF001", "Gender"), ("ACF003", "FamilyName"), ("ACF004", "DateOfBirth"))),
    ("ULN on the register", {"ULN": KNOWN}, Seen("found")),
    ("ULN and born in the future", {"ULN": KNOWN, "DateOfBirth": "2027-01-09"}, _refused(("ACF004", "DateOfBirth"))),
    ("nobody's ULN and a gender not in the list", {"ULN": learner_uln(9), "Gender": "7"},
     _refused(("ACF005", "Gender"), ("ACL002", "ULN"))),
    ("another's names and a gender not in the list", {"ULN": KNOWN, "FamilyName": "Rowlands", "Gender": "7"},
     _refused(("ACF005", "Gender"), ("ACL003", "ULN"))),
)  # fmt: skip

_VERIFICATIONS: tuple[tuple[str, Fields, Seen], ...] = (
    ("exact", {}, Seen("VRC001")),
    ("names alone", {"DateOfBirth": "", "Gender": ""}, Seen("VRC001")),
    ("a name spelt a little differently", {"GivenName": "Bronwyn"}, Seen("VRC003")),
    ("a linked learner", {"ULN": LINKED, "GivenName": "Eleri", "FamilyName": "Prosser", "DateOfBirth": "2000-11-02"},
     Seen("VRC002")),
    ("another date of birth", {"DateOfBirth": "2004-05-18"}, Seen("VRC005")),
    ("another person", {"GivenName": "Gethin", "FamilyName": "Rowlands"}, Seen("VRC005")),
    ("nobody's ULN", {"ULN": learner_uln(9)}, Seen("VRC006")),
    ("no ULN", {"ULN": ""}, _refused(("ACF001", "ULN"))),
    ("ULN with a wrong check digit", {"ULN": f"{KNOWN[:9]}{(int(KNOWN[9]) + 1) % 10}"}, Seen("VRC006")),
    ("no names", {"GivenName": "", "FamilyName": ""}, _refused(("ACF001", "GivenName"), ("ACF001", "FamilyName"))),
    ("name too long", {"FamilyName": LONG}, _refused(("ACF002", "FamilyName"))),
    ("digit in a name", {"FamilyName": "Sm1th"}, _refused(("ACF003", "FamilyName"))),
    ("no such day", {"DateOfBirth": "2004-02-30"}, _refused(("ACF004", "DateOfBirth"))),
    ("gender not in the list", {"Gender": "7"}, _refused(("ACF005", "Gender"))),
    ("several at once", {"ULN": "12", "FamilyName": "Sm1th", "Gender": "7"},
     _refused(("ACF003", "ULN"), ("ACF003", "FamilyName"), ("ACF005", "Gender"))),
    ("nobody's ULN and a gender not in the list", {"ULN": learner_uln(9), "Gender": "7"},
     _refused(("ACF005", "Gender"), ("ACL002", "ULN"))),
    ("another person and a gender not in the list", {"GivenName": "Gethin", "FamilyName": "Rowlands", "Gender": "7"},
     _refused(("ACF005", "Gender"), ("ACL003", "ULN"))),
    ("a restricted learner and no given name", {"ULN": RESTRICTED, "GivenName": ""},
     _refused(("ACF001", "GivenName"), ("ACL005", "ULN"))),
)  # fmt: skip

CASES: Final = (
    *(Case(title, Sort.ACHIEVEMENT, fields, expected) for title, fields, expected in _CREATES),
    *(Case(title, Sort.ACHIEVEMENT, fields, expected, before) for title, fields, expected, before in _CHANGES),
    *_OTHERWISE_SINGLY,
    *(Case(title, Sort.REGISTRATION, fields, expected) for title, fields, expected in _REGISTRATIONS),
    *(Case(title, Sort.UPDATE, fields, expected) for title, fields, expected in _UPDATES),
    *(Case(title, Sort.CHECK, {"JobType": "CHK", **fields}, expected) for title, fields, expected in _CHECKS),
    *(Case(title, Sort.VERIFICATION, fields, expected) for title, fields, expected in _VERIFICATIONS),
)
