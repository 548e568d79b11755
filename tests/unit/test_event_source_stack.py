"""The description of the cloud is checked completely before anything is created from it."""

from __future__ import annotations

import copy
import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from chalicelib.grants import STACK_FILE
from chalicelib.settings import settable, variable
from local.emulated.stack import Stack, StackError, environment, load_stack, queue_url
from local.emulated.stack_check import rate_seconds

if TYPE_CHECKING:
    from collections.abc import Callable


def described() -> dict[str, Any]:
    return copy.deepcopy(json.loads(STACK_FILE.read_text(encoding="utf-8")))


def test_the_description_is_valid_and_sorted() -> None:
    load_stack()
    text = STACK_FILE.read_text(encoding="utf-8")
    assert text == written(json.loads(text))


def written(description: dict[str, Any]) -> str:
    """Sorted, and a list of names on one line."""
    text = json.dumps(description, indent=2, sort_keys=True) + "\n"
    return re.sub(r'(?<=\[)\s*"[^][{}]*"\s*(?=\])', lambda names: re.sub(r"\s*\n\s*", " ", names[0]).strip(), text)


def test_every_queue_that_feeds_a_function_has_a_dead_letter_queue_and_partial_answers() -> None:
    stack = load_stack()
    for mapping in stack.queue_mappings():
        assert "deadLetterQueue" in stack.queues[mapping.queue]
        assert mapping.report_batch_item_failures
    for stream in stack.stream_mappings():
        assert stream.failure_bucket in stack.buckets


def test_messages_that_failed_are_kept_longer_than_the_others() -> None:
    queues = load_stack().queues
    for queue in queues.values():
        if "deadLetterQueue" in queue:
            assert queues[queue["deadLetterQueue"]]["retentionSeconds"] > queue["retentionSeconds"]


def set_(*path: Any, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(description: dict[str, Any]) -> None:
        place: Any = description
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value

    return change


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (set_("surprise", value=1), "stack.surprise: unknown"),
        (set_("tracing", value="Sometimes"), "tracing: must be Active or PassThrough"),
        (set_("tables", "register", "colour", value="red"), "tables.register.colour: unknown"),
        (set_("tables", "register", "pointInTimeRecovery", value="yes"), "pointInTimeRecovery: wrong type"),
        (set_("tables", "register", "stream", value="ALL"), "tables.register.stream"),
        (set_("tables", "Register!", value={}), "tables.Register!: not a name"),
        (set_("queues", "intake", "visibilitySeconds", value=True), "queues.intake.visibilitySeconds: wrong type"),
        (set_("queues", "intake", "visibilitySeconds", value=60), "six times"),
        (set_("queues", "intake", "deadLetterQueue", value="nowhere"), "queues.intake.deadLetterQueue: no such queue"),
        (
            set_(
                "queues",
                "chunks",
                value={"retentionSeconds": 1, "visibilitySeconds": 900, "waitSeconds": 20, "maxReceiveCount": 3},
            ),
            "together",
        ),
        (set_("buckets", "inbox", "notifications", 0, "queue", value="nowhere"), "no such queue"),
        (set_("buckets", "inbox", "scan", value={}), "buckets.inbox.scan.queue: missing"),
        (set_("buckets", "inbox", "scan", "queue", value="nowhere"), "buckets.inbox.scan.queue: no such queue"),
        (
            set_("buckets", "inbox", "scan", "prefixes", value=["drop/"]),
            "under upload/ would be read and never be scanned",
        ),
        (set_("buckets", "inbox", "scan", "prefixes", value=["drop/", "upload/", *"abcd"]), "scan.prefixes: 1 to 5"),
        (set_("buckets", "inbox", "scan", "setting", value="LRS_TRIES"), "scan.setting: not among the settings"),
        (set_("buckets", "inbox", "versioned", value=False), "only a version of an object can be scanned"),
        (set_("buckets", "work", "expiry", 0, "days", value="7"), "days: not a number or a setting of days"),
        (set_("buckets", "work", "expiry", 0, "days", value="LRS_TRIES"), "days: not a number or a setting of days"),
        (set_("settings", value={}), "expiry.days: LRS_INBOX_DAYS is not among the settings of every function"),
        (set_("buckets", "work", "expiry", 0, "days", value=8), "personal data in work objects are kept for 7 days"),
        (
            set_("logGroups", "access-web", "retentionDays", value=7),
            "logGroups.access-web.retentionDays: not a number of days",
        ),
        (set_("metrics", value={}), "metrics.namespace: missing"),
        (
            set_("functions", "report_levels", "grants", "logGroups", value={"other": []}),
            "no such resource in logGroups",
        ),
        (set_("mappings", 0, "function", value="nobody"), "mappings[0].function: no such function"),
        (set_("surfaces", "web", "function", value="nobody"), "surfaces.web.function: no such function"),
        (
            set_("surfaces", "web", "compressFrom", value=10_485_761),
            "surfaces.web.compressFrom: not from 0 to 10485760 bytes",
        ),
        (set_("mappings", 0, "batchSize", value=50), "needs a batching window"),
        (set_("mappings", 0, "maximumConcurrency", value=1), "2 to 1000"),
        (set_("mappings", 4, "table", value="jobs"), "no such table, or it has no stream"),
        (set_("mappings", 4, "failureBucket", value="nowhere"), "mappings[4].failureBucket: no such bucket"),
        (set_("mappings", 4, "parallelizationFactor", value=11), "1 to 10"),
        (set_("mappings", 4, "maximumRetryAttempts", value=-2), "-1 for no limit"),
        (set_("mappings", 4, "maximumRecordAgeSeconds", value=86_400), "less than the stream's 24 hours"),
        (set_("mappings", 4, "metrics", value=["Sometimes"]), "only EventCount"),
        (set_("schedules", "watch_jobs", "rate", value="5 minutes"), "not a rate"),
        (set_("functions", "split_batch", "recursiveLoop", value="Terminate"), "must be Allow"),
        (
            set_("functions", "finish_batch", "grants", "buckets", "work", value=[]),
            "functions.finish_batch.grants.buckets.work: needs ListBucket",
        ),
        (set_("functions", "send_notice", "environment", value=[]), "functions.send_notice.environment: unknown"),
        (set_("functions", "send_notice", "timeoutSeconds", value=901), "1 to 900"),
        (set_("functions", "send_notice", "handler", value="handler"), "module.attribute"),
    ],
)
def test_a_fault_is_named_with_its_place(change: Callable[[dict[str, Any]], None], fault: str) -> None:
    description = described()
    change(description)
    with pytest.raises(StackError) as error:
        Stack(description)
    assert fault in str(error.value)


