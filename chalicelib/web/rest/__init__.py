"""Version 1 of the REST interface: one module per family of the catalogue."""

from typing import Any

from chalicelib.web.http.routes import Route
from chalicelib.web.rest import (
    achievement_batches,
    achievements,
    challenges,
    health,
    interface,
    learner_batches,
    learners,
    oauth,
    pending_matches,
    records,
    submissions,
    verification_batches,
    verifications,
)

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
