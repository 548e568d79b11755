"""Version 1 of the REST interface: one module per family of the catalogue."""

from typing import Any

from chalicelib.web.api import health, oauth
from chalicelib.web.api.v1 import (
    achievement_batches,
    achievements,
    challenges,
    interface,
    learner_batches,
    learners,
    pending_matches,
    records,
    submissions,
    verification_batches,
    verifications,
)
from chalicelib.web.routes import Route

_FAMILIES: tuple[Route[Any], ...] = (
    *health.ROUTES,
    *oauth.ROUTES,
    *learners.ROUTES,
    *pending_matches.ROUTES,
    *verifications.ROUTES,
    *achievement_batches.ROUTES,
    *learner_batches.ROUTES,
    *verification_batches.ROUTES,
    *achievements.ROUTES,
    *submissions.ROUTES,
    *records.ROUTES,
    *challenges.ROUTES,
)

ROUTES = (*_FAMILIES, *interface.describing(_FAMILIES))
"""Every route of the web service."""
