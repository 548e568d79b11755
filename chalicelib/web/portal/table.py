"""The portal at a glance: every page, its capability, and the module of its family (IDM-07, SEC-01).

A cold start registers this table and loads no family; a family is loaded at its first request. The decorator
:func:`view` gives a function the entry of its name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from chalicelib.domain.access import Capability
from chalicelib.domain.accounts import Stage
from chalicelib.web.portal.visits import FORM_LIMIT, Entry, Result, View, Visit

HOME: Final = "/"
SIGN_IN: Final = "/sign-in"
SIGN_OUT: Final = "/sign-out"
SIGNED_OUT: Final = "/signed-out"
FORGOTTEN: Final = "/forgotten-password"
FILE_FORMATS: Final = "/file-formats"
LARGE: Final = "/large-achievement-batches"
ACCOUNT: Final = "/account"
SESSION: Final = f"{ACCOUNT}/session"
RECORDS: Final = "/records"
VERIFY: Final = "/verify"
USERS: Final = "/users"
ACTIVITY: Final = "/activity"
ORGANISATIONS: Final = "/desk/organisations"
START: Final = "/start"
HELP: Final = "/help"
VALIDATOR: Final = "/validator"
STATUS: Final = "/status"
SERVICE: Final = "/service"
DEADLINES: Final = f"{SERVICE}/deadlines"
LEVELS: Final = f"{SERVICE}/levels"
MAINTENANCE: Final = f"{SERVICE}/maintenance"
RECOVERIES: Final = f"{SERVICE}/recoveries"
DOWNTIME: Final = f"{SERVICE}/downtime"
ACHIEVEMENTS: Final = "/achievements"
TIMELINESS: Final = "/timeliness"
DEVELOPERS: Final = "/desk/developers"
ORGANISATION: Final = "/organisation"
CREDENTIALS: Final = f"{ORGANISATION}/credentials"
LEARNERS: Final = "/learners"
NEW_LEARNER: Final = f"{LEARNERS}/new"
EXCEPTIONS: Final = "/exceptions"
ADMINISTRATION: Final = "/admin"
LISTS: Final = f"{ADMINISTRATION}/reference-lists"
LOADS: Final = f"{ADMINISTRATION}/register-loads"
STUCK: Final = f"{ADMINISTRATION}/jobs"

STEPS: Final[Mapping[Stage, str]] = {
    Stage.PASSWORD_OWED: f"{SIGN_IN}/new-password",
    Stage.AGREEMENT_OWED: f"{SIGN_IN}/user-agreement",
    Stage.QUESTION_OWED: f"{SIGN_IN}/secret-question",
}
"""The page of what a person owes after entering the password. Until it is done no other page is open but public ones,
and afterwards its page is not.
"""

Row = tuple[str, str, str, Capability]
"""Name, method, path, capability."""


def _form(name: str, path: str, capability: Capability) -> Sequence[Row]:
    """A page with a form that it sends to itself."""
    return [(f"show_{name}", "GET", path, capability), (f"submit_{name}", "POST", path, capability)]


def _batches(rows: Callable[[str, str, Capability, Capability, Capability], Sequence[Row]]) -> Sequence[Row]:
    """Pages that every kind of batch has, from the word for it in their names, its path, and its capabilities."""
    return [
        row
        for kind in ("learner", "verification", "achievement")
        for row in rows(
            f"{kind}_batch",
            f"/{kind}-batches",
            *(Capability(f"{kind}-batches:{what}") for what in ("submit", "manage", "retrieve")),
        )
    ]


def _batch_uploads(word: str, path: str, submit: Capability, *_: Capability) -> Sequence[Row]:
    return [
        *_form(f"new_{word}", f"{path}/new", submit),
        (f"check_{word}", "POST", f"{path}/check", submit),
        *_form(f"{word}_again", f"{path}/{{job_id}}/resubmit", submit),
    ]


def _batch_jobs(word: str, path: str, _: Capability, manage: Capability, retrieve: Capability) -> Sequence[Row]:
    job = f"{path}/{{job_id}}"
    return [
        (f"list_{word}es", "GET", path, manage),
        (f"filter_{word}es", "POST", path, manage),
        (f"export_{word}es", "GET", f"{path}/export", manage),
        (f"show_{word}", "GET", job, manage),
        (f"show_{word}_cancellation", "GET", f"{job}/cancel", manage),
        (f"cancel_{word}", "POST", f"{job}/cancel", manage),
        (f"fetch_{word}_output", "GET", f"{job}/output", retrieve),
        (f"fetch_{word}_error_file", "GET", f"{job}/error-file", retrieve),
    ]


def _batch_errors(word: str, path: str, submit: Capability, _: Capability, retrieve: Capability) -> Sequence[Row]:
    job = f"{path}/{{job_id}}"
    return [
        (f"show_{word}_errors", "GET", f"{job}/errors", retrieve),
        *_form(f"{word}_record", f"{job}/records/{{number}}", retrieve),
        (f"show_{word}_corrections", "GET", f"{job}/corrections", retrieve),
        (f"submit_{word}_corrections", "POST", f"{job}/corrections", submit),
    ]


_OPEN, _SIGNED_IN = Capability.PUBLIC, Capability.SIGNED_IN
_USERS: Final = Capability.USERS_MANAGE
_USER: Final = f"{USERS}/{{user}}"
_LEARNER: Final = "/learners/{uln}"
_RECORD: Final = f"{_LEARNER}/record"
_SINGLE: Final = Capability.ACHIEVEMENTS_MANAGE
_ONE: Final = f"{ACHIEVEMENTS}/{{achievement_id}}"
_SETTINGS: Final = Capability.SETTINGS_MANAGE
_CREDENTIAL: Final = f"{CREDENTIALS}/{{credential}}"

_FAMILIES: Final[Mapping[str, Sequence[Row]]] = {
    "sign_in_pages": [
        *_form("sign_in", SIGN_IN, _OPEN),
        *_form("new_password", STEPS[Stage.PASSWORD_OWED], _SIGNED_IN),
        *_form("agreement", STEPS[Stage.AGREEMENT_OWED], _SIGNED_IN),
        *_form("first_question", STEPS[Stage.QUESTION_OWED], _SIGNED_IN),
        ("sign_out", "POST", SIGN_OUT, _SIGNED_IN),
        ("show_signed_out", "GET", SIGNED_OUT, _OPEN),
        ("show_session", "GET", SESSION, _SIGNED_IN),
    ],
    "forgotten_password_pages": [
        *_form("forgotten_password", FORGOTTEN, _OPEN),
        ("submit_answer", "POST", f"{FORGOTTEN}/answer", _OPEN),
        ("show_link_sent", "GET", f"{FORGOTTEN}/sent", _OPEN),
        ("show_password_reset", "GET", f"{FORGOTTEN}/done", _OPEN),
        *_form("reset_password", "/reset-password/{link}", _OPEN),
    ],
    "account_pages": [
        ("show_home", "GET", HOME, _SIGNED_IN),
        ("show_account", "GET", ACCOUNT, _SIGNED_IN),
        *_form("own_password", f"{ACCOUNT}/password", _SIGNED_IN),
        *_form("own_question", f"{ACCOUNT}/secret-question", _SIGNED_IN),
        *_form("own_contact", f"{ACCOUNT}/contact-details", _SIGNED_IN),
        *_form("own_emails", f"{ACCOUNT}/emails", _SIGNED_IN),
    ],
    "registration_pages": [
        *_form("new_learner", NEW_LEARNER, Capability.LEARNERS_REGISTER),
        *_form("new_learner_check", f"{NEW_LEARNER}/check", Capability.LEARNERS_REGISTER),
        ("show_registered", "GET", f"{NEW_LEARNER}/done", Capability.LEARNERS_REGISTER),
    ],
    "exception_pages": [
        ("show_exceptions", "GET", EXCEPTIONS, Capability.PENDING_MATCHES_MANAGE),
        *_form("exception", f"{EXCEPTIONS}/{{pending}}", Capability.PENDING_MATCHES_MANAGE),
        *_form("exception_check", f"{EXCEPTIONS}/{{pending}}/check", Capability.PENDING_MATCHES_MANAGE),
    ],
    "learner_pages": [
        *_form("find_by_uln", LEARNERS, Capability.LEARNERS_FIND),
        *_form("find_by_details", f"{LEARNERS}/by-details", Capability.LEARNERS_FIND),
        ("show_learners_found", "GET", f"{LEARNERS}/results", Capability.LEARNERS_FIND),
        ("show_learner", "GET", f"{LEARNERS}/{{uln}}", Capability.LEARNERS_FIND),
    ],
    "learner_change_pages": [
        *_form("edit", f"{LEARNERS}/{{uln}}/edit", Capability.LEARNERS_UPDATE),
        *_form("report_problem", f"{LEARNERS}/{{uln}}/report-problem", Capability.CHALLENGES_RAISE),
        ("show_problem_reported", "GET", f"{LEARNERS}/{{uln}}/report-problem/done", Capability.CHALLENGES_RAISE),
    ],
    "link_pages": [
        *_form("link", f"{LEARNERS}/{{uln}}/link", Capability.LEARNERS_LINK),
        *_form("link_check", f"{LEARNERS}/{{uln}}/link/check", Capability.LEARNERS_LINK),
        *_form("unlink", f"{LEARNERS}/{{uln}}/unlink", Capability.LEARNERS_LINK),
    ],
    "record_pages": [
        *_form("records", RECORDS, Capability.RECORDS_READ),
        ("show_record", "GET", _RECORD, Capability.RECORDS_READ),
        ("show_record_event", "GET", f"{_RECORD}/events/{{event}}", Capability.RECORDS_READ),
    ],
    "verification_pages": [
        *_form("verify", VERIFY, Capability.LEARNERS_VERIFY),
        ("show_verified", "GET", f"{VERIFY}/result", Capability.LEARNERS_VERIFY),
    ],
    "new_user_pages": [
        *_form("new_user", f"{USERS}/new", _USERS),
        *_form("new_user_check", f"{USERS}/new/check", _USERS),
    ],
    "user_pages": [
        *_form("users", USERS, _USERS),
        ("show_users_file", "GET", f"{USERS}/csv", _USERS),
        *_form("user_review", f"{USERS}/review", _USERS),
        ("show_user", "GET", _USER, _USERS),
        ("show_user_activity", "GET", f"{_USER}/activity", _USERS),
        ("show_activity", "GET", ACTIVITY, _USERS),
    ],
    "user_change_pages": [
        *_form("user_update", f"{_USER}/update", _USERS),
        *_form("user_suspension", f"{_USER}/suspend", _USERS),
        *_form("user_reactivation", f"{_USER}/reactivate", _USERS),
        *_form("user_password_reset", f"{_USER}/reset-password", _USERS),
        *_form("user_identity", f"{_USER}/verify-identity", _USERS),
        *_form("user_deletion", f"{_USER}/delete", _USERS),
    ],
    "organisation_pages": [
        ("show_settings", "GET", ORGANISATION, _SETTINGS),
        *_form("notifications", f"{ORGANISATION}/notifications", _SETTINGS),
        ("show_file_drop", "GET", f"{ORGANISATION}/file-drop", _SETTINGS),
    ],
    "credential_pages": [
        ("show_credentials", "GET", CREDENTIALS, _SETTINGS),
        *_form("new_credential", f"{CREDENTIALS}/new", _SETTINGS),
        ("show_credential", "GET", _CREDENTIAL, _SETTINGS),
        *_form("credential_rotation", f"{_CREDENTIAL}/rotate", _SETTINGS),
        *_form("credential_revocation", f"{_CREDENTIAL}/revoke", _SETTINGS),
    ],
    "batch_upload_pages": _batches(_batch_uploads),
    "large_file_pages": [
        ("expect_large_achievement_batch", "POST", f"{LARGE}/start", Capability.ACHIEVEMENT_BATCHES_SUBMIT),
        ("show_large_achievement_batch", "GET", f"{LARGE}/{{job_id}}", Capability.ACHIEVEMENT_BATCHES_SUBMIT),
        ("show_large_achievement_batch_sent", "GET", f"{LARGE}/{{job_id}}/sent", Capability.ACHIEVEMENT_BATCHES_SUBMIT),
    ],
    "batch_pages": _batches(_batch_jobs),
    # Paths that begin with "new" come before those with a UKPRN in their place.
    "registration_desk_pages": [
        *_form("new_organisation", f"{ORGANISATIONS}/new", Capability.ORGANISATIONS_MANAGE),
        *_form("new_roles", f"{ORGANISATIONS}/new/roles", Capability.ORGANISATIONS_MANAGE),
        *_form("new_check", f"{ORGANISATIONS}/new/check", Capability.ORGANISATIONS_MANAGE),
        *_form("first_super_user", f"{ORGANISATIONS}/{{ukprn}}/first-super-user", Capability.ORGANISATIONS_MANAGE),
        *_form("change_of_super_user", f"{ORGANISATIONS}/{{ukprn}}/super-user", Capability.SUPER_USERS_REPLACE),
    ],
    "list_pages": [
        ("show_lists", "GET", LISTS, Capability.REFERENCE_DATA_MANAGE),
        *_form("list", f"{LISTS}/{{list}}", Capability.REFERENCE_DATA_MANAGE),
        *_form("list_comparison", f"{LISTS}/{{list}}/{{version}}", Capability.REFERENCE_DATA_MANAGE),
        ("get_list_file", "GET", f"{LISTS}/{{list}}/{{version}}/file", Capability.REFERENCE_DATA_MANAGE),
    ],
    "load_pages": [
        ("show_register_loads", "GET", LOADS, Capability.REFERENCE_DATA_MANAGE),
        ("start_load", "POST", f"{LOADS}/{{kind}}", Capability.REFERENCE_DATA_MANAGE),
        *_form("load_again", f"{LOADS}/{{kind}}/{{load}}", Capability.REFERENCE_DATA_MANAGE),
        *_form("load_acceptance", f"{LOADS}/{{kind}}/{{load}}/accept", Capability.REFERENCE_DATA_MANAGE),
    ],
    "administration_pages": [
        ("show_service_settings", "GET", f"{ADMINISTRATION}/settings", Capability.REFERENCE_DATA_MANAGE),
    ],
    "stuck_pages": [
        ("show_stuck_jobs", "GET", STUCK, Capability.REFERENCE_DATA_MANAGE),
        *_form("job_end", f"{STUCK}/{{job_id}}/end", Capability.REFERENCE_DATA_MANAGE),
        *_form("messages_again", f"{STUCK}/queues/{{queue}}/messages", Capability.REFERENCE_DATA_MANAGE),
    ],
    "developer_pages": [
        ("show_developers", "GET", DEVELOPERS, Capability.ORGANISATIONS_MANAGE),
        ("show_developers_file", "GET", f"{DEVELOPERS}/csv", Capability.ORGANISATIONS_MANAGE),
        *_form("new_developer", f"{DEVELOPERS}/new", Capability.ORGANISATIONS_MANAGE),
        *_form("developer_end", f"{DEVELOPERS}/{{developer}}/end", Capability.ORGANISATIONS_MANAGE),
    ],
    "organisation_desk_pages": [
        ("show_organisations", "GET", ORGANISATIONS, Capability.ORGANISATIONS_MANAGE),
        ("show_organisation", "GET", f"{ORGANISATIONS}/{{ukprn}}", Capability.ORGANISATIONS_MANAGE),
        *_form("organisation_details", f"{ORGANISATIONS}/{{ukprn}}/details", Capability.ORGANISATIONS_MANAGE),
        *_form("organisation_roles", f"{ORGANISATIONS}/{{ukprn}}/roles", Capability.ORGANISATIONS_MANAGE),
        *_form("organisation_status", f"{ORGANISATIONS}/{{ukprn}}/status", Capability.ORGANISATIONS_MANAGE),
    ],
    "level_pages": [
        ("show_service_levels", "GET", LEVELS, Capability.SERVICE_LEVELS_READ),
        ("show_service_report", "GET", f"{LEVELS}/reports/{{month}}", Capability.SERVICE_LEVELS_READ),
        ("save_service_report", "GET", f"{LEVELS}/reports/{{month}}/pdf", Capability.SERVICE_LEVELS_READ),
        ("get_service_report_file", "GET", f"{LEVELS}/reports/{{month}}/csv", Capability.SERVICE_LEVELS_READ),
        ("show_level_history", "GET", f"{LEVELS}/functions/{{function}}", Capability.SERVICE_LEVELS_READ),
        ("get_level_history_file", "GET", f"{LEVELS}/functions/{{function}}/csv", Capability.SERVICE_LEVELS_READ),
        ("show_level_faults", "GET", f"{LEVELS}/functions/{{function}}/faults", Capability.SERVICE_LEVELS_READ),
    ],
    "maintenance_pages": [
        ("show_maintenance", "GET", MAINTENANCE, Capability.MAINTENANCE_MANAGE),
        *_form("new_window", f"{MAINTENANCE}/new", Capability.MAINTENANCE_MANAGE),
        ("show_window", "GET", f"{MAINTENANCE}/{{window}}", Capability.MAINTENANCE_MANAGE),
        *_form("window_change", f"{MAINTENANCE}/{{window}}/change", Capability.MAINTENANCE_MANAGE),
        *_form("window_cancellation", f"{MAINTENANCE}/{{window}}/cancel", Capability.MAINTENANCE_MANAGE),
        *_form("window_end", f"{MAINTENANCE}/{{window}}/end", Capability.MAINTENANCE_MANAGE),
    ],
    "recovery_pages": [
        ("show_recoveries", "GET", RECOVERIES, Capability.SERVICE_LEVELS_READ),
        *_form("invocation", f"{RECOVERIES}/invoke", Capability.MAINTENANCE_MANAGE),
        *_form("invocation_check", f"{RECOVERIES}/invoke/check", Capability.MAINTENANCE_MANAGE),
        *_form("service_reinstatement", f"{RECOVERIES}/reinstate", Capability.MAINTENANCE_MANAGE),
    ],
    "downtime_pages": [
        *_form("downtime", DOWNTIME, Capability.MAINTENANCE_MANAGE),
        *_form("downtime_check", f"{DOWNTIME}/check", Capability.MAINTENANCE_MANAGE),
    ],
    "operation_pages": [("show_deadlines", "GET", DEADLINES, Capability.SERVICE_LEVELS_READ)],
    "status_pages": [
        ("show_status", "GET", STATUS, _OPEN),
        ("get_status_document", "GET", f"{STATUS}.json", _OPEN),
        ("get_status_feed", "GET", f"{STATUS}.atom", _OPEN),
    ],
    "record_report_pages": [
        *_form("record_report", f"{_RECORD}/report", Capability.RECORDS_READ),
        ("show_printed_record", "GET", f"{_RECORD}/print", Capability.RECORDS_READ),
        ("save_record_report", "GET", f"{_RECORD}/report.pdf", Capability.RECORDS_READ),
    ],
    "event_problem_pages": [
        *_form("event_problem", f"{_RECORD}/events/{{event}}/problem", Capability.CHALLENGES_RAISE),
        ("show_event_problems", "GET", f"{_RECORD}/problems", Capability.CHALLENGES_RAISE),
    ],
    "availability_pages": [
        *_form("availability", f"{_LEARNER}/availability", Capability.RECORDS_AVAILABILITY),
        *_form("availability_check", f"{_LEARNER}/availability/check", Capability.RECORDS_AVAILABILITY),
    ],
    "access_log_pages": [
        ("show_access_log", "GET", f"{_LEARNER}/access-log", Capability.RECORDS_ACCESS_LOG),
        ("save_access_log", "GET", f"{_LEARNER}/access-log.csv", Capability.RECORDS_ACCESS_LOG),
    ],
    "achievement_pages": [
        ("show_achievements", "GET", ACHIEVEMENTS, _SINGLE),
        *_form("new_achievement", f"{ACHIEVEMENTS}/create", _SINGLE),
        *_form("new_achievement_check", f"{ACHIEVEMENTS}/create/check", _SINGLE),
        ("show_created_achievement", "GET", f"{ACHIEVEMENTS}/create/done", _SINGLE),
        *_form("find_achievement", f"{ACHIEVEMENTS}/find/{{word}}", _SINGLE),
    ],
    "submission_pages": [
        *_form("submitted_achievements", f"{ACHIEVEMENTS}/submitted", _SINGLE),
        ("show_achievements_of_learner", "GET", f"{ACHIEVEMENTS}/learners/{{uln}}", _SINGLE),
    ],
    "achievement_change_pages": [
        ("show_achievement", "GET", _ONE, _SINGLE),
        *_form("achievement_update", f"{_ONE}/update", _SINGLE),
        *_form("achievement_update_check", f"{_ONE}/update/check", _SINGLE),
        *_form("achievement_withdrawal", f"{_ONE}/withdraw", _SINGLE),
        *_form("achievement_withdrawal_check", f"{_ONE}/withdraw/check", _SINGLE),
        *_form("achievement_reinstatement", f"{_ONE}/reinstate", _SINGLE),
        *_form("achievement_reinstatement_check", f"{_ONE}/reinstate/check", _SINGLE),
    ],
    "timeliness_pages": [
        ("show_timeliness", "GET", TIMELINESS, Capability.TIMELINESS_READ),
        ("show_timeliness_file", "GET", f"{TIMELINESS}/csv", Capability.TIMELINESS_READ),
    ],
    "batch_error_pages": _batches(_batch_errors),
    "file_format_pages": [
        ("show_file_formats", "GET", FILE_FORMATS, _OPEN),
        ("show_file_codes", "GET", f"{FILE_FORMATS}/codes", _OPEN),
        ("get_file_template", "GET", f"{FILE_FORMATS}/files/{{file}}", _OPEN),
        ("show_file_format", "GET", f"{FILE_FORMATS}/{{layout}}", _OPEN),
    ],
    "public_pages": [
        ("show_start", "GET", START, _OPEN),
        ("show_user_agreement", "GET", "/user-agreement", _OPEN),
        ("show_accessibility", "GET", "/accessibility", _OPEN),
        ("show_privacy", "GET", "/privacy", _OPEN),
        ("show_cookies", "GET", "/cookies", _OPEN),
        ("show_contact", "GET", "/contact", _OPEN),
        ("show_news", "GET", "/news", _OPEN),
        ("show_charter", "GET", "/service-charter", _OPEN),
        ("show_validator", "GET", VALIDATOR, _OPEN),
        ("get_validator", "GET", f"{VALIDATOR}/lrs-validator.py", _OPEN),
    ],
    "help_pages": [
        ("show_help", "GET", HELP, _OPEN),
        ("show_glossary", "GET", f"{HELP}/glossary", _OPEN),
        ("show_return_codes", "GET", f"{HELP}/return-codes", _OPEN),
        ("show_data_rules", "GET", f"{HELP}/data-rules", _OPEN),
    ],
}

ENTRIES: Final = tuple(
    Entry(*row, f"chalicelib.web.portal.{module}") for module, rows in _FAMILIES.items() for row in rows
)
_BY_NAME: Final = {entry.name: entry for entry in ENTRIES}


def _shape(path: str) -> tuple[str, int]:
    """What a path and its entry have in common whatever the names in it stand for: its first part, and how many follow.

    No path begins with a name.
    """
    first, *others = path[1:].split("/")
    return first, len(others)


_BY_SHAPE: Final[dict[tuple[str, int], list[Entry]]] = {}
for _entry in ENTRIES:
    _BY_SHAPE.setdefault(_shape(_entry.path), []).append(_entry)

AT_ANY_STAGE: Final = frozenset({_BY_NAME["sign_out"], _BY_NAME["show_session"]})
"""Pages for people who are signed in, whatever they owe."""


def view(limit: int = FORM_LIMIT, *, has_files: bool = False) -> Callable[[Callable[[Visit], Result]], View]:
    """Declare a function as the view with its name in this table; raises KeyError if there is none."""
    return lambda show: View(_BY_NAME[show.__name__], show, limit, has_files)


def named(name: str) -> Entry:
    """The entry with this name; raises KeyError if there is none."""
    return _BY_NAME[name]


def find(method: str, path: str) -> tuple[Entry, Mapping[str, str]] | None:
    """The entry for a request, and the values of the names in its path; None if there is none."""
    wanted = "GET" if method == "HEAD" else method
    for entry in _BY_SHAPE.get(_shape(path), ()):
        if entry.method == wanted and (names := entry.match(path)) is not None:
            return entry, names
    return None


def page_of(entry: Entry, path: str) -> str:
    """The page with the form that is sent to this path: its own; or else that for something new beside it, or the one
    above it. Empty if there is none of these.
    """
    above = path.rpartition("/")[0]
    for page, pattern in ((path, entry.path), (f"{above}/new", f"{above}/new"), (above, above)):
        found = find("GET", page) if page else None
        if found is not None and found[0].path == pattern:
            return page
    return ""


def methods_of(path: str) -> list[str]:
    """The methods with which a path can be used."""
    found = {entry.method for entry in _BY_SHAPE.get(_shape(path), ()) if entry.match(path) is not None}
    return sorted(found | ({"HEAD"} if "GET" in found else set()))
