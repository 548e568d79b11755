"""A learner as held in the register.

Details have the names in ``learner_fields``, which describes each. A :class:`LearnerProfile` is what verification and
search need.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Final, NamedTuple, TypeVar

DELETED: Final = "0"
ACTIVE: Final = "1"
LINKED: Final = "2"
"""Registered with another ULN too; ``master_uln`` names the one marked as master (AO18 App. C, VRC002)."""

_DOCUMENTS: Final = frozenset("234567")


class LearnerDetails(NamedTuple):
    """The details an organisation gives to register a learner; a missing text is empty, a missing date None."""

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
    """In its normal form, "AB1 2BD"; ``ZZ99 9ZZ`` if it is not known."""
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


_DATES: Final = frozenset({"date_of_address_capture", "date_of_birth"})
EMPTY_DETAILS: Final = LearnerDetails(
    *(None if name in _DATES else "" for name in LearnerDetails._fields)  # type: ignore[arg-type]
)


class Learner(NamedTuple):
    """A registered learner: their details, and what the register adds."""

    uln: str
    details: LearnerDetails
    status: str = ACTIVE
    """``0`` deleted, ``1`` active, ``2`` linked to the master that ``master_uln`` names."""
    master_uln: str = ""
    linked_ulns: tuple[str, ...] = ()
    """The ULNs that have this learner as their master."""
    restricted: bool = False
    """Hidden from every organisation except the service desk."""
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

    @property
    def tier_level(self) -> str:
        """How well the learner's identity was verified; derived from the verification type."""
        return tier_of(self.details.verification_type)

    @property
    def is_live(self) -> bool:
        return self.status != DELETED


def tier_of(verification_type: str) -> str:
    """``0`` not verified, ``2`` by a document, ``1`` in any other way."""
    if verification_type in ("", "0"):
        return "0"
    return "2" if verification_type in _DOCUMENTS else "1"


class LearnerProfile(NamedTuple):
    """What verification needs to know about a registered learner; an absent text is empty."""

    uln: str
    given_name: str
    family_name: str
    preferred_given_name: str = ""
    previous_family_name: str = ""
    family_name_at_16: str = ""
    date_of_birth: date | None = None
    gender: str = ""
    """``0`` not known, ``1`` male, ``2`` female, ``9`` not specified; empty if nothing is held."""
    postcode: str = ""
    status: str = ACTIVE
    master_uln: str = ""
    restricted: bool = False


Known = TypeVar("Known", Learner, LearnerProfile)
"""A learner, with all details or without."""


def profile_of(learner: Learner) -> LearnerProfile:
    """The profile of a learner, for verification and search."""
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
    """A learner of whom only the profile is known."""
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


def disclosed_for(registered: Known, master: Known | None) -> Known | None:
    """The learner who is disclosed for a learner of the register: the master of a linked one, otherwise the same.

    None if the learner is deleted, or if one of the two is hidden from organisations. If the master cannot be read
    or is deleted, the learner is disclosed.
    """
    if registered.status == DELETED or registered.restricted:
        return None
    if registered.status != LINKED or master is None or master.status == DELETED:
        return registered
    return None if master.restricted else master
