"""Keys of every item in every table, in both directions.

A key is a template of fixed words and values joined by ``#``. Values never contain ``#`` (numbers, UKPRNs, aim
references, hexadecimal digests), so no two inputs share a key; any other value is refused with ValueError before it can
be written. A digest is used if the value itself would identify a person.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from chalicelib.domain.uln import Uln

if TYPE_CHECKING:
    from chalicelib.domain.achievements import Key

SEPARATOR: Final = "#"
_ULN: Final = "ULN#"
ACHIEVEMENT: Final = "ACH"
HISTORY: Final = "HISTORY"
_ACHIEVEMENT: Final = "ACH#"
LEARNER: Final = "LEARNER"
JOB: Final = "JOB"
TURN: Final = "TURN"
CONTENT: Final = "CONTENT"
FIX: Final = "FIX"
CATALOGUE: Final = "CATALOGUE"
CURRENT: Final = "CURRENT"
ORGANISATION: Final = "ORG"
ORGANISATIONS: Final = "ORGS"
DEVELOPERS: Final = "DEVELOPERS"
CREDENTIAL: Final = "CREDENTIAL"
USER: Final = "USER"
USERS: Final = "USERS"
USER_NAME: Final = "USERNAME"
SESSION: Final = "SESSION"
OUTAGE: Final = "OUTAGE"
MAINTENANCE: Final = "MAINTENANCE"
RECOVERY: Final = "RECOVERY"
TIMELINESS: Final = "TIMELINESS"
SCHEDULE: Final = "SCHEDULE"
OVER: Final = "OVER"
AFTER_ALL: Final = "~"
"""Sorts after every id and time."""
PACE: Final = "PACE"
RAISED: Final = "RAISED"
REFUSED: Final = "REFUSED"
ANSWER: Final = "ANSWER"
FORM: Final = "FORM"
CHUNK: Final = "CHUNK"
CHALLENGE: Final = "CHALLENGE"
AVAILABILITY: Final = "AVAILABILITY"
EVENT: Final = "EVT"
HOLDER: Final = "HOLDER"
SUBMISSIONS: Final = "DAY"
LOCK: Final = "LOCK"
BLOCK: Final = "BLOCK"
PENDING: Final = "PENDING"
WAITING: Final = "WAITING"
HOURS: Final = "HOURS"
MONTHS: Final = "MONTHS"
REPORTS: Final = "REPORTS"
COUNTED: Final = "COUNTED"

_SHA256: Final = re.compile(r"[0-9a-f]{64}")


Under = tuple[str, str, str]
"""A search key, as in :class:`chalicelib.domain.search.SearchKey`: kind, value, sound."""


class ItemKey(NamedTuple):
    """The primary key of one item."""

    pk: str
    sk: str


class UnknownKey(ValueError):
    """A key that does not fit any of our templates. The exception contains no part of it, since keys identify
    learners.
    """


# --- register --------------------------------------------------------------------------------------------------------


def learner(uln: str) -> ItemKey:
    """The item of a learner."""
    return ItemKey(_ULN + uln, LEARNER)


def achievement(key: Key) -> ItemKey:
    """The item of an achievement: its key is its uniqueness rule (AO18 5.1)."""
    uln, aim, awarded = key
    if SEPARATOR in uln or SEPARATOR in aim:
        raise ValueError("a value of the key contains the separator")
    return ItemKey(f"{_ULN}{uln}", f"{_ACHIEVEMENT}{aim}#{awarded.isoformat()}")


def achievements_of(uln: str) -> tuple[str, str, str]:
    """The partition of a learner's achievements, and the first and last sort key that one of them can have."""
    return _ULN + uln, _ACHIEVEMENT, f"{_ACHIEVEMENT}~"


def earlier_versions(key: Key) -> str:
    """The partition of an achievement's versions that its own item no longer has: a look at a learner's record does not
    read them.
    """
    uln, aim, awarded = key
    return _joined(HISTORY, uln, aim, awarded.isoformat())


def version_page(key: Key, last: int) -> ItemKey:
    """The item of some versions one after another, by the number of the last."""
    return ItemKey(earlier_versions(key), f"{last:010}")


