"""What starts functions in an account stops for a restore, in its order, and just that starts again (SLA-07)."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from boto3.session import Session

from local.commands import restore
from local.commands.restored_order import Place
from local.commands.restored_starts import Starts, Switches
from local.commands.restored_tables import RestoreError
from local.emulated.account import Account
from local.emulated.provision import provision
from local.emulated.stack import REGION, load_stack

pytestmark = pytest.mark.req("SLA-07")
PREFIX = "lrs-dev"
TRUST = '{"Version": "2012-10-17", "Statement": []}'
AT = "--environment", "dev"
MOMENT = "--moment", "2026-11-27T05:00:00Z"


class Environment:
    """An account as Terraform leaves it, with a clock that only waiting moves."""

    def __init__(self, session: Session) -> None:
        self.account = Account(session, PREFIX, load_stack())
        self.now = datetime.now(UTC)
        self.waited: list[float] = []
        provision(self.account.stack, PREFIX, self.account.client, ("dynamodb", "s3", "sqs"))
        self._make_functions()
        self._make_mappings()
        self._make_schedules()
        self.aws = self.account._clients["lambda"] = Slow(self.account.client("lambda"), looks=20)
        self.switches = Switches(self.account, lambda: self.now, self.wait)

    def wait(self, seconds: float) -> None:
        self.waited.append(seconds)
        self.now += timedelta(seconds=seconds)

    def run(self, step: str, *more: str) -> int:
        return restore.main([step, *AT, *more], clock=lambda: self.now, wait=self.wait)

    def reported(self) -> None:
        """Note the steps up to the report as done."""
        place = Place(self.account)
        place.write(replace(place.read(), moment="2026-11-27T05:00:00Z", done=("stop", "tables", "objects", "report")))

    def set_mapping(self, function: str, *, is_on: bool) -> None:
        (found,) = self.switches._mappings(function)
        self.account.client("lambda").update_event_source_mapping(UUID=found["UUID"], Enabled=is_on)

    def _make_functions(self) -> None:
        role = self.account.client("iam").create_role(RoleName="made", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("app.py", "")
        aws, code = self.account.client("lambda"), {"ZipFile": packed.getvalue()}
        for name in self.account.stack.functions:
            given = {"Runtime": "python3.13", "Role": role, "Handler": "app.app", "Code": code}
            aws.create_function(FunctionName=f"{PREFIX}-{name}", **given)
            self.account.client("logs").create_log_group(logGroupName=f"/aws/lambda/{PREFIX}-{name}")
        aws.put_function_concurrency(FunctionName=f"{PREFIX}-watch_jobs", ReservedConcurrentExecutions=1)

    def _make_mappings(self) -> None:
        aws, sqs = self.account.client("lambda"), self.account.client("sqs")
        for mapping in self.account.stack.queue_mappings():
            address = sqs.get_queue_url(QueueName=f"{PREFIX}-{mapping.queue}")["QueueUrl"]
            arn = sqs.get_queue_attributes(QueueUrl=address, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
            aws.create_event_source_mapping(EventSourceArn=arn, FunctionName=f"{PREFIX}-{mapping.function.name}")
        table = self.account.client("dynamodb").describe_table(TableName=f"{PREFIX}-register")["Table"]
        stream = {"EventSourceArn": table["LatestStreamArn"], "StartingPosition": "TRIM_HORIZON"}
        aws.create_event_source_mapping(FunctionName=f"{PREFIX}-record_audit", **stream)

    def _make_schedules(self) -> None:
        scheduler = self.account.client("scheduler")
        scheduler.create_schedule_group(Name=PREFIX)
        for schedule in self.account.stack.schedules():
            scheduler.create_schedule(
                Name=schedule.name,
                GroupName=PREFIX,
                Description=f"Starts {schedule.function.name}.",
                ScheduleExpression="rate(5 minutes)",
                State="ENABLED",
                FlexibleTimeWindow={"Mode": "OFF"},
                Target={"Arn": f"arn:aws:lambda:{REGION}:123456789012:function:f", "RoleArn": "arn:aws:iam::1:role/r"},
            )


class Slow:
    """Lambda's client; a changed mapping is still changing at the next looks at it, as on AWS."""

    def __init__(self, client: Any, looks: int) -> None:
        self._client = client
        self._looks = looks
        self._left: dict[str, int] = {}
        self.order: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def update_event_source_mapping(self, UUID: str, Enabled: bool) -> Any:  # noqa: N803 - AWS's names
        assert not self._left.get(UUID), "AWS refuses to change a mapping that is changing"
        self._left[UUID] = self._looks
        self.order.append(f"mapping {Enabled}")
        return self._client.update_event_source_mapping(UUID=UUID, Enabled=Enabled)

    def put_function_concurrency(self, FunctionName: str, ReservedConcurrentExecutions: int) -> Any:  # noqa: N803
        self.order.append(f"{FunctionName} {ReservedConcurrentExecutions}")
        given = {"FunctionName": FunctionName, "ReservedConcurrentExecutions": ReservedConcurrentExecutions}
        return self._client.put_function_concurrency(**given)

    def get_paginator(self, operation: str) -> Any:
        assert operation == "list_event_source_mappings"
        return self

    def paginate(self) -> Iterator[Any]:
        for page in self._client.get_paginator("list_event_source_mappings").paginate():
            yield {"EventSourceMappings": [self._shown(one) for one in page["EventSourceMappings"]]}

    def _shown(self, one: dict[str, Any]) -> dict[str, Any]:
        if not self._left.get(one["UUID"]):
            return one
        self._left[one["UUID"]] -= 1
        return one | {"State": "Enabling" if one["State"] == "Enabled" else "Disabling"}


