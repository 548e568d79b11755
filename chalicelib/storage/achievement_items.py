"""An achievement as an item, in both directions.

``history`` is one list of versions, each a list in the order of :class:`chalicelib.domain.achievements.Version` with
the provenance first, so that four ordinary versions fit into one write unit. When another does not fit, the others move
to an item of their own, a page: an achievement with a thousand versions costs as much to change as one with four. A
version with many answers, such as for a file with thousands of records for one achievement, is compressed: an item may
have 400 kB at most.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from pynamodb.attributes import BooleanAttribute, UnicodeAttribute

from chalicelib.domain.achievements import Achievement, Provenance, Status, Version
from chalicelib.domain.codes import SubmissionType
from chalicelib.domain.packed import packed_result, result_from
from chalicelib.domain.records import HeldAchievement
from chalicelib.storage import keys
from chalicelib.storage.tables import Item, VersionedItem
from chalicelib.storage.texts import JsonText, decode, encode

LONG_HISTORY: Final = 4096
"""Length from which a history is compressed, in characters."""

KEPT_HISTORY: Final = 750
"""Length up to which an achievement keeps its versions, in characters: with it, an item is below one write unit."""

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
    loaded_at = UnicodeAttribute()


class VersionPageItem(Item):
    """Earlier versions of an achievement, ``HISTORY#<uln>#<aim reference>#<award date>`` / ``<number of the last>``.

    Once written, a page is never changed: its versions were those of the achievement when the last of them was new.
    """

    versions = JsonText(LONG_HISTORY)


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
    loaded_at: str
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
        achievement.loaded_at,
        [_packed(version) for version in achievement.history],
        achievement.late,
        achievement.revision,
    )


def achievement_item(achievement: Achievement) -> AchievementItem:
    """The item of an achievement."""
    return AchievementItem(*keys.achievement(achievement.key), **attributes(achievement)._asdict())


def apart(achievement: Achievement) -> tuple[Achievement, VersionPageItem | None]:
    """The achievement with the versions that its item keeps, and the page of those that must move, if there are any.

    Either all versions stay, or all move except the newest. The page has only stored versions, and its key follows from
    them: it may be written before the achievement, by anyone who wants to change it, and more than once.
    """
    *others, newest = achievement.history
    if not others:
        return achievement, None
    packed = [_packed(version) for version in achievement.history]
    if len(encode(packed)) <= KEPT_HISTORY:
        return achievement, None
    page = VersionPageItem(*keys.version_page(achievement.key, achievement.revision - 1), versions=packed[:-1])
    return achievement._replace(history=(newest,)), page


def numbered_versions(page: VersionPageItem) -> list[tuple[int, Version]]:
    """The versions of a page with their numbers, oldest first. Raises UnknownKey."""
    first = keys.version_page_of(page.sk) - len(page.versions) + 1
    return [(number, _version(packed)) for number, packed in enumerate(page.versions, first)]


def achievement_of(item: AchievementItem) -> Achievement:
    """The achievement in an item. Raises UnknownKey."""
    held = item.attribute_values  # not the attributes themselves: a record reads every one of very many
    return Achievement(
        key=keys.achievement_of(item.pk, item.sk),
        owner=held["owner"],
        given_name=held["given_name"],
        family_name=held["family_name"],
        provider_ukprn=held["provider_ukprn"],
        grade=held["grade"],
        language=held["language"],
        status=_STATUSES[held["status"]],
        submission_type=_TYPES[held["submission_type"]],
        late=held["late"],
        loaded_at=held["loaded_at"],
        revision=int(held["revision"]),
        history=tuple(_version(packed) for packed in held["history"]),
    )


class Latest(NamedTuple):
    """An achievement's newest version as its item has it, without the answers and the details of the state."""

    revision: int
    late: bool
    """Whether one of its records was late (ACH-10)."""
    provenance: Provenance
    actions: str
    action_date: str
    reason: str
    status: Status
    submission_type: SubmissionType


def held_in(image: Mapping[str, Any]) -> HeldAchievement:
    """What a record shows of the achievement in an item in DynamoDB's JSON: nothing else is made of the very many.

    Raises KeyError where the item lacks an attribute, and UnknownKey.
    """
    return HeldAchievement(
        keys.achievement_of(image["pk"]["S"], image["sk"]["S"]),
        image["owner"]["S"],
        image["provider_ukprn"]["S"],
        image["grade"]["S"],
        image["language"]["S"],
        _STATUSES[image["status"]["S"]],
        _TYPES[image["submission_type"]["S"]],
        image["loaded_at"]["S"],
        decode(image["history"]["S"])[-1][0],
        int(image["revision"]["N"]),
    )


_REQUIRED: Final = frozenset(Attributes._fields)
_WITHOUT_NOTICE: Final = 4
"""Length of a packed result without failures and notices."""


def latest_of(image: Mapping[str, Any]) -> Latest:
    """The newest version in an item in DynamoDB's JSON: the stream has thousands, so nothing else is made.

    Raises KeyError where the item lacks an attribute that every achievement has.
    """
    if not image.keys() >= _REQUIRED:
        raise KeyError(*sorted(_REQUIRED - image.keys()))
    newest = decode(image["history"]["S"])[-1]
    noticed = [result for result in newest[-1] if len(result) > _WITHOUT_NOTICE]
    return Latest(
        int(image["revision"]["N"]),
        any(result_from(result).is_late for result in noticed) if noticed else False,
        Provenance(*newest[:6]),
        newest[6],
        newest[7],
        newest[8],
        _STATUSES[newest[9]],
        _TYPES[newest[10]],
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
