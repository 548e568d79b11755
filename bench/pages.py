"""What the portal costs, through its Lambda entry point, with templates compiled as in the package.

Pages of a warm container are measured as ``bench.handlers`` measures the web service's requests: instructions where
valgrind is present. The first page of a container is compared with ``import boto3``, and a sign-in with the hash of
its password, which is meant to be slow and must be nearly all of it.
"""

from __future__ import annotations

import pickle
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from bench import first_requests, handlers, warm_requests
from bench.first_requests import COMPILED, silence
from bench.imports import ratios
from bench.tape import Tape, least
from chalicelib import bootstrap
from chalicelib.domain.passwords import prepared
from chalicelib.web.portal import rendering
from local.emulated.cloud import LocalCloud

_STAGE, _COSTS = import_module("tests.budget.stage"), import_module("tests.budget.page_costs")
"""The budgets of pages have somebody signed in and everything to look at. Their types are not checked, as in tests."""

NEEDED = {"show_home": 3, "show_verify": 1, "submit_verify": 2, "show_verified": 3, "show_achievement_batch": 2,
          "show_record": 4}  # fmt: skip
"""Pages that are measured, with the round trips that each cannot do without: its session, what it shows, the look."""
MILLIONS: Mapping[str, float] = {}
"""The most million instructions, without the mock transport."""
FIRST, FIRST_TARGET = ("show_sign_in", "show_home"), 2.5
SIGN_IN, SIGN_IN_TARGET = "submit_sign_in", 1.25
TIMES, ROUNDS = 5, 5


class Sent(NamedTuple):
    """The request of a page."""

    name: str
    status: int
    event: Mapping[str, Any]


def bench() -> list[tuple[str, float, float | None]]:
    """Rows of (what, value, target)."""
    with TemporaryDirectory() as name, TemporaryDirectory() as state:
        folder = Path(name)
        rendering.compile_templates(folder / COMPILED)
        with LocalCloud(state=Path(state), port=0, keep_state=False) as cloud, silence():
            stage, costs = _STAGE.Stage(cloud), {cost.page: cost for cost in _COSTS.PAGES}
            return [*_warm(stage, costs, folder), *_first(stage, costs, folder), *_sign_in(stage, costs[SIGN_IN])]


def _sent(stage: Any, cost: Any) -> Sent:
    return Sent(cost.page, 303 if cost.entered else 200, stage.event(cost))


def _warm(stage: Any, costs: Mapping[str, Any], folder: Path) -> Iterator[tuple[str, float, float | None]]:
    if shutil.which("valgrind"):
        sent = [_sent(stage, costs[name]) for name in NEEDED]
        yield from handlers.counted(
            stage.services, ((one.event, one) for one in sent), NEEDED, MILLIONS, folder, "portal"
        )


def _first(stage: Any, costs: Mapping[str, Any], folder: Path) -> Iterator[tuple[str, float, float | None]]:
    statements = []
    for name in FIRST:
        path = folder / f"{name}.pickle"
        recording = first_requests.record(_sent(stage, costs[name]).event, stage.services, "portal")
        path.write_bytes(pickle.dumps(recording))
        statements += [f"from bench import first_requests as f; f.{how}({str(path)!r})" for how in ("serve", "load")]
    found = ratios(*statements)
    for name, served, loaded in zip(FIRST, found[::2], found[1::2], strict=True):
        yield f"first page, {name}, with the start / import boto3", served, FIRST_TARGET
        yield f"first page, {name}, after the start / import boto3", served - loaded, None


def _sign_in(stage: Any, cost: Any) -> Iterator[tuple[str, float, float | None]]:
    """CPU of this process: the hash fills its memory in threads."""
    services, event = stage.services, _sent(stage, cost).event
    unlimited = bootstrap.services(services.environ, clock=services.clock, paces=handlers.Unlimited())
    warm = warm_requests.record([event], event, unlimited, "portal")
    password = prepared(stage.known["password"])
    hashed = services.password_hasher.hash(password)
    with warm_requests.ready(warm, Tape(warm.answers)) as once:
        whole, hashing = least(
            ROUNDS, lambda: _cpu(once), lambda: _cpu(lambda: services.password_hasher.verify(hashed, password))
        )
    yield f"sign-in, {warm.calls} calls / the hash of its password", whole / hashing, SIGN_IN_TARGET


def _cpu(work: Callable[[], object]) -> float:
    start = time.process_time()
    for _ in range(TIMES):
        work()
    return time.process_time() - start
