"""The maintenance schedule for people: one page of HTML that needs no script (SLA-05)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from html import escape
from typing import Final

from chalicelib.domain.maintenance import Environment, Window, WindowKind
from chalicelib.domain.working_time import LONDON, uk_time_with_weekday
from chalicelib.web.described.developers import CONTENT_SECURITY_POLICY, whole_page
from chalicelib.web.described.markdown import table_of

__all__ = ["CONTENT_SECURITY_POLICY", "page"]

Shown = tuple[Window, Sequence[str]]
"""A window, with the names of the key dates that it touches."""

_ENVIRONMENTS: Final = {
    Environment.LIVE: "Live service",
    Environment.COMPATIBILITY: "Compatibility environment for developers",
}
_KINDS: Final = {
    WindowKind.PLANNED: "Planned",
    WindowKind.AGREED: "Planned and agreed",
    WindowKind.EMERGENCY: "Emergency",
}
_HEADS: Final = ("From", "Until", "Kind", "What is done")
_RULES: Final = """
<section id="rules"><h2>How we plan maintenance</h2>
<p>Planned maintenance is outside core hours, which are 8am to 6pm, Monday to Friday, except bank holidays in England.
It is in core hours only if awarding organisations have agreed to it. We take their key dates into account.</p>
<p>Emergency maintenance cannot wait. It counts as downtime, and extends the ten working days that awarding
organisations have to submit awards.</p>
<p>If maintenance falls in core hours, we also send every organisation an email.</p>
<p>The same schedule for your systems: <a href="/v1/maintenance-windows">/v1/maintenance-windows</a>. During
maintenance, requests get a 503 response with <code>Retry-After</code>. Files that you have sent are kept, and
processed.</p></section>
"""


def page(shown: Sequence[Shown], now: datetime) -> str:
    """The schedule at a moment: what is closed now, what is to come and what has been, for each environment."""
    body = "".join([
        "<header><h1>Maintenance schedule</h1><p>All times are UK time.</p></header>",
        '<main id="main">',
        *(_environment(environment, shown, now) for environment in Environment),
        _RULES,
        "</main>",
    ])  # fmt: skip
    return whole_page("Maintenance schedule", body)


def _environment(environment: Environment, shown: Sequence[Shown], now: datetime) -> str:
    own = [one for one in shown if one[0].environment is environment]
    current = next((window for window, _ in own if window.is_open_at(now)), None)
    to_come = [one for one in own if one[0].end > now]
    past = [one for one in reversed(own) if one[0].end <= now]
    title = _ENVIRONMENTS[environment]
    return (
        f'<section id="{environment}"><h2>{title}</h2>{_now(current)}'
        + (_table("Now and to come", to_come) or "<p>No maintenance is planned.</p>")
        + _table("In the last 90 days", past)
        + "</section>"
    )


def _now(current: Window | None) -> str:
    if current is None:
        return ""
    return (
        f'<p class="ending"><strong>Closed for maintenance until {_time(current.end)}.</strong> '
        f"{escape(current.reason)}</p>"
    )


def _table(caption: str, windows: Sequence[Shown]) -> str:
    rows = [
        (_time(window.start), _time(window.end), _kind(window), _what(window, key_dates))
        for window, key_dates in windows
    ]
    return table_of(_HEADS, rows, f"<caption>{caption}</caption>") if rows else ""


def _time(moment: datetime) -> str:
    return f'<time datetime="{moment.astimezone(LONDON).isoformat()}">{uk_time_with_weekday(moment)}</time>'


def _kind(window: Window) -> str:
    return f"Cancelled ({_KINDS[window.kind].lower()})" if window.is_cancelled else _KINDS[window.kind]


def _what(window: Window, key_dates: Iterable[str]) -> str:
    lines = [escape(window.reason)]
    if window.agreed_with:
        lines.append(f"Agreed with: {escape(window.agreed_with)}.")
    lines += [f"Falls in key dates: {escape(name)}." for name in key_dates]
    return "<br>".join(lines)
