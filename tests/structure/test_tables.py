"""Items, tables and their description agree."""

from __future__ import annotations

import ast
import importlib
import re
from functools import cache

import pytest

from chalicelib.storage.tables import Item, VersionedItem
from tests.structure.sources import ROOT, modules, stack

RAW_CALLS = {
    *("batch_execute_statement", "batch_get_item", "batch_write_item", "delete_item", "execute_statement", "get_item"),
    *("put_item", "query", "scan", "transact_get_items", "transact_write_items", "update_item"),
}
RAW_MODULES = {"chalicelib/storage/wire.py", "chalicelib/storage/transactions.py"}


@cache
def models_by_table() -> dict[str, set[type[Item]]]:
    """What the adapters name in ``MODELS``."""
    found: dict[str, set[type[Item]]] = {}
    for module in modules("chalicelib/storage"):
        loaded = importlib.import_module(module.path.removesuffix(".py").replace("/", "."))
        for value in vars(loaded).values():
            for table, models in getattr(value, "MODELS", {}).items() if isinstance(value, type) else ():
                found.setdefault(table, set()).update(models)
    return found


def model_classes() -> set[type[Item]]:
    models_by_table()
    classes = set(Item.__subclasses__()) | set(VersionedItem.__subclasses__())
    return {one for one in classes if one.__module__.startswith("chalicelib.") and one is not VersionedItem}


MODELS = sorted(
    ((table, model) for table, models in models_by_table().items() for model in models),
    key=lambda found: (found[0], found[1].__name__),
)
ROWS = [line for line in (ROOT / "docs/architecture.md").read_text("utf-8").splitlines() if line.startswith("| ")]


def test_every_table_has_its_models_and_every_model_one_table() -> None:
    assert set(models_by_table()) == set(stack()["tables"])
    assert len(MODELS) == len(model_classes()) == len({model for _, model in MODELS})


@pytest.mark.parametrize(("table", "model"), MODELS, ids=[model.__name__ for _, model in MODELS])
def test_the_architecture_names_the_key_and_every_attribute_of_an_item(table: str, model: type[Item]) -> None:
    (at,) = [number for number, row in enumerate(ROWS) if _key(row) == _key(model.__doc__ or "") != ""]
    named = set(re.findall(r"`([a-z_]+)`", ROWS[at].split(" | ")[-1]))
    assert named == set(model.get_attributes()) - {"pk", "sk"}
    heads = [row.split(" | ")[0].strip("| `") for row in ROWS[: at + 1]]
    assert next(head for head in reversed(heads) if head) == table


def _key(text: str) -> str:
    """The first key that a text names, such as ``JOB#<id>`` / ``JOB``."""
    found = re.search(r"`+([^`]+)`+(?: or `+[^`]+`+)? / `+([^`]+)`+", text)
    return " / ".join(found.groups()) if found else ""


def test_an_index_of_a_model_is_described() -> None:
    described = {
        (
            *(table, index["name"], index["projection"]),
            *(("HASH", index["partitionKey"]["name"]), ("RANGE", index["sortKey"]["name"])),
        )
        for table, body in stack()["tables"].items()
        for index in body.get("indexes", ())
    }
    built = {
        (
            *(table, index["index_name"], index["projection"]["ProjectionType"]),
            *sorted((part["KeyType"], part["AttributeName"]) for part in index["key_schema"]),
        )
        for table, model in MODELS
        for index in model._get_schema()["global_secondary_indexes"]
    }
    assert built == described


def test_raw_calls_to_dynamodb_are_made_in_two_modules_only() -> None:
    made = {
        module.path
        for module in modules("chalicelib")
        for node in module.nodes
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in RAW_CALLS - {"query"}
    }
    assert made == RAW_MODULES
