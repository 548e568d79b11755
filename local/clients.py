"""boto3 clients for the one-machine cloud: dummy credentials, one region, patience for a busy machine."""

from __future__ import annotations

import threading
from typing import Any

import boto3
from botocore.config import Config

from local.stack import REGION

_LOCK = threading.Lock()
_CONFIG = Config(
    connect_timeout=5, read_timeout=60, retries={"mode": "standard", "total_max_attempts": 4}, max_pool_connections=64
)


def cloud_client(service: str, endpoint: str) -> Any:
    """A client of one service (`dynamodb`, `sqs`, `s3` …) at the emulator's address. Clients may be shared by threads."""
    # Loading service models is not safe from several threads at once.
    with _LOCK:
        session = boto3.session.Session(
            aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION
        )
        return session.client(service, endpoint_url=endpoint, config=_CONFIG)
