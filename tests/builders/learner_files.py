"""Learner and verification files for tests, valid unless a test changes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chalicelib.formats.batch.layouts import Layout
from chalicelib.formats.batch.learner_layouts import LEARNERS, VERIFICATIONS
from tests.builders.files import XML_DECLARATION, Row, csv_text, table, xml_of

PROVIDER = "90000101"
LRB = f"LRB_{PROVIDER}_020320260915.CSV"
VLD = f"VLD_{PROVIDER}_020320260915.CSV"

VALID = {
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
    """A record that is valid except for the changes, with every field of the layout."""
    valid = TO_VERIFY if layout is VERIFICATIONS else VALID
    return dict.fromkeys(layout.record_names, "") | {
        name: value for name, value in (valid | changes).items() if name in layout.record_names or name in changes
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
    return csv_text(table(layout, header(layout, len(rows), **changes), rows)).encode()


def xml_file(rows: Sequence[Mapping[str, str]], layout: Layout = LEARNERS, **changes: str) -> bytes:
    """The same as XML; empty values are left out of records."""
    given = ({name: value for name, value in one.items() if value} for one in rows)
    return XML_DECLARATION + xml_of(layout, header(layout, len(rows), **changes), given).encode()
