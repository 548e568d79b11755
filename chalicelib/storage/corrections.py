"""Corrections of failed records, beside their jobs (ACH-07).

Values are learners' data: they are in the jobs table no longer than the job itself, and nothing else has them.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ClassVar, Final

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.expressions.update import Action

from chalicelib.aws import temporary_failures
from chalicelib.domain.corrections import Correction
from chalicelib.ports.errors import Conflict
from chalicelib.storage import keys
from chalicelib.storage.tables import Item, Models
from chalicelib.storage.texts import JsonText

NOWHERE: Final = "-"
"""The job of a correction that was not sent."""


class CorrectionItem(Item):
    """A corrected record, ``JOB#<id>`` / ``FIX#<number>``; ``sent_as`` is the job with which it was sent again."""

    body = JsonText()
    revision = NumberAttribute()
    sent_as = UnicodeAttribute(default=NOWHERE)
    place = NumberAttribute(default=0)
    ends = NumberAttribute()


class CorrectionTable:
    """The corrections of the jobs table."""

    MODELS: ClassVar[Models] = {"jobs": (CorrectionItem,)}

    def __init__(self, keep: timedelta) -> None:
        """``keep`` is how long a correction is kept after it was saved."""
        self._keep = keep

    def of_job(self, job_id: str) -> list[Correction]:
        """In the order of the file, strongly consistent."""
        pk, start = keys.correction(job_id, 0)
        with temporary_failures("corrections.of_job"):
            begins = CorrectionItem.sk.startswith(start.rstrip("0"))
            return [_correction(item) for item in CorrectionItem.query(pk, begins, consistent_read=True)]

    def get(self, job_id: str, number: int) -> Correction | None:
        """Strongly consistent."""
        item = CorrectionItem.find("corrections.get", keys.correction(job_id, number))
        return _correction(item) if item else None

    def save(self, correction: Correction) -> None:
        """Store the revision after the stored one, or the first. Raises Conflict if it is not that, or if the record
        has been sent.
        """
        item = _item(correction, self._keep)
        stored = CorrectionItem.revision == correction.revision - 1
        unsent = CorrectionItem.sent_as == NOWHERE
        condition = item.absent() if correction.revision == 1 else stored & unsent
        if not item.put("corrections.save", condition) and self.get(correction.job_id, correction.number) != correction:
            raise Conflict

    def mark_sent(self, correction: Correction, sent_as: str, place: int) -> bool:
        """Store that a correction is sent with a job, or with none; False if it has changed since it was read."""
        item, after = _item(correction, self._keep), sent_as or NOWHERE
        before = CorrectionItem.sent_as.is_in(correction.sent_as or NOWHERE, after)
        actions: list[Action] = [CorrectionItem.sent_as.set(after), CorrectionItem.place.set(place)]
        return item.change("corrections.mark_sent", actions, before & (CorrectionItem.revision == correction.revision))


def _item(correction: Correction, keep: timedelta) -> CorrectionItem:
    body = {
        "values": correction.values,
        "codes": correction.codes,
        "changed": correction.changed,
        "by": correction.by,
        "at": correction.at,
    }
    return CorrectionItem(
        *keys.correction(correction.job_id, correction.number),
        body=body,
        revision=correction.revision,
        sent_as=correction.sent_as or NOWHERE,
        place=correction.place,
        ends=int((correction.at + keep).timestamp()),
    )


def _correction(item: CorrectionItem) -> Correction:
    body: dict[str, Any] = item.body
    job_id, number = keys.correction_of(item.pk, item.sk)
    return Correction(
        job_id,
        number,
        tuple(body["values"]),
        tuple(body["codes"]),
        tuple((name, text) for name, text in body["changed"]),
        body["by"],
        datetime.fromisoformat(body["at"]),
        int(item.revision),
        "" if item.sent_as == NOWHERE else item.sent_as,
        int(item.place),
    )
