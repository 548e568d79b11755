"""Work that is stuck, for administrators: jobs near their deadline, messages that were given up (SLA-03).

A form that comes again changes nothing: the job has been ended, or no message is left to send.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from chalicelib.domain.failures import Failure
from chalicelib.domain.refusals import RefusalKind, Refused
from chalicelib.web.portal import statuses, table
from chalicelib.web.portal.desk_fields import WHY
from chalicelib.web.portal.operation_pages import KINDS, QUEUES
from chalicelib.web.portal.parts import Paging
from chalicelib.web.portal.table import view
from chalicelib.web.portal.texts import marked as _
from chalicelib.web.portal.visits import Entered, Page, Result, SeeOther, Visit


@view()
def show_stuck_jobs(visit: Visit) -> Page:
    """Unfinished files by deadline, and messages that were given up, each with what can be done."""
    found = visit.services.batch_deadlines.unfinished()
    paging = Paging.at(visit.query.get("page", ""), len(found), f"{table.STUCK}?page=")
    files = [(one.job, statuses.shown(one.risk)) for one in found[paging.first - 1 : paging.last]]
    letters = visit.services.stuck_work.given_up()
    context = {"files": files, "paging": paging, "kinds": KINDS, "letters": letters, "words": QUEUES}
    return Page(template="admin/jobs.html.jinja", context=context)


@view()
def show_job_end(visit: Visit) -> Result:
    """What ending a job does."""
    try:
        return _end(visit, {})
    except Refused as refused:
        return _too_late(refused)


@view()
def submit_job_end(visit: Visit) -> Result:
    """End it, for a reason."""
    job_id = visit.names["job_id"]
    try:
        visit.services.stuck_work.end(visit.caller, job_id, WHY.texts(visit.entered))
    except Refused as refused:
        if refused.kind is RefusalKind.INVALID:
            return _end(visit, visit.entered, refused.failures)
        return _too_late(refused)
    return SeeOther(path=table.STUCK, message=_("The job will end within five minutes."))


def _end(visit: Visit, entered: Entered, failures: Sequence[Failure] = ()) -> Page:
    job = visit.services.stuck_work.job(visit.names["job_id"])
    return WHY.page("admin/job-end.html.jinja", entered, failures, job=job, kinds=KINDS, back=table.STUCK)


def _too_late(refused: Refused) -> SeeOther:
    if refused.kind is not RefusalKind.NOT_NOW:
        raise refused
    return SeeOther(path=table.STUCK, message=_("The job had already ended."))


@view()
def show_messages_again(visit: Visit) -> Page:
    """What sending messages again does."""
    found = visit.services.stuck_work.of_queue(visit.names["queue"])
    context = {"found": found, "words": QUEUES[found.queue], "back": table.STUCK}
    return Page(template="admin/messages.html.jinja", context=context)


@view()
def submit_messages_again(visit: Visit) -> Result:
    """Send them."""
    sent = visit.services.stuck_work.send_again(visit.caller, visit.names["queue"])
    done, none = _("The messages were sent again."), _("There was no message to send again.")
    return SeeOther(path=table.STUCK, message=done if sent else none)


VIEWS: Final = (show_stuck_jobs, show_job_end, submit_job_end, show_messages_again, submit_messages_again)
