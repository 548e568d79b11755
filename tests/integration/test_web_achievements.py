"""The REST interface of single achievements, through Chalice, over fakes of the outside services."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from chalicelib.domain.access import Role
from chalicelib.ports.errors import TemporaryFailure
from tests.builders.achievements import AIM, PROVIDER, SHARED_AIM, csv_file, learner, record, uln, world_with
from tests.builders.jobs import Pipeline
from tests.builders.organisations import OURS, THEIRS
from tests.builders.stream import submitted_change
from tests.builders.web import THEIR_TOKEN, TOKEN, WebClient, admit, token_of
from tests.fakes.world import FakeWorld

PATH = "/v1/achievements"
BATCH_TOKEN, WEAK_TOKEN = token_of("batch"), token_of("weak")
ID = f"{uln(0)}.60012341.2026-02-20"
ONE = f"{PATH}/{ID}"
NEW: dict[str, object] = {
    "uln": uln(0),
    "givenName": "Amelia",
    "familyName": "Thornbury",
    "unitOrQualificationReferenceNumber": "600/1234/1",
    "achievementAwardDate": "2026-02-20",
    "grade": "pass",
    "languageForAssessment": "ENG",
    "providerUkprn": PROVIDER,
    "misIdentifier": "MIS-1",
}
NAMES = {"givenName": "Amelia", "familyName": "Thornbury"}
UPDATE = {**NAMES, "actionDate": "2026-02-27", "grade": "Merit"}
WITHDRAWAL = {**NAMES, "actionDate": "2026-02-27", "actionReason": "SUBINERROR"}


@pytest.fixture
def world() -> FakeWorld:
    world = world_with(learner(0), learner(1))
    admit(world, OURS, Role.QCF_USER)
    admit(world, THEIRS, Role.QCF_USER, token=THEIR_TOKEN)
    admit(world, OURS, Role.QCF_RECORD_SET_USER, token=BATCH_TOKEN)
    admit(world, OURS, token=WEAK_TOKEN)
    return world


def streamed(world: FakeWorld) -> None:
    """What the register's stream would have delivered by now."""
    for key, held in world.achievements.held.items():
        states = (held._replace(revision=n, history=held.history[:n]) for n in range(1, held.revision + 1))
        world.submissions.record([(f"{key}-{state.revision}", submitted_change(state)) for state in states])


@pytest.mark.req("ACH-01", "ACH-08")
def test_an_achievement_is_created_and_can_be_seen_at_its_address(send: WebClient) -> None:
    made = send("POST", PATH, NEW)
    assert (made.status, made.headers["Location"], made.headers["ETag"]) == (201, ONE, '"1"')
    document = made.document
    assert (document["outcome"], document["returnCode"], document["misIdentifier"]) == ("CREATED", "VRC001", "MIS-1")
    assert (document["masterUln"], document["notices"]) == (None, [])
    seen = send("GET", ONE)
    assert (seen.status, seen.headers["ETag"], seen.document) == (200, '"1"', document["achievement"])
    expected = {
        "achievementId": ID,
        "uln": uln(0),
        **NAMES,
        "unitOrQualificationReferenceNumber": AIM.reference,
        "achievementAwardDate": "2026-02-20",
        "grade": "Pass",
        "languageForAssessment": "ENG",
        "providerUkprn": PROVIDER,
        "awardingOrganisationUkprn": OURS,
        "status": "ACTIVE",
        "submissionType": "FINAL",
        "late": False,
        "revision": 1,
        "dateLoaded": "2026-03-02T09:00:00Z",
        "lastUpdatedDate": "2026-03-02T09:00:00Z",
        "links": {"self": ONE, "history": f"{ONE}/history", "withdrawal": f"{ONE}/withdrawal"},
    }
    assert seen.document == expected


@pytest.mark.req("ACH-01")
def test_unknown_values_may_be_left_out(send: WebClient) -> None:
    left = ("grade", "languageForAssessment", "providerUkprn", "misIdentifier")
    made = send("POST", PATH, {name: value for name, value in NEW.items() if name not in left})
    assert made.status == 201
    assert [made.document["achievement"][name] for name in left[:3]] == [None, None, None]


