"""An achievement as an item: which of it stands in which attribute, in both directions.

``history`` is one JSON list of versions, each a list in the order of :class:`chalicelib.domain.achievements.Version`
with the provenance first, so that four ordinary versions fit into one write unit. A history of many answers, as of a
file with thousands of records on one achievement, is compressed: an item holds 400 kB at most.
"""

from __future__ import annotations

import json
import zlib
from base64 import b85decode, b85encode
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from chalicelib.domain.achievements import Achievement, Provenance, Status, SubmissionType, Version
from chalicelib.domain.failures import Failure
from chalicelib.domain.results import Outcome, RecordResult
from chalicelib.storage import keys

LONG_HISTORY: Final = 4096
"""Characters from which a history is compressed."""

_COMPRESSED: Final = "z"
_STATUSES: Final = {status.value: status for status in Status}
_TYPES: Final = {kind.value: kind for kind in SubmissionType}
_OUTCOMES: Final = {outcome.value: outcome for outcome in Outcome}
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Attributes(NamedTuple):
    """The attributes of an achievement's item besides its keys."""

    owner: str
    given_name: str
    family_name: str
    provider_ukprn: str
    grade: str
    language: str
    status: str
    submission_type: str
    history: str
    late: bool
    revision: int


def attributes(achievement: Achievement) -> Attributes:
    """What is stored of an achievement."""
    history = _encode([_packed(version) for version in achievement.history])
    if len(history) > LONG_HISTORY:
        history = _COMPRESSED + b85encode(zlib.compress(history.encode(), 9)).decode("ascii")
    return Attributes(
        achievement.owner,
        achievement.given_name,
        achievement.family_name,
        achievement.provider_ukprn,
        achievement.grade,
        achievement.language,
        achievement.status.value,
        achievement.submission_type.value,
        history,
        achievement.late,
        achievement.revision,
    )


def achievement_of(item: Mapping[str, Any]) -> Achievement:
    """The achievement in an item as DynamoDB's JSON has it; raises UnknownKey for an item of another kind."""
    history = item["history"]["S"]
    if history.startswith(_COMPRESSED):
        history = zlib.decompress(b85decode(history[1:])).decode()
    return Achievement(
        key=keys.achievement_of(item["pk"]["S"], item["sk"]["S"]),
        owner=item["owner"]["S"],
        given_name=item["given_name"]["S"],
        family_name=item["family_name"]["S"],
        provider_ukprn=item["provider_ukprn"]["S"],
        grade=item["grade"]["S"],
        language=item["language"]["S"],
        status=_STATUSES[item["status"]["S"]],
        submission_type=_TYPES[item["submission_type"]["S"]],
        late=item["late"]["BOOL"],
        revision=int(item["revision"]["N"]),
        history=tuple(_version(packed) for packed in json.loads(history)),
    )


def _packed(version: Version) -> list[Any]:
    provenance, *values, results = version
    return [*provenance, *values, [_packed_result(result) for result in results]]


def _packed_result(result: RecordResult) -> list[Any]:
    """A tuple of text and numbers is a list in JSON. No learner is returned with an achievement."""
    number, outcome, return_code, master_uln, failures = result[:5]
    if not failures:
        return [number, outcome, return_code, master_uln] if master_uln else [number, outcome, return_code]
    return [number, outcome, return_code, master_uln, failures]


def _version(packed: list[Any]) -> Version:
    at, organisation, user, channel, job, chunk, *values, results = packed
    actions, action_date, reason, status, kind, provider, grade, language = values
    return Version(
        Provenance(at, organisation, user, channel, job, chunk),
        actions,
        action_date,
        reason,
        _STATUSES[status],
        _TYPES[kind],
        provider,
        grade,
        language,
        tuple(_result(result) for result in results),
    )


def _result(packed: list[Any]) -> RecordResult:
    number, outcome, return_code = packed[:3]
    master_uln = packed[3] if len(packed) > 3 else ""
    failures = tuple(_failure(found) for found in packed[4]) if len(packed) > 4 else ()
    return RecordResult(number, _OUTCOMES[outcome], return_code, master_uln, failures)


def _failure(packed: list[Any]) -> Failure:
    code, field, detail, line, column = packed
    return Failure(code, field, tuple((name, value) for name, value in detail), line, column)
