"""The menu: tabs with their options, each shown to those who may see its page (AO18 Appendix A)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from chalicelib.domain.access import Capability, Role, capabilities_of, is_allowed
from chalicelib.domain.accounts import Stage
from chalicelib.domain.portal_sessions import Session
from chalicelib.web.portal import table
from chalicelib.web.portal.parts import Link
from chalicelib.web.portal.rendering import Menu, MenuEntry
from chalicelib.web.portal.texts import marked as _
from chalicelib.web.portal.visits import Entry


class Option(NamedTuple):
    """A page of a tab."""

    text: str
    page: str
    """The name of its entry in the table."""
    within: Capability | None = None
    """Of those who may see the page, it is shown to the ones with this capability,"""
    without: Capability | None = None
    """or to the ones without this."""
    families: frozenset[str] = frozenset()
    """Modules whose pages are of it although their paths lie below another page's."""

    def is_shown_to(self, held: Iterable[str]) -> bool:
        """Whether it is in the menu of somebody with these capabilities."""
        capabilities = frozenset(held)
        is_theirs = self.within is None or self.within in capabilities
        return is_theirs and self.without not in capabilities and is_allowed(capabilities, self.entry.capability)

    @property
    def entry(self) -> Entry:
        return table.named(self.page)


class Tab(NamedTuple):
    """A group of pages; it leads to the first that the person may see."""

    text: str
    options: Sequence[Option]


_OF_RECORDS: Final = frozenset(
    {"record_pages", "record_report_pages", "event_problem_pages", "availability_pages", "access_log_pages"}
)
TABS: Final = (
    Tab(_("Home"), (Option(_("Home"), "show_home"),)),
    Tab(
        _("Learner Management"),
        (
            Option(_("Find a Learner"), "show_find_by_uln"),
            Option(_("Register a Learner"), "show_new_learner"),
            Option(_("Exceptions"), "show_exceptions"),
            Option(_("Personal Learning Record"), "show_records", families=_OF_RECORDS),
            Option(_("Submit Batch Job"), "show_new_learner_batch"),
            Option(_("View Batch Job"), "list_learner_batches"),
        ),
    ),
    Tab(
        _("Learner Verification"),
        (
            Option(_("Verify Single Learner"), "show_verify"),
            Option(_("Submit Batch Job"), "show_new_verification_batch"),
            Option(_("View Batch Job"), "list_verification_batches"),
        ),
    ),
    Tab(
        _("Achievement Management"),
        (
            Option(_("Manage Learner Achievements"), "show_achievements"),
            Option(_("Submitted Achievements"), "show_submitted_achievements"),
            Option(_("Submit Achievement Batch"), "show_new_achievement_batch"),
            Option(_("View Achievement Batch"), "list_achievement_batches"),
            Option(_("Timeliness"), "show_timeliness", without=Capability.SERVICE_LEVELS_READ),
        ),
    ),
    Tab(
        _("User Management"),
        (
            Option(_("Find User"), "show_users"),
            Option(_("Create User"), "show_new_user"),
            Option(_("Annual Review"), "show_user_review"),
            Option(_("Activity Log"), "show_activity"),
        ),
    ),
    Tab(
        _("Organisation"),
        (
            Option(_("Details"), "show_settings"),
            Option(_("System Credentials"), "show_credentials"),
            Option(_("Notifications"), "show_notifications"),
            Option(_("File Drop"), "show_file_drop"),
        ),
    ),
    Tab(
        _("Service Desk"),
        (
            Option(_("Find Organisations"), "show_organisations"),
            Option(_("Register Organisation"), "show_new_organisation"),
            Option(_("Developers"), "show_developers"),
        ),
    ),
    Tab(
        _("Service Levels"),
        (
            Option(_("Service Levels"), "show_service_levels"),
            Option(_("Batch Deadlines"), "show_deadlines"),
            Option(_("Timeliness"), "show_timeliness", within=Capability.SERVICE_LEVELS_READ),
            Option(_("Maintenance"), "show_maintenance"),
            Option(_("Recoveries"), "show_recoveries"),
            Option(_("Downtime"), "show_downtime"),
        ),
    ),
    Tab(
        _("Administration"),
        (
            Option(_("Reference Lists"), "show_lists"),
            Option(_("Loads"), "show_register_loads"),
            Option(_("Stuck Jobs"), "show_stuck_jobs"),
            Option(_("Settings"), "show_service_settings"),
        ),
    ),
)
"""In the order in which they are shown."""


def pages_of(role: Role) -> list[Link]:
    """The pages of the menu that a role opens, without the home page; of two with the same name it says the tab too."""
    held = capabilities_of({role})
    shown = [
        (tab, one) for tab in TABS for one in tab.options if one.entry.path != table.HOME and one.is_shown_to(held)
    ]
    times = Counter(one.text for _, one in shown)
    return [Link(one.text, one.entry.path, tab.text if times[one.text] > 1 else "") for tab, one in shown]


def menu_of(session: Session | None, path: str) -> Menu:
    """The tabs for this person, and the options of the tab to which this path belongs; nothing before the person has
    done what is owed after sign-in.
    """
    if session is None or session.stage is not Stage.COMPLETE:
        return Menu()
    shown = {
        tab.text: options
        for tab in TABS
        if (options := [one for one in tab.options if one.is_shown_to(session.capabilities)])
    }
    found = table.find("GET", path)
    family = found[0].module.rpartition(".")[2] if found else ""
    here = max(
        (
            (family in one.families, len(one.entry.path), text, one)
            for text, options in shown.items()
            for one in options
            if family in one.families or _leads(one, path)
        ),
        key=lambda ranked: ranked[:2],
        default=(False, 0, "", None),
    )
    return Menu(
        tuple(MenuEntry(text, options[0].entry.path, text == here[2]) for text, options in shown.items()),
        tuple(MenuEntry(one.text, one.entry.path, one is here[3]) for one in shown.get(here[2], ())),
    )


def _leads(option: Option, path: str) -> bool:
    """Whether a page is this option's, or lies below it."""
    start = option.entry.path
    return path == start or (start != table.HOME and path.startswith(f"{start}/"))