@pytest.mark.req("ACH-02")
def test_a_unit_is_found_by_its_reference_without_obliques(send: WebClient) -> None:
    made = send("POST", PATH, {**NEW, "unitOrQualificationReferenceNumber": SHARED_AIM.reference, "grade": ""})
    assert made.headers["Location"] == f"{PATH}/{uln(0)}.L6168832.2026-02-20"
    assert send("GET", made.headers["Location"]).document["unitOrQualificationReferenceNumber"] == "L/616/8832"


@pytest.mark.req("ACH-02")
def test_the_same_again_is_200_and_another_on_the_key_422(send: WebClient) -> None:
    send("POST", PATH, NEW)
    again = send("POST", PATH, NEW)
    assert (again.status, again.document["outcome"]) == (200, "UNCHANGED")
    assert "Location" not in again.headers
    other = send("POST", PATH, {**NEW, "grade": "Merit"})
    assert (other.status, other.reasons) == (422, [("ACR007", "achievementAwardDate")])


@pytest.mark.req("ACH-01", "VLD-02")
def test_every_reason_has_the_code_of_the_batch_and_the_field_of_the_interface(send: WebClient) -> None:
    answer = send(
        "POST", PATH, {**NEW, "givenName": "4melia", "grade": "Brilliant", "providerUkprn": "19999999",
                       "achievementAwardDate": "2005-01-01"},
    )  # fmt: skip
    assert answer.status == 422
    assert sorted(answer.reasons) == [
        ("ACF003", "givenName"), ("ACR003", "achievementAwardDate"), ("ACR004", "achievementAwardDate"),
        ("ACR006", "grade"), ("ACR012", "providerUkprn"),
    ]  # fmt: skip
    assert "4melia" not in json.dumps(answer.document)


@pytest.mark.req("VLD-02")
def test_a_learner_who_does_not_agree_is_refused_with_the_return_code(send: WebClient) -> None:
    answer = send("POST", PATH, {**NEW, "givenName": "Zebedee", "familyName": "Quartermaine"})
    assert (answer.status, answer.reasons, answer.document["returnCode"]) == (
        422,
        [("ACL003", "uln")],
        "VRC005",
    )
    answer = send("POST", PATH, {**NEW, "uln": uln(9)})
    assert (answer.status, answer.reasons, answer.document["returnCode"]) == (
        422,
        [("ACL002", "uln")],
        "VRC006",
    )


@pytest.mark.req("VLD-02", "ACH-10")
def test_notices_come_with_what_is_accepted(send: WebClient) -> None:
    made = send("POST", PATH, {**NEW, "givenName": "Amelie", "achievementAwardDate": "2025-06-02"})
    assert (made.status, made.document["returnCode"]) == (201, "VRC003")
    reported = {(notice["code"], notice["field"]) for notice in made.document["notices"]}
    assert reported == {("ACW002", "uln"), ("ACW003", "achievementAwardDate")}
    assert made.document["achievement"]["late"] is True


@pytest.mark.req("ACH-01", "VLD-02")
def test_values_and_rules_are_checked_together_as_in_a_file(send: WebClient, world: FakeWorld) -> None:
    unknown = {"gender": "7", "familyName": "Sm1th", "unitOrQualificationReferenceNumber": "601/0000/X"}
    answer = send("POST", PATH, {**NEW, **unknown})
    assert answer.status == 422
    assert sorted(answer.codes) == ["ACF003", "ACF005", "ACR001"]
    assert not world.achievements.held


