"""The examples of the API reference: requests that are made to the composed service, and its answers to them.

    python -m tests.recorded_examples      write them to chalicelib/web/described/recorded.json

One story with the sample data, with a clock, identifiers and keys of its own, so that it is the same every time. A
test compares the file with the story, and fails for a route that the story leaves out. Another test pastes them in
the order of the reference.
"""

from __future__ import annotations

import json
import sys
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, redirect_stdout
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from io import StringIO
from itertools import count
from typing import Any, Final
from unittest import mock
from urllib.parse import parse_qsl, urlsplit

from chalicelib.aws import Clients
from chalicelib.cloud.files import S3Files
from chalicelib.cloud.token_keys import TokenKeys
from chalicelib.domain.credentials import Credential
from chalicelib.domain.fields import ULN
from chalicelib.domain.jobs import ACHIEVEMENTS, LEARNERS, VERIFICATIONS, Source
from chalicelib.domain.monthly_levels import Month
from chalicelib.domain.tallies import Row, Tallies, hour_of
from chalicelib.domain.timeliness import Counts
from chalicelib.formats.batch.templates import DESCRIBED, csv_example
from chalicelib.ports.files import UploadForm
from chalicelib.ports.messages import Delivered
from chalicelib.ports.tallies import MonthTallies
from chalicelib.ports.timeliness import DayCounts, Place
from chalicelib.services.tokens import grantable_scopes, secret_digest
from chalicelib.settings import Settings
from chalicelib.web.described.examples import RECORDED, Example
from chalicelib.web.rest.table import routes
from tests.builders.jobs import Pipeline
from tests.builders.sample_world import AWARDING, DESK, PROVIDER, sample_world
from tests.builders.stream import submitted_change
from tests.builders.web import Answer, WebClient, web_client
from tests.fakes.cloud import FakeFiles
from tests.fakes.world import FakeWorld

NAMED: Final = {"uln": ULN.example, "givenName": "Amelia", "familyName": "Okafor"}
NAMES: Final = {name: NAMED[name] for name in ("givenName", "familyName")}
BORN: Final = {"dateOfBirth": "2001-03-14", "gender": "2"}
ACHIEVEMENT: Final = f"{ULN.example}.60012341.2026-06-30"
SECOND, SECOND_MASTER = "1000000027", "1000000051"
NEW: Final = {
    "givenName": "Owen",
    "familyName": "Pritchard",
    "dateOfBirth": "2004-02-11",
    "gender": "1",
    "lastKnownPostCode": "CF10 1EP",
    "nationality": "GBR",
    "verificationType": "2",
    "abilityToShare": "1",
    "misIdentifier": "MIS-00021",
}
KEPT: Final = ("ETag", "Location", "Retry-After")
"""The headers of an answer that are kept."""
EXAMPLES_OF: Final = {layout.name: csv_example(layout) for layout in DESCRIBED}
BATCHES: Final = {ACHIEVEMENTS: "achievement_batch", LEARNERS: "learner_batch", VERIFICATIONS: "verification_batch"}
INLINE: Final = {LEARNERS: {"learners": [NEW]}, VERIFICATIONS: {"learners": [{**NAMED, **BORN}]}}
SENDERS: Final = {ACHIEVEMENTS: AWARDING, LEARNERS: PROVIDER, VERIFICATIONS: AWARDING}


