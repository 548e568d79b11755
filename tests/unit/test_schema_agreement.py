"""The XML schema, the reader and the documentation accept the same files: thousands of random ones, both ways.

Each file has one record, which is valid except for one or two changes to its values, its elements or its header. A
change is one that people, spreadsheets and programs make: a blank of another kind, small letters, a day that is not in
the calendar, an element left out.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from random import Random
from xml.sax.saxutils import escape

import pytest
from lxml import etree

from chalicelib.domain.achievement_records import Faulty, parse_record
from chalicelib.domain.failures import Failure
from chalicelib.domain.fields import Field, Kind
from chalicelib.domain.learner_batches import JobType
from chalicelib.domain.people import birth_failures
from chalicelib.domain.values import parse_date
from chalicelib.formats.batch.files import header_failures, read_batch
from chalicelib.formats.batch.layouts import ACHIEVEMENTS, Layout
from chalicelib.formats.batch.learner_layouts import LEARNERS, LEARNERS_2A, VERIFICATIONS
from chalicelib.formats.batch.learner_records import parse_learner
from chalicelib.formats.batch.templates import xml_example
from chalicelib.formats.batch.verification_records import parse_verification
from tests.builders.schemas import schema_of

pytestmark = pytest.mark.req("ACH-06", "ULN-06", "VLD-03", "VAL-03")

EACH = 3_000
"""Random files for each layout."""
TODAY = date(2026, 11, 22)
LAYOUTS = (ACHIEVEMENTS, LEARNERS, LEARNERS_2A, VERIFICATIONS)

BLANKS = " \t\n\r\u00a0\u2003\u3000\u2028\u0085"
CHARACTERS = "-'`.,/+=@&<>()_0159AZazXxÅéßıK\u0660\uff11\uff0d\uff1d\u200b\u00ad\u007f\u0090😀" + BLANKS

OF_OTHER_VALUES = {
    ("ACF004", "age"), ("ACF004", "future"), ("ACF004", "after award"), ("ACF003", "verification type"),
    ("ACL001", ""), ("ACF006", ""), ("ACF009", ""),
}  # fmt: skip
"""Reasons and their kinds that depend on another value, on the day or on a list; see ``schema_values``."""

DATES = (
    "1799-12-31 1800-01-01 1889-12-31 1890-01-01 1892-02-29 1900-02-29 1904-02-29 2000-02-29 2004-02-29 2005-02-29"
    " 2001-04-31 2001-06-30 2001-02-30 2001-00-10 2001-10-00 2001-13-01 2001-12-32 2006-8-1 01/09/2006 20060901"
    " 2006-09-01T00:00:00 2006-09-01T00:00 2006-09-01T10:00 2006-09-01Z 2006-09-01T00:00:00.000+01:00 2100-01-01"
)
ADDRESSES = ("a..b@c.de", "a.@c.de", "a.b@c.xn--p1ai")
TYPICAL = {
    Kind.DATE: DATES.split(),
    Kind.POSTCODE: ["CF10 1AA", "cf101aa", "CF10  1AA", "CF10\t1AA", "BFPO 12", "bfpo12", "BFPO 12345", "ZZ99 9ZZ"],
    Kind.AIM_REFERENCE: ["600/0055/7", "60000557", "l/616/8832", "C00/4967/0", "zprog001", "Zß", "600/00557"],
    Kind.UCI: ["123450123456A", "12345a123456b", "1234501234567"],
    Kind.UPN: ["A123456789012", "a12345678901z", "I123456789012"],
    Kind.NATIONALITY: ["GBR", "gb", "G", "GBRX", "G B"],
    Kind.NUMBER: ["1", "01", "1.0", "+1", "-1", "123456", "1e3"],
    Kind.EMAIL: ["a@b.cd", "a@b", "a b@c.de", "@b.cd", "=a@b.cd", "a@b.cd,e@f.gh", "x" * 65 + "@b.cd", *ADDRESSES],
    Kind.NAME: ["Mary Ann", "Mary  Ann", "Mary\tAnn", "Mary\nAnn", "'", ". -", "-Smith", "=Smith", "Skye2", "x" * 36],
    Kind.TEXT: ["-1", "-1+2", "+44 1", "=1", "@x", "a\tb", "a\nb", "a  b", "－1", "-é", "- 1", "+"],
    Kind.LINES: ["-1", "-1\n", "a\tb\nc", "=1", "- a\n- b", "@"],
    Kind.ULN: ["1000000019", "01000000019", "1000000019.0", "1E+09"],
    Kind.UKPRN: ["10000020", "00000020", "1000002", "100000200"],
    Kind.CANDIDATE_NUMBER: ["123456789", "12345678"],
}  # fmt: skip


class Case:
    """A file of one record, and the changes made to it."""

    def __init__(self, layout: Layout, random: Random) -> None:
        self.layout = layout
        self.random = random
        example = etree.fromstring(xml_example(LEARNERS if layout is LEARNERS_2A else layout))
        first = random.choice(example.findall(layout.element))
        given = {one.tag: one.text or "" for one in first}
        self.header = [(field.column, field.example) for field in layout.header]
        self.record = [(field.column, given[field.column]) for field in layout.record if field.column in given]
        self.header = [(name, "1" if name == layout.count_field else value) for name, value in self.header]
        for _ in range(random.choice((1, 1, 1, 2))):
            self.change()

    def change(self) -> None:
        draw = self.random.random()
        part, fields = (self.header, self.layout.header) if draw < 0.2 else (self.record, self.layout.record)
        if self.random.random() < 0.15:
            self.change_elements(part)
            return
        field = self.random.choice(fields)
        names = [name for name, _ in part]
        if field.column not in names:
            # The header has an order.
            part.insert(self.layout.header.index(field) if part is self.header else 0, (field.column, field.example))
            names = [name for name, _ in part]
        at = names.index(field.column)
        part[at] = field.column, self.changed(field, part[at][1])

    def change_elements(self, part: list[tuple[str, str]]) -> None:
        at = self.random.randrange(len(part))
        how = self.random.choice(("out", "out", "out", "twice", "misspelt", "reasons"))
        if how == "out":
            del part[at]
        elif how == "twice":
            part.insert(at, part[at])
        elif how == "misspelt":
            part[at] = part[at][0] + "s", part[at][1]
        elif part is self.record:
            part += [(name, "x") for name in self.layout.ignored] * self.random.choice((1, 1, 2))
            self.random.shuffle(part)

    def changed(self, field: Field, value: str) -> str:
        random = self.random
        if field.codes is not None:
            texts = [text for code in field.codes.codes for text in (code.value, *code.spellings)]
            value = random.choice(texts)
            if field.left_to_a_rule:
                # The action decides about other reasons.
                return random.choice(("", " ", value, value.lower(), f"\u00a0{value}\n"))
        elif random.random() < 0.6:
            value = random.choice(TYPICAL[field.kind])
        ways: tuple[Callable[[str], str], ...] = (
            lambda text: text,
            lambda text: random.choice(BLANKS) + text + random.choice(BLANKS) * random.randrange(3),
            lambda text: random.choice(("", " ", "\u00a0\n")),
            str.lower,
            str.upper,
            lambda text: text[:-1],
            lambda text: (text + "x") * random.choice((2, 40)),
            lambda text: text * (1 + field.limit // max(len(text), 1)),
            lambda text: text.rjust(field.limit + random.randrange(-1, 2), random.choice("x1")),
            self.with_one_more,
            self.with_one_more,
            self.with_one_more,
        )
        return random.choice(ways)(value)

    def with_one_more(self, text: str) -> str:
        at = self.random.randint(0, len(text))
        return text[:at] + self.random.choice(CHARACTERS) + text[at + self.random.randrange(2) :]

    @property
    def data(self) -> bytes:
        root, element = self.layout.root, self.layout.element
        return f"<{root}>{elements(self.header)}<{element}>{elements(self.record)}</{element}></{root}>".encode()


def elements(entries: list[tuple[str, str]]) -> str:
    written = ((name, escape(value, {"\r": "&#13;"})) for name, value in entries)
    return "".join(f"<{name}>{value}</{name}>" for name, value in written)


def reader_reasons(layout: Layout, data: bytes) -> list[Failure]:
    """The reasons of the reader and the parser of records that are about the format of values and elements."""
    batch = read_batch(data, "a.xml", layout)
    found = [*batch.failures, *header_failures(batch.header, "", "", "", len(batch.records), layout)]
    for record in batch.records:
        found += [*record.failures, *record_reasons(layout, record.values, batch.header.get("JobType", ""))]
        born = parse_date(dict(zip(layout.record_names, record.values, strict=True))["DateOfBirth"], "DateOfBirth")
        found += birth_failures(born) if isinstance(born, date) else ()
    return [why for why in found if why.refuses and not about_other_values(layout, why)]


def record_reasons(layout: Layout, values: tuple[str, ...], job_type: str) -> tuple[Failure, ...]:
    if layout is ACHIEVEMENTS:
        parsed = parse_record(values)
        return parsed.failures if isinstance(parsed, Faulty) else ()
    if layout is VERIFICATIONS:
        return parse_verification(values).failures
    kind = JobType(job_type) if job_type in tuple(JobType) else JobType.FULL
    return layout.in_its_words(parse_learner(LEARNERS.in_order(values, layout), kind, TODAY).failures)


def about_other_values(layout: Layout, why: Failure) -> bool:
    detail = dict(why.detail)
    if (why.code, detail.get("reason") or detail.get("hint") or "") in OF_OTHER_VALUES:
        return True
    if why.code in ("WSRC0017", "WSRC0030"):
        return True  # another number of records than stated
    field = layout.by_name.get(why.field)
    return why.code == "ACF001" and field is not None and not field.always


def skipped(case: Case) -> bool:
    """Whether the job type leaves values unread, so that only the schema judges them."""
    header = dict(case.header)
    checks_only = header.get("JobType", "").strip().upper() == "CHK"
    return checks_only and not dict(case.record).get("ULN", "").strip()


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: f"{layout.name}-{layout.version}")
def test_the_schema_and_the_reader_accept_the_same_files(layout: Layout) -> None:
    schema = schema_of(layout)
    random = Random(layout.name + layout.version)
    accepted, differing, done = 0, [], 0
    while done < EACH:
        case = Case(layout, random)
        if skipped(case):
            continue
        done += 1
        by_schema = schema.validate(etree.fromstring(case.data))
        reasons = reader_reasons(layout, case.data)
        accepted += by_schema
        if by_schema == bool(reasons):
            differing.append(
                (case.data.decode()[-4000:], [str(error.message)[:300] for error in schema.error_log], reasons)
            )
    assert differing == []
    assert EACH / 4 < accepted < EACH * 3 / 4, "files that both accept, and files that both refuse"
