"""boto3 clients for the one-machine cloud: dummy credentials, one region, long time-outs for a busy machine."""

from __future__ import annotations

import threading
from typing import Any

from boto3.session import Session
from botocore.config import Config

from local.emulated.stack import REGION

_LOCK = threading.Lock()
_CLIENTS: dict[tuple[str, str], Any] = {}
_CONFIG = Config(
    connect_timeout=5, read_timeout=60, retries={"mode": "standard", "total_max_attempts": 4}, max_pool_connections=64
)


def cloud_client(service: str, endpoint: str) -> Any:
    """The client of one service (`dynamodb`, `sqs`, `s3` …) at the emulator's address; threads may share it."""
    # Loading service models is slow, and not safe from several threads at once.
    with _LOCK:
        if (service, endpoint) not in _CLIENTS:
            session = Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION)
            _CLIENTS[service, endpoint] = session.client(service, endpoint_url=endpoint, config=_CONFIG)
        return _CLIENTS[service, endpoint]
