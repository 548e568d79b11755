"""The REST interface of learners, through Chalice, over fakes of the outside services."""

from __future__ import annotations

import json

import pytest
from chalice import Chalice

from chalicelib.domain.access import Role
from chalicelib.domain.learner_fields import DETAILS
from chalicelib.domain.learners import LINKED, Learner
from chalicelib.ports.errors import TemporaryFailure
from chalicelib.web.http.forms import camel_case, fields_of
from chalicelib.web.http.routes import blueprint
from chalicelib.web.rest.learner_requests import LearnerUpdate, NewLearner
from chalicelib.web.rest.table import ENTRIES
from tests.builders.learners import learner, uln
from tests.builders.web import THEIR_TOKEN, TOKEN, WebClient, token_of, web_client, world_of_providers
from tests.fakes.world import FakeWorld

OURS, THEIRS, DESK = "10000001", "10000002", "10000009"
PATH = "/v1/learners"
DESK_TOKEN = token_of("desk")
NEW: dict[str, object] = {
    "givenName": "Bronwen",
    "familyName": "Ashcombe",
    "lastKnownPostCode": "cf10 1aa",
    "dateOfBirth": "2004-05-17",
    "gender": "2",
    "verificationType": "2",
    "abilityToShare": "1",
}
FIVE = {name: NEW[name] for name in ("givenName", "familyName", "lastKnownPostCode", "dateOfBirth", "gender")}
NAMES = {"givenName": "Bronwen", "familyName": "Ashcombe"}


@pytest.fixture
def world() -> FakeWorld:
    return world_of_providers(
        (OURS, Role.LRB_ONLINE_USER, TOKEN),
        (THEIRS, Role.LRB_ONLINE_USER, THEIR_TOKEN),
        (DESK, Role.SERVICE_DESK, DESK_TOKEN),
    )


def hold(world: FakeWorld, *made: Learner) -> None:
    world.learner_register.load(made)


def linked_pair(world: FakeWorld) -> None:
    """The second learner linked to the first as master."""
    seren = learner(2, given_name="Seren", family_name="Wick")
    hold(
        world,
        learner(1)._replace(linked_ulns=(seren.uln,)),
        seren._replace(status=LINKED, master_uln=uln(1)),
    )


def looks(world: FakeWorld) -> list[tuple[str, str, str]]:
    return [(entry.subject, entry.action, entry.detail.get("code", "")) for entry in world.audit.held.values()]


# --- Find -------------------------------------------------------------------------------------------------------------


@pytest.mark.req("ULN-01", "SEC-01")
def test_a_learner_is_found_by_uln_and_returned_with_every_field_of_the_existing_interface(
    world: FakeWorld, send: WebClient
) -> None:
    hold(world, learner(1, title="Ms", nationality="GBR"))
    answer = send("POST", f"{PATH}/find-by-uln", {"uln": uln(1), "familyName": "Ashcombe"})
    assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-store")
    assert answer.document["responseCode"] == "WSRC0004"
    (found,) = answer.document["learners"]
    assert {camel_case(field.name) for field in DETAILS} <= set(found)
    assert (
        found
        | {
            "uln": uln(1),
            "title": "Ms",
            "lastKnownPostCode": "CF10 1AA",
            "dateOfBirth": "2004-05-17",
            "masterSubstituted": "N",
            "tierLevel": "2",
            "learnerStatus": "1",
            "linkedUlns": [],
            "versionNumber": 1,
            "notes": None,
            "masterUln": None,
        }
        == found
    )
    assert looks(world) == [(f"ULN#{uln(1)}", "learner-found-by-uln", "WSRC0004")]


@pytest.mark.req("ULN-01")
def test_another_name_and_an_unknown_uln_get_the_same_answer(world: FakeWorld, send: WebClient) -> None:
    hold(world, learner(1))
    other = send("POST", f"{PATH}/find-by-uln", {"uln": uln(1), "familyName": "Zebedee"})
    unknown = send("POST", f"{PATH}/find-by-uln", {"uln": uln(9), "familyName": "Ashcombe"})
    assert other.document == unknown.document == {"responseCode": "WSRC0001", "learners": []}


