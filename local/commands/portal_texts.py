"""Write the portal's catalogue of texts, from which translations start: chalicelib/web/portal/catalogues/portal.pot.

English needs no catalogue of its own: its texts are those of the templates, those that modules mark with
``texts.marked``, which they import as ``_``, and those of the tables that every surface shares, which
:mod:`local.commands.shared_texts` lists.
"""

from __future__ import annotations

import ast
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from chalicelib.web.portal import moments, rendering, roles, statuses
from local.commands.shared_texts import shared_tables

CATALOGUE = rendering.CATALOGUES / "portal.pot"

Text = tuple[str, ...]
"""One text, or its singular and plural."""

LETTERS = re.compile(r"[^\W\d_](?![^{]*\})")
"""Something to translate: letters outside the names of values."""
BLANK = re.compile(r"\{\w+\}")

HEAD = """\
# The texts of the portal: make portal-texts
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"""


class Found:
    """Where a text is, and what translators have to know about it."""

    def __init__(self) -> None:
        self.places: dict[str, None] = {}
        self.comments: dict[str, None] = {}


def texts() -> dict[Text, Found]:
    """Every text, with the places that have it."""
    found: dict[Text, Found] = {}
    for place, text, comment in _all():
        one = found.setdefault(text, Found())
        one.places[place] = None
        if comment:
            one.comments[comment] = None
    return found


def _all() -> Iterator[tuple[str, Text, str]]:
    templates = rendering.environment()
    for path in sorted(rendering.TEMPLATES.rglob("*.jinja")):
        source = path.read_text("utf-8")
        for _, _, message in templates.extract_translations(source):  # type: ignore[attr-defined] # the extension's
            if message is None:  # of a table, whose texts follow
                continue
            parts = (message,) if isinstance(message, str) else tuple(part for part in message if part is not None)
            yield path.relative_to(rendering.TEMPLATES).as_posix(), parts, ""
    for module_path in sorted(rendering.TEMPLATES.parent.glob("*.py")):
        yield from ((module_path.name, (text,), "") for text in _marked(module_path.read_text("utf-8")))
    own = (("moments.py", moments.TEXTS), ("roles.py", roles.TEXTS), ("statuses.py", statuses.TEXTS))
    for module, words in own:
        yield from ((module, (text,), "") for text in words)
    for table in shared_tables():
        yield from ((table.place, (text,), table.comment) for text in table.texts if LETTERS.search(text))


def _marked(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("_", "marked"):
            text = ast.literal_eval(node.args[0])
            yield text


def catalogue() -> str:
    """The catalogue as a file of gettext."""
    return HEAD + "".join(_entry(text, found) for text, found in texts().items())


def _entry(text: Text, found: Found) -> str:
    lines = ["", *(f"#. {comment}" for comment in found.comments), *(f"#: {place}" for place in found.places)]
    if "%(" in "".join(text):
        lines.append("#, python-format")
    if BLANK.search(text[0]):
        lines.append("#, python-brace-format")
    lines.append(f"msgid {_quoted(text[0])}")
    if len(text) == 1:
        lines.append('msgstr ""')
    else:
        lines += [f"msgid_plural {_quoted(text[1])}", 'msgstr[0] ""', 'msgstr[1] ""']
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def main() -> int:
    """Write the catalogue and print how many texts it has."""
    CATALOGUE.parent.mkdir(exist_ok=True)
    CATALOGUE.write_text(catalogue(), encoding="utf-8")
    print(f"{CATALOGUE.relative_to(Path.cwd())}: {len(texts())} texts")
    return 0


if __name__ == "__main__":
    sys.exit(main())
