"""The JSON that the data source `aws_iam_policy_document` makes of its blocks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

_LISTS = (
    ("actions", "Action"),
    ("not_actions", "NotAction"),
    ("resources", "Resource"),
    ("not_resources", "NotResource"),
)


def policy_document(configured: Mapping[str, Any]) -> str:
    """The document. Statements of sources come first; one with the Sid of an earlier one replaces it."""
    statements: list[dict[str, Any]] = []
    for source in configured.get("source_policy_documents") or ():
        _merge(statements, _statements(source))
    _merge(statements, [_statement(one) for one in configured.get("statement") or ()])
    for source in configured.get("override_policy_documents") or ():
        _merge(statements, _statements(source))
    document: dict[str, Any] = {"Version": configured.get("version") or "2012-10-17"}
    if configured.get("policy_id"):
        document["Id"] = configured["policy_id"]
    return json.dumps(document | {"Statement": statements}, indent=2)


def _statements(document: str) -> list[dict[str, Any]]:
    found = json.loads(document)["Statement"] if document else []
    return found if isinstance(found, list) else [found]


def _merge(statements: list[dict[str, Any]], others: list[dict[str, Any]]) -> None:
    for other in others:
        same = next(
            (place for place, one in enumerate(statements) if other.get("Sid") and one.get("Sid") == other["Sid"]), None
        )
        if same is None:
            statements.append(other)
        else:
            statements[same] = other


def _statement(block: Mapping[str, Any]) -> dict[str, Any]:
    statement: dict[str, Any] = {"Sid": block["sid"]} if block.get("sid") else {}
    statement["Effect"] = block.get("effect") or "Allow"
    statement |= {name: _shortest(sorted(block[key])) for key, name in _LISTS if block.get(key)}
    for key, name in (("principals", "Principal"), ("not_principals", "NotPrincipal")):
        for principal in block.get(key) or ():
            if principal["type"] == "*":
                statement[name] = "*"
            else:
                statement.setdefault(name, {})[principal["type"]] = _shortest(sorted(principal["identifiers"]))
    for condition in block.get("condition") or ():
        tests = statement.setdefault("Condition", {}).setdefault(condition["test"], {})
        tests[condition["variable"]] = _shortest(list(condition["values"]))
    return statement


def _shortest(values: list[str]) -> list[str] | str:
    return values[0] if len(values) == 1 else values
