"""Secrets of the service, from AWS Secrets Manager."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chalicelib.aws import Reaching


def read_secret(client: Callable[[], Any], name: str) -> str:
    """The text of a secret by its name or ARN. Raises TemporaryFailure."""
    with Reaching("secrets.read"):
        text: str = client().get_secret_value(SecretId=name)["SecretString"]
    return text.strip()
