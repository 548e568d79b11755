"""What can be wrong with a file, a record or a request: failures as values.

The rules yield :class:`Failure` values; only ``formats.words`` turns them into sentences, so that every code has its
words in one place and no sentence can contain a learner's data. Codes are those of the documents and of the existing
interface where they exist (VRC005, WSRC0017), otherwise a family and a number that is never reused.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple

LONGEST_DETAIL: Final = 500
"""Characters of one detail; a longer one ends in "…". So no file can make a reason that cannot be stored."""


class Family(StrEnum):
    """The error families of the existing achievement interface, and our own."""

    FIELD = "FIELD"
    """A value is missing, too long, or in the wrong format."""
    LEARNER = "LEARNER"
    """The learner's details do not match the register."""
    RULE = "RULE"
    """A business rule of AO18 section 5 is broken."""
    FILE = "FILE"
    """The whole file is refused; none of its records is processed."""
    FAULT = "FAULT"
    """A fault of the service; the submitter need not correct anything."""
    NOTICE = "NOTICE"
    """A notice; the record is accepted."""
    REQUEST = "REQUEST"
    """A web-service request is malformed, not allowed, or not possible now."""


class Failure(NamedTuple):
    """One reason, free of learner data.

    ``detail`` holds the parameters of the sentence as name-value pairs. Values come from the service's own lists,
    limits and formats (a limit, an expected format, a column's name), never from the learner's submitted details.
    """

    code: str
    field: str = ""
    detail: tuple[tuple[str, str], ...] = ()
    line: int = 0
    """Line of the file, from 1; 0 if the reason is not about one line."""
    column: int = 0
    """Column of the line in characters, from 1; 0 if unknown."""

    @property
    def family(self) -> Family:
        return FAMILIES[self.code]

    @property
    def refuses(self) -> bool:
        """Whether the record or file is refused for this reason (a notice never refuses)."""
        return FAMILIES[self.code] is not Family.NOTICE


def failure(code: str, field: str = "", /, line: int = 0, column: int = 0, **detail: object) -> Failure:
    """Make a failure with a code of the catalogue; raises KeyError for any other code."""
    FAMILIES[code]
    return Failure(code, field, tuple((name, _bounded(str(value))) for name, value in detail.items()), line, column)


def _bounded(text: str) -> str:
    return text if len(text) <= LONGEST_DETAIL else f"{text[: LONGEST_DETAIL - 1]}…"