@pytest.mark.parametrize(
    ("grant", "fault"),
    [
        (("topics", "news", ["Publish"]), "functions.api.grants.topics: unknown"),
        (("tables", "learners", ["GetItem"]), "functions.api.grants.tables.learners: there is no such resource"),
        (("tables", "jobs", ["DeleteTable"]), "functions.api.grants.tables.jobs: DeleteTable cannot be granted"),
        (("tables", "jobs", ["dynamodb:*"]), "dynamodb:* cannot be granted"),
        (("tables", "jobs", ["PutItem", "GetItem"]), "each action must be named once, in order"),
        (("tables", "jobs", ["GetItem", "GetItem"]), "each action must be named once, in order"),
        (("tables", "jobs", "GetItem"), "functions.api.grants.tables.jobs: wrong type"),
        (("tables", "audit", ["PutItem"]), "functions.api.grants.tables.audit: PutItem cannot be granted"),
        (("tables", "jobs/index/by_day", ["Query"]), "a part of a table is index/NAME"),
        (("tables", "jobs/index/open_jobs", ["PutItem"]), "PutItem cannot be granted"),
        (("tables", "levels/keys/OUTAGE#2026", ["Query"]), "a part of a table is index/NAME, keys/WORD or keys/WORD#*"),
        (("tables", "levels/keys/*", ["Query"]), "a part of a table is index/NAME, keys/WORD or keys/WORD#*"),
        (("tables", "levels/keys/MONTHS", ["Scan"]), "Scan cannot be granted"),
        (("tables", "audit/keys/ULN#*", ["PutItem"]), "PutItem cannot be granted"),
        (("buckets", "inbox", ["GetObject"]), "functions.api.grants.buckets.inbox: GetObject cannot be granted"),
        (("buckets", "inbox/drop/*", ["ListBucket"]), "ListBucket cannot be granted"),
        (("buckets", "inbox/drop", ["GetObject"]), "a part of a bucket PREFIX/*"),
        (("queues", "chunks", ["PurgeQueue"]), "PurgeQueue cannot be granted"),
        (("secrets", "cursor-key", ["PutSecretValue"]), "PutSecretValue cannot be granted"),
        (("mail", "desk", ["SendEmail"]), "functions.api.grants.mail.desk: there is no such resource"),
    ],
)
def test_a_grant_that_leads_nowhere_or_too_far_is_refused(grant: tuple[str, str, Any], fault: str) -> None:
    kind, resource, actions = grant
    description = described()
    description["functions"]["api"]["grants"].setdefault(kind, {})[resource] = actions
    with pytest.raises(StackError) as error:
        Stack(description)
    assert fault in str(error.value)


