"""The parts of pages as sample pages, and the pages of errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, Final

from chalicelib.domain.access import Role
from chalicelib.domain.jobs import JobStatus
from chalicelib.web.portal.parts import (
    Input,
    Link,
    Option,
    Paging,
    Row,
    Shown,
    Step,
    errors_of,
)
from chalicelib.web.portal.rendering import Chrome, Flash, Person
from chalicelib.web.portal.statuses import STATUSES
from tests.browser.cases.case import HOSTILE, IN, LONG, NOW, OUT, Case

_OPTIONS: Final = (
    Option("1", "Male"),
    Option("2", "Female"),
    Option("0", "Not known", "Choose this if the learner has not said."),
)


def _fields(**wrong: str) -> list[Shown]:
    """One of each kind; wrong gives errors by name."""
    fields = [
        Shown(name="uln", label="ULN", hint="10 digits", width=10, inputmode="numeric", value="1000000042"),
        Shown(name="given_name", label="Given name", hint="As on the learner’s official documents", value="Siân"),
        Shown(
            name="date_of_birth",
            label="Date of birth",
            hint="For example, 14 3 2001",
            kind=Input.DATE,
            value=("31", "2", "2001"),
            wrong_part="day",
        ),
        Shown(name="gender", label="Gender", kind=Input.ONE, options=_OPTIONS, value="2"),
        Shown(name="reason", label="Reason", kind=Input.LIST, options=(Option("", "Choose a reason"), *_OPTIONS)),
        Shown(name="roles", label="Roles", kind=Input.MANY, options=_OPTIONS, value=("1", "0")),
        Shown(name="comment", label="Comment", kind=Input.LINES, hint="Do not enter personal details"),
        Shown(name="password", label="Password", kind=Input.PASSWORD),
        Shown(name="file", label="Batch file", kind=Input.FILE, hint="CSV or XML, up to 20MB"),
    ]
    return [replace(one, error=wrong.get(one.name, "")) for one in fields]


_WRONG: Final = _fields(
    uln="ULN is not a real ULN – check for a mistyped digit",
    given_name="Given name must only include letters a to z, spaces, hyphens, apostrophes and full stops",
    date_of_birth="Date of birth must be a real date",
    gender="Select a gender",
    reason="Select a reason",
    roles="Select at least one role",
    comment="Enter a comment",
    password="Enter a correct username and password",
    file="The selected file must be a CSV or XML",
)

_FILTERS: Final = (
    Shown(name="status", label="Status", kind=Input.LIST, options=(Option("", "All"), Option("failed", "Failed"))),
    Shown(name="kind", label="Kind", kind=Input.LIST, options=(Option("", "All"), Option("a", "Achievements"))),
    Shown(name="file", label="File name"),
)


def _jobs(file: str = "achievements-autumn.csv") -> list[SimpleNamespace]:
    return [
        SimpleNamespace(
            id=f"ACH-2026-{1234 - number:06}",
            file=file,
            sent=NOW - timedelta(hours=7 * number),
            status=status,
            records=10450 // (number + 1),
            errors=31 * number,
        )
        for number, status in enumerate(JobStatus)
    ]


def _job(text: str = "achievements-autumn.csv") -> dict[str, Any]:
    return {
        "job": "ACH-2026-001234",
        "state": JobStatus.IN_PROGRESS,
        "back": "/jobs",
        "rows": [Row("File", text), Row("Sent by", "Amelia Okafor"), Row("Records", "10,450"), Row("Size", "1.2MB")],
        "steps": [
            Step("Received", NOW, by="Amelia Okafor", text="The file was sent through the portal."),
            Step("Checked", NOW + timedelta(minutes=2), text="The layout is right. 31 records have errors."),
            Step("Processing started", NOW + timedelta(minutes=3), by=text),
        ],
    }


_ROWS: Final = [
    Row("ULN", "1000000043"),
    Row("Achievement award date", "14 July 2026", (Link("Change", "/x", "achievement award date"),)),
    Row("Reason", LONG, (Link("Change", "/y", "reason"),)),
]


def _list(page: int, total: int, jobs: Sequence[SimpleNamespace]) -> dict[str, Any]:
    paging = Paging(page=page, total=total, address="/jobs?status=failed&page=")
    return {"fields": _FILTERS, "paging": paging, "jobs": jobs}


def _blocked(state: str, *, is_network: bool) -> Case:
    context = {"is_network": is_network, "reference": "c2FtcGxlIHJlZmVyZW5jZQ=="}
    return Case(f"blocked-{state}", "errors/blocked.html.jinja", context, OUT, 403)


def _error(status: int, chrome: Chrome = IN, state: str = "", **context: Any) -> Case:
    return Case(f"{status}{state}", f"errors/{status}.html.jinja", context, chrome, status)


_WINDOW: Final = SimpleNamespace(start=NOW - timedelta(hours=1), end=NOW + timedelta(hours=3))

CASES: Final = (
    Case("form", "form.html.jinja", {"fields": _fields(), "back": "/learners"}),
    Case(
        "form-wrong",
        "form.html.jinja",
        {"fields": _WRONG, "errors": errors_of(_WRONG), "back": "/learners"},
        status=400,
    ),
    Case("question", "question.html.jinja", {"shown": replace(_fields()[3], is_heading=True)}, OUT),
    Case(
        "question-date",
        "question.html.jinja",
        {"shown": replace(_WRONG[2], is_heading=True), "errors": errors_of([_WRONG[2]])},
        OUT,
        400,
    ),
    Case("question-text", "question.html.jinja", {"shown": replace(_fields()[0], is_heading=True)}, OUT),
    Case("list", "list.html.jinja", _list(2, 312, _jobs())),
    Case("list-empty", "list.html.jinja", _list(1, 0, ())),
    Case(
        "list-saved",
        "list.html.jinja",
        _list(1, 5, _jobs()),
        replace(
            IN,
            flash=(
                Flash("The job was cancelled."),
                Flash("Maintenance is planned for Sunday 29 November 2026.", is_success=False),
            ),
        ),
    ),
    Case("job", "job.html.jinja", _job()),
    Case(
        "check",
        "check.html.jinja",
        {"rows": _ROWS, "back": "/achievements"},
        replace(IN, path="/achievements/7/withdraw", phase="Beta"),
    ),
    Case("done", "done.html.jinja"),
    Case(
        "statuses",
        "statuses.html.jinja",
        {"kinds": [(kind.__name__, tuple(each.values())) for kind, each in STATUSES.items()]},
    ),
    Case(
        "hostile", "job.html.jinja", _job(HOSTILE), replace(IN, person=Person(HOSTILE, LONG), flash=(Flash(HOSTILE),))
    ),
    _error(400),
    _error(403, roles=(Role.AWARDING_BODY_USER.value, Role.LRB_ONLINE_USER.value)),
    _error(403, state="-one-role", roles=(Role.SUPER_USER.value,)),
    _error(403, state="-no-roles", roles=()),
    _error(404),
    _error(404, OUT, "-signed-out"),
    _error(405),
    _blocked("network", is_network=True),
    _blocked("firewall", is_network=False),
    _error(413, limit=4 * 1024 * 1024),
    _error(429, OUT, seconds=61),
    _error(500, reference="5f0c2a3e-7c1d-4b7e-9a55-2f6f3f0a4d11"),
    _error(503, OUT, window=_WINDOW),
    _error(503, OUT, "-unplanned", window=None),
)
