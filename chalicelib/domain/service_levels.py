"""Which function of the catalogue a request or a batch belongs to, and what is agreed for it (SLA-01, SLA-02).

What serves several functions counts for the one that its callers want. ``infra/service_levels.json`` is generated from
this module, the table of routes and the catalogue; Terraform and the reporter read it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from chalicelib.domain.jobs import ACHIEVEMENTS, LEARNERS, VERIFICATIONS


class Target(NamedTuple):
    """The service level agreed for a function in a calendar month."""

    availability: float
    """Percent of its requests that do not fail, without those in agreed maintenance (C15 4)."""
    mean_milliseconds: int | None
    """The longest mean response, measured at the gateway from entry to exit (C10 3); None where none is agreed."""


_IDENTITY: Final = frozenset({"IDM-01", "IDM-02", "IDM-05", "IDM-08", "IDM-11"})
"""Identity management, which is logging in (C15 3): a system does so for its token. Account management is apart."""
_THREE_SECONDS: Final = frozenset(
    {"ACH-03", "ACH-04", "ACH-05", "ACH-08", "ACH-09", "PLR-01", "PLR-02", "PLR-03", "PLR-04", "VLD-01"}
)
"""Viewing and amending what was submitted, viewing a record, verifying a learner (C10 3, QCF02, QCF03, QCF11)."""
_FIVE_SECONDS: Final = frozenset({"QUAL-02", "QUAL-03", "QUAL-04"})
"""Rules of combination, credit check, routes to achievement (C10 3, QCF04 to QCF06)."""


def target_of(function: str) -> Target:
    """What is agreed for a function, by its number in the catalogue."""
    mean = 3_000 if function in _THREE_SECONDS else 5_000 if function in _FIVE_SECONDS else None
    return Target(100.0 if function in _IDENTITY else 99.5, mean)


OF_BATCH: Final[Mapping[str, str]] = {ACHIEVEMENTS: "ACH-06", LEARNERS: "ULN-06", VERIFICATIONS: "VLD-03"}
"""By kind of batch: the function that its records are requests of."""

_OF_ROUTE: Final[Mapping[str, str]] = {
    "health": "SLA-01",
    "give_token": "IDM-11",
    "list_token_keys": "IDM-11",
    "find_by_uln": "ULN-01",
    "retrieve_ulns": "ULN-01",
    "get_learner": "ULN-01",
    "find_by_demographics": "ULN-02",
    "register_learner": "ULN-03",
    "update_learner": "ULN-04",
    "link_learner": "ULN-09",
    "unlink_learner": "ULN-09",
    "list_pending_matches": "ULN-05",
    "get_pending_match": "ULN-05",
    "decide_pending_match": "ULN-05",
    "verify_learner": "VLD-01",
    "create_achievement": "ACH-01",
    "update_achievement": "ACH-03",
    "withdraw_achievement": "ACH-04",
    "reinstate_achievement": "ACH-05",
    "get_achievement": "ACH-08",
    "list_achievements": "ACH-08",
    "list_achievements_of_learner": "ACH-08",
    "list_achievement_batch_records": "ACH-08",
    "get_achievement_history": "ACH-09",
    "view_record": "PLR-01",
    "view_record_again": "PLR-02",
    "request_availability": "PLR-05",
    "view_access_log": "PLR-07",
    "raise_challenge": "PLR-06",
    "list_challenges": "PLR-06",
    "get_organisation": "IDM-10",
    "list_recoveries": "SLA-07",
    "invoke_recovery": "SLA-07",
    "reinstate_service": "SLA-07",
    "get_timeliness": "ACH-10",
    "get_timeliness_file": "ACH-10",
    "list_maintenance_windows": "SLA-05",
    "get_maintenance_window": "SLA-05",
    "enter_maintenance_window": "SLA-05",
    "change_maintenance_window": "SLA-05",
    "cancel_maintenance_window": "SLA-05",
    "read_maintenance_schedule": "SLA-05",
    "get_service_levels": "SLA-04",
    "get_openapi": "VAL-03",
    "read_reference": "VAL-03",
    "go_to_reference": "VAL-03",
    "read_file_formats": "VAL-03",
    "get_template": "VAL-03",
    **dict.fromkeys(("show_file_formats", "show_file_format", "show_file_codes", "get_file_template"), "VAL-03"),
    **dict.fromkeys(("check_achievement_batch", "check_learner_batch", "check_verification_batch"), "VAL-02"),
    **dict.fromkeys(("show_sign_in", "submit_sign_in", "show_agreement", "submit_agreement", "show_home"), "IDM-01"),
    **dict.fromkeys(
        ("show_new_password", "submit_new_password", "show_first_question", "submit_first_question"), "IDM-02"
    ),
    **dict.fromkeys(
        (
            "show_forgotten_password",
            "submit_forgotten_password",
            "submit_answer",
            "show_link_sent",
            "show_reset_password",
            "submit_reset_password",
            "show_password_reset",
        ),
        "IDM-05",
    ),
    **dict.fromkeys(("sign_out", "show_signed_out", "show_session"), "IDM-08"),
    **dict.fromkeys(
        (
            "show_account",
            "show_own_password",
            "submit_own_password",
            "show_own_question",
            "submit_own_question",
            "show_own_contact",
            "submit_own_contact",
            "show_own_emails",
            "submit_own_emails",
        ),
        "IDM-09",
    ),
    **dict.fromkeys(("show_records", "submit_records", "show_record", "show_record_event"), "PLR-01"),
    **dict.fromkeys(("show_find_by_uln", "submit_find_by_uln", "show_learner"), "ULN-01"),
    **dict.fromkeys(("show_find_by_details", "submit_find_by_details", "show_learners_found"), "ULN-02"),
    **dict.fromkeys(
        (
            "show_new_learner",
            "submit_new_learner",
            "show_new_learner_check",
            "submit_new_learner_check",
            "show_registered",
        ),
        "ULN-03",
    ),
    **dict.fromkeys(("show_edit", "submit_edit"), "ULN-04"),
    **dict.fromkeys(
        ("show_exceptions", "show_exception", "submit_exception", "show_exception_check", "submit_exception_check"),
        "ULN-05",
    ),
    **dict.fromkeys(
        ("show_link", "submit_link", "show_link_check", "submit_link_check", "show_unlink", "submit_unlink"), "ULN-09"
    ),
    **dict.fromkeys(("show_report_problem", "submit_report_problem", "show_problem_reported"), "ULN-10"),
    **dict.fromkeys(("show_verify", "submit_verify", "show_verified"), "VLD-01"),
    **dict.fromkeys(
        (
            "show_users",
            "submit_users",
            "show_new_user",
            "submit_new_user",
            "show_new_user_check",
            "submit_new_user_check",
            "show_user",
            "show_user_update",
            "submit_user_update",
            "show_user_suspension",
            "submit_user_suspension",
            "show_user_reactivation",
            "submit_user_reactivation",
            "show_user_password_reset",
            "submit_user_password_reset",
            "show_user_identity",
            "submit_user_identity",
            "show_user_deletion",
            "submit_user_deletion",
        ),
        "IDM-06",
    ),
    **dict.fromkeys(
        (
            "show_credentials",
            "show_credential",
            "show_new_credential",
            "submit_new_credential",
            "show_credential_rotation",
            "submit_credential_rotation",
            "show_credential_revocation",
            "submit_credential_revocation",
        ),
        "IDM-11",
    ),
    "show_settings": "IDM-10",
    **dict.fromkeys(("show_notifications", "submit_notifications"), "IDM-13"),
    "show_file_drop": "ACH-06",
    **dict.fromkeys(
        ("show_users_file", "show_user_review", "submit_user_review", "show_user_activity", "show_activity"), "IDM-12"
    ),
    **dict.fromkeys(
        (
            "show_organisations",
            "show_organisation",
            *(
                f"{verb}_{name}"
                for verb in ("show", "submit")
                for name in (
                    "new_organisation",
                    "new_roles",
                    "new_check",
                    "first_super_user",
                    "change_of_super_user",
                    "organisation_details",
                    "organisation_roles",
                    "organisation_status",
                )
            ),
        ),
        "IDM-10",
    ),
    **dict.fromkeys(
        (
            "show_service_levels",
            "show_service_report",
            "get_service_report_file",
            "save_service_report",
            "show_level_history",
            "get_level_history_file",
            "show_level_faults",
            "show_deadlines",
        ),
        "SLA-04",
    ),
    **dict.fromkeys(
        (
            "show_status",
            "get_status_document",
            "get_status_feed",
            "show_maintenance",
            "show_new_window",
            "submit_new_window",
            "show_window",
            "show_window_change",
            "submit_window_change",
            "show_window_cancellation",
            "submit_window_cancellation",
            "show_window_end",
            "submit_window_end",
        ),
        "SLA-05",
    ),
    **dict.fromkeys(("show_downtime", "submit_downtime", "show_downtime_check", "submit_downtime_check"), "SLA-04"),
    **dict.fromkeys(
        (
            "show_recoveries",
            "show_invocation",
            "submit_invocation",
            "show_invocation_check",
            "submit_invocation_check",
            "show_service_reinstatement",
            "submit_service_reinstatement",
        ),
        "SLA-07",
    ),
    **dict.fromkeys(
        ("show_record_report", "submit_record_report", "show_printed_record", "save_record_report"), "PLR-03"
    ),
    **dict.fromkeys(
        ("show_availability", "submit_availability", "show_availability_check", "submit_availability_check"), "PLR-05"
    ),
    **dict.fromkeys(("show_event_problem", "submit_event_problem", "show_event_problems"), "PLR-06"),
    **dict.fromkeys(("show_access_log", "save_access_log"), "PLR-07"),
    **dict.fromkeys(
        (
            "show_new_achievement",
            "submit_new_achievement",
            "show_new_achievement_check",
            "submit_new_achievement_check",
            "show_created_achievement",
        ),
        "ACH-01",
    ),
    **{
        f"{kind}_achievement_{change}{step}": number
        for change, number in (("update", "ACH-03"), ("withdrawal", "ACH-04"), ("reinstatement", "ACH-05"))
        for kind in ("show", "submit")
        for step in ("", "_check")
    },
    **dict.fromkeys(
        (
            "show_achievements",
            "show_find_achievement",
            "submit_find_achievement",
            "show_achievement",
            "show_submitted_achievements",
            "submit_submitted_achievements",
            "show_achievements_of_learner",
        ),
        "ACH-08",
    ),
    **dict.fromkeys(("show_timeliness", "show_timeliness_file"), "ACH-10"),
    **dict.fromkeys(
        (
            "show_lists",
            "show_list",
            "submit_list",
            "show_list_comparison",
            "submit_list_comparison",
            "get_list_file",
        ),
        "VLD-02",
    ),
    **dict.fromkeys(
        ("show_stuck_jobs", "show_job_end", "submit_job_end", "show_messages_again", "submit_messages_again"), "SLA-03"
    ),
    **dict.fromkeys(
        (
            "show_register_loads",
            "start_load",
            "show_load_again",
            "submit_load_again",
            "show_load_acceptance",
            "submit_load_acceptance",
        ),
        "QUAL-01",
    ),
    "show_service_settings": "SLA-04",
    **dict.fromkeys(
        (
            "show_developers",
            "show_developers_file",
            "show_new_developer",
            "submit_new_developer",
            "show_developer_end",
            "submit_developer_end",
        ),
        "HLP-03",
    ),
    **dict.fromkeys(
        (
            "show_start",
            "show_user_agreement",
            "show_accessibility",
            "show_privacy",
            "show_cookies",
            "show_contact",
            "show_help",
            "show_glossary",
            "show_return_codes",
            "show_data_rules",
        ),
        "HLP-01",
    ),
    "show_charter": "HLP-02",
    "show_news": "HLP-03",
    **dict.fromkeys(("show_validator", "get_validator"), "VAL-01"),
}
_BEGUN: Final[Mapping[str, str]] = {
    "achievement_batch": "ACH-06", "learner_batch": "ULN-06", "verification_batch": "VLD-03"
}  # fmt: skip
_FOLLOWED: Final[Mapping[str, str]] = {
    "achievement_batch": "ACH-07", "learner_batch": "ULN-07", "verification_batch": "VLD-03"
}  # fmt: skip


def function_of_route(name: str) -> str:
    """The number of the function that a route or a page serves; empty for what no service level is agreed for."""
    known = _OF_ROUTE.get(name)
    if known is not None:
        return known
    functions = _BEGUN if name.startswith(("begin_", "submit_")) else _FOLLOWED
    return next((number for word, number in functions.items() if word in name), "")
