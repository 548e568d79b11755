"""Organisations that use the service: their kinds, and what is recorded when they register (IDM-10).

A body that both awards and registers learners is two organisations with two UKPRNs (AO18 1.4).
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple


class OrganisationKind(StrEnum):
    """What an organisation does in the service."""

    REGISTRATION_BODY = "registration-body"
    """A Learner Registration Body (LRB): it registers learners."""
    AWARDING_ORGANISATION = "awarding-organisation"
    ADVISER = "adviser"
    """A careers or advisory service, whose advisers read records."""
    SERVICE_DESK = "service-desk"


class OrganisationState(StrEnum):
    """Whether an organisation has access."""

    ACTIVE = "active"
    SUSPENDED = "suspended"


class Agreement(NamedTuple):
    """The agreement that an organisation signed: as an awarding organisation, or as a learning provider."""

    signed_on: date
    signatory: str


class StateChange(NamedTuple):
    """The last time that an organisation was suspended or reactivated."""

    at: datetime
    by: str
    reason: str


class Listed(NamedTuple):
    """An organisation in the list of all."""

    ukprn: str
    name: str
    kind: OrganisationKind
    state: OrganisationState
