"""Development support for everybody: templates, examples, schemas, rules and codes of batch files (VAL-03).

Everything follows from the layouts and the lists of codes, as the web service's own description of the files does.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from chalicelib.domain.codes import CodeList
from chalicelib.domain.failures import FAMILIES, Family
from chalicelib.domain.fields import Field
from chalicelib.formats.batch.faulty_examples import errors_of
from chalicelib.formats.batch.format_versions import VERSIONS
from chalicelib.formats.batch.layouts import Layout
from chalicelib.formats.batch.templates import DESCRIBED, downloads
from chalicelib.formats.words.messages import listed_words
from chalicelib.web.portal import refusals, table
from chalicelib.web.portal.parts import Link
from chalicelib.web.portal.table import view
from chalicelib.web.portal.texts import marked as _
from chalicelib.web.portal.visits import File, Page, Visit

_TITLES: Final = {
    "achievements": _("Achievement file"),
    "learners": _("Learner registration file"),
    "verifications": _("Verification file"),
}
_FILES: Final = (
    ("-template.csv", _("Template: headings only"), "CSV"),
    ("-example.csv", _("Example"), "CSV"),
    ("-example.xml", _("Example"), "XML"),
    ("-faulty.csv", _("Example with errors"), "CSV"),
    ("-faulty.xml", _("Example with errors"), "XML"),
    ("-faulty-list.csv", _("List of the errors in that example"), "CSV"),
    (".xsd", _("XML schema"), "XSD"),
)
_MEDIA_TYPES: Final = {"csv": "text/csv; charset=utf-8", "xml": "application/xml", "xsd": "application/xml"}
_OF_FILES: Final = {
    Family.FILE: _("The whole file is refused"),
    Family.FIELD: _("A record is refused for a value"),
    Family.LEARNER: _("A record is refused for the learner\u2019s details"),
    Family.RULE: _("A record is refused by a rule"),
    Family.NOTICE: _("Nothing is refused"),
    Family.FAULT: _("A problem with our service"),
}


class Download(NamedTuple):
    """A file about a layout."""

    text: str
    format: str
    size: int
    href: str


class Described(NamedTuple):
    """A kind of file."""

    title: str
    layout: Layout
    link: Link
    downloads: list[Download]


class CodeWords(NamedTuple):
    """A code with what it says and what to do."""

    code: str
    text: str
    action: str


@view()
def show_file_formats(_visit: Visit) -> Page:
    """Every kind of file with its downloads, and the versions of each."""
    context = {
        "formats": [_described(layout) for layout in DESCRIBED],
        "versions": VERSIONS,
        "titles": _TITLES,
        "codes": f"{table.FILE_FORMATS}/codes",
    }
    return Page(template="file-formats/formats.html.jinja", context=context)


@view()
def show_file_format(visit: Visit) -> Page:
    """The fields of a kind of file, the values of its lists, and the errors of the example that has some."""
    layout = next((one for one in DESCRIBED if one.name == visit.names["layout"]), None)
    if layout is None:
        raise refusals.not_found()
    context = {
        "format": _described(layout),
        "lists": _lists(layout.columns),
        "errors_shown": errors_of(layout),
        "back": table.FILE_FORMATS,
    }
    return Page(template="file-formats/format.html.jinja", context=context)


@view()
def show_file_codes(_visit: Visit) -> Page:
    """The codes of reasons and notices, with what to do."""
    families = [(title, _codes(family)) for family, title in _OF_FILES.items()]
    context = {"families": families, "back": table.FILE_FORMATS}
    return Page(template="file-formats/codes.html.jinja", context=context)


@view()
def get_file_template(visit: Visit) -> File:
    """A template, an example or a schema."""
    name = visit.names["file"]
    content = downloads().get(name)
    if content is None:
        raise refusals.not_found()
    return File(content=content, name=name, media_type=_MEDIA_TYPES[name.rpartition(".")[2]])


def _described(layout: Layout) -> Described:
    found = [
        Download(text, kind, len(downloads()[name].encode()), f"{table.FILE_FORMATS}/files/{name}")
        for ending, text, kind in _FILES
        for name in [f"{layout.name}{ending}"]
    ]
    title = _TITLES[layout.name]
    return Described(title, layout, Link(title, f"{table.FILE_FORMATS}/{layout.name}"), found)


def _lists(fields: tuple[Field, ...]) -> list[tuple[str, CodeList]]:
    return [(field.column, field.codes) for field in fields if field.codes is not None]


def _codes(family: Family) -> list[CodeWords]:
    return [
        CodeWords(code, what, do)
        for code, own in FAMILIES.items()
        if own is family
        for what, do in [next(iter(listed_words(code, "({})".format)))]
    ]


VIEWS: Final = (show_file_formats, show_file_format, show_file_codes, get_file_template)
