"""Version 1 of the REST interface: one module per family of the catalogue."""

from chalicelib.web.api import health, oauth
from chalicelib.web.api.v1 import achievement_batches, achievements, challenges, interface, records, submissions

_FAMILIES = (
    *health.ROUTES,
    *oauth.ROUTES,
    *achievement_batches.ROUTES,
    *achievements.ROUTES,
    *submissions.ROUTES,
    *records.ROUTES,
    *challenges.ROUTES,
)

ROUTES = (*_FAMILIES, *interface.describing(_FAMILIES))
"""Every route of the web service."""