def version_page_of(sk: str) -> int:
    """The number of the last version in the item; raises :class:`UnknownKey`."""
    if not sk.isdecimal():
        raise UnknownKey
    return int(sk)


def uln_of(pk: str) -> Uln:
    """The ULN of an item of the register; raises :class:`UnknownKey`."""
    if not pk.startswith(_ULN):
        raise UnknownKey
    return Uln(pk[4:])


def achievement_of(pk: str, sk: str) -> Key:
    """The achievement in an item of the register; raises :class:`UnknownKey`."""
    from chalicelib.domain.achievements import Key  # noqa: PLC0415 - most tables hold none
    from chalicelib.domain.aims import AimReference  # noqa: PLC0415

    kind, _, rest = sk.partition(SEPARATOR)
    aim, _, awarded = rest.partition(SEPARATOR)
    if kind != "ACH":
        raise UnknownKey
    try:
        return Key(uln_of(pk), AimReference(aim), date.fromisoformat(awarded))
    except ValueError as fault:
        raise UnknownKey from fault


def event(uln: str, source: str, event_id: str) -> ItemKey:
    """The item of an event from school data or a funding return."""
    return ItemKey(_joined("ULN", uln), _joined(EVENT, source, event_id))


def event_of(pk: str, sk: str) -> tuple[str, str, str]:
    """ULN, source and id within it; raises :class:`UnknownKey`."""
    source, event_id = _parts(sk, EVENT, 2)
    return uln_of(pk), source, event_id


def availability(uln: str) -> ItemKey:
    """The item of a record's availability."""
    return ItemKey(_joined("ULN", uln), AVAILABILITY)


def availability_change(uln: str, number: int) -> ItemKey:
    """An earlier change of it, in a partition that a look at the learner's record does not read."""
    return ItemKey(_joined(AVAILABILITY, uln), f"{number:06}")


def challenge_mark(uln: str, reference: str) -> ItemKey:
    """The mark of a challenge on the learner's own record."""
    return ItemKey(_joined("ULN", uln), _joined(CHALLENGE, reference))


def challenge_mark_of(pk: str, sk: str) -> tuple[str, str]:
    """ULN and reference; raises :class:`UnknownKey`."""
    return uln_of(pk), _parts(sk, CHALLENGE, 1)[0]


# --- index of people -------------------------------------------------------------------------------------------------


def entries(key: Under) -> str:
    """The partition of everyone under a search key."""
    if not all(key):
        raise ValueError("a value of the key is empty")
    return _joined(*key)


def entry(key: Under, uln: str) -> ItemKey:
    """A learner's entry under a search key."""
    return ItemKey(entries(key), _joined(uln))


def block(kind: str, value: str) -> ItemKey:
    """The item that counts the registrations of a block: a birthday or a postcode."""
    if not (kind and value):
        raise ValueError("a value of the key is empty")
    return ItemKey(_joined(kind, value), BLOCK)


def block_of(pk: str) -> tuple[str, str]:
    """Kind and value of a block; raises :class:`UnknownKey`."""
    parts = pk.split(SEPARATOR)
    if len(parts) != 2:
        raise UnknownKey
    return parts[0], parts[1]


def entry_of(pk: str, sk: str) -> tuple[Under, str]:
    """The search key and the ULN; raises :class:`UnknownKey`."""
    parts = pk.split(SEPARATOR)
    if len(parts) != 3 or not sk:
        raise UnknownKey
    kind, value, sound = parts
    return (kind, value, sound), sk


def identity_lock(digest: str) -> ItemKey:
    """The lock that allows only one learner with the same mandatory details, by the digest of the details in
    hexadecimal.
    """
    return ItemKey(_joined("SAME", _digest(digest)), LOCK)


def event_holder(source: str, event_id: str) -> ItemKey:
    """The item that says under which ULN an event is held."""
    return ItemKey(_joined(EVENT, source, event_id), HOLDER)


def event_holder_of(pk: str) -> tuple[str, str]:
    """Source and id of the event; raises :class:`UnknownKey`."""
    source, event_id = _parts(pk, EVENT, 2)
    return source, event_id


