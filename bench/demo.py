"""The 10,000-record file from drop to result on the local cloud, and where the time goes."""

from __future__ import annotations

import resource
import time

from bench.path import prepared, process
from chalicelib.formats.batch.layouts import ACHIEVEMENTS


def bench() -> list[tuple[str, float, float | None]]:
    """Rows of (what, seconds, no target): one thread, so that everything except our CPU is the emulator and its
    sockets.
    """
    count = ACHIEVEMENTS.max_records
    with prepared(count) as ready:
        before, cpu = time.perf_counter(), time.process_time()
        process(ready.services, ready.delivered)
        ours = time.process_time() - cpu
        wall = time.perf_counter() - before
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [
        (f"{count:,} records, split to result files, one thread, seconds", wall, None),
        ("  of which our CPU, seconds", ours, None),
        ("  of which the emulator and waiting, seconds", wall - ours, None),
        ("  records per second", count / wall, None),
        ("  peak memory of this process, MB", peak, None),
    ]
