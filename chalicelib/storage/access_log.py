"""Who looked at a learner's record: the audit log of one learner, page by page, newest first (PLR-07)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from chalicelib.aws import Reaching
from chalicelib.domain.looks import LookAction, LookOutcome
from chalicelib.ports.audit import AuditEntry
from chalicelib.ports.records import AccessPage
from chalicelib.storage import keys
from chalicelib.storage.cursors import Cursors


class AccessLogTable:
    """The audit table, read by learner. ``client`` gives the DynamoDB client of botocore."""

    def __init__(self, table: str, client: Callable[[], Any], cursors: Callable[[], Cursors]) -> None:
        self._table = table
        self._client = client
        self._cursors = cursors

    def page(self, uln: str, ukprn: str, limit: int, cursor: str = "") -> AccessPage:
        """At most ``limit`` entries. Raises BadCursor, TemporaryFailure."""
        pk = keys.learner(uln).pk
        scope = ("access-log", ukprn, uln)
        request: dict[str, Any] = {
            "TableName": self._table,
            "KeyConditionExpression": "pk = :pk",
            "ExpressionAttributeValues": {":pk": {"S": pk}},
            "ScanIndexForward": False,
            "Limit": limit,
        }
        if cursor:
            place = self._cursors().open(scope, cursor)
            request["ExclusiveStartKey"] = {"pk": {"S": pk}, "sk": {"S": place}}
        with Reaching("access_log.page"):
            answer = self._client().query(**request)
        last = answer.get("LastEvaluatedKey")
        entries = [_entry(item) for item in answer["Items"]]
        return AccessPage(entries, self._cursors().seal(scope, last["sk"]["S"]) if last else "")


def _entry(item: dict[str, Any]) -> AuditEntry:
    subject, at, entry_id = keys.audit_of(item["pk"]["S"], item["sk"]["S"])
    detail = json.loads(item["detail"]["S"])
    action, outcome = LookAction(item["action"]["S"]), LookOutcome(item["outcome"]["S"])
    return AuditEntry(subject, at, entry_id, action, outcome, item["organisation"]["S"], item["user"]["S"], detail)
