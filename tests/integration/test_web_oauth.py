"""Access tokens over the web service: requested, used, refused; with real keys, over fakes of the outside services."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator, Mapping
from datetime import timedelta
from urllib.parse import quote, urlencode

import jwt
import pytest
from chalice import Chalice

from chalicelib.cloud.token_keys import TokenKeys, renewed
from chalicelib.ports.errors import TemporaryFailure
from chalicelib.services.credentials import Issued, Order
from chalicelib.web.http.routes import blueprint
from chalicelib.web.rest.table import ENTRIES
from tests.builders.callers import caller
from tests.builders.organisations import organisation
from tests.builders.web import Answer, WebClient, web_client
from tests.fakes import CountedIds, FakeWorld
from tests.fakes.identity import AUDIENCE

ANN = caller(user="ann")
UKPRN = "10000001"
SUBMIT, MANAGE = "achievement-batches:submit", "achievement-batches:manage"
JOBS = "/v1/achievement-batches"
FORM = "application/x-www-form-urlencoded"
ASKED = {"grant_type": "client_credentials"}


class Site:
    """The web service, and a credential of one organisation."""

    def __init__(self) -> None:
        self.world = FakeWorld()
        world = self.world
        world.token_keys = TokenKeys(lambda: self.secret, world.clock, timedelta(minutes=15))
        world.new_id = CountedIds("Iabcdefgh")
        self.secret = renewed("", world.clock())
        world.accounts.put(organisation(UKPRN))
        self.services = world.services()
        self.credentials = self.services.credentials
        self.issued: Issued = self.credentials.issue(ANN, UKPRN, Order("system", frozenset({SUBMIT, MANAGE})))
        self.app = Chalice(app_name="routes-under-test", configure_logs=False)
        self.app.register_blueprint(blueprint(ENTRIES, lambda: self.services))

    @property
    def client_id(self) -> str:
        return self.issued.credential.credential_id

    @property
    def basic(self) -> str:
        return basic(self.client_id, self.issued.secret)

    def token(self) -> str:
        with web_client(self.app, token="") as send:
            found: str = ask(send, Authorization=self.basic).document["access_token"]
        return found


def basic(client_id: str, secret: str) -> str:
    return "Basic " + b64encode(f"{quote(client_id)}:{quote(secret)}".encode()).decode()


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture
def send(site: Site) -> Iterator[WebClient]:
    with web_client(site.app, token="") as client:
        yield client


def ask(send: WebClient, form: Mapping[str, str] | bytes = ASKED, **headers: str) -> Answer:
    body = form if isinstance(form, bytes) else urlencode(form).encode()
    return send("POST", "/oauth2/token", body, **{"Content_Type": FORM, **headers})


@pytest.mark.req("IDM-11")
def test_a_token_is_given_for_a_credential_in_either_way(site: Site, send: WebClient) -> None:
    in_form = {**ASKED, "client_id": site.client_id, "client_secret": site.issued.secret}
    for answer in (ask(send, Authorization=site.basic), ask(send, in_form)):
        assert answer.status == 200
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Pragma"] == "no-cache"
        document = answer.document
        assert (document["token_type"], document["expires_in"]) == ("Bearer", 900)
        assert document["scope"] == f"{MANAGE} {SUBMIT}"
        listed = send("GET", JOBS, Authorization=f"Bearer {document['access_token']}")
        assert listed.status == 200


@pytest.mark.req("IDM-11")
def test_a_scope_narrows_what_the_token_may_do(site: Site, send: WebClient) -> None:
    answer = ask(send, {**ASKED, "scope": MANAGE}, Authorization=site.basic)
    assert answer.document["scope"] == MANAGE
    bearer = f"Bearer {answer.document['access_token']}"
    assert send("GET", JOBS, Authorization=bearer).status == 200
    refused = send("POST", JOBS, b'{"filename": "a.csv"}', Authorization=bearer, Content_Type="application/json")
    assert refused.status == 403


@pytest.mark.req("IDM-11")
@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({}, 400, "invalid_request"),
        ({"grant_type": ""}, 400, "invalid_request"),
        ({"grant_type": "password", "username": "a", "password": "b"}, 400, "unsupported_grant_type"),
        ({**ASKED, "scope": "users:manage"}, 400, "invalid_scope"),
        ({**ASKED, "scope": "a  b"}, 400, "invalid_scope"),
        ({**ASKED, "scope": "x" * 3000}, 400, "invalid_request"),
        (b"grant_type=client_credentials&grant_type=client_credentials", 400, "invalid_request"),
        (b"grant_type=%ff", 400, "invalid_request"),
        (b"grant_type=\xff", 400, "invalid_request"),
        (b"x" * 70_000, 400, "invalid_request"),
        ({**ASKED, "client_id": "another"}, 401, "invalid_client"),
        ({**ASKED, "client_secret": "x"}, 401, "invalid_client"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_is_wrong_is_told_in_the_words_of_the_standard(site: Site, send: WebClient, form, status, error) -> None:
    answer = ask(send, form, Authorization=site.basic)
    assert (answer.status, answer.document["error"]) == (status, error)
    assert set(answer.document) == {"error", "error_description"}
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.req("IDM-11")
def test_a_body_of_another_type_or_a_query_is_an_invalid_request(site: Site, send: WebClient) -> None:
    answer = ask(
        send, b'{"grant_type":"client_credentials"}', Authorization=site.basic, Content_Type="application/json"
    )
    assert (answer.status, answer.document["error"]) == (400, "invalid_request")
    in_query = send("POST", f"/oauth2/token?client_secret={site.issued.secret}", b"", Content_Type=FORM)
    assert (in_query.status, in_query.document["error"]) == (400, "invalid_request")


@pytest.mark.req("IDM-11")
def test_unknown_and_empty_parameters_are_ignored(site: Site, send: WebClient) -> None:
    assert ask(send, {**ASKED, "resource": "x", "scope": ""}, Authorization=site.basic).status == 200


@pytest.mark.req("IDM-11", "SEC-01")
def test_a_client_that_is_not_authenticated_gets_the_same_answer_whatever_was_wrong(
    site: Site, send: WebClient
) -> None:
    revoked = site.credentials.issue(ANN, UKPRN, Order("old", frozenset({MANAGE})))
    site.credentials.revoke(ANN, revoked.credential.credential_id)
    tries = [
        ask(send),
        ask(send, Authorization=basic(site.client_id, "wrong")),
        ask(send, Authorization=basic(f"{UKPRN}-nothing-here", site.issued.secret)),
        ask(send, Authorization=basic(revoked.credential.credential_id, revoked.secret)),
        ask(send, Authorization="Basic !!!!"),
        ask(send, {**ASKED, "client_id": site.client_id, "client_secret": "wrong"}),
    ]
    assert {(answer.status, json.dumps(answer.document)) for answer in tries} == {(401, json.dumps(tries[0].document))}
    assert tries[0].document["error"] == "invalid_client"
    assert all(answer.headers["WWW-Authenticate"] == 'Basic realm="learning-records"' for answer in tries)
    kept = [(found.calls, found.reasons) for found in site.world.refused_call_counts.held.values()]
    assert sorted(kept) == [
        (1, ("credential-revoked",)),
        (2, ("secret-wrong",)),
        (3, ("client-unknown", "no-token", "token-malformed")),
    ]


@pytest.mark.req("IDM-11", "SEC-01", "SLA-08")
def test_a_source_that_asks_too_often_is_throttled_before_its_secret_is_looked_at(site: Site) -> None:
    services = site.world.services(pace_sources=(0.5, 2))
    app = Chalice(app_name="throttled-under-test", configure_logs=False)
    app.register_blueprint(blueprint(ENTRIES, lambda: services))
    with web_client(app) as send:
        for _ in range(2):
            assert ask(send, Authorization=basic(site.client_id, "wrong")).status == 401
        site.world.calls.clear()
        throttled = ask(send, Authorization=basic(site.client_id, site.issued.secret))
        assert (throttled.status, throttled.headers["Retry-After"]) == (429, "2")
        assert throttled.document["error"] == "temporarily_unavailable"
        assert set(site.world.calls) <= {"paces.take"}
        site.world.clock.advance(timedelta(seconds=2))
        assert ask(send, Authorization=basic(site.client_id, site.issued.secret)).status == 200


@pytest.mark.req("IDM-10", "IDM-11")
def test_a_suspended_organisation_is_given_no_token(site: Site, send: WebClient) -> None:
    site.world.accounts.put(organisation(UKPRN, status="suspended"))
    answer = ask(send, Authorization=site.basic)
    assert (answer.status, answer.document["error"]) == (400, "unauthorized_client")


@pytest.mark.req("SLA-08")
def test_a_client_that_asks_too_often_is_told_when_to_try_again(site: Site, send: WebClient) -> None:
    site.services = site.world.services(pace_tokens=(0.1, 1))
    assert ask(send, Authorization=site.basic).status == 200
    answer = ask(send, Authorization=site.basic)
    assert (answer.status, answer.headers["Retry-After"]) == (429, "10")
    assert answer.document["error"] == "temporarily_unavailable"


@pytest.mark.req("IDM-11")
@pytest.mark.parametrize(
    ("trouble", "status", "error"),
    [(TemporaryFailure("x"), 503, "temporarily_unavailable"), (KeyError("x"), 500, "server_error")],
)
def test_our_own_failures_are_reported_as_such(site: Site, send: WebClient, trouble, status, error) -> None:
    def fail(name: str) -> None:
        if name == "credentials.holder":
            raise trouble

    site.world.hook = fail
    answer = ask(send, Authorization=site.basic)
    assert (answer.status, answer.document["error"]) == (status, error)


@pytest.mark.req("IDM-11")
def test_the_keys_are_published_for_a_short_while(site: Site, send: WebClient) -> None:
    answer = send("GET", "/oauth2/keys")
    assert (answer.status, answer.headers["Cache-Control"]) == (200, "public, max-age=300")
    (key,) = answer.document["keys"]
    assert "d" not in key
    token = site.token()
    options = {"verify_exp": False}
    claims = jwt.decode(token, jwt.PyJWK(key).key, algorithms=["EdDSA"], audience=AUDIENCE, options=options)
    assert claims["client_id"] == claims["sub"] == site.client_id


@pytest.mark.req("IDM-11", "SEC-01")
def test_a_token_works_until_it_expires_or_its_credential_is_revoked(site: Site, send: WebClient) -> None:
    token = site.token()
    assert send("GET", JOBS, Authorization=f"Bearer {token}").status == 200
    site.world.clock.advance(timedelta(minutes=16))
    over = send("GET", JOBS, Authorization=f"Bearer {token}")
    assert (over.status, over.document["errors"][0]["code"]) == (401, "WSEC0005")
    assert 'error="invalid_token"' in over.headers["WWW-Authenticate"]
    fresh = site.token()
    site.credentials.revoke(ANN, site.client_id)
    assert send("GET", JOBS, Authorization=f"Bearer {fresh}").status == 401


@pytest.mark.req("IDM-11")
def test_every_flipped_byte_of_a_token_gets_the_same_answer(site: Site, send: WebClient) -> None:
    token = site.token()
    answers = set()
    for place in range(0, len(token), 7):
        flipped = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        answer = send("GET", JOBS, Authorization=f"Bearer {flipped}")
        answers.add((answer.status, answer.document["detail"], answer.headers["WWW-Authenticate"]))
    assert len(answers) == 1
    assert answers.pop()[0] == 401


@pytest.mark.req("SEC-02", "IDM-11")
def test_no_secret_and_no_token_is_logged_audited_or_repeated(
    site: Site, send: WebClient, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    token = site.token()
    secret, reported = site.issued.secret, []
    bearer = f"Bearer {token}"
    reported.append(send("GET", JOBS, Authorization=bearer))
    reported.append(send("GET", JOBS, Authorization=bearer + "x"))
    reported.append(send("GET", f"{JOBS}?token={token}", Authorization=bearer))
    reported.append(ask(send, {**ASKED, "scope": token}, Authorization=site.basic))
    reported.append(ask(send, {**ASKED, "client_id": secret, "client_secret": secret}))
    reported.append(ask(send, {**ASKED, secret: secret}, Authorization=basic(secret, token)))
    reported.append(ask(send, {"grant_type": secret}, Authorization=site.basic))
    site.world.hook = lambda name: (_ for _ in ()).throw(KeyError(token + secret))
    reported.append(send("GET", JOBS, Authorization=bearer))
    reported.append(ask(send, Authorization=site.basic))
    site.world.hook = lambda name: None
    written = capsys.readouterr()
    places = [
        written.out + written.err,
        repr([vars(record) for record in caplog.records]),
        repr(site.world.audit.held),
        repr([(answer.document, dict(answer.headers)) for answer in reported]),
    ]
    assert "give_token" in places[0]
    for marked in (secret, token, token.split(".")[2], b64encode(secret.encode()).decode()[:20]):
        assert [place for place in places if marked in place] == []


@pytest.mark.req("IDM-11")
def test_a_certificate_in_a_header_can_only_be_refused(site: Site, send: WebClient) -> None:
    site.world.accounts.put(organisation(UKPRN, certificates=frozenset({"ab" * 32})))
    bearer = f"Bearer {site.token()}"
    assert send("GET", JOBS, Authorization=bearer).status == 200
    assert send("GET", JOBS, Authorization=bearer, X_Client_Cert=":AAAA:").status == 403
