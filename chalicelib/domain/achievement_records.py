"""Parsing the values of an achievement record into a command, or all of its faults at once (ACH-01 to ACH-06).

Nearly every record is valid, so a record is first only read for its command; the reasons are collected if that fails.
Values that files repeat (dates, references, names, postcodes) are cached.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import lru_cache, partial
from typing import Any, Final, NamedTuple

from chalicelib import reference
from chalicelib.domain.achievement_fields import ACHIEVEMENT, NAMES
from chalicelib.domain.achievements import Command, Key
from chalicelib.domain.aims import parse_aim_reference
from chalicelib.domain.codes import Action
from chalicelib.domain.failures import Failure, failure
from chalicelib.domain.fields import Field
from chalicelib.domain.people import EARLIEST_BIRTH, birth_failures
from chalicelib.domain.uln import parse_uln
from chalicelib.domain.values import judged

_WIDTH: Final = len(ACHIEVEMENT)
_LONG: Final = 640
"""A record with more characters than this has a value that is too long, and is not worth caching."""
_DIGITS_ALIKE: Final = str.maketrans("123456789", "000000000")


class Faulty(NamedTuple):
    """A record that cannot be processed."""

    command: Command
    """What could be read of it: a field that could not be read is None, and the rules skip it."""
    failures: tuple[Failure, ...]


def parse_texts(texts: Mapping[str, str]) -> Command | Faulty:
    """The command of a record given as texts by the names of its fields; see :func:`parse_record`."""
    return parse_record([texts.get(name, "") for name in NAMES])


def parse_record(values: Sequence[str]) -> Command | Faulty:
    """The command of a record's values, in the order of ``ACHIEVEMENT``, or every fault of its fields at once.

    A sequence of another length is Faulty without a reason of its own: the reader has reported it (ACF007), and values
    in the wrong places would only cause misleading reasons.
    """
    return _parser_for(reference.lists()).parse(values)


@lru_cache(maxsize=2)
def _parser_for(lists: reference.Lists) -> RecordParser:
    return RecordParser(lists)


class RecordParser:
    """Parses achievement records against one set of reference lists."""

    def __init__(self, lists: reference.Lists) -> None:
        self._lists = lists
        self._quick = _quick_parse(lists)

    def parse(self, values: Sequence[str]) -> Command | Faulty:
        """See :func:`parse_record`."""
        if len(values) != _WIDTH:
            return Faulty(_command([None] * _WIDTH), ())
        if len("".join(values)) > _LONG:
            return self._diagnosed(values)
        return self._quick(values) or self._diagnosed(values)

    def _diagnosed(self, values: Sequence[str]) -> Faulty | Command:
        read = [judged(field, text, self._lists) for field, text in zip(ACHIEVEMENT, values, strict=True)]
        command = _command([value for value, _ in read])
        found = [reason for _, reasons in read for reason in reasons]
        found += _between_fields(command)
        if command.action not in (None, Action.CREATE) and not values[_ACTION_DATE].strip():
            found.append(failure("ACF001", "ActionDate", action=command.action.name.lower()))
        return Faulty(command, tuple(found)) if found else command


_ACTION_DATE: Final = NAMES.index("action_date")


class _InvalidError(Exception):
    """A value that is not valid."""


def _remembered(field: Field, lists: reference.Lists) -> Callable[[str], Any]:
    """The cached parser of values that files repeat; it raises for an invalid value, so that results need not be
    compared.
    """

    @lru_cache(maxsize=16_384)
    def valid(text: str) -> Any:
        value, reasons = judged(field, text, lists)
        if reasons:
            raise _InvalidError
        return value

    return valid


def _quick_parse(lists: reference.Lists) -> Callable[[Sequence[str]], Command | None]:
    """A parser for valid records only; it returns None for all others."""
    digits_count = _have_digits(lists)
    known = [_remembered(field, lists) for field in ACHIEVEMENT]
    mis, _, family, given, birth, gender, postcode, _, award, grade, language, provider, action, acted, reason = known
    new_key, new_command, create = partial(tuple.__new__, Key), partial(tuple.__new__, Command), Action.CREATE

    def parse(values: Sequence[str]) -> Command | None:
        (mis_text, uln_text, family_text, given_text, birth_text, gender_text, postcode_text, aim_text, award_text,
         grade_text, language_text, provider_text, action_text, acted_text, reason_text) = values  # fmt: skip
        uln, aim = parse_uln(uln_text), parse_aim_reference(aim_text)
        if type(uln) is Failure or type(aim) is Failure:
            return None
        try:
            # References of a file differ in their numbers, and no check depends on which digit it is.
            mis(mis_text if digits_count else mis_text.translate(_DIGITS_ALIKE))
            born, awarded, done, on = birth(birth_text), award(award_text), action(action_text), acted(acted_text)
            if (on is None and done is not create) or (born is not None and not EARLIEST_BIRTH <= born <= awarded):
                return None
            key = new_key((uln, aim, awarded))
            who = given(given_text), family(family_text), born, gender(gender_text), postcode(postcode_text)
            what = grade(grade_text), language(language_text), provider(provider_text), on, reason(reason_text)
            return new_command((done, key, *who, *what, mis_text.strip()))
        except _InvalidError:
            return None

    return parse


def _have_digits(lists: reference.Lists) -> bool:
    """Whether a prohibited word contains a digit."""
    words = {word for phrases in lists.prohibited_phrases.values() for phrase in phrases for word in phrase}
    return any(letter.isdigit() for word in words | lists.prohibited_words for letter in word)


def _command(parsed: Sequence[Any]) -> Command:
    """A command of the parsed values, in the order of ``ACHIEVEMENT``."""
    mis, uln, family, given, born, gender, postcode, aim, award, grade, language, provider, action, acted, why = parsed
    key = Key(uln, aim, award)
    return Command(action, key, given, family, born, gender, postcode, grade, language, provider, acted, why, mis)


def _between_fields(command: Command) -> list[Failure]:
    """A date of birth that is too early, or after the award."""
    born: date | None = command.date_of_birth
    awarded: date | None = command.key.award_date
    found = list(birth_failures(born))
    if born is not None and awarded is not None and born > awarded:
        found.append(failure("ACF004", "DateOfBirth", hint="after award"))
    return found
