"""The keys of access tokens: what is signed is known again, what is altered is not, keys take over from each other."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.cloud.token_keys import (
    LOOKS_APART,
    READ_AGAIN,
    SIGNS_AFTER,
    KeysUnusable,
    TokenKeys,
    read_keys,
    renewed,
)
from chalicelib.ports.errors import TemporaryFailure
from chalicelib.ports.identity import Claims, TokenMalformed, TokenNotGenuine
from tests.fakes import START, FakeClock

LIFETIME = timedelta(minutes=15)
ISSUED = int(START.timestamp())
CLAIMS = Claims(
    issuer="urn:learning-records",
    audience="urn:learning-records:api",
    client_id="10000001-abcdefgh",
    ukprn="10000001",
    scope="achievements:manage learners:verify",
    token_id="I1",
    issued_at=ISSUED,
    expires_at=ISSUED + 900,
    certificate="ab" * 32,
)
BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


class Vault:
    """The secret, and how often it was read."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.reads = 0
        self.is_down = False

    def read(self) -> str:
        self.reads += 1
        if self.is_down:
            raise TemporaryFailure("secrets.read")
        return self.text


KEY_SET = renewed("", START)
KEYS = TokenKeys(lambda: KEY_SET, FakeClock(), LIFETIME)
TOKEN = KEYS.sign(CLAIMS)


def encoded(data: bytes | dict[str, Any]) -> str:
    raw = data if isinstance(data, bytes) else json.dumps(data).encode()
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def parts_of(token: str) -> tuple[dict[str, Any], dict[str, Any], str]:
    header, payload, seal = token.split(".")
    read = (json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4))) for part in (header, payload))
    return next(read), next(read), seal


def private_key() -> Any:
    return read_keys(KEY_SET)[0].private


def signed(payload: dict[str, Any], **header: Any) -> str:
    kid = read_keys(KEY_SET)[0].kid
    return jwt.encode(payload, private_key(), algorithm="EdDSA", headers={"kid": kid, "typ": "at+jwt", **header})


@pytest.mark.req("IDM-11")
def test_a_signed_text_is_recognised() -> None:
    assert KEYS.verify(TOKEN) == CLAIMS
    plain = CLAIMS._replace(certificate="")
    assert KEYS.verify(KEYS.sign(plain)) == plain


@pytest.mark.req("IDM-11")
def test_a_token_has_the_names_of_the_standard() -> None:
    header, payload, _ = parts_of(TOKEN)
    assert header == {"alg": "EdDSA", "typ": "at+jwt", "kid": read_keys(KEY_SET)[0].kid}
    assert payload == {
        "iss": "urn:learning-records",
        "aud": "urn:learning-records:api",
        "sub": "10000001-abcdefgh",
        "client_id": "10000001-abcdefgh",
        "ukprn": "10000001",
        "scope": "achievements:manage learners:verify",
        "jti": "I1",
        "iat": ISSUED,
        "exp": ISSUED + 900,
        "cnf": {"x5t#S256": encoded(b"\xab" * 32)},
    }


@pytest.mark.req("IDM-11")
@given(st.integers(0, len(TOKEN) - 1), st.sampled_from(BASE64URL + "=.+/ é\n"))
def test_a_token_with_any_other_character_is_not_genuine(place: int, character: str) -> None:
    if TOKEN[place] == character:
        return
    with pytest.raises((TokenMalformed, TokenNotGenuine)):
        KEYS.verify(TOKEN[:place] + character + TOKEN[place + 1 :])


@pytest.mark.req("IDM-11")
def test_no_single_character_of_the_signature_can_be_another() -> None:
    """The last character of Base64 has bits that say nothing: they too may be written in one way only."""
    start = TOKEN.rindex(".") + 1
    for place in range(start, len(TOKEN)):
        for character in BASE64URL:
            if character != TOKEN[place]:
                with pytest.raises((TokenMalformed, TokenNotGenuine)):
                    KEYS.verify(TOKEN[:place] + character + TOKEN[place + 1 :])


@pytest.mark.req("IDM-11")
@given(st.one_of(st.text(max_size=60), st.text(alphabet=BASE64URL + ".", max_size=200), st.just("x" * 5_000)))
def test_a_text_that_is_not_a_token_is_refused_without_a_fault(text: str) -> None:
    with pytest.raises((TokenMalformed, TokenNotGenuine)) as refused:
        KEYS.verify(text)
    assert str(refused.value) == ""


