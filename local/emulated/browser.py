"""The browser of the tests and the pictures, in place of those of people."""

from __future__ import annotations

import shutil


def program() -> str | None:
    """Debian's Chromium, best without the part that nobody sees; none for the one that Playwright has installed."""
    return shutil.which("chromium-headless-shell") or shutil.which("chromium")
