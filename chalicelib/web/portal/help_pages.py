"""Help for everybody: how to use the portal, its words, its codes and its data rules (HLP-01, AO18 App. B to F).

Codes and rules are those of the tables by which the service works.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from chalicelib.domain.codes import ACTION_REASON, CodeList
from chalicelib.domain.failures import FAMILIES
from chalicelib.domain.fields import Field
from chalicelib.formats.batch.format_pages import FAMILY_TITLES
from chalicelib.formats.batch.templates import DESCRIBED
from chalicelib.formats.words.glossary import GLOSSARY
from chalicelib.formats.words.messages import listed_words
from chalicelib.formats.words.return_codes import LEARNER_CODES, VERIFICATION_CODES
from chalicelib.web.portal.table import view
from chalicelib.web.portal.visits import Page, Visit


class Reason(NamedTuple):
    """A code with what it says and what to do."""

    code: str
    what: Sequence[str]
    do: Sequence[str]


class Reasons(NamedTuple):
    """The codes of a family."""

    id: str
    title: str
    reasons: Sequence[Reason]


class Rules(NamedTuple):
    """The fields of one kind of file or form."""

    id: str
    title: str
    fields: Sequence[Field]


@view()
def show_help(visit: Visit) -> Page:
    """Help with signing in, files and records, and the way to all other help."""
    return Page(template="public/help.html.jinja", context={"contacts": visit.services.settings.contacts})


@view()
def show_glossary(_: Visit) -> Page:
    """The words of the service."""
    return Page(template="public/glossary.html.jinja", context={"words": GLOSSARY})


@view()
def show_return_codes(_: Visit) -> Page:
    """Every code that a record, a file or a form can get, with what to do."""
    context = {
        "verification": VERIFICATION_CODES.items(),
        "learners": LEARNER_CODES.items(),
        "families": list(_families()),
        "action_reasons": ACTION_REASON.codes,
    }
    return Page(template="public/return-codes.html.jinja", context=context)


@view()
def show_data_rules(_: Visit) -> Page:
    """Every field of files and forms: its form, length, values."""
    rules = [Rules(layout.name, layout.title, layout.columns) for layout in DESCRIBED]
    lists: dict[str, CodeList] = {}
    for one in rules:
        lists |= {field.codes.name: field.codes for field in one.fields if field.codes is not None}
    return Page(template="public/data-rules.html.jinja", context={"rules": rules, "lists": list(lists.values())})


def _families() -> Iterator[Reasons]:
    for family, title in FAMILY_TITLES.items():
        codes = [code for code, own in FAMILIES.items() if own is family]
        yield Reasons(family.name.lower(), title, [_reason(code) for code in codes])


def _reason(code: str) -> Reason:
    pairs = list(listed_words(code, "[{}]".format))
    return Reason(code, [what for what, _ in pairs], list(dict.fromkeys(do for _, do in pairs)))


VIEWS: Final = (show_help, show_glossary, show_return_codes, show_data_rules)
