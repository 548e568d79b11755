"""The maintenance schedule over the web service, and what is closed during maintenance."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.access import Role
from chalicelib.domain.maintenance import KEPT, MOST, REMEMBERED, Environment, Window, WindowKind
from chalicelib.ports.levels import Schedule
from chalicelib.reference import Lists, Sources
from tests.builders.organisations import OURS, organisation, provider
from tests.builders.web import TOKEN, WebClient, admit, token_of, web_client
from tests.fakes import START, FakeWorld

pytestmark = pytest.mark.req("SLA-05")

DESK = "90000009"
MANAGER = token_of("manager")
PATH = "/v1/maintenance-windows"
TONIGHT: dict[str, Any] = {
    "environment": "live",
    "kind": "planned",
    "start": "2026-03-02T20:00:00Z",
    "end": "2026-03-02T22:00:00Z",
    "reason": "Release 2.4",
}
EMERGENCY = TONIGHT | {"kind": "emergency", "start": "2026-03-02T09:00:00Z", "end": "2026-03-02T11:00:00Z"}
CLOSED_ROUTE = ("GET", f"/v1/organisations/{OURS}")


@pytest.fixture
def world() -> FakeWorld:
    world = FakeWorld()
    world.accounts.put(organisation(OURS))
    world.accounts.put(provider(DESK, is_service_desk=True))
    admit(world, OURS, Role.QCF_USER)
    admit(world, DESK, Role.SERVICE_MANAGER, token=MANAGER)
    return world


def enter(send: WebClient, body: dict[str, Any]) -> Any:
    answer = send("POST", PATH, body, token=MANAGER)
    assert answer.status == 201, answer.body
    return answer


def test_a_window_is_entered_and_published_at_once(world: FakeWorld, send: WebClient) -> None:
    entered = enter(send, TONIGHT)
    window = entered.document["window"]
    assert entered.headers["Location"] == window["links"]["self"] == f"{PATH}/{window['windowId']}"
    assert window == {
        "windowId": window["windowId"],
        "environment": "live",
        "kind": "planned",
        "status": "scheduled",
        "start": "2026-03-02T20:00:00Z",
        "end": "2026-03-02T22:00:00Z",
        "reason": "Release 2.4",
        "agreedWith": None,
        "countsAsDowntime": False,
        "keyDates": [],
        "announced": "2026-03-02T09:00:00Z",
        "changed": "2026-03-02T09:00:00Z",
        "links": window["links"],
    }
    assert entered.document["notices"] == []
    listed = send("GET", PATH, token="")
    assert (listed.status, listed.document["windows"]) == (200, [window])
    one = send("GET", window["links"]["self"], token="")
    assert (one.document, one.headers["ETag"]) == (window, '"1"')
    actions = [entry.action for entry in world.audit.held.values() if entry.subject.startswith("MAINTENANCE#")]
    assert actions == ["maintenance-entered"]


def test_entering_the_same_window_again_changes_nothing(world: FakeWorld, send: WebClient) -> None:
    first, again = enter(send, TONIGHT), enter(send, TONIGHT)
    assert first.document == again.document
    assert world.schedules.held.revision == 1


def test_times_are_read_with_their_offset(send: WebClient) -> None:
    """The hour that occurs twice when the clocks go back is told apart by its offset."""
    night = {"start": "2026-10-25T01:30:00+01:00", "end": "2026-10-25T01:30:00+00:00"}
    window = enter(send, TONIGHT | night).document["window"]
    assert (window["start"], window["end"]) == ("2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z")


@pytest.mark.parametrize(
    ("wrong", "reasons"),
    [
        ({"kind": "planned", "start": "2026-03-03T09:00:00Z", "end": "2026-03-03T10:00:00Z"}, [("LRS-MW-5", "kind")]),
        (
            {"kind": "agreed", "start": "2026-03-02T08:00:30Z", "end": "2026-03-12T08:00:00Z"},
            [("LRS-MW-3", "end"), ("LRS-MW-12", "start"), ("LRS-MW-6", "agreedWith"), ("LRS-MW-2", "start")],
        ),
        ({"end": "2026-03-02T20:00:00Z"}, [("LRS-MW-1", "end")]),
        (
            {"kind": "emergency", "start": "2026-03-04T20:00:00Z", "end": "2026-03-04T22:00:00Z"},
            [("LRS-MW-7", "start")],
        ),
    ],
)
def test_a_window_against_the_rules_is_refused_with_every_reason(
    wrong: dict[str, Any], reasons: list[tuple[str, str]], send: WebClient, world: FakeWorld
) -> None:
    answer = send("POST", PATH, TONIGHT | wrong, token=MANAGER)
    assert (answer.status, answer.reasons) == (422, reasons)
    assert not world.schedules.held.windows


@pytest.mark.parametrize(
    "time", ["2026-03-02", "2026-03-02T20:00:00", "2026-02-30T20:00:00Z", "2026-03-02T25:00:00Z", "tonight", 7]
)
def test_a_time_that_is_none_is_refused_with_an_example(time: object, send: WebClient) -> None:
    answer = send("POST", PATH, TONIGHT | {"start": time, "kind": "whenever", "reason": " "}, token=MANAGER)
    assert answer.status == 400
    assert {field for _, field in answer.reasons} == {"start", "kind", "reason"}


def test_overlapping_windows_are_refused_with_the_times_of_the_other(send: WebClient) -> None:
    enter(send, TONIGHT)
    answer = send("POST", PATH, TONIGHT | {"start": "2026-03-02T21:59:00Z", "end": "2026-03-02T23:00:00Z"}, MANAGER)
    assert (answer.status, answer.codes) == (422, ["LRS-MW-4"])
    assert "2 March 2026, 20:00 GMT to 2 March 2026, 22:00 GMT" in answer.document["detail"]
    enter(send, TONIGHT | {"environment": "compatibility"})


def test_key_dates_of_awarding_organisations_are_warnings(world: FakeWorld) -> None:
    world.lists = Lists(Sources(key_dates="2026-03-01,2026-03-02,March series entries\n"))
    with web_client(world) as send:
        entered = enter(send, TONIGHT)
    assert entered.document["window"]["keyDates"] == ["March series entries"]
    (notice,) = entered.document["notices"]
    assert (notice["code"], notice["message"]) == (
        "LRS-MW-11",
        "The window falls in key dates of awarding organisations: March series entries.",
    )


def test_a_window_is_changed_with_the_version_that_was_read(send: WebClient) -> None:
    own = enter(send, TONIGHT).document["window"]["links"]["self"]
    unnamed = send("PATCH", own, {"reason": "Release 2.5"}, token=MANAGER)
    assert (unnamed.status, unnamed.codes) == (428, ["LRS-REQ-15"])
    changed = send("PATCH", own, {"reason": "Release 2.5", "end": "2026-03-02T23:00:00Z"}, MANAGER, If_Match='"1"')
    assert (changed.status, changed.headers["ETag"]) == (200, '"2"')
    assert changed.document["window"]["end"] == "2026-03-02T23:00:00Z"
    stale = send("PATCH", own, {"reason": "Release 2.6"}, token=MANAGER, If_Match='"1"')
    assert (stale.status, stale.codes) == (412, ["LRS-REQ-13"])
    against = send("PATCH", own, {"start": "2026-03-02T17:00:00Z"}, token=MANAGER, If_Match='"2"')
    assert (against.status, against.codes) == (422, ["LRS-MW-5"])


def test_a_cancelled_window_stays_listed_until_its_end_and_is_no_longer_in_the_way(
    world: FakeWorld, send: WebClient
) -> None:
    own = enter(send, TONIGHT).document["window"]["links"]["self"]
    cancelled = send("POST", f"{own}/cancellation", token=MANAGER, If_Match='"1"')
    assert (cancelled.status, cancelled.document["status"]) == (200, "cancelled")
    again = send("POST", f"{own}/cancellation", token=MANAGER, If_Match='"2"')
    assert (again.status, again.codes) == (409, ["LRS-MW-9"])
    assert len(send("GET", PATH).document["windows"]) == 1
    enter(send, TONIGHT | {"start": "2026-03-02T19:00:00Z"})
    world.clock.advance(timedelta(days=1))
    assert [one["status"] for one in send("GET", PATH).document["windows"]] == ["ended"]
    world.clock.advance(timedelta(days=90))
    assert send("GET", PATH).document["windows"] == []


def test_an_unknown_window_is_404(send: WebClient) -> None:
    for method, path in (("GET", f"{PATH}/MW-9"), ("PATCH", f"{PATH}/MW-9"), ("POST", f"{PATH}/MW-9/cancellation")):
        answer = send(method, path, {} if method == "PATCH" else None, token=MANAGER, If_Match='"1"')
        assert (answer.status, answer.codes) == (404, ["LRS-MW-8"])


@pytest.mark.req("SEC-01")
def test_only_service_managers_enter_windows(send: WebClient) -> None:
    answer = send("POST", PATH, TONIGHT, token=TOKEN)
    assert (answer.status, answer.codes) == (403, ["WSEC0006"])


def test_two_managers_at_once_cannot_enter_windows_that_overlap(world: FakeWorld, send: WebClient) -> None:
    other = Window(
        window_id="MW-other",
        environment=Environment.LIVE,
        kind=WindowKind.PLANNED,
        start=datetime(2026, 3, 2, 21, tzinfo=UTC),
        end=datetime(2026, 3, 2, 23, tzinfo=UTC),
        reason="Somebody else's",
        announced_at=START,
        changed_at=START,
    )

    def interleave(name: str) -> None:
        if name == "schedules.save" and not world.schedules.held.windows:
            world.schedules.held = Schedule((other,), 1)

    world.hook = interleave
    answer = send("POST", PATH, TONIGHT, token=MANAGER)
    assert (answer.status, answer.codes) == (422, ["LRS-MW-4"])
    assert world.schedules.held.windows == (other,)


# --- During maintenance ----------------------------------------------------------------------------------------------


def test_during_maintenance_requests_get_503_until_its_end(world: FakeWorld, send: WebClient) -> None:
    enter(send, TONIGHT)
    world.clock.now = datetime(2026, 3, 2, 19, 59, 59, tzinfo=UTC)
    assert send(*CLOSED_ROUTE).status == 200
    world.clock.advance()
    closed = send(*CLOSED_ROUTE)
    assert (closed.status, closed.codes, closed.headers["Retry-After"]) == (503, ["LRS-MW-13"], "7200")
    assert closed.document["type"].endswith("maintenance")
    assert closed.document["maintenance"] == {
        "kind": "planned", "start": "2026-03-02T20:00:00Z", "end": "2026-03-02T22:00:00Z"
    }  # fmt: skip
    assert "until 2 March 2026, 22:00 GMT" in closed.document["detail"]
    world.clock.now = datetime(2026, 3, 2, 21, 59, 59, 1, tzinfo=UTC)
    assert send(*CLOSED_ROUTE).headers["Retry-After"] == "1"
    world.clock.now = datetime(2026, 3, 2, 22, tzinfo=UTC)
    assert send(*CLOSED_ROUTE).status == 200


def test_a_stranger_learns_no_more_than_that_the_service_is_closed(world: FakeWorld, send: WebClient) -> None:
    enter(send, EMERGENCY)
    world.clock.advance(REMEMBERED)
    answer = send(*CLOSED_ROUTE, token="")
    assert (answer.status, answer.codes) == (503, ["LRS-MW-13"])


def test_what_says_how_long_it_takes_and_what_can_end_it_stay_open(world: FakeWorld, send: WebClient) -> None:
    own = enter(send, EMERGENCY).document["window"]["links"]["self"]
    world.clock.advance(timedelta(minutes=5))
    assert send(*CLOSED_ROUTE).status == 503
    for path in ("/health", "/maintenance", PATH, own, "/developers", "/oauth2/keys"):
        assert send("GET", path, token="").status == 200, path
    ended = send("PATCH", own, {"end": "2026-03-02T09:05:00Z"}, token=MANAGER, If_Match='"1"')
    assert (ended.status, ended.document["window"]["end"]) == (200, "2026-03-02T09:06:00Z")
    world.clock.advance(timedelta(minutes=1))
    assert send("GET", own, token="").document["status"] == "ended"
    assert send(*CLOSED_ROUTE).status == 200


@pytest.mark.parametrize("second", range(0, 60, 5))
def test_maintenance_that_is_ended_early_refuses_nobody_after_its_end(second: int, world: FakeWorld) -> None:
    """A container that has just read the schedule refuses until the end that is recorded, and not a moment longer."""
    with web_client(world) as send, web_client(world) as other:
        own = enter(send, EMERGENCY).document["window"]["links"]["self"]
        world.clock.advance(timedelta(minutes=5, seconds=second))
        assert other(*CLOSED_ROUTE).status == 503
        asked = send("PATCH", own, {"end": "2026-03-02T09:05:00Z"}, token=MANAGER, If_Match='"1"')
        end = datetime.fromisoformat(asked.document["window"]["end"])
        assert timedelta(seconds=35) <= end - world.clock() <= timedelta(seconds=95)
        while world.clock() < end:
            # Only the end is certain before: containers that know it stay closed until then.
            assert other(*CLOSED_ROUTE).status == 503
            world.clock.advance(timedelta(seconds=5))
        for client in (send, other):
            assert client(*CLOSED_ROUTE).status == 200


def test_a_window_that_begins_before_all_know_of_a_change_has_begun(world: FakeWorld, send: WebClient) -> None:
    own = enter(send, TONIGHT).document["window"]["links"]["self"]
    world.clock.now = datetime(2026, 3, 2, 19, 59, 25, tzinfo=UTC)
    answer = send("POST", f"{own}/cancellation", token=MANAGER, If_Match='"1"')
    assert (answer.status, answer.codes) == (409, ["LRS-MW-9"])
    world.clock.now -= timedelta(seconds=1)
    assert send("POST", f"{own}/cancellation", token=MANAGER, If_Match='"1"').status == 200


# --- A schedule that never fills --------------------------------------------------------------------------------------


def test_windows_that_are_over_leave_the_schedule_and_can_still_be_found(world: FakeWorld, send: WebClient) -> None:
    over = enter(send, EMERGENCY).document["window"]
    world.clock.now = datetime(2026, 3, 2, 11, tzinfo=UTC) + KEPT
    held = TONIGHT | {"start": "2026-03-04T20:00:00Z", "end": "2026-03-04T22:00:00Z"}
    enter(send, held)
    assert [one.start.day for one in world.schedules.held.windows] == [4]
    listed = send("GET", PATH, token="").document["windows"]
    assert [one["windowId"] for one in listed][:1] == [over["windowId"]]
    assert send("GET", over["links"]["self"], token="").document["status"] == "ended"
    answer = send("PATCH", over["links"]["self"], {"reason": "Other"}, token=MANAGER, If_Match='"1"')
    assert (answer.status, answer.codes) == (409, ["LRS-MW-9"])
    assert world.outages.since(datetime(2026, 3, 1).date()) == [  # noqa: DTZ001
        (datetime(2026, 3, 2, 9, tzinfo=UTC), datetime(2026, 3, 2, 11, tzinfo=UTC))
    ]


def test_a_cancelled_window_leaves_the_schedule_and_is_listed_until_its_end(world: FakeWorld, send: WebClient) -> None:
    far = TONIGHT | {"start": "2026-03-14T20:00:00Z", "end": "2026-03-14T22:00:00Z"}
    own = enter(send, far).document["window"]["links"]["self"]
    assert send("POST", f"{own}/cancellation", token=MANAGER, If_Match='"1"').status == 200
    world.clock.advance(KEPT)
    enter(send, far)
    assert [one.is_cancelled for one in world.schedules.held.windows] == [False]
    assert {one["status"] for one in send("GET", PATH, token="").document["windows"]} == {"cancelled", "scheduled"}
    again = send("POST", f"{own}/cancellation", token=MANAGER, If_Match='"2"')
    assert (again.status, again.codes) == (409, ["LRS-MW-9"])


def test_a_full_schedule_takes_emergencies_and_nothing_else(world: FakeWorld, send: WebClient) -> None:
    first = datetime(2026, 4, 4, 20, tzinfo=UTC)
    days = (f"{first + timedelta(days=7 * week):%Y-%m-%d}" for week in range(MOST + 1))
    times = [{"start": f"{day}T20:00:00Z", "end": f"{day}T21:00:00Z"} for day in days]
    for one in times[:-1]:
        own = enter(send, TONIGHT | one).document["window"]["links"]["self"]
    answer = send("POST", PATH, TONIGHT | times[-1], token=MANAGER)
    assert (answer.status, answer.codes) == (422, ["LRS-MW-16"])
    assert send("PATCH", own, {"reason": "Release 2.5"}, token=MANAGER, If_Match='"1"').status == 200
    enter(send, EMERGENCY)
    assert world.schedules.held.revision == MOST + 2


def test_a_schedule_full_of_windows_that_are_over_takes_planned_ones_again(world: FakeWorld, send: WebClient) -> None:
    first = datetime(2026, 4, 4, 20, tzinfo=UTC)
    for week in range(MOST):
        day = f"{first + timedelta(days=7 * week):%Y-%m-%d}"
        enter(send, TONIGHT | {"start": f"{day}T20:00:00Z", "end": f"{day}T21:00:00Z"})
    world.clock.now = first + timedelta(days=7 * MOST)
    day = f"{world.clock.now + timedelta(days=7):%Y-%m-%d}"
    enter(send, TONIGHT | {"start": f"{day}T20:00:00Z", "end": f"{day}T21:00:00Z"})
    assert len(world.schedules.held.windows) == 1
    assert len(world.schedules.past) == MOST


def test_a_flood_of_readers_reads_the_schedule_once(world: FakeWorld, send: WebClient) -> None:
    own = enter(send, TONIGHT).document["window"]["windowId"]
    world.calls.clear()
    for _ in range(50):
        for path in (PATH, "/maintenance"):
            answer = send("GET", path, token="")
            assert (answer.status, answer.headers["Cache-Control"]) == (200, "public, max-age=30")
    assert world.calls == ["schedules.since"]
    world.clock.advance(REMEMBERED)
    assert [one["windowId"] for one in send("GET", PATH, token="").document["windows"]] == [own]
    assert world.calls == ["schedules.since"] * 2


def test_a_flood_of_unknown_windows_reads_the_older_ones_once(world: FakeWorld, send: WebClient) -> None:
    for number in range(20):
        assert send("GET", f"{PATH}/MW-{number}", token="").status == 404
    assert world.calls == ["schedules.read", "schedules.since", *["schedules.read"] * 19]


def test_what_a_reader_would_not_see_is_refused_with_the_other_reasons(send: WebClient) -> None:
    hidden = {"reason": "Release\u200b 2.4", "agreedWith": "the \u202eBoard", "end": "2026-03-02T19:00:00Z"}
    answer = send("POST", PATH, TONIGHT | hidden, token=MANAGER)
    assert answer.status == 422
    assert set(answer.reasons) == {("LRS-REQ-6", "reason"), ("LRS-REQ-6", "agreedWith"), ("LRS-MW-1", "end")}
    own = enter(send, TONIGHT).document["window"]["links"]["self"]
    changed = send("PATCH", own, {"reason": "\u2066Release"}, token=MANAGER, If_Match='"1"')
    assert (changed.status, changed.codes) == (422, ["LRS-REQ-6"])


def test_a_window_entered_now_takes_effect_everywhere_within_thirty_seconds(world: FakeWorld) -> None:
    with web_client(world) as send, web_client(world) as other:
        assert other(*CLOSED_ROUTE).status == 200
        enter(send, EMERGENCY)
        world.clock.advance(REMEMBERED - timedelta(milliseconds=1))
        assert other(*CLOSED_ROUTE).status == 200
        world.clock.advance(timedelta(milliseconds=1))
        assert other(*CLOSED_ROUTE).status == 503


def test_a_clock_that_is_set_back_makes_no_schedule_last_longer(world: FakeWorld) -> None:
    with web_client(world) as send, web_client(world) as other:
        world.clock.advance(timedelta(seconds=10))
        assert other(*CLOSED_ROUTE).status == 200
        world.clock.advance(timedelta(seconds=-10))
        enter(send, EMERGENCY)
        assert other(*CLOSED_ROUTE).status == 503


def test_most_requests_read_no_schedule(world: FakeWorld, send: WebClient) -> None:
    for _ in range(100):
        send(*CLOSED_ROUTE)
        world.clock.advance(timedelta(milliseconds=250))
    assert world.calls.count("schedules.read") == 1


def test_the_other_environment_stays_open(world: FakeWorld, send: WebClient) -> None:
    enter(send, EMERGENCY | {"environment": "compatibility"})
    world.clock.advance(REMEMBERED)
    assert send(*CLOSED_ROUTE).status == 200
    assert world.services(environment="compatibility").closures.now() is not None


@pytest.mark.parametrize(("body", "agreed"), [(TONIGHT, True), (EMERGENCY, False)])
def test_only_a_refusal_in_agreed_maintenance_is_no_fault(
    body: dict[str, Any], agreed: bool, world: FakeWorld, send: WebClient, capsys: pytest.CaptureFixture[str]
) -> None:
    enter(send, body)
    world.clock.now = datetime.fromisoformat(body["start"]) + timedelta(minutes=1)
    capsys.readouterr()
    assert send(*CLOSED_ROUTE).status == 503
    printed = capsys.readouterr().out
    assert ('"lrs_request_maintenance":[1.0]' in printed) is agreed
    assert (f'"lrs_request_fault":[{float(not agreed)}]') in printed


# --- The page --------------------------------------------------------------------------------------------------------


def test_the_page_shows_what_is_closed_what_is_to_come_and_the_rules(world: FakeWorld, send: WebClient) -> None:
    enter(send, EMERGENCY | {"reason": "A fix for <b>logs</b>"})
    enter(send, TONIGHT | {"environment": "compatibility"})
    page = send("GET", "/maintenance", token="")
    assert page.headers["Content-Type"].startswith("text/html")
    assert "script" not in page.body
    assert "Closed for maintenance until <time" in page.body
    assert "A fix for &lt;b&gt;logs&lt;/b&gt;" in page.body
    assert "Monday 2 March 2026, 20:00 GMT" in page.body
    assert page.body.count("<h2>") == 3
    assert "style-src 'sha256-" in page.headers["Content-Security-Policy"]


def test_a_schedule_without_windows_says_so(send: WebClient) -> None:
    assert send("GET", "/maintenance", token="").body.count("No maintenance is planned.") == 2
