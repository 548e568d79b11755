"""Credentials of organisations' systems, and tokens for them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.domain.callers import Caller, Channel
from chalicelib.domain.credentials import LIFETIME, MOST, OVERLAP, CredentialState, Refusal, requested_scopes
from chalicelib.domain.refusals import Refused
from chalicelib.ports.errors import TemporaryFailure
from chalicelib.services.credentials import Credentials, Order
from chalicelib.services.tokens import LEEWAY, NotAdmitted, Tokens, secret_digest
from tests.builders.callers import REQUEST, caller
from tests.builders.organisations import organisation
from tests.fakes import CountedIds, FakeWorld

ANN = caller(user="ann")
UKPRN = "10000001"
VERIFY, SUBMIT = "learners:verify", "achievement-batches:submit"
ORDER = Order("Records system", frozenset({VERIFY, SUBMIT}))
CERTIFICATE = "ab" * 32


@pytest.fixture
def world() -> FakeWorld:
    world = FakeWorld()
    world.new_id = CountedIds("Iabcdefgh")
    world.accounts.put(organisation(UKPRN))
    return world


@pytest.fixture
def credentials(world: FakeWorld) -> Credentials:
    return world.services().credentials


@pytest.fixture
def tokens(world: FakeWorld) -> Tokens:
    return world.services().tokens


def refused(call, *arguments) -> Refusal:
    with pytest.raises(NotAdmitted) as caught:
        call(*arguments)
    return caught.value.refusal


def caller_of(tokens: Tokens, token: str, certificate: str = "") -> Caller:
    return tokens.caller(token, certificate, Channel.WEBSERVICE, REQUEST)


def codes(call, *arguments) -> list[str]:
    with pytest.raises(Refused) as caught:
        call(*arguments)
    return [reason.code for reason in caught.value.failures]


class TestIssuing:
    @pytest.mark.req("IDM-11")
    def test_the_secret_is_given_once_and_only_its_digest_is_kept(self, world, credentials) -> None:
        issued = credentials.issue(ANN, UKPRN, ORDER)
        stored = credentials.get(issued.credential.credential_id)
        assert stored == issued.credential
        assert stored.secret_digest == secret_digest(issued.secret)
        assert issued.secret not in repr((world.credential_table.held, world.audit.held))
        assert (stored.ukprn, stored.name, stored.expires_at) == (UKPRN, "Records system", world.clock() + LIFETIME)

    @pytest.mark.req("IDM-11")
    def test_an_organisation_has_several_at_a_time(self, world, credentials) -> None:
        first, second = (credentials.issue(ANN, UKPRN, ORDER).credential for _ in range(2))
        assert first.credential_id != second.credential_id
        assert credentials.of_organisation(UKPRN) == [first, second]
        assert credentials.of_organisation("10000002") == []

    @pytest.mark.req("IDM-11")
    def test_active_credentials_are_limited(self, world, credentials) -> None:
        issued = [credentials.issue(ANN, UKPRN, ORDER) for _ in range(MOST)]
        assert codes(credentials.issue, ANN, UKPRN, ORDER) == ["LRS-CRED-1"]
        oldest = issued[0].credential.credential_id
        assert codes(credentials.rotate, ANN, oldest) == ["LRS-CRED-1"], "for a while there would be one more"
        successor = credentials.rotate(ANN, oldest, timedelta()).credential.credential_id
        assert codes(credentials.issue, ANN, UKPRN, ORDER) == ["LRS-CRED-1"]
        credentials.revoke(ANN, successor)
        credentials.issue(ANN, UKPRN, ORDER)

    @pytest.mark.req("IDM-11")
    def test_the_same_order_issues_nothing_again(self, credentials: Credentials) -> None:
        first = credentials.issue(ANN, UKPRN, ORDER._replace(once="a form")).credential
        assert codes(credentials.issue, ANN, UKPRN, ORDER._replace(once="a form")) == ["LRS-CRED-3"]
        credentials.rotate(ANN, first.credential_id, once="another form")
        with pytest.raises(Refused, match="LRS-CRED-3"):
            credentials.rotate(ANN, first.credential_id, once="another form")
        assert len(credentials.of_organisation(UKPRN)) == 2

    @pytest.mark.req("IDM-11")
    def test_a_rotation_that_is_interrupted_leaves_both_and_ends_the_old_one_when_it_is_sent_again(
        self, world: FakeWorld, credentials: Credentials
    ) -> None:
        first = credentials.issue(ANN, UKPRN, ORDER).credential
        for _ in range(MOST - 2):
            credentials.issue(ANN, UKPRN, ORDER)

        def rotate(fails_before: str) -> None:
            def fail(name: str) -> None:
                if name == fails_before:
                    raise TemporaryFailure

            world.hook = fail
            credentials.rotate(ANN, first.credential_id, once="a form")

        with pytest.raises(TemporaryFailure):
            rotate("credentials.create")
        assert credentials.get(first.credential_id) == first, "not ended before there is a successor"
        with pytest.raises(TemporaryFailure):
            rotate("credentials.expire")
        issued_at = world.clock()
        world.clock.advance()
        with pytest.raises(Refused, match="LRS-CRED-3"):
            rotate("")
        old = credentials.get(first.credential_id)
        assert old is not None
        assert old.expires_at == issued_at + OVERLAP

    @pytest.mark.req("IDM-11", "SEC-01")
    def test_an_organisation_sees_its_own_credentials_only(self, credentials: Credentials) -> None:
        held = credentials.issue(ANN, UKPRN, ORDER).credential
        assert credentials.own(ANN, held.credential_id) == held
        for who, what in (
            (caller("10000002", "eve"), held.credential_id),
            (ANN, f"{UKPRN}-nosuchthing"),
            (ANN, "x"),
        ):
            with pytest.raises(Refused, match="LRS-CRED-2"):
                credentials.own(who, what)

    @pytest.mark.req("IDM-11", "SEC-01")
    @pytest.mark.parametrize(
        ("order", "expected"),
        [
            (ORDER._replace(name="  "), ["LRS-REQ-1"]),
            (ORDER._replace(name="x" * 81), ["LRS-REQ-5"]),
            (ORDER._replace(name="a\nb"), ["LRS-REQ-5"]),
            (ORDER._replace(scopes=frozenset()), ["LRS-REQ-1"]),
            (ORDER._replace(scopes=frozenset({"users:manage"})), ["LRS-REQ-6"]),
            (ORDER._replace(scopes=frozenset({VERIFY, "learners:register"})), ["LRS-REQ-6"]),
            (ORDER._replace(scopes=frozenset({"public"})), ["LRS-REQ-6"]),
            (ORDER._replace(lifetime=timedelta()), ["LRS-REQ-6"]),
            (ORDER._replace(lifetime=LIFETIME * 2), ["LRS-REQ-6"]),
            (Order("", frozenset()), ["LRS-REQ-1", "LRS-REQ-1"]),
        ],
    )
    def test_everything_it_cannot_have_is_reported_at_once(self, world, credentials, order, expected) -> None:
        assert codes(credentials.issue, ANN, UKPRN, order) == expected
        assert world.credential_table.held == {}

    @pytest.mark.req("IDM-11", "SEC-01")
    def test_a_provider_is_given_what_providers_may_and_nothing_of_awarding(self, world, credentials) -> None:
        world.accounts.put(organisation(UKPRN, is_awarding_organisation=False))
        assert credentials.issue(ANN, UKPRN, Order("a", frozenset({VERIFY})))
        assert codes(credentials.issue, ANN, UKPRN, ORDER) == ["LRS-REQ-6"]

    @pytest.mark.req("IDM-11", "IDM-10")
    def test_an_organisation_that_is_unknown_or_suspended_is_given_none(self, world, credentials) -> None:
        assert codes(credentials.issue, ANN, "10000009", ORDER) == ["WSEC0003"]
        world.accounts.put(organisation(UKPRN, status="suspended"))
        assert codes(credentials.issue, ANN, UKPRN, ORDER) == ["WSEC0006"]

    @pytest.mark.req("SEC-01")
    def test_every_change_is_in_the_audit_log_first(self, world, credentials) -> None:
        issued = credentials.issue(ANN, UKPRN, ORDER)
        successor = credentials.rotate(caller(user="bob"), issued.credential.credential_id)
        credentials.revoke(caller(user="cem"), successor.credential.credential_id)
        found = [(entry.action, entry.user, entry.organisation) for entry in world.audit.held.values()]
        assert found == [
            ("credential-issued", "ann", UKPRN),
            ("credential-replaced", "bob", UKPRN),
            ("credential-revoked", "cem", UKPRN),
        ]
        assert world.calls.index("audit.record") < world.calls.index("credentials.create")
        last = len(world.calls) - 1 - world.calls[::-1].index("audit.record")
        assert last < world.calls.index("credentials.revoke")


class TestRotating:
    @pytest.mark.req("IDM-11")
    def test_old_and_new_are_valid_for_a_while_and_then_only_the_new_one(self, world, credentials, tokens) -> None:
        old = credentials.issue(ANN, UKPRN, ORDER)
        world.clock.advance(timedelta(days=300))
        new = credentials.rotate(ANN, old.credential.credential_id)
        assert new.credential.replaces == old.credential.credential_id
        assert (new.credential.name, new.credential.scopes) == (old.credential.name, old.credential.scopes)
        assert new.credential.expires_at == world.clock() + LIFETIME
        for issued in (old, new):
            assert tokens.client(issued.credential.credential_id, issued.secret)
        world.clock.advance(OVERLAP)
        assert tokens.client(new.credential.credential_id, new.secret)
        spent = refused(tokens.client, old.credential.credential_id, old.secret)
        assert spent is Refusal.CREDENTIAL_EXPIRED

    @pytest.mark.req("IDM-11")
    @pytest.mark.parametrize(
        ("requested", "given"), [(timedelta(0), timedelta(0)), (-OVERLAP, timedelta(0)), (OVERLAP * 5, OVERLAP)]
    )
    def test_the_overlap_has_its_limits(self, world, credentials, requested, given) -> None:
        old = credentials.issue(ANN, UKPRN, ORDER).credential
        credentials.rotate(ANN, old.credential_id, requested)
        assert credentials.get(old.credential_id).expires_at == world.clock() + given

    @pytest.mark.req("IDM-11")
    def test_an_inactive_credential_is_not_replaced(self, world, credentials) -> None:
        old = credentials.issue(ANN, UKPRN, ORDER).credential
        credentials.revoke(ANN, old.credential_id)
        for unknown in (old.credential_id, f"{UKPRN}-nothing-here", "nonsense", ""):
            assert codes(credentials.rotate, ANN, unknown) == ["LRS-CRED-2"]


class TestRevoking:
    @pytest.mark.req("IDM-11")
    def test_it_ends_the_credential_at_once_and_its_tokens_within_five_seconds(
        self, world, credentials, tokens
    ) -> None:
        issued = credentials.issue(ANN, UKPRN, ORDER)
        token = tokens.grant(issued.credential).token
        assert caller_of(tokens, token).ukprn == UKPRN
        assert credentials.revoke(ANN, issued.credential.credential_id)
        client = refused(tokens.client, issued.credential.credential_id, issued.secret)
        assert client is Refusal.CREDENTIAL_REVOKED
        world.clock.advance(timedelta(seconds=5))
        assert refused(caller_of, tokens, token) is Refusal.CREDENTIAL_REVOKED
        assert credentials.get(issued.credential.credential_id).state(world.clock()) is CredentialState.REVOKED
        assert not credentials.revoke(ANN, issued.credential.credential_id)
        assert not credentials.revoke(ANN, "nonsense")


class TestTokens:
    @pytest.mark.req("IDM-11")
    def test_a_client_without_credentials_is_refused(self, world, credentials, tokens) -> None:
        issued = credentials.issue(ANN, UKPRN, ORDER)
        own = issued.credential.credential_id
        assert refused(tokens.client, own, issued.secret + "x") is Refusal.SECRET_WRONG
        assert refused(tokens.client, own, "") is Refusal.SECRET_WRONG
        assert refused(tokens.client, f"{UKPRN}-nothing-here", issued.secret) is Refusal.CLIENT_UNKNOWN
        for nonsense in ("", "x", f"{UKPRN}-", f"{UKPRN}#{own}", own + "\n", "١٢٣٤٥٦٧٨-abcdefgh"):
            assert refused(tokens.client, nonsense, issued.secret) is Refusal.CLIENT_UNKNOWN

    @pytest.mark.req("IDM-11")
    def test_a_token_names_its_client_and_how_long_it_is_valid(self, world, credentials, tokens) -> None:
        credential = credentials.issue(ANN, UKPRN, ORDER._replace(email="me@example.org")).credential
        grant = tokens.grant(credential)
        assert (grant.scope, grant.expires_in) == (f"{SUBMIT} {VERIFY}", 900)
        bearer = caller_of(tokens, grant.token)
        assert bearer == Caller(
            UKPRN,
            "Records system",
            "me@example.org",
            ORDER.scopes,
            Channel.WEBSERVICE,
            REQUEST,
            credential.credential_id,
        )

    @pytest.mark.req("IDM-11")
    def test_notices_go_to_the_organisation_when_the_credential_names_no_address(self, credentials, tokens) -> None:
        grant = tokens.grant(credentials.issue(ANN, UKPRN, ORDER).credential)
        assert caller_of(tokens, grant.token).email == f"batch@{UKPRN}.example"

    @pytest.mark.req("IDM-11")
    def test_scopes_narrow_and_never_widen(self, credentials, tokens) -> None:
        credential = credentials.issue(ANN, UKPRN, ORDER).credential
        grant = tokens.grant(credential, VERIFY)
        assert grant.scope == VERIFY
        assert caller_of(tokens, grant.token).capabilities == {VERIFY}
        for wider in (f"{VERIFY} credit:check", "users:manage", "", " ", f" {VERIFY}", f"{VERIFY}  {SUBMIT}", 'a"b'):
            assert refused(tokens.grant, credential, wider) is Refusal.SCOPE_NOT_HELD

    @pytest.mark.req("IDM-11", "SEC-01")
    def test_what_the_organisation_may_no_longer_do_is_in_no_new_token(self, world, credentials, tokens) -> None:
        issued = credentials.issue(ANN, UKPRN, ORDER)
        world.accounts.put(organisation(UKPRN, is_awarding_organisation=False))
        client = tokens.client(issued.credential.credential_id, issued.secret)
        assert client.scopes == {VERIFY}
        assert tokens.grant(client).scope == VERIFY

    @pytest.mark.req("IDM-11")
    def test_a_token_expires_in_time_even_if_the_clocks_of_containers_differ(self, world, credentials, tokens) -> None:
        token = tokens.grant(credentials.issue(ANN, UKPRN, ORDER).credential).token
        world.clock.advance(timedelta(seconds=899) + LEEWAY)
        assert caller_of(tokens, token)
        world.clock.advance(timedelta(seconds=1))
        assert refused(caller_of, tokens, token) is Refusal.TOKEN_EXPIRED

    @pytest.mark.req("IDM-11")
    def test_a_token_of_a_later_time_is_not_genuine(self, world, credentials, tokens) -> None:
        token = tokens.grant(credentials.issue(ANN, UKPRN, ORDER).credential).token
        world.clock.advance(-LEEWAY)
        assert caller_of(tokens, token)
        world.clock.advance(timedelta(seconds=-1))
        assert refused(caller_of, tokens, token) is Refusal.TOKEN_NOT_GENUINE

    @pytest.mark.req("IDM-11")
    def test_no_token_outlives_its_credential(self, world, credentials, tokens) -> None:
        order = ORDER._replace(lifetime=timedelta(minutes=5))
        assert tokens.grant(credentials.issue(ANN, UKPRN, order).credential).expires_in == 300

    @pytest.mark.req("IDM-11")
    @pytest.mark.parametrize(
        "changes",
        [
            {"issuer": "urn:another"},
            {"audience": "urn:another"},
            {"ukprn": "10000002"},
            {"ukprn": ""},
            {"client_id": "x", "ukprn": ""},
        ],
        ids=str,
    )
    def test_a_token_for_somebody_else_is_not_genuine(self, world, credentials, tokens, changes) -> None:
        tokens.grant(credentials.issue(ANN, UKPRN, ORDER).credential)
        (claims,) = world.token_keys.signed.values()
        token = world.token_keys.sign(claims._replace(**changes))
        assert refused(caller_of, tokens, token) is Refusal.TOKEN_NOT_GENUINE

    @pytest.mark.req("IDM-11")
    def test_a_token_issued_to_a_certificate_is_valid_with_that_one_only(self, world, credentials, tokens) -> None:
        token = tokens.grant(credentials.issue(ANN, UKPRN, ORDER).credential, None, CERTIFICATE).token
        assert caller_of(tokens, token, CERTIFICATE)
        assert refused(caller_of, tokens, token) is Refusal.CERTIFICATE_MISSING
        assert refused(caller_of, tokens, token, "cd" * 32) is Refusal.CERTIFICATE_UNKNOWN

    @pytest.mark.req("IDM-11")
    def test_the_last_use_is_kept_at_most_once_an_hour(self, world, credentials, tokens) -> None:
        issued = credentials.issue(ANN, UKPRN, ORDER)
        first = world.clock()
        for minutes in (0, 20, 39, 2):
            world.clock.advance(timedelta(minutes=minutes))
            tokens.grant(tokens.client(issued.credential.credential_id, issued.secret))
        assert world.calls.count("credentials.used") == 2
        assert credentials.get(issued.credential.credential_id).last_used_at == first + timedelta(minutes=61)


def test_scopes_are_separated_by_single_spaces() -> None:
    assert requested_scopes("a b") == {"a", "b"}
    assert requested_scopes("a a") == {"a"}
    for malformed in ("", " ", "a  b", "a\tb", 'a"', "a\\", "é", "a\n"):
        assert requested_scopes(malformed) is None
