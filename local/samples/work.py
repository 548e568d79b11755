"""Work for the people of the sample organisations: files in every state, registrations to decide on, a challenge, and
a rich record of the learner of the examples.
"""

from __future__ import annotations

from typing import Final

from chalicelib.bootstrap import Services
from chalicelib.cloud.clock import new_id
from chalicelib.domain.access import capabilities_of
from chalicelib.domain.callers import Caller, Channel
from chalicelib.domain.challenges import Report
from chalicelib.domain.codes import ChallengeType
from chalicelib.domain.learners import LearnerProfile
from chalicelib.domain.matching import SubmittedDetails
from chalicelib.formats.batch.layouts import ACHIEVEMENTS
from chalicelib.formats.batch.templates import csv_example
from chalicelib.services.batches.kinds import ACHIEVEMENT_BATCH, LEARNER_BATCH, VERIFICATION_BATCH
from chalicelib.services.batches.places import drop_folder
from chalicelib.services.imports.events import ARRIVALS
from local.emulated.cloud import ProvisionedCloud
from local.samples.events import sample_feeds
from local.samples.examples import EXAMPLE_LEARNERS
from local.samples.files import Expected
from local.samples.learner_files import PROVIDER, ExpectedAnswers, learner_file, verification_file
from local.samples.users import SampleUser, sample_users
from local.samples.world import mixed_file, samples

_SEED: Final = 77
"""Of files that differ from those of make demo."""
_MISHEARD: Final = ("Amelie", "Daniela", "Priyah")
"""Given names like those of the learners of the examples, in their order."""
_EVENTS: Final = 9
"""From each source."""
_NOT_OURS: Final = b"Name,Mark\r\nA learner,72\r\n"


def make_work(services: Services, cloud: ProvisionedCloud) -> bool:
    """Submit everything, if the college has submitted nothing yet; whether that was so.

    The files are processed after this returns.
    """
    awarding = samples().organisations[0].ukprn
    achievements = services.batch_submit.of_kind(ACHIEVEMENT_BATCH.name)
    submitter, provider = (_caller(ukprn) for ukprn in (awarding, PROVIDER))
    if services.batch_submit.of_kind(VERIFICATION_BATCH.name).page(provider, 1, "").items:
        return False
    achievements.begin(submitter, "not-sent-yet.csv")
    achievements.cancel(submitter, achievements.begin(submitter, "sent-by-mistake.csv").job.job_id)
    for ukprn, kind, name, data in (
        (awarding, ACHIEVEMENT_BATCH, *_named(mixed_file(60, _SEED, faults=0.2))),
        (awarding, ACHIEVEMENT_BATCH, *_named(mixed_file(40, _SEED + 1, faults=0))),
        (awarding, ACHIEVEMENT_BATCH, "marks-of-the-term.csv", _NOT_OURS),
        (awarding, ACHIEVEMENT_BATCH, "achievements-example.csv", csv_example(ACHIEVEMENTS)),
        (PROVIDER, LEARNER_BATCH, *_named(learner_file(40, _SEED))),
        (PROVIDER, VERIFICATION_BATCH, *_named(verification_file(40, _SEED))),
    ):
        key = drop_folder(ukprn, kind.name) + name
        cloud.client("s3").put_object(Bucket=cloud.bucket("inbox"), Key=key, Body=data)
    learner = EXAMPLE_LEARNERS[0]
    for one, given_name in zip(EXAMPLE_LEARNERS, _MISHEARD, strict=False):
        services.learner_services.register(provider, _similar(one, given_name))
    enrich_example(services)
    report = Report(
        ChallengeType.ULN_OTHER,
        contact_name="Registry office",
        telephone="01632 960001",
        additional_information="Two people may be using this ULN.",
    )
    services.challenges.raise_challenge(
        provider, SubmittedDetails(learner.uln, learner.given_name, learner.family_name), report
    )
    return True


def _similar(learner: LearnerProfile, given_name: str) -> dict[str, str]:
    """A registration that may be of this learner."""
    born = learner.date_of_birth
    return {
        "given_name": given_name,
        "family_name": learner.family_name,
        "date_of_birth": born.isoformat() if born else "",
        "gender": learner.gender,
        "last_known_post_code": learner.postcode,
        "verification_type": "2",
        "ability_to_share": "1",
    }


def enrich_example(services: Services) -> None:
    """Add events from schools and funding returns to the record of the learner of the examples."""
    feeds = sample_feeds(EXAMPLE_LEARNERS[:1], samples().aims, [PROVIDER], _EVENTS, _SEED)
    keys = [f"{ARRIVALS}of-one-learner-{feed.name}" for feed in feeds]
    for key, feed in zip(keys, feeds, strict=True):
        services.files.write("catalogue", key, feed.data, "text/csv")
    services.import_events.run_stored(keys)


def _named(made: tuple[bytes, Expected | ExpectedAnswers]) -> tuple[str, bytes]:
    data, expected = made
    return expected.file_name, data


def _caller(ukprn: str) -> Caller:
    """One of the organisation's people, with all that its roles allow."""
    people: list[SampleUser] = [one for one in sample_users() if one.organisation.ukprn == ukprn]
    one = people[0]
    held = frozenset(map(str, capabilities_of(person.role for person in people)))
    return Caller(ukprn, one.user_name, one.organisation.batch_email, held, Channel.PORTAL, new_id())
