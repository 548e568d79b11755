"""What a PDF says if it has texts that it cannot show (PLR-03, SLA-04)."""

from __future__ import annotations

from typing import Final

UNSHOWN_NOTE: Final = (
    "\N{REPLACEMENT CHARACTER} stands for a character that this document cannot show. The page in the portal shows it."
)
