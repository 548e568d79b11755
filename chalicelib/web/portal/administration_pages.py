"""What is set, for administrators (SLA-04)."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Final, NamedTuple

from chalicelib.web.portal.table import view
from chalicelib.web.portal.texts import marked as _
from chalicelib.web.portal.visits import Page, Visit


class Setting(NamedTuple):
    """A setting as the page shows it."""

    name: str
    value: str
    meaning: str


MEANINGS: Final = {
    "environment": _("Environment whose maintenance windows close the service"),
    "chunk_records": _("Records in a chunk of a batch"),
    "welsh_names": _("Whether names may have the accented letters of Welsh"),
    "inbox_days": _("Days for which submitted files are kept"),
    "result_days": _("Days for which output and error files are kept"),
    "job_days": _("Days for which jobs are kept, and possible matches after their decision"),
    "token_minutes": _("Minutes for which the token of a system is valid"),
    "pace_single": _("Calls a second of a credential, and calls at once after a pause"),
    "pace_batches": _("The same for batches"),
    "pace_tokens": _("The same for tokens"),
    "pace_sources": _("The same for one network address"),
    "pace_sign_ins": _("The same for passwords and secret answers of one user name"),
    "wrong_entries": _("Wrong passwords that lock an account"),
    "password_days": _("Days for which a password can be used"),
    "one_time_days": _("Days for which a one-time password can be used"),
    "link_minutes": _("Minutes for which the link to choose a password can be used"),
    "idle_minutes": _("Minutes without activity that end a session"),
    "session_hours": _("Hours after which a session ends in any case"),
    "portal_url": _("Address of the portal"),
}
"""What every function is given, in the order of the page. What one function alone is given, and what only developers
need, is left out.
"""


@view()
def show_service_settings(visit: Visit) -> Page:
    """What is set, and what it means."""
    return Page(template="admin/settings.html.jinja", context={"found": settings_of(visit.services.settings)})


def settings_of(settings: Any) -> list[Setting]:
    """The settings of the portal's own function."""
    held = asdict(settings)
    return [Setting(name, _text(held[name]), meaning) for name, meaning in MEANINGS.items()]


def _text(value: object) -> str:
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, tuple):
        return " / ".join(f"{part:g}" for part in value)
    return str(value) or "–"


VIEWS: Final = (show_service_settings,)
