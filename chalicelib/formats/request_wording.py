"""The words of whatever can be wrong with a request to the web service; see ``formats.wording``."""

from __future__ import annotations

from typing import Final

REQUEST_WORDS: Final[dict[str, tuple[str, str]]] = {
    "WSEC0001": ("The body of the request is not one JSON object.", "Send one JSON object, in UTF-8."),
    "WSEC0005": (
        "The web-service key is missing, unknown, expired or revoked.",
        "Send a valid key as a bearer token.",
    ),
    "WSEC0006": (
        "The key does not give access to this function.",
        "Ask your organisation's super user or the service desk for access.",
    ),
    "WSEC0999": (
        "The service met a fault of its own.",
        "Try again later. Tell the service desk the request's instance if it happens again.",
    ),
    "WSRC0008": ("The job has not ended, so it has no result yet.", "Ask again later."),
    "WSRC0018": ("Your organisation has no such job.", "Check the job's id."),
    "LRS-REQ-1": ("{field} is missing.", "Give a value for {field}."),
    "LRS-REQ-2": ("The request has a name that is not known here.", "Remove it, or check its spelling."),
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
}
