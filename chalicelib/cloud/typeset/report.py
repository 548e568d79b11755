"""Reports as PDF/UA-1: tagged, with language and title, for screen readers too (PLR-03, SLA-04).

typst refuses to compile a document that lacks what accessibility needs. The data reach the template as JSON and are
inserted as texts: no name can be markup. Only the fonts beside this module are used, on every machine the same.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import typst

_HERE: Final = Path(__file__).parent
_TEMPLATES: Final = {kind: _HERE / f"{kind}.typ" for kind in ("record", "levels")}
"""By the kind of report."""
_FONTS: Final = _HERE / "fonts"


def report_pdf(report: dict[str, Any]) -> bytes:
    """The PDF of a report of ``formats`` as JSON. Raises KeyError for another kind, typst.TypstError."""
    made = typst.compile(
        str(_TEMPLATES[report["kind"]]),
        format="pdf",
        sys_inputs={"data": json.dumps(report)},
        pdf_standards=["ua-1"],
        ignore_system_fonts=True,
        font_paths=[str(_FONTS)],
    )
    assert isinstance(made, bytes)
    return made
