"""What may happen on the stage, each as one move; the player picks the moves and their details."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta

from chalicelib.domain.achievements import Key, Status
from tests.builders.jobs import Pipeline
from tests.semantics.actors import Actor, Order
from tests.semantics.files import LEARNER_NUMBERS, ORGANISATIONS, Pick, Subjects, content
from tests.semantics.oracle import Oracle
from tests.semantics.stage import Message, Stage

MOST_TIME = timedelta(hours=40)
"""How long before the end disturbances stop: the watch run needs time inside the 48 hours."""

MOST_FILES = 6

PAUSES = (2, 20, 40, 125, 125, 370, 370, 370, 725, 960, 7300)
"""Seconds: within a function's time-out, past a lease, past visibilities, past the watch run's limits, past a turn."""

DEADLY = (
    "files.write_if_absent",
    "achievements.write_all",
    "jobs.chunk_done",
    "files.write_if_absent",
    "files.write",
    "jobs.save",
    "turns.leave",
    "queues.send",
)
"""Calls of a chunk's delivery: dying before these leaves most behind."""

TENDER = (
    "achievements.write",
    "achievements.write_all",
    "achievements.read",
    "files.write_if_absent",
    "jobs.chunk_done",
    "jobs.save",
    "turns.join",
    "turns.lease",
    "queues.send",
    "mail.send",
)
"""Calls around which other events matter most."""

DISTURBANCES = (Order.FAIL, Order.ANSWER_LOST, Order.REPEATED, Order.DIE)


