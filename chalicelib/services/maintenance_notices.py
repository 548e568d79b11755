"""Emails to organisations about maintenance in core hours (SLA-05, AO18 2.2). They contain no learner data.

Of each organisation the recipient by IDM-13 gets it.
"""

from __future__ import annotations

from typing import Final

from chalicelib.domain.maintenance import Window, WindowKind
from chalicelib.domain.working_time import uk_time_with_weekday
from chalicelib.formats.words.mails import STATUS, Letter, Link
from chalicelib.ports.accounts import AllAccounts
from chalicelib.ports.errors import MailRefused
from chalicelib.ports.levels import Schedules
from chalicelib.ports.messages import Queues
from chalicelib.services.organisation_mail import OrganisationMail, Recipient
from chalicelib.services.post import Post

QUEUE: Final = "notices"
_SUBJECTS: Final = {
    WindowKind.PLANNED: "Planned maintenance",
    WindowKind.AGREED: "Planned maintenance",
    WindowKind.EMERGENCY: "Emergency maintenance",
}
_EXTENDED: Final = "The ten working days for submitting awards are extended by at least this time."


class MaintenanceNotices:
    """Announces a window: one message for each page of organisations, then one for each organisation.

    A message that is delivered twice can send an email twice.
    """

    def __init__(
        self,
        schedules: Schedules,
        accounts: AllAccounts,
        queues: Queues,
        organisations: OrganisationMail,
        post: Post,
    ) -> None:
        self._schedules = schedules
        self._accounts = accounts
        self._queues = queues
        self._organisations = organisations
        self._post = post

    def find_organisations(self, window_id: str, after: str = "") -> None:
        """Have an email sent to every organisation of a page, and the next page looked at."""
        organisations, last = self._accounts.page(after)
        told = [one.ukprn for one in organisations if one.status == "active"]
        messages: list[dict[str, object]] = [{"maintenance": window_id, "organisation": ukprn} for ukprn in told]
        if last:
            messages.append({"maintenance": window_id, "after": last})
        self._queues.send(QUEUE, messages)

    def run(self, window_id: str, ukprn: str) -> bool:
        """Send an organisation the email about a window, as it is now; False if it cannot be sent."""
        window = self._schedules.read().window(window_id)
        recipient = self._organisations.recipient(ukprn)
        if window is None or recipient is None:
            return False
        try:
            self._post.send(recipient.address, compose(window, recipient))
        except MailRefused:
            return False
        return True


def compose(window: Window, to: Recipient) -> Letter:
    """The email about a window."""
    start, end = map(uk_time_with_weekday, window.period)
    happened = [
        "This maintenance of the learning records service is cancelled:"
        if window.is_cancelled
        else "The learning records service is not available because of maintenance:",
        "",
        f"From: {start}",
        f"Until: {end}",
        f"What is done: {window.reason}",
        *([f"Agreed with: {window.agreed_with}"] if window.agreed_with else []),
        *(["", _EXTENDED] if window.is_unavailability else []),
    ]
    subject = f"{_SUBJECTS[window.kind]}{' cancelled' if window.is_cancelled else ''}: {start}"
    return to.letter(subject, happened, Link("Status and planned maintenance", STATUS))