@pytest.mark.parametrize(
    ("changes", "status", "expected"),
    [
        ({"uln": "1000000001"}, 422, ("ACL001", "uln")),
        ({"uln": None}, 422, ("ACF001", "uln")),
        ({"achievementAwardDate": "20/02/2026"}, 422, ("ACF004", "achievementAwardDate")),
        ({"givenName": "x" * 36}, 422, ("ACF002", "givenName")),
        ({"givenName": " "}, 422, ("ACF001", "givenName")),
        ({"grade": "Pass\u0007"}, 422, ("ACF003", "grade")),
        ({"grade": "=Pass"}, 422, ("ACF008", "grade")),
        ({"gender": "F"}, 422, ("ACF005", "gender")),
        ({"learnerPostcode": "nowhere"}, 422, ("ACF003", "learnerPostcode")),
        ({"submissionType": "LATER"}, 422, ("ACF005", "submissionType")),
        ({"misIdentifier": "x" * 129}, 422, ("ACF002", "misIdentifier")),
        ({"uln": 1000000043}, 400, ("LRS-REQ-4", "uln")),
        ({"gender": 2}, 400, ("LRS-REQ-4", "gender")),
        ({"owner": "90000002"}, 400, ("LRS-REQ-2", "")),
    ],
)
def test_a_fault_of_structure_is_a_400_and_a_fault_of_a_value_a_422(
    send: WebClient, world: FakeWorld, changes: dict[str, object], status: int, expected: tuple[str, str]
) -> None:
    answer = send("POST", PATH, {**NEW, **changes})
    assert (answer.status, answer.reasons) == (status, [expected])
    assert not world.achievements.held


@pytest.mark.parametrize("nothing", ["", None, "  "])
def test_null_and_an_empty_text_are_no_value(send: WebClient, nothing: str | None) -> None:
    optional = ("grade", "dateOfBirth", "gender", "learnerPostcode", "submissionType", "providerUkprn")
    made = send("POST", PATH, {**NEW, **dict.fromkeys(optional, nothing)})
    assert (made.status, made.document["achievement"]["submissionType"]) == (201, "FINAL")


@pytest.mark.req("ACH-03")
@pytest.mark.parametrize("nothing", ["", None, "  "])
@pytest.mark.parametrize("name", ["grade", "languageForAssessment", "providerUkprn"])
def test_what_may_be_left_out_can_be_removed_again_and_what_is_left_out_stays(
    send: WebClient, name: str, nothing: str | None
) -> None:
    before = send("POST", PATH, NEW).document["achievement"]
    kept = send("PATCH", ONE, {**NAMES, "actionDate": "2026-02-27"}).document
    assert (kept["outcome"], kept["achievement"][name]) == ("UNCHANGED", before[name])
    after = send("PATCH", ONE, {**NAMES, "actionDate": "2026-02-27", name: nothing}).document
    assert (after["outcome"], after["achievement"][name]) == ("UPDATED", None)
    others = {"grade", "languageForAssessment", "providerUkprn"} - {name}
    assert {other: after["achievement"][other] for other in others} == {other: before[other] for other in others}


@pytest.mark.req("ACH-03", "ACH-09")
def test_an_update_with_the_right_etag_is_made_and_with_an_old_one_not(send: WebClient) -> None:
    send("POST", PATH, NEW)
    made = send("PATCH", ONE, UPDATE, If_Match='"1"')
    assert (made.status, made.headers["ETag"], made.document["outcome"]) == (200, '"2"', "UPDATED")
    stale = send("PATCH", ONE, {**UPDATE, "grade": "Distinction"}, If_Match='"1"')
    assert (stale.status, stale.codes) == (412, ["LRS-REQ-13"])
    assert send("GET", ONE).document["grade"] == "Merit"
    assert send("PATCH", ONE, {**UPDATE, "grade": "Distinction"}, If_Match='"1", "2"').status == 200
    assert send("PATCH", ONE, UPDATE, If_Match="*").status == 200
    assert send("PATCH", ONE, {**UPDATE, "grade": "Pass"}).status == 200


@pytest.mark.parametrize(("tags", "status"), [("1", 400), ('W/"1"', 412), ('"x"', 412), ('"01"', 412), ("", 400)])
def test_an_unknown_version_changes_nothing(send: WebClient, world: FakeWorld, tags: str, status: int) -> None:
    send("POST", PATH, NEW)
    assert send("PATCH", ONE, UPDATE, If_Match=tags).status == status
    assert world.achievements.writes == 1


