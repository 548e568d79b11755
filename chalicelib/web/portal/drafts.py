"""Answers between the form and the page where they are checked: kept in the session, in no form and no address.

Each kind of answer has one draft. Its id is in the form of the page where it is checked, so that answers which were
replaced in another tab are never saved unseen. A draft that was saved keeps only where that led to: its form, sent
again, does nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Final, Self

from chalicelib.domain.failures import Failure
from chalicelib.domain.portal_sessions import Session
from chalicelib.web.portal.visits import Visit

ID: Final = "draft"
"""The name of a draft's id in a form."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Answers that were found to be right, and are not saved yet."""

    id: str
    texts: Mapping[str, str] = field(default_factory=dict)
    """As entered, by the names of the fields."""
    shown: Mapping[str, Any] = field(default_factory=dict)
    """What else the page shows."""
    notices: Sequence[Failure] = ()
    revision: int = 0
    """The revision of what they change."""
    done: str = ""
    """Where saving them led to."""

    @classmethod
    def read(cls, text: str) -> Self | None:
        """The draft as it was written; None if another version of the service has written more than this one knows."""
        values: dict[str, Any] = json.loads(text)
        if not values.keys() <= {one.name for one in fields(cls)}:
            return None
        notices = [_failure(*one) for one in values.pop("notices")]
        return cls(**values, notices=notices)

    def written(self) -> str:
        """As text."""
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":"))


def _failure(code: str, field: str, detail: Sequence[Sequence[str]], line: int, column: int) -> Failure:
    return Failure(code, field, tuple((name, text) for name, text in detail), line, column)


def keep(visit: Visit, kind: str, **answers: Any) -> Session:
    """Keep answers in place of earlier ones of this kind; the session that goes on."""
    draft = Draft(id=visit.services.new_secret(), **answers)
    return visit.services.portal_sessions.remember(visit.person, kind, draft.written())


def kept(visit: Visit, kind: str) -> Draft | None:
    """The answers of this kind; None if there are none, or no longer."""
    text = visit.person.kept.criteria.get(kind)
    return Draft.read(text) if text else None


def finish(visit: Visit, kind: str, draft: Draft, path: str) -> Session:
    """Forget answers that were saved, but not where that led to; the session that goes on."""
    return visit.services.portal_sessions.remember(visit.person, kind, Draft(id=draft.id, done=path).written())
