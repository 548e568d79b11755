"""The REST interface of records, availability, access log and challenges, through Chalice, over fakes."""

from __future__ import annotations

import json

import pytest

from chalicelib.domain.access import Role
from chalicelib.domain.records import Availability, AvailabilityChange, AvailabilityState
from chalicelib.ports.errors import TemporaryFailure
from tests.builders.achievements import learner, world_with
from tests.builders.organisations import OURS, THEIRS
from tests.builders.records import LOADED, RecordCatalogue, achievement, event
from tests.builders.web import THEIR_TOKEN, TOKEN, Answer, WebClient, admit, token_of
from tests.fakes.world import FakeWorld

VIEW_TOKEN = token_of("view")
PERSON = learner()
HOME = f"/v1/learners/{PERSON.uln}"
NAMES = {"givenName": PERSON.given_name, "familyName": PERSON.family_name}
LOOK = {**NAMES, "dateOfBirth": "2005-01-01", "gender": "2"}
HOLDERS = (
    (TOKEN, OURS, Role.LRB_ONLINE_USER),
    (THEIR_TOKEN, THEIRS, Role.LRB_ONLINE_USER),
    (VIEW_TOKEN, OURS, Role.LRB_VIEW_LEARNER_ONLY),
)


@pytest.fixture
def world() -> FakeWorld:
    made = world_with(learner(0), learner(1))
    made.catalogues.publish("v2", RecordCatalogue())
    made.achievements.put(achievement())
    made.participation_events.put(event())
    for token, ukprn, role in HOLDERS:
        admit(made, ukprn, role, token=token)
    return made


def hide(world: FakeWorld, state: AvailabilityState = AvailabilityState.OPTED_OUT) -> None:
    change = AvailabilityChange(state, LOADED, THEIRS, "desk", "TEL", "")
    world.records.availabilities[PERSON.uln] = Availability(PERSON.uln, change, 1)


@pytest.mark.req("PLR-01")
def test_a_record_has_the_learner_and_every_field_of_its_events(send: WebClient) -> None:
    answer = send("POST", f"{HOME}/record", LOOK)
    assert answer.status == 200
    document = answer.document
    assert (document["responseCode"], document["incomingUln"], document["foundUln"]) == (
        "WSRC0004", PERSON.uln, PERSON.uln
    )  # fmt: skip
    assert document["learner"]["familyName"] == PERSON.family_name
    assert document["availability"] == "AVAILABLE"
    first, second = document["learningEvents"]
    assert list(first) == [
        "achievementAwardDate", "achievementProviderName", "achievementProviderUkprn", "awardingOrganisationName",
        "awardingOrganisationUkprn", "collectionType", "credits", "dateLoaded", "grade", "id", "languageForAssessment",
        "level", "participationEndDate", "participationStartDate", "qualificationType", "restriction", "returnNumber",
        "source", "status", "subject", "subjectCode", "underDataChallenge",
    ]  # fmt: skip
    assert first | {"id": 0} == {
        "achievementAwardDate": "2026-02-20",
        "achievementProviderName": "Provider 10",
        "achievementProviderUkprn": "90000010",
        "awardingOrganisationName": "Provider 01",
        "awardingOrganisationUkprn": OURS,
        "collectionType": None,
        "credits": 120,
        "dateLoaded": "2026-03-02T09:00:00Z",
        "grade": "Pass",
        "id": 0,
        "languageForAssessment": "ENG",
        "level": "Level 3",
        "participationEndDate": None,
        "participationStartDate": None,
        "qualificationType": "Vocational",
        "restriction": "0",
        "returnNumber": None,
        "source": "AO",
        "status": "F",
        "subject": "Sample diploma",
        "subjectCode": "600/1234/1",
        "underDataChallenge": "N",
    }
    assert (second["source"], second["subjectCode"]) == ("NPD", "60142923")


@pytest.mark.req("PLR-01")
@pytest.mark.parametrize("requested", ["BRIEF", "brief"])
def test_a_brief_record_has_nine_fields_of_its_events(send: WebClient, requested: str) -> None:
    answer = send("POST", f"{HOME}/record", {**NAMES, "getType": requested})
    assert list(answer.document["learningEvents"][0]) == [
        "id", "achievementAwardDate", "credits", "source", "level", "subject", "grade", "subjectCode",
        "achievementProviderUkprn",
    ]  # fmt: skip


