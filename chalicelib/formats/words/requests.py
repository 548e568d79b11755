"""The words of everything that can be wrong with a request to the web service; see :mod:`.messages`."""

from __future__ import annotations

from typing import Final

_NO_ACTION: Final = "No action needed."

REQUEST_WORDS: Final[dict[str, tuple[str, str]]] = {
    "WSEC0001": ("The request body must be one JSON object.", "Send one JSON object, in UTF-8."),
    "WSEC0005": (
        "The access token is missing, unknown or expired, or its credential has been revoked.",
        "Get a token from /oauth2/token and send it as a bearer token.",
    ),
    "WSEC0006": (
        "The access token does not give access to this function.",
        "Ask your organisation's super user or the service desk for access.",
    ),
    "WSEC0999": (
        "Something went wrong on our side.",
        "Try again later. If it happens again, give the service desk the instance of this problem.",
    ),
    "LRS-REQ-1": ("{field} is missing.", "Give a value for {field}."),
    "LRS-REQ-2": (
        "The request contains a name we do not recognise.",
        "Remove it or check its spelling.{names_accepted}",
    ),
    "LRS-REQ-3": ("The request contains the same name more than once.", "Give each name once."),
    "LRS-REQ-4": ("{field} must be {expected}.", "Change {field} to {expected}."),
    "LRS-REQ-5": ("{field} must be {limit} characters or fewer.", "Shorten {field}."),
    "LRS-REQ-6": ("{field} must be {allowed}.", "Correct {field}."),
    "LRS-REQ-7": ("We do not accept a request body of this media type.", "Send it as {expected}."),
    "LRS-REQ-8": ("The request body is too large.", "Send {limit} bytes or fewer."),
    "LRS-REQ-11": ("We cannot do this at the moment.", "Send the same request again in a few seconds."),
    "LRS-REQ-12": (
        "There is nothing at this address, or it does not accept this method.",
        "Check the address and method in the API reference.",
    ),
    "LRS-REQ-13": (
        "The current version is not the one that you named. Nothing was changed.",
        "Read it again, check your change, and send it with the ETag that you get.",
    ),
    "LRS-REQ-14": ("We cannot return any of the media types you accept.", "Accept {expected}."),
    "LRS-REQ-15": ("If-Match is required.", "Send If-Match with the ETag of the version you read."),
    "LRS-REQ-16": (
        "Your system is sending too many requests.",
        "Wait for the number of seconds in Retry-After, then continue.",
    ),
    "LRS-REQ-17": (
        "The idempotency key has already been used with a different request.",
        "Give each request its own key. Use a key again only to send the same request again.",
    ),
    "LRS-REQ-18": (
        "The first request with this idempotency key is still being processed.",
        "Send it again after the number of seconds in Retry-After.",
    ),
    "LRS-REQ-19": (
        "The request body is not in UTF-8, or contains the character U+FFFD in place of one that was lost.",
        "Send the original text in UTF-8.",
    ),
    "LRS-REQ-20": (
        "Our firewall blocked this request, because it looks like an attack or your network sends too many.",
        "Send fewer requests. If it happens again, give the service desk the instance of this problem.",
    ),
    "LRS-REQ-21": (
        "This environment does not accept requests from your network.",
        "Give the service desk the public address of your network, and ask for access.",
    ),
    "LRS-ORG-1": ("This is not your organisation.", "Send the UKPRN of your own organisation."),
    "LRS-LIST-1": ("There is no such reference list.", "Look at the reference lists again."),
    "LRS-LIST-2": ("The list cannot be used: {reason}.", "Correct the file, and choose it again."),
    "LRS-LOAD-1": ("There is no such load.", "Look at the last loads again."),
    "LRS-LOAD-2": (
        "This load cannot be accepted. It was not refused for changing too much, or the registers have changed since.",
        "Load its files again, and look at what they would change now.",
    ),
    "LRS-DEV-1": ("There is no such developer.", "Look at the list of developers again."),
    "LRS-DEV-2": ("A developer with this email address is already registered.", "End that registration first."),
    "LRS-ORG-2": ("An organisation with this UKPRN is already registered.", "Check the UKPRN."),
    "LRS-ORG-3": (
        "This is the organisation of those who run the service. It is not changed here.",
        "Ask those who operate the service.",
    ),
    "LRS-ORG-4": ("The organisation is {state} already.", "Look at the organisation again."),
    # Jobs.
    "WSRC0008": ("The job has not finished, so it has no result yet.", "Try again later."),
    "WSRC0018": ("Your organisation has no such job.", "Check the id of the job."),
    "LRS-JOB-3": ("There is no such queue.", "Look at the stuck jobs again."),
    "LRS-JOB-2": ("No file was chosen.", "Choose the file to send."),
    "LRS-REQ-9": ("The job has no such file.", "Get the job to see which files it has."),
    "LRS-REQ-10": ("The job has finished and cannot be cancelled.", _NO_ACTION),
    # Learners and pending matches.
    "WSRC0013": (
        "The learner's current version is not the one that this change was made for. Nothing was changed.",
        "Find the learner again, check the details, and send the change again.",
    ),
    "WSRC0014": (
        "{field} cannot be changed to this value.",
        "Leave it unchanged, or give 1 once the learner has seen the latest privacy notice.",
    ),
    "WSRC0019": (
        "No learner with these details has this ULN.",
        "Check the ULN and the names, or find the learner by their other details.",
    ),
    "WSRC0020": ("These details are the same as those held.", "Send the details that have changed."),
    "WSRC0021": (
        "The learner was not registered, because similar learners are registered.",
        "Decide on the pending match, or contact the service desk.",
    ),
    "WSRC0022": (
        "The learner has a master ULN, and only the master can be updated.",
        "Find the learner again, and send the change to the master ULN.",
    ),
    "LRS-LINK-1": ("The two ULNs cannot be linked or unlinked.", "Check both learners."),
    "LRS-PEND-1": ("Your organisation has no such pending match.", "Check the id of the pending match."),
    "LRS-PEND-2": ("The pending match has already been decided.", "Get the pending match to see the decision."),
    "LRS-PEND-3": (
        "The ULN is not one of those found for the pending match.",
        "Choose one of the learners listed with the pending match.",
    ),
    "LRS-PEND-4": (
        "Similar learners have been registered since, so nobody was registered.",
        "Get the pending match again, check the learners that are now listed, and decide.",
    ),
    # Personal learning records, availability and challenges.
    "WSEC0208": (
        "The learner could not be verified.",
        "Check the ULN and the names, and verify the learner's details before you try again.",
    ),
    "LRS-PLR-1": (
        "You cannot read the record again without the learner's names.",
        "Send the learner's names with POST, and use the link in the response.",
    ),
    "LRS-PLR-2": (
        "The service desk has restricted this record, so you cannot change its availability.",
        "Contact the service desk.",
    ),
    "LRS-PLR-3": ("The period ends before it begins.", "Check the two days."),
    "LRS-DC-1": ("Say which learning event has the problem.", "Give {field} as shown in the record."),
    "LRS-DC-2": (
        "A problem with a ULN has no learning event.",
        "Remove {field}, or choose a problem with a learning event.",
    ),
    "LRS-DC-3": ("Say what the learning event should show.", "Give {field}."),
    "LRS-DC-4": ("Contact details are missing.", "Give contactName, and emailAddress or telephone."),
    "LRS-DC-5": ("Describe the problem.", "Say in {field} what is wrong."),
    "LRS-DC-6": ("The same learning event is given twice.", "Remove {field}, or give the other event."),
    "LRS-DC-7": ("The record has no such learning event.", "Give {field} as shown in the record you can see."),
    # Credentials.
    "LRS-CRED-1": (
        "The organisation already has {limit} credentials in force, the most it may have.",
        "Revoke those that are not used.",
    ),
    "LRS-CRED-2": ("There is no such credential in force.", "Check its id, or issue a new one."),
    "LRS-CRED-3": (
        "This credential was issued already. Its secret is not shown again.",
        "If nobody has the secret, rotate or revoke the credential.",
    ),
    # Portal users.
    "LRS-USER-1": ("The password must be {minimum} to {maximum} characters long.", "Choose a password of that length."),
    "LRS-USER-2": ("The password must contain a lower-case letter.", "Add a lower-case letter."),
    "LRS-USER-3": ("The password must contain a capital letter.", "Add a capital letter."),
    "LRS-USER-4": (
        "The password must contain a number or a special character, not only letters.",
        "Add a number or a special character.",
    ),
    "LRS-USER-5": ("The password must not contain spaces.", "Remove the spaces."),
    "LRS-USER-6": ("The new password is the same as the present one.", "Choose another password."),
    "LRS-USER-7": ("The two entries are different.", "Enter the same again."),
    "LRS-USER-8": (
        "Guest and generic accounts are not allowed. An account is for one named person.",
        "Enter the given name and family name of the person who will use the account.",
    ),
    "LRS-USER-9": (
        "Your organisation was not granted this role.",
        "Choose from these roles: {allowed}. To have others, contact the service desk.",
    ),
    "LRS-USER-10": ("The account has no role.", "Select at least one role."),
    "LRS-USER-11": (
        "This is your organisation's last super user.",
        "Give another user the super user role first.",
    ),
    "LRS-USER-12": (
        "Another user of your organisation has the same {same}.",
        "Check whether this person already has an account. If not, confirm that this is another person.",
    ),
    "LRS-USER-13": (
        "A user of your organisation has the same name and email address. A person has only one account.",
        "Update the account that the person has.",
    ),
    "LRS-USER-15": (
        "The user name or password is wrong.",
        "Check both. If you have forgotten your password, or entered a wrong one ten times, select Forgotten password.",
    ),
    "LRS-USER-16": ("Your account is suspended.", "Contact your organisation's super user."),
    "LRS-USER-17": ("Your organisation has no access at the moment.", "Contact the service desk."),
    "LRS-USER-18": ("The present password is wrong.", "Enter the password that you signed in with."),
    "LRS-USER-19": (
        "The answer is not the one we hold for this user name.",
        "Check the user name and the answer, or contact your organisation's super user.",
    ),
    "LRS-USER-20": (
        "This link cannot be used. It was used before, has expired, or is incomplete.",
        "Select again that you have forgotten your password, or contact your organisation's super user.",
    ),
    "LRS-USER-21": ("Your organisation has no such user.", "Find the user again."),
    "LRS-USER-22": ("This is not possible in the present state of the account.", "Look at the account again."),
    "LRS-USER-23": ("The answer must be {minimum} to {maximum} characters long.", "Enter a longer or shorter answer."),
    "LRS-USER-24": ("{field} must be {allowed}.", "Complete it from the Change of Super User form."),
    "LRS-USER-25": (
        "The organisation has or had users, so its first super user exists.",
        "If it has lost its super users, use the Change of Super User form.",
    ),
    "LRS-USER-26": (
        "There were too many wrong answers to this user's secret question.",
        "Verify the user's identity in another way, then reset the password.",
    ),
    "LRS-USER-14": (
        "The number of your organisation's super users is {number}. We recommend {minimum} to {maximum}.",
        "Check which users should have the super user role.",
    ),
    # Recoveries from disaster.
    "LRS-DR-1": ("A recovery is running already.", "Record first that the service is reinstated."),
    "LRS-DR-2": ("No recovery is running.", "Record first that recovery is invoked."),
    "LRS-DR-3": ("{field} is in the future.", "Give a time that has passed, or none for now."),
    "LRS-DR-4": ("{field} is before the recovery was invoked.", "Give a later time."),
    "LRS-DR-5": (
        "{field} is in a recovery that is recorded already.",
        "Give another time, or leave it as it is recorded.",
    ),
    # Maintenance windows.
    "LRS-MW-1": ("{field} must be after the start.", "Correct the start or the end."),
    "LRS-MW-2": (
        "Planned maintenance must be announced before it begins; {field} is in the past.",
        "Give a later start. Enter maintenance that has already begun as an emergency.",
    ),
    "LRS-MW-3": ("A maintenance window must be {limit} days or shorter.", "Give an earlier end, or several windows."),
    "LRS-MW-4": ("Another maintenance window overlaps: {other}.", "Change or cancel one of them."),
    "LRS-MW-5": (
        "Planned maintenance must be outside core hours: 8am to 6pm, Monday to Friday, except bank holidays.",
        "Choose another time, or make it agreed and say who has agreed.",
    ),
    "LRS-MW-6": ("Agreed maintenance needs {field}.", "Say who has agreed to it, and when."),
    "LRS-MW-7": (
        "Emergency maintenance must begin within {limit} hours of now.",
        "Enter it as planned or agreed, or record earlier downtime as an outage.",
    ),
    "LRS-MW-8": ("There is no such maintenance window.", "Check its id in the list of windows."),
    "LRS-MW-9": ("The maintenance window has ended.", "Enter a new window."),
    "LRS-MW-10": ("{field} cannot be changed once the maintenance has begun.", "Leave it unchanged."),
    "LRS-MW-11": ("The window falls in key dates of awarding organisations: {name}.", "Consider another time."),
    "LRS-MW-12": ("{field} must be a whole minute.", "Leave out the seconds."),
    "LRS-MW-14": ("{field} is in the future.", "Record downtime when it has ended."),
    "LRS-MW-15": ("{field} is more than {limit} days ago.", "Check the year. Older downtime extends nothing any more."),
    "LRS-MW-16": (
        "The schedule has {limit} windows already, so only emergency maintenance can be added.",
        "Enter the window later. Others leave the schedule two days after they have ended or were cancelled.",
    ),
    "LRS-MW-13": (
        "The service is closed for maintenance until {until}.",
        "Send the same request again after the number of seconds in Retry-After.",
    ),
}

