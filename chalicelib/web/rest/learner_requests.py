"""Requests about learners: to find, register, update and link them (ULN-01 to ULN-04, ULN-09)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from chalicelib.domain.fields import MIS_IDENTIFIER, ULN
from chalicelib.domain.learner_fields import CRITERIA, DETAILS, FIND_TYPE, MASTER_ULN, TO_FIND
from chalicelib.services.learner_retrieval import MOST_RETRIEVED
from chalicelib.web.http.field_forms import FileText
from chalicelib.web.http.requests import FieldValue, ListOf, RecordRequest, Text


@dataclass(frozen=True)
class FindByUln(RecordRequest, record=TO_FIND):
    """A ULN and the names of its learner."""


@dataclass(frozen=True)
class FindByDemographics(RecordRequest, record=(*CRITERIA, FIND_TYPE)):
    """Details of a learner to find. The optional ones help to choose among too many possible learners."""


@dataclass(frozen=True)
class UlnsToRetrieve:
    """ULNs to check."""

    ulns: Annotated[tuple[str, ...], ListOf(FileText(ULN), maximum=MOST_RETRIEVED)]
    """Up to 200 ULNs. Each gets one result, in the order you send them."""


@dataclass(frozen=True)
class LearnerToGet:
    """A learner your organisation knows."""

    uln: Annotated[str, FieldValue(ULN)]
    access: Annotated[str, Text(maximum=1024, example="c2VhbGVk")] = ""
    """From a link to a learner. Not needed for a learner that your organisation registered or last updated."""


@dataclass(frozen=True)
class NewLearner(RecordRequest, record=(*DETAILS, MIS_IDENTIFIER)):
    """A learner to register."""


@dataclass(frozen=True)
class LearnerUpdate(RecordRequest, record=(ULN, *DETAILS), partial=True):
    """The details to change. Those that you leave out are not changed; null removes an optional one.

    Both names must be the learner's. A family name may be new if you give the previous one, or if given name and date
    of birth are the learner's. A different verification type removes the description of the previous one.
    """


@dataclass(frozen=True)
class LinkRequest:
    """Two registrations of one person."""

    uln: Annotated[str, FieldValue(ULN)]
    """The ULN to link."""
    master_uln: Annotated[str, FieldValue(MASTER_ULN)]
    """The ULN that is returned for both."""


@dataclass(frozen=True)
class OneLearner:
    """A registered learner."""

    uln: Annotated[str, FieldValue(ULN)]
