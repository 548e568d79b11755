"""CloudWatch Logs' filter patterns for JSON, as far as our metric filters use them.

`{ $.status >= 500 && ($.path = "/health" || $.method = "GET") }`: comparisons of a field with a number or a quoted
text, joined by && and ||, which binds less, with parentheses.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

Event = Mapping[str, Any]
Matches = Callable[[Event], bool]

_TOKEN: Final = re.compile(r'\s*(?:(&&|\|\||[()]|<=|>=|!=|=|<|>)|(\$\.[A-Za-z][\w.]*)|"([^"]*)"|(-?\d+(?:\.\d+)?))')
_NUMBERS: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "=": lambda one, two: one == two,
    "!=": lambda one, two: one != two,
    "<": lambda one, two: one < two,
    "<=": lambda one, two: one <= two,
    ">": lambda one, two: one > two,
    ">=": lambda one, two: one >= two,
}


class PatternError(Exception):
    """Not a pattern that CloudWatch Logs accepts, or not one that we use."""


class Pattern(NamedTuple):
    """A pattern that was read."""

    matches: Matches
    fields: frozenset[str]
    """What decides: events that agree in these fields match alike."""


def read_pattern(text: str) -> Pattern:
    """Raises PatternError."""
    inside = re.fullmatch(r"\{(.*)\}", text.strip(), re.DOTALL)
    if inside is None:
        raise PatternError(text)
    reader = _Reader(inside[1])
    matches = reader.either()
    if reader.tokens:
        raise PatternError(f"{text}: {reader.tokens[0]} is left over")
    return Pattern(matches, frozenset(reader.fields))


class _Reader:
    def __init__(self, text: str) -> None:
        self.tokens: list[tuple[str, str]] = []
        self.fields: set[str] = set()
        rest = text.rstrip()
        while rest:
            found = _TOKEN.match(rest)
            if found is None:
                raise PatternError(f"cannot read {rest[:20]}")
            kind = ("sign", "field", "text", "number")[
                next(i for i, group in enumerate(found.groups()) if group is not None)
            ]
            self.tokens.append((kind, next(group for group in found.groups() if group is not None)))
            rest = rest[found.end() :]

    def either(self) -> Matches:
        parts = [self.both()]
        while self._takes("||"):
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else lambda event: any(part(event) for part in parts)

    def both(self) -> Matches:
        parts = [self.one()]
        while self._takes("&&"):
            parts.append(self.one())
        return parts[0] if len(parts) == 1 else lambda event: all(part(event) for part in parts)

    def one(self) -> Matches:
        if self._takes("("):
            inner = self.either()
            if not self._takes(")"):
                raise PatternError("a parenthesis is not closed")
            return inner
        field, sign, value = (self._next() for _ in range(3))
        if field[0] != "field" or sign[1] not in _NUMBERS:
            raise PatternError(f"not a comparison: {field[1]} {sign[1]} {value[1]}")
        name = field[1].removeprefix("$.")
        self.fields.add(name)
        return _of_number(name, sign[1], float(value[1])) if value[0] == "number" else _of_text(name, sign[1], value[1])

    def _next(self) -> tuple[str, str]:
        if not self.tokens:
            raise PatternError("the pattern ends too early")
        return self.tokens.pop(0)

    def _takes(self, sign: str) -> bool:
        if self.tokens and self.tokens[0] == ("sign", sign):
            self.tokens.pop(0)
            return True
        return False


def _of_number(name: str, sign: str, value: float) -> Matches:
    compares = _NUMBERS[sign]
    return lambda event: isinstance(event.get(name), (int, float)) and compares(event[name], value)


def _of_text(name: str, sign: str, value: str) -> Matches:
    if sign not in ("=", "!="):
        raise PatternError(f"a text cannot be compared by {sign}")
    form = re.compile("(?s)" + re.escape(value).replace(r"\*", ".*"))
    return lambda event: (form.fullmatch(str(event.get(name, ""))) is not None) == (sign == "=")
