"""Version 1 of the REST interface at a glance: every route, its capability, and the module of its family.

A cold start registers this table and loads no family; a family is loaded at its first request. The decorator
:func:`route` gives a view the entry of its name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeVar, Unpack

from chalicelib.domain.access import Capability
from chalicelib.web.http.guard import TOKEN_PATH
from chalicelib.web.http.routes import Call, Details, Entry, Reply, Route, declared_route

T = TypeVar("T")

ACHIEVEMENTS: Final = "/v1/achievements"
LEARNERS: Final = "/v1/learners"
PENDING: Final = "/v1/pending-matches"
REFERENCE: Final = "/developers"
RECOVERIES: Final = "/v1/recoveries"
TIMELINESS: Final = "/v1/timeliness"
WINDOWS: Final = "/v1/maintenance-windows"
_ACHIEVEMENT: Final = f"{ACHIEVEMENTS}/{{achievementId}}"
_WINDOW: Final = f"{WINDOWS}/{{windowId}}"
_LEARNER: Final = f"{LEARNERS}/{{uln}}"


Row = tuple[str, str, str, Capability]
"""Name, method, path, capability."""


def _batches(kind: str) -> Sequence[Row]:
    """The seven routes of a kind of batch, and that for records sent inline, which achievements do not have."""
    path, word = f"/v1/{kind}-batches", f"{kind}_batch"
    submit, manage, retrieve = (Capability[f"{kind.upper()}_BATCHES_{may}"] for may in ("SUBMIT", "MANAGE", "RETRIEVE"))
    inline = [(f"submit_{word}", "POST", f"{path}/inline", submit)]
    return [
        *(inline if kind != "achievement" else ()),
        (f"get_{word}", "GET", f"{path}/{{jobId}}", manage),
        (f"list_{word}_records", "GET", f"{path}/{{jobId}}/records", retrieve),
        (f"get_{word}_output", "GET", f"{path}/{{jobId}}/output", retrieve),
        (f"get_{word}_errors", "GET", f"{path}/{{jobId}}/errors", retrieve),
        (f"list_{word}es", "GET", path, manage),
        (f"begin_{word}", "POST", path, submit),
        (f"cancel_{word}", "POST", f"{path}/{{jobId}}/cancellation", manage),
    ]


_FAMILIES: Final[Mapping[str, Sequence[Row]]] = {
    "health": [
        ("health", "GET", "/health", Capability.PUBLIC),
    ],
    "oauth": [
        ("give_token", "POST", TOKEN_PATH, Capability.PUBLIC),
        ("list_token_keys", "GET", "/oauth2/keys", Capability.PUBLIC),
    ],
    "learners": [
        ("find_by_uln", "POST", f"{LEARNERS}/find-by-uln", Capability.LEARNERS_FIND),
        ("find_by_demographics", "POST", f"{LEARNERS}/find-by-demographics", Capability.LEARNERS_FIND),
        ("retrieve_ulns", "POST", f"{LEARNERS}/retrieve", Capability.LEARNERS_FIND),
        ("register_learner", "POST", LEARNERS, Capability.LEARNERS_REGISTER),
        ("get_learner", "GET", _LEARNER, Capability.LEARNERS_FIND),
        ("update_learner", "PATCH", _LEARNER, Capability.LEARNERS_UPDATE),
        ("link_learner", "POST", f"{_LEARNER}/link", Capability.LEARNERS_LINK),
        ("unlink_learner", "POST", f"{_LEARNER}/unlink", Capability.LEARNERS_LINK),
    ],
    "pending_matches": [
        ("list_pending_matches", "GET", PENDING, Capability.PENDING_MATCHES_MANAGE),
        ("get_pending_match", "GET", f"{PENDING}/{{pendingId}}", Capability.PENDING_MATCHES_MANAGE),
        ("decide_pending_match", "POST", f"{PENDING}/{{pendingId}}/decision", Capability.PENDING_MATCHES_MANAGE),
    ],
    "verifications": [
        ("verify_learner", "POST", "/v1/verifications", Capability.LEARNERS_VERIFY),
    ],
    **{f"{kind}_batches": _batches(kind) for kind in ("achievement", "learner", "verification")},
    "achievements": [
        ("create_achievement", "POST", ACHIEVEMENTS, Capability.ACHIEVEMENTS_MANAGE),
        ("get_achievement", "GET", _ACHIEVEMENT, Capability.ACHIEVEMENTS_MANAGE),
        ("update_achievement", "PATCH", _ACHIEVEMENT, Capability.ACHIEVEMENTS_MANAGE),
        ("get_achievement_history", "GET", f"{_ACHIEVEMENT}/history", Capability.ACHIEVEMENTS_MANAGE),
        ("withdraw_achievement", "POST", f"{_ACHIEVEMENT}/withdrawal", Capability.ACHIEVEMENTS_MANAGE),
        ("reinstate_achievement", "POST", f"{_ACHIEVEMENT}/reinstatement", Capability.ACHIEVEMENTS_MANAGE),
    ],
    "submissions": [
        ("list_achievements", "GET", ACHIEVEMENTS, Capability.ACHIEVEMENTS_MANAGE),
        ("list_achievements_of_learner", "GET", f"{_LEARNER}/achievements", Capability.ACHIEVEMENTS_MANAGE),
    ],
    "records": [
        ("view_record", "POST", f"{_LEARNER}/record", Capability.RECORDS_READ),
        ("view_record_again", "GET", f"{_LEARNER}/record", Capability.RECORDS_READ),
        ("request_availability", "POST", f"{_LEARNER}/availability", Capability.RECORDS_AVAILABILITY),
        ("view_access_log", "POST", f"{_LEARNER}/access-log", Capability.RECORDS_ACCESS_LOG),
    ],
    "challenges": [
        ("raise_challenge", "POST", f"{_LEARNER}/challenges", Capability.CHALLENGES_RAISE),
        ("list_challenges", "GET", f"{_LEARNER}/challenges", Capability.CHALLENGES_RAISE),
    ],
    "organisations": [
        ("get_organisation", "GET", "/v1/organisations/{ukprn}", Capability.ORGANISATIONS_READ),
    ],
    "recoveries": [
        ("list_recoveries", "GET", RECOVERIES, Capability.SERVICE_LEVELS_READ),
        ("invoke_recovery", "POST", RECOVERIES, Capability.MAINTENANCE_MANAGE),
        ("reinstate_service", "POST", f"{RECOVERIES}/reinstatement", Capability.MAINTENANCE_MANAGE),
    ],
    "timeliness": [
        ("get_timeliness", "GET", TIMELINESS, Capability.TIMELINESS_READ),
        ("get_timeliness_file", "GET", f"{TIMELINESS}/csv", Capability.TIMELINESS_READ),
    ],
    "service_levels": [
        ("get_service_levels", "GET", "/v1/service-levels", Capability.SERVICE_LEVELS_READ),
    ],
    "maintenance": [
        ("list_maintenance_windows", "GET", WINDOWS, Capability.PUBLIC),
        ("get_maintenance_window", "GET", _WINDOW, Capability.PUBLIC),
        ("enter_maintenance_window", "POST", WINDOWS, Capability.MAINTENANCE_MANAGE),
        ("change_maintenance_window", "PATCH", _WINDOW, Capability.MAINTENANCE_MANAGE),
        ("cancel_maintenance_window", "POST", f"{_WINDOW}/cancellation", Capability.MAINTENANCE_MANAGE),
        ("read_maintenance_schedule", "GET", "/maintenance", Capability.PUBLIC),
    ],
    "interface": [
        ("get_openapi", "GET", "/v1/openapi.json", Capability.PUBLIC),
        ("read_reference", "GET", REFERENCE, Capability.PUBLIC),
        ("go_to_reference", "GET", "/", Capability.PUBLIC),
        ("read_file_formats", "GET", f"{REFERENCE}/file-formats", Capability.PUBLIC),
        ("get_template", "GET", f"{REFERENCE}/templates/{{file}}", Capability.PUBLIC),
    ],
}

ENTRIES: Final = tuple(
    Entry(*row, f"chalicelib.web.rest.{module}") for module, rows in _FAMILIES.items() for row in rows
)
_BY_NAME: Final = {entry.name: entry for entry in ENTRIES}


def route(request: type[T], **details: Unpack[Details]) -> Callable[[Callable[[Call, T], Reply]], Route[T]]:
    """Declare a view as the route with its name in this table; raises KeyError if there is none."""
    return lambda view: declared_route(_BY_NAME[view.__name__], request, view, **details)


def routes() -> tuple[Route[Any], ...]:
    """Every route, all families loaded."""
    return tuple(entry.load() for entry in ENTRIES)
