"""What is asked about learners: who is to be found, registered, updated, linked (ULN-01 to ULN-04, ULN-09).

Limits and lists of codes are those of the register's own table of fields; names are those of the existing interface in
camel case. What the form of a request admits the rules of the register look at afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Annotated, Any

from chalicelib.domain.fields import Kind
from chalicelib.domain.learner_fields import DETAIL
from chalicelib.services.learner_search import FindType
from chalicelib.web.http.forms import Form
from chalicelib.web.http.requests import Choice, Date, Nullable, Postcode, Text, Uln


@dataclass(frozen=True, slots=True)
class Absent(Nullable):
    """Another form, or null, which is made an empty text: nothing to register, or in a change what is to be removed."""

    def made(self, value: Any) -> Any:
        return "" if value is None else self.form.made(value)


def form_of(name: str, example: str = "") -> Form:
    """The form of a field of a learner's details; one that is not mandatory may be null."""
    field = DETAIL[name]
    form: Form
    if field.codes is not None:
        form = Choice(field.codes.values)
    elif field.kind is Kind.DATE:
        form = Date(example or "2001-03-14")
    elif field.kind is Kind.POSTCODE:
        form = Postcode()
    else:
        lines = name == "notes"
        form = Text(maximum=field.limit, minimum=int(field.mandatory), lines=lines, example=example)
    return form if field.mandatory else Absent(form)


Words = str | None
"""A text; None where it is left out."""

GivenName = Annotated[str, form_of("given_name", "Amelia")]
FamilyName = Annotated[str, form_of("family_name", "Okafor")]
DateOfBirth = Annotated[date, form_of("date_of_birth")]
Gender = Annotated[str, form_of("gender")]
LastKnownPostCode = Annotated[str, form_of("last_known_post_code")]
Title = Annotated[Words, form_of("title", "Ms")]
MiddleOtherName = Annotated[Words, form_of("middle_other_name", "Grace")]
PreferredGivenName = Annotated[Words, form_of("preferred_given_name", "Millie")]
PreviousFamilyName = Annotated[Words, form_of("previous_family_name", "Thornbury")]
FamilyNameAtAge16 = Annotated[Words, form_of("family_name_at_age_16", "Okafor")]
SchoolAtAge16 = Annotated[Words, form_of("school_at_age_16", "Ashcombe School")]
AddressLine1 = Annotated[Words, form_of("last_known_address_line_1", "1 Mill Lane")]
AddressLine2 = Annotated[Words, form_of("last_known_address_line_2")]
Town = Annotated[Words, form_of("last_known_address_town", "Coventry")]
CountyOrCity = Annotated[Words, form_of("last_known_address_county_or_city", "West Midlands")]
DateOfAddressCapture = Annotated[date | None, form_of("date_of_address_capture", "2026-01-12")]
PlaceOfBirth = Annotated[Words, form_of("place_of_birth", "Coventry")]
EmailAddress = Annotated[Words, form_of("email_address", "amelia@example.org")]
TelephoneNumber = Annotated[Words, form_of("telephone_number", "01632 960001")]
Nationality = Annotated[Words, form_of("nationality", "GBR")]
ScottishCandidateNumber = Annotated[Words, form_of("scottish_candidate_number", "123456789")]
UniqueCandidateIdentifier = Annotated[Words, form_of("unique_candidate_identifier", "123450123456A")]
UniquePupilNumber = Annotated[Words, form_of("unique_pupil_number", "A123456789012")]
VerificationType = Annotated[str, form_of("verification_type")]
OtherVerificationDescription = Annotated[Words, form_of("other_verification_description")]
AbilityToShare = Annotated[str, form_of("ability_to_share")]
Notes = Annotated[Words, form_of("notes")]
MisIdentifier = Annotated[Words, Nullable(Text(maximum=128, example="MIS-00017"))]
HowMuch = Annotated[str, Choice(tuple(kind.value for kind in FindType), any_case=True)]


@dataclass(frozen=True, kw_only=True)
class FindByUln:
    """A ULN, and the names of the learner whose it should be."""

    uln: Annotated[str, Uln()]
    family_name: FamilyName
    """Must agree before anything is told; an earlier one of the learner's does."""
    given_name: Annotated[str, Text(maximum=35, example="Amelia")] = ""
    """Compared where given."""
    find_type: HowMuch = FindType.FUL.value
    """`FUL` for the learner, `CHK` for the code alone."""


