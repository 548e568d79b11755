"""The examples of the reference, pasted in the order of the page: each succeeds and needs only what has been shown."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from typing import Any, NamedTuple

import pytest

from chalicelib.domain.jobs import ACHIEVEMENTS, Source
from chalicelib.ports.messages import Delivered
from chalicelib.web.described import developers
from chalicelib.web.described.openapi import document
from chalicelib.web.rest.table import routes
from tests.builders.sample_world import AWARDING
from tests.builders.web import WebClient, web_client
from tests.recorded_examples import EXAMPLES_OF, Story, credential, example_world

pytestmark = pytest.mark.req("VAL-03")

WITHOUT_ERRORS = ["getAchievementBatchErrors", "getLearnerBatchErrors", "getVerificationBatchErrors"]
"""The examples are accepted, and the reference says that there is no error file then."""


class Pasted(NamedTuple):
    """An example of an operation in curl."""

    operation: str
    sender: str
    curl: str


class ExampleReader(HTMLParser):
    """Gathers the curl examples of a reference, in its order."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Pasted] = []
        self._operation = self._sender = self._label = self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag
        if tag == "article":
            self._operation, self._sender = dict(attrs)["id"] or "", ""

    def handle_data(self, data: str) -> None:
        if wanted := re.search(r"Token for the example: (\d{8})", data):
            self._sender = wanted[1]
        if self._inside == "figcaption":
            self._label = data
        if self._inside == "code" and self._operation and self._label.startswith("curl"):
            self.found.append(Pasted(self._operation, self._sender, data))
            self._label = ""


class Terminal:
    """Sends what is pasted, and keeps the reader's variables."""

    def __init__(self, story: Story, send: WebClient) -> None:
        self._story, self._send = story, send
        self._delivered: set[str] = set()
        self.variables = {"HOST": ""}

    def token(self, ukprn: str) -> None:
        client = credential(ukprn)
        self.variables |= {"CLIENT_ID": client["client_id"], "CLIENT_SECRET": client["client_secret"]}
        self.variables["TOKEN"] = self._story.request("give_token", client).document["access_token"]

    def paste(self, curl: str) -> int:
        """The status of the response; KeyError for a variable that no response has shown."""
        self._story.world.clock.advance()
        method, address, headers, body = request_of(re.sub(r"\$([A-Z_]+)", lambda name: self.variables[name[1]], curl))
        answer = self._send(method, address, body, "", **headers)
        self._keep(answer.document if answer.body.startswith("{") else {})
        self._process()
        return answer.status

    def upload(self) -> None:
        """What the section about sending a file does."""
        begun = self._story.request("begin_achievement_batch", {"filename": "achievements-example.csv"}, AWARDING)
        self._story.world.files.put("inbox", begun.document["upload"]["fields"]["key"], EXAMPLES_OF[ACHIEVEMENTS])
        self._process()
        self._keep(begun.document)

    def _process(self) -> None:
        """Deliver the files that have been sent since, and let the pipeline process them."""
        world, steps = self._story.world, self._story.steps
        for (bucket, key), held in list(world.files.held.items()):
            if bucket == "inbox" and key not in self._delivered:
                self._delivered.add(key)
                steps.split.run(Delivered(Source(bucket, key, held[-1].version), world.clock()))
        world.queues.waiting["notices"].clear()  # emails, some of them not about jobs
        steps.settle()

    def _keep(self, answer: Mapping[str, Any]) -> None:
        shown = {
            "JOB_ID": answer.get("jobId"),
            "PENDING_ID": answer.get("pendingId"),
            "WINDOW_ID": answer.get("window", {}).get("windowId"),
            "EVENT_ID": next((event["id"] for event in answer.get("learningEvents", ())), None),
            "ACCESS": next(iter(re.findall(r"access=([^&\"]+)", json.dumps(answer))), None),
        }
        self.variables |= {name: str(value) for name, value in shown.items() if value}


def request_of(curl: str) -> tuple[str, str, dict[str, str], bytes | None]:
    """The method, address, headers and body of a command."""
    words = iter(shlex.split(curl.replace("\\\n", " ")))
    assert next(words) == "curl"
    method, address, headers, parts = "GET", "", {}, []
    for word in words:
        if word == "--request":
            method = next(words)
        elif word == "--header":
            name, _, value = next(words).partition(": ")
            headers[name.replace("-", "_")] = value
        elif word in ("--data", "--data-urlencode"):
            parts.append(next(words))
        else:
            assert not address, word
            address = word
    if parts and "Content_Type" not in headers:
        headers["Content_Type"] = "application/x-www-form-urlencoded"
    return method, address, headers, "&".join(parts).encode() if parts else None


def shown() -> list[Pasted]:
    reader = ExampleReader()
    reader.feed(developers.page(document(routes())))
    return reader.found


@pytest.fixture(name="terminal")
def a_terminal() -> Iterator[Terminal]:
    with example_world() as world, web_client(world, "") as send:
        yield Terminal(Story(world, send), send)


def test_every_example_can_be_pasted_in_the_order_of_the_page(terminal: Terminal) -> None:
    terminal.upload()
    terminal.token(AWARDING)
    sender, failed = AWARDING, []
    for one in shown():
        if one.sender not in ("", sender):
            sender = one.sender
            terminal.token(sender)
        status = terminal.paste(one.curl)
        if status >= 400:
            failed.append((one.operation, status))
    assert failed == [(name, 404) for name in WITHOUT_ERRORS]


@pytest.mark.parametrize(
    "job",
    [
        pytest.param(("verifyLearner",), id="verify"),
        pytest.param(
            (
                "createAchievement", "listAchievements", "getAchievement", "updateAchievement", "getAchievementHistory",
                "withdrawAchievement", "reinstateAchievement",
            ),
            id="a single life cycle",
        ),
        pytest.param(("findByUln", "registerLearner", "getLearner", "updateLearner"), id="register and update"),
        pytest.param(
            ("registerLearner", "listPendingMatches", "getPendingMatch", "decidePendingMatch"), id="pending match"
        ),
        pytest.param(
            ("viewRecord", "viewRecordAgain", "viewAccessLog", "raiseChallenge", "listChallenges"), id="record"
        ),
        pytest.param(
            ("submitLearnerBatch", "getLearnerBatch", "listLearnerBatchRecords", "getLearnerBatchOutput"),
            id="inline batch",
        ),
    ],
)  # fmt: skip
def test_the_examples_of_a_job_alone_can_be_pasted_into_a_new_service(terminal: Terminal, job: tuple[str, ...]) -> None:
    pasted = [one for one in shown() if one.operation in job]
    assert list(dict.fromkeys(one.operation for one in pasted)) == list(job), "the page has them in another order"
    terminal.token(pasted[0].sender)
    assert [one.operation for one in pasted if terminal.paste(one.curl) >= 400] == []
