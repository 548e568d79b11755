"""The words of the audit log's actions, as an access log shows them (PLR-07)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from chalicelib.domain.looks import LookAction as Did
from chalicelib.domain.looks import LookOutcome
from chalicelib.formats.words.texts import Text


class LookWords(NamedTuple):
    """How an action reads."""

    done: str
    attempt: str
    """After "Tried to", where it was refused or found nothing."""


LOOK_WORDS: Final[Mapping[Did, LookWords]] = {
    Did.LEARNER_FOUND_BY_ULN: LookWords("Learner found by ULN", "find the learner by ULN"),
    Did.LEARNER_FOUND_BY_DETAILS: LookWords("Learner found by personal details", "find learners by personal details"),
    Did.LEARNER_RETRIEVED: LookWords("Learner viewed", "view the learner"),
    Did.ULNS_RETRIEVED: LookWords("ULN checked", "check the ULN"),
    Did.LEARNER_VERIFIED: LookWords("Learner's details verified", "verify the learner's details"),
    Did.LEARNER_REGISTERED: LookWords("Learner registered", "register the learner"),
    Did.LEARNER_UPDATED: LookWords("Learner's details updated", "update the learner's details"),
    Did.LEARNER_LINKED: LookWords("ULN linked with another", "link the ULN with another"),
    Did.LEARNER_UNLINKED: LookWords("Link between ULNs removed", "remove the link between ULNs"),
    Did.PENDING_MATCHES_LISTED: LookWords("Pending matches listed", "list pending matches"),
    Did.PENDING_MATCH_VIEWED: LookWords("Viewed as a possible match", "view a pending match"),
    Did.PENDING_MATCH_USED: LookWords("Chosen as the match for a registration", "choose a ULN for a pending match"),
    Did.PENDING_MATCH_REGISTERED: LookWords("Registered from a pending match", "register from a pending match"),
    Did.PENDING_MATCH_DROPPED: LookWords("Pending match dropped", "drop a pending match"),
    Did.LEARNER_IN_FILE_VERIFIED: LookWords("Learner's details verified by file", "verify learners by file"),
    Did.LEARNER_IN_FILE_CHECKED: LookWords("Learner checked by file", "check learners by file"),
    Did.LEARNER_IN_FILE_REGISTERED: LookWords(
        "Learner registered, updated or found by file", "register learners by file"
    ),
    Did.LEARNERS_OF_ACHIEVEMENTS_VERIFIED: LookWords(
        "Learners of an achievement file verified", "verify the learners of an achievement file"
    ),
    Did.ACHIEVEMENT_CREATED: LookWords("Achievement added", "add an achievement"),
    Did.ACHIEVEMENT_UPDATED: LookWords("Achievement updated", "update an achievement"),
    Did.ACHIEVEMENT_WITHDRAWN: LookWords("Achievement withdrawn", "withdraw an achievement"),
    Did.ACHIEVEMENT_REINSTATED: LookWords("Achievement reinstated", "reinstate an achievement"),
    Did.ACHIEVEMENT_CHANGED: LookWords("Achievement changed by file", "change an achievement by file"),
    Did.ACHIEVEMENT_CHECKED: LookWords("Achievement checked before a change", "check an achievement before a change"),
    Did.ACHIEVEMENT_VIEWED: LookWords("Achievement viewed", "view an achievement"),
    Did.ACHIEVEMENT_HISTORY_VIEWED: LookWords("History of an achievement viewed", "view the history of an achievement"),
    Did.ACHIEVEMENTS_OF_LEARNER_LISTED: LookWords("Achievements listed", "list achievements"),
    Did.ACHIEVEMENTS_OF_DAY_LISTED: LookWords("Achievements of a day listed", "list the achievements of a day"),
    Did.RECORD_VIEWED: LookWords("Learning record viewed", "view the learning record"),
    Did.RECORD_COMPARED: LookWords("Learning record checked for changes", "check the learning record for changes"),
    Did.RECORD_PRINTED: LookWords("Report of the learning record made", "make a report of the learning record"),
    Did.ACCESS_LOG_VIEWED: LookWords("Access log viewed", "view the access log"),
    Did.AVAILABILITY_REQUESTED: LookWords(
        "Change of the record's availability requested", "change the record's availability"
    ),
    Did.CHALLENGE_RAISED: LookWords("Problem reported", "report a problem"),
    Did.CHALLENGES_LISTED: LookWords("Reported problems listed", "list reported problems"),
    Did.JOB_VIEWED: LookWords("Batch viewed", "view a batch"),
    Did.JOB_FILE_FETCHED: LookWords("File of a batch fetched", "fetch a file of a batch"),
    Did.JOB_RECORDS_LISTED: LookWords("Records of a batch listed", "list the records of a batch"),
    Did.JOB_CANCELLED: LookWords("Job cancelled", "cancel a job"),
    Did.JOB_ENDED: LookWords("Job ended by an administrator", "end a job"),
    Did.MESSAGES_SENT_AGAIN: LookWords("Messages sent again", "send messages again"),
    Did.CREDENTIAL_ISSUED: LookWords("Credential issued", "issue a credential"),
    Did.CREDENTIAL_REPLACED: LookWords("Credential replaced", "replace a credential"),
    Did.MAINTENANCE_ENTERED: LookWords("Maintenance window entered", "enter a maintenance window"),
    Did.MAINTENANCE_CHANGED: LookWords("Maintenance window changed", "change a maintenance window"),
    Did.MAINTENANCE_CANCELLED: LookWords("Maintenance window cancelled", "cancel a maintenance window"),
    Did.RECOVERY_INVOKED: LookWords("Disaster recovery invoked", "invoke disaster recovery"),
    Did.SERVICE_REINSTATED: LookWords("Service reinstated", "record that the service is reinstated"),
    Did.OUTAGE_RECORDED: LookWords("Outage recorded", "record an outage"),
    Did.CREDENTIAL_REVOKED: LookWords("Credential revoked", "revoke a credential"),
    Did.ORGANISATION_SAVED: LookWords("Organisation set up", "set up an organisation"),
    Did.ORGANISATIONS_LISTED: LookWords("Organisations listed", "list organisations"),
    Did.ORGANISATION_REGISTERED: LookWords("Organisation registered", "register an organisation"),
    Did.ORGANISATION_CHANGED: LookWords("Organisation's details changed", "change an organisation's details"),
    Did.ORGANISATION_GRANTED: LookWords("Organisation's roles changed", "change an organisation's roles"),
    Did.ORGANISATION_SUSPENDED: LookWords("Organisation suspended", "suspend an organisation"),
    Did.ORGANISATION_REACTIVATED: LookWords("Organisation reactivated", "reactivate an organisation"),
    Did.DEVELOPER_REGISTERED: LookWords("Developer registered", "register a developer"),
    Did.DEVELOPER_ENDED: LookWords("Registration of a developer ended", "end the registration of a developer"),
    Did.LIST_CHANGED: LookWords("Reference list changed", "change a reference list"),
    Did.LIST_DOWNLOADED: LookWords("Reference list downloaded", "download a reference list"),
    Did.LOAD_STARTED: LookWords("Load started", "start a load"),
    Did.LOAD_ACCEPTED: LookWords("Refused load accepted", "accept a refused load"),
    Did.SIGNED_IN: LookWords("Signed in", "sign in"),
    Did.SIGNED_OUT: LookWords("Signed out", "sign out"),
    Did.AGREEMENT_ACCEPTED: LookWords("User Agreement accepted", "accept the User Agreement"),
    Did.AGREEMENT_DECLINED: LookWords("User Agreement declined", "decline the User Agreement"),
    Did.PASSWORD_CHANGED: LookWords("Password changed", "change the password"),
    Did.QUESTION_CHANGED: LookWords("Secret question changed", "change the secret question"),
    Did.RESET_LINK_SENT: LookWords("Link to choose a password sent", "get a link to choose a password"),
    Did.USERS_LISTED: LookWords("Users listed", "list users"),
    Did.USER_VIEWED: LookWords("User viewed", "view a user"),
    Did.USER_CREATED: LookWords("User created", "create a user"),
    Did.USER_UPDATED: LookWords("User updated", "update a user"),
    Did.USER_SUSPENDED: LookWords("User suspended", "suspend a user"),
    Did.USER_REACTIVATED: LookWords("User reactivated", "reactivate a user"),
    Did.USER_DELETED: LookWords("User deleted", "delete a user"),
    Did.USER_PASSWORD_RESET: LookWords("User's password reset", "reset a user's password"),
    Did.USER_IDENTITY_VERIFIED: LookWords("User's identity verified", "verify a user's identity"),
    Did.USER_ACTIVITY_VIEWED: LookWords("User's activity viewed", "view a user's activity"),
    Did.USERS_REVIEWED: LookWords("Annual review of users signed off", "sign off the annual review of users"),
    Did.SUPER_USER_REPLACED: LookWords("Lost super user replaced", "replace a lost super user"),
    Did.CALL_MADE: LookWords("Service called", "call the service"),
    Did.LEARNER_SAVED: LookWords("Learner added to the register", "add the learner to the register"),
    Did.LEARNER_REMOVED: LookWords("Learner removed", "remove the learner"),
    Did.LEARNER_IN_FILE_SAVED: LookWords("Change by file saved", "save a change by file"),
    Did.LEARNING_EVENT_SAVED: LookWords("Learning event saved", "save a learning event"),
    Did.LEARNING_EVENT_REMOVED: LookWords("Learning event removed", "remove a learning event"),
    Did.AVAILABILITY_SAVED: LookWords("Record's availability saved", "save the record's availability"),
    Did.CHALLENGE_SAVED: LookWords("Progress of a reported problem saved", "save the progress of a reported problem"),
    Did.ITEM_SAVED: LookWords("Part of the record saved", "save a part of the record"),
    Did.ITEM_REMOVED: LookWords("Part of the record removed", "remove a part of the record"),
}


TRIED: Final = "Tried to {attempt} ({ended})"
ENDED: Final[Mapping[LookOutcome, str]] = {
    LookOutcome.UNCHANGED: "nothing to change",
    LookOutcome.NOT_FOUND: "not found",
    LookOutcome.REFUSED: "refused",
}


def look_sentence(action: Did, outcome: LookOutcome) -> Text:
    """How an entry reads: what was done, or what somebody tried to do and how it ended."""
    words = LOOK_WORDS[action]
    if outcome is LookOutcome.DONE:
        return Text(words.done)
    return Text(TRIED, {"attempt": Text(words.attempt), "ended": Text(ENDED[outcome])})
