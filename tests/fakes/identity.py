"""Fakes of credentials, token keys, callers' buckets and remembered answers."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.domain.callers import Caller
from chalicelib.domain.credentials import LIFETIME, Credential, scope_text
from chalicelib.domain.throttles import Pace, Taken, take
from chalicelib.ports.errors import Conflict
from chalicelib.ports.identity import (
    Claims,
    Holder,
    RefusedCall,
    RefusedCalls,
    Remembered,
    TokenMalformed,
    TokenNotGenuine,
)
from chalicelib.storage import keys
from tests.fakes.calls import Fake, FakeClock, Hook, call, no_hook
from tests.fakes.records import FakeAccounts

ISSUER, AUDIENCE = "urn:learning-records", "urn:learning-records:api"


class FakeCredentials(Fake):
    """Credentials by id, with the organisations of the fake accounts."""

    def __init__(self, accounts: FakeAccounts, clock: FakeClock, before: Hook = no_hook) -> None:
        super().__init__(clock, before)
        self.accounts = accounts
        self.held: dict[str, Credential] = {}

    @call("credentials.create", knows_own=True)
    def create(self, credential: Credential) -> None:
        if self.held.get(credential.credential_id, credential) != credential:
            raise Conflict
        self.held[credential.credential_id] = credential

    @call("credentials.holder")
    def holder(self, credential_id: str) -> Holder:
        organisation = self.accounts.organisations.get(credential_id.partition("-")[0])
        return Holder(organisation, self.held.get(credential_id))

    @call("credentials.of_organisation")
    def of_organisation(self, ukprn: str) -> list[Credential]:
        own = (one for one in self.held.values() if one.ukprn == ukprn)
        return sorted(own, key=lambda one: (one.created_at, one.credential_id))

    @call("credentials.revoke")
    def revoke(self, credential_id: str, at: datetime, by: str) -> bool:
        held = self.held.get(credential_id)
        if held is None or held.revoked_at is not None:
            return False
        self.held[credential_id] = replace(held, revoked_at=at, revoked_by=by)
        return True

    @call("credentials.expire")
    def expire(self, credential_id: str, at: datetime) -> bool:
        held = self.held.get(credential_id)
        if held is None or held.expires_at <= at:
            return False
        self.held[credential_id] = replace(held, expires_at=at)
        return True

    @call("credentials.used")
    def used(self, credential_id: str, at: datetime) -> None:
        if credential_id in self.held:
            self.held[credential_id] = replace(self.held[credential_id], last_used_at=at)


class FakeTokenKeys(Fake):
    """Tokens recognised by their text: those that were signed, and those added for a caller."""

    def __init__(self, credentials: FakeCredentials, clock: FakeClock, before: Hook = no_hook) -> None:
        super().__init__(clock, before)
        self.credentials = credentials
        self.signed: dict[str, Claims] = {}
        """By the SHA-256 of the token."""

    def admit(self, token: str, caller: Caller) -> None:
        """Let a token belong to a credential of this caller, to arrange a test."""
        now, token_digest = self.clock(), hashlib.sha256(token.encode()).hexdigest()
        credential_id = caller.credential_id or f"{caller.ukprn}-{token_digest[:12]}"
        self.credentials.held[credential_id] = Credential(
            credential_id=credential_id,
            ukprn=caller.ukprn,
            name=caller.user,
            secret_digest="0" * 64,
            scopes=caller.capabilities,
            created_at=now,
            created_by="tests",
            expires_at=now + 100 * LIFETIME,
            email=caller.email,
        )
        issued = int(now.timestamp())
        ends = issued + int(timedelta(days=10_000).total_seconds())
        scope = scope_text(caller.capabilities)
        self.signed[token_digest] = Claims(ISSUER, AUDIENCE, credential_id, caller.ukprn, scope, "J1", issued, ends)

    def sign(self, claims: Claims) -> str:
        token = f"token-{len(self.signed):06d}-0123456789abcdef"
        self.signed[hashlib.sha256(token.encode()).hexdigest()] = claims
        return token

    def verify(self, token: str) -> Claims:
        if "malformed" in token:
            raise TokenMalformed
        found = self.signed.get(hashlib.sha256(token.encode()).hexdigest())
        if found is None:
            raise TokenNotGenuine
        return found

    def public_keys(self) -> list[Mapping[str, str]]:
        return [{"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": "fake", "x": "fake"}]


class FakePaces(Fake):
    """Buckets by name."""

    def __init__(self, clock: FakeClock, before: Hook = no_hook) -> None:
        super().__init__(clock, before)
        self.held: dict[str, int] = {}

    @call("paces.take")
    def take(self, name: str, pace: Pace, calls: int, now: datetime) -> Taken:
        keys.pace(name)
        taken = take(self.held.get(name, 0), int(now.timestamp() * 1000), pace, calls)
        self.held[name] = taken.full_at
        return taken


class FakeRefusedCalls(Fake):
    """Counts by minute, source and credential."""

    def __init__(self, clock: FakeClock, before: Hook = no_hook) -> None:
        super().__init__(clock, before)
        self.held: dict[tuple[datetime, str, str], RefusedCalls] = {}

    @call("refused_calls.count")
    def count(self, call: RefusedCall, at: datetime) -> None:
        minute = at.replace(second=0, microsecond=0)
        key = (minute, call.source, call.credential_id)
        before = self.held.get(key, RefusedCalls(call.source, call.credential_id, call.ukprn, minute, 0, (), ()))
        self.held[key] = before._replace(
            calls=before.calls + 1,
            reasons=tuple(sorted({*before.reasons, call.reason})),
            routes=tuple(sorted({*before.routes, call.route})),
        )

    @call("refused_calls.of_minute")
    def of_minute(self, at: datetime) -> list[RefusedCalls]:
        minute = at.replace(second=0, microsecond=0)
        return [self.held[key] for key in sorted(self.held) if key[0] == minute]

    @call("refused_calls.forget")
    def forget(self, counted: RefusedCalls) -> None:
        self.held.pop((counted.minute, counted.source, counted.credential_id), None)


class FakeAnswers(Fake):
    """Remembered answers by key."""

    def __init__(self, clock: FakeClock, before: Hook = no_hook) -> None:
        super().__init__(clock, before)
        self.held: dict[str, tuple[Remembered, datetime, datetime]] = {}
        """What is known, when the lease ends, and when the entry expires."""

    @call("answers.begin")
    def begin(self, key: str, request: str, now: datetime, lease_until: datetime) -> Remembered | None:
        if key in self.held:
            known, lease, ends = self.held[key]
            mine_again = known.request == request and not known.answer and lease <= now
            if ends > now and not mine_again:
                return known
        self.held[key] = Remembered(request, ""), lease_until, now + timedelta(days=1)
        return None

    @call("answers.keep")
    def keep(self, key: str, request: str, answer: str, keep_until: datetime) -> None:
        if key in self.held and self.held[key][0].request == request:
            self.held[key] = Remembered(request, answer), keep_until, keep_until

    @call("answers.release")
    def release(self, key: str, request: str) -> None:
        if key in self.held and self.held[key][0] == Remembered(request, ""):
            del self.held[key]
