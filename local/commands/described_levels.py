"""Write what is agreed for each function, and the routes that serve it, to ``infra/``, for Terraform and the reporter.

``python -m local.commands.described_levels``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final

from chalicelib.domain.callers import Channel
from chalicelib.domain.jobs import DEADLINE, OWN_LIMIT
from chalicelib.domain.service_levels import OF_BATCH, function_of_route, target_of
from chalicelib.domain.tallies import HOUR
from chalicelib.reference.levels import LEVELS_FILE
from chalicelib.web.http.routes import Entry
from chalicelib.web.portal.table import ENTRIES as PAGES
from chalicelib.web.rest.table import ENTRIES
from local.commands.catalogue import items

SURFACES: Final = {"web": (Channel.WEBSERVICE, ENTRIES)}
"""By surface, as in the name of its access log: the channel of its requests, and its routes."""


def described() -> dict[str, Any]:
    """The content of the file."""
    functions = {function_of_route(entry.name) for _, entries in SURFACES.values() for entry in entries}
    return {
        "batchHours": DEADLINE // HOUR,
        "batchOwnHours": OWN_LIMIT // HOUR,
        "functions": {number: _function(number) for number in sorted(functions | {*OF_BATCH.values()})},
        "pages": {number: _agreed(number) for number in sorted({function_of_route(page.name) for page in PAGES})},
        "surfaces": {surface: channel.value for surface, (channel, _) in SURFACES.items()},
    }


def _function(number: str) -> dict[str, Any]:
    routes = {surface: _routes(number, entries) for surface, (_, entries) in SURFACES.items()}
    channels = [channel.value for surface, (channel, _) in SURFACES.items() if routes[surface]]
    return {
        **_agreed(number),
        "channels": [*channels, *([Channel.BATCH.value] if number in OF_BATCH.values() else [])],
        "routes": routes,
    }


def _agreed(number: str) -> dict[str, Any]:
    target = target_of(number)
    return {
        "availability": target.availability,
        "meanMilliseconds": target.mean_milliseconds,
        "title": items()[number].title,
    }


def _routes(number: str, entries: Iterable[Entry]) -> list[dict[str, Any]]:
    """The paths of a function, each with its methods; a GET also serves HEAD."""
    methods: dict[str, set[str]] = {}
    for entry in entries:
        if function_of_route(entry.name) == number:
            methods.setdefault(entry.path, set()).update(
                {entry.method, "HEAD"} if entry.method == "GET" else {entry.method}
            )
    return [{"methods": sorted(found), "path": path} for path, found in sorted(methods.items())]


def render() -> str:
    """The file's text."""
    return json.dumps(described(), indent=2, ensure_ascii=False, sort_keys=True) + "\n"


if __name__ == "__main__":
    LEVELS_FILE.write_text(render(), encoding="utf-8")
    print("wrote infra/service_levels.json")