@pytest.mark.req("PLR-01", "SEC-02")
def test_nothing_is_revealed_of_a_learner_who_is_not_verified(send: WebClient) -> None:
    answer = send("POST", f"{HOME}/record", {**NAMES, "familyName": "Zebedee"})
    assert answer.status == 200
    assert answer.document == {
        "responseCode": "WSEC0208",
        "incomingUln": PERSON.uln,
        "foundUln": None,
        "availability": None,
        "learner": None,
        "learningEvents": [],
        "links": {},
    }
    assert "ETag" not in answer.headers


@pytest.mark.req("PLR-05")
def test_a_record_that_is_not_shared_is_empty_for_organisations_without_events_in_it(
    world: FakeWorld, send: WebClient
) -> None:
    hide(world)
    theirs = send("POST", f"{HOME}/record", NAMES, THEIR_TOKEN).document
    assert (theirs["responseCode"], theirs["foundUln"], theirs["learner"], theirs["learningEvents"]) == (
        "WSEC0206", PERSON.uln, None, []
    )  # fmt: skip
    ours = send("POST", f"{HOME}/record", NAMES).document
    assert (ours["responseCode"], ours["availability"], len(ours["learningEvents"])) == ("WSRC0004", "OPTED_OUT", 1)


@pytest.mark.req("PLR-02")
def test_a_record_is_read_again_by_its_link_and_304_while_it_has_not_changed(world: FakeWorld, send: WebClient) -> None:
    first = send("POST", f"{HOME}/record", NAMES)
    path, tag = first.document["links"]["self"], first.headers["ETag"]
    assert tag.startswith('W/"')
    again = send("GET", path)
    assert (again.status, again.headers["ETag"]) == (200, tag)
    assert again.document["learningEvents"] == first.document["learningEvents"]
    world.calls.clear()
    same = send("GET", path, If_None_Match=f'"else", {tag}')
    assert (same.status, same.document, same.headers["ETag"]) == (304, None, tag)
    assert world.calls.count("records.holdings") == 1
    world.achievements.put(achievement(day=25))
    changed = send("GET", path, If_None_Match=tag)
    assert (changed.status, len(changed.document["learningEvents"])) == (200, 3)
    assert changed.headers["ETag"] != tag


@pytest.mark.req("PLR-02", "SEC-01")
def test_a_link_is_good_for_its_organisation_alone(send: WebClient) -> None:
    path = send("POST", f"{HOME}/record", NAMES).document["links"]["self"]
    assert send("GET", path, token=VIEW_TOKEN).status == 200
    for refused in (send("GET", path, token=THEIR_TOKEN), send("GET", f"{HOME}/record"), send("GET", f"{path}x")):
        assert refused.status in (403, 422)
    assert send("GET", path, token=THEIR_TOKEN).codes == ["LRS-PLR-1"]


@pytest.mark.parametrize(
    ("path", "code"), [("/v1/learners/1000000044/record", "ACL001"), ("/v1/learners/x/challenges", "ACF003")]
)
def test_a_number_that_is_not_a_uln_is_refused_as_in_a_file(send: WebClient, path: str, code: str) -> None:
    answer = send("GET", path)
    assert (answer.status, answer.codes) == (422, [code])
    answer = send("POST", path.replace("challenges", "record"), {**NAMES, "gender": "7"})
    assert (answer.status, answer.codes) == (422, [code, "ACF005"])


@pytest.mark.req("SEC-02")
@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"givenName": "Zebedee"}, 422, "ACF001"),
        ({**NAMES, "familyName": "Z" * 36}, 422, "ACF002"),
        ({**NAMES, "dateOfBirth": "Zebedee"}, 422, "ACF004"),
        ({**NAMES, "gender": "Zebedee"}, 422, "ACF005"),
        ({**NAMES, "getType": "Zebedee"}, 422, "ACF005"),
        ({**NAMES, "uln": "Zebedee"}, 400, "LRS-REQ-2"),
        ({**NAMES, "zebedee": "Zebedee"}, 400, "LRS-REQ-2"),
    ],
    ids=str,
)
def test_a_request_with_a_fault_is_refused_and_not_repeated(
    send: WebClient, body: object, status: int, code: str
) -> None:
    answer = send("POST", f"{HOME}/record", body)
    assert (answer.status, answer.codes) == (status, [code])
    assert "Zebedee" not in json.dumps(answer.document["errors"])