# --- casework --------------------------------------------------------------------------------------------------------


def challenge(reference: str) -> ItemKey:
    """The item of a challenge."""
    return ItemKey(_joined(CHALLENGE, reference), CHALLENGE)


def challenge_of(pk: str) -> str:
    """The reference; raises :class:`UnknownKey`."""
    return _parts(pk, CHALLENGE, 1)[0]


def raised(sha256: str) -> ItemKey:
    """The challenge that an organisation raised last with the same problem, by the digest of that."""
    return ItemKey(_joined(RAISED, _digest(sha256)), RAISED)


def challenge_queue(assigned_to: str) -> str:
    """The partition of the index by queue: an awarding organisation's challenges, or the service desk's."""
    return _joined(CHALLENGE, assigned_to or "desk")


def pending(pending_id: str) -> ItemKey:
    """The item of a pending match."""
    return ItemKey(_joined(PENDING, pending_id), PENDING)


def pending_of(pk: str) -> str:
    """The id of the pending match; raises :class:`UnknownKey`."""
    return _parts(pk, PENDING, 1)[0]


def waiting(ukprn: str, digest: str) -> ItemKey:
    """The item that allows an organisation only one pending match with the same mandatory details."""
    return ItemKey(_joined(WAITING, ukprn, _digest(digest)), WAITING)


def pending_queue(ukprn: str) -> str:
    """The partition of the index by queue: an organisation's waiting pending matches."""
    return _joined(PENDING, ukprn)


# --- jobs ------------------------------------------------------------------------------------------------------------


def job(job_id: str) -> ItemKey:
    """The item of a batch job."""
    return ItemKey(_joined(JOB, job_id), JOB)


def job_of(pk: str) -> str:
    """The job's id; raises :class:`UnknownKey`."""
    return _parts(pk, JOB, 1)[0]


def correction(job_id: str, number: int) -> ItemKey:
    """The item of a corrected record of a job; in the order of the file."""
    return ItemKey(_joined(JOB, job_id), _joined(FIX, f"{number:06d}"))


def correction_of(pk: str, sk: str) -> tuple[str, int]:
    """The job's id, and the number of the record; raises :class:`UnknownKey`."""
    return job_of(pk), int(_parts(sk, FIX, 1)[0])


def line(ukprn: str, kind: str) -> str:
    """The partition of the line of an organisation's files of one kind."""
    return _joined(TURN, ukprn, kind)


def place(ukprn: str, kind: str, submitted: str, job_id: str) -> ItemKey:
    """A file's place in the line, by the time of its submission (ISO 8601)."""
    return ItemKey(line(ukprn, kind), _joined(submitted, job_id))


def place_of(sk: str) -> tuple[str, str]:
    """Time of submission and job id; raises :class:`UnknownKey`."""
    submitted, separator, job_id = sk.partition(SEPARATOR)
    if not separator:
        raise UnknownKey
    return submitted, job_id


def content(ukprn: str, sha256: str) -> ItemKey:
    """The item that stores the first job with a content."""
    return ItemKey(_joined(CONTENT, ukprn, _digest(sha256)), CONTENT)


def organisation_jobs(ukprn: str, kind: str) -> str:
    """The partition of the index by organisation."""
    return _joined(ukprn, kind)


# --- submissions -----------------------------------------------------------------------------------------------------


def submissions_of_day(ukprn: str, day: date, shard: int) -> str:
    """One of the partitions of an organisation's submissions on a day."""
    return _joined(SUBMISSIONS, ukprn, day.isoformat(), str(shard))


def submissions(ukprn: str, day: date, shard: int, at: str, event_id: str) -> ItemKey:
    """A group of changes, by the time (ISO 8601) and the event of its first."""
    return ItemKey(submissions_of_day(ukprn, day, shard), _joined(at, event_id))


def submissions_began(sk: str) -> str:
    """The time of a group's first change; raises :class:`UnknownKey`."""
    at, separator, _ = sk.partition(SEPARATOR)
    if not separator:
        raise UnknownKey
    return at


# --- catalogue, accounts, audit, levels ------------------------------------------------------------------------------


