"""The stage: the real pipeline over fakes, with queues, dead letters, a clock, and the people who use it.

The rules are those of AWS. A message is delivered at least once: it is taken, hidden for its visibility time, and
deleted only when its delivery has succeeded; after too many deliveries it goes to the dead letters. A delivery that
does not end within its function's time-out dies. Times come from the description of the cloud.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote_plus

from chalicelib.domain.achievement_records import parse_record
from chalicelib.domain.achievements import Achievement, Checked, Key, Provenance, Submission, fold
from chalicelib.domain.codes import SubmissionType
from chalicelib.domain.jobs import ACHIEVEMENTS, Job, JobStatus, Place, Source
from chalicelib.domain.refusals import Refused
from chalicelib.formats.batch.layouts import ACHIEVEMENTS as LAYOUT
from chalicelib.ports.errors import Conflict, Missing, TemporaryFailure
from tests.builders.achievements import learner, record, uln, world_with
from tests.builders.jobs import Pipeline, caller
from tests.builders.organisations import organisation
from tests.fakes import FakeWorld, Fault
from tests.semantics.actors import Actor, Order, Outcome
from tests.semantics.files import LEARNER_NUMBERS, LEARNERS, Content, PoisonedCatalogue, registered

_STACK = json.loads((Path(__file__).parents[2] / "infra" / "stack.json").read_text("utf-8"))
_FUNCTIONS = {mapping["queue"]: mapping["function"] for mapping in _STACK["mappings"] if "queue" in mapping}
QUEUES = ("intake", "chunks", "finish", "notices")
TIMEOUTS = {queue: timedelta(seconds=_STACK["functions"][_FUNCTIONS[queue]]["timeoutSeconds"]) for queue in QUEUES} | {
    "watch": timedelta(seconds=_STACK["functions"]["watch_jobs"]["timeoutSeconds"]),
    "edit": timedelta(seconds=_STACK["functions"]["api"]["timeoutSeconds"]),
    "cancel": timedelta(seconds=_STACK["functions"]["api"]["timeoutSeconds"]),
}
VISIBILITY = {queue: timedelta(seconds=_STACK["queues"][queue]["visibilitySeconds"]) for queue in QUEUES}
MAX_RECEIVES = {queue: _STACK["queues"][queue]["maxReceiveCount"] for queue in QUEUES}

PATIENCE = timedelta(hours=9)
"""How long it may take until every job has ended, once nothing more goes wrong."""


@dataclass(eq=False)
class Message:
    """One message of a queue."""

    queue: str
    body: str
    visible_at: datetime
    receives: int = 0


@dataclass(eq=False)
class Dropped:
    """One file, through any channel."""

    content: Content
    source: Source


class Turn(NamedTuple):
    """A file's lease, and the files before it in the line that had the turn or waited for it, and still do."""

    until: datetime
    before: set[str]


