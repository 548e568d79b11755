"""Secrets of the service, from AWS Secrets Manager, and new secrets for its callers."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

from chalicelib.aws import temporary_failures


def read_secret(client: Callable[[], Any], name: str) -> str:
    """The text of a secret by its name or ARN. Raises TemporaryFailure."""
    with temporary_failures("secrets.read"):
        text: str = client().get_secret_value(SecretId=name)["SecretString"]
    return text.strip()


def new_secret() -> str:
    """A new secret for a caller: 256 bits, with a prefix by which scanners recognise it where it should not be."""
    return "lrs_" + secrets.token_urlsafe(32)