@pytest.mark.req("ACH-04", "ACH-05", "ACH-09")
def test_an_achievement_is_withdrawn_and_reinstated_and_its_history_says_so(send: WebClient) -> None:
    send("POST", PATH, NEW)
    gone = send("POST", f"{ONE}/withdrawal", WITHDRAWAL)
    assert (gone.status, gone.document["outcome"]) == (200, "WITHDRAWN")
    assert gone.document["achievement"]["links"]["reinstatement"] == f"{ONE}/reinstatement"
    again = send("POST", f"{ONE}/withdrawal", WITHDRAWAL)
    assert (again.status, again.reasons) == (422, [("ACR009", "")])
    other = send("POST", f"{ONE}/reinstatement", {**WITHDRAWAL, "grade": "Merit"})
    assert (other.status, other.reasons) == (422, [("ACR016", "grade")])
    assert send("POST", f"{ONE}/reinstatement", WITHDRAWAL, If_Match='"2"').document["outcome"] == "REINSTATED"
    history = send("GET", f"{ONE}/history")
    assert (history.status, history.headers["ETag"]) == (200, '"3"')
    reported = [
        (one["revision"], one["actions"], one["actionReason"], one["status"]) for one in history.document["versions"]
    ]
    assert reported == [
        (1, ["create"], None, "ACTIVE"),
        (2, ["withdraw"], "SUBINERROR", "WITHDRAWN"),
        (3, ["reinstate"], "SUBINERROR", "ACTIVE"),
    ]
    assert history.document["cursor"] is None
    first = history.document["versions"][0]
    assert (first["organisationUkprn"], first["channel"], first["jobId"]) == (OURS, "webservice", None)


@pytest.mark.req("ACH-08", "ACH-09")
def test_a_long_history_comes_a_page_at_a_time_and_belongs_to_its_achievement(send: WebClient) -> None:
    send("POST", PATH, NEW)
    for number in range(8):
        assert send("PATCH", ONE, {**UPDATE, "grade": ("Merit", "Pass")[number % 2]}).status == 200
    page = send("GET", f"{ONE}/history?limit=4")
    seen = [one["revision"] for one in page.document["versions"]]
    while page.document["cursor"]:
        page = send("GET", page.document["links"]["next"])
        assert (page.status, page.headers["ETag"]) == (200, '"9"')
        seen += [one["revision"] for one in page.document["versions"]]
    assert seen == list(range(1, 10))
    cursor = send("GET", f"{ONE}/history?limit=4").document["cursor"]
    send("POST", PATH, {**NEW, "achievementAwardDate": "2026-02-21"})
    other = send("GET", f"{ONE.replace('2026-02-20', '2026-02-21')}/history?cursor={cursor}")
    assert (other.status, other.reasons) == (400, [("LRS-REQ-6", "cursor")])


@pytest.mark.req("ACH-08", "SEC-01")
@pytest.mark.parametrize(
    ("method", "end", "body"),
    [
        ("GET", "", None), ("GET", "/history", None), ("PATCH", "", UPDATE),
        ("POST", "/withdrawal", WITHDRAWAL), ("POST", "/reinstatement", WITHDRAWAL),
    ],
)  # fmt: skip
def test_another_organisations_achievement_is_not_found_and_the_attempt_is_logged(
    send: WebClient, world: FakeWorld, method: str, end: str, body: object
) -> None:
    send("POST", PATH, NEW)
    theirs = send(method, f"{ONE}{end}", body, THEIR_TOKEN)
    nobodys = send(method, f"{PATH}/{uln(1)}.60012341.2026-02-20{end}", body, THEIR_TOKEN)
    assert (theirs.status, nobodys.status) == (404, 404)
    assert theirs.codes == nobodys.codes == ["ACR008"]
    attempts = [entry for entry in world.audit.held.values() if entry.organisation == THEIRS]
    assert [entry.outcome for entry in attempts] == ["NOT_FOUND", "NOT_FOUND"]