def current_catalogue() -> ItemKey:
    """The pointer to the version of the catalogue in force."""
    return ItemKey(CATALOGUE, CURRENT)


def organisation(ukprn: str) -> ItemKey:
    """The item of an organisation."""
    return ItemKey(_joined(ORGANISATION, ukprn), ORGANISATION)


def listed_organisation(ukprn: str) -> ItemKey:
    """An organisation's entry in the list of all."""
    return ItemKey(ORGANISATIONS, ukprn)


def developer(developer_id: str) -> ItemKey:
    """A registered developer."""
    return ItemKey(DEVELOPERS, developer_id)


def organisation_of(pk: str) -> str:
    """The UKPRN; raises :class:`UnknownKey`."""
    return _parts(pk, ORGANISATION, 1)[0]


def credential(credential_id: str) -> ItemKey:
    """A credential, in its organisation's partition: one query finds all of an organisation, and one call reads
    both.
    """
    ukprn = credential_id.partition("-")[0]
    return ItemKey(_joined(ORGANISATION, ukprn), _joined(CREDENTIAL, credential_id))


def credential_of(sk: str) -> str:
    """The credential's id; raises :class:`UnknownKey`."""
    return _parts(sk, CREDENTIAL, 1)[0]


def users(ukprn: str) -> ItemKey:
    """What concerns all portal users of an organisation."""
    return ItemKey(_joined(ORGANISATION, ukprn), USERS)


def user(ukprn: str, user_id: str) -> ItemKey:
    """A portal user's account, in its organisation's partition."""
    return ItemKey(_joined(ORGANISATION, ukprn), _joined(USER, user_id))


def user_of(pk: str, sk: str) -> tuple[str, str]:
    """UKPRN and the account's id; raises :class:`UnknownKey`."""
    return organisation_of(pk), _parts(sk, USER, 1)[0]


def user_name(name: str) -> ItemKey:
    """The lock that gives a user name to one account for ever; ``name`` is of letters and digits."""
    return ItemKey(_joined(USER_NAME, name), LOCK)


# --- sessions --------------------------------------------------------------------------------------------------------


def pace(name: str) -> ItemKey:
    """The bucket of a caller's calls of one class."""
    return ItemKey(_joined(PACE, name), PACE)


def portal_session(sha256: str) -> ItemKey:
    """A session in the portal, by the digest of its ticket."""
    return ItemKey(_joined(SESSION, _digest(sha256)), SESSION)


def portal_session_of(pk: str) -> str:
    """The digest; raises :class:`UnknownKey`."""
    return _parts(pk, SESSION, 1)[0]


def refused_minute(minute: str) -> str:
    """The partition of a minute's refused calls; ``minute`` is its start in ISO 8601."""
    return _joined(REFUSED, minute)


def refused_calls(minute: str, source: str, credential_id: str) -> ItemKey:
    """The refused calls of a source in a minute; ``credential_id`` may be empty."""
    return ItemKey(refused_minute(minute), f"{source}{SEPARATOR}{credential_id}")


def refused_calls_of(sk: str) -> tuple[str, str]:
    """Source and credential; raises :class:`UnknownKey`."""
    source, separator, credential_id = sk.partition(SEPARATOR)
    if not separator:
        raise UnknownKey
    return source, credential_id


def answer(sha256: str) -> ItemKey:
    """The response to a request with an idempotency key, by the digest of the caller, the route and the key."""
    return ItemKey(_joined(ANSWER, _digest(sha256)), ANSWER)


def kept_form(sha256: str) -> ItemKey:
    """A form that waits for its sender, by the digest of its key."""
    return ItemKey(_joined(FORM, _digest(sha256)), FORM)


def ledger(job_id: str, chunk: int) -> str:
    """The partition of the ledger of a job's chunk."""
    return _joined(CHUNK, job_id, str(chunk))


def ledger_entry(job_id: str, chunk: int, place: int) -> ItemKey:
    """An entry in the ledger of a chunk; they sort by their place."""
    return ItemKey(ledger(job_id, chunk), f"{place:05d}")