def forged(header: dict[str, Any], payload: dict[str, Any], seal: str = "") -> str:
    return f"{encoded(header)}.{encoded(payload)}.{seal}"


@pytest.mark.req("IDM-11")
def test_no_other_algorithm_is_taken_from_a_token() -> None:
    header, payload, seal = parts_of(TOKEN)
    public = read_keys(KEY_SET)[0].public.public_bytes_raw()
    for algorithm in ("none", "None", "HS256", "ES256", "RS256", "Ed448", ""):
        claimed = {**header, "alg": algorithm}
        body = f"{encoded(claimed)}.{encoded(payload)}"
        with_public_key = encoded(hmac.new(public, body.encode(), hashlib.sha256).digest())
        for given_seal in ("", seal, with_public_key):
            with pytest.raises((TokenMalformed, TokenNotGenuine)):
                KEYS.verify(forged(claimed, payload, given_seal))


@pytest.mark.req("IDM-11")
@pytest.mark.parametrize(
    "header",
    [{"kid": "another"}, {"kid": None}, {"kid": ["x"]}, {"typ": "JWT"}, {"crit": ["exp"]}, {"jwk": {}, "kid": "x"}],
    ids=str,
)
def test_a_header_of_another_kind_is_not_genuine_even_when_signed(header: dict[str, Any]) -> None:
    _, payload, _ = parts_of(TOKEN)
    kid = read_keys(KEY_SET)[0].kid
    whole = {"alg": "EdDSA", "kid": kid, "typ": "at+jwt", **header}
    body = f"{encoded(whole)}.{encoded(payload)}"
    with pytest.raises((TokenMalformed, TokenNotGenuine)):
        KEYS.verify(f"{body}.{encoded(private_key().sign(body.encode()))}")


@pytest.mark.req("IDM-11")
@pytest.mark.parametrize(
    "changes",
    [
        {"scope": None},
        {"scope": ["a"]},
        {"iat": "1"},
        {"exp": 1.5},
        {"exp": True},
        {"sub": "another"},
        {"cnf": {}},
        {"cnf": "x"},
        {"ukprn": 10000001},
        {"aud": ["urn:learning-records:api"]},
        {"jti": 5},
    ],
    ids=str,
)
def test_claims_that_we_never_make_are_not_genuine_even_when_signed(changes: dict[str, Any]) -> None:
    _, payload, _ = parts_of(TOKEN)
    with pytest.raises(TokenNotGenuine):
        KEYS.verify(signed({**payload, **changes}))


@pytest.mark.req("IDM-11")
@pytest.mark.parametrize("name", ["iss", "aud", "sub", "client_id", "ukprn", "scope", "jti", "iat", "exp"])
def test_no_claim_may_be_missing(name: str) -> None:
    _, payload, _ = parts_of(TOKEN)
    del payload[name]
    with pytest.raises(TokenNotGenuine):
        KEYS.verify(signed(payload))


@pytest.mark.req("IDM-11")
def test_the_public_keys_verify_and_hold_nothing_private() -> None:
    (public,) = KEYS.public_keys()
    assert set(public) == {"kty", "crv", "use", "alg", "kid", "x"}
    key = jwt.PyJWK(dict(public)).key
    assert jwt.decode(TOKEN, key, algorithms=["EdDSA"], options={"verify_exp": False, "verify_aud": False})


