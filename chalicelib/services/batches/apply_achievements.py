"""Apply a chunk of an achievement batch: pure checks first, then as few calls as possible (ACH-01 to ACH-06, ACH-09).

Each achievement key's records are folded over its state into one conditional write. The version that it appends names
job and chunk and contains the results of the whole group, so that a later delivery recognises them. The chunk's
learners are read 100 per call; achievements are written 25 per call, single creates without an earlier read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import takewhile
from typing import Final, NamedTuple

from chalicelib.domain.achievement_records import Faulty, parse_record
from chalicelib.domain.achievement_rules import rule_failures
from chalicelib.domain.achievements import (
    Achievement,
    Catalogue,
    Checked,
    Command,
    Key,
    Provenance,
    Submission,
    fold,
    recorded_results,
)
from chalicelib.domain.codes import Action, SubmissionType
from chalicelib.domain.failures import Failure
from chalicelib.domain.looks import LookAction
from chalicelib.domain.results import Outcome, RecordResult
from chalicelib.domain.working_time import london_day
from chalicelib.formats.batch.records import Record
from chalicelib.ports.achievements import Achievements
from chalicelib.ports.catalogues import Catalogues
from chalicelib.ports.errors import TemporaryFailure
from chalicelib.ports.learners import Learners
from chalicelib.services.batches.apply import ApplyPorts, ChunkDelivery, ChunkWork
from chalicelib.services.verification import details_of, verifications, with_verification

TRIES: Final = 5
"""How often a write is decided again after others have changed the item, before the chunk returns to its queue."""

CLOCKS_AGREE: Final = timedelta(minutes=5)
"""The clocks of two containers differ by less."""

WRITES: Final = 25
"""Achievements written in one call."""


@dataclass(frozen=True, slots=True)
class AchievementWorkPorts:
    """What achievement batches also need from outside."""

    learners: Learners
    achievements: Achievements
    catalogues: Catalogues


class _Parsed(NamedTuple):
    """One record as read: its command, which lacks what could not be read, and the faults of structure and fields."""

    command: Command
    failures: tuple[Failure, ...]


class AchievementWork(ChunkWork[_Parsed, Checked]):
    """One delivery of a chunk of an achievement batch."""

    action = LookAction.LEARNERS_OF_ACHIEVEMENTS_VERIFIED

    def __init__(self, ports: ApplyPorts, delivery: ChunkDelivery, achievements: AchievementWorkPorts) -> None:
        super().__init__(ports, delivery)
        self._register = achievements
        self._refused: dict[Key, list[RecordResult]] = {}
        at, who = ports.clock().isoformat(timespec="seconds"), delivery.caller
        self._provenance = Provenance(at, who.ukprn, who.user, who.channel, self.job.job_id, delivery.chunk)
        self._since = (self.job.submitted_at - CLOCKS_AGREE).isoformat(timespec="seconds")
        self._catalogue: Catalogue
        self._submission: Submission

    def prepare(self) -> None:
        """Load the catalogue of the job, and what the submission's dates and type follow from."""
        job = self.job
        self._catalogue = self._register.catalogues.load(job.catalogue_version)
        self._submission = Submission(
            ukprn=job.ukprn,
            recognition_numbers=self.delivery.recognition or frozenset(),
            submitted_on=london_day(job.submitted_at),
            submission_type=SubmissionType(job.submission_type),
            late_before=date.fromisoformat(job.late_before),
        )

    def parse(self, record: Record) -> _Parsed:
        parsed = parse_record(record.values)
        if isinstance(parsed, Faulty):
            return _Parsed(parsed.command, (*record.failures, *parsed.failures))
        return _Parsed(parsed, record.failures)

    def recall(self, parsed: Mapping[int, _Parsed]) -> Mapping[int, RecordResult]:
        numbers: dict[Key, list[int]] = {}
        for number, one in parsed.items():
            if None not in one.command.key:
                numbers.setdefault(one.command.key, []).append(number)
        states, _ = self.read_for(numbers, self._register.achievements.read)
        found: dict[int, RecordResult] = {}
        for key, state in states.items():
            found |= self.isolated(numbers[key], self._recorded, state) or {}
        return found

    def _recorded(self, state: Achievement | None) -> Mapping[int, RecordResult]:
        """What this chunk has answered, however many versions there are since: none is older than its job."""
        if state is None:
            return {}
        versions = self._register.achievements.backwards(state)
        recent = takewhile(lambda version: version.provenance.at >= self._since, versions)
        return recorded_results(recent, self.job.job_id, self.delivery.chunk) or {}

    def check(self, number: int, parsed: _Parsed) -> Checked | RecordResult:
        """A refused record is compared with the register too if its ULN can be read, to report every reason at once."""
        reasons = (*parsed.failures, *rule_failures(parsed.command, self._submission, self._catalogue))
        checked = Checked(number, parsed.command, reasons=reasons)
        return checked if parsed.command.key.uln else checked.answered(Outcome.REFUSED)

    def apply(self, checked: Mapping[int, Checked]) -> None:
        self._write_all(self._verified(checked))

    # The register of learners.

    def _verified(self, checked: Mapping[int, Checked]) -> list[Checked]:
        """The records that neither a check nor the register refuses; the others are answered or isolated."""
        details = {number: details_of(one.command) for number, one in checked.items()}
        found = verifications(self._register.learners, details, self)
        passed: list[Checked] = []
        for number, verification in found.items():
            one = with_verification(checked[number], verification)
            if not one.is_refused:
                passed.append(one)
                continue
            self.settled[number] = result = one.answered(Outcome.REFUSED)
            self._refused.setdefault(one.command.key, []).append(result)
        return passed

    # The achievements.

    def _write_all(self, checked: Sequence[Checked]) -> None:
        """Decide the records of every key and write each key once; decide again where others have changed the state.

        A key with a single create is assumed not to exist, and is not read before the first try.
        """
        groups: dict[Key, list[Checked]] = {}
        for one in checked:
            groups.setdefault(one.command.key, []).append(one)
        unread = [key for key, group in groups.items() if not _is_lone_create(group)]
        states, failed = self._states(unread, groups) if unread else ({}, frozenset[int]())
        open_keys = list(groups)
        for _ in range(TRIES):
            open_keys = [key for key in open_keys if groups[key][0].number not in failed]
            after = [self._decided(groups[key], states.get(key)) for key in open_keys]
            open_keys = self._write([state for state in after if state is not None], groups)
            if not open_keys:
                return
            states, failed = self._states(open_keys, groups)
        raise TemporaryFailure("achievements keep changing")

    def _states(
        self, keys: Iterable[Key], groups: Mapping[Key, Sequence[Checked]]
    ) -> tuple[Mapping[Key, Achievement], frozenset[int]]:
        """The achievements of these keys that exist, and the records of those that cannot be read."""
        numbers = {key: [one.number for one in groups[key]] for key in keys}
        return self.read_for(numbers, self._register.achievements.read)

    def _decided(self, group: Sequence[Checked], state: Achievement | None) -> Achievement | None:
        """The state to write, or None; either way every record of the group then has its result."""
        return self.isolated([one.number for one in group], self._repeat_or_fold, group, state)

    def _repeat_or_fold(self, group: Sequence[Checked], state: Achievement | None) -> Achievement | None:
        recorded = self._recorded(state)
        if recorded:
            # A record that an earlier delivery left out is not applied after later records.
            self.fault([one.number for one in group])
            self.settled |= recorded
            return None
        return self._fold(group, state)

    def _fold(self, group: Sequence[Checked], state: Achievement | None) -> Achievement | None:
        key = group[0].command.key
        aim = self._catalogue.aim(key.aim_reference)
        refused = self._refused.get(key, ())
        folded = fold(state, group, self._submission, self._provenance, aim, refused)
        self.settled.update(folded.results)
        return folded.state

    def _write(self, states: Sequence[Achievement], groups: dict[Key, list[Checked]]) -> list[Key]:
        """Write the states, 25 per call; returns the keys that others have changed since they were read."""
        overtaken: list[Key] = []
        size = 1 if self.is_isolating else WRITES
        for start in range(0, len(states), size):
            self.still_held()
            batch = states[start : start + size]
            numbers = [one.number for state in batch for one in groups[state.key]]
            written = self.isolated(numbers, self._register.achievements.write_all, batch)
            for state, took_effect in zip(batch, written or (), strict=bool(written)):
                if not took_effect:
                    overtaken.append(state.key)
        return overtaken


def _is_lone_create(group: Sequence[Checked]) -> bool:
    return len(group) == 1 and group[0].command.action is Action.CREATE
