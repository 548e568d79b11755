"""Lambda that the portal calls for a report: makes a PDF of the texts that it is given (PLR-03, SLA-04).

It reads and keeps nothing. It has a package of its own, so that no other function carries what sets type.
"""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from chalicelib.cloud.typeset.report import report_pdf
from chalicelib.observability import observed


@observed
def handler(event: dict[str, Any], context: Any) -> dict[str, str]:
    """The PDF, in Base64."""
    del context
    return {"pdf": b64encode(report_pdf(event)).decode("ascii")}
