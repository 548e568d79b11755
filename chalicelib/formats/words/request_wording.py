"""The words of whatever can be wrong with a request to the web service; see ``formats.wording``."""

from __future__ import annotations

from typing import Final

REQUEST_WORDS: Final[dict[str, tuple[str, str]]] = {
    "WSEC0001": ("The body of the request is not one JSON object.", "Send one JSON object, in UTF-8."),
    "WSEC0005": (
        "The access token is missing, unknown or expired, or its credential was revoked.",
        "Ask for a token at /oauth2/token and send it as a bearer token.",
    ),
    "WSEC0006": (
        "The access token does not give access to this function.",
        "Ask your organisation's super user or the service desk for access.",
    ),
    "WSEC0999": (
        "The service met a fault of its own.",
        "Try again later. Tell the service desk the request's instance if it happens again.",
    ),
    "WSRC0008": ("The job has not ended, so it has no result yet.", "Ask again later."),
    "WSRC0018": ("Your organisation has no such job.", "Check the job's id."),
    "LRS-REQ-1": ("{field} is missing.", "Give a value for {field}."),
    "LRS-REQ-2": ("The request has a name that is not known here.", "Check its spelling. Known here: {allowed}."),
    "LRS-REQ-3": ("The request gives a name twice.", "Give each name once."),
    "LRS-REQ-4": ("{field} is not of the right type.", "Give {field} as {expected}."),
    "LRS-REQ-5": ("{field} is too long or too great.", "The limit is {limit}."),
    "LRS-REQ-6": ("{field} is not a value that is allowed here.", "Allowed: {allowed}."),
    "LRS-REQ-7": ("The body is not of a media type that is read here.", "Send it as {expected}."),
    "LRS-REQ-8": ("The body is too large.", "The limit is {limit} bytes."),
    "LRS-REQ-9": ("The job has no such file.", "Look at the job for the files that it has."),
    "LRS-REQ-10": ("The job has ended and cannot be cancelled.", "Nothing is left to be done."),
    "LRS-REQ-11": ("The service cannot do this for the moment.", "Send the same request again in a few seconds."),
    "LRS-REQ-12": (
        "There is no such resource, or it does not know this method.",
        "Check the address and the method against the interface's description.",
    ),
    "LRS-REQ-13": (
        "The resource has been changed since you read it.",
        "Read it again, decide again, and send the change with its new ETag.",
    ),
    "LRS-REQ-14": ("The answer is not of a media type that you accept.", "Accept {expected}."),
    "LRS-REQ-15": ("The change does not say which version it is of.", "Send If-Match with the ETag that you read."),
    # Personal learning records, availability and challenges.
    "WSEC0208": (
        "The learner could not be verified.",
        "Check the ULN and the names, and verify the learner's details before you ask again.",
    ),
    "LRS-PLR-1": (
        "The record cannot be read again without naming the learner.",
        "Send the learner's names with POST, and use the link of that answer.",
    ),
    "LRS-PLR-2": (
        "The service desk has restricted this record, so its availability cannot be changed here.",
        "Get in touch with the service desk.",
    ),
    "LRS-PLR-4": ("{field} is before the event begins.", "Check both dates."),
    "LRS-PLR-5": ("The file has the same event more than once.", "Keep one row for each event."),
    "LRS-DC-1": ("The problem is one of an event, and no event is named.", "Give {field}, as the record has it."),
    "LRS-DC-2": ("A problem with a ULN has no event.", "Remove {field}, or choose a problem of an event."),
    "LRS-DC-3": ("What the event should say is missing.", "Give {field}."),
    "LRS-DC-4": (
        "There is nobody to get in touch with.",
        "Give contactName, and emailAddress or telephone.",
    ),
    "LRS-DC-5": ("The problem is not described.", "Say in {field} what is wrong."),
    "LRS-DC-6": ("One event is named twice.", "Remove {field}, or name the other event."),
    "LRS-DC-7": ("The record has no such event.", "Give {field} as the record that you see has it."),
    "LRS-REQ-16": ("Your system sends too many requests for the moment.", "Wait as Retry-After says, then go on."),
    "LRS-REQ-17": (
        "The idempotency key was used with another request before.",
        "Give each request a key of its own; the same key only to the same request sent again.",
    ),
    "LRS-REQ-18": (
        "The first request with this idempotency key is still being answered.",
        "Send it again as Retry-After says.",
    ),
    "LRS-CRED-1": (
        "The organisation has as many credentials in force as it may have.",
        "The limit is {limit}. Revoke those that are not used.",
    ),
    "LRS-CRED-2": ("There is no such credential in force.", "Check its id, or issue a new one."),
}