class TestRotation:
    """A new key is published, then signs; the old one verifies until its last token is over."""

    @pytest.mark.req("IDM-11")
    def test_a_new_key_signs_when_every_container_knows_it(self) -> None:
        clock, vault = FakeClock(), Vault(renewed("", START))
        one = TokenKeys(vault.read, clock, LIFETIME)
        first = one.sign(CLAIMS)
        clock.advance(timedelta(days=90))
        late = TokenKeys(vault.read, clock, LIFETIME)
        late.sign(CLAIMS)
        vault.text = renewed(vault.text, clock())
        clock.advance(READ_AGAIN)
        assert kid(one.sign(CLAIMS)) == kid(first)
        assert len(one.public_keys()) == 2
        clock.advance(SIGNS_AFTER - READ_AGAIN)
        fresh = one.sign(CLAIMS)
        assert kid(fresh) != kid(first)
        assert late.verify(fresh) == one.verify(fresh) == CLAIMS
        assert late.verify(first) == CLAIMS

    @pytest.mark.req("IDM-11")
    def test_an_old_key_verifies_until_its_last_token_expires_and_no_longer(self) -> None:
        clock, vault = FakeClock(), Vault(renewed("", START))
        keys = TokenKeys(vault.read, clock, LIFETIME)
        clock.advance(timedelta(days=90))
        vault.text = renewed(vault.text, clock())
        clock.advance(SIGNS_AFTER - timedelta(seconds=1))
        last = keys.sign(CLAIMS)
        clock.advance(LIFETIME + timedelta(seconds=31))
        assert keys.verify(last) == CLAIMS
        clock.advance(timedelta(minutes=2))
        with pytest.raises(TokenNotGenuine):
            keys.verify(last)
        assert len(keys.public_keys()) == 1

    @pytest.mark.req("IDM-11")
    def test_a_key_that_others_have_seen_is_dropped_at_once(self) -> None:
        clock, vault = FakeClock(), Vault(renewed("", START))
        keys, other = (TokenKeys(vault.read, clock, LIFETIME) for _ in range(2))
        old = keys.sign(CLAIMS)
        other.sign(CLAIMS)
        clock.advance(LOOKS_APART)
        vault.text = renewed(vault.text, clock(), at_once=True)
        clock.advance(READ_AGAIN)
        fresh = keys.sign(CLAIMS)
        assert other.verify(fresh) == CLAIMS
        for container in (keys, other):
            with pytest.raises(TokenNotGenuine):
                container.verify(old)

    @pytest.mark.req("IDM-11")
    def test_an_unknown_key_makes_a_container_look_again_but_not_for_every_token(self) -> None:
        clock, vault = FakeClock(), Vault(renewed("", START))
        keys = TokenKeys(vault.read, clock, LIFETIME)
        keys.sign(CLAIMS)
        stranger = TokenKeys(lambda: renewed("", START), clock, LIFETIME).sign(CLAIMS)
        clock.advance(LOOKS_APART)
        for _ in range(20):
            with pytest.raises(TokenNotGenuine):
                keys.verify(stranger)
        assert vault.reads == 2

    @pytest.mark.req("IDM-11")
    def test_known_keys_can_be_used_while_the_vault_is_unavailable(self) -> None:
        clock, vault = FakeClock(), Vault(renewed("", START))
        keys = TokenKeys(vault.read, clock, LIFETIME)
        token = keys.sign(CLAIMS)
        vault.is_down = True
        clock.advance(READ_AGAIN)
        assert keys.verify(token) == CLAIMS
        with pytest.raises(TemporaryFailure):
            TokenKeys(vault.read, clock, LIFETIME).verify(token)

    @pytest.mark.req("IDM-11")
    def test_renewing_drops_what_has_been_replaced_for_a_day(self) -> None:
        text = ""
        for day in (1, 2, 3, 40):
            text = renewed(text, datetime(2026, 3, 1, tzinfo=UTC) + timedelta(days=day))
        made = [key.made_at for key in read_keys(text)]
        assert len(made) == 2
        assert made == sorted(made, reverse=True)

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "{}",
            "[]",
            '{"keys":[]}',
            '{"keys":[{}]}',
            '{"keys":[{"kty":"RSA","crv":"Ed25519"}]}',
            "not json",
            "null",
        ],
    )
    def test_a_secret_that_is_no_set_of_keys_is_refused_without_repeating_it(self, text: str) -> None:
        with pytest.raises(KeysUnusable) as refused:
            read_keys(text)
        assert str(refused.value) == ""


def kid(token: str) -> str:
    found: str = parts_of(token)[0]["kid"]
    return found


@pytest.mark.req("IDM-11")
def test_a_token_that_was_found_genuine_is_refused_once_its_key_is_gone() -> None:
    clock, vault = FakeClock(), Vault(KEY_SET)
    keys = TokenKeys(vault.read, clock, LIFETIME)
    assert keys.verify(TOKEN) is keys.verify(TOKEN)
    vault.text = renewed("", START)
    clock.advance(READ_AGAIN)
    with pytest.raises(TokenNotGenuine):
        keys.verify(TOKEN)


def test_tokens_found_genuine_are_kept_up_to_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chalicelib.cloud.token_keys.TOKENS_KEPT", 2)
    keys = TokenKeys(lambda: KEY_SET, FakeClock(), LIFETIME)
    for number in range(5):
        claims = CLAIMS._replace(token_id=f"I{number}")
        assert keys.verify(keys.sign(claims)) == claims
        assert len(keys._verified) <= 2
