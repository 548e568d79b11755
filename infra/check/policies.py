"""What IAM would answer, for the parts of its language that our policies use.

A call is allowed if a statement allows it and none denies it. A condition on a key that the call does not carry does
not hold, except under `Null`, negated operators and operators that end in `IfExists`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any, Final

from infra.check.state import listed

Context = Mapping[str, str | list[str]]
"""The keys of a call, some of which have several values."""

_TESTS: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "ArnEquals": fnmatchcase,
    "ArnLike": fnmatchcase,
    "Bool": lambda value, wanted: value.lower() == wanted.lower(),
    "StringEquals": lambda value, wanted: value == wanted,
    "StringLike": fnmatchcase,
}
_NEGATED: Final = {
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
    "StringNotEquals": "StringEquals",
    "StringNotLike": "StringLike",
}


def allows(statements: Iterable[Mapping[str, Any]], action: str, resource: str, context: Context | None = None) -> bool:
    """Whether the statements allow a call."""
    effects = {one["Effect"] for one in statements if applies(one, action, resource, context or {})}
    return "Allow" in effects and "Deny" not in effects


def applies(statement: Mapping[str, Any], action: str, resource: str, context: Context) -> bool:
    """Whether a statement speaks of a call."""
    return (
        _names(statement, "Action", action.lower(), lower=True)
        and _names(statement, "Resource", resource, lower=False)
        and all(
            _holds(operator, key, listed(wanted), context)
            for operator, tests in statement.get("Condition", {}).items()
            for key, wanted in tests.items()
        )
    )


def _names(statement: Mapping[str, Any], part: str, value: str, *, lower: bool) -> bool:
    def matches(patterns: Any) -> bool:
        return any(fnmatchcase(value, one.lower() if lower else one) for one in listed(patterns))

    if f"Not{part}" in statement:
        return not matches(statement[f"Not{part}"])
    return matches(statement[part])


def _holds(operator: str, key: str, wanted: list[str], context: Context) -> bool:
    """Raises `KeyError` for an operator that no policy of ours has used so far."""
    found = context.get(key)
    if operator == "Null":
        return (found is None) == (wanted[0] == "true")
    which, _, name = operator.removesuffix("IfExists").rpartition(":")
    if name in _NEGATED:
        return found is None or not any(_TESTS[_NEGATED[name]](value, one) for value in listed(found) for one in wanted)
    if found is None:
        return operator.endswith("IfExists") or which == "ForAllValues"
    matched = [any(_TESTS[name](value, one) for one in wanted) for value in listed(found)]
    return all(matched) if which == "ForAllValues" else any(matched)
