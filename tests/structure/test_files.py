"""The project's files as files: encoding, line ends, links, nothing specific to one machine."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.structure.sources import ROOT, project_files

BINARY = {".png", ".ttf", ".ico", ".woff2", ".zip", ".gz"}

OWN_MACHINE = re.compile(
    r"(?<![\w.:/-])(/work/|/root/|/home/(?!runner)\w+|/Users/\w+|[A-Z]:\\Users\\)|\.pyenv/versions/\d"
)

LINK = re.compile(r"(?<!!)\[[^\]]*\]\((?!https?:|mailto:)([^)#\s]+)(?:#[^)]*)?\)")


def _texts() -> list[tuple[str, str]]:
    return [
        (path.relative_to(ROOT).as_posix(), path.read_bytes().decode("utf-8"))
        for path in project_files()
        if path.suffix not in BINARY
    ]


def test_texts_are_utf_8_with_line_feeds_and_an_end() -> None:
    found = [name for name, text in _texts() if "\r" in text or "\0" in text or (text and not text.endswith("\n"))]
    assert not found


def test_no_byte_order_marks_or_invisible_characters() -> None:
    found = [name for name, text in _texts() if re.search("[\ufeff\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069]", text)]
    assert not found


def test_nothing_refers_to_somebodys_own_machine() -> None:
    found = [
        f"{name}: {match.group()}"
        for name, text in _texts()
        if name != "tests/structure/test_files.py" and (match := OWN_MACHINE.search(text))
    ]
    assert not found


def test_links_in_the_documents_lead_somewhere() -> None:
    found = [
        f"{path.relative_to(ROOT)} -> {target}"
        for path in project_files()
        if path.suffix == ".md"
        for target in LINK.findall(path.read_text("utf-8"))
        if not (path.parent / target).exists()
    ]
    assert not found


def test_commands_named_in_the_documents_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    found = [
        f"{path.relative_to(ROOT)}: make {target}"
        for path in project_files()
        if path.suffix == ".md"
        for target in re.findall(r"(?:`|^    |^\$ )make ([a-z-]+)", path.read_text("utf-8"), re.MULTILINE)
        if target not in targets
    ]
    assert not found


def test_decisions_are_numbered_without_a_gap_and_say_what_was_decided() -> None:
    decisions = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert [path.name[:4] for path in decisions] == [f"{number:04}" for number in range(1, len(decisions) + 1)]
    found = [path.name for path in decisions if not _is_decision(path)]
    assert not found


def _is_decision(path: Path) -> bool:
    text = path.read_text("utf-8")
    return all(f"\n## {part}" in text for part in ("Context", "Decision", "Consequences"))


@pytest.mark.parametrize("name", [".ci/run", ".ci/python", ".ci/audit", ".ci/oldest", ".ci/chromium"])
def test_what_is_run_as_a_command_may_be(name: str) -> None:
    assert (ROOT / name).stat().st_mode & 0o111
