"""Link and unlink two ULNs of one person, side by side with what matches, for the service desk (ULN-09).

The forms carry the versions that were compared. A form that is sent twice finds the second time that it is done, and
leads to the same page.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from chalicelib.domain.comparisons import of_details
from chalicelib.domain.failures import Failure, failure
from chalicelib.domain.fields import ULN, Field, Kind
from chalicelib.domain.learners import LINKED, Learner
from chalicelib.domain.refusals import RefusalKind, Refused
from chalicelib.ports.errors import Conflict
from chalicelib.services.learner_links import Versions
from chalicelib.web.http.bodies import whole_number
from chalicelib.web.portal.comparing import rows_of
from chalicelib.web.portal.forms import Form, asked, form
from chalicelib.web.portal.kept import forget, keep, kept
from chalicelib.web.portal.learner_parts import learner_path, name_of
from chalicelib.web.portal.parts import Input, Option
from chalicelib.web.portal.refusals import not_found, unreadable
from chalicelib.web.portal.table import view
from chalicelib.web.portal.texts import marked as _
from chalicelib.web.portal.visits import Page, Result, SeeOther, Visit

_PAIR: Final = "ULNs to link"
_MASTER: Final = Field("master", Kind.TEXT, 10, "Master.", mandatory=True)
OTHER: Final = form(asked(ULN, label=_("The other ULN"), hint=_("10 digits"), autocomplete="off"))


@view()
def show_link(visit: Visit) -> Page:
    """The registration, the ULNs linked with it, and the form to link another."""
    return _link(visit, "")


@view()
def submit_link(visit: Visit) -> Result:
    """Go to the comparison with the other registration."""
    uln, other = visit.names["uln"], visit.text(ULN.name).strip()
    try:
        visit.services.learner_links.registrations(visit.caller, uln, other)
    except Refused as refused:
        return _link(visit, other, _of_the_other(refused))
    session = keep(visit, _PAIR, {"uln": uln, "other": other})
    return SeeOther(path=learner_path(uln, "/link/check"), session=session)


@view()
def show_link_check(visit: Visit) -> Result:
    """Both registrations side by side, and which is to be the master."""
    pair = _pair(visit)
    return _compared(visit, pair) if pair else SeeOther(path=learner_path(visit.names["uln"], "/link"))


@view()
def submit_link_check(visit: Visit) -> Result:
    """Link them."""
    pair, uln = _pair(visit), visit.names["uln"]
    if not pair:
        return SeeOther(path=learner_path(uln, "/link"))
    master = visit.text(_MASTER.name)
    if master not in pair:
        return _compared(visit, pair, [failure("ACF001", _MASTER.wire)])
    linked = pair[1] if master == pair[0] else pair[0]
    versions = _versions(visit, (linked, master))
    try:
        visit.services.learner_links.link(visit.caller, linked, master, versions)
    except Conflict:
        return _compared(visit, pair, is_stale=True)
    except Refused as refused:
        if _is_linked(visit, linked, master):
            return _linked(visit, master)
        is_stale = refused.kind is RefusalKind.STALE
        return _compared(visit, pair, () if is_stale else refused.failures, is_stale=is_stale)
    return _linked(visit, master)


@view()
def show_unlink(visit: Visit) -> Result:
    """The linked registration beside its master, before they are separated."""
    linked = _named(visit)
    if linked.status != LINKED:
        return SeeOther(path=learner_path(linked.uln, "/link"))
    return _unlinking(visit, linked)


@view()
def submit_unlink(visit: Visit) -> Result:
    """Unlink it from its master."""
    uln = visit.names["uln"]
    linked = _named(visit)
    if linked.status != LINKED:
        return SeeOther(path=learner_path(uln, "/link"))
    try:
        visit.services.learner_links.unlink(visit.caller, uln, _versions(visit, (uln, linked.master_uln)))
    except Conflict:
        return _unlinking(visit, linked, is_stale=True)
    except Refused as refused:
        if refused.kind is not RefusalKind.STALE:
            raise
        return _unlinking(visit, linked, is_stale=True)
    return SeeOther(path=learner_path(uln, "/link"), message=_("The ULN was unlinked."))


def _named(visit: Visit) -> Learner:
    """The registration with the ULN in the path."""
    try:
        (learner,) = visit.services.learner_links.registrations(visit.caller, visit.names["uln"])
    except Refused as refused:
        raise not_found() from refused
    return learner


def _link(visit: Visit, other: str, failures: Sequence[Failure] = ()) -> Page:
    learner = _named(visit)
    context = {
        "learner": learner,
        "name": name_of(learner.details),
        "is_linked": learner.status == LINKED,
        "back": learner_path(learner.uln),
    }
    return OTHER.page("links/link.html.jinja", {ULN.name: [other]}, failures, **context)


def _compared(visit: Visit, pair: tuple[str, str], failures: Sequence[Failure] = (), *, is_stale: bool = False) -> Page:
    both = visit.services.learner_links.registrations(visit.caller, *pair)
    page = masters_of(both).page("links/check.html.jinja", visit.entered, failures, **_context(both, is_stale=is_stale))
    return Page(template=page.template, context=page.context, status=409 if is_stale else page.status)


def masters_of(both: Sequence[Learner]) -> Form:
    """Which of the two is to be the master."""
    options = tuple(Option(one.uln, f"{one.uln}, {name_of(one.details)}") for one in both)
    hint = _("The details of the master are returned for both ULNs")
    return form(asked(_MASTER, label=_("Which is the master?"), hint=hint, kind=Input.ONE, options=options))


def _unlinking(visit: Visit, linked: Learner, *, is_stale: bool = False) -> Page:
    both = visit.services.learner_links.registrations(visit.caller, linked.uln, linked.master_uln)
    context = {**_context(both, is_stale=is_stale), "linked": linked}
    return Page(template="links/unlink.html.jinja", context=context, status=409 if is_stale else 200)


def _context(both: Sequence[Learner], *, is_stale: bool) -> dict[str, object]:
    one, other = both
    return {
        "one": one,
        "other": other,
        "rows": rows_of(of_details(one.details, other.details)),
        "revisions": {learner.uln: learner.version_number for learner in both},
        "is_stale": is_stale,
        "back": learner_path(one.uln, "/link"),
    }


def _is_linked(visit: Visit, linked: str, master: str) -> bool:
    (held,) = visit.services.learner_links.registrations(visit.caller, linked)
    return held.status == LINKED and held.master_uln == master


def _linked(visit: Visit, master: str) -> SeeOther:
    path = learner_path(master, "/link")
    return SeeOther(path=path, message=_("The ULNs were linked."), session=forget(visit, _PAIR))


def _pair(visit: Visit) -> tuple[str, str] | None:
    pair = kept(visit, _PAIR)
    return (pair["uln"], pair["other"]) if pair.get("uln") == visit.names["uln"] else None


def _versions(visit: Visit, ulns: tuple[str, str]) -> Versions:
    """The versions that were compared, from the form."""
    one, other = (whole_number(visit.text(f"revision-{uln}"), -1, digits=9) for uln in ulns)
    if one < 0 or other < 0:
        raise unreadable()
    return one, other


def _of_the_other(refused: Refused) -> list[Failure]:
    """A ULN that nobody has, as the reason against the field."""
    if refused.kind is RefusalKind.NOT_FOUND:
        return [failure("ACL002", ULN.wire, flags="ULN_NOT_FOUND")]
    return list(refused.failures)


VIEWS: Final = (show_link, submit_link, show_link_check, submit_link_check, show_unlink, submit_unlink)
