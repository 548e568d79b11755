"""An achievement as an item, in both directions.

``history`` is one list of versions, each a list in the order of :class:`chalicelib.domain.achievements.Version` with
the provenance first, so that four ordinary versions fit into one write unit. A history with many answers, such as for a
file with thousands of records for one achievement, is compressed: an item may have 400 kB at most.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from pynamodb.attributes import BooleanAttribute, UnicodeAttribute

from chalicelib.domain.achievements import Achievement, Provenance, Status, SubmissionType, Version
from chalicelib.domain.packed import packed_result, result_from
from chalicelib.storage import keys
from chalicelib.storage.tables import VersionedItem
from chalicelib.storage.texts import JsonText, encode

LONG_HISTORY: Final = 4096
"""Length from which a history is compressed, in characters."""

_STATUSES: Final = {status.value: status for status in Status}
_TYPES: Final = {kind.value: kind for kind in SubmissionType}


class AchievementItem(VersionedItem):
    """An achievement, ``ULN#<uln>`` / ``ACH#<aim reference>#<award date>``: the key is the uniqueness rule (AO18 5.1).

    A single create is about half a kilobyte, so one write unit.
    """

    owner = UnicodeAttribute()
    given_name = UnicodeAttribute()
    family_name = UnicodeAttribute()
    provider_ukprn = UnicodeAttribute()
    grade = UnicodeAttribute()
    language = UnicodeAttribute()
    status = UnicodeAttribute()
    submission_type = UnicodeAttribute()
    history = JsonText(LONG_HISTORY)
    late = BooleanAttribute()


class Attributes(NamedTuple):
    """The attributes of an achievement's item in addition to its keys."""

    owner: str
    given_name: str
    family_name: str
    provider_ukprn: str
    grade: str
    language: str
    status: str
    submission_type: str
    history: list[Any]
    late: bool
    revision: int

    def parameters(self) -> list[dict[str, Any]]:
        """The values in DynamoDB's JSON: a batch writes thousands of items, and a model would cost three times this."""
        *texts, history, late, revision = self
        values: list[dict[str, Any]] = [{"S": text} for text in texts]
        return [*values, {"S": encode(history, LONG_HISTORY)}, {"BOOL": late}, {"N": str(revision)}]


def attributes(achievement: Achievement) -> Attributes:
    """The stored part of an achievement."""
    return Attributes(
        achievement.owner,
        achievement.given_name,
        achievement.family_name,
        achievement.provider_ukprn,
        achievement.grade,
        achievement.language,
        achievement.status.value,
        achievement.submission_type.value,
        [_packed(version) for version in achievement.history],
        achievement.late,
        achievement.revision,
    )


def achievement_item(achievement: Achievement) -> AchievementItem:
    """The item of an achievement."""
    return AchievementItem(*keys.achievement(achievement.key), **attributes(achievement)._asdict())


def achievement_of(item: AchievementItem) -> Achievement:
    """The achievement in an item. Raises UnknownKey."""
    return Achievement(
        key=keys.achievement_of(item.pk, item.sk),
        owner=item.owner,
        given_name=item.given_name,
        family_name=item.family_name,
        provider_ukprn=item.provider_ukprn,
        grade=item.grade,
        language=item.language,
        status=_STATUSES[item.status],
        submission_type=_TYPES[item.submission_type],
        late=item.late,
        revision=int(item.revision),
        history=tuple(_version(packed) for packed in item.history),
    )


def _packed(version: Version) -> list[Any]:
    provenance, *values, results = version
    return [*provenance, *values, [packed_result(result) for result in results]]


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
        tuple([result_from(result) for result in results]),
    )
