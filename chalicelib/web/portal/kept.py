"""What a page keeps in the session for a later one: searches, and answers before they are checked.

So no address and no hidden field has details of a learner. Each is kept under the name of what it is for, and only the
latest.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from chalicelib.domain.portal_sessions import Session
from chalicelib.web.portal.visits import Visit


def keep(visit: Visit, name: str, values: Mapping[str, str], session: Session | None = None) -> Session:
    """Keep texts by name in place of those kept before; returns the session that goes on.

    Empty ones are left out unless all are: then the next page says what is missing. ``session`` is that session where
    the view has changed it already.
    """
    texts = {key: text for key, text in values.items() if text} or dict.fromkeys(values, "")
    return put(visit, name, texts, session)


def put(visit: Visit, name: str, values: Mapping[str, Any], session: Session | None = None) -> Session:
    """Keep values of JSON as they are, in the same way."""
    written = json.dumps(values, ensure_ascii=False, separators=(",", ":")) if values else ""
    return visit.services.portal_sessions.remember(session or visit.person, name, written)


def held(visit: Visit, name: str) -> dict[str, Any]:
    """The values that are kept; none if there are none any more."""
    written = visit.person.kept.criteria.get(name, "")
    return json.loads(written) if written else {}


def kept(visit: Visit, name: str) -> dict[str, str]:
    """The same of what are all texts."""
    return held(visit, name)


def forget(visit: Visit, name: str, session: Session | None = None) -> Session:
    """Forget them; returns the session that goes on."""
    return keep(visit, name, {}, session)
