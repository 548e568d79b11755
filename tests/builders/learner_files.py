"""Learner and verification files made for tests, sound unless told otherwise."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from io import StringIO
from xml.sax.saxutils import escape

from chalicelib.formats.batch.layouts import Layout
from chalicelib.formats.batch.learner_layouts import LEARNERS, VERIFICATIONS

PROVIDER = "90000101"
LRB = f"LRB_{PROVIDER}_020320260915.CSV"
VLD = f"VLD_{PROVIDER}_020320260915.CSV"

Row = dict[str, str]

SOUND = {
    "MISIdentifier": "MIS-1",
    "GivenName": "Bronwen",
    "FamilyName": "Ashcombe",
    "LastKnownPostCode": "CF10 1AA",
    "DateOfBirth": "2004-05-17",
    "Gender": "2",
    "PrivacyNoticeSeen": "1",
    "VerificationType": "2",
}
"""A learner to register."""

TO_VERIFY = {
    "MISIdentifier": "MIS-1",
    "ULN": "1000000019",
    "FamilyName": "Ashcombe",
    "GivenName": "Bronwen",
    "DateOfBirth": "2004-05-17",
    "Gender": "2",
}


def row(layout: Layout = LEARNERS, **changes: str) -> Row:
    """A record, sound but for the changes, with every field of the layout."""
    sound = TO_VERIFY if layout is VERIFICATIONS else SOUND
    return dict.fromkeys(layout.record_names, "") | {
        name: value for name, value in (sound | changes).items() if name in layout.record_names or name in changes
    }


def values(layout: Layout = LEARNERS, **changes: str) -> tuple[str, ...]:
    """The same in the order of the layout."""
    made = row(layout, **changes)
    return tuple(made[name] for name in layout.record_names)


def header(layout: Layout, count: int, **changes: str) -> Row:
    filename = VLD if layout is VERIFICATIONS else LRB
    first = {"FileVersion": layout.version, "FileName": filename, "UKPRN": PROVIDER, layout.count_field: str(count)}
    return dict.fromkeys(layout.header_names, "") | first | changes


def csv_file(rows: Sequence[Mapping[str, str]], layout: Layout = LEARNERS, **changes: str) -> bytes:
    """A CSV file of records, with changes to its header."""
    first = header(layout, len(rows), **changes)
    out = StringIO(newline="")
    write = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerow
    write(layout.names)
    for place, one in enumerate(rows):
        told = first.values() if place == 0 else [""] * len(first)
        write([*told, *(one[name] for name in layout.record_names)])
    return out.getvalue().encode()


def xml_file(rows: Sequence[Mapping[str, str]], layout: Layout = LEARNERS, **changes: str) -> bytes:
    """The same as XML; empty values are left out of records."""

    def elements(of: Mapping[str, str]) -> str:
        return "".join(f"<{name}>{escape(value)}</{name}>" for name, value in of.items())

    records = (f"<{layout.element}>{elements({n: v for n, v in one.items() if v})}</{layout.element}>" for one in rows)
    body = "\n".join([elements(header(layout, len(rows), **changes)), *records])
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{layout.root}>\n{body}\n</{layout.root}>\n'.encode()
