"""Snapshots of a function (Lambda's SnapStart): what is done before one is taken, and after a container starts from it.

Lambda loads the code of a published version once, and starts every container from a snapshot of its memory, perhaps
months later. What has been made is there, whatever it cost. Connections are not, and what was read may have changed.
"""

from __future__ import annotations

import gc
import random
from collections.abc import Callable, Mapping
from contextlib import suppress
from importlib import import_module
from threading import Thread
from typing import Any, Final

INITIALISATION: Final = "AWS_LAMBDA_INITIALIZATION_TYPE"
"""The variable in which Lambda says how the code is loaded."""
FOR_A_SNAPSHOT: Final = "snap-start"
PATIENCE: Final = 5.0
"""Seconds that a start waits for what is done after a restore. Lambda gives up a container after ten, its own part
included, and whoever called gets an error.
"""


def hook(environ: Mapping[str, str], before: Callable[[], object], after: Callable[[], object]) -> None:
    """Call ``before`` when the code has been loaded for a snapshot, and ``after`` in every container that starts from
    it.

    Neither can fail: Lambda would not publish the version, or not start the container. What is missing then is made at
    the first event, which reports why it cannot be; what could not be compared is used as it is in the snapshot.
    """
    if environ.get(INITIALISATION) != FOR_A_SNAPSHOT:
        return
    runtime: Any = import_module("snapshot_restore_py")  # part of Lambda's runtime
    runtime.register_before_snapshot(_prepare, before)
    runtime.register_after_restore(_refresh, after)


def _prepare(before: Callable[[], object]) -> None:
    _tried(before)
    gc.unfreeze()  # what a start has left behind
    gc.collect()
    gc.freeze()  # a later collection would read, and so fetch, the whole snapshot


def _refresh(after: Callable[[], object]) -> None:
    # Else every container draws the same numbers. `secrets` and `os.urandom` ask the kernel, which never repeats them.
    random.seed()
    work = Thread(target=_tried, args=(after,), daemon=True)  # AWS may answer late, and is asked again
    work.start()
    work.join(PATIENCE)


def _tried(work: Callable[[], object]) -> None:
    with suppress(Exception):
        work()