EVERY_SETTING = {
    "AWS_CA_BUNDLE": "/etc/roots.pem",
    "LRS_ALARM_PREFIX": "lrs-x-",
    "LRS_CHUNK_RECORDS": "200",
    "LRS_CONNECT_TIMEOUT": "0.5",
    "LRS_ENVIRONMENT": "compatibility",
    "LRS_IDLE_MINUTES": "20",
    "LRS_INBOX_DAYS": "10",
    "LRS_JOB_DAYS": "20",
    "LRS_LINK_MINUTES": "30",
    "LRS_LISTS_PREFIX": "lists/",
    "LRS_LOG_LEVEL": "WARNING",
    "LRS_ONE_TIME_DAYS": "7",
    "LRS_PACE_BATCHES": "1/10",
    "LRS_PACE_SIGN_INS": "0.1/10",
    "LRS_PACE_SINGLE": "10/100",
    "LRS_PACE_SOURCES": "5/50",
    "LRS_PACE_TOKENS": "1/5",
    "LRS_PASSWORD_DAYS": "30",
    "LRS_PORTAL_URL": "https://portal.example",
    "LRS_PROBE_URL": "https://service.example/health",
    "LRS_READ_TIMEOUT": "5",
    "LRS_RESULT_DAYS": "30",
    "LRS_REQUIRE_CLIENT_CERT": "true",
    "LRS_SCAN_UPLOADS": "true",
    "LRS_SERVICE_DESK_EMAIL": "desk@example.org",
    "LRS_SERVICE_DESK_HOURS": "Monday to Friday, 8am to 6pm",
    "LRS_SERVICE_DESK_TELEPHONE": "01632 960001",
    "LRS_SERVICE_MANAGER_EMAIL": "manager@example.org",
    "LRS_SERVICE_OWNER_EMAIL": "owner@example.org",
    "LRS_SESSION_HOURS": "8",
    "LRS_TOKEN_AUDIENCE": "urn:example:api",
    "LRS_TOKEN_ISSUER": "urn:example",
    "LRS_TOKEN_MINUTES": "5",
    "LRS_TRIES": "2",
    "LRS_WELSH_NAMES": "true",
    "LRS_WRONG_ENTRIES": "5",
}


def test_every_setting_can_be_described_for_all_functions_and_for_one() -> None:
    assert EVERY_SETTING.keys() == {variable(spec.name) for spec in settable()} - {"AWS_REGION", "AWS_ENDPOINT_URL"}
    description = described()
    description["settings"] = dict(EVERY_SETTING)
    description["functions"]["api"]["settings"] = {"LRS_TRIES": "7"}
    stack = Stack(description)
    assert stack.functions["watch_jobs"].settings == EVERY_SETTING
    assert stack.functions["api"].settings == EVERY_SETTING | {"LRS_TRIES": "7"}
    assert EVERY_SETTING.keys() <= set(stack.functions["api"].environment)
    variables = environment(stack, "lrs-x", "http://127.0.0.1:1")
    assert (variables["LRS_PACE_SINGLE"], variables["LRS_TRIES"]) == ("10/100", "7")


def test_settings_may_have_other_values_in_an_environment() -> None:
    stack = load_stack(settings={"LRS_PORTAL_URL": "http://127.0.0.1:9", "LRS_TRIES": "4"})
    assert stack.functions["send_notice"].settings["LRS_PORTAL_URL"] == "http://127.0.0.1:9"
    assert "LRS_PORTAL_URL" not in stack.functions["api"].settings
    assert {function.settings["LRS_TRIES"] for function in stack.functions.values()} == {"4"}


