"""``python -m bench [PART …]``: measured ratios and their targets, from one run."""

from __future__ import annotations

import argparse
import importlib
import os
import platform
import sys
from contextlib import redirect_stdout
from pathlib import Path

PARTS = ("parse", "path", "handlers", "imports", "pages", "restores", "memory", "audit", "whole_record", "demo")


def main() -> int:
    """Print a table; exit 1 if a target is missed."""
    arguments = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    arguments.add_argument("parts", nargs="*", choices=[[], *PARTS], default=[], metavar="PART", help=", ".join(PARTS))
    chosen = arguments.parse_args().parts or PARTS
    print(f"Python {platform.python_version()}, {platform.machine()}; ratios hold within one run")
    print(f"{'':62} {'measured':>10} {'target':>8}")
    missed = 0
    for part in chosen:
        with Path(os.devnull).open("w", encoding="utf-8") as nowhere, redirect_stdout(nowhere):
            rows = list(importlib.import_module(f"bench.{part}").bench())  # with the log as in the cloud, but not shown
        for what, measured, target in rows:
            over = target is not None and measured > target
            missed += over
            shown = f"≤ {target:g}" if target is not None else ""
            print(f"{what:62} {measured:10.3f} {shown:>8} {'MISSED' if over else ''}", flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
