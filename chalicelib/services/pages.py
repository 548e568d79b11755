"""Pages of a list that is read line by line; sealed cursors say where the next page begins."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Generic, NamedTuple, TypeVar

from chalicelib.ports.achievements import PageTokens
from chalicelib.ports.errors import BadCursor

T = TypeVar("T")


class Page(NamedTuple, Generic[T]):
    """Part of a list; ``cursor`` continues it and is empty at its end."""

    items: list[T]
    cursor: str


class Pages:
    """Makes pages and opens their cursors."""

    def __init__(self, tokens: PageTokens) -> None:
        self._tokens = tokens

    def opened(self, scope: tuple[str, ...], cursor: str) -> str:
        """The place after which the page begins; empty for the first page. Raises BadCursor."""
        if not cursor:
            return ""
        place = self._tokens.open(scope, cursor)
        if not place:
            raise BadCursor
        return place

    def page(self, scope: tuple[str, ...], lines: Iterable[tuple[str, T]], limit: int) -> Page[T]:
        """One page of the lines; one more line is read to find out whether there is another page."""
        found = list(islice(lines, limit + 1))
        more = self._tokens.seal(scope, found[limit - 1][0]) if len(found) > limit else ""
        return Page([line for _, line in found[:limit]], more)
