"""What the imports of the regulators' registers did, for administrators (QUAL-01)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from chalicelib.ports.files import Files
from chalicelib.services.imports.registers import BUCKET, REPORTS, ImportReport

MOST: Final = 10
_EVER: Final = datetime(2000, 1, 1, tzinfo=UTC)


class RegisterLoads:
    """The reports of imports, which the imports keep in the catalogue bucket."""

    def __init__(self, files: Files) -> None:
        self._files = files

    def latest(self) -> list[ImportReport]:
        """The last ten, newest first."""
        keys = sorted((one.key for one in self._files.objects(BUCKET, REPORTS, _EVER)), reverse=True)
        return [ImportReport.from_json(self._files.read(BUCKET, key)) for key in keys[:MOST]]