@pytest.mark.req("PLR-05")
def test_a_record_is_made_unavailable_at_the_learners_request(world: FakeWorld, send: WebClient) -> None:
    body = {**NAMES, "availability": "OPTED_OUT", "contactType": "EML", "reason": "Zebedee asked."}
    answer = send("POST", f"{HOME}/availability", body)
    assert (answer.status, answer.document) == (
        200,
        {"uln": PERSON.uln, "availability": "OPTED_OUT", "changed": True},
    )
    assert send("POST", f"{HOME}/availability", body).document["changed"] is False
    assert send("POST", f"{HOME}/record", NAMES, THEIR_TOKEN).document["responseCode"] == "WSEC0206"
    assert "Zebedee" not in str(world.audit.held)


@pytest.mark.req("PLR-05")
def test_a_record_that_cannot_be_made_available_is_refused_with_a_reason(world: FakeWorld, send: WebClient) -> None:
    hide(world, AvailabilityState.RESTRICTED)
    body = {**NAMES, "availability": "AVAILABLE"}
    refused = send("POST", f"{HOME}/availability", body)
    assert (refused.status, refused.codes) == (422, ["LRS-PLR-2"])
    unknown = send("POST", f"{HOME}/availability", {**body, "givenName": "Zebedee"})
    assert (unknown.status, unknown.codes) == (422, ["WSEC0208"])
    assert send("POST", f"{HOME}/availability", NAMES).codes == ["ACF001"]
    assert send("POST", f"{HOME}/availability", {**body, "availability": "RESTRICTED"}).codes == ["ACF005"]
    assert send("POST", f"{HOME}/availability", body, VIEW_TOKEN).status == 403


@pytest.mark.req("PLR-07")
def test_the_access_log_is_returned_in_pages(world: FakeWorld, send: WebClient) -> None:
    for _ in range(3):
        send("POST", f"{HOME}/record", NAMES, THEIR_TOKEN)
        world.clock.advance()
    first = send("POST", f"{HOME}/access-log", {**NAMES, "limit": 2})
    assert first.document["entries"][0] == {
        "action": "record-viewed",
        "description": "Learning record viewed",
        "outcome": "DONE",
        "dateTime": "2026-03-02T09:00:02Z",
        "organisation": "Awards 2",
        "organisationUkprn": THEIRS,
        "user": f"system-{THEIRS}",
    }
    second = send("POST", f"{HOME}/access-log", {**NAMES, "limit": 2, "cursor": first.document["cursor"]})
    assert [entry["dateTime"] for entry in second.document["entries"]] == ["2026-03-02T09:00:00Z"]
    assert second.document["cursor"] is None
    assert send("POST", f"{HOME}/access-log", {**NAMES, "cursor": "x"}).status == 400
    assert send("POST", f"{HOME}/access-log", {**NAMES, "familyName": "Zebedee"}).codes == ["WSEC0208"]


def challenge(send: WebClient, token: str = TOKEN, **changes: object) -> Answer:
    events = send("POST", f"{HOME}/record", NAMES).document["learningEvents"]
    body = {
        **NAMES,
        "challengeType": "EVENT_GRADE",
        "contactName": "Sam Ford",
        "emailAddress": "sam@example.org",
        "learningEvent1Id": events[0]["id"],
        "supplied": {"achievedGrade": "Merit"},
    }
    return send("POST", f"{HOME}/challenges", {**body, **changes}, token)


@pytest.mark.req("LEDC-01", "PLR-06")
def test_a_challenge_is_raised_listed_and_marks_its_event(send: WebClient) -> None:
    raised = challenge(send)
    assert raised.status == 201
    reference = raised.document["dataChallengeReference"]
    assert PERSON.uln not in reference
    assert raised.document | {"learningEventIds": []} == {
        "dataChallengeReference": reference,
        "type": "EVENT_GRADE",
        "kind": "Event data challenge",
        "enquiryType": "Information on one of the qualifications is wrong",
        "identifiedProblem": "The grade is wrong",
        "status": "New",
        "createdDate": "2026-03-02T09:00:00Z",
        "resolvedDate": None,
        "learningEventIds": [],
    }
    assert challenge(send).status == 200, "the same problem while it is open"
    assert send("GET", f"{HOME}/challenges").document == {"challenges": [raised.document]}
    assert send("GET", f"{HOME}/challenges", token=THEIR_TOKEN).document == {"challenges": []}
    events = send("POST", f"{HOME}/record", NAMES).document["learningEvents"]
    assert [one["underDataChallenge"] for one in events] == ["Y", "N"]