@pytest.mark.parametrize(
    ("name", "value", "fault"),
    [
        ("LRS_SURPRISE", "1", "settings.LRS_SURPRISE: there is no such setting"),
        ("AWS_REGION", "eu-west-1", "settings.AWS_REGION: there is no such setting"),
        ("LRS_TABLE_JOBS", "jobs", "settings.LRS_TABLE_JOBS: follows from the grants"),
        ("LRS_TRIES", 3, "settings.LRS_TRIES: must be a text"),
        ("LRS_TRIES", " ", "settings.LRS_TRIES: must be a text"),
        ("LRS_TRIES", "99", "settings: LRS_TRIES is not from 1 to 10"),
        ("LRS_PACE_SINGLE", "fast", "settings: LRS_PACE_SINGLE cannot be read"),
        ("LRS_REQUIRE_CLIENT_CERT", "yes", "settings: LRS_REQUIRE_CLIENT_CERT cannot be read"),
        ("LRS_LOG_LEVEL", "LOUD", "settings: LRS_LOG_LEVEL cannot be read"),
        ("LRS_LISTS_PREFIX", "own/", "settings.LRS_LISTS_PREFIX: no function is granted catalogue/own/*"),
    ],
)
def test_a_setting_that_functions_would_refuse_is_refused(name: str, value: Any, fault: str) -> None:
    for place in ("", "functions.api."):
        description = described()
        part = description["functions"]["api"] if place else description
        part["settings"] = {name: value}
        with pytest.raises(StackError) as error:
            Stack(description)
        assert f"{place}{fault}" in str(error.value)


def test_every_fault_is_reported_at_once() -> None:
    description = described()
    description["functions"]["send_notice"]["timeoutSeconds"] = 0
    description["schedules"]["watch_jobs"]["rate"] = "daily"
    with pytest.raises(StackError) as error:
        Stack(description)
    assert len(error.value.faults) == 2


@pytest.mark.parametrize(
    ("rate", "seconds"), [("rate(1 minute)", 60), ("rate(5 minutes)", 300), ("rate(2 days)", 172800)]
)
def test_a_rate_is_reported_in_seconds(rate: str, seconds: int) -> None:
    assert rate_seconds(rate) == seconds


@pytest.mark.parametrize("rate", ["rate(0 minutes)", "rate(5)", "cron(0 8 * * ? *)", ""])
def test_an_invalid_rate_is_refused(rate: str) -> None:
    with pytest.raises(ValueError, match="not a rate"):
        rate_seconds(rate)


def test_functions_find_every_resource_by_a_variable() -> None:
    variables = environment(load_stack(), "lrs-x", "http://127.0.0.1:1")
    assert variables["LRS_TABLE_REGISTER"] == "lrs-x-register"
    assert variables["LRS_BUCKET_INBOX"] == "lrs-x-inbox"
    assert variables["LRS_QUEUE_CHUNKS"] == queue_url("http://127.0.0.1:1", "lrs-x", "chunks")
    assert variables["LRS_QUEUE_CHUNKS_DEAD"].endswith("lrs-x-chunks-dead")
    assert variables["AWS_ENDPOINT_URL"] == "http://127.0.0.1:1"
    assert variables["LRS_MAIL_SENDER"] == load_stack().sender
    assert variables["LRS_SECRET_CURSOR_KEY"] == "lrs-x-cursor-key"


def test_a_function_is_given_the_variables_of_what_it_is_granted_and_its_settings() -> None:
    assert load_stack().functions["send_notice"].environment == (
        "LRS_INBOX_DAYS",
        "LRS_MAIL_SENDER",
        "LRS_PORTAL_URL",
        "LRS_QUEUE_NOTICES",
        "LRS_RESULT_DAYS",
        "LRS_SERVICE_DESK_EMAIL",
        "LRS_TABLE_ACCOUNTS",
        "LRS_TABLE_CASEWORK",
        "LRS_TABLE_JOBS",
        "LRS_TABLE_LEVELS",
        "LRS_TABLE_REGISTER",
    )


@pytest.mark.req("SEC-03")
def test_a_bucket_is_only_scanned_where_the_setting_says_so() -> None:
    assert load_stack().buckets["inbox"]["scan"]["queue"] == "intake"
    assert "scan" not in load_stack(settings={"LRS_SCAN_UPLOADS": "false"}).buckets["inbox"]