@pytest.mark.req("ULN-01", "ULN-09")
def test_a_linked_uln_is_answered_with_its_master(world: FakeWorld, send: WebClient) -> None:
    linked_pair(world)
    answer = send("POST", f"{PATH}/find-by-uln", {"uln": uln(2), "familyName": "Wick"})
    assert answer.document["responseCode"] == "WSRC0022"
    (found,) = answer.document["learners"]
    assert (found["uln"], found["masterSubstituted"], found["linkedUlns"]) == (uln(1), "Y", [uln(2)])


@pytest.mark.req("ULN-01")
def test_no_path_alone_reveals_a_learner_whom_the_organisation_does_not_know(world: FakeWorld, send: WebClient) -> None:
    hold(world, learner(1))
    theirs, nobodys = (send("GET", f"{PATH}/{number}", token=THEIR_TOKEN) for number in (uln(1), uln(9)))
    assert (theirs.status, theirs.reasons) == (nobodys.status, nobodys.reasons) == (404, [("WSRC0019", "uln")])
    in_address = send("POST", f"{PATH}/find-by-uln?familyName=Ashcombe", {"uln": uln(1), "familyName": "Ashcombe"})
    assert in_address.status == 400


@pytest.mark.req("ULN-02")
def test_learners_are_found_by_details(world: FakeWorld, send: WebClient) -> None:
    path = f"{PATH}/find-by-demographics"
    assert send("POST", path, FIVE).document == {"responseCode": "WSRC0001", "learners": []}
    hold(world, learner(1))
    exact = send("POST", path, FIVE).document
    assert (exact["responseCode"], [one["uln"] for one in exact["learners"]]) == ("WSRC0004", [uln(1)])
    possible = send("POST", path, FIVE | {"givenName": "Bronwenn"}).document
    assert (possible["responseCode"], [one["uln"] for one in possible["learners"]]) == ("WSRC0003", [uln(1)])
    assert send("POST", path, FIVE | {"findType": "chk"}).document == {"responseCode": "WSRC0004", "learners": []}


@pytest.mark.req("ULN-02")
def test_too_many_learners_are_not_listed(world: FakeWorld, send: WebClient) -> None:
    hold(world, *(learner(number, last_known_post_code="CF10 2BB") for number in range(11)))
    found = send("POST", f"{PATH}/find-by-demographics", FIVE).document
    assert found == {"responseCode": "WSRC0002", "learners": []}


@pytest.mark.req("ULN-02", "ULN-08")
def test_every_rule_that_details_break_is_reported_at_once(send: WebClient) -> None:
    sent = FIVE | {"givenName": "Bronwen1", "familyName": "!", "placeOfBirth": "x\u2028y"}
    answer = send("POST", f"{PATH}/find-by-demographics", sent)
    assert answer.status == 422
    assert answer.reasons == [("ACF003", "givenName"), ("ACF003", "familyName"), ("ACF003", "placeOfBirth")]


# --- Get and check ----------------------------------------------------------------------------------------------------


@pytest.mark.req("ULN-01", "ULN-04", "SEC-01")
def test_a_learner_is_read_with_the_version_that_an_update_names(world: FakeWorld, send: WebClient) -> None:
    made = send("POST", PATH, NEW)
    path = made.headers["Location"]
    read = send("GET", path)
    assert (read.status, read.headers["ETag"], read.headers["Cache-Control"]) == (200, made.headers["ETag"], "no-store")
    (found,) = send("POST", f"{PATH}/find-by-uln", {"uln": made.document["uln"], "familyName": "Ashcombe"}).document[
        "learners"
    ]
    assert read.document == found
    updated = send("PATCH", path, NAMES | {"lastKnownPostCode": "CF10 2BB"}, If_Match=read.headers["ETag"])
    assert updated.status == 200
    assert send("GET", path).headers["ETag"] == updated.headers["ETag"]


@pytest.mark.req("ULN-01", "SEC-01")
def test_a_version_that_is_held_is_not_sent_again_and_the_look_is_recorded(world: FakeWorld, send: WebClient) -> None:
    hold(world, learner(1))
    path = f"{PATH}/{uln(1)}"
    held = [send("GET", path, If_None_Match=tag) for tag in ('"1"', 'W/"1"', "*", '"7", "1"')]
    assert [(answer.status, answer.body, answer.headers["ETag"]) for answer in held] == [(304, "", '"1"')] * 4
    assert send("GET", path, If_None_Match='"2"').status == 200
    head = send("HEAD", path)
    assert (head.status, head.body, head.headers["ETag"]) == (200, "", '"1"')
    assert looks(world) == [(f"ULN#{uln(1)}", "learner-retrieved", "WSRC0004")] * 6