@pytest.mark.parametrize("name", ["1000000001.60012341.2026-02-20", f"{uln(0)}.60012341.2026-02-30", "x", f"{uln(0)}"])
def test_an_invalid_id_names_no_achievement(send: WebClient, name: str) -> None:
    assert send("GET", f"{PATH}/{name}").status == 404


@pytest.mark.req("SEC-01")
def test_a_look_that_cannot_be_logged_is_not_answered(send: WebClient, world: FakeWorld) -> None:
    send("POST", PATH, NEW)

    def hook(name: str) -> None:
        if name == "audit.record":
            raise TemporaryFailure(name)

    world.hook = hook
    assert [send("GET", path).status for path in (ONE, f"{ONE}/history", PATH)] == [503, 503, 503]


@pytest.mark.req("ACH-08", "ACH-10")
def test_a_day_lists_what_was_accepted_on_it_a_page_at_a_time(send: WebClient, world: FakeWorld) -> None:
    send("POST", PATH, {**NEW, "achievementAwardDate": "2025-06-02"})
    for number in range(3):
        world.clock.advance(timedelta(seconds=5))
        send("POST", PATH, {**NEW, "achievementAwardDate": f"2026-02-{20 + number}"})
    world.clock.advance(timedelta(seconds=5))
    send("PATCH", ONE, UPDATE)
    streamed(world)
    first = send("GET", f"{PATH}?day=2026-03-02&limit=3")
    assert (first.status, first.document["day"], len(first.document["achievements"])) == (200, "2026-03-02", 3)
    rest = send("GET", first.document["links"]["next"])
    assert rest.document["cursor"] is None
    listed = first.document["achievements"] + rest.document["achievements"]
    assert [(one["achievementAwardDate"], one["actions"], one["late"]) for one in listed] == [
        ("2025-06-02", ["create"], True),
        ("2026-02-20", ["create"], False),
        ("2026-02-21", ["create"], False),
        ("2026-02-22", ["create"], False),
        ("2026-02-20", ["update"], False),
    ]
    assert send("GET", listed[1]["links"]["achievement"]).status == 200
    assert send("GET", PATH).document["day"] == "2026-03-02"
    assert send("GET", f"{PATH}?day=2026-03-01").document["achievements"] == []
    no_day = send("GET", f"{PATH}?day=2026-02-30")
    assert (no_day.status, no_day.reasons) == (422, [("ACF004", "day")])
    assert send("GET", f"{PATH}?day=2026-03-02", token=THEIR_TOKEN).document["achievements"] == []


@pytest.mark.req("ACH-08")
def test_a_cursor_belongs_to_its_listing_and_its_organisation(send: WebClient, world: FakeWorld) -> None:
    for day in ("20", "21"):
        send("POST", PATH, {**NEW, "achievementAwardDate": f"2026-02-{day}"})
    streamed(world)
    cursor = send("GET", f"{PATH}?day=2026-03-02&limit=1").document["cursor"]
    for path, key in ((f"{PATH}?day=2026-03-03", TOKEN), (f"{PATH}?day=2026-03-02", THEIR_TOKEN)):
        answer = send("GET", f"{path}&cursor={cursor}", token=key)
        assert (answer.status, answer.reasons) == (400, [("LRS-REQ-6", "cursor")])


@pytest.mark.req("ACH-08", "SEC-01")
def test_a_learners_list_has_the_organisations_own_and_no_others(send: WebClient, world: FakeWorld) -> None:
    for day in ("20", "21", "22"):
        send("POST", PATH, {**NEW, "achievementAwardDate": f"2026-02-{day}"})
    shared = {**NEW, "unitOrQualificationReferenceNumber": SHARED_AIM.reference}
    assert send("POST", PATH, shared, THEIR_TOKEN).status == 201
    path = f"/v1/learners/{uln(0)}/achievements"
    page = send("GET", f"{path}?limit=2")
    rest = send("GET", page.document["links"]["next"])
    ours = page.document["achievements"] + rest.document["achievements"]
    assert [one["achievementAwardDate"] for one in ours] == ["2026-02-20", "2026-02-21", "2026-02-22"]
    assert uln(0) not in page.document["cursor"].split("|")[-1]
    theirs = send("GET", path, token=THEIR_TOKEN).document["achievements"]
    assert [one["awardingOrganisationUkprn"] for one in theirs] == [THEIRS]
    assert send("GET", f"/v1/learners/{uln(1)}/achievements").document["achievements"] == []
    looks = [entry for entry in world.audit.held.values() if entry.action == "achievements-of-learner-listed"]
    assert {entry.subject for entry in looks} == {f"ULN#{uln(0)}", f"ULN#{uln(1)}"}


