"""Version 1 of the REST interface: one module per family of the catalogue."""

from chalicelib.web.api import health
from chalicelib.web.api.v1 import achievement_batches

ROUTES = (*health.ROUTES, *achievement_batches.ROUTES)
"""Every route of the web service."""
