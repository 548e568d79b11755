"""Reference lists of administrators: what is in force, another list beside it, and the way back (VLD-02).

Sent again, a list that is in force already changes nothing; two administrators meet in a page that says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from chalicelib.domain.failures import Failure, failure
from chalicelib.domain.fields import Field, Kind
from chalicelib.domain.refusals import RefusalKind, Refused
from chalicelib.services.reference_lists import MOST_BYTES
from chalicelib.web.portal import table
from chalicelib.web.portal.forms import asked, form
from chalicelib.web.portal.parts import Input
from chalicelib.web.portal.table import view
from chalicelib.web.portal.texts import marked as _
from chalicelib.web.portal.visits import FORM_LIMIT, File, Page, Result, SeeOther, Visit

WORDS: Final = {
    "prohibited-words.txt": _("Words that no name or text may contain, one on a line"),
    "prohibited-postcodes.txt": _("Postcodes that no learner may have, one on a line"),
    "given-name-synonyms.csv": _("Given names that stand for one another, those of one person on a line"),
    "bank-holidays.csv": _("Bank holidays, for working days and core hours"),
    "key-dates.csv": _("Key dates of awarding organisations: first day, last day, name"),
}
SHOWN: Final = 200
"""Lines of a comparison."""
UPLOAD: Final = form(
    asked(
        Field("list", Kind.TEXT, 255, "The list.", mandatory=True),
        label=_("Another list"),
        hint=_("A text file in UTF-8 with the whole list. You see what changes before it is used."),
        kind=Input.FILE,
    )
)


@view()
def show_lists(visit: Visit) -> Page:
    """Every list, and what is in force."""
    return Page(
        template="admin/lists.html.jinja", context={"found": visit.services.reference_lists.all(), "words": WORDS}
    )


@view()
def show_list(visit: Visit) -> Page:
    """One list: its versions, and the form for another."""
    return _list(visit)


@view(limit=MOST_BYTES + FORM_LIMIT, has_files=True)
def submit_list(visit: Visit) -> Result:
    """Keep another list, and show what it changes."""
    name, files = visit.names["list"], visit.files.get("list", ())
    if len(files) != 1:
        return _list(visit, [failure("ACF001", "List")])
    try:
        digest = visit.services.reference_lists.propose(name, files[0].data)
    except Refused as refused:
        if refused.kind is not RefusalKind.INVALID:
            raise
        return _list(visit, refused.failures)
    return SeeOther(path=f"{table.LISTS}/{name}/{digest}")


def _list(visit: Visit, failures: Sequence[Failure] = ()) -> Page:
    name = visit.names["list"]
    versions = visit.services.reference_lists.versions(name)
    context = {"name": name, "meaning": WORDS[name], "versions": versions, "back": table.LISTS}
    return UPLOAD.page("admin/list.html.jinja", {}, failures, **context)


@view()
def show_list_comparison(visit: Visit) -> Page:
    """What a proposed list, or an earlier version, changes."""
    return _comparison(visit)


@view()
def submit_list_comparison(visit: Visit) -> Result:
    """Use it from now on."""
    name = visit.names["list"]
    try:
        visit.services.reference_lists.put_in_force(visit.caller, name, visit.names["version"], visit.text("base"))
    except Refused as refused:
        if refused.kind is not RefusalKind.STALE:
            raise
        return replace(_comparison(visit, refused.failures), status=409)
    return SeeOther(path=f"{table.LISTS}/{name}", message=_("The list is in force. Functions use it when they start."))


def _comparison(visit: Visit, failures: Sequence[Failure] = ()) -> Page:
    found = visit.services.reference_lists.compare(visit.names["list"], visit.names["version"])
    context = {"found": found, "shown": SHOWN, "back": f"{table.LISTS}/{found.name}"}
    return form().page("admin/comparison.html.jinja", {}, failures, **context)


@view()
def get_list_file(visit: Visit) -> File:
    """A version as it was uploaded, to be changed and uploaded again."""
    name = visit.names["list"]
    text = visit.services.reference_lists.download(visit.caller, name, visit.names["version"])
    kind = "csv" if name.endswith(".csv") else "plain"
    return File(content=text, name=name, media_type=f"text/{kind}; charset=utf-8")


VIEWS: Final = (show_lists, show_list, submit_list, show_list_comparison, submit_list_comparison, get_list_file)