@pytest.mark.req("ULN-01", "ULN-03", "SEC-01")
def test_a_link_to_a_learner_of_another_organisation_is_for_the_one_that_sent_the_details(
    world: FakeWorld, send: WebClient
) -> None:
    hold(world, learner(1))
    path = send("POST", PATH, NEW, THEIR_TOKEN).document["links"]["learner"]
    assert send("GET", path, token=THEIR_TOKEN).document["uln"] == uln(1)
    assert send("GET", path.replace(uln(1), uln(2)), token=THEIR_TOKEN).status == 404
    assert send("GET", f"{PATH}/{uln(1)}?access=nonsense", token=THEIR_TOKEN).status == 404


@pytest.mark.req("ULN-01")
@pytest.mark.parametrize(
    ("path", "status", "code"),
    [("123", 422, "ACF003"), ("1000000044", 422, "ACL001"), (f"{uln(1)}?name=x", 400, "LRS-REQ-2")],
)
def test_a_wrong_request_for_a_learner_says_why(send: WebClient, path: str, status: int, code: str) -> None:
    answer = send("GET", f"{PATH}/{path}")
    assert (answer.status, answer.codes) == (status, [code])


@pytest.mark.req("ULN-01", "ULN-09")
def test_ulns_are_checked_without_details_each_with_its_own_answer(world: FakeWorld, send: WebClient) -> None:
    linked_pair(world)
    sent = [uln(1), uln(2), uln(9), "123", None, uln(1)]
    answer = send("POST", f"{PATH}/retrieve", {"ulns": sent}, THEIR_TOKEN)
    assert answer.status == 200
    assert answer.document["retrievedUlns"] == [
        {"uln": number, "responseCode": code, "masterUln": master}
        for number, code, master in (
            (uln(1), "WSRC0004", None),
            (uln(2), "WSRC0022", uln(1)),
            (uln(9), "WSRC0023", None),
            ("123", "ACF003", None),
            ("", "ACF001", None),
            (uln(1), "WSRC0004", None),
        )
    ]


@pytest.mark.req("ULN-01")
@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({}, ("LRS-REQ-1", "ulns")),
        ({"ulns": []}, ("LRS-REQ-1", "ulns")),
        ({"ulns": uln(1)}, ("LRS-REQ-4", "ulns")),
        ({"ulns": [uln(1), 7]}, ("LRS-REQ-4", "ulns[1]")),
        ({"ulns": [uln(1)] * 201}, ("LRS-REQ-5", "ulns")),
        ({"ulns": [uln(1)], "findType": "FUL"}, ("LRS-REQ-2", "")),
    ],
)
def test_a_wrong_list_of_ulns_is_refused(
    world: FakeWorld, send: WebClient, body: object, reason: tuple[str, str]
) -> None:
    answer = send("POST", f"{PATH}/retrieve", body)
    assert (answer.status, answer.reasons) == (400, [reason])
    assert not looks(world)


@pytest.mark.req("ULN-01", "SLA-08")
def test_a_call_about_many_ulns_counts_as_a_file_does(world: FakeWorld) -> None:
    services = world.services(pace_batches=(0.5, 2))
    app = Chalice(app_name="paced-under-test", configure_logs=False)
    app.register_blueprint(blueprint(ENTRIES, lambda: services))
    with web_client(app) as send:
        for _ in range(2):
            assert send("POST", f"{PATH}/retrieve", {"ulns": [uln(1)]}).status == 200
        throttled = send("POST", f"{PATH}/retrieve", {"ulns": [uln(1)]})
        assert (throttled.status, throttled.headers["Retry-After"]) == (429, "2")
        assert send("POST", f"{PATH}/find-by-uln", {"uln": uln(1), "familyName": "Ashcombe"}).status == 200
    assert [action for _, action, _ in looks(world)].count("ulns-retrieved") == 2


# --- Register ---------------------------------------------------------------------------------------------------------