class Play:
    """One run: moves on a stage, then settling, then the check."""

    deadly = DEADLY
    tender = TENDER
    organisations = ORGANISATIONS

    def __init__(self, pick: Pick, *, make: Callable[..., object] = Pipeline) -> None:
        self.pick = pick
        self._files = 0
        self.prepare(make)

    def prepare(self, make: Callable[..., object]) -> None:
        """Make the stage, and choose what the files are about."""
        pick = self.pick
        self.subjects = Subjects.chosen(pick)
        self.stage = Stage(1 + pick(4), make=make)
        if pick(2):
            self.stage.world.achievements.batch_order = lambda count: reversed(range(count))

    def judged(self) -> list[str]:
        """Let everything settle, and return what is wrong."""
        self.stage.settle()
        return Oracle(self.stage).judge()

    # Files.

    def drop(self) -> None:
        if self._files >= MOST_FILES:
            return
        file = self._content()
        self.stage.drop(file, announced=bool(self.pick(8)))

    def upload(self) -> None:
        file = self._content()
        self.stage.upload(file, announced=bool(self.pick(8)), times=1 if self.pick(5) else 2)

    def drop_again(self) -> None:
        """The same content under the same name: another version of the object."""
        if self.stage.dropped:
            known = self.stage.dropped[self.pick(len(self.stage.dropped))]
            if known.source.key.startswith("drop/"):
                self.stage.drop(known.content)

    def _content(self):
        self._files += 1
        ukprn = ORGANISATIONS[0 if self.pick(4) else 1]
        return content(self.pick, self.subjects, ukprn, self._files)

    # Deliveries.

    def deliver(self) -> None:
        """A delivery starts and continues for a few calls, perhaps to its end."""
        message = self._message()
        if message is not None:
            actor = self.stage.deliver(message)
            self._go_on(actor)

    def deliver_whole(self) -> None:
        message = self._message()
        if message is not None:
            self.stage.run_to_end(self.stage.deliver(message))

    def go_on(self) -> None:
        actor = self._actor()
        if actor is not None:
            self._go_on(actor)

    def go_to_tender_call(self) -> None:
        """An actor continues up to a call of one kind, and waits."""
        actor = self._actor()
        if actor is not None:
            self.stage.run_to_end(actor, self.tender[self.pick(len(self.tender))])

    def disturb(self) -> None:
        actor = self._actor()
        if actor is None:
            return
        if self.pick(3):
            self.stage.run_to_end(actor, self.tender[self.pick(len(self.tender))])
        if not actor.ended:
            self.stage.resume(actor, 1 + self.pick(6), DISTURBANCES[self.pick(len(DISTURBANCES))])

    def upset(self) -> None:
        """A chunk's delivery is disturbed where most is at stake, things change, and it is delivered again."""
        message = self._chunk_message()
        if message is None:
            return
        actor = self.stage.deliver(message)
        self.stage.run_to_end(actor, self.deadly[self.pick(len(self.deadly))])
        if actor.ended:
            return
        self.stage.resume(actor, 1, (Order.DIE, *DISTURBANCES)[self.pick(5)])
        for _ in range(self.pick(4)):
            self.meddle()
        self.stage.run_to_end(actor)
        self._advance(timedelta(seconds=370))
        if message in self.stage.visible and self.pick(8):
            self.stage.run_to_end(self.stage.deliver(message))

    def overlap(self) -> None:
        """A chunk is delivered while another delivery of it is half-way; either may end first."""
        message = self._chunk_message()
        if message is None:
            return
        self.stage.duplicate(message)
        second = self.stage.messages[-1]
        earlier = self.stage.deliver(message)
        self.stage.run_to_end(earlier, self.deadly[self.pick(len(self.deadly))])
        for _ in range(self.pick(3)):
            self.meddle()
        if second in self.stage.visible:
            later = self.stage.deliver(second)
            self.stage.run_to_end(later, self.deadly[self.pick(len(self.deadly))])
            if self.pick(2):
                self.stage.run_to_end(earlier)

    def race(self) -> None:
        """Two deliveries of one queue reach the same kind of call, and continue one after the other."""
        first = self._message()
        if first is None:
            return
        call = self.tender[self.pick(len(self.tender))]
        rivals = [message for message in self.stage.visible if message.queue == first.queue and message is not first]
        racers = [first, rivals[self.pick(len(rivals))]] if rivals else [first]
        actors = [self.stage.deliver(message) for message in racers]
        for actor in actors:
            self.stage.run_to_end(actor, call)
        for actor in actors if self.pick(2) else reversed(actors):
            self.stage.run_to_end(actor)

    def _chunk_message(self) -> Message | None:
        """A chunk to deliver; files are split, and if necessary dropped, until there is one."""
        for _ in range(3):
            chunks = [message for message in self.stage.visible if message.queue == "chunks"]
            if chunks:
                return chunks[self.pick(len(chunks))]
            intake = [message for message in self.stage.visible if message.queue == "intake"]
            if intake:
                self.stage.run_to_end(self.stage.deliver(intake[self.pick(len(intake))]))
            elif self._files < MOST_FILES:
                self.drop()
            else:
                break
        return None

    def meddle(self) -> None:
        """Somebody changes what the chunk was decided from."""
        moves = (self.edit, self.edit_often, self.change_learner, self.suspend, self.disown, self.cancel)
        moves[self.pick(len(moves))]()

    def die(self) -> None:
        actor = self._actor()
        if actor is not None:
            self.stage.kill(actor)

    def duplicate(self) -> None:
        message = self._message()
        if message is not None:
            self.stage.duplicate(message)

    def lose(self) -> None:
        message = self._message()
        if message is not None:
            self.stage.lose(message)

    def redrive(self) -> None:
        self.stage.redrive()

    def _message(self) -> Message | None:
        visible = self.stage.visible
        return visible[self.pick(len(visible))] if visible else None

    def _actor(self) -> Actor | None:
        actors = self.stage.actors
        return actors[self.pick(len(actors))] if actors else None

    def _go_on(self, actor: Actor) -> None:
        if not actor.ended:
            calls = self.pick(4) if self.pick(2) else self.pick(14)
            if calls:
                self.stage.resume(actor, calls)

    # Time and the watch run.

    def wait(self) -> None:
        self._advance(timedelta(seconds=PAUSES[self.pick(len(PAUSES))]))

    def wait_long(self) -> None:
        self._advance(timedelta(hours=(3, 12, 37)[self.pick(3)]))

    def _advance(self, by: timedelta) -> None:
        if self.stage.clock() + by - self.stage.began < MOST_TIME:
            self.stage.advance(by)

    def watch(self) -> None:
        self._go_on(self.stage.watch())

    # People.

    def edit(self) -> None:
        actor = self._edit(self._key())
        if self.pick(3):
            self.stage.run_to_end(actor)

    def edit_often(self) -> None:
        """So many edits of one achievement that a short history would lose earlier versions."""
        key = self._key()
        for _ in range(1 + self.pick(4)):
            self.stage.run_to_end(self._edit(key))

    def _edit(self, key: Key) -> Actor:
        """An edit that is usually valid for what is stored."""
        state = self.stage.world.achievements.held.get(key)
        owner = state.owner if state else ORGANISATIONS[0]
        if state is None or not self.pick(8):
            action = "1234"[self.pick(4)]
        else:
            action = "4" if state.status is Status.WITHDRAWN else "223"[self.pick(3)]
        grade = "Pass" if state is None or state.grade == "Merit" else "Merit"
        return self.stage.edit(key, action, "" if action == "4" else grade, owner)

    def _key(self) -> Key:
        return self.subjects.keys[self.pick(len(self.subjects.keys))]

    def change_learner(self) -> None:
        """The register is wrong about a learner, or right again; the latter may not be seen at once."""
        number = LEARNER_NUMBERS[self._key().uln]
        if self.pick(2):
            self.stage.learner(number, "other", lagging=False)
        if self.pick(4):
            self.stage.learner(number, "right", lagging=bool(self.pick(2)))

    def cancel(self) -> None:
        jobs = list(self.stage.world.jobs.held.values())
        if jobs:
            self._go_on(self.stage.cancel(jobs[self.pick(len(jobs))]))

    def suspend(self) -> None:
        self.stage.suspend(self.organisations[self.pick(2)], suspended=bool(self.pick(2)))

    def disown(self) -> None:
        self.stage.disown(self.organisations[self.pick(2)], disowned=bool(self.pick(2)))

    def lose_chunk(self) -> None:
        """Somebody deletes what a chunk's message points to."""
        files = self.stage.world.files
        chunks = [key for key in files.held if "/chunk/" in key[1]]
        if chunks:
            files.remove(*chunks[self.pick(len(chunks))])

    def lose_results(self) -> None:
        """Somebody deletes the results of a chunk whose job has not ended, and is not being ended."""
        files, jobs = self.stage.world.files, self.stage.world.jobs.held
        ended = {job.job_id for job in jobs.values() if job.status.is_end}
        found = [key for key in files.held if "/result/" in key[1] and key[1].split("/")[1] not in ended]
        if found and not any(map(_may_end_a_job, self.stage.actors)):
            files.remove(*found[self.pick(len(found))])

    def redeploy(self) -> None:
        """A release with another chunk size; running work continues with the old one."""
        self.stage.deploy(1 + self.pick(4))

    def release_amid_a_split(self) -> None:
        """A file is split by an old release and a new one at once."""
        intake = [message for message in self.stage.visible if message.queue == "intake"]
        if intake:
            message = intake[self.pick(len(intake))]
            self.stage.duplicate(message)
            second = self.stage.messages[-1]
            earlier = self.stage.deliver(message)
            self.stage.run_to_end(earlier, "files.write")
            self.redeploy()
            if second in self.stage.visible:
                later = self.stage.deliver(second)
                self.stage.run_to_end(later, ("jobs.save", "files.write", "")[self.pick(3)])
            self._go_on(earlier)

    def let_index_lag(self) -> None:
        jobs = self.stage.world.jobs
        (jobs.freeze_indexes if self.pick(2) else jobs.thaw_indexes)()


