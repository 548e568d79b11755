"""From the values of an achievement record to a command, or to every fault of it at once (ACH-01 to ACH-06).

Nearly every record is sound, so a record is first parsed for its command alone; only where that fails is each field
looked at for what is wrong with it. Values that files repeat (dates, references, names, postcodes) are remembered.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from functools import lru_cache, partial
from typing import Any, NamedTuple

from chalicelib import reference
from chalicelib.domain import names, people
from chalicelib.domain.achievements import Action, Command, Key
from chalicelib.domain.aims import parse_aim_reference
from chalicelib.domain.failures import Failure, failure
from chalicelib.domain.uln import parse_uln
from chalicelib.formats.batch.layouts import ACHIEVEMENTS, Field, Kind

EARLIEST_BIRTH = date(1890, 1, 1)
"""No learner was born before this day."""

NAMES = ACHIEVEMENTS.record_names
"""The order of the values."""

_FIELDS = ACHIEVEMENTS.record
_WIDTH = len(_FIELDS)
_BIRTH, _AWARD, _ACTION_DATE = (NAMES.index(name) for name in ("DateOfBirth", "AchievementAwardDate", "ActionDate"))
_LONG = 640
"""A record with more characters than this has too long a value, and is not worth remembering."""
_LONGEST_FORM = 64
"""Longer text is no number, date, code or reference, and only its length is told."""

_UKPRN = re.compile(r"[1-9][0-9]{7}")
_DECIMAL = re.compile(r"[0-9]+[.,]0+")
_SCIENTIFIC = re.compile(r"[0-9](?:[.,][0-9]+)?[eE]\+?[0-9]{1,2}")
FORMULA = re.compile(r"\s*(?:[=@\uff1d\uff20]|[+\-\uff0b\uff0d].*[^\w .\-])", re.DOTALL)
"""What a spreadsheet would take for a formula."""
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")

_DIGITS_ALIKE = str.maketrans("123456789", "000000000")

Parse = Callable[[str], Any]
"""A field's text to its value or Failure."""


class Faulty(NamedTuple):
    """A record that cannot be processed."""

    command: Command
    """What could be read of it: a field that could not be is None, for the rules to pass over."""
    failures: tuple[Failure, ...]


def parse_record(values: Sequence[str]) -> Command | Faulty:
    """The command of a record's values, given in the layout's order, or every fault of its fields at once.

    A sequence of another length is Faulty without a reason of its own: the reader has told of it (ACF007), and values
    out of their places would only be called wrong in their turn.
    """
    return _parser_for(reference.lists()).parse(values)


@lru_cache(maxsize=2)
def _parser_for(lists: reference.Lists) -> RecordParser:
    return RecordParser(lists)