class Story:
    """Requests to the web service over a sample world, with the examples that they make."""

    def __init__(self, world: FakeWorld, send: WebClient) -> None:
        self.world = world
        self.steps = Pipeline(world)
        self.examples: list[Example] = []
        self._send = send
        self._routes = {route.name: route for route in routes()}
        self._tokens: dict[str, str] = {}

    def request(self, name: str, members: Mapping[str, object], sender: str = "", **headers: str) -> Answer:
        """The answer to a request of the system of an organisation; it must be a success."""
        self.world.clock.advance(timedelta(seconds=1))
        answer = self._send.to(self._routes[name], members, self._token(sender) if sender else "", **headers)
        assert answer.status < 400, (name, answer.body)
        return answer

    def tell(self, name: str, members: Mapping[str, object], sender: str = "", **headers: str) -> Any:
        """The answer's document; request and answer are an example."""
        answer = self.request(name, members, sender, **headers)
        document = answer.document if answer.body and "json" in answer.headers["Content-Type"] else None
        sent = {key.replace("_", "-"): value for key, value in headers.items()}
        kept = {key: answer.headers[key] for key in KEPT if key in answer.headers}
        self.examples.append(Example(name, dict(members), sent, answer.status, kept, document, sender))
        return document

    def tell_without_answer(self, name: str, **members: str) -> None:
        """A request for a description: it would contain itself."""
        self.examples.append(Example(name, members, {}, 200, {}, None, ""))

    def _token(self, ukprn: str) -> str:
        if ukprn not in self._tokens:
            self._tokens[ukprn] = self.request("give_token", credential(ukprn)).document["access_token"]
        return self._tokens[ukprn]

    def upload(self, begun: Mapping[str, Any], data: bytes) -> None:
        """Post a file with its form, and let the pipeline process it."""
        key = begun["upload"]["fields"]["key"]
        version = self.world.files.put("inbox", key, data)
        self.steps.split.run(Delivered(Source("inbox", key, version), self.world.clock.advance()))
        self.steps.settle()


def story(told: Story) -> None:
    """Everything that is asked of the service, in turn."""
    told.tell("give_token", credential(AWARDING))
    told.tell("list_token_keys", {})
    told.tell("verify_learner", {**NAMED, **BORN}, AWARDING)
    _learners(told)
    _achievements(told)
    _batches(told, ACHIEVEMENTS)
    _batches(told, VERIFICATIONS)
    _batches(told, LEARNERS)
    told.tell("get_organisation", {"ukprn": AWARDING}, AWARDING)
    _timeliness(told)
    _recovery(told)
    _maintenance(told)
    _service_levels(told)
    told.tell("go_to_reference", {})
    told.tell("health", {})
    for name in ("get_openapi", "read_reference", "read_file_formats"):
        told.tell_without_answer(name)
    told.tell_without_answer("get_template", file="achievements-example.csv")


def _recovery(told: Story) -> None:
    told.tell("invoke_recovery", {"reason": "Loss of the region", "invoked": "2026-07-07T08:30:00Z"}, DESK)
    told.tell("list_recoveries", {}, DESK)
    told.tell("reinstate_service", {}, DESK)


def _timeliness(told: Story) -> None:
    counts = Counts(new_in_time=412, new_extended=18, new_late=3, changed_in_time=27, changed_late=1)
    told.world.timeliness.record([DayCounts(AWARDING, "Merrowdale Awards", date(2026, 7, 6), counts)])
    told.world.timeliness.keep_place(Place(counted=date(2026, 7, 6), settled=date(2026, 6, 23)))
    told.world.outages.record(datetime(2026, 6, 29, 8, tzinfo=UTC), datetime(2026, 6, 29, 10, tzinfo=UTC))
    told.tell("get_timeliness", {"month": "2026-07"}, AWARDING)
    told.tell("get_timeliness_file", {"month": "2026-07"}, AWARDING)


def _service_levels(told: Story) -> None:
    month = Month.of(told.world.clock())
    tallies = Tallies()
    for number in range(400):
        tallies.row(Row("VLD-01", "webservice")).count(90 + number, is_fault=not number)
    told.world.levels.put_month(MonthTallies(month, tallies, hour_of(told.world.clock())))
    told.tell("get_service_levels", {"month": str(month), "function": "VLD-01"}, DESK)


def _maintenance(told: Story) -> None:
    new = {"environment": "live", "kind": "planned", "reason": "Release 2.4"}
    times = {"start": "2026-07-11T20:00:00Z", "end": "2026-07-11T23:00:00Z"}
    window = {"windowId": told.tell("enter_maintenance_window", {**new, **times}, DESK)["window"]["windowId"]}
    told.tell("list_maintenance_windows", {})
    told.tell("get_maintenance_window", window)
    change = {**window, "end": "2026-07-11T22:00:00Z"}
    told.tell("change_maintenance_window", change, DESK, If_Match='"1"')
    told.tell("cancel_maintenance_window", window, DESK, If_Match='"2"')
    told.tell_without_answer("read_maintenance_schedule")


