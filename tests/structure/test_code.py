"""Rules for the code: sizes, names, clocks, words."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from tests.structure.sources import DEPLOYED, EVERYTHING, Module, dotted, functions, modules

MODULE_LINES = 400
FUNCTION_LINES = 40
TEST_MODULE_LINES = 600
TEST_FUNCTION_LINES = 60
"""A module of tests is a list, which can be longer and still be easy to read.

Only code counts, see :func:`code_lines`.
"""

LARGER_WITH_REASON: dict[str, str] = {
    "chalicelib/bootstrap.py": "the composition root is one list of parts, and each new use case is one more entry",
}
"""Modules (by path) and functions (by `path::name`) with more code than that, each with the reason to keep it whole."""

DEEP = ("chalicelib/domain", "chalicelib/formats", "chalicelib/services", "chalicelib/reference")
"""Where the clock and random numbers are arguments."""

CLOCKS = re.compile(
    r"(datetime|date)\.(now|utcnow|today|fromtimestamp)$|^time\.(time|time_ns|monotonic|perf_counter|sleep|localtime)$"
    r"|^(now|utcnow|today)$|^random\.|^secrets\.|^uuid\.uuid[14]$|^uuid[14]$|^os\.urandom$"
)

SAYING_NOTHING = re.compile(
    r"(^|_)(utils?|helpers?|common|managers?|misc|stuff|impl)(_|$)|[a-z](Utils?|Helpers?|Manager|Impl)$"
)


def test_a_module_is_small_or_has_a_reason() -> None:
    found = {
        module.path: lines
        for module in modules(*EVERYTHING)
        if (lines := code_lines(module.tree, module.text)) > _most_lines(module.path)
        if module.path not in LARGER_WITH_REASON
    }
    assert not found, (
        "find the subject that is a module of its own, or say in LARGER_WITH_REASON why it reads better whole"
    )


def test_a_function_is_small_or_has_a_reason() -> None:
    found = {
        place: lines
        for module in modules(*EVERYTHING)
        for name, node in functions(module)
        if (lines := code_lines(node, module.text)) > _most_lines(place := f"{module.path}::{name}")
        if place not in LARGER_WITH_REASON
    }
    assert not found, "find the step that has a name of its own, or say in LARGER_WITH_REASON why it reads better whole"


def _most_lines(place: str) -> int:
    if place.startswith("tests/"):
        return TEST_FUNCTION_LINES if "::" in place else TEST_MODULE_LINES
    return FUNCTION_LINES if "::" in place else MODULE_LINES


def code_lines(tree: ast.AST, text: str) -> int:
    """Lines of code: without blank lines, comments, docstrings and imports, and with one line for a table."""
    lines = text.splitlines()
    kept: set[int] = set()
    left_out: set[int] = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.stmt):
            continue
        extent = range(node.lineno, (node.end_lineno or node.lineno) + 1)
        kept.update(extent)
        if isinstance(node, ast.Import | ast.ImportFrom) or _is_text(node):
            left_out.update(extent)
        elif isinstance(node, ast.Assign | ast.AnnAssign) and _is_table(node.value):
            left_out.update(extent[1:])
    return sum(
        1 for number in kept - left_out if lines[number - 1].strip(" )]},") and not _is_comment(lines[number - 1])
    )


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _is_table(value: ast.expr | None) -> bool:
    """A display of values, or a call or union around one."""
    if isinstance(value, ast.Call):
        return any(map(_is_table, value.args))
    if isinstance(value, ast.BinOp):
        return _is_table(value.left) or _is_table(value.right)
    return isinstance(value, ast.Tuple | ast.List | ast.Set | ast.Dict)


def _is_comment(line: str) -> bool:
    return line.lstrip().startswith("#")


def test_blank_lines_comments_docstrings_imports_and_tables_do_not_count_as_code() -> None:
    prose = '"""What it is."""\n\nimport re\n\n# Why.\nTABLE = (\n    1,\n    2,\n)\n"""Numbers."""\n'
    text = f"{prose}\n\ndef one():\n    return 1\n"
    assert code_lines(ast.parse(text), text) == 3


def test_what_is_larger_with_reason_is_still_there_and_still_larger() -> None:
    needless = [place for place in LARGER_WITH_REASON if _lines_at(place) <= _most_lines(place)]
    assert not needless


def _lines_at(place: str) -> int:
    """Lines of code of a module, or of a function in it; none where there is no such place."""
    path, _, wanted = place.partition("::")
    module = next((module for module in modules(*EVERYTHING) if module.path == path), None)
    if module is None or not wanted:
        return code_lines(module.tree, module.text) if module else 0
    return max((code_lines(node, module.text) for name, node in functions(module) if name == wanted), default=0)


def test_rules_formats_and_use_cases_do_not_use_the_clock_or_random_numbers() -> None:
    found = [
        f"{module.path}:{node.lineno} {name}"
        for module in modules(*DEEP)
        for node in module.nodes
        if isinstance(node, ast.Call) and CLOCKS.search(name := dotted(node.func))
    ]
    assert not found


def test_names_say_what_a_thing_is() -> None:
    found = [
        f"{module.path}: {name}"
        for module in modules(*EVERYTHING)
        for name in (*module.path.removesuffix(".py").split("/"), *_definitions(module))
        if SAYING_NOTHING.search(name)
    ]
    assert not found


def _definitions(module: Module) -> list[str]:
    """Names of classes and functions; a test's name is a sentence and may use any word."""
    if module.path.startswith("tests/"):
        return []
    kinds = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    return [node.name for node in module.nodes if isinstance(node, kinds)]


