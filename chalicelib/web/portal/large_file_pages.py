"""Files that are too large to pass through the portal: browsers send them to the bucket with a form (ACH-06).

It is a plain form, so it works without JavaScript. Only the page that has it may send forms to the bucket.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from chalicelib.domain.refusals import Refused
from chalicelib.services.batches.submit import ENCODING
from chalicelib.web.portal import table
from chalicelib.web.portal.batch_kinds import ACHIEVEMENTS
from chalicelib.web.portal.table import view
from chalicelib.web.portal.texts import marked as _
from chalicelib.web.portal.visits import Page, Result, SeeOther, Visit


@view()
def expect_large_achievement_batch(visit: Visit) -> Result:
    """Make a job that waits for its file."""
    encoding = visit.text(ENCODING.name)
    job = visit.services.sent_files.expect(visit.caller, ACHIEVEMENTS.name, visit.form_id, encoding)
    return SeeOther(path=f"{table.LARGE}/{job.job_id}")


@view()
def show_large_achievement_batch(visit: Visit) -> Result:
    """The form for the file."""
    own = visit.names["job_id"]
    back = f"{visit.services.settings.portal_url}{table.LARGE}/{own}/sent"
    try:
        begun = visit.services.sent_files.form(visit.caller, ACHIEVEMENTS.name, own, back)
    except Refused as refused:
        if refused.codes != "LRS-REQ-10":
            raise
        return SeeOther(path=ACHIEVEMENTS.job_path(own))
    address = urlsplit(begun.form.url)
    context = {
        "form": begun.form,
        "minutes": begun.expires_in // 60,
        "limit": ACHIEVEMENTS.kind.max_bytes,
        "cancel": ACHIEVEMENTS.job_path(own, "cancel"),
        "back": f"{ACHIEVEMENTS.path}/new",
    }
    origin = f"{address.scheme}://{address.netloc}"
    return Page(template="batches/large.html.jinja", context=context, upload_origin=origin)


@view()
def show_large_achievement_batch_sent(visit: Visit) -> SeeOther:
    """On to the job: the address to which the bucket leads has the name of the file, which is for nobody else."""
    job = ACHIEVEMENTS.jobs(visit).get(visit.caller, visit.names["job_id"])
    message = _("Your file was sent. We start on it when it has been scanned.")
    return SeeOther(path=ACHIEVEMENTS.job_path(job.job_id), message=message)


VIEWS: Final = (expect_large_achievement_batch, show_large_achievement_batch, show_large_achievement_batch_sent)