def _learners(told: Story) -> None:
    told.tell("find_by_uln", NAMED, PROVIDER)
    told.tell("find_by_demographics", {**NAMES, **BORN, "lastKnownPostCode": "CV1 2WT"}, PROVIDER)
    told.tell("retrieve_ulns", {"ulns": [ULN.example, SECOND]}, PROVIDER)
    told.tell("register_learner", NEW, PROVIDER)
    similar = {**NEW, **NAMES, **BORN, "familyName": "Okafour", "lastKnownPostCode": "CV1 2WT"}
    pending = told.tell("register_learner", similar, PROVIDER)["pendingId"]
    told.tell("get_learner", {"uln": ULN.example}, PROVIDER)
    told.tell("update_learner", {**NAMED, "emailAddress": "amelia@example.org"}, PROVIDER, If_Match='"1"')
    told.tell("link_learner", {"uln": SECOND, "masterUln": SECOND_MASTER}, DESK)
    told.tell("unlink_learner", {"uln": SECOND}, DESK)
    _records(told)
    told.tell("list_pending_matches", {}, PROVIDER)
    told.tell("get_pending_match", {"pendingId": pending}, PROVIDER)
    told.tell("decide_pending_match", {"pendingId": pending, "decision": "useUln", "uln": ULN.example}, PROVIDER)


def _achievements(told: Story) -> None:
    new = {
        **NAMED,
        "unitOrQualificationReferenceNumber": "600/1234/1",
        "achievementAwardDate": "2026-06-30",
        "grade": "Merit",
        "languageForAssessment": "ENG",
        "providerUkprn": PROVIDER,
        "misIdentifier": "MIS-00017",
    }
    change = {"achievementId": ACHIEVEMENT, **NAMES, "actionDate": "2026-07-06"}
    told.tell("create_achievement", new, AWARDING)
    told.tell("get_achievement", {"achievementId": ACHIEVEMENT}, AWARDING)
    told.tell("update_achievement", {**change, "grade": "Distinction"}, AWARDING, If_Match='"1"')
    told.tell("get_achievement_history", {"achievementId": ACHIEVEMENT}, AWARDING)
    told.tell("withdraw_achievement", {**change, "actionReason": "SUBINERROR"}, AWARDING, If_Match='"2"')
    told.tell("reinstate_achievement", {**change, "actionReason": "SUBINERROR"}, AWARDING, If_Match='"3"')
    _stream(told.world)
    told.tell("list_achievements", {"day": "2026-07-07"}, AWARDING)
    told.tell("list_achievements_of_learner", {"uln": ULN.example}, AWARDING)


def _stream(world: FakeWorld) -> None:
    """What the register's stream has delivered by now."""
    for key, held in world.achievements.held.items():
        states = [held._replace(revision=n, history=held.history[:n]) for n in range(1, held.revision + 1)]
        world.submissions.record([(f"{key}-{state.revision}", submitted_change(state)) for state in states])


def _batches(told: Story, kind: str) -> None:
    word, sender = BATCHES[kind], SENDERS[kind]
    data, plural = EXAMPLES_OF[kind].replace(PROVIDER.encode(), sender.encode(), 1), f"{word}es"
    new = {"filename": f"{kind}-example.csv"}
    begun = told.tell(f"begin_{word}", new, sender)
    job = {"jobId": begun["jobId"]}
    told.upload(begun, data)
    told.tell(f"list_{plural}", {}, sender)
    told.tell(f"get_{word}", job, sender)
    told.tell(f"get_{word}_output", job, sender)
    told.tell(f"list_{word}_records", job, sender)
    faulty = told.request(f"begin_{word}", {"filename": f"{kind}-faulty.csv"}, sender).document
    told.upload(faulty, data.replace(b'"Hughes"', b'"Hughes2"').replace(b"ZZ99 9ZZ", b"ZZ99"))
    told.tell(f"get_{word}_errors", {"jobId": faulty["jobId"]}, sender)
    late = told.request(f"begin_{word}", {"filename": f"{kind}-cancelled.csv"}, sender).document
    told.tell(f"cancel_{word}", {"jobId": late["jobId"]}, sender)
    if kind in INLINE:
        told.tell(f"submit_{word}", INLINE[kind], sender)