class RecordParser:
    """Parses achievement records against one set of reference lists."""

    def __init__(self, lists: reference.Lists) -> None:
        self._lists = lists
        plain = [self._parse_of(field) for field in _FIELDS]
        self._plain = plain
        self._quick = _quick_parse(plain, digits_count=_have_digits(lists))

    def parse(self, values: Sequence[str]) -> Command | Faulty:
        """See :func:`parse_record`."""
        if len(values) != _WIDTH:
            return Faulty(_command([None] * _WIDTH), ())
        if len("".join(values)) > _LONG:
            return self._diagnosed(values)
        return self._quick(values) or self._diagnosed(values)

    # What the fields of each kind hold.

    def _parse_of(self, field: Field) -> Parse:
        name = field.name
        if field.kind is Kind.ULN:
            return parse_uln
        if field.kind is Kind.AIM_REFERENCE:
            return parse_aim_reference
        if name == "Action":
            return partial(_action, field=field)
        if field.kind is Kind.NAME:
            return partial(self._name, field=field)
        if field.kind is Kind.DATE:
            return partial(_date, field=field)
        if field.kind is Kind.POSTCODE:
            return partial(self._postcode, field=field)
        if field.kind is Kind.UKPRN:
            return partial(_ukprn, field=field)
        if name == "ActionReason":
            return partial(_reason, field=field)
        return partial(_code, field=field) if field.kind is Kind.CODE else partial(self._text, field=field)

    def _name(self, text: str, field: Field) -> str | Failure:
        name = names.parse_name(text, field.name, accents=self._lists.welsh_names)
        if type(name) is str:
            return people.prohibited_text(name, field.name, self._lists) or name
        return name

    def _postcode(self, text: str, field: Field) -> str | Failure:
        if not text.strip():
            return ""
        postcode = people.parse_postcode(text, field.name)
        if type(postcode) is str:
            return people.prohibited_postcode(postcode, field.name, self._lists) or postcode
        return postcode

    def _text(self, text: str, field: Field) -> str | Failure:
        value = text.strip()
        if len(value) > field.max_length:
            return failure("ACF002", field.name, limit=field.max_length)
        if not value:
            return failure("ACF001", field.name) if field.mandatory else ""
        if not value.isprintable() and _CONTROL.search(value):
            return failure("ACF003", field.name, reason="control character")
        if FORMULA.match(value):
            return failure("ACF008", field.name)
        return people.prohibited_text(value, field.name, self._lists) or value

    # What is wrong.

    def _diagnosed(self, values: Sequence[str]) -> Faulty | Command:
        found: list[Failure] = []
        parsed: list[Any] = []
        for field, parse, text in zip(_FIELDS, self._plain, values, strict=True):
            value, reasons = self._field_diagnosed(field, parse, text)
            found += reasons
            parsed.append(value)
        command = _command(parsed)
        found += _between_fields(parsed[_BIRTH], parsed[_AWARD])
        if command.action not in (None, Action.CREATE) and not values[_ACTION_DATE].strip():
            found.append(failure("ACF001", "ActionDate", action=command.action.name.lower()))
        return Faulty(command, tuple(found)) if found else command

    def _field_diagnosed(self, field: Field, parse: Parse, text: str) -> tuple[Any, list[Failure]]:
        """The value, None where there is none, and every reason against it."""
        if len(text) > _LONGEST_FORM and field.kind not in (Kind.TEXT, Kind.NAME):
            return None, [failure("ACF002", field.name, limit=field.max_length)]
        if FORMULA.match(text) and not (field.kind is Kind.NAME and text.lstrip()[0] == "-"):
            return None, [failure("ACF008", field.name)]
        value = parse(text)
        if type(value) is not Failure:
            return value, []
        reasons = [value]
        if field.kind in (Kind.TEXT, Kind.NAME) and value.code != "ACF006":
            unsuitable = people.prohibited_text(text[:1024], field.name, self._lists)
            reasons += [unsuitable] if unsuitable else []
        return None, reasons


class _UnsoundError(Exception):
    """A value that is not as it should be."""


def _remembered(parse: Parse) -> Parse:
    """The parser of values that files repeat; for one that is not sound it raises, so that nothing need be compared."""

    @lru_cache(maxsize=16_384)
    def sound(text: str) -> Any:
        value = parse(text)
        if type(value) is Failure:
            raise _UnsoundError
        return value

    return sound


