"""``python -m bench [PART …]``: measured ratios and their targets, from one run."""

from __future__ import annotations

import argparse
import importlib
import os
import platform
import sys

PARTS = ("parse", "path", "handlers", "imports", "memory", "audit", "demo")


def main() -> int:
    """Print a table; exit 1 if a target is missed."""
    arguments = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    arguments.add_argument("parts", nargs="*", choices=[[], *PARTS], default=[], metavar="PART", help=", ".join(PARTS))
    os.environ["LRS_LOG_LEVEL"] = "ERROR"  # only the table, not the log of the measured code
    chosen = arguments.parse_args().parts or PARTS
    print(f"Python {platform.python_version()}, {platform.machine()}; ratios hold within one run")
    print(f"{'':62} {'measured':>10} {'target':>8}")
    missed = 0
    for part in chosen:
        for what, measured, target in importlib.import_module(f"bench.{part}").bench():
            over = target is not None and measured > target
            missed += over
            shown = f"≤ {target:g}" if target is not None else ""
            print(f"{what:62} {measured:10.3f} {shown:>8} {'MISSED' if over else ''}", flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
