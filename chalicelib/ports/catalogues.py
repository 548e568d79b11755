"""Versions of the catalogue of aims and providers."""

from __future__ import annotations

from typing import Protocol

from chalicelib.domain.achievements import Catalogue


class Catalogues(Protocol):
    """Versions of the catalogue of aims and providers (QUAL-01), kept in memory after the first read."""

    def current_version(self) -> str: ...

    def load(self, version: str) -> Catalogue: ...
