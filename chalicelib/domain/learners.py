"""A learner as the register holds them: every field of the existing interface, with its limits and code lists.

Field names are those of the existing interface's learner block, in snake case; :data:`FIELDS` has for each its name in
the interface, its limit in characters and its list of codes, so that layouts, messages and checks are made from one
table. What verification and search need of a learner is a :class:`LearnerProfile`, which a register item carries as
one string.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Final, NamedTuple

DELETED: Final = "0"
ACTIVE: Final = "1"
LINKED: Final = "2"
"""Registered with another ULN too; ``master_uln`` names the one marked as master (AO18 App. C, VRC002)."""

OTHER_VERIFICATION: Final = "999"
"""The verification type that has to be described in words."""
OPTED_OUT: Final = "2"
"""The ability to share of a learner who opted out before 25 May 2018; it is no longer given to anyone."""

GENDERS: Final[Mapping[str, str]] = {"0": "Not known", "1": "Male", "2": "Female", "9": "Not specified"}
VERIFICATION_TYPES: Final[Mapping[str, str]] = {
    "0": "None provided",
    "1": "Relationship with school",
    "2": "Passport",
    "3": "Driving licence",
    "4": "National identity card",
    "5": "National Insurance card",
    "6": "Certificate of entitlement to funding",
    "7": "Bank, credit or debit card",
    OTHER_VERIFICATION: "Other",
}
ABILITIES_TO_SHARE: Final[Mapping[str, str]] = {
    "0": "Privacy notice not seen",
    "1": "Privacy notice seen, may share",
    OPTED_OUT: "Privacy notice seen, opted out",
}
STATUSES: Final[Mapping[str, str]] = {DELETED: "Deleted", ACTIVE: "Active", LINKED: "Linked to a master"}
TIERS: Final[Mapping[str, str]] = {"0": "None", "1": "Relationship", "2": "Document"}
_DOCUMENTS: Final = frozenset("234567")


class Kind(StrEnum):
    """What the values of a field are; each kind has its rule of form in ``learner_rules``."""

    NAME = "name"
    """Letters, space, apostrophe, backwards apostrophe, hyphen and dot, with at least one letter (AO18 App. B)."""
    TEXT = "text"
    DATE = "date"
    POSTCODE = "postcode"
    CODE = "code"
    EMAIL = "e-mail address"
    TELEPHONE = "telephone number"
    NATIONALITY = "nationality"
    """Up to three letters; ISO 3166-1 alpha-3 is what is meant."""
    CANDIDATE_NUMBER = "Scottish candidate number"
    """Nine digits."""
    UCI = "unique candidate identifier"
    UPN = "unique pupil number"


class LearnerField(NamedTuple):
    """One field of a learner's details."""

    name: str
    """In :class:`LearnerDetails`."""
    wire: str
    """In the existing interface; failures name the field by it."""
    kind: Kind
    limit: int
    """In characters."""
    mandatory: bool = False
    codes: Mapping[str, str] = {}
    """The list of a CODE field: code to meaning."""


FIELDS: Final = (
    LearnerField("title", "Title", Kind.TEXT, 35),
    LearnerField("given_name", "GivenName", Kind.NAME, 35, mandatory=True),
    LearnerField("middle_other_name", "MiddleOtherName", Kind.NAME, 35),
    LearnerField("family_name", "FamilyName", Kind.NAME, 35, mandatory=True),
    LearnerField("preferred_given_name", "PreferredGivenName", Kind.NAME, 35),
    LearnerField("previous_family_name", "PreviousFamilyName", Kind.NAME, 35),
    LearnerField("family_name_at_age_16", "FamilyNameAtAge16", Kind.NAME, 35),
    LearnerField("school_at_age_16", "SchoolAtAge16", Kind.TEXT, 254),
    LearnerField("last_known_address_line_1", "LastKnownAddressLine1", Kind.TEXT, 50),
    LearnerField("last_known_address_line_2", "LastKnownAddressLine2", Kind.TEXT, 50),
    LearnerField("last_known_address_town", "LastKnownAddressTown", Kind.TEXT, 50),
    LearnerField("last_known_address_county_or_city", "LastKnownAddressCountyOrCity", Kind.TEXT, 50),
    LearnerField("last_known_post_code", "LastKnownPostCode", Kind.POSTCODE, 9, mandatory=True),
    LearnerField("date_of_address_capture", "DateOfAddressCapture", Kind.DATE, 10),
    LearnerField("date_of_birth", "DateOfBirth", Kind.DATE, 10, mandatory=True),
    LearnerField("place_of_birth", "PlaceOfBirth", Kind.TEXT, 35),
    LearnerField("gender", "Gender", Kind.CODE, 1, mandatory=True, codes=GENDERS),
    LearnerField("email_address", "EmailAddress", Kind.EMAIL, 254),
    LearnerField("telephone_number", "TelephoneNumber", Kind.TELEPHONE, 20),
    LearnerField("nationality", "Nationality", Kind.NATIONALITY, 3),
    LearnerField("scottish_candidate_number", "ScottishCandidateNumber", Kind.CANDIDATE_NUMBER, 9),
    LearnerField("unique_candidate_identifier", "UniqueCandidateIdentifier", Kind.UCI, 13),
    LearnerField("unique_pupil_number", "UniquePupilNumber", Kind.UPN, 13),
    LearnerField("verification_type", "VerificationType", Kind.CODE, 3, mandatory=True, codes=VERIFICATION_TYPES),
    LearnerField("other_verification_description", "OtherVerificationDescription", Kind.TEXT, 255),
    LearnerField("ability_to_share", "AbilityToShare", Kind.CODE, 1, mandatory=True, codes=ABILITIES_TO_SHARE),
    LearnerField("notes", "Notes", Kind.TEXT, 4000),
)
"""The fields in the order of the existing interface; three of later versions stand beside those they belong to."""

