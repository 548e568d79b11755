"""CloudWatch's metric math, as far as our alarms and dashboard use it, for one point in time.

A point of a metric is a number, or None where it is missing: then so is every result of arithmetic with it, and only
FILL has a value for it. A division by zero is missing. Comparisons give 1 or 0.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from typing import Final

Point = float | None
Points = Mapping[str, Point]
Computes = Callable[[Points], Point]

_TOKEN: Final = re.compile(r"\s*(?:(\d+(?:\.\d+)?)|([A-Za-z]\w*)|(<=|>=|==|!=|[-+*/(),<>]))")
_ORDER: Final[tuple[Mapping[str, Callable[[float, float], float]], ...]] = (
    {"OR": lambda one, two: float(bool(one or two))},
    {"AND": lambda one, two: float(bool(one and two))},
    {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq, "!=": operator.ne},
    {"+": operator.add, "-": operator.sub},
    {"*": operator.mul, "/": operator.truediv},
)
"""The operators, those that bind less first."""
_FUNCTIONS: Final = {"FILL": 2, "IF": 3}


class ExpressionError(Exception):
    """Not an expression that we use."""


def read_expression(text: str) -> tuple[Computes, frozenset[str]]:
    """What computes the expression, and the ids of the metrics in it. Raises ExpressionError."""
    reader = _Reader(text)
    computes = reader.level(0)
    if reader.tokens:
        raise ExpressionError(f"{text}: {reader.tokens[0]} is left over")
    return computes, frozenset(reader.ids)


class _Reader:
    def __init__(self, text: str) -> None:
        self.tokens: list[str] = []
        self.ids: set[str] = set()
        rest = text.rstrip()
        while rest:
            found = _TOKEN.match(rest)
            if found is None:
                raise ExpressionError(f"cannot read {rest[:20]}")
            self.tokens.append(found[0].strip())
            rest = rest[found.end() :]

    def level(self, number: int) -> Computes:
        if number == len(_ORDER):
            return self._single()
        left = self.level(number + 1)
        while self.tokens and self.tokens[0] in _ORDER[number]:
            left = _joined(_ORDER[number][self.tokens.pop(0)], left, self.level(number + 1))
        return left

    def _single(self) -> Computes:
        token = self._next()
        if token == "(":
            inner = self.level(0)
            self._expect(")")
            return inner
        if token[0].isdigit():
            number = float(token)
            return lambda points: number
        if token in _FUNCTIONS:
            return self._call(token)
        if not re.fullmatch(r"[a-z]\w*", token):
            raise ExpressionError(f"{token} is neither a function that we use nor the id of a metric")
        self.ids.add(token)
        return lambda points: points[token]

    def _call(self, name: str) -> Computes:
        self._expect("(")
        parts = [self.level(0)]
        while self.tokens and self.tokens[0] == ",":
            self.tokens.pop(0)
            parts.append(self.level(0))
        self._expect(")")
        if len(parts) != _FUNCTIONS[name]:
            raise ExpressionError(f"{name} takes {_FUNCTIONS[name]} values")
        return _filled(*parts) if name == "FILL" else _chosen(*parts)

    def _next(self) -> str:
        if not self.tokens:
            raise ExpressionError("the expression ends too early")
        return self.tokens.pop(0)

    def _expect(self, token: str) -> None:
        found = self._next()
        if found != token:
            raise ExpressionError(f"{token} is expected, not {found}")


def _joined(combine: Callable[[float, float], float], left: Computes, right: Computes) -> Computes:
    def compute(points: Points) -> Point:
        one, two = left(points), right(points)
        if one is None or two is None:
            return None
        try:
            return float(combine(one, two))
        except ZeroDivisionError:
            return None

    return compute


def _filled(value: Computes, instead: Computes) -> Computes:
    def compute(points: Points) -> Point:
        found = value(points)
        return instead(points) if found is None else found

    return compute


def _chosen(condition: Computes, yes: Computes, no: Computes) -> Computes:
    def compute(points: Points) -> Point:
        found = condition(points)
        return None if found is None else yes(points) if found else no(points)

    return compute
