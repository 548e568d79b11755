"""A page in one state, and what the cases of all families share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from jinja2 import ChoiceLoader, FileSystemLoader

from chalicelib.domain.failures import Failure
from chalicelib.web.portal import rendering
from chalicelib.web.portal.forms import Form
from chalicelib.web.portal.rendering import Chrome, Menu, MenuEntry, Person, TimeOut

NOW: Final = datetime(2026, 11, 22, 14, 5, tzinfo=UTC)
HOSTILE: Final = "<script>alert(1)</script><b onclick='x()'>\"&amp;{{ 7*7 }}"
LONG: Final = "Penarlâg-and-the-Very-Long-Name-of-an-Organisation-That-Must-Break-Somewhere"

MENU: Final = Menu(
    tuple(
        MenuEntry(text, path, text == "Jobs")
        for text, path in (
            ("Home", "/"),
            ("Learners", "/learners"),
            ("Achievements", "/achievements"),
            ("Jobs", "/jobs"),
            ("Challenges", "/challenges"),
        )
    ),
    (MenuEntry("Submit Batch Job", "/jobs/new"), MenuEntry("View Batch Jobs", "/jobs", is_here=True)),
)
TIME_OUT: Final = TimeOut(
    at=NOW + timedelta(minutes=30), seconds=1800, warned_before=300, can_go_on=True, path="/jobs", parks="parked"
)
OUT: Final = Chrome(nonce="", path="/sign-in")
IN: Final = Chrome(
    nonce="",
    path="/jobs",
    csrf_token="a token",
    person=Person("Amelia Okafor", "Northern Awards"),
    time_out=TIME_OUT,
    menu=MENU,
)


@dataclass(frozen=True, eq=False)
class Case:
    """One page in one state."""

    name: str
    template: str
    context: Mapping[str, Any] = field(default_factory=dict)
    chrome: Chrome = IN
    status: int = 200

    def html(self, nonce: str) -> str:
        page = _SOURCES.get_template(self.template)
        return page.render({"errors": (), "back": "", **self.context, "chrome": replace(self.chrome, nonce=nonce)})


_SOURCES: Final = rendering.environment()
_SOURCES.loader = ChoiceLoader([FileSystemLoader(Path(__file__).parent.with_name("templates")), _SOURCES.loader])  # type: ignore[list-item]

SIGNED_OUT: Final = replace(OUT, csrf_token="a token")


def of_form(
    name: str,
    form: Form,
    failures: Sequence[Failure] = (),
    chrome: Chrome = SIGNED_OUT,
    state: str = "",
    **context: Any,
) -> Case:
    """A page with a form, as it is opened or as it is refused."""
    page = form.page(f"{name}.html.jinja", {"user_name": [HOSTILE]} if failures else {}, failures, **context)
    return Case(f"{name.replace('/', '-')}{state}", page.template, page.context, chrome, page.status)