def _quick_parse(plain: Sequence[Parse], *, digits_count: bool) -> Callable[[Sequence[str]], Command | None]:
    """A parser that knows sound records only, and answers None to all others."""
    known = [_remembered(parse) for parse in plain]
    mis, _, family, given, birth, gender, postcode, _, award, grade, language, provider, action, acted, reason = known
    new_key, new_command = partial(tuple.__new__, Key), partial(tuple.__new__, Command)

    def parse(values: Sequence[str]) -> Command | None:
        mis_text, uln_text, family_text, given_text, birth_text, gender_text, postcode_text, aim_text, *rest = values
        award_text, grade_text, language_text, provider_text, action_text, acted_text, reason_text = rest
        uln, aim = parse_uln(uln_text), parse_aim_reference(aim_text)
        if type(uln) is Failure or type(aim) is Failure:
            return None
        try:
            # Numbers run through the references of a file, and no check tells one digit from another.
            mis(mis_text if digits_count else mis_text.translate(_DIGITS_ALIKE))
            born, awarded, done, on = birth(birth_text), award(award_text), action(action_text), acted(acted_text)
            who = given(given_text), family(family_text), born, gender(gender_text), postcode(postcode_text)
            what = grade(grade_text), language(language_text), provider(provider_text), on, reason(reason_text)
        except _UnsoundError:
            return None
        if (on is None and done is not Action.CREATE) or (born is not None and not EARLIEST_BIRTH <= born <= awarded):
            return None
        return new_command((done, new_key((uln, aim, awarded)), *who, *what, mis_text.strip()))

    return parse


def _have_digits(lists: reference.Lists) -> bool:
    """Whether a prohibited word has a digit in it."""
    words = {word for phrases in lists.prohibited_phrases.values() for phrase in phrases for word in phrase}
    return any(letter.isdigit() for word in words | lists.prohibited_words for letter in word)


def _command(parsed: Sequence[Any]) -> Command:
    """A command of the parsed values, in the layout's order."""
    mis, uln, family, given, born, gender, postcode, aim, award, grade, language, provider, action, acted, why = parsed
    key = Key(uln, aim, award)
    return Command(action, key, given, family, born, gender, postcode, grade, language, provider, acted, why, mis)


def _between_fields(born: date | None, award: date | None) -> list[Failure]:
    """A date of birth before anyone's, or after the award."""
    found: list[Failure] = []
    if born is not None and born < EARLIEST_BIRTH:
        found.append(failure("ACF004", "DateOfBirth", hint="earliest", earliest=EARLIEST_BIRTH))
    if born is not None and award is not None and born > award:
        found.append(failure("ACF004", "DateOfBirth", hint="after award"))
    return found


def _date(text: str, field: Field) -> date | Failure | None:
    if not text.strip() and not field.mandatory:
        return None
    return people.parse_date(text, field.name)


def _ukprn(text: str, field: Field) -> str | Failure:
    value = text.strip()
    if _UKPRN.fullmatch(value):
        return value
    if not value:
        return failure("ACF001", field.name) if field.mandatory else ""
    if _SCIENTIFIC.fullmatch(value):
        reason = "scientific notation"
    elif _DECIMAL.fullmatch(value):
        reason = "decimal point"
    else:
        reason = "UKPRN"
    return failure("ACF003", field.name, reason=reason)


def _code(text: str, field: Field) -> str | Failure:
    """The value of the field's list that the text is, in whatever spelling."""
    value = text.strip()
    if not value:
        return failure("ACF001", field.name) if field.mandatory else ""
    known = _spellings(field).get(value.casefold())
    if known is not None:
        return known
    allowed = ", ".join(code.value for code in field.codes)
    if _DECIMAL.fullmatch(value):
        return failure("ACF005", field.name, allowed=allowed, hint="decimal point")
    return failure("ACF005", field.name, allowed=allowed)


def _action(text: str, field: Field) -> Action | Failure:
    code = _code(text, field)
    return code if isinstance(code, Failure) else Action(code)


def _reason(text: str, field: Field) -> str | Failure:
    """The reason in capitals; whether it is on the list, and needed, is a rule (ACR011), not a form."""
    value = text.strip().upper()
    if len(value) > field.max_length:
        return failure("ACF002", field.name, limit=field.max_length)
    return value if value.isalnum() or not FORMULA.match(value) else failure("ACF008", field.name)


@lru_cache(maxsize=64)
def _spellings(field: Field) -> dict[str, str]:
    return {spelling.casefold(): code.value for code in field.codes for spelling in (code.value, *code.aliases)}
