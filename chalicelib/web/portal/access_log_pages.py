"""Who looked at a record: the access log, and the same as a file (PLR-07)."""

from __future__ import annotations

from datetime import datetime
from typing import Final, NamedTuple
from urllib.parse import urlencode

from chalicelib.domain.refusals import Refused
from chalicelib.formats.batch.csv_files import csv_bytes, guard
from chalicelib.formats.words.look_wording import look_sentence
from chalicelib.services.records import LOG_PAGE, NOT_VERIFIED, LogAnswer, LogEntry
from chalicelib.web.portal.record_pages import details_of, not_verified, record_path
from chalicelib.web.portal.table import view
from chalicelib.web.portal.visits import File, Page, Visit

MOST_IN_A_FILE: Final = 1_000
"""Entries of a file, the newest."""
_HEADS: Final = ("When", "What", "Organisation", "UKPRN", "User")


class Looked(NamedTuple):
    """An entry for people."""

    at: datetime
    what: str
    organisation: str
    ukprn: str
    user: str


@view()
def show_access_log(visit: Visit) -> Page:
    """A page of the log, newest first."""
    answer = _log(visit, visit.query.get("cursor", ""), LOG_PAGE)
    path = f"/learners/{visit.names['uln']}/access-log"
    context = {
        "uln": visit.names["uln"],
        "entries": [_looked(entry) for entry in answer.entries],
        "is_first": not visit.query.get("cursor"),
        "path": path,
        "following": f"{path}?{urlencode({'cursor': answer.cursor})}" if answer.cursor else "",
        "most": MOST_IN_A_FILE,
        "back": record_path(visit.names["uln"]),
    }
    return Page(template="record/access-log.html.jinja", context=context)


@view()
def save_access_log(visit: Visit) -> File:
    """The newest entries as CSV."""
    entries = map(_looked, _log(visit, "", MOST_IN_A_FILE).entries)
    rows = [(one.at.isoformat(), one.what, one.organisation, one.ukprn, one.user) for one in entries]
    content = csv_bytes([_HEADS, *(tuple(map(guard, row)) for row in rows)])
    return File(content=content.decode(), name=f"access-log-{visit.names['uln']}.csv", media_type="text/csv")


def _log(visit: Visit, cursor: str, limit: int) -> LogAnswer:
    details = details_of(visit)
    try:
        return visit.services.personal_records.access_log(visit.caller, details, cursor, limit)
    except Refused as refused:
        if any(reason.code == NOT_VERIFIED for reason in refused.failures):
            raise not_verified(details) from None
        raise


def _looked(entry: LogEntry) -> Looked:
    return Looked(
        datetime.fromisoformat(entry.date_time),
        look_sentence(entry.action, entry.outcome),
        entry.organisation or entry.organisation_ukprn,
        entry.organisation_ukprn,
        entry.user,
    )


VIEWS: Final = (show_access_log, save_access_log)
