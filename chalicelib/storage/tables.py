"""The base of every item: its keys, how it is read and written, and how a model gets its table and its client.

A model is declared beside the adapter that uses it. Its keys are those of :mod:`chalicelib.storage.keys`. It has few
attributes: those that conditions and indexes look at, and one text for the rest
(:class:`chalicelib.storage.texts.JsonText`). An adapter names its models, by table, in ``MODELS``, and ``bootstrap``
binds them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final, Self

from pynamodb.attributes import Attribute, BooleanAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.connection.base import Connection
from pynamodb.exceptions import DeleteError, PutError, UpdateError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.indexes import AllProjection, KeysOnlyProjection
from pynamodb.models import Model

from chalicelib.aws import temporary_failures
from chalicelib.storage.conditions import condition_failed
from chalicelib.storage.keys import ItemKey


class Item(Model):
    """An item of one of our tables. Every call raises TemporaryFailure, which names ``place``."""

    Meta: Any = type("Meta", (), {"table_name": ""})

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)

    def __init_subclass__(cls) -> None:
        """Each model has its own table."""
        super().__init_subclass__()
        cls.Meta = type("Meta", (cls.Meta,), {})

    @classmethod
    def table(cls) -> str:
        """The name of the table."""
        return str(cls.Meta.table_name)

    @classmethod
    def client(cls) -> Any:
        """The DynamoDB client of botocore, for the calls of :mod:`chalicelib.storage.wire`."""
        return cls._get_connection().connection.client

    @classmethod
    def absent(cls) -> Condition:
        """The condition that no item has this key."""
        return cls.pk.does_not_exist()

    @classmethod
    def of(cls, stored: dict[str, Any]) -> Self:
        """The item in DynamoDB's JSON. Raises KeyError where it lacks an attribute that every such item has."""
        values: dict[str, Any] = {}
        for name, kind, read, lacking in _attributes(cls):
            given = stored.get(name)
            if given is not None and kind in given:
                values[name] = read(given[kind]) if read else given[kind]
            elif lacking is None:
                raise KeyError(name)
            elif (default := lacking()) is not None:
                values[name] = default
        item = cls.__new__(cls)  # without PynamoDB's initialiser, which asks every attribute for a default first
        item.attribute_values = values
        return item

    @classmethod
    def find(cls, place: str, key: ItemKey, *, consistent: bool = True) -> Self | None:
        """The item of a key."""
        try:
            with temporary_failures(place):
                return cls.get(*key, consistent_read=consistent)
        except cls.DoesNotExist:
            return None

    def put(self, place: str, condition: Condition | None = None) -> bool:
        """Write the item, replacing any existing one; False if the condition is not met."""
        try:
            with temporary_failures(place):
                self.save(condition)
        except PutError as error:
            if not condition_failed(error):
                raise
            return False
        return True

    def change(self, place: str, actions: list[Action], condition: Condition) -> bool:
        """Change attributes and read the updated item; False if the condition is not met."""
        try:
            with temporary_failures(place):
                self.update(actions, condition)
        except UpdateError as error:
            if not condition_failed(error):
                raise
            return False
        return True

    def remove(self, place: str, condition: Condition) -> bool:
        """Delete the item; False if the condition is not met."""
        try:
            with temporary_failures(place):
                self.delete(condition)
        except DeleteError as error:
            if not condition_failed(error):
                raise
            return False
        return True


@cache
def _attributes(model: type[Item]) -> tuple[_Read, ...]:
    """How to read each attribute: PynamoDB's own way costs five times more."""
    return tuple(
        (name, attribute.attr_type, _reader(attribute), _lacking(attribute))
        for name, attribute in model.get_attributes().items()
    )


_Read = tuple[str, str, Callable[[Any], Any] | None, Callable[[], Any] | None]
"""Name, type, reader (None: as it stands), and what stands for one that an item lacks (None: it must not lack it)."""


def _reader(attribute: Attribute[Any]) -> Callable[[Any], Any] | None:
    if type(attribute) in (UnicodeAttribute, BooleanAttribute):
        return None
    return _number if type(attribute) is NumberAttribute else attribute.deserialize


def _lacking(attribute: Attribute[Any]) -> Callable[[], Any] | None:
    default = attribute.default
    if default is None:
        return (lambda: None) if attribute.null else None
    return default if callable(default) else lambda: default


def _number(text: str) -> int | float:
    return int(text) if text.isdecimal() else float(text)


Models = Mapping[str, tuple[type[Item], ...]]
"""The models that an adapter uses, by the name of their table in ``infra/stack.json``."""


def prepare(models: Models) -> None:
    """Find out at once how to read the items of these models."""
    for items in models.values():
        for model in items:
            _attributes(model)


class VersionedItem(Item):
    """An item with revisions, of which the first is 1; every change makes the next one."""

    revision = NumberAttribute()

    def follows(self) -> Condition:
        """The condition that the stored revision is the one before this, or that nothing is stored before the first."""
        revision = int(self.revision)
        return self.absent() if revision == 1 else type(self).revision == revision - 1


def index_of(name: str, *, keys_only: bool = False) -> Any:
    """The ``Meta`` of an index that holds whole items, or their keys only: then a change of anything else is free."""
    projection = KeysOnlyProjection() if keys_only else AllProjection()
    return type("Meta", (), {"index_name": name, "projection": projection})


class SharedConnection(Connection):
    """PynamoDB's connection with our one client, where PynamoDB would make one for every model."""

    def __init__(self, region: str, client: Callable[[], Any]) -> None:
        super().__init__(region=region)
        self.shared = client

    @property
    def client(self) -> Any:
        return self.shared()


_BINDING: Final = threading.Lock()
"""Requests that run at once may build adapters of the same model."""


def bind(model: type[Item], table: str, region: str, client: Callable[[], Any]) -> None:
    """Give a model its table and the client, which is made when the first call needs it. Binding again takes effect."""
    with _BINDING:
        bound = model._connection  # noqa: SLF001 - PynamoDB has no other way to share a client
        if bound and bound.table_name == table and getattr(bound.connection, "shared", None) == client:
            return
        model.Meta.table_name = table
        model.Meta.region = region
        model._connection = None  # noqa: SLF001 - else it stays with the table's former name
        bound = model._get_connection()  # noqa: SLF001
        shared = SharedConnection(region, client)
        shared.add_meta_table(bound.get_meta_table())
        bound.connection = shared