REQUEST_VARIANTS: Final[dict[tuple[str, str], tuple[str, str]]] = {
    ("LRS-REQ-6", "days"): ("{field} must be from 1 to {limit} days.", "Correct {field}."),
    ("LRS-REQ-6", "list"): ("{field} must be of these: {allowed}.", "Correct {field}."),
    ("LRS-REQ-6", "several"): ("{field} must be one or more of: {allowed}.", "Correct {field}."),
    ("LRS-REQ-6", "left empty"): ("{field} must be left empty: it is for {expected}.", "Correct {field}."),
    ("WSEC0006", "scope"): (
        "The access token does not have the scope {scope}.",
        "Get a token with this scope. If your credential does not have it, ask the service desk whether it can.",
    ),
    ("LRS-REQ-2", "named"): ("{field} is not accepted here.", "Remove {field}.{names_accepted}"),
    ("LRS-REQ-2", "near"): (
        "{field} is not accepted here. The nearest name is {nearest}.",
        "Change {field} to {nearest}, or remove it.{names_accepted}",
    ),
    ("LRS-REQ-5", "items"): ("{field} must have {limit} items or fewer.", "Send fewer items."),
    ("LRS-JOB-2", "several"): ("More than one file was chosen.", "Send one file at a time."),
    ("LRS-REQ-12", "uncounted"): ("Nothing was counted in this month.", "Choose another month."),
    ("LRS-ORG-1", "unknown"): ("No organisation has this UKPRN.", "Check the UKPRN."),
    ("LRS-MW-9", "cancelled"): ("The maintenance window is cancelled.", "Enter a new window."),
    ("LRS-MW-9", "begun"): (
        "The maintenance has begun, so it cannot be cancelled.",
        "To end it, change its end to the current time.",
    ),
    ("LRS-MW-10", "longer"): (
        "Planned maintenance cannot become longer once it has begun.",
        "Enter the time that it needs as emergency maintenance from the end of this window.",
    ),
    ("LRS-MW-10", "past"): ("{field} cannot be in the past.", "Give the current time to end the maintenance now."),
    ("LRS-LINK-1", "same ULN"): ("A ULN cannot be linked to itself.", "Give a different ULN as the master."),
    ("LRS-LINK-1", "linked already"): ("One of the ULNs is already linked.", "Unlink it first, or give its master."),
    ("LRS-LINK-1", "is a master"): (
        "The ULN is the master of others.",
        "Unlink those first, or link the other way round.",
    ),
    ("LRS-LINK-1", "not linked"): ("The ULN is not linked.", _NO_ACTION),
}