@pytest.mark.req("ULN-03", "SEC-01")
def test_a_new_learner_is_registered_under_a_new_uln(world: FakeWorld, send: WebClient) -> None:
    answer = send("POST", PATH, NEW | {"notes": "First line\nsecond", "title": None, "nationality": "GBR"})
    assert answer.status == 201
    number = answer.document["uln"]
    assert answer.headers["Location"] == f"{PATH}/{number}"
    assert answer.document == {
        "responseCode": "WSRC0005",
        "uln": number,
        "versionNumber": 1,
        "pendingId": None,
        "links": {"learner": f"{PATH}/{number}"},
    }
    (found,) = send("POST", f"{PATH}/find-by-uln", {"uln": number, "familyName": "Ashcombe"}).document["learners"]
    assert (found["notes"], found["nationality"], found["title"]) == ("First line\nsecond", "GBR", None)
    assert found["createdDate"] == found["lastUpdatedDate"] == "2026-03-02T09:00:00Z"
    assert (f"ULN#{number}", "learner-registered", "WSRC0005") in looks(world)


@pytest.mark.req("ULN-03")
def test_a_learner_who_is_registered_is_answered_with_the_uln(world: FakeWorld, send: WebClient) -> None:
    first = send("POST", PATH, NEW)
    again = send("POST", PATH, NEW, THEIR_TOKEN)
    assert (again.status, again.document["responseCode"]) == (200, "WSRC0004")
    assert again.document["uln"] == first.document["uln"]
    assert again.headers["Location"].startswith(f"{first.headers['Location']}?access=")
    assert again.document["versionNumber"] is None
    assert len(world.learners.held) == 1


@pytest.mark.req("ULN-03", "ULN-09")
def test_a_linked_learner_is_answered_with_the_masters_uln(world: FakeWorld, send: WebClient) -> None:
    linked_pair(world)
    answer = send("POST", PATH, NEW | {"givenName": "Seren", "familyName": "Wick"})
    assert (answer.status, answer.document["responseCode"], answer.document["uln"]) == (200, "WSRC0022", uln(1))


@pytest.mark.req("ULN-03", "ULN-05")
def test_similar_learners_make_a_pending_match_and_no_learner(world: FakeWorld, send: WebClient) -> None:
    hold(world, learner(1))
    answer = send("POST", PATH, NEW | {"givenName": "Bronwenn", "misIdentifier": "MIS-1"})
    assert (answer.status, answer.document["responseCode"], answer.document["uln"]) == (202, "WSRC0021", None)
    path = f"/v1/pending-matches/{answer.document['pendingId']}"
    assert answer.headers["Location"] == path
    assert answer.document["links"] == {"pendingMatch": path, "decision": f"{path}/decision"}
    assert len(world.learners.held) == 1
    again = send("POST", PATH, NEW | {"givenName": "Bronwenn"})
    assert again.document["pendingId"] == answer.document["pendingId"]


@pytest.mark.req("ULN-03", "SEC-01")
def test_nothing_is_revealed_of_a_restricted_learner_and_no_second_is_registered(
    world: FakeWorld, send: WebClient
) -> None:
    hold(world, learner(1)._replace(restricted=True))
    answer = send("POST", PATH, NEW)
    assert (answer.status, answer.reasons) == (409, [("WSRC0021", "")])
    assert uln(1) not in json.dumps(answer.document)
    assert len(world.learners.held) == 1


@pytest.mark.req("ULN-03", "SLA-08")
def test_the_same_registration_sent_again_with_its_key_gets_the_same_answer(world: FakeWorld, send: WebClient) -> None:
    key = {"Idempotency_Key": "0123456789abcdef"}
    first, again = send("POST", PATH, NEW, **key), send("POST", PATH, NEW, **key)
    assert (again.status, again.document) == (first.status, first.document) == (201, first.document)
    assert again.headers["Location"] == first.headers["Location"]


@pytest.mark.req("ULN-03", "ULN-08")
def test_every_fault_of_structure_is_reported_at_once_before_values_are_checked(
    world: FakeWorld, send: WebClient
) -> None:
    sent: dict[str, object] = {
        "givenName": "x" * 36,
        "dateOfBirth": "17/05/2004",
        "gender": "F",
        "lastKnownPostCode": "nowhere",
        "verificationType": "8",
        "nationality": "Welsh",
        "misIdentifier": "x" * 129,
    }
    answer = send("POST", PATH, sent | {"abilityToShare": 1, "notes": ["a"], "nosuch": "y"})
    assert answer.status == 400
    assert set(answer.reasons) == {("LRS-REQ-4", "abilityToShare"), ("LRS-REQ-4", "notes"), ("LRS-REQ-2", "")}
    answer = send("POST", PATH, sent)
    assert answer.status == 422
    assert set(answer.reasons) == {
        ("ACF002", "givenName"),
        ("ACF001", "familyName"),
        ("ACF003", "lastKnownPostCode"),
        ("ACF004", "dateOfBirth"),
        ("ACF005", "gender"),
        ("ACF002", "nationality"),
        ("ACF005", "verificationType"),
        ("ACF001", "abilityToShare"),
        ("ACF002", "misIdentifier"),
    }
    assert world.learners.held == {}


