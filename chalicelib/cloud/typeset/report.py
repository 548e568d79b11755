"""Reports as PDF/UA-1: tagged, with language and title, for screen readers too (PLR-03, SLA-04).

typst refuses to compile a document that lacks what accessibility needs. The data reach the template as JSON and are
inserted as texts: no name can be markup. Only the fonts beside this module are used, on every machine the same.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import typst

_HERE: Final = Path(__file__).parent
_TEMPLATES: Final = {kind: _HERE / f"{kind}.typ" for kind in ("record", "levels")}
"""By the kind of report."""
_FONTS: Final = _HERE / "fonts"


_PROBE: Final = _HERE / "probe.typ"
UNSHOWN: Final = "\N{REPLACEMENT CHARACTER}"
"""In place of a character that no font has, which PDF/UA forbids."""


def report_pdf(report: dict[str, Any]) -> bytes:
    """The PDF of a report of ``formats`` as JSON, with a note if it cannot show some characters.

    Raises KeyError for another kind, typst.TypstError.
    """
    template = _TEMPLATES[report["kind"]]
    try:
        return _compiled(template, json.dumps({**report, "unshown": ""}))
    except typst.TypstError:
        shown = _shown(report)
        if shown == report:
            raise
        return _compiled(template, json.dumps(shown))


def _compiled(template: Path, data: str) -> bytes:
    made = typst.compile(
        str(template),
        format="pdf",
        sys_inputs={"data": data},
        pdf_standards=["ua-1"],
        ignore_system_fonts=True,
        font_paths=[str(_FONTS)],
    )
    assert isinstance(made, bytes)
    return made


def _shown(value: Any) -> Any:
    """The same with only characters that can be shown."""
    if isinstance(value, dict):
        return {name: _shown(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_shown(one) for one in value]
    if isinstance(value, str):
        return "".join(one if _can_show(one) else UNSHOWN for one in value)
    return value


@lru_cache(maxsize=4096)
def _can_show(character: str) -> bool:
    if character.isascii() and character.isprintable():
        return True
    try:
        _compiled(_PROBE, character)
    except typst.TypstError:
        return False
    return True
