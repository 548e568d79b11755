"""What the templates of learners are given: the details for people, learners found, and what one can do with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from chalicelib.domain.access import is_allowed
from chalicelib.domain.comparisons import Compared
from chalicelib.domain.learners import LearnerDetails
from chalicelib.domain.portal_sessions import Session
from chalicelib.formats.words.texts import shaped, within
from chalicelib.services.disclosure import Disclosed
from chalicelib.web.portal import table
from chalicelib.web.portal.comparing import ComparedRow, rows_of, value_of
from chalicelib.web.portal.learner_fields import SECTIONS, field_of, label
from chalicelib.web.portal.parts import Link, Row
from chalicelib.web.portal.texts import marked as _

_ACTIONS: Final[Mapping[str, str]] = {
    "show_record": _("View the Personal Learning Record"),
    "show_edit": _("Update the details"),
    "show_report_problem": _("Report a ULN problem"),
    "show_link": _("Link or unlink ULNs"),
}
"""What one can do from a learner's page, by the name of the page for it."""


class FoundLearner(NamedTuple):
    """A learner found, with how they compare with what was searched for or submitted."""

    uln: str
    name: str
    is_master: bool
    """Whether it is the master of the learner who was found."""
    rows: list[ComparedRow]


def learner_path(uln: str, page: str = "") -> str:
    """A learner's page, or one below it."""
    return f"{table.LEARNERS}/{uln}{page}"


def exception_path(pending_id: str) -> str:
    """The page of a registration that waits for a decision."""
    return f"{table.EXCEPTIONS}/{pending_id}"


def name_of(details: LearnerDetails) -> str:
    """Given and family name."""
    return f"{details.given_name} {details.family_name}"


def found_learner(found: Disclosed, compared: Iterable[Compared]) -> FoundLearner:
    """A learner found, for the page."""
    learner = found.learner
    return FoundLearner(learner.uln, name_of(learner.details), found.master_substituted, rows_of(compared))


def sections_of(details: Mapping[str, object], change: str = "") -> list[tuple[str, list[Row]]]:
    """The details that there are, under the titles of their sections; ``change`` is the page to change them on."""
    found = []
    for section in SECTIONS:
        rows = [
            Row(
                label(field_of(name)),
                value_of(field_of(name), value),  # type: ignore[arg-type] # texts and days
                (Link(_("Change"), f"{change}#{_anchor(name)}", shaped(label(field_of(name)), within)),)
                if change
                else (),
            )
            for name in section.names
            if (value := details.get(name))
        ]
        if rows:
            found.append((section.title, rows))
    return found


def actions_of(session: Session, uln: str) -> list[Link]:
    """What this person can do with the learner."""
    pages = ((table.named(name), text) for name, text in _ACTIONS.items())
    return [
        Link(text, page.path.replace("{uln}", uln))
        for page, text in pages
        if is_allowed(session.capabilities, page.capability)
    ]


def _anchor(name: str) -> str:
    return f"{name}-day" if name.startswith("date_") else name