@pytest.mark.req("ULN-10")
def test_a_problem_with_a_uln_is_raised(send: WebClient) -> None:
    answer = challenge(
        send, challengeType="ULN_OTHER", learningEvent1Id=None, supplied=None, additionalInformation="Two people."
    )
    assert (answer.status, answer.document["kind"]) == (201, "ULN challenge")


@pytest.mark.req("LEDC-01")
@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"learningEvent1Id": 5}, 422, "LRS-DC-7"),
        ({"learningEvent1Id": None}, 422, "LRS-DC-1"),
        ({"supplied": {}}, 422, "LRS-DC-3"),
        ({"contactName": ""}, 422, "LRS-DC-4"),
        ({"emailAddress": "sam"}, 422, "ACF003"),
        ({"familyName": "Zebedee"}, 422, "WSEC0208"),
        ({"challengeType": "EVENT_OTHER"}, 422, "ACF005"),
        ({"supplied": {"grade": "A"}}, 400, "LRS-REQ-2"),
        ({"learningEvent1Id": "5"}, 400, "LRS-REQ-4"),
    ],
    ids=str,
)
def test_a_report_that_is_not_a_challenge_is_refused_with_its_reason(
    send: WebClient, changes: dict[str, object], status: int, code: str
) -> None:
    answer = challenge(send, **changes)
    assert (answer.status, answer.codes) == (status, [code])


@pytest.mark.req("LEDC-01")
def test_every_reason_against_the_values_of_a_challenge_is_reported_at_once(send: WebClient) -> None:
    wrong = {"givenName": "Am3lia", "telephone": "0" * 21, "emailAddress": "sam", "additionalInformation": "=1+1"}
    supplied = {"achievedGrade": "M" * 31, "endDate": "2026-02-30"}
    expected = [
        ("ACF003", "givenName"), ("ACF002", "telephone"), ("ACF003", "emailAddress"),
        ("ACF008", "additionalInformation"), ("ACF002", "supplied.achievedGrade"), ("ACF004", "supplied.endDate"),
    ]  # fmt: skip
    answer = challenge(send, **wrong, supplied=supplied)
    assert (answer.status, answer.reasons) == (422, expected)
    answer = challenge(send, **wrong, supplied=supplied, challengeType="EVENT_OTHER")
    assert (answer.status, answer.reasons) == (422, [("ACF005", "challengeType"), *expected])
    assert challenge(send, supplied={"endDate": 7}).reasons == [("LRS-REQ-4", "supplied.endDate")]


@pytest.mark.req("PLR-01")
def test_how_much_to_return_is_judged_with_the_learners_details(send: WebClient) -> None:
    answer = send("POST", f"{HOME}/record", {**NAMES, "getType": "ALL", "gender": "7"})
    assert (answer.status, answer.reasons) == (422, [("ACF005", "getType"), ("ACF005", "gender")])


@pytest.mark.req("PLR-06", "SEC-01")
def test_the_list_of_challenges_does_not_tell_whether_a_uln_exists(send: WebClient) -> None:
    unknown, known = (send("GET", f"/v1/learners/{learner(number).uln}/challenges") for number in (9, 0))
    assert (unknown.status, unknown.document) == (known.status, known.document) == (200, {"challenges": []})


@pytest.mark.req("PLR-06")
def test_a_proposed_grade_may_be_what_a_grade_is_and_reasons_name_the_field_that_was_sent(send: WebClient) -> None:
    event = {"challengeType": "EVENT_GRADE", "learningEvent2Id": 5}
    answer = challenge(send, **event, supplied={"achievedGrade": "Distinction*"})
    assert answer.reasons == [("LRS-DC-7", "learningEvent2Id")]
    long = challenge(send, **event, supplied={"achievedGrade": "D" * 31})
    assert long.reasons == [("ACF002", "supplied.achievedGrade")]
    of_uln = challenge(send, challengeType="ULN_CREATED_IN_ERROR", learningEvent2Id=5)
    assert ("LRS-DC-2", "learningEvent2Id") in of_uln.reasons


@pytest.mark.req("SEC-01")
def test_nothing_is_shown_when_the_look_cannot_be_logged(world: FakeWorld, send: WebClient) -> None:
    def hook(name: str) -> None:
        if name == "audit.record":
            raise TemporaryFailure(name)

    world.hook = hook
    answer = send("POST", f"{HOME}/record", NAMES)
    assert answer.status == 503
    assert PERSON.family_name not in json.dumps(answer.document)
