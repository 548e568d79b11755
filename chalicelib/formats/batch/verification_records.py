"""Parsing the values of a verification record into the details to compare, or all of its faults at once (VLD-03)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from chalicelib.domain.failures import Failure
from chalicelib.domain.fields import MIS_IDENTIFIER
from chalicelib.domain.learner_rules import legible_submitted, read_submitted
from chalicelib.domain.matching import SubmittedDetails
from chalicelib.domain.values import judged
from chalicelib.formats.batch.learner_layouts import VERIFICATIONS


class VerificationRecord(NamedTuple):
    """The content of a record."""

    details: SubmittedDetails | None
    """With a fault, what can be read of them; None without a valid ULN."""
    failures: tuple[Failure, ...]


def parse_verification(values: Sequence[str]) -> VerificationRecord:
    """Read a record whose values are in the order of the layout.

    A sequence of another length has no content and no reason of its own: the reader has reported it (ACF007).
    """
    if len(values) != len(VERIFICATIONS.record):
        return VerificationRecord(None, ())
    texts = {field.name: text for field, text in zip(VERIFICATIONS.record, values, strict=True)}
    found = judged(MIS_IDENTIFIER, texts.pop(MIS_IDENTIFIER.name)).failures
    read = read_submitted(texts)
    if isinstance(read, SubmittedDetails):
        return VerificationRecord(read, found)
    return VerificationRecord(legible_submitted(texts), (*found, *read))
