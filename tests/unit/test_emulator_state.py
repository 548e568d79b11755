"""The emulator's state is saved whole, whenever it is killed."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from local.emulated.emulator import save_whole_state, take_up_whole_state


class Persistence(SimpleNamespace):
    """Writes each service's state into a file of its own, as the emulator does."""

    STATE_DIR: str

    def save_all(self, services: dict[str, str]) -> None:
        for name, state in services.items():
            path = Path(self.STATE_DIR) / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(state)


def stored(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


@pytest.fixture
def persistence(tmp_path: Path) -> Any:
    return Persistence(STATE_DIR=str(tmp_path / "state"))


def test_a_save_replaces_the_state_of_every_service(persistence: Any, tmp_path: Path) -> None:
    for state in ("1", "2"):
        save_whole_state(persistence, {"dynamodb": state, "sqs": state})
    assert stored(tmp_path / "state") == {"dynamodb": "2", "sqs": "2"}
    assert [path.name for path in tmp_path.iterdir()] == ["state"]


@pytest.mark.parametrize("killed_after", [0, 1, 2])
def test_a_kill_leaves_the_state_of_one_moment(
    persistence: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, killed_after: int
) -> None:
    save_whole_state(persistence, {"dynamodb": "1", "sqs": "1"})
    steps = iter(range(3))
    rename = Path.rename

    def killed(path: Path, target: Path) -> Path:
        if next(steps) == killed_after:
            raise KeyboardInterrupt
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", killed)
    if killed_after < 2:
        with pytest.raises(KeyboardInterrupt):
            save_whole_state(persistence, {"dynamodb": "2", "sqs": "2"})
    else:
        save_whole_state(persistence, {"dynamodb": "2", "sqs": "2"})
    monkeypatch.setattr(Path, "rename", rename)
    take_up_whole_state(persistence)
    moment = "1" if killed_after == 0 else "2"
    assert stored(tmp_path / "state") == {"dynamodb": moment, "sqs": moment}
