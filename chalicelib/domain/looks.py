"""The audit log's actions and outcomes: everything that can be looked at, tried or changed (SEC-01).

A code is stored, and never reused for something else; ``formats.words.look_wording`` has the words for each.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class LookAction(StrEnum):
    """One kind of look or change."""

    # Learners.
    LEARNER_FOUND_BY_ULN = "learner-found-by-uln"
    LEARNER_FOUND_BY_DETAILS = "learner-found-by-details"
    LEARNER_RETRIEVED = "learner-retrieved"
    ULNS_RETRIEVED = "ulns-retrieved"
    LEARNER_VERIFIED = "learner-verified"
    LEARNER_REGISTERED = "learner-registered"
    LEARNER_UPDATED = "learner-updated"
    LEARNER_LINKED = "learner-linked"
    LEARNER_UNLINKED = "learner-unlinked"
    PENDING_MATCHES_LISTED = "pending-matches-listed"
    PENDING_MATCH_VIEWED = "pending-match-viewed"
    PENDING_MATCH_USED = "pending-match-used"
    PENDING_MATCH_REGISTERED = "pending-match-registered"
    PENDING_MATCH_DROPPED = "pending-match-dropped"
    # Learners, by file.
    LEARNER_IN_FILE_VERIFIED = "learner-in-file-verified"
    LEARNER_IN_FILE_CHECKED = "learner-in-file-checked"
    LEARNER_IN_FILE_REGISTERED = "learner-in-file-registered"
    LEARNERS_OF_ACHIEVEMENTS_VERIFIED = "learners-of-achievements-verified"
    # Achievements.
    ACHIEVEMENT_CREATED = "achievement-created"
    ACHIEVEMENT_UPDATED = "achievement-updated"
    ACHIEVEMENT_WITHDRAWN = "achievement-withdrawn"
    ACHIEVEMENT_REINSTATED = "achievement-reinstated"
    ACHIEVEMENT_CHANGED = "achievement-changed"
    """Several of the four above in one write, from the records of a file."""
    ACHIEVEMENT_CHECKED = "achievement-checked"
    """A change was judged and not made, so that its submitter can check it first."""
    ACHIEVEMENT_VIEWED = "achievement-viewed"
    ACHIEVEMENT_HISTORY_VIEWED = "achievement-history-viewed"
    ACHIEVEMENTS_OF_LEARNER_LISTED = "achievements-of-learner-listed"
    ACHIEVEMENTS_OF_DAY_LISTED = "achievements-of-day-listed"
    # Personal learning records.
    RECORD_VIEWED = "record-viewed"
    RECORD_COMPARED = "record-compared"
    """A check whether the record has changed since the caller read it."""
    RECORD_PRINTED = "record-printed"
    """Made into a report, to be printed or saved."""
    ACCESS_LOG_VIEWED = "access-log-viewed"
    AVAILABILITY_REQUESTED = "availability-requested"
    CHALLENGE_RAISED = "challenge-raised"
    CHALLENGES_LISTED = "challenges-listed"
    # Batch jobs, credentials, organisations.
    JOB_VIEWED = "job-viewed"
    JOB_FILE_FETCHED = "job-file-fetched"
    JOB_RECORDS_LISTED = "job-records-listed"
    JOB_CANCELLED = "job-cancelled"
    JOB_ENDED = "job-ended"
    """Ended by an administrator, before its records were all answered."""
    MESSAGES_SENT_AGAIN = "messages-sent-again"
    CREDENTIAL_ISSUED = "credential-issued"
    CREDENTIAL_REPLACED = "credential-replaced"
    CREDENTIAL_REVOKED = "credential-revoked"
    ORGANISATION_SAVED = "organisation-saved"
    ORGANISATIONS_LISTED = "organisations-listed"
    ORGANISATION_REGISTERED = "organisation-registered"
    ORGANISATION_CHANGED = "organisation-changed"
    ORGANISATION_GRANTED = "organisation-granted"
    ORGANISATION_SUSPENDED = "organisation-suspended"
    ORGANISATION_REACTIVATED = "organisation-reactivated"
    DEVELOPER_REGISTERED = "developer-registered"
    DEVELOPER_ENDED = "developer-ended"
    LIST_CHANGED = "list-changed"
    LIST_DOWNLOADED = "list-downloaded"
    LOAD_STARTED = "load-started"
    LOAD_ACCEPTED = "load-accepted"
    """Of a register, although it changes too much."""
    # Portal users.
    SIGNED_IN = "signed-in"
    SIGNED_OUT = "signed-out"
    AGREEMENT_ACCEPTED = "agreement-accepted"
    AGREEMENT_DECLINED = "agreement-declined"
    PASSWORD_CHANGED = "password-changed"  # noqa: S105 - a word, not a secret
    QUESTION_CHANGED = "question-changed"
    RESET_LINK_SENT = "reset-link-sent"
    USERS_LISTED = "users-listed"
    USER_VIEWED = "user-viewed"
    USER_CREATED = "user-created"
    USER_UPDATED = "user-updated"
    USER_SUSPENDED = "user-suspended"
    USER_REACTIVATED = "user-reactivated"
    USER_DELETED = "user-deleted"
    USER_PASSWORD_RESET = "user-password-reset"  # noqa: S105
    USER_IDENTITY_VERIFIED = "user-identity-verified"
    USER_ACTIVITY_VIEWED = "user-activity-viewed"
    USERS_REVIEWED = "users-reviewed"
    SUPER_USER_REPLACED = "super-user-replaced"
    # Maintenance, downtime, calls.
    MAINTENANCE_ENTERED = "maintenance-entered"
    MAINTENANCE_CHANGED = "maintenance-changed"
    MAINTENANCE_CANCELLED = "maintenance-cancelled"
    OUTAGE_RECORDED = "outage-recorded"
    RECOVERY_INVOKED = "recovery-invoked"
    SERVICE_REINSTATED = "service-reinstated"
    CALL_MADE = "call-made"
    """Recorded only if the call is refused."""
    # Changes from the register's stream.
    LEARNER_SAVED = "learner-saved"
    """A learner loaded in bulk: any other change has the action of the request that made it."""
    LEARNER_IN_FILE_SAVED = "learner-in-file-saved"
    LEARNER_REMOVED = "learner-removed"
    LEARNING_EVENT_SAVED = "learning-event-saved"
    LEARNING_EVENT_REMOVED = "learning-event-removed"
    AVAILABILITY_SAVED = "availability-saved"
    CHALLENGE_SAVED = "challenge-saved"
    ITEM_SAVED = "item-saved"
    """Any other item of the register."""
    ITEM_REMOVED = "item-removed"


REPEATED_LOOKS: Final = frozenset(
    {LookAction.LEARNER_IN_FILE_SAVED, LookAction.AVAILABILITY_SAVED, LookAction.CHALLENGE_SAVED}
)
"""Changes from the stream whose look is always in the log as well. A learner's access log leaves them out."""
_NOT_OF_A_LEARNER: Final = frozenset(
    {
        LookAction.PENDING_MATCHES_LISTED,
        LookAction.PENDING_MATCH_DROPPED,
        LookAction.LEARNERS_OF_ACHIEVEMENTS_VERIFIED,
        LookAction.ACHIEVEMENTS_OF_DAY_LISTED,
        LookAction.JOB_VIEWED,
        LookAction.JOB_FILE_FETCHED,
        LookAction.JOB_RECORDS_LISTED,
        LookAction.JOB_CANCELLED,
        LookAction.JOB_ENDED,
        LookAction.MESSAGES_SENT_AGAIN,
        LookAction.CREDENTIAL_ISSUED,
        LookAction.CREDENTIAL_REPLACED,
        LookAction.CREDENTIAL_REVOKED,
        LookAction.ORGANISATION_SAVED,
        LookAction.ORGANISATIONS_LISTED,
        LookAction.ORGANISATION_REGISTERED,
        LookAction.ORGANISATION_CHANGED,
        LookAction.ORGANISATION_GRANTED,
        LookAction.ORGANISATION_SUSPENDED,
        LookAction.ORGANISATION_REACTIVATED,
        LookAction.DEVELOPER_REGISTERED,
        LookAction.DEVELOPER_ENDED,
        LookAction.LIST_CHANGED,
        LookAction.LIST_DOWNLOADED,
        LookAction.LOAD_STARTED,
        LookAction.LOAD_ACCEPTED,
        LookAction.SIGNED_IN,
        LookAction.SIGNED_OUT,
        LookAction.AGREEMENT_ACCEPTED,
        LookAction.AGREEMENT_DECLINED,
        LookAction.PASSWORD_CHANGED,
        LookAction.QUESTION_CHANGED,
        LookAction.RESET_LINK_SENT,
        LookAction.USERS_LISTED,
        LookAction.USER_VIEWED,
        LookAction.USER_CREATED,
        LookAction.USER_UPDATED,
        LookAction.USER_SUSPENDED,
        LookAction.USER_REACTIVATED,
        LookAction.USER_DELETED,
        LookAction.USER_PASSWORD_RESET,
        LookAction.USER_IDENTITY_VERIFIED,
        LookAction.USER_ACTIVITY_VIEWED,
        LookAction.USERS_REVIEWED,
        LookAction.SUPER_USER_REPLACED,
        LookAction.MAINTENANCE_ENTERED,
        LookAction.MAINTENANCE_CHANGED,
        LookAction.MAINTENANCE_CANCELLED,
        LookAction.OUTAGE_RECORDED,
        LookAction.RECOVERY_INVOKED,
        LookAction.SERVICE_REINSTATED,
        LookAction.CALL_MADE,
    }
)
IN_ACCESS_LOG: Final = tuple(
    action for action in LookAction if action not in REPEATED_LOOKS and action not in _NOT_OF_A_LEARNER
)
"""The actions that a learner's access log can show."""


def version_entry(number: int) -> str:
    """The entry id of a version of a learner: the same for the request that made it and for the register's stream, so
    that there is one entry, whichever of the two is first.
    """
    return f"version-{number}"


class LookOutcome(StrEnum):
    """The result of a look or change."""

    DONE = "DONE"
    UNCHANGED = "UNCHANGED"
    """Nothing to change: it was already so."""
    NOT_FOUND = "NOT_FOUND"
    """It does not exist, or the caller may not see it."""
    REFUSED = "REFUSED"
