"""What was entered in a form when the session was over: kept for an hour, given back once, to its sender (IDM-08)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chalicelib.domain.kept_forms import KEPT_FOR, KeptForm, digest_of, without_secrets
from chalicelib.domain.portal_sessions import KeptSession, Session
from chalicelib.ports.clock import Clock
from chalicelib.ports.identity import NewSecret
from chalicelib.ports.users import KeptFormStore


class KeptForms:
    """The forms of all people."""

    def __init__(self, store: KeptFormStore, clock: Clock, new_secret: NewSecret) -> None:
        self._store = store
        self._clock = clock
        self._new_secret = new_secret

    def keep(self, ended: KeptSession, path: str, entered: Mapping[str, Sequence[str]]) -> str:
        """Keep a form that came with a session which is over; the key to it, or "" if there is nothing to keep.

        Raises TemporaryFailure.
        """
        kept = without_secrets(entered)
        if not kept:
            return ""
        key = self._new_secret()
        form = KeptForm(ended.ukprn, ended.user_id, path, kept)
        self._store.keep(digest_of(key), form, self._clock() + KEPT_FOR)
        return key

    def take(self, session: Session, path: str, key: str) -> Mapping[str, Sequence[str]]:
        """What the person of this session entered on this page; it is not kept any longer. Empty if there is none.

        Raises TemporaryFailure.
        """
        digest = digest_of(key)
        form = self._store.find(digest, self._clock())
        mine = (session.kept.ukprn, session.kept.user_id, path)
        if form is None or (form.ukprn, form.user_id, form.path) != mine or not self._store.remove(digest):
            return {}
        return form.entered