def audit(subject: str, at: str, entry_id: str) -> ItemKey:
    """``at`` is a time in ISO 8601; ``subject`` is itself the key of an item, and may contain the separator."""
    if SEPARATOR in at or not subject:
        raise ValueError("a value of the key is empty or contains the separator")
    return ItemKey(subject, f"{at}#{entry_id}")


def audit_of(pk: str, sk: str) -> tuple[str, str, str]:
    """Subject, time and entry id; raises :class:`UnknownKey`."""
    at, separator, entry_id = sk.partition(SEPARATOR)
    if not separator:
        raise UnknownKey
    return pk, at, entry_id


def outage(start: datetime) -> ItemKey:
    """By the year in which it starts; ``start`` is aware, in UTC."""
    return ItemKey(outages_of_year(start.year), start.isoformat(timespec="microseconds"))


def timeliness(ukprn: str, day: date) -> ItemKey:
    """What an organisation submitted on a day."""
    return ItemKey(timeliness_of_month(f"{day:%Y-%m}"), _joined(ukprn, day.isoformat()))


def timeliness_of_month(month: str) -> str:
    """The partition of what all organisations submitted in a month."""
    return _joined(TIMELINESS, month)


def timeliness_counted() -> ItemKey:
    """How far the count of timeliness has come."""
    return ItemKey(COUNTED, TIMELINESS)


def day_of(sk: str) -> tuple[str, date]:
    """Organisation and day; raises :class:`UnknownKey`."""
    ukprn, _, day = sk.partition(SEPARATOR)
    try:
        return ukprn, date.fromisoformat(day)
    except ValueError as fault:
        raise UnknownKey from fault


def recoveries() -> ItemKey:
    """The one item of every recovery."""
    return ItemKey(RECOVERY, "ALL")


def schedule() -> ItemKey:
    """The one item of maintenance windows that are not over."""
    return ItemKey(MAINTENANCE, SCHEDULE)


def past_window(end: datetime, window_id: str) -> ItemKey:
    """A maintenance window that is over; ``end`` is aware, in UTC."""
    return ItemKey(MAINTENANCE, _joined(OVER, end.isoformat(timespec="microseconds"), window_id))


def windows_over_after(moment: datetime) -> tuple[str, str]:
    """Between which sort keys the windows are that ended after a moment; it is aware, in UTC."""
    return _joined(OVER, moment.isoformat(timespec="microseconds"), AFTER_ALL), _joined(OVER, AFTER_ALL)


def outages_of_year(year: int) -> str:
    """The partition of a year's outages."""
    return _joined(OUTAGE, f"{year:04d}")


def outage_of(sk: str) -> datetime:
    """When the outage began; raises :class:`UnknownKey`."""
    try:
        return datetime.fromisoformat(sk)
    except ValueError as fault:
        raise UnknownKey from fault


def hour(month: str, start: datetime) -> ItemKey:
    """What was counted in an hour, by the month in which it is in London; ``start`` is aware, in UTC."""
    return ItemKey(hours_of(month), start.isoformat(timespec="hours"))


def hours_of(month: str) -> str:
    """The partition of a month's hours; ``month`` is such as ``2026-11``."""
    return _joined(HOURS, month)


def hour_of(sk: str) -> datetime:
    """The start of the hour; raises :class:`UnknownKey`."""
    try:
        return datetime.fromisoformat(sk)
    except ValueError as fault:
        raise UnknownKey from fault


def month(month: str) -> ItemKey:
    """What was counted in a month."""
    return ItemKey(MONTHS, month)


def report(month: str) -> ItemKey:
    """The report of a month."""
    return ItemKey(REPORTS, month)


def counted() -> ItemKey:
    """The place from which counting continues."""
    return ItemKey(COUNTED, COUNTED)


def _joined(*parts: str) -> str:
    for part in parts:
        if SEPARATOR in part:
            raise ValueError("a value of the key contains the separator")
    return SEPARATOR.join(parts)


def _parts(pk: str, word: str, count: int) -> list[str]:
    first, *rest = pk.split(SEPARATOR)
    if first != word or len(rest) != count:
        raise UnknownKey
    return rest


def _digest(sha256: str) -> str:
    if not _SHA256.fullmatch(sha256):
        raise ValueError("not a SHA-256 in hexadecimal")
    return sha256