@pytest.mark.req("ACH-07", "ACH-08")
@pytest.mark.parametrize("number_of_records", [5])
def test_a_jobs_records_are_listed_with_their_results(
    send: WebClient, world: FakeWorld, number_of_records: int
) -> None:
    rows = [record(0, AchievementAwardDate=f"2026-02-{10 + n}") for n in range(number_of_records - 2)]
    rows += [record(0, Grade="Brilliant"), record(1, ULN="=1+1", AchievementAwardDate="2025-06-02")]
    job = Pipeline(world).process(csv_file(rows))
    path = f"/v1/achievement-batches/{job.job_id}/records"
    page = send("GET", f"{path}?limit=3", token=BATCH_TOKEN)
    rest = send("GET", page.document["links"]["next"], token=BATCH_TOKEN)
    assert rest.document["cursor"] is None
    listed = page.document["records"] + rest.document["records"]
    assert [(one["recordNumber"], one["outcome"]) for one in listed] == [
        (1, "CREATED"), (2, "CREATED"), (3, "CREATED"), (4, "REFUSED"), (5, "REFUSED"),
    ]  # fmt: skip
    assert [one["errorCodes"] for one in listed[3:]] == [["ACR006"], ["ACF008"]]
    assert listed[4]["achievementId"] is None
    assert listed[4]["uln"] == "=1+1"
    assert listed[0]["returnCode"] == "VRC001"
    assert send("GET", f"{PATH}/{listed[0]['achievementId']}").status == 200


@pytest.mark.req("ACH-07", "SEC-01")
def test_a_jobs_records_are_for_its_organisation_once_it_has_ended(send: WebClient, world: FakeWorld) -> None:
    steps = Pipeline(world)
    job = steps.take(csv_file([record(0)]))
    path = f"/v1/achievement-batches/{job.job_id}/records"
    waiting = send("GET", path, token=BATCH_TOKEN)
    assert (waiting.status, waiting.codes) == (409, ["WSRC0008"])
    assert waiting.headers["Retry-After"]
    steps.settle()
    assert send("GET", path, token=BATCH_TOKEN).status == 200
    nobodys = send("GET", "/v1/achievement-batches/JNONE/records", token=BATCH_TOKEN)
    assert (nobodys.status, nobodys.codes) == (404, ["WSRC0018"])
    world.files.remove("results", steps.job(job.job_id).output_key)
    assert (send("GET", path, token=BATCH_TOKEN).status, send("GET", path, token=BATCH_TOKEN).codes) == (
        404,
        ["LRS-REQ-9"],
    )


@pytest.mark.req("ACH-03", "IDM-07")
@pytest.mark.parametrize("key", [WEAK_TOKEN, BATCH_TOKEN])
def test_single_achievements_need_their_own_capability(send: WebClient, key: str) -> None:
    assert send("POST", PATH, NEW, key).status == 403
    assert send("GET", PATH, token=key).status == 403


def test_an_organisation_that_awards_nothing_is_not_allowed(send: WebClient, world: FakeWorld) -> None:
    world.accounts.put(world.accounts.organisations[OURS]._replace(is_awarding_organisation=False))
    answer = send("POST", PATH, NEW)
    assert (answer.status, answer.codes) == (403, ["WSEC0006"])


def test_a_service_without_a_catalogue_asks_to_try_again_later(send: WebClient, world: FakeWorld) -> None:
    world.catalogues.current = ""
    assert send("POST", PATH, NEW).status == 503
