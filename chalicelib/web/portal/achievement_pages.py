"""Single achievements: the options, create, and find one to change (AO18 5.2, ACH-01, ACH-02, ACH-08)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from chalicelib.domain.failures import Failure
from chalicelib.domain.refusals import Refused
from chalicelib.domain.results import Outcome
from chalicelib.web.portal import drafts, refusals, table
from chalicelib.web.portal.achievement_fields import CREATE, FIND, LEARNER_FIELDS
from chalicelib.web.portal.achievement_parts import CHANGES, NONE, Change, address, aim_text
from chalicelib.web.portal.drafts import Draft
from chalicelib.web.portal.forms import Asked
from chalicelib.web.portal.parts import Input, Link, Row
from chalicelib.web.portal.table import view
from chalicelib.web.portal.texts import marked as _
from chalicelib.web.portal.visits import Entered, Page, Result, SeeOther, Visit

NEW: Final = f"{table.ACHIEVEMENTS}/create"
CHECK: Final = f"{NEW}/check"
DONE: Final = f"{NEW}/done"
_FROM: Final = "from"
"""In the address of a form that is to show earlier answers."""
_INSTEAD: Final = {"ACR009": "reinstate", "ACR010": "update"}
"""What can be done with an achievement whose state does not allow what was wanted, by the reason."""
_SEARCH: Final = f"{table.ACHIEVEMENTS}/find"


@view()
def show_achievements(visit: Visit) -> Page:
    """What can be done with single achievements."""
    return Page(template="achievements/options.html.jinja")


# --- Create -----------------------------------------------------------------------------------------------------------


@view()
def show_new_achievement(visit: Visit) -> Page:
    """Empty; with the answers, if they are to be changed before they are saved."""
    draft = drafts.kept(visit, NEW) if _FROM in visit.query else None
    return _new_achievement(CREATE.filled(draft.texts) if draft else {})


@view()
def submit_new_achievement(visit: Visit) -> Result:
    """Judge the answers, and keep them to be checked."""
    texts = CREATE.texts(visit.entered)
    try:
        would = visit.services.achievement_services.create(visit.caller, texts, only_check=True)
    except Refused as refused:
        return _new_achievement(visit.entered, refused.failures)
    key = would.achievement.key
    if would.outcome is Outcome.UNCHANGED:
        same = _("This achievement is already recorded with these details. Nothing was changed.")
        return SeeOther(path=address(key), message=same)
    aim = visit.services.achievement_services.aim(visit.caller, key.aim_reference)
    shown = {"aim": aim_text(key.aim_reference, aim), "grade": would.achievement.grade, "master_uln": would.master_uln}
    return SeeOther(path=CHECK, session=drafts.keep(visit, NEW, texts=texts, shown=shown, notices=would.notices))


@view()
def show_new_achievement_check(visit: Visit) -> Result:
    """The answers, to be checked before they are saved."""
    draft = drafts.kept(visit, NEW)
    if draft is None:
        return _start_again()
    return SeeOther(path=DONE) if draft.done else _check_page(draft)


@view()
def submit_new_achievement_check(visit: Visit) -> Result:
    """Create it. The same form again leads to the same confirmation."""
    draft = drafts.kept(visit, NEW)
    if draft is None:
        return _start_again()
    if draft.done:
        return SeeOther(path=DONE)
    if visit.text(drafts.ID) != draft.id:
        return _check_page(draft, is_replaced=True)
    try:
        made = visit.services.achievement_services.create(visit.caller, draft.texts)
    except Refused as refused:
        return _new_achievement(CREATE.filled(draft.texts), refused.failures)
    return SeeOther(path=DONE, session=drafts.finish(visit, NEW, draft, address(made.achievement.key)))


@view()
def show_created_achievement(visit: Visit) -> Result:
    """That it was created, and what can be done next."""
    draft = drafts.kept(visit, NEW)
    if draft is None or not draft.done:
        return SeeOther(path=table.ACHIEVEMENTS)
    return Page(template="achievements/created.html.jinja", context={"path": draft.done})


def _start_again() -> SeeOther:
    return SeeOther(path=NEW, message=_("We no longer have your answers. Nothing was saved. Enter them again."))


def _new_achievement(entered: Entered, failures: Sequence[Failure] = ()) -> Page:
    return CREATE.page(
        "achievements/create.html.jinja",
        entered,
        failures,
        notices=CREATE.notices(failures),
        learner_fields=LEARNER_FIELDS,
        action=NEW,
        back=table.ACHIEVEMENTS,
    )


def _check_page(draft: Draft, *, is_replaced: bool = False) -> Page:
    rows = [_answer(one, draft) for one in CREATE.asked]
    context = {
        "learner": rows[:LEARNER_FIELDS],
        "achievement": rows[LEARNER_FIELDS:],
        "notices": CREATE.notices(draft.notices),
        "master_uln": draft.shown["master_uln"],
        "draft": draft.id,
        "is_replaced": is_replaced,
        "back": f"{NEW}?{_FROM}=check",
    }
    return Page(template="achievements/check-new.html.jinja", context=context, status=409 if is_replaced else 200)


def _answer(one: Asked, draft: Draft) -> Row:
    text = draft.texts[one.name].strip()
    anchor = f"{one.name}-day" if one.kind is Input.DATE else one.name
    links = (Link(_("Change"), f"{NEW}?{_FROM}=check#{anchor}", one.label),)
    if one.kind is Input.DATE and text:
        return Row(one.label, date.fromisoformat(text), links)
    if not text:
        return Row(one.label, NONE, links)
    known = {"unit_or_qualification_reference_number": draft.shown["aim"], "grade": draft.shown["grade"]}
    return Row(one.label, known.get(one.name, one.word_of(text)), links)


# --- Find -------------------------------------------------------------------------------------------------------------


@view()
def show_find_achievement(visit: Visit) -> Page:
    """The five details; after a search that found nothing to change, those of the search."""
    draft = drafts.kept(visit, _SEARCH) if _FROM in visit.query else None
    return _find_page(visit, FIND.filled(draft.texts) if draft else {})


@view()
def submit_find_achievement(visit: Visit) -> Result:
    """Find it, and go on to its change."""
    change, texts = _change(visit), FIND.texts(visit.entered)
    try:
        held = visit.services.achievement_services.find(visit.caller, texts, change.action)
    except Refused as refused:
        drafts.keep(visit, _SEARCH, texts=FIND.searched(visit.entered))
        return _find_page(visit, visit.entered, refused.failures)
    return SeeOther(path=f"{address(held.key)}/{visit.names['word']}")


def _change(visit: Visit) -> Change:
    found = CHANGES.get(visit.names["word"])
    if found is None:
        raise refusals.not_found()
    return found


def _find_page(visit: Visit, entered: Entered, failures: Sequence[Failure] = ()) -> Page:
    instead = [word for one in failures if (word := _INSTEAD.get(one.code))]
    return FIND.page(
        "achievements/find.html.jinja",
        entered,
        failures,
        change=_change(visit),
        instead=[(CHANGES[word].instead, f"{_SEARCH}/{word}?{_FROM}=search") for word in instead],
        back=table.ACHIEVEMENTS,
    )


VIEWS: Final = (
    show_achievements,
    show_new_achievement,
    submit_new_achievement,
    show_new_achievement_check,
    submit_new_achievement_check,
    show_created_achievement,
    show_find_achievement,
    submit_find_achievement,
)
