"""Failures in the words of a page: what to do, with the name that the page gives the field.

Everything that has no words of its own here is said as everywhere else.
"""

from __future__ import annotations

from typing import Final

from chalicelib.domain.failures import Failure
from chalicelib.formats.words.messages import remedy, sentence

_MISSING: Final = frozenset({"ACF001"})
PAGE_WORDS: Final = {
    "ACF004": "{field} must be a real date",
    "ACF005": "Select {its} from the list",
    "LRS-REQ-13": "Somebody else has changed this since you opened it. Nothing was saved. Check what it is now.",
    "WSEC0208": "We could not verify the learner with these details. Check the ULN and both names.",
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


def error_text(failure: Failure, label: str, *, is_choice: bool = False) -> str:
    """The error beside a field with this label; without a label, of the whole form, with what to do about it."""
    if failure.code in _MISSING and label:
        return f"{'Select' if is_choice else 'Enter'} {_within(label)}"
    own = PAGE_WORDS.get(failure.code)
    if own is not None:
        return own.format(field=label, its=_within(label))
    if not label:
        return f"{sentence(failure)} {remedy(failure)}"
    return sentence(failure._replace(field=label))


def _within(label: str) -> str:
    """A label in the middle of a sentence: "Given name" as "given name", "ULN" as it is."""
    return label if label[:2].isupper() else label[:1].lower() + label[1:]
