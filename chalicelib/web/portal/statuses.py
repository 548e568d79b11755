"""Every status that pages show as a tag: its word, its colour, and what it means for the reader."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple

from chalicelib.domain.accounts import AccountState
from chalicelib.domain.achievements import Status as AchievementStatus
from chalicelib.domain.challenges import ChallengeStatus
from chalicelib.domain.comparisons import Agreement
from chalicelib.domain.credentials import CredentialState
from chalicelib.domain.jobs import Job, JobStatus, Risk
from chalicelib.domain.maintenance import Condition, WindowState
from chalicelib.domain.monthly_levels import Standing
from chalicelib.domain.organisations import OrganisationState
from chalicelib.domain.pending_matches import PendingState
from chalicelib.domain.records import AvailabilityState
from chalicelib.domain.recoveries import RecoveryState
from chalicelib.formats.words.statuses import JOB_WORDS
from chalicelib.formats.words.texts import Text


class Verified(StrEnum):
    """How a verification ended, in the words of AO18 Appendix C."""

    SUCCESSFUL = "Successful"
    PROBABLY = "Probably Successful"
    ERROR = "Error"


class Shown(NamedTuple):
    """A status as pages show it."""

    word: str
    colour: str
    """Of the tag; never the only sign."""
    meaning: str


_JOBS: Final = {
    JobStatus.WAITING: ("grey", "We have the file and will start on it soon."),
    JobStatus.IN_PROGRESS: ("blue", "We are checking and processing the records."),
    JobStatus.SUCCESSFUL: ("green", "We have processed the file. A record with an error was not saved."),
    JobStatus.FAILED: ("red", "We could not process the file. The reasons are listed."),
    JobStatus.CANCELLED: ("yellow", "Somebody cancelled the job. Records not yet processed were left."),
}
_EXPECTED: Final = Text(
    "We are waiting for the file, or it is being scanned for viruses. If this lasts an hour, send the file again."
)
_NEVER_CAME: Final = Text("The file did not arrive, so we ended the job. Nothing was processed: send the file again.")
_WORDS: Final[Mapping[type[StrEnum], Mapping[StrEnum, Shown]]] = {
    JobStatus: {status: Shown(JOB_WORDS[status], *shown) for status, shown in _JOBS.items()},
    AchievementStatus: {
        AchievementStatus.ACTIVE: Shown("Active", "green", "The achievement counts in the learner’s record."),
        AchievementStatus.WITHDRAWN: Shown(
            "Withdrawn", "grey", "The achievement no longer counts. You can reinstate it."
        ),
    },
    ChallengeStatus: {
        ChallengeStatus.NEW: Shown("New", "purple", "Nobody has started on this challenge."),
        ChallengeStatus.IN_PROGRESS: Shown("In progress", "blue", "Somebody is looking into this challenge."),
        ChallengeStatus.UPHELD: Shown(
            "Resolved – upheld", "green", "The challenge was right and the data was corrected."
        ),
        ChallengeStatus.REJECTED: Shown(
            "Resolved – rejected", "grey", "The data was found to be right and is unchanged."
        ),
    },
    CredentialState: {
        CredentialState.ACTIVE: Shown("Active", "green", "Your system can sign in with it."),
        CredentialState.EXPIRED: Shown("Expired", "grey", "It no longer works. Issue a new one."),
        CredentialState.REVOKED: Shown("Revoked", "red", "Somebody revoked it, and it no longer works."),
    },
    AccountState: {
        AccountState.ACTIVE: Shown("Active", "green", "The user can sign in."),
        AccountState.LOCKED: Shown(
            "Locked", "yellow", "There were too many wrong passwords. The user or a super user can reset the password."
        ),
        AccountState.SUSPENDED: Shown(
            "Suspended", "red", "The user cannot sign in until a super user reactivates the account."
        ),
        AccountState.DELETED: Shown("Deleted", "grey", "The account is closed for good."),
    },
    OrganisationState: {
        OrganisationState.ACTIVE: Shown("Active", "green", "Its people can sign in, and its systems can call."),
        OrganisationState.SUSPENDED: Shown(
            "Suspended", "red", "Its people cannot sign in, and its systems and files are refused."
        ),
    },
    AvailabilityState: {
        AvailabilityState.AVAILABLE: Shown("Available", "green", "Organisations can see the learner’s whole record."),
        AvailabilityState.OPTED_OUT: Shown(
            "Not available",
            "yellow",
            "At the learner’s request, organisations only see what they submitted themselves.",
        ),
        AvailabilityState.RESTRICTED: Shown(
            "Restricted", "red", "The service desk has restricted the record. Only the service desk can change this."
        ),
    },
    Agreement: {
        Agreement.SAME: Shown("Same", "green", "Both are the same, but for capital letters and spaces."),
        Agreement.SIMILAR: Shown("Similar", "yellow", "They differ, but may be the same."),
        Agreement.DIFFERENT: Shown("Different", "red", "They are not the same."),
        Agreement.ONE_SIDED: Shown("Not compared", "grey", "Only one of them is known."),
    },
    PendingState: {
        PendingState.WAITING: Shown("Waiting", "yellow", "Nobody is registered until you decide."),
        PendingState.REGISTERING: Shown(
            "Not finished", "yellow", "Somebody decided to register the learner as new. Decide again to finish it."
        ),
        PendingState.USED: Shown("ULN used", "green", "The learner was registered already. Use this ULN."),
        PendingState.REGISTERED: Shown("Registered", "green", "The learner was registered as new with this ULN."),
        PendingState.DROPPED: Shown("Dropped", "grey", "Nobody was registered."),
    },
    Verified: {
        Verified.SUCCESSFUL: Shown("Successful", "green", "The ULN belongs to this learner."),
        Verified.PROBABLY: Shown("Probably Successful", "yellow", "The ULN probably belongs to this learner."),
        Verified.ERROR: Shown("Error", "red", "We could not confirm that the ULN belongs to this learner."),
    },
    Standing: {
        Standing.MET: Shown("Met", "green", "Every target is met."),
        Standing.AT_RISK: Shown("At risk", "yellow", "Every target is met, but there may be few more failures."),
        Standing.MISSED: Shown("Missed", "red", "A target is not met."),
        Standing.NO_DATA: Shown("No data", "grey", "Nothing was measured in this period."),
    },
    Risk: {
        Risk.ON_TIME: Shown("On time", "green", "More than half of the 48 hours is left."),
        Risk.NEAR: Shown("Half gone", "yellow", "Less than half of the 48 hours is left."),
        Risk.URGENT: Shown(
            "Urgent",
            "red",
            "Less than 12 hours are left. Records without an answer are refused, so that the file ends.",
        ),
        Risk.OVERDUE: Shown("Overdue", "red", "The 48 hours are over."),
    },
    Condition: {
        Condition.OPEN: Shown("Open", "green", "No problem is known."),
        Condition.MAINTENANCE: Shown("Closed", "yellow", "It is closed for planned maintenance."),
        Condition.EMERGENCY: Shown("Closed for repair", "red", "It is closed for emergency maintenance."),
        Condition.RECOVERY: Shown(
            "Being restored", "red", "We are restoring the service after a serious fault. It may not answer."
        ),
    },
    WindowState: {
        WindowState.SCHEDULED: Shown("Scheduled", "blue", "It has not begun."),
        WindowState.IN_PROGRESS: Shown("In progress", "yellow", "The service is closed."),
        WindowState.ENDED: Shown("Ended", "grey", "It is over."),
        WindowState.CANCELLED: Shown("Cancelled", "grey", "It does not take place."),
    },
    RecoveryState: {
        RecoveryState.RUNNING: Shown("Running", "blue", "The service is not reinstated yet, and there is time left."),
        RecoveryState.OVERDUE: Shown("Overdue", "red", "The service is not reinstated, and its time is over."),
        RecoveryState.IN_TIME: Shown("In time", "green", "The service was reinstated in time."),
        RecoveryState.LATE: Shown("Late", "red", "The service was reinstated too late."),
    },
}


STATUSES: Final[Mapping[type[StrEnum], Mapping[StrEnum, Shown]]] = {
    kind: {one: Shown(Text(words.word), words.colour, Text(words.meaning)) for one, words in own.items()}
    for kind, own in _WORDS.items()
}


def shown(status: StrEnum) -> Shown:
    """The status as pages show it. Raises KeyError for one that has no words yet."""
    return STATUSES[type(status)][status]


def of_job(job: Job) -> Shown:
    """The status of a job, which means something else while we do not have its file."""
    found = shown(job.status)
    if job.source is None and not job.status.is_end:
        return found._replace(meaning=_EXPECTED)
    if job.source is None and job.cancelled_at is None:
        return found._replace(meaning=_NEVER_CAME)
    return found


TEXTS: Final = (
    *(text for kind in STATUSES.values() for one in kind.values() for text in (one.word, one.meaning)),
    _EXPECTED,
    _NEVER_CAME,
)
"""For the catalogue of texts."""
