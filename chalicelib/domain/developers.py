"""Registered developers: who builds systems that use the service, and is told of changes to its interfaces (HLP-03).

Their systems call with the credentials of an organisation, so a developer as such has access to nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, NamedTuple

from chalicelib.domain.codes import Code, CodeList
from chalicelib.domain.failures import Failure
from chalicelib.domain.fields import EMAIL_ADDRESS, UKPRN, Field, Kind, optional
from chalicelib.domain.values import read_fields

INTERFACE: Final = CodeList(
    "Interface", (Code("web-service", "Web service"), Code("files", "Batch files"), Code("both", "Both"))
)
DEVELOPER_FIELDS: Final = (
    Field("company", Kind.TEXT, 120, "Company or organisation of the developer.", "Penhallow Software", mandatory=True),
    Field("contact", Kind.TEXT, 120, "Who is written to.", "Jo Bloggs", mandatory=True),
    replace(EMAIL_ADDRESS, mandatory=True, description="Where changes of interfaces are announced."),
    Field("purpose", Kind.LINES, 300, "What is built, and for whom.", "A system for colleges", mandatory=True),
    Field("interface", Kind.CODE, 12, "What the system uses.", mandatory=True, codes=INTERFACE),
    optional(UKPRN, "UKPRN of the organisation whose credentials its tests use."),
)
"""In the order of a page."""


class Developer(NamedTuple):
    """A registered developer."""

    developer_id: str
    company: str
    contact: str
    email_address: str
    purpose: str
    interface: str
    ukprn: str
    registered_at: datetime
    registered_by: str
    ended_at: datetime | None = None


def read_developer(texts: Mapping[str, str]) -> dict[str, Any] | tuple[Failure, ...]:
    """What is recorded of a developer, by the names of its fields, or every reason against it."""
    values, found = read_fields(DEVELOPER_FIELDS, texts)
    return tuple(found) if found else values
