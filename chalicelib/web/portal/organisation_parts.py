"""An organisation as pages of the service desk show it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from chalicelib.domain.organisations import Agreement, OrganisationKind
from chalicelib.domain.refusals import RefusalKind, Refused
from chalicelib.formats.words.texts import Text, day_text
from chalicelib.ports.accounts import Organisation
from chalicelib.services.organisations import granted_roles
from chalicelib.web.portal import table
from chalicelib.web.portal.desk_fields import KINDS
from chalicelib.web.portal.parts import Link, Row
from chalicelib.web.portal.roles import names_of
from chalicelib.web.portal.texts import marked as _
from chalicelib.web.portal.visits import Page

DESK: Final = table.ORGANISATIONS
_OF_FORM: Final = frozenset({RefusalKind.INVALID, RefusalKind.STALE, RefusalKind.NOT_NOW})
"""Refusals that a form shows; others have pages of their own."""


def path_of(ukprn: str, part: str = "") -> str:
    """The page of an organisation, or of a part of it."""
    return "/".join([DESK, ukprn, *([part] if part else [])])


def details(one: Organisation, change: str = "") -> list[Row]:
    """What is recorded of it, with links to ``change`` it."""
    return list(_details(one, (Link(_("Change"), change, _("details")),) if change else ()))


def _details(one: Organisation, links: tuple[Link, ...]) -> Iterator[Row]:
    yield Row("UKPRN", one.ukprn)
    yield Row(_("Kind"), KINDS[one.kind])
    yield Row(_("Name"), one.name, links)
    agreement = one.agreement
    signed = _signed(agreement) if agreement else "–"
    yield Row(_("Agreement signed"), signed, links)
    if one.kind is OrganisationKind.REGISTRATION_BODY:
        yield Row(_("Its awarding organisation"), one.twin or "–", links)
        yield Row(_("Why it registers learners"), one.business_reason or "–", links)
    if one.kind is OrganisationKind.AWARDING_ORGANISATION:
        yield Row(_("Recognition numbers"), " ".join(sorted(one.recognition_numbers)), links)
        yield Row(_("Files of achievements"), _("Yes") if one.batch_achievements else _("No"), links)
    yield Row(_("Organisation reference"), one.organisation_ref or "–", links)
    yield Row(_("Email address for files and maintenance"), one.batch_email or "–", links)
    yield Row(_("Encoding of CSV files"), (one.csv_encoding or "utf-8").upper(), links)


def roles(one: Organisation, change: str = "") -> Row:
    """The roles that its users may have."""
    granted = granted_roles(one)
    links = (Link(_("Change"), change, _("roles")),) if change else ()
    return Row(_("Roles for its users"), names_of(granted), links)


def _signed(agreement: Agreement) -> Text:
    return Text("{day}, {signatory}", {"day": day_text(agreement.signed_on), "signatory": agreement.signatory})


def refused_form(refused: Refused, page: Page) -> Page:
    """The page of the form that was refused: 409 where somebody else was faster. Raises what is not about the form."""
    if refused.kind not in _OF_FORM:
        raise refused
    return page if refused.kind is RefusalKind.INVALID else replace(page, status=409)