@dataclass
class Truth:
    """What happened, and when: what the oracle needs in addition to what is stored."""

    written: dict[Key, list[tuple[datetime, Achievement]]] = field(default_factory=dict)
    """Every version of every achievement, with the time at which it was stored."""
    learners: dict[str, list[tuple[datetime, bool]]] = field(default_factory=dict)
    """Whether records about a learner match the register, with the times of changes."""
    suspended: set[str] = field(default_factory=set)
    """Organisations that were ever suspended; the same for the next."""
    disowned: set[str] = field(default_factory=set)
    cancelled: set[str] = field(default_factory=set)
    """Jobs whose cancellation was requested."""
    notices: dict[str, list[Actor]] = field(default_factory=dict)
    """Deliveries of notices, by job."""
    overlaps: dict[str, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    """Faults noticed during the run."""
    words: list[str] = field(default_factory=list)
    """Texts of errors."""


class Stage:
    """One run, with achievement files."""

    kind = ACHIEVEMENTS

    def __init__(self, chunk_size: int = 3, *, make: Callable[..., object] = Pipeline) -> None:
        self.world = self.made_world()
        self._make = make
        self.deploy(chunk_size)
        self.world.hook = self._hook
        self.clock = self.world.clock
        self.began = self.clock()
        self.messages: list[Message] = []
        self.dead: list[Message] = []
        self.actors: list[Actor] = []
        self.dropped: list[Dropped] = []
        self.truth = Truth()
        self.settled_from = self.began
        self.crashes = 0
        self._running: Actor | None = None
        self._holding: dict[Actor, Message] = {}
        self._turns: dict[str, Turn] = {}
        """The turns given so far, by job."""
        self._started: set[str] = set()
        for number in range(LEARNERS + 1):
            self.truth.learners[uln(number)] = [(self.began, number < LEARNERS)]

    def made_world(self) -> FakeWorld:
        world = world_with(*(registered(number) for number in range(LEARNERS)))
        world.catalogues.publish("v1", PoisonedCatalogue())
        return world

    def deploy(self, chunk_size: int) -> None:
        self.pipeline = self._make(self.world, chunk_size)

    def _hook(self, name: str) -> Fault | None:
        return self._running.before_call(name) if self._running is not None else None

    # Actors.

    def begin(self, name: str, work: Callable[[], object]) -> Actor:
        actor = Actor(name, work, self.clock())
        self.actors.append(actor)
        self._run(actor, actor.start)
        return actor

    def resume(self, actor: Actor, calls: int = 1, order: Order = Order.DO) -> None:
        self.crashes += order is not Order.DO
        self._run(actor, lambda: actor.resume(calls, order))

    def run_to_end(self, actor: Actor, until: str = "") -> None:
        """Or to the next call of a kind."""
        if not actor.ended:
            self._run(actor, lambda: actor.resume(1_000_000, until=until))

    def kill(self, actor: Actor) -> None:
        self.resume(actor, 1, Order.DIE)

    def _run(self, actor: Actor, step: Callable[[], None]) -> None:
        self._running = actor
        step()
        self._running = None
        self._collect()
        if actor.ended:
            self._ended(actor)
        self._observe()

    def _ended(self, actor: Actor) -> None:
        self.actors.remove(actor)
        message = self._holding.pop(actor, None)
        if actor.error is not None:
            self.truth.words.append(str(actor.error))
            if not isinstance(actor.error, TemporaryFailure | Missing | ZeroDivisionError):
                self.truth.faults.append(f"{actor.name} ended with {type(actor.error).__name__}: {actor.error}")
        if message is not None and actor.outcome is Outcome.DONE:
            return
        if message is not None:
            (self.dead if message.receives >= MAX_RECEIVES[message.queue] else self.messages).append(message)

    # Queues.

    def _collect(self) -> None:
        """Take over what was sent."""
        for queue, bodies in self.world.queues.waiting.items():
            while bodies:
                self.messages.append(Message(queue, bodies.popleft(), self.clock()))

    @property
    def visible(self) -> list[Message]:
        now = self.clock()
        return [message for message in self.messages if message.visible_at <= now]

    def deliver(self, message: Message) -> Actor:
        """Take a message and begin its delivery."""
        self.messages.remove(message)
        message.receives += 1
        message.visible_at = self.clock() + VISIBILITY[message.queue]
        step = self.pipeline.steps[message.queue]
        actor = Actor(message.queue, lambda: step(message.body), self.clock())
        self._holding[actor] = message
        self.actors.append(actor)
        if message.queue == "notices":
            self._note_overlap(json.loads(message.body)["job"], actor)
        self._run(actor, actor.start)
        return actor

    def _note_overlap(self, job_id: str, actor: Actor) -> None:
        earlier = self.truth.notices.setdefault(job_id, [])
        if any(not other.ended for other in earlier):
            self.truth.overlaps[job_id] = self.truth.overlaps.get(job_id, 0) + 1
        earlier.append(actor)

    def duplicate(self, message: Message) -> None:
        """The queue has a second copy."""
        self.messages.append(Message(message.queue, message.body, self.clock()))

    def lose(self, message: Message) -> None:
        """The message goes to the dead letters, or was never there."""
        self.messages.remove(message)
        self.dead.append(message)

    def redrive(self) -> None:
        """Put every dead letter back."""
        for message in self.dead:
            message.receives, message.visible_at = 0, self.clock()
        self.messages += self.dead
        self.dead = []

    # Time.

    def advance(self, by: timedelta) -> None:
        """Let time pass; deliveries that would exceed their function's time-out die."""
        later = self.clock() + by
        for actor in list(self.actors):
            if later >= actor.started + TIMEOUTS[actor.name]:
                self.kill(actor)
        self.clock.advance(by)
        self.world.learners.settle()

    # People and files.

    def drop(self, content: Content, *, announced: bool = True, key: str = "") -> Dropped:
        """A file under the organisation's prefix, or with ``key`` under an upload form's."""
        place = key or f"drop/{content.ukprn}/{self.kind}/{content.filename}"
        version = self.world.files.put("inbox", place, content.data)
        source = Source("inbox", place, version)
        dropped = Dropped(content, source)
        self.dropped.append(dropped)
        if announced:
            self.messages.append(Message("intake", s3_event(source, self.clock()), self.clock()))
        return dropped

    def upload(self, content: Content, *, announced: bool = True, times: int = 1) -> None:
        """A file sent with an upload form; if it is sent twice, the second becomes a separate job."""
        if self.world.accounts.organisations[content.ukprn].status != "active" or content.filename[3:4] != "_":
            return
        begun = self.pipeline.submit.of_kind(self.kind).begin(caller(content.ukprn), content.filename)
        for _ in range(times):
            self.drop(content, announced=announced, key=begun.form.fields["key"])

    def watch(self) -> Actor:
        return self.begin("watch", self.pipeline.watch.run)

    def cancel(self, job: Job) -> Actor:
        self.truth.cancelled.add(job.job_id)
        return self.begin("cancel", lambda: self._cancel(job))

    def _cancel(self, job: Job) -> None:
        with suppress(Refused):  # it has ended
            self.pipeline.submit.of_kind(self.kind).cancel(caller(job.ukprn), job.job_id)

    def edit(self, key: Key, action: str, grade: str, ukprn: str) -> Actor:
        """A person of an organisation changes one achievement in the portal."""
        return self.begin("edit", lambda: self._edit(key, action, grade, ukprn))

    def _edit(self, key: Key, action: str, grade: str, ukprn: str) -> None:
        number = LEARNER_NUMBERS[key.uln]
        aim, award = key.aim_reference, key.award_date.isoformat()
        values = record(number, action, UnitOrQualificationReferenceNumber=aim, AchievementAwardDate=award, Grade=grade)
        command = parse_record([values[name] for name in LAYOUT.record_names])
        today = self.clock().date()
        submission = Submission(ukprn, frozenset(), today, SubmissionType.FINAL, today, single=True)
        by = Provenance(self.clock().isoformat(timespec="seconds"), ukprn, "person", "portal")
        state = self.world.achievements.read([key]).get(key)
        folded = fold(state, [Checked(1, command)], submission, by, None)
        if folded.state is not None:
            try:
                self.world.achievements.write(folded.state)
            except Conflict:
                return

    def learner(self, number: int, kind: str, *, lagging: bool) -> None:
        """The register changes: ``right``, or ``other`` for another person's name."""
        profile = registered(number)
        if kind == "other":
            profile = learner(number, given_name="Zebedee", family_name="Quartermaine")
        self.clock.advance(timedelta(milliseconds=1))
        self.world.learners.put(profile, lagging=lagging)
        self.truth.learners[profile.uln].append((self.clock(), kind == "right"))
        self.clock.advance(timedelta(milliseconds=1))

    def suspend(self, ukprn: str, *, suspended: bool) -> None:
        if suspended:
            self.truth.suspended.add(ukprn)
        self._organisation(ukprn, status="suspended" if suspended else "active")

    def disown(self, ukprn: str, *, disowned: bool) -> None:
        """The regulator withdraws an organisation's recognition, or restores it."""
        if disowned:
            self.truth.disowned.add(ukprn)
        numbers = frozenset({"RN0000"}) if disowned else organisation(ukprn).recognition_numbers
        self._organisation(ukprn, recognition_numbers=numbers)

    def _organisation(self, ukprn: str, **changes: object) -> None:
        accounts = self.world.accounts
        accounts.put(accounts.organisations[ukprn]._replace(**changes))

    # What was seen.

    def _observe(self) -> None:
        for key, state in self.world.achievements.held.items():
            seen = self.truth.written.setdefault(key, [])
            if not seen or seen[-1][1].revision != state.revision:
                seen.append((self.clock(), state))
        for line in self.world.turns.held:
            self._note_turns(self.world.turns.places(*line))
        for job in self.world.jobs.held.values():
            if job.status is JobStatus.IN_PROGRESS and job.job_id not in self._started:
                self._started.add(job.job_id)
                self._check_start(job)

    def _note_turns(self, line: list[Place]) -> None:
        """A file gets its turn when those before it in the line have ended, unless a lease expired."""
        before: set[str] = set()
        for place in line:
            known = self._turns.get(place.job_id)
            if place.lease_until is not None and (known is None or known.until != place.lease_until):
                self._turns[place.job_id] = Turn(place.lease_until, set(before))
            in_time = place.lease_until is None or place.is_leased(self.clock())
            if in_time and not self.world.jobs.held[place.job_id].status.is_end:
                before.add(place.job_id)
        for place in line:
            if place.job_id in self._turns:
                self._turns[place.job_id].before.intersection_update(before)

    def _check_start(self, job: Job) -> None:
        """A file that was given the turn while an earlier one joined must wait for it."""
        if job.cancelled_at is not None:
            return
        turn = self._turns.get(job.job_id)
        if turn is None:
            self.truth.faults.append(f"{job.job_id} started without its turn")
        elif turn.before:
            self.truth.faults.append(f"{job.job_id} got the turn of {sorted(turn.before)}")

    # The end.

    def settle(self) -> None:
        """Let everything finish without further failures; the watch runs on schedule."""
        self.settled_from = self.clock()
        self.world.jobs.thaw_indexes()
        quiet = 0
        while self.clock() < self.settled_from + PATIENCE:
            for actor in list(self.actors):
                self.run_to_end(actor)
            while self.visible:
                self.run_to_end(self.deliver(self.visible[0]))
            if self._settled():
                return
            quiet = 0 if self.messages else quiet + 1
            self.advance(timedelta(minutes=5 if quiet == 0 else 20 if quiet < 4 else 130))
            self.run_to_end(self.watch())

    def _settled(self) -> bool:
        return (
            not self.messages
            and not any(job.is_open for job in self.world.jobs.held.values())
            and all(self.jobs_of(dropped) for dropped in self.dropped)
        )

    def jobs_of(self, dropped: Dropped) -> list[Job]:
        """The jobs for the file: there should be one."""
        return [job for job in self.world.jobs.held.values() if job.source == dropped.source]


def s3_event(source: Source, at: datetime) -> str:
    """The body of the message that the bucket sends."""
    stored = {"key": quote_plus(source.key, safe="/"), "versionId": source.version}
    when = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return json.dumps({"Records": [{"eventTime": when, "s3": {"bucket": {"name": source.bucket}, "object": stored}}]})
