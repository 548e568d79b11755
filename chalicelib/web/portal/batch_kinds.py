"""The three kinds of batches as pages have them: paths, names, and the views of each (ACH-06, ULN-06, VLD-03)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from chalicelib.domain import jobs
from chalicelib.domain.access import is_allowed
from chalicelib.domain.callers import Channel
from chalicelib.domain.jobs import Counts, Job
from chalicelib.web.portal import table
from chalicelib.web.portal.texts import marked as _
from chalicelib.web.portal.visits import FORM_LIMIT, Result, View, Visit

if TYPE_CHECKING:
    from chalicelib.services.batches.kinds import BatchKind
    from chalicelib.services.batches.submit import BatchJobs


@dataclass(frozen=True)
class BatchSurface:
    """A kind of batch as pages have it."""

    name: str
    """The kind's, in object keys, turns and jobs."""
    word: str
    """In the names of its pages, for which ``{}`` stands: ``show_{}``."""
    title: str
    submit_title: str
    list_title: str

    @property
    def path(self) -> str:
        """Where its pages are."""
        return table.named(f"list_{self.word}es").path

    @property
    def kind(self) -> BatchKind:
        """What its files contain."""
        from chalicelib.services.batches.kinds import KINDS  # noqa: PLC0415 - a first page needs no format of files

        return KINDS[self.name]

    def job_path(self, job_id: str, *parts: str) -> str:
        """The address of a job, or of a part of it."""
        return "/".join((self.path, job_id, *parts))

    def jobs(self, visit: Visit) -> BatchJobs:
        """The jobs of the kind."""
        return visit.services.batch_submit.of_kind(self.name)

    def job(self, visit: Visit) -> Job:
        """The job in the address. Raises Refused if the organisation has no such job."""
        return self.jobs(visit).get(visit.caller, visit.names["job_id"])


LEARNERS: Final = BatchSurface(
    jobs.LEARNERS, "learner_batch", _("Learner batch"), _("Submit Batch Job"), _("View Batch Job")
)
VERIFICATIONS: Final = BatchSurface(
    jobs.VERIFICATIONS,
    "verification_batch",
    _("Verification batch"),
    _("Submit Batch Job"),
    _("View Batch Job"),
)
ACHIEVEMENTS: Final = BatchSurface(
    jobs.ACHIEVEMENTS,
    "achievement_batch",
    _("Achievement batch"),
    _("Submit Achievement Batch"),
    _("View Achievement Batch"),
)
SURFACES: Final = (LEARNERS, VERIFICATIONS, ACHIEVEMENTS)

CHANNEL_WORDS: Final = {
    Channel.PORTAL.value: _("Portal"),
    Channel.WEBSERVICE.value: _("Web service"),
    Channel.BUCKET.value: _("File drop"),
}
_COUNTED: Final = {
    "created": _("Created"),
    "updated": _("Updated"),
    "withdrawn": _("Withdrawn"),
    "reinstated": _("Reinstated"),
    "promoted": _("Made final"),
    "unchanged": _("Unchanged"),
    "found": _("Found as submitted"),
    "possible": _("Possible matches"),
    "not_found": _("Not found"),
    "refused": _("Refused"),
    "not_processed": _("Not processed because of a fault on our side"),
    "cancelled": _("Not processed because the job was cancelled"),
}


def counted(counts: Counts) -> list[tuple[str, int]]:
    """The outcomes of records with their numbers, without those that no record has."""
    return [(words, number) for name, words in _COUNTED.items() if (number := getattr(counts, name))]


def own_jobs(visit: Visit) -> list[tuple[BatchSurface, Job]]:
    """The newest jobs that this person sent, of the kinds whose lists they may see."""
    held = visit.person.capabilities
    seen = {one.name: one for one in SURFACES if is_allowed(held, table.named(f"list_{one.word}es").capability)}
    found = visit.services.newest_jobs.of_person(visit.caller.ukprn, visit.person.user_name, seen)
    return [(seen[job.kind], job) for job in found]


def of_every_kind(name: str, show: Callable[..., Result], **options: Any) -> Iterator[View]:
    """A view for every kind, whose name in the table has the kind's word in place of ``{}``."""
    for surface in SURFACES:
        found = partial(show, surface=surface)
        yield View(table.named(name.format(surface.word)), found, **({"limit": FORM_LIMIT} | options))
