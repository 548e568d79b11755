"""Contract of token keys, page cursors, secrets and identifiers, for fake and real adapters."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from chalicelib.ports.errors import BadCursor
from chalicelib.ports.identity import Claims, TokenMalformed, TokenNotGenuine

CLAIMS = Claims(
    "urn:lrs", "urn:lrs:api", "10000001-abcdefgh", "10000001", "learners:verify", "I1", 1_772_442_000, 1_772_442_900
)
SCOPE = ("10000001", "achievements")


@pytest.mark.req("IDM-11")
def test_a_token_contains_what_was_signed(world):
    keys = world.ports.token_keys
    others = CLAIMS._replace(client_id="10000002-abcdefgh", ukprn="10000002")
    tokens = [keys.sign(CLAIMS), keys.sign(others)]
    assert [keys.verify(token) for token in tokens] == [CLAIMS, others]


@pytest.mark.req("IDM-11")
@pytest.mark.parametrize("text", ["", "malformed", "a.b.c", "token-999999-0123456789abcdef"])
def test_a_text_that_was_not_signed_is_not_a_token(world, text):
    with pytest.raises((TokenMalformed, TokenNotGenuine)) as refused:
        world.ports.token_keys.verify(text)
    assert str(refused.value) == ""


@pytest.mark.req("IDM-11")
def test_public_keys_hold_nothing_private(world):
    for key in world.ports.token_keys.public_keys():
        assert set(key) == {"kty", "crv", "use", "alg", "kid", "x"}


def test_a_page_token_opens_at_its_own_listing_alone(world):
    tokens = world.ports.page_tokens
    sealed = tokens.seal(SCOPE, "JOB#1")
    assert tokens.open(SCOPE, sealed) == "JOB#1"
    for scope, text in [
        (("10000002", "achievements"), sealed),
        (("10000001",), sealed),
        (SCOPE, "made up"),
        (SCOPE, ""),
        (SCOPE, sealed[:-1]),
    ]:
        with pytest.raises(BadCursor):
            tokens.open(scope, text)


def test_a_page_token_does_not_show_its_scope(world):
    assert "10000001" not in world.ports.page_tokens.seal(SCOPE, "place")


def test_identifiers_and_secrets_are_new_each_time_and_fit_into_keys_and_links(world):
    for make in (world.ports.new_id, world.ports.new_secret):
        made = [make() for _ in range(100)]
        assert len(set(made)) == 100
        assert all(re.fullmatch("[A-Za-z0-9_-]+", one) for one in made)


def test_a_page_token_expires(adapters):
    sealed = adapters.page_tokens.lasting(timedelta(minutes=5)).seal(SCOPE, "JOB#1")
    adapters.clock.advance(timedelta(minutes=5, seconds=-1))
    assert adapters.page_tokens.open(SCOPE, sealed) == "JOB#1"
    adapters.clock.advance()
    with pytest.raises(BadCursor):
        adapters.page_tokens.open(SCOPE, sealed)


def test_a_secret_is_read_unchanged(cloud, adapters):
    name = adapters.need("secret_cursor_key")
    kept = cloud.clients["secretsmanager"].get_secret_value(SecretId=name)["SecretString"]
    assert adapters.secret("secret_cursor_key") == kept
    cloud.clients["secretsmanager"].put_secret_value(SecretId=name, SecretString=f"{kept}\n")
    assert adapters.secret("secret_cursor_key") == kept


def test_a_token_is_verified_by_another_container(cloud, adapters):
    token = adapters.token_keys.sign(CLAIMS)
    assert cloud.adapters(adapters.clock).token_keys.verify(token) == CLAIMS
