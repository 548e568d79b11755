"""Every page in every state that is looked at in a browser: one module for each family of pages.

A template of the portal without a case here fails a test.
"""

from __future__ import annotations

from typing import Final

from tests.browser.cases import (
    achievements,
    administration,
    batches,
    desk,
    identity,
    learners,
    levels,
    maintenance,
    organisation,
    parts,
    public,
    records,
    recoveries,
    users,
    verification,
)
from tests.browser.cases.case import HOSTILE, Case

__all__ = ["CASES", "HOSTILE", "Case"]

CASES: Final = (
    *parts.CASES,
    *identity.CASES,
    *records.CASES,
    *learners.CASES,
    *verification.CASES,
    *users.CASES,
    *batches.CASES,
    *desk.CASES,
    *administration.CASES,
    *levels.CASES,
    *maintenance.CASES,
    *recoveries.CASES,
    *achievements.CASES,
    *organisation.CASES,
    *public.CASES,
)