def _records(told: Story) -> None:
    found = told.tell("view_record", NAMED, PROVIDER)
    again = dict(parse_qsl(urlsplit(found["links"]["self"]).query))
    told.tell("view_record_again", {"uln": ULN.example, **again}, PROVIDER)
    shared = {"uln": "1000000035", "givenName": "Priya", "familyName": "Sharma"}
    told.tell("request_availability", {**shared, "availability": "OPTED_OUT", "contactType": "FTF"}, PROVIDER)
    told.tell("view_access_log", {**NAMED, "limit": 3}, PROVIDER)
    problem = {
        **NAMED,
        "challengeType": "EVENT_GRADE",
        "learningEvent1Id": found["learningEvents"][0]["id"],
        "supplied": {"achievedGrade": "8"},
        "contactName": "Sam Ford",
        "emailAddress": "sam.ford@example.org",
    }
    told.tell("raise_challenge", problem, PROVIDER)
    told.world.queues.waiting["notices"].clear()  # its email: the pipeline's step is for those about jobs
    told.tell("list_challenges", {"uln": ULN.example}, PROVIDER)


# --- The world --------------------------------------------------------------------------------------------------------


class PresignedFiles(FakeFiles):
    """The fake bucket, with the forms and links of the real one."""

    def __init__(self, world: FakeWorld) -> None:
        super().__init__(world.clock)
        keys = {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "example"}
        client = Clients(Settings(region="eu-west-2"), keys)["s3"]
        self._real = S3Files(lambda: client, lambda bucket: f"lrs-example-{bucket}")

    def upload_form(self, bucket: str, key: str, max_bytes: int, seconds: int) -> UploadForm:
        return self._real.upload_form(bucket, key, max_bytes, seconds)

    def download_link(self, bucket: str, key: str, filename: str, seconds: int) -> str:
        return self._real.download_link(bucket, key, filename, seconds)


class ExampleIds:
    """Identifiers as they look, the same every time."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def __call__(self) -> str:
        digest = sha256(f"example {next(self._numbers)}".encode()).digest()
        return "I" + urlsafe_b64encode(digest[:18]).decode()


@contextmanager
def example_world() -> Iterator[FakeWorld]:
    """The sample world, with credentials and with tokens, identifiers, forms and links as they look in the cloud."""
    world = sample_world()
    made = int((world.clock() - timedelta(days=1)).timestamp())
    seed = urlsafe_b64encode(sha256(b"example").digest()).decode().rstrip("=")
    key = {"kty": "OKP", "crv": "Ed25519", "kid": "20260706-1f3a5c7e", "iat": made, "d": seed}
    world.new_id = ExampleIds()  # type: ignore[assignment]
    world.token_keys = TokenKeys(lambda: json.dumps({"keys": [key]}), world.clock, timedelta(minutes=10))  # type: ignore[assignment]
    world.files = PresignedFiles(world)
    for body in world.accounts.organisations.values():
        named = credential(body.ukprn)
        world.credential_table.held[named["client_id"]] = Credential(
            credential_id=named["client_id"],
            ukprn=body.ukprn,
            name=f"{body.organisation_ref}-system",
            secret_digest=secret_digest(named["client_secret"]),
            scopes=grantable_scopes(body),
            created_at=world.clock(),
            created_by="tests",
            expires_at=world.clock() + timedelta(days=365),
        )

    def now(*_: object, **__: object) -> datetime:
        return world.clock().astimezone(UTC).replace(tzinfo=None)

    with ExitStack() as patched:
        for place in ("auth.get_current_datetime", "signers.get_current_datetime"):
            patched.enter_context(mock.patch(f"botocore.{place}", now))
        yield world


def credential(ukprn: str) -> dict[str, str]:
    """The request for a token of an organisation's system."""
    return {
        "grant_type": "client_credentials",
        "client_id": f"{ukprn}-4Jq7Xw2e",
        "client_secret": "as-it-was-shown-when-it-was-issued",
    }


def recorded() -> list[Example]:
    """The examples, made anew."""
    with redirect_stdout(StringIO()), example_world() as world, web_client(world, "") as send:
        told = Story(world, send)
        story(told)
    return told.examples


def text_of(examples: list[Example]) -> str:
    """The examples as they are kept."""
    return json.dumps([one._asdict() for one in examples], indent=1, ensure_ascii=False) + "\n"


def main() -> int:
    """Write the file of examples."""
    RECORDED.write_text(text_of(recorded()), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
