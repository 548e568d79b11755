"""Fakes of the register: learners and achievements."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from chalicelib.domain.achievements import Achievement, Key, Version
from chalicelib.domain.learners import LearnerProfile
from chalicelib.ports.errors import Conflict
from tests.fakes.calls import Fake, FakeClock, Hook, call, no_hook

READ_BATCH = 100
WRITE_BATCH = 25


KEPT_VERSIONS = 2
"""Versions with which an achievement is read; few, so that tests of the use cases need the earlier ones too."""


def shortened(achievement: Achievement) -> Achievement:
    return achievement._replace(history=achievement.history[-KEPT_VERSIONS:])


def in_order(count: int) -> Iterable[int]:
    """The statements of one batch in the order given."""
    return range(count)


class FakeLearners(Fake):
    """Learners by ULN. ``held`` is the register; an eventually consistent read sees ``lagging`` if it differs."""

    def __init__(self, clock: FakeClock, before: Hook = no_hook) -> None:
        super().__init__(clock, before)
        self.held: dict[str, LearnerProfile] = {}
        self.lagging: dict[str, LearnerProfile | None] = {}

    def put(self, profile: LearnerProfile, *, lagging: bool = False) -> None:
        """Store a learner, to arrange a test; ``lagging`` keeps it from inconsistent reads until :meth:`settle`."""
        if lagging:
            self.lagging.setdefault(profile.uln, self.held.get(profile.uln))
        else:
            self.lagging.pop(profile.uln, None)
        self.held[profile.uln] = profile

    def settle(self) -> None:
        self.lagging.clear()

    def profiles(self, ulns: Iterable[str], *, consistent: bool = False) -> dict[str, LearnerProfile]:
        wanted = list(dict.fromkeys(ulns))
        found: dict[str, LearnerProfile] = {}
        for start in range(0, len(wanted), READ_BATCH):
            found.update(self._profiles(wanted[start : start + READ_BATCH], consistent))
        return found

    @call("learners.profiles")
    def _profiles(self, ulns: list[str], consistent: bool) -> dict[str, LearnerProfile]:
        seen = self.held if consistent else {**self.held, **self.lagging}
        return {uln: profile for uln in ulns if (profile := seen.get(uln)) is not None}


class FakeAchievements(Fake):
    """Achievements by key, with every version; as from the real table, they are read with the latest ones only.

    ``write_all`` is one call of the hook for every statement, so that after a crash any part of a batch can be written;
    ``batch_order`` yields the order in which the statements of one batch take effect.
    """

    def __init__(self, clock: FakeClock, before: Hook = no_hook) -> None:
        super().__init__(clock, before)
        self.held: dict[Key, Achievement] = {}
        self.batch_order: Callable[[int], Iterable[int]] = in_order
        self.writes = 0
        """Versions written, to check that nothing was written needlessly."""

    def put(self, achievement: Achievement) -> None:
        """Store without any condition, to arrange a test."""
        self.held[achievement.key] = achievement

    def read(self, keys: Iterable[Key]) -> dict[Key, Achievement]:
        wanted = list(dict.fromkeys(keys))
        found: dict[Key, Achievement] = {}
        for start in range(0, len(wanted), READ_BATCH):
            found.update(self._read(wanted[start : start + READ_BATCH]))
        return found

    @call("achievements.read")
    def _read(self, keys: list[Key]) -> dict[Key, Achievement]:
        return {key: shortened(self.held[key]) for key in keys if key in self.held}

    def backwards(self, achievement: Achievement) -> Iterator[Version]:
        yield from reversed(achievement.history)
        if achievement.earlier:
            yield from reversed(self._earlier(achievement))

    def forwards(self, achievement: Achievement, after: int = 0) -> Iterator[tuple[int, Version]]:
        earlier = self._earlier(achievement) if after < achievement.earlier else ()
        first = achievement.earlier - len(earlier) + 1
        numbered = enumerate((*earlier, *achievement.history), first)
        yield from ((number, version) for number, version in numbered if number > after)

    @call("achievements.versions")
    def _earlier(self, achievement: Achievement) -> tuple[Version, ...]:
        return self.held[achievement.key].history[: achievement.earlier]

    def of_learner(self, uln: str, after: Key | None, count: int) -> Iterator[Achievement]:
        yield from (held for held in self._of_learner(uln) if after is None or held.key > after)

    @call("achievements.of_learner")
    def _of_learner(self, uln: str) -> list[Achievement]:
        return [shortened(self.held[key]) for key in sorted(self.held) if key.uln == uln]

    def write_all(self, achievements: Sequence[Achievement]) -> list[bool]:
        if len({achievement.key for achievement in achievements}) != len(achievements):
            raise ValueError("the keys of a batch must be distinct")
        written = [False] * len(achievements)
        for start in range(0, len(achievements), WRITE_BATCH):
            batch = achievements[start : start + WRITE_BATCH]
            for offset in self.batch_order(len(batch)):
                written[start + offset] = self._write_one(batch[offset])
        return written

    @call("achievements.write_all")
    def _write_one(self, achievement: Achievement) -> bool:
        return self._written(achievement)

    @call("achievements.write")
    def write(self, achievement: Achievement) -> None:
        if not self._written(achievement):
            raise Conflict

    def _written(self, achievement: Achievement) -> bool:
        stored = self.held.get(achievement.key)
        if (stored.revision if stored else 0) != achievement.revision - 1:
            return False
        self._keep(achievement)
        return True

    def _keep(self, achievement: Achievement) -> None:
        earlier = self.held[achievement.key].history[: achievement.earlier] if achievement.earlier else ()
        self.held[achievement.key] = achievement._replace(history=(*earlier, *achievement.history))
        self.writes += 1
