"""What the people who run the service watch: files near their deadline, messages that were given up (SLA-03)."""

from __future__ import annotations

from typing import Final

from chalicelib.domain.jobs import ACHIEVEMENTS, LEARNERS, VERIFICATIONS
from chalicelib.web.portal import statuses, table
from chalicelib.web.portal.parts import Paging
from chalicelib.web.portal.table import view
from chalicelib.web.portal.texts import marked as _
from chalicelib.web.portal.visits import Page, Visit

KINDS: Final = {
    ACHIEVEMENTS: _("Achievements"),
    LEARNERS: _("Learners"),
    VERIFICATIONS: _("Verifications"),
}
QUEUES: Final = {
    "intake": _("Files that have arrived, to be read"),
    "chunks": _("Parts of files, to be processed"),
    "finish": _("Files whose results are to be put together"),
    "notices": _("Emails to be sent"),
}


@view()
def show_deadlines(visit: Visit) -> Page:
    """Unfinished files by deadline, and messages that were tried too often."""
    work = visit.services.batch_deadlines
    found = work.unfinished()
    paging = Paging.at(visit.query.get("page", ""), len(found), f"{table.DEADLINES}?page=")
    on_page = found[paging.first - 1 : paging.last]
    files = [(one.job, statuses.shown(one.risk), statuses.shown(one.job.status)) for one in on_page]
    letters = [(QUEUES[one.queue], one.messages) for one in work.dead_letters()]
    context = {"files": files, "kinds": KINDS, "letters": letters, "as_at": visit.now, "paging": paging}
    return Page(template="operations/deadlines.html.jinja", context=context)


VIEWS: Final = (show_deadlines,)
