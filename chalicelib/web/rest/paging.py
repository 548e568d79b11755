"""Pages of long lists: how many lines a page has, and the links to it and to the next one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final
from urllib.parse import urlencode

from chalicelib.web.http.requests import Text, Whole

PAGE: Final = 50
"""Lines on a page if the caller gives no limit."""

Limit = Annotated[int, Whole(minimum=1, maximum=200)]
Cursor = Annotated[str, Text(maximum=2048)]


def page_links(path: str, cursor: str, parameters: Mapping[str, object]) -> Mapping[str, str]:
    """The page itself and, unless it is the last, the next one."""
    links = {"self": f"{path}?{urlencode(parameters)}"}
    if cursor:
        links["next"] = f"{path}?{urlencode({**parameters, 'cursor': cursor})}"
    return links