@dataclass(frozen=True, kw_only=True)
class FindByDemographics:
    """Details of a learner to be found."""

    family_name: FamilyName
    given_name: GivenName
    date_of_birth: DateOfBirth
    gender: Gender
    """`0` not known, `1` male, `2` female, `9` not specified."""
    last_known_post_code: LastKnownPostCode
    """`ZZ99 9ZZ` where it is not known."""
    previous_family_name: PreviousFamilyName = None
    """Looked for besides the family name."""
    school_at_age_16: SchoolAtAge16 = None
    """Chooses among too many possible learners; likewise the next two."""
    place_of_birth: PlaceOfBirth = None
    email_address: EmailAddress = None
    find_type: HowMuch = FindType.FUL.value
    """`FUL` for the learners, `CHK` for the code alone."""


@dataclass(frozen=True, kw_only=True)
class NewLearner:
    """A learner to be registered."""

    title: Title = None
    given_name: GivenName
    middle_other_name: MiddleOtherName = None
    family_name: FamilyName
    preferred_given_name: PreferredGivenName = None
    previous_family_name: PreviousFamilyName = None
    family_name_at_age_16: FamilyNameAtAge16 = None
    school_at_age_16: SchoolAtAge16 = None
    last_known_address_line_1: AddressLine1 = None
    last_known_address_line_2: AddressLine2 = None
    last_known_address_town: Town = None
    last_known_address_county_or_city: CountyOrCity = None
    last_known_post_code: LastKnownPostCode
    """`ZZ99 9ZZ` where it is not known."""
    date_of_address_capture: DateOfAddressCapture = None
    date_of_birth: DateOfBirth
    place_of_birth: PlaceOfBirth = None
    gender: Gender
    """`0` not known, `1` male, `2` female, `9` not specified."""
    email_address: EmailAddress = None
    telephone_number: TelephoneNumber = None
    nationality: Nationality = None
    """ISO 3166-1 alpha-3."""
    scottish_candidate_number: ScottishCandidateNumber = None
    unique_candidate_identifier: UniqueCandidateIdentifier = None
    unique_pupil_number: UniquePupilNumber = None
    verification_type: VerificationType
    """How the learner's identity was seen: `0` none, `1` relationship with school, `2` passport, `3` driving licence,
    `4` national identity card, `5` National Insurance card, `6` certificate of entitlement to funding, `7` bank, credit
    or debit card, `999` other."""
    other_verification_description: OtherVerificationDescription = None
    """With `999`, and only then."""
    ability_to_share: AbilityToShare
    """`0` privacy notice not seen, `1` seen; `2`, opted out, is no longer given to anyone."""
    notes: Notes = None
    mis_identifier: MisIdentifier = None
    """Your own reference; kept with the pending match, where there is one."""


@dataclass(frozen=True, kw_only=True)
class LearnerUpdate:
    """What is to be changed of a learner; what is left out stays, what is null is removed."""

    uln: Annotated[str, Uln()]
    given_name: GivenName
    """As it is to stand. Both names must be the learner's: a family name may be new where the previous one is given, or
    where given name and date of birth are the learner's."""
    family_name: FamilyName
    title: Title = None
    middle_other_name: MiddleOtherName = None
    preferred_given_name: PreferredGivenName = None
    previous_family_name: PreviousFamilyName = None
    family_name_at_age_16: FamilyNameAtAge16 = None
    school_at_age_16: SchoolAtAge16 = None
    last_known_address_line_1: AddressLine1 = None
    last_known_address_line_2: AddressLine2 = None
    last_known_address_town: Town = None
    last_known_address_county_or_city: CountyOrCity = None
    last_known_post_code: Annotated[Words, form_of("last_known_post_code")] = None
    date_of_address_capture: DateOfAddressCapture = None
    date_of_birth: Annotated[date | None, form_of("date_of_birth")] = None
    place_of_birth: PlaceOfBirth = None
    gender: Annotated[Words, form_of("gender")] = None
    email_address: EmailAddress = None
    telephone_number: TelephoneNumber = None
    nationality: Nationality = None
    scottish_candidate_number: ScottishCandidateNumber = None
    unique_candidate_identifier: UniqueCandidateIdentifier = None
    unique_pupil_number: UniquePupilNumber = None
    """One that is held stays as it is."""
    verification_type: Annotated[Words, form_of("verification_type")] = None
    other_verification_description: OtherVerificationDescription = None
    ability_to_share: Annotated[Words, form_of("ability_to_share")] = None
    notes: Notes = None


@dataclass(frozen=True)
class LinkRequest:
    """Two registrations of one person."""

    uln: Annotated[str, Uln()]
    """The one that is to be linked."""
    master_uln: Annotated[str, Uln(example="1000000051")]
    """The one that is to be answered for both."""


@dataclass(frozen=True)
class OneLearner:
    """A learner of the register."""

    uln: Annotated[str, Uln()]


def told(request: Any) -> Mapping[str, str]:
    """The details in a request as texts, by the names of ``LearnerDetails``; those left out are not among them."""
    given = {field.name: getattr(request, field.name) for field in fields(request) if field.name in DETAIL}
    return {name: str(value) for name, value in given.items() if value is not None}
