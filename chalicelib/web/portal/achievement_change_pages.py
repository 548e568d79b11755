"""One achievement: its values and history; update, withdraw, reinstate (AO18 5.2.2 to 5.2.4, ACH-03 to ACH-05, ACH-09).

Each change has a form, which carries the revision that it was opened with, and a page where the answers are checked.
Whoever has another revision is shown both. A form that is sent again changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Final
from urllib.parse import urlencode

from chalicelib.domain.access import Capability, is_allowed
from chalicelib.domain.achievements import POSSIBLE, Achievement, Key
from chalicelib.domain.codes import Action, SubmissionType
from chalicelib.domain.failures import Failure
from chalicelib.domain.looks import LookAction
from chalicelib.domain.refusals import RefusalKind, Refused
from chalicelib.domain.results import Outcome
from chalicelib.web.portal import drafts, statuses, table
from chalicelib.web.portal.achievement_fields import PROMOTE, REASONED, UPDATE
from chalicelib.web.portal.achievement_parts import (
    CHANGES,
    VALUE_LABELS,
    Difference,
    address,
    aim_text,
    differences,
    event,
    key_in,
    key_rows,
    language_text,
    reason_text,
    value_rows,
    value_texts,
)
from chalicelib.web.portal.drafts import Draft
from chalicelib.web.portal.forms import Form
from chalicelib.web.portal.parts import Row
from chalicelib.web.portal.table import view
from chalicelib.web.portal.texts import marked as _
from chalicelib.web.portal.visits import Entered, Page, Result, SeeOther, Visit

_EVENTS: Final = 25
"""Changes on a page of a history."""
_REVISION: Final = "revision"
_ALREADY: Final = _("This was already done. Nothing was done twice.")


@view()
def show_achievement(visit: Visit) -> Page:
    """Its values, its state, what can be done with it, and its history."""
    services = visit.services
    held = services.achievement_services.view(visit.caller, key_in(visit), LookAction.ACHIEVEMENT_HISTORY_VIEWED)
    history = services.achievement_lists.of_achievement(held, _EVENTS, visit.query.get("cursor", ""))
    aim = services.achievement_services.aim(visit.caller, held.key.aim_reference)
    context = {
        "key": key_rows(held.key, held.given_name, held.family_name, aim_text(held.key.aim_reference, aim)),
        "values": value_rows(held),
        "status": statuses.shown(held.status),
        "actions": _actions(held),
        "events": [event(line) for line in history.items],
        "own": held.owner,
        "has_jobs": is_allowed(visit.person.capabilities, Capability.ACHIEVEMENT_BATCHES_MANAGE),
        "more": f"{address(held.key)}?{urlencode({'cursor': history.cursor})}" if history.cursor else "",
        "first": address(held.key) if visit.query.get("cursor") else "",
        "back": table.ACHIEVEMENTS,
    }
    return Page(template="achievements/achievement.html.jinja", context=context)


def _actions(held: Achievement) -> list[tuple[str, str]]:
    """What the state allows: names and addresses."""
    possible = POSSIBLE[held.status]
    return [(one.title, f"{address(held.key)}/{word}") for word, one in CHANGES.items() if one.action in possible]


# --- A change ---------------------------------------------------------------------------------------------------------


class _Journey:
    """One visit on the way of one change."""

    def __init__(self, visit: Visit, word: str) -> None:
        self._visit = visit
        self._change = CHANGES[word]
        self._key: Key = key_in(visit)
        self._path = f"{address(self._key)}/{word}"
        self._services = visit.services.achievement_services

    def show(self) -> Page:
        """The form, filled in with what is recorded or, on the way back, with the answers."""
        held = self._held()
        if self._change.action not in POSSIBLE[held.status]:
            return self._impossible(held)
        form, draft = self._form(held), self._draft()
        texts = draft.texts if draft and "from" in self._visit.query else _texts_of(held)
        return self._form_page(held, form.filled(texts))

    def submit(self) -> Result:
        """Judge the answers, and keep them to be checked."""
        visit, held = self._visit, self._held()
        names = {"given_name": held.given_name, "family_name": held.family_name}
        texts = {**self._form(held).texts(visit.entered), **names}
        expected = frozenset({visit.number(_REVISION)})
        try:
            would = self._services.change(
                visit.caller, self._key, self._change.action, texts, expected=expected, only_check=True
            )
        except Refused as refused:
            return self._refused(refused, held, visit.entered)
        if would.outcome is Outcome.UNCHANGED:
            return SeeOther(path=address(self._key), message=_("Nothing was changed: this is what is recorded."))
        aim = self._services.aim(visit.caller, self._key.aim_reference)
        shown = {
            "aim": aim_text(self._key.aim_reference, aim),
            "before": value_texts(held),
            "after": value_texts(would.achievement),
        }
        kept = {"texts": texts, "shown": shown, "revision": held.revision, "notices": would.notices}
        return SeeOther(path=f"{self._path}/check", session=drafts.keep(visit, self._path, **kept))

    def show_check(self) -> Result:
        """The answers, to be checked before they are saved."""
        draft = self._draft()
        if draft is None:
            return self._start_again()
        return self._already() if draft.done else self._check_page(draft)

    def submit_check(self) -> Result:
        """Save them. The same form again leads to the achievement, and changes nothing."""
        visit, draft = self._visit, self._draft()
        if draft is None:
            return self._start_again()
        if draft.done:
            return self._already()
        if visit.text(drafts.ID) != draft.id:
            return self._check_page(draft, is_replaced=True)
        expected = frozenset({draft.revision})
        try:
            self._services.change(visit.caller, self._key, self._change.action, draft.texts, expected=expected)
        except Refused as refused:
            held = self._held()
            if self._was_done(held, draft):
                return self._already()
            return self._refused(refused, held, self._form(held).filled(draft.texts))
        path = address(self._key)
        return SeeOther(path=path, message=self._change.done, session=drafts.finish(visit, self._path, draft, path))

    # Parts.

    def _held(self) -> Achievement:
        return self._services.view(self._visit.caller, self._key)

    def _draft(self) -> Draft | None:
        return drafts.kept(self._visit, self._path)

    def _form(self, held: Achievement) -> Form:
        if self._change.action is not Action.UPDATE:
            return REASONED
        return PROMOTE if held.submission_type is SubmissionType.PROVISIONAL else UPDATE

    def _already(self) -> SeeOther:
        return SeeOther(path=address(self._key), message=_ALREADY)

    def _start_again(self) -> SeeOther:
        message = _("We no longer have your answers. Nothing was saved. Enter them again.")
        return SeeOther(path=self._path, message=message)

    def _was_done(self, held: Achievement, draft: Draft) -> bool:
        """Whether the person has made this change already, with the first of two clicks."""
        last = held.history[-1]
        return (
            held.revision == draft.revision + 1
            and last.provenance.user == self._visit.caller.user
            and (last.actions, last.action_date) == (self._change.action, draft.texts["action_date"])
            and last.reason == draft.texts.get("action_reason", "")
            and value_texts(held) == draft.shown["after"]
        )

    def _refused(self, refused: Refused, held: Achievement, entered: Entered) -> Page:
        if refused.kind is RefusalKind.NOT_FOUND:
            raise refused
        if refused.kind is RefusalKind.STALE:
            return self._conflict(held, entered)
        return self._form_page(held, entered, refused.failures)

    # Pages.

    def _form_page(self, held: Achievement, entered: Entered, failures: Sequence[Failure] = ()) -> Page:
        form = self._form(held)
        page = form.page("achievements/change.html.jinja", entered, failures)
        return Page(
            template=page.template,
            status=page.status,
            context={**page.context, **self._about(held), "notices": form.notices(failures)},
        )

    def _about(self, held: Achievement) -> dict[str, object]:
        aim = self._services.aim(self._visit.caller, held.key.aim_reference)
        return {
            "change": self._change,
            "key": key_rows(held.key, held.given_name, held.family_name, aim_text(held.key.aim_reference, aim)),
            "grades": ", ".join(aim.grades) if aim and self._change.action is Action.UPDATE else "",
            "action": self._path,
            "revision": held.revision,
            "back": address(self._key),
        }

    def _impossible(self, held: Achievement) -> Page:
        context = {"change": self._change, "status": statuses.shown(held.status), "actions": _actions(held)}
        context |= {"back": address(self._key), "path": address(self._key)}
        return Page(template="achievements/not-possible.html.jinja", context=context, status=409)

    def _conflict(self, held: Achievement, entered: Entered) -> Page:
        """What was entered beside what is recorded now, and the form again where the state still allows it."""
        form, last = self._form(held), held.history[-1].provenance
        is_possible = self._change.action in POSSIBLE[held.status]
        is_update = self._change.action is Action.UPDATE
        context = {
            **self._about(held),
            "status": statuses.shown(held.status),
            "rows": _compared(held, form.texts(entered)) if is_update else [],
            "at": datetime.fromisoformat(last.at),
            "by": last.user,
            "fields": form.shown(entered) if is_possible else [],
            "path": address(self._key),
        }
        return Page(template="achievements/conflict.html.jinja", context=context, status=409)

    def _check_page(self, draft: Draft, *, is_replaced: bool = False) -> Page:
        texts, is_update = draft.texts, self._change.action is Action.UPDATE
        answers = [Row(_("Action date"), date.fromisoformat(texts["action_date"]))]
        if not is_update:
            answers.append(Row(_("Action reason"), reason_text(texts["action_reason"])))
        context = {
            "change": self._change,
            "is_warning": self._change.action is Action.WITHDRAW,
            "key": key_rows(self._key, texts["given_name"], texts["family_name"], draft.shown["aim"]),
            "differences": differences(draft.shown["before"], draft.shown["after"]) if is_update else [],
            "answers": answers,
            "notices": PROMOTE.notices(draft.notices),
            "draft": draft.id,
            "is_replaced": is_replaced,
            "path": address(self._key),
            "back": f"{self._path}?from=check",
        }
        status = 409 if is_replaced else 200
        return Page(template="achievements/check-change.html.jinja", context=context, status=status)


def _texts_of(held: Achievement) -> dict[str, str]:
    """What is recorded, as the form of an update has it."""
    return {
        "grade": held.grade,
        "language_for_assessment": held.language,
        "provider_ukprn": held.provider_ukprn,
        "submission_type": held.submission_type,
    }


def _compared(held: Achievement, texts: Mapping[str, str]) -> list[Difference]:
    """What was entered beside what is recorded."""
    entered = {
        **value_texts(held),
        "grade": texts["grade"],
        "language": language_text(texts["language_for_assessment"]),
        "provider_ukprn": texts["provider_ukprn"],
    }
    return [Difference(label, entered[name], value_texts(held)[name]) for name, label in VALUE_LABELS.items()]


@view()
def show_achievement_update(visit: Visit) -> Result:
    """What to change."""
    return _Journey(visit, "update").show()


@view()
def submit_achievement_update(visit: Visit) -> Result:
    """Judge it."""
    return _Journey(visit, "update").submit()


@view()
def show_achievement_update_check(visit: Visit) -> Result:
    """What would change."""
    return _Journey(visit, "update").show_check()


@view()
def submit_achievement_update_check(visit: Visit) -> Result:
    """Change it."""
    return _Journey(visit, "update").submit_check()


@view()
def show_achievement_withdrawal(visit: Visit) -> Result:
    """When and why it is withdrawn."""
    return _Journey(visit, "withdraw").show()


@view()
def submit_achievement_withdrawal(visit: Visit) -> Result:
    """Judge it."""
    return _Journey(visit, "withdraw").submit()


@view()
def show_achievement_withdrawal_check(visit: Visit) -> Result:
    """What would be withdrawn."""
    return _Journey(visit, "withdraw").show_check()


@view()
def submit_achievement_withdrawal_check(visit: Visit) -> Result:
    """Withdraw it."""
    return _Journey(visit, "withdraw").submit_check()


@view()
def show_achievement_reinstatement(visit: Visit) -> Result:
    """When and why it is reinstated."""
    return _Journey(visit, "reinstate").show()


@view()
def submit_achievement_reinstatement(visit: Visit) -> Result:
    """Judge it."""
    return _Journey(visit, "reinstate").submit()


@view()
def show_achievement_reinstatement_check(visit: Visit) -> Result:
    """What would be reinstated."""
    return _Journey(visit, "reinstate").show_check()


@view()
def submit_achievement_reinstatement_check(visit: Visit) -> Result:
    """Reinstate it."""
    return _Journey(visit, "reinstate").submit_check()


VIEWS: Final = (
    show_achievement,
    show_achievement_update,
    submit_achievement_update,
    show_achievement_update_check,
    submit_achievement_update_check,
    show_achievement_withdrawal,
    submit_achievement_withdrawal,
    show_achievement_withdrawal_check,
    submit_achievement_withdrawal_check,
    show_achievement_reinstatement,
    submit_achievement_reinstatement,
    show_achievement_reinstatement_check,
    submit_achievement_reinstatement_check,
)