FAMILIES: dict[str, Family] = {
    # Field data (names of the fields are those of the batch layouts).
    "ACF001": Family.FIELD,  # missing
    "ACF002": Family.FIELD,  # length
    "ACF003": Family.FIELD,  # format
    "ACF004": Family.FIELD,  # date
    "ACF005": Family.FIELD,  # code not in list
    "ACF006": Family.FIELD,  # prohibited text
    "ACF007": Family.FIELD,  # record has too many or too few values
    "ACF008": Family.FIELD,  # a spreadsheet formula
    "ACF009": Family.FIELD,  # prohibited postcode
    "ACF010": Family.FIELD,  # unknown, repeated or nested element in a record
    # Learner data.
    "ACL001": Family.LEARNER,  # ULN not valid
    "ACL002": Family.LEARNER,  # ULN not found (VRC006)
    "ACL003": Family.LEARNER,  # details do not match (VRC005)
    "ACL004": Family.NOTICE,  # linked ULN: the master's details are returned
    "ACL005": Family.LEARNER,  # restricted learner
    # Business rules.
    "ACR001": Family.RULE,  # reference unknown
    "ACR002": Family.RULE,  # neither owned by nor shared with the submitter
    "ACR003": Family.RULE,  # award date outside the aim's dates
    "ACR004": Family.RULE,  # award date before 1 September 2006
    "ACR005": Family.RULE,  # award or action date in the future
    "ACR006": Family.RULE,  # grade not valid for the aim
    "ACR007": Family.RULE,  # the achievement already exists
    "ACR008": Family.RULE,  # the achievement does not exist
    "ACR009": Family.RULE,  # the achievement is withdrawn
    "ACR010": Family.RULE,  # the achievement is not withdrawn
    "ACR011": Family.RULE,  # action reason missing or not listed
    "ACR012": Family.RULE,  # provider UKPRN unknown
    "ACR013": Family.RULE,  # a final achievement cannot go back to provisional
    "ACR014": Family.RULE,  # uploaded by another organisation
    "ACR015": Family.RULE,  # names differ from those first supplied
    "ACR016": Family.RULE,  # reinstating a single record cannot change its grade
    # The file as a whole.
    "ACB001": Family.FILE,  # empty file
    "ACB002": Family.FILE,  # extension is neither .csv nor .xml
    "ACB003": Family.FILE,  # content is not what the extension says
    "ACB004": Family.FILE,  # encoding
    "ACB005": Family.FILE,  # NUL or binary content
    "ACB006": Family.FILE,  # heading missing
    "ACB007": Family.FILE,  # heading repeated
    "ACB008": Family.FILE,  # heading unknown or misspelt
    "ACB009": Family.FILE,  # headings in another order
    "ACB010": Family.FILE,  # not well-formed XML or CSV
    "ACB011": Family.FILE,  # document type declaration or entity
    "ACB012": Family.FILE,  # wrong root, namespace or element
    "ACB013": Family.FILE,  # file too large
    "ACB014": Family.FILE,  # UKPRN in the file is not the submitter's
    "ACB015": Family.FILE,  # file version not supported
    "ACB016": Family.FILE,  # file header value missing or in the wrong format
    "ACB017": Family.FILE,  # file header repeated with another value
    "ACB018": Family.FILE,  # a line or cell that is too long to read
    "ACB019": Family.FILE,  # dropped under a prefix that is not an organisation's
    "ACB020": Family.FILE,  # malware found
    "ACB021": Family.FILE,  # cannot be scanned for malware
    "WSEC0003": Family.FILE,  # organisation unknown
    "WSEC0044": Family.FILE,  # email address not valid
    "WSEC0045": Family.FILE,  # submission type
    "WSEC0046": Family.FILE,  # too many achievements
    "WSEC0047": Family.FILE,  # no achievements
    "WSRC0017": Family.FILE,  # record count disagrees
    "WSRC0030": Family.FILE,  # record count of a verification batch disagrees
    "WSRC0043": Family.FILE,  # organisation not set up for achievement batches
    # Our own faults and decisions about a whole job.
    "LRS-FAULT-1": Family.FAULT,  # unexpected error in this record
    "LRS-FAULT-2": Family.FAULT,  # not processed within 36 hours of submission
    "LRS-CANCEL-1": Family.FAULT,  # job cancelled before this record was processed
    # Notices: the record is accepted.
    "ACW001": Family.NOTICE,  # action reason not used with this action
    "ACW002": Family.NOTICE,  # details match only possibly (VRC003, VRC004)
    "ACW003": Family.NOTICE,  # award or action older than ten working days (detail: hint)
    "ACW004": Family.NOTICE,  # file name in the file differs from the file's name
    "ACW005": Family.NOTICE,  # another record of the file has the same key (validator)
    "ACW006": Family.NOTICE,  # no grades are known for the aim, so the grade was not checked
    "LRS-JOB-1": Family.NOTICE,  # the email about the job could not be delivered
    "REF_CHECK": Family.NOTICE,  # check character of the aim reference
    # Learner and verification batches.
    "LRS-LRB-1": Family.NOTICE,  # possible matches: the registration is waiting for a decision
    "LRS-LRB-2": Family.NOTICE,  # too many possible matches: the registration is waiting for a decision
    "LRS-LRB-3": Family.NOTICE,  # possible matches, in a batch that only checks
    "LRS-LRB-4": Family.LEARNER,  # no learner has these details
    "LRS-LRB-9": Family.FILE,  # the organisation does not register learners
    "LRS-LRB-8": Family.NOTICE,  # another record of the file has the same ULN (validator)
    # Personal learning records, availability and challenges.
    "WSEC0208": Family.LEARNER,  # the learner could not be verified
    "LRS-PLR-1": Family.REQUEST,  # the record cannot be read again with this access
    "LRS-PLR-2": Family.REQUEST,  # the service desk has restricted the record
    "LRS-PLR-3": Family.REQUEST,  # the period of a report ends before it begins
    "LRS-PLR-4": Family.FIELD,  # feed: the event ends before it begins
    "LRS-PLR-5": Family.RULE,  # feed: the same event again in the same file
    "LRS-DC-1": Family.REQUEST,  # the problem needs an event and none is given
    "LRS-DC-2": Family.REQUEST,  # the problem has no event but one is given
    "LRS-DC-3": Family.REQUEST,  # the details the event should have are missing
    "LRS-DC-4": Family.REQUEST,  # no contact details
    "LRS-DC-5": Family.REQUEST,  # the problem needs to be described
    "LRS-DC-6": Family.REQUEST,  # the same event given twice
    "LRS-DC-7": Family.REQUEST,  # no such event in the record
    # Requests to the web service.
    "WSEC0001": Family.REQUEST,  # the body is not one valid JSON object
    "LRS-REQ-19": Family.REQUEST,  # the body is not UTF-8, or was not before it came to us
    "WSEC0005": Family.REQUEST,  # web-service key missing, unknown, expired or revoked
    "WSEC0006": Family.REQUEST,  # the organisation or user lacks access
    "WSEC0999": Family.REQUEST,  # unknown error on our side
    "WSRC0008": Family.REQUEST,  # the job has not ended, so there is no result yet
    "WSRC0018": Family.REQUEST,  # job unknown
    "LRS-REQ-1": Family.REQUEST,  # a required value is missing
    "LRS-REQ-2": Family.REQUEST,  # an unknown name
    "LRS-REQ-3": Family.REQUEST,  # a name given twice
    "LRS-REQ-4": Family.REQUEST,  # wrong type (detail: expected)
    "LRS-REQ-5": Family.REQUEST,  # too long (details: limit, in characters or items)
    "LRS-REQ-6": Family.REQUEST,  # value not allowed (detail: allowed)
    "LRS-REQ-7": Family.REQUEST,  # media type (detail: expected)
    "LRS-REQ-8": Family.REQUEST,  # body too large (detail: limit, in bytes)
    "LRS-REQ-9": Family.REQUEST,  # the ended job has no such file
    "LRS-JOB-2": Family.REQUEST,  # no file was chosen, or several (detail: reason)
    "LRS-JOB-3": Family.REQUEST,  # no such queue of work
    "LRS-REQ-10": Family.REQUEST,  # the job has ended and cannot be cancelled
    "LRS-REQ-11": Family.REQUEST,  # not available at the moment; the same request may succeed later
    "LRS-REQ-12": Family.REQUEST,  # no such resource, or the method is not allowed
    "LRS-REQ-13": Family.REQUEST,  # the revision in If-Match is not the current one
    "LRS-REQ-14": Family.REQUEST,  # no response in a media type of Accept (detail: expected)
    "LRS-REQ-16": Family.REQUEST,  # too many requests from this credential at the moment
    "LRS-REQ-17": Family.REQUEST,  # the idempotency key was used with a different request
    "LRS-REQ-18": Family.REQUEST,  # the first request with this idempotency key is still being processed
    "LRS-REQ-20": Family.REQUEST,  # blocked by the firewall: it looks like an attack, or there are too many
    "LRS-REQ-21": Family.REQUEST,  # the environment does not accept requests from this network
    "LRS-CRED-1": Family.REQUEST,  # the organisation has too many credentials in force (detail: limit)
    "LRS-CRED-2": Family.REQUEST,  # there is no such credential in force
    "LRS-CRED-3": Family.REQUEST,  # the same order was carried out already
    "LRS-REQ-15": Family.REQUEST,  # If-Match is required and missing
    # Portal users.
    "LRS-USER-1": Family.REQUEST,  # password: length (details: minimum, maximum, in characters)
    "LRS-USER-2": Family.REQUEST,  # password: no lower-case letter
    "LRS-USER-3": Family.REQUEST,  # password: no upper-case letter
    "LRS-USER-4": Family.REQUEST,  # password: nothing but letters
    "LRS-USER-5": Family.REQUEST,  # password: a space
    "LRS-USER-6": Family.REQUEST,  # password: the same as the present one
    "LRS-USER-7": Family.REQUEST,  # entered again, it is different
    "LRS-USER-8": Family.REQUEST,  # a guest or generic account
    "LRS-USER-9": Family.REQUEST,  # a role that the organisation was not granted (detail: allowed)
    "LRS-USER-10": Family.REQUEST,  # no role
    "LRS-USER-11": Family.REQUEST,  # the organisation's last super user
    "LRS-USER-12": Family.REQUEST,  # another user has the same name or email address (detail: same)
    "LRS-USER-13": Family.REQUEST,  # the person has an account
    "LRS-USER-15": Family.REQUEST,  # sign-in: wrong user name or password, or a locked account
    "LRS-USER-16": Family.REQUEST,  # sign-in: the account is suspended
    "LRS-USER-17": Family.REQUEST,  # sign-in: the organisation is suspended
    "LRS-USER-18": Family.REQUEST,  # the present password is wrong
    "LRS-USER-19": Family.REQUEST,  # the secret answer is wrong
    "LRS-USER-20": Family.REQUEST,  # the link to choose a password cannot be used
    "LRS-USER-21": Family.REQUEST,  # no such user
    "LRS-USER-22": Family.REQUEST,  # not possible in the state of the account
    "LRS-USER-23": Family.REQUEST,  # secret answer: length (details: minimum, maximum, in characters)
    "LRS-USER-24": Family.REQUEST,  # Change of Super User: the form is incomplete (detail: allowed)
    "LRS-USER-25": Family.REQUEST,  # first super user: the organisation has or had users
    "LRS-USER-26": Family.REQUEST,  # too many wrong secret answers
    "LRS-USER-14": Family.NOTICE,  # too few or too many super users (details: number, minimum, maximum)
    # Recoveries from disaster.
    "LRS-DR-1": Family.REQUEST,  # a recovery is running already
    "LRS-DR-2": Family.REQUEST,  # no recovery is running
    "LRS-DR-3": Family.REQUEST,  # a time in the future
    "LRS-DR-4": Family.REQUEST,  # reinstated before it was invoked
    "LRS-DR-5": Family.REQUEST,  # invoked in a recovery that has ended
    # Maintenance windows.
    "LRS-MW-1": Family.REQUEST,  # the window does not end after its start
    "LRS-MW-2": Family.REQUEST,  # planned maintenance that begins in the past
    "LRS-MW-3": Family.REQUEST,  # too long (detail: limit, in days)
    "LRS-MW-4": Family.REQUEST,  # overlaps another window (detail: other, its times)
    "LRS-MW-5": Family.REQUEST,  # planned in core hours without agreement
    "LRS-MW-6": Family.REQUEST,  # agreed, but not with whom
    "LRS-MW-7": Family.REQUEST,  # an emergency too far away (detail: limit, in hours)
    "LRS-MW-8": Family.REQUEST,  # window unknown
    "LRS-MW-9": Family.REQUEST,  # the window has ended, is cancelled, or has begun and cannot be cancelled
    "LRS-MW-10": Family.REQUEST,  # not possible once a window has begun (detail: reason)
    "LRS-MW-11": Family.NOTICE,  # touches key dates of awarding organisations (detail: name)
    "LRS-MW-12": Family.REQUEST,  # not to the minute
    "LRS-MW-13": Family.REQUEST,  # closed for maintenance (detail: until)
    "LRS-MW-14": Family.REQUEST,  # downtime that has not ended
    "LRS-MW-15": Family.REQUEST,  # downtime that began too long ago
    "LRS-MW-16": Family.REQUEST,  # too many windows in the schedule (detail: limit)
    # Learners and pending matches.
    "WSRC0013": Family.RULE,  # the learner has changed since the version that was read
    "WSRC0014": Family.RULE,  # a change of the ability to share that is not allowed
    "WSRC0019": Family.LEARNER,  # no learner with this ULN
    "WSRC0020": Family.REQUEST,  # nothing to change
    "WSRC0021": Family.LEARNER,  # not registered: similar learners are registered
    "WSRC0022": Family.REQUEST,  # the learner is linked: only the master can be updated
    "LRS-LINK-1": Family.REQUEST,  # cannot be linked or unlinked (detail: reason)
    "LRS-ORG-1": Family.REQUEST,  # organisation unknown, or not the caller's
    "LRS-LIST-1": Family.REQUEST,  # no such reference list, or version of it
    "LRS-LIST-2": Family.REQUEST,  # reference list that cannot be read (detail: reason)
    "LRS-LOAD-1": Family.REQUEST,  # no such load of registers or feeds
    "LRS-LOAD-2": Family.REQUEST,  # a load that cannot be accepted, or not any more
    "LRS-DEV-1": Family.REQUEST,  # no such developer
    "LRS-DEV-2": Family.REQUEST,  # a developer with this email address is registered
    "LRS-ORG-2": Family.REQUEST,  # an organisation with this UKPRN is registered
    "LRS-ORG-3": Family.REQUEST,  # the organisation of those who run the service
    "LRS-ORG-4": Family.REQUEST,  # suspended or active already
    "LRS-PEND-1": Family.REQUEST,  # pending match unknown
    "LRS-PEND-2": Family.REQUEST,  # pending match decided
    "LRS-PEND-3": Family.REQUEST,  # not one of the ULNs found for the pending match
    "LRS-PEND-4": Family.REQUEST,  # similar learners have been registered since the pending match was read
}