def _may_end_a_job(actor: Actor) -> bool:
    """The delivery of a chunk ends a small file's job, after it has stored the results."""
    return actor.name == "finish" or (actor.name == "chunks" and "files.write_if_absent" in actor.calls)


WEIGHTS: dict[str, int] = {
    "drop": 6,
    "upload": 2,
    "drop_again": 1,
    "deliver": 30,
    "deliver_whole": 14,
    "go_on": 16,
    "go_to_tender_call": 20,
    "disturb": 8,
    "upset": 10,
    "overlap": 7,
    "race": 7,
    "die": 5,
    "duplicate": 5,
    "lose": 1,
    "redrive": 1,
    "wait": 14,
    "wait_long": 1,
    "watch": 3,
    "edit": 8,
    "edit_often": 2,
    "change_learner": 3,
    "cancel": 1,
    "suspend": 1,
    "disown": 1,
    "let_index_lag": 1,
    "redeploy": 1,
    "lose_chunk": 1,
    "lose_results": 1,
    "release_amid_a_split": 1,
}
"""The weight of each move."""

_DECK = [name for name, weight in WEIGHTS.items() for _ in range(weight)]


def random_play(seed: int, *, make: Callable[..., object] = Pipeline, kind: type[Play] = Play) -> Play:
    """A run whose moves are derived from a seed, not yet checked."""
    chance = random.Random(seed)
    play = kind(lambda count: int(chance.random() * count), make=make)
    if chance.random() < 0.3:
        play.change_learner()
    for _ in range(chance.choice((1, 1, 2, 3))):
        play.drop()
    for _ in range(chance.randrange(3)):
        play.deliver_whole()
    for _ in range(10 + chance.randrange(60)):
        getattr(play, chance.choice(_DECK))()
    return play
