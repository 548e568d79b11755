"""The part of the composition root that makes what tells callers: tokens, credentials, throttles, repeated answers."""

# ruff: noqa: PLC0415 - imports stand where a part is built, as in the root itself

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from chalicelib.cloud.token_keys import TokenKeys
    from chalicelib.ports.accounts import Accounts
    from chalicelib.ports.audit import Audit
    from chalicelib.ports.clock import Clock, NewId
    from chalicelib.services.credentials import Credentials
    from chalicelib.services.throttles import Throttles
    from chalicelib.services.tokens import Tokens
    from chalicelib.settings import Settings
    from chalicelib.storage.conditions import Patience
    from chalicelib.storage.credentials import CredentialTable
    from chalicelib.storage.sealing import Sealing
    from chalicelib.storage.sessions import AnswerTable, PaceTable


class Outside(Protocol):
    """What these parts take from the root."""

    @property
    def settings(self) -> Settings: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def new_id(self) -> NewId: ...
    @property
    def audit(self) -> Audit: ...
    @property
    def accounts(self) -> Accounts: ...


class IdentityTools:
    """What the root lends besides: the DynamoDB client, patience, secrets by the setting that names them."""

    def __init__(
        self,
        dynamodb: Callable[[], Any],
        patience: Callable[[], Patience],
        secret: Callable[[str], str],
        sealing_key: Callable[[], bytes],
    ) -> None:
        self.dynamodb = dynamodb
        self.patience = patience
        self.secret = secret
        self.sealing_key = sealing_key


class IdentityParts:
    """Adapters and use cases of identity, each made when first used."""

    def __init__(self, outside: Outside, tools: IdentityTools) -> None:
        self._outside = outside
        self._tools = tools

    @cached_property
    def credential_table(self) -> CredentialTable:
        """Credentials; ``accounts`` binds the models."""
        from chalicelib.storage.credentials import CredentialTable

        _ = self._outside.accounts
        table = self._outside.settings.need("table_accounts")
        return CredentialTable(table, self._tools.dynamodb, self._tools.patience())

    @cached_property
    def token_keys(self) -> TokenKeys:
        """The keys of tokens."""
        from chalicelib.cloud.token_keys import TokenKeys

        return TokenKeys(lambda: self._tools.secret("token_secret"), self._outside.clock, self._lifetime)

    @cached_property
    def paces(self) -> PaceTable:
        """The buckets of callers' calls."""
        from chalicelib.storage.sessions import PaceTable

        return PaceTable(self._outside.settings.need("table_sessions"), self._tools.dynamodb)

    @cached_property
    def answers(self) -> AnswerTable:
        """Answers to requests with an idempotency key."""
        from chalicelib.storage.sessions import AnswerTable

        return AnswerTable(self._outside.settings.need("table_sessions"), self._tools.dynamodb, lambda: self._sealing)

    @cached_property
    def tokens(self) -> Tokens:
        """Access tokens."""
        from chalicelib.services.tokens import TokenPorts, TokenRules, Tokens

        settings = self._outside.settings
        rules = TokenRules(settings.token_issuer, settings.token_audience, self._lifetime, settings.require_client_cert)
        ports = TokenPorts(self.credential_table, self.token_keys, self._outside.clock, self._outside.new_id)
        return Tokens(ports, rules)

    @cached_property
    def credentials(self) -> Credentials:
        """Credentials, as those see them who answer for them."""
        from chalicelib.cloud.secrets import new_secret
        from chalicelib.services.credentials import CredentialPorts, Credentials

        outside = self._outside
        ports = CredentialPorts(
            self.credential_table, outside.accounts, outside.audit, outside.clock, outside.new_id, new_secret
        )
        return Credentials(ports)

    @cached_property
    def throttles(self) -> Throttles:
        """How often callers may call."""
        from chalicelib.domain.throttles import Pace, PaceClass
        from chalicelib.services.throttles import Throttles

        settings = self._outside.settings
        allowed = {
            PaceClass.TOKENS: Pace(*settings.pace_tokens),
            PaceClass.BATCHES: Pace(*settings.pace_batches),
            PaceClass.SINGLE: Pace(*settings.pace_single),
        }
        return Throttles(self.paces, allowed, self._outside.clock)

    @property
    def _lifetime(self) -> timedelta:
        return timedelta(minutes=self._outside.settings.token_minutes)

    @cached_property
    def _sealing(self) -> Sealing:
        from chalicelib.storage.sealing import Sealing

        return Sealing(self._tools.sealing_key())