WRITE_TO_STANDARD_OUTPUT = (
    "chalicelib/validator/",
    "chalicelib/observability.py",  # the log is what a function prints
)


def test_only_the_validator_and_the_log_write_to_standard_output() -> None:
    found = [
        f"{module.path}:{node.lineno}"
        for module in modules(*DEPLOYED)
        if not module.path.startswith(WRITE_TO_STANDARD_OUTPUT)
        for node in module.nodes
        if isinstance(node, ast.Call) and dotted(node.func) in {"print", "sys.stdout.write", "pprint", "breakpoint"}
    ]
    assert not found


READ_THE_ENVIRONMENT = {
    "chalicelib/settings.py",
    "chalicelib/bootstrap.py",  # hands it to the settings
    "chalicelib/observability.py",  # has to log that the settings are wrong, so it cannot wait for them
}


def test_the_environment_is_read_in_one_place() -> None:
    found = [
        f"{module.path}:{node.lineno}"
        for module in modules(*DEPLOYED)
        if module.path not in READ_THE_ENVIRONMENT
        for node in module.nodes
        if (isinstance(node, ast.Attribute) and dotted(node) in {"os.environ", "os.getenv"})
        or (isinstance(node, ast.ImportFrom) and node.module == "os")
    ]
    assert not found


@pytest.mark.parametrize("kind", [ast.ClassDef, ast.FunctionDef], ids=["classes", "functions"])
def test_what_is_public_is_explained(kind: type[ast.ClassDef | ast.FunctionDef]) -> None:
    found = [
        f"{module.path}:{node.lineno} {node.name}"
        for module in modules("chalicelib", "functions")
        for node in module.tree.body
        if isinstance(node, kind) and not node.name.startswith("_") and not ast.get_docstring(node)
    ]
    assert not found


def test_every_module_has_a_docstring() -> None:
    found = [module.path for module in modules(*EVERYTHING) if not ast.get_docstring(module.tree)]
    assert not found


def test_tests_wait_for_nothing_but_events() -> None:
    found = [
        f"{module.path}:{pause.lineno}"
        for module in modules("tests")
        for pause in set(_pauses(module.tree)) - _polls(module.tree)
    ]
    assert not found


def _pauses(tree: ast.AST) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and dotted(node.func) in {"time.sleep", "sleep", "asyncio.sleep"}:
            yield node


def _polls(tree: ast.AST) -> set[ast.Call]:
    """Short pauses of a loop that waits until something outside has happened."""
    loops = (node for node in ast.walk(tree) if isinstance(node, ast.While))
    return {
        pause
        for loop in loops
        for pause in _pauses(loop)
        if isinstance(seconds := pause.args[0], ast.Constant) and seconds.value <= 0.1
    }