@pytest.mark.req("ULN-03", "ULN-08")
def test_everything_that_the_rules_require_is_reported_at_once(world: FakeWorld, send: WebClient) -> None:
    sent = NEW | {
        "givenName": "Bronwen1",
        "dateOfBirth": "2020-01-01",
        "dateOfAddressCapture": "2030-01-01",
        "emailAddress": "nobody",
        "uniquePupilNumber": "A12",
        "verificationType": "999",
        "abilityToShare": "2",
    }
    answer = send("POST", PATH, sent)
    assert answer.status == 422
    assert set(answer.reasons) == {
        ("ACF003", "givenName"),
        ("ACF003", "emailAddress"),
        ("ACF003", "uniquePupilNumber"),
        ("ACF004", "dateOfBirth"),
        ("ACF004", "dateOfAddressCapture"),
        ("ACF001", "otherVerificationDescription"),
        ("ACF005", "abilityToShare"),
    }
    assert world.learners.held == {}


@pytest.mark.req("ULN-03", "ULN-04")
def test_requests_have_every_field_of_a_learner_with_its_limit() -> None:
    for shape in (NewLearner, LearnerUpdate):
        held = {field.name: field for field in fields_of(shape)}
        for field in DETAILS:
            schema = held[field.name].form.schema()
            assert schema.get("maxLength", field.limit) == field.limit, field.name
            nullable = "null" in schema.get("type", ()) or {"enum": ["", None]} in schema.get("anyOf", ())
            assert nullable is not field.mandatory, field.name
    required = {field.name for field in fields_of(NewLearner) if field.required}
    assert required == {field.name for field in DETAILS if field.mandatory}


# --- Update -----------------------------------------------------------------------------------------------------------


@pytest.mark.req("ULN-04", "SEC-01")
def test_a_learner_is_updated_if_the_version_is_unchanged(world: FakeWorld, send: WebClient) -> None:
    hold(world, learner(1, title="Ms", notes="Old"))
    sent = NAMES | {"familyName": "Wick", "previousFamilyName": "Ashcombe", "title": None, "dateOfAddressCapture": None}
    answer = send("PATCH", f"{PATH}/{uln(1)}", sent, If_Match='"1"')
    assert (answer.status, answer.headers["ETag"]) == (200, '"2"')
    assert answer.document == {"responseCode": "WSRC0006", "uln": uln(1), "versionNumber": 2}
    (found,) = send("POST", f"{PATH}/find-by-uln", {"uln": uln(1), "familyName": "Wick"}).document["learners"]
    assert (found["familyName"], found["previousFamilyName"]) == ("Wick", "Ashcombe")
    assert (found["title"], found["notes"], found["versionNumber"]) == (None, "Old", 2)
    assert (f"ULN#{uln(1)}", "learner-updated", "WSRC0006") in looks(world)


KEPT = {"unique_pupil_number", "other_verification_description"}
"""What the register keeps, and what the verification type 999 needs."""


@pytest.mark.req("ULN-04")
@pytest.mark.parametrize("nothing", [None, ""])
def test_every_detail_that_may_be_left_out_can_be_removed_again(
    world: FakeWorld, send: WebClient, nothing: str | None
) -> None:
    optional = [field for field in DETAILS if not field.mandatory and field.name not in KEPT]
    hold(world, learner(1, **{field.name: field.example for field in optional}))
    for version, field in enumerate(optional, 1):
        sent = NAMES | {field.json: nothing}
        assert send("PATCH", f"{PATH}/{uln(1)}", sent, If_Match=f'"{version}"').document["responseCode"] == "WSRC0006"
    (found,) = send("POST", f"{PATH}/find-by-uln", {"uln": uln(1), "familyName": "Ashcombe"}).document["learners"]
    assert {field.json: found[field.json] for field in optional} == dict.fromkeys(field.json for field in optional)