@pytest.fixture
def environment(simulated_account: Session, monkeypatch: pytest.MonkeyPatch) -> Environment:
    made = Environment(simulated_account)
    monkeypatch.setattr(restore, "chosen_place", lambda _chosen: made.account)
    return made


def test_after_stop_nothing_can_run_but_what_reads_a_stream(environment: Environment) -> None:
    assert environment.run("stop") == 0
    found = environment.switches.found()
    assert found.schedules == frozenset()
    assert found.mappings == found.functions == {"record_audit"}
    assert environment.waited, "it waits until AWS has switched the mappings off"
    order = environment.aws.order
    last = max(place for place, one in enumerate(order) if one == "mapping False")
    limited = [order.index(f"{PREFIX}-{mapping.function.name} 0") for mapping in load_stack().queue_mappings()]
    assert min(limited) > last, "a function that may not run would send its messages back until they are dead letters"


def test_just_what_could_run_before_runs_again(environment: Environment) -> None:
    scheduler = environment.account.client("scheduler")
    environment.set_mapping("send_notice", is_on=False)
    environment.account.client("lambda").put_function_concurrency(
        FunctionName=f"{PREFIX}-import_events", ReservedConcurrentExecutions=0
    )
    off = scheduler.get_schedule(Name="report_levels", GroupName=PREFIX)
    kept = {key: off[key] for key in ("Name", "GroupName", "ScheduleExpression", "FlexibleTimeWindow", "Target")}
    scheduler.update_schedule(**kept, State="DISABLED")
    before = environment.switches.found()
    whole = scheduler.get_schedule(Name="watch_jobs", GroupName=PREFIX)
    assert environment.run("stop") == 0
    environment.switches.stop_streams()
    assert not environment.switches.found().described()
    environment.switches.start(Place(environment.account).read().starts)
    assert environment.switches.found() == before
    assert "send_notice" not in before.mappings
    assert "report_levels" not in before.schedules
    again = scheduler.get_schedule(Name="watch_jobs", GroupName=PREFIX)
    assert {key: again[key] for key in kept} | {"Description": again["Description"]} == {
        key: whole[key] for key in (*kept, "Description")
    }


def test_a_stop_that_was_interrupted_is_repeated_and_forgets_nothing(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = environment.switches.found()
    with monkeypatch.context() as patched:
        patched.setattr(Switches, "_limit", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            environment.run("stop")
    assert environment.switches.found().schedules == frozenset(), "it has switched something off already"
    assert environment.run("tables", *MOMENT) == 1
    assert environment.run("stop") == 0
    assert environment.run("stop") == 0
    assert Place(environment.account).read().starts == before


def test_a_mapping_that_never_settles_is_named_after_a_quarter_of_an_hour(environment: Environment) -> None:
    environment.aws._looks = 10_000
    with pytest.raises(RestoreError, match="apply_chunk is still Disabling"):
        environment.switches.stop()
    assert sum(environment.waited) == timedelta(minutes=15).total_seconds()


def test_what_a_deployment_has_started_again_is_named_before_tables_or_objects_change(
    environment: Environment, capsys: pytest.CaptureFixture[str]
) -> None:
    assert environment.run("stop") == 0
    environment.set_mapping("apply_chunk", is_on=True)
    assert environment.run("tables", *MOMENT) == 1
    assert "mappings of apply_chunk. Repeat stop, then tables." in capsys.readouterr().err


def test_without_a_mapping_of_the_new_stream_nothing_is_resumed(
    environment: Environment, capsys: pytest.CaptureFixture[str]
) -> None:
    assert environment.run("stop") == 0
    environment.reported()
    (found,) = environment.switches._mappings("record_audit")
    environment.account.client("lambda").delete_event_source_mapping(UUID=found["UUID"])
    assert environment.run("resume", *MOMENT) == 1
    assert 'the stream of register. First: make deploy ARGS="-var stopped=true"' in capsys.readouterr().err
    assert environment.switches.found().mappings == frozenset()


def test_a_resume_that_was_interrupted_is_repeated_and_lets_nothing_be_taken_away(
    environment: Environment, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = environment.switches.found()
    assert environment.run("stop") == 0
    environment.switches.stop_streams()
    environment.reported()
    with monkeypatch.context() as patched:
        patched.setattr(Switches, "_set_mappings", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            environment.run("resume", *MOMENT)
    assert environment.switches.found().functions, "it has started something already"
    assert environment.run("objects", *MOMENT) == 1
    assert "objects comes before resume, which is done or has begun" in capsys.readouterr().err
    assert environment.run("resume", *MOMENT) == 0
    assert environment.switches.found() == before
    environment.set_mapping("send_notice", is_on=False)
    assert environment.run("resume", *MOMENT) == 0
    assert "send_notice" not in environment.switches.found().mappings, "what was switched off since stays so"
    assert environment.run("clean", *MOMENT) == 0
    assert environment.run("objects", *MOMENT) == 1


def test_no_restore_has_begun_where_nothing_is_kept(environment: Environment) -> None:
    assert Place(environment.account).read().starts == Starts()


def test_a_note_that_somebody_has_changed_is_named_before_anything_is_stopped(
    environment: Environment, capsys: pytest.CaptureFixture[str]
) -> None:
    before, notes = environment.switches.found(), environment.account.client("ssm")
    for text in ("restored by hand", "[]", "{}", '{"starts": {}, "done": []}'):
        notes.put_parameter(Name=f"/restore/{PREFIX}", Value=text, Type="String", Overwrite=True)
        assert environment.run("stop") == 1, text
        assert "aws ssm get-parameter-history --name /restore/lrs-dev" in capsys.readouterr().err
    assert environment.switches.found() == before
