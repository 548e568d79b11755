"""Failures in the words of a page: what to do, with the name that the page gives the field.

Everything that has no words of its own here is said as everywhere else.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from chalicelib.domain.failures import Failure
from chalicelib.formats.words.messages import remedy, sentence
from chalicelib.formats.words.texts import Text, day_text, joined, shaped, within

_MISSING: Final = frozenset({"ACF001", "LRS-REQ-1"})
PAGE_WORDS: Final = {
    "ACF004": "{field} must be a real date",
    "ACF005": "Select {its} from the list",
    "LRS-MW-1": "The end must be after the start",
    "LRS-MW-2": (
        "Planned and agreed maintenance must be announced before it begins. Enter a later start, or enter maintenance "
        "that has begun as an emergency."
    ),
    "LRS-MW-3": "The end must be at most {limit} days after the start",
    "ACL001": "The ULN is not a real one. Check it for a mistyped digit.",
    "ACL004": "This ULN is linked to another one, the learner's master ULN. Use the master ULN from now on.",
    "ACR005": "{field} must be today or in the past",
    "ACR007": (
        "An achievement with this ULN, aim reference number and award date is already recorded. Find it to update or "
        "reinstate it."
    ),
    "ACR008": "We could not find an achievement with these details. Check that they are those first supplied.",
    "ACR009": "This achievement has been withdrawn, so it cannot be updated or withdrawn again. Reinstate it first.",
    "ACR010": "This achievement is not withdrawn, so it cannot be reinstated. You can update it.",
    "ACR011": "Select {its} from the list",
    "ACR015": "{field} is not the one first supplied for this achievement",
    "WSRC0014": "{field} cannot go back to not seen once the learner has seen it",
    "WSRC0019": (
        "These names are not those of the learner. If the family name is new, enter the one before it as the previous "
        "family name."
    ),
    "LRS-DC-5": "Say what is wrong",
    "LRS-PEND-3": "The learner with this ULN is not one of those found. Choose one that is listed.",
    "LRS-REQ-13": "Somebody else has changed this since you opened it. Nothing was saved. Check what it is now.",
    "WSEC0208": "We could not verify the learner with these details. Check the ULN and both names.",
    "LRS-PLR-2": "The service desk has restricted this record. Contact the service desk to change its availability.",
    "LRS-PLR-3": "The last day must be the same as or after the first day",
    "LRS-DC-3": "Enter what the record should show",
    "LRS-DC-4": "Enter a name, and an email address or telephone number",
    "LRS-DC-6": "Select another event than the one with the problem",
    "LRS-DC-7": "The record no longer has this event. View the record again.",
    "LRS-USER-6": "Choose a password that is not the present one",
    "LRS-USER-7": "Enter the same in both places",
    "LRS-USER-10": "Select at least one role",
    "LRS-USER-12": "Check whether this person has an account already. If not, confirm that this is another person",
    "LRS-USER-15": (
        "Enter a correct user name and password. If you have forgotten your password, or entered a wrong one ten "
        "times, choose a new one."
    ),
    "LRS-USER-18": "The present password is wrong. Enter the one that you signed in with.",
}
"""By code; ``{its}`` is the field's name in the middle of a sentence."""
_WITH_REMEDY: Final = frozenset({"ACL002", "ACL003", "ACR001", "ACR002", "ACR003", "ACR006", "ACR012"})
"""Codes that name no field in what is wrong, and say beside it what to do."""
_OF_NAMES: Final = frozenset({"accented letter", "character", "digit", "line break", "no letter", "typographic mark"})
"""What is wrong with a name that has characters other than AO18 App. B allows; beside it stands what to type."""
_REAL_DATES: Final = frozenset({"age", "earliest", "before birth", "after award", "future", "year"})
"""What is wrong with a date that can be read."""
SELECT: Final = "Select {its}"
ENTER: Final = "Enter {its}"
AS_A_TEXT: Final = "Enter the date as YYYY-MM-DD."
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

PAGE_WORDS_OF_FILES: Final = {
    "ACB001": "The selected file is empty",
    "ACB002": "The selected file must be a CSV or XML",
    "ACB003": "The selected file must be a CSV or XML",
    "ACB006": "The selected file is missing the column ‘{field}’",
    "ACB007": "The selected file has more than one column called ‘{field}’",
    "ACB013": "The selected file must be smaller than {megabytes}MB",
    "ACB020": "The selected file contains a virus",
    "ACF002": "The file name must be {most} characters or fewer. Rename the file and choose it again",
    "ACF003": (
        "The file name must only include letters a to z, digits, spaces and . _ - ( ). Rename the file and choose it "
        "again"
    ),
    "LRS-JOB-2": "Select a batch file",
    "WSEC0046": "The selected file has {records} records – the most is {most}",
}
"""By code: what is wrong with a batch file as a whole."""


def error_text(failure: Failure, label: str, *, is_choice: bool = False, is_text: bool = False) -> Text:
    """The error beside a field with this label; without a label, of the whole form, with what to do about it.

    ``is_text`` is for a date that was written as a text, so that how it was written may be what is wrong.
    """
    if failure.code in _MISSING and label:
        return Text(SELECT if is_choice else ENTER, {"its": shaped(label, within)})
    reason = failure._replace(detail=tuple((name, _as_day(text)) for name, text in failure.detail))
    hint = dict(failure.detail).get("hint") if failure.code == "ACF004" else None
    if is_text and hint is not None and hint not in (*_REAL_DATES, "no such day"):
        own_sentence = sentence(reason._replace(field=label))
        return joined((own_sentence, Text(AS_A_TEXT))) if hint else own_sentence
    own = PAGE_WORDS.get(failure.code)
    if own is not None and hint not in _REAL_DATES:
        return Text(own, {**dict(reason.detail), "field": label, "its": shaped(label, within)})
    if not label or failure.code in _WITH_REMEDY:
        reason = reason._replace(field=shaped(label, within) if label else reason.field)
        return joined((sentence(reason), remedy(reason)))
    own_sentence = sentence(reason._replace(field=label))
    if dict(failure.detail).get("reason") in _OF_NAMES:
        return joined((own_sentence, remedy(reason._replace(field=shaped(label, within)))))
    return own_sentence


def notice_text(notice: Failure, label: str) -> Text:
    """A notice about a field with this label, with what to do about it."""
    own = PAGE_WORDS.get(notice.code)
    return Text(own) if own else joined((sentence(notice._replace(field=label)), remedy(notice._replace(field=label))))


def _as_day(text: str) -> str:
    """A date as pages write it; any other text as it is."""
    if not _DAY.fullmatch(text):
        return text
    return day_text(date.fromisoformat(text))


def file_error_text(failure: Failure) -> Text:
    """What is wrong with a batch file as a whole, and where."""
    own = PAGE_WORDS_OF_FILES.get(failure.code)
    if own is None or ("{field}" in own and not failure.field) or dict(failure.detail).get("reason") == "several":
        return joined((sentence(failure), remedy(failure)))
    detail = dict(failure.detail)
    limit, found = int(detail.get("limit", 0)), detail.get("found", "")
    values = {
        "field": failure.field,
        "megabytes": str(limit // 1_000_000),
        "most": f"{limit:,}",
        "records": f"{int(found):,}" if found.isdecimal() else found,
    }
    return Text(own, values)