@pytest.mark.req("ULN-04")
def test_a_stale_version_is_refused_and_nothing_is_overwritten(world: FakeWorld, send: WebClient) -> None:
    hold(world, learner(1))
    assert send("PATCH", f"{PATH}/{uln(1)}", NAMES | {"title": "Dr"}, If_Match='"1"').status == 200
    stale = send("PATCH", f"{PATH}/{uln(1)}", NAMES | {"title": "Ms"}, THEIR_TOKEN, If_Match='"1"')
    assert (stale.status, stale.reasons) == (412, [("WSRC0013", "If-Match")])
    assert world.learner_register.whole[uln(1)].details.title == "Dr"
    foreign = send("PATCH", f"{PATH}/{uln(1)}", NAMES | {"title": "Ms"}, If_Match='"abc"')
    assert (foreign.status, foreign.reasons) == (412, [("WSRC0013", "If-Match")])


@pytest.mark.req("ULN-04")
@pytest.mark.parametrize("tag", ["", "*"])
def test_a_change_without_a_version_is_refused(world: FakeWorld, send: WebClient, tag: str) -> None:
    hold(world, learner(1))
    answer = send("PATCH", f"{PATH}/{uln(1)}", NAMES | {"title": "Dr"}, **({"If_Match": tag} if tag else {}))
    assert (answer.status, answer.reasons) == (428, [("LRS-REQ-15", "If-Match")])


@pytest.mark.req("ULN-04")
def test_a_change_that_changes_nothing_keeps_the_version(world: FakeWorld, send: WebClient) -> None:
    hold(world, learner(1))
    answer = send("PATCH", f"{PATH}/{uln(1)}", NAMES, If_Match='"1"')
    assert (answer.status, answer.document["responseCode"], answer.headers["ETag"]) == (200, "WSRC0020", '"1"')


@pytest.mark.req("ULN-04", "SEC-01")
def test_with_another_name_the_learner_is_not_found(world: FakeWorld, send: WebClient) -> None:
    hold(world, learner(1), learner(3)._replace(restricted=True))
    guessed = send("PATCH", f"{PATH}/{uln(1)}", {"givenName": "Quentin", "familyName": "Zebedee"}, If_Match='"1"')
    unknown = send("PATCH", f"{PATH}/{uln(9)}", NAMES, If_Match='"1"')
    hidden = send("PATCH", f"{PATH}/{uln(3)}", NAMES | {"title": "Dr"}, If_Match='"1"')
    for answer in (guessed, unknown, hidden):
        assert (answer.status, answer.reasons) == (404, [("WSRC0019", "uln")])
    assert (f"ULN#{uln(1)}", "learner-updated", "WSRC0019") in looks(world)
    assert world.learner_register.whole[uln(1)].version_number == 1


@pytest.mark.req("ULN-04", "ULN-09")
def test_only_the_master_of_linked_learners_is_updated(world: FakeWorld, send: WebClient) -> None:
    linked_pair(world)
    sent = {"givenName": "Seren", "familyName": "Wick", "title": "Dr"}
    answer = send("PATCH", f"{PATH}/{uln(2)}", sent, If_Match='"1"')
    assert (answer.status, answer.reasons) == (409, [("WSRC0022", "uln")])
    assert answer.document["masterUln"] == uln(1)
    assert {subject for subject, _, _ in looks(world)} == {f"ULN#{uln(1)}", f"ULN#{uln(2)}"}


@pytest.mark.req("ULN-04", "ULN-09", "SEC-01")
def test_a_restricted_master_is_not_revealed(world: FakeWorld, send: WebClient) -> None:
    linked_pair(world)
    hold(world, learner(1)._replace(restricted=True))
    answer = send("PATCH", f"{PATH}/{uln(2)}", {"givenName": "Seren", "familyName": "Wick"}, If_Match='"1"')
    assert (answer.status, answer.reasons) == (404, [("WSRC0019", "uln")])
    assert "masterUln" not in answer.document


