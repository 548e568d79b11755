"""A personal learning record as PDF/UA-1: tagged, with language and title, for screen readers too (PLR-03).

typst refuses to compile a document that lacks what accessibility needs. The data reach the template as JSON and are
inserted as texts: no name can be markup. Only the fonts beside this module are used, on every machine the same.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import typst

_TEMPLATE: Final = Path(__file__).with_name("record.typ")
_FONTS: Final = Path(__file__).with_name("fonts")


def record_pdf(report: dict[str, Any]) -> bytes:
    """The PDF of a ``RecordReport`` as JSON. Raises typst.TypstError."""
    made = typst.compile(
        str(_TEMPLATE),
        format="pdf",
        sys_inputs={"data": json.dumps(report)},
        pdf_standards=["ua-1"],
        ignore_system_fonts=True,
        font_paths=[str(_FONTS)],
    )
    assert isinstance(made, bytes)
    return made