FIELD_OF: Final = {field.name: field for field in FIELDS}


class LearnerDetails(NamedTuple):
    """What an organisation says of a learner to register them; an absent text is empty, an absent date None."""

    title: str
    given_name: str
    middle_other_name: str
    family_name: str
    preferred_given_name: str
    previous_family_name: str
    family_name_at_age_16: str
    school_at_age_16: str
    last_known_address_line_1: str
    last_known_address_line_2: str
    last_known_address_town: str
    last_known_address_county_or_city: str
    last_known_post_code: str
    """In its normal form, "AB1 2BD"; ``ZZ99 9ZZ`` where it is not known."""
    date_of_address_capture: date | None
    date_of_birth: date | None
    place_of_birth: str
    gender: str
    email_address: str
    telephone_number: str
    nationality: str
    scottish_candidate_number: str
    unique_candidate_identifier: str
    unique_pupil_number: str
    verification_type: str
    other_verification_description: str
    ability_to_share: str
    notes: str


EMPTY_DETAILS: Final = LearnerDetails(
    *(None if field.kind is Kind.DATE else "" for field in FIELDS)  # type: ignore[arg-type]
)


class Learner(NamedTuple):
    """A learner of the register: the details with which they were registered, and what the register adds."""

    uln: str
    details: LearnerDetails
    status: str = ACTIVE
    """``0`` deleted, ``1`` active, ``2`` linked to the master that ``master_uln`` names."""
    master_uln: str = ""
    linked_ulns: tuple[str, ...] = ()
    """The ULNs of which this learner is the master."""
    restricted: bool = False
    """Kept from every organisation but the service desk."""
    created_date: datetime | None = None
    last_updated_date: datetime | None = None
    version_number: int = 1
    registered_by: str = ""
    """UKPRN of the organisation that registered the learner."""
    created_via_channel: str = ""
    last_updated_by: str = ""
    """UKPRN of the organisation that made the version."""
    last_updated_user: str = ""
    last_updated_via_channel: str = ""
    last_updated_action: str = ""
    """``register``, ``update``, ``link``, ``unlink`` …"""
    batch_records: tuple[str, ...] = ()
    """The latest records of batches that wrote a version, ``job/number=return code``: a redelivery knows its own."""

    @property
    def tier_level(self) -> str:
        """How sure the learner's identity is; follows from the verification type."""
        return tier_of(self.details.verification_type)

    @property
    def is_live(self) -> bool:
        return self.status != DELETED


def tier_of(verification_type: str) -> str:
    """``0`` nothing was shown, ``2`` a document, ``1`` anything else."""
    if verification_type in ("", "0"):
        return "0"
    return "2" if verification_type in _DOCUMENTS else "1"


class LearnerProfile(NamedTuple):
    """What verification needs to know of a registered learner; an absent text is the empty string."""

    uln: str
    given_name: str
    family_name: str
    preferred_given_name: str = ""
    previous_family_name: str = ""
    family_name_at_16: str = ""
    date_of_birth: date | None = None
    gender: str = ""
    """``0`` not known, ``1`` male, ``2`` female, ``9`` not specified; empty where nothing is held."""
    postcode: str = ""
    status: str = ACTIVE
    master_uln: str = ""
    restricted: bool = False


def profile_of(learner: Learner) -> LearnerProfile:
    """What verification and search need of a learner."""
    details = learner.details
    return LearnerProfile(
        learner.uln,
        details.given_name,
        details.family_name,
        details.preferred_given_name,
        details.previous_family_name,
        details.family_name_at_age_16,
        details.date_of_birth,
        details.gender,
        details.last_known_post_code,
        learner.status,
        learner.master_uln,
        learner.restricted,
    )


def learner_of(profile: LearnerProfile) -> Learner:
    """The learner of whom nothing but the profile is held."""
    details = EMPTY_DETAILS._replace(
        given_name=profile.given_name,
        family_name=profile.family_name,
        preferred_given_name=profile.preferred_given_name,
        previous_family_name=profile.previous_family_name,
        family_name_at_age_16=profile.family_name_at_16,
        date_of_birth=profile.date_of_birth,
        gender=profile.gender,
        last_known_post_code=profile.postcode,
        verification_type="0",
        ability_to_share="0",
    )
    return Learner(profile.uln, details, profile.status, profile.master_uln, restricted=profile.restricted)


def pack(profile: LearnerProfile) -> str:
    """The profile as one compact JSON list: a batch read then parses one attribute a learner instead of twelve."""
    born = profile.date_of_birth
    return json.dumps(
        [*profile[:6], born.isoformat() if born else "", *profile[7:11], int(profile.restricted)],
        ensure_ascii=False,
        separators=(",", ":"),
    )


def unpack(text: str) -> LearnerProfile:
    """The profile that :func:`pack` wrote; raises ValueError or TypeError for any other text."""
    (uln, given, family, preferred, previous, at_16, born, gender, postcode, status, master, restricted) = json.loads(
        text
    )
    return LearnerProfile(
        uln,
        given,
        family,
        preferred,
        previous,
        at_16,
        date.fromisoformat(born) if born else None,
        gender,
        postcode,
        status,
        master,
        restricted == 1,
    )