@pytest.mark.req("ULN-04", "ULN-08")
def test_what_may_not_be_changed_is_refused_with_every_reason(world: FakeWorld, send: WebClient) -> None:
    hold(world, learner(1))
    sharing = send("PATCH", f"{PATH}/{uln(1)}", NAMES | {"abilityToShare": "0"}, If_Match='"1"')
    assert (sharing.status, sharing.reasons) == (422, [("WSRC0014", "abilityToShare")])
    sent = NAMES | {"emailAddress": "nobody", "dateOfBirth": "2020-01-01"}
    answer = send("PATCH", f"{PATH}/{uln(1)}", sent, If_Match='"1"')
    assert answer.status == 422
    assert set(answer.reasons) == {("ACF003", "emailAddress"), ("ACF004", "dateOfBirth")}
    assert [(action, code) for _, action, code in looks(world)] == [
        ("learner-updated", "WSRC0014"),
        ("learner-updated", "ACF003 ACF004"),
    ]


@pytest.mark.req("ULN-04")
def test_a_mandatory_detail_cannot_be_removed(world: FakeWorld, send: WebClient) -> None:
    hold(world, learner(1))
    answer = send("PATCH", f"{PATH}/{uln(1)}", NAMES | {"gender": None, "dateOfBirth": None}, If_Match='"1"')
    assert (answer.status, {field for _, field in answer.reasons}) == (422, {"gender", "dateOfBirth"})


# --- Link -------------------------------------------------------------------------------------------------------------


@pytest.mark.req("ULN-09", "SEC-01")
def test_the_service_desk_links_and_unlinks(world: FakeWorld, send: WebClient) -> None:
    hold(world, learner(1), learner(2, given_name="Seren"))
    path = f"{PATH}/{uln(2)}"
    linked = send("POST", f"{path}/link", {"masterUln": uln(1)}, DESK_TOKEN)
    assert (linked.status, linked.headers["ETag"]) == (200, '"2"')
    assert linked.document == {
        "uln": uln(1),
        "learnerStatus": "1",
        "linkedUlns": [uln(2)],
        "versionNumber": 2,
    }
    found = send("POST", f"{PATH}/find-by-uln", {"uln": uln(2), "familyName": "Ashcombe"}).document
    assert (found["responseCode"], found["learners"][0]["uln"]) == ("WSRC0022", uln(1))
    unlinked = send("POST", f"{path}/unlink", None, DESK_TOKEN)
    assert (unlinked.status, unlinked.document["uln"], unlinked.document["learnerStatus"]) == (200, uln(2), "1")
    assert [(action, subject) for subject, action, _ in looks(world) if "linked" in action] == [
        ("learner-linked", f"ULN#{uln(2)}"),
        ("learner-linked", f"ULN#{uln(1)}"),
        ("learner-unlinked", f"ULN#{uln(2)}"),
        ("learner-unlinked", f"ULN#{uln(1)}"),
    ]


@pytest.mark.req("ULN-09")
def test_what_cannot_be_linked_is_refused(world: FakeWorld, send: WebClient) -> None:
    linked_pair(world)
    hold(world, learner(3))
    assert send("POST", f"{PATH}/{uln(3)}/link", {"masterUln": uln(1)}).status == 403
    for sent, master in ((1, 3), (2, 3), (3, 3)):
        answer = send("POST", f"{PATH}/{uln(sent)}/link", {"masterUln": uln(master)}, DESK_TOKEN)
        assert (answer.status, answer.reasons) == (422, [("LRS-LINK-1", "uln")])
    unknown = send("POST", f"{PATH}/{uln(3)}/link", {"masterUln": uln(9)}, DESK_TOKEN)
    assert (unknown.status, unknown.reasons) == (404, [("WSRC0019", "masterUln")])
    assert send("POST", f"{PATH}/{uln(3)}/unlink", None, DESK_TOKEN).status == 422


@pytest.mark.req("SEC-01")
@pytest.mark.parametrize("path", [f"{PATH}/find-by-uln", f"{PATH}/find-by-demographics", PATH])
def test_what_cannot_be_audited_is_not_answered(world: FakeWorld, send: WebClient, path: str) -> None:
    hold(world, learner(1))

    def no_audit(name: str) -> None:
        if name == "audit.record":
            raise TemporaryFailure

    world.hook = no_audit
    body = {"uln": uln(1), "familyName": "Ashcombe"} if path.endswith("uln") else NEW if path == PATH else FIVE
    answer = send("POST", path, body)
    assert (answer.status, answer.reasons) == (503, [("LRS-REQ-11", "")])
