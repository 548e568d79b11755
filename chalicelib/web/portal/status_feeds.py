"""The status of the service for programs: JSON, and an Atom feed of its maintenance (SLA-05)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from xml.etree.ElementTree import Element, SubElement, tostring

from chalicelib.domain.maintenance import Window
from chalicelib.domain.working_time import uk_time
from chalicelib.services.service_status import EnvironmentStatus
from chalicelib.web.http.responses import time_text

ATOM: str = "http://www.w3.org/2005/Atom"


def json_status(found: Sequence[EnvironmentStatus], now: datetime, address: str) -> str:
    """Each environment with its condition and its windows."""
    return json.dumps(
        {
            "asAt": time_text(now),
            "page": f"{address}/status",
            "environments": [
                {
                    "environment": one.environment.value,
                    "condition": one.condition.value,
                    "isOpen": one.condition.is_open,
                    "opensAgain": time_text(one.window.end) if one.window else None,
                    "windows": [_window(window, now) for window in one.windows],
                }
                for one in found
            ],
        },
        indent=2,
        ensure_ascii=False,
    )


def _window(window: Window, now: datetime) -> dict[str, object]:
    return {
        "windowId": window.window_id,
        "kind": window.kind.value,
        "status": window.state(now).value,
        "start": time_text(window.start),
        "end": time_text(window.end),
        "reason": window.reason,
        "agreedWith": window.agreed_with or None,
        "countsAsDowntime": window.is_unavailability,
        "changed": time_text(window.changed_at),
    }


def atom_feed(found: Sequence[EnvironmentStatus], now: datetime, address: str) -> str:
    """An entry for each window, the latest change first; an entry that changes keeps its id."""
    windows = sorted((window for one in found for window in one.windows), key=lambda one: one.changed_at, reverse=True)
    feed = Element("feed", xmlns=ATOM)
    updated = windows[0].changed_at if windows else now
    for name, text in (
        ("title", "Learning Records Service: maintenance"),
        ("id", f"{address}/status"),
        ("updated", time_text(updated)),
    ):
        SubElement(feed, name).text = text
    SubElement(SubElement(feed, "author"), "name").text = "Learning Records Service"
    SubElement(feed, "link", rel="self", href=f"{address}/status.atom")
    SubElement(feed, "link", rel="alternate", href=f"{address}/status")
    for window in windows:
        feed.append(_entry(window, now, address))
    return '<?xml version="1.0" encoding="utf-8"?>\n' + tostring(feed, encoding="unicode")


def _entry(window: Window, now: datetime, address: str) -> Element:
    entry = Element("entry")
    for name, text in (
        ("title", f"{_words(window, now)}: {uk_time(window.start)} to {uk_time(window.end)}"),
        ("id", f"{address}/status#{window.window_id}"),
        ("updated", time_text(window.changed_at)),
        ("published", time_text(window.announced_at)),
        ("summary", ". ".join(_sentences(window))),
    ):
        SubElement(entry, name).text = text
    SubElement(entry, "link", rel="alternate", href=f"{address}/status")
    return entry


def _words(window: Window, now: datetime) -> str:
    state = "Cancelled: " if window.is_cancelled else "Ended: " if window.end <= now else ""
    return f"{state}{window.kind.value} maintenance ({window.environment.value})"


def _sentences(window: Window) -> Iterator[str]:
    yield window.reason
    if window.agreed_with:
        yield f"Agreed with: {window.agreed_with}"
