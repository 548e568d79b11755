"""Forms that wait for their sender, in the sessions table (IDM-08)."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import ClassVar

from pynamodb.attributes import BinaryAttribute, NumberAttribute

from chalicelib.domain.kept_forms import KeptForm
from chalicelib.storage import keys
from chalicelib.storage.sealing import Sealing, Unsealable
from chalicelib.storage.tables import Item, Models


class KeptFormItem(Item):
    """A form that waits for its sender, ``FORM#<sha256 of its key>`` / ``FORM``; the key is not stored."""

    form = BinaryAttribute(legacy_encoding=False)
    ends = NumberAttribute()


class KeptFormTable:
    """The forms in the sessions table. Sealed: they are personal."""

    MODELS: ClassVar[Models] = {"sessions": (KeptFormItem,)}

    def __init__(self, sealing: Callable[[], Sealing]) -> None:
        self._sealing = sealing

    def keep(self, digest: str, form: KeptForm, ends: datetime) -> None:
        """Keep a form until then."""
        sealed = self._sealing().seal(json.dumps(form, ensure_ascii=False), digest)
        KeptFormItem(*keys.kept_form(digest), form=sealed, ends=int(ends.timestamp())).put("kept_forms.keep")

    def find(self, digest: str, now: datetime) -> KeptForm | None:
        """The form, unless its time is over."""
        item = KeptFormItem.find("kept_forms.find", keys.kept_form(digest))
        if item is None or item.ends <= int(now.timestamp()):
            return None
        try:
            ukprn, user_id, path, entered = json.loads(self._sealing().open(item.form, digest))
        except Unsealable:  # with a key that has been replaced
            return None
        return KeptForm(ukprn, user_id, path, {name: tuple(values) for name, values in entered.items()})

    def remove(self, digest: str) -> bool:
        """Remove a form; False if it is no longer there."""
        return KeptFormItem(*keys.kept_form(digest)).remove("kept_forms.remove", KeptFormItem.pk.exists())
