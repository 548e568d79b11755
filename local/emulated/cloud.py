"""The one-machine cloud: the emulator as a child process on loopback, provisioned from `infra/stack.json`.

    with LocalCloud(port=4566) as cloud:
        cloud.endpoint, cloud.environment, cloud.client("sqs")

The child listens on 127.0.0.1 only, keeps its state under `.local/` after a clean stop, and ends when its launcher
ends.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any, Self

from chalicelib.grants import variable_of
from local.emulated.clients import cloud_client
from local.emulated.provision import provision
from local.emulated.stack import REGION, Stack, environment, load_stack

__all__ = [
    "CloudError",
    "Emulator",
    "LocalCloud",
    "ProvisionedCloud",
    "environment",
    "is_running",
    "provision",
    "running_endpoint",
]

ROOT = Path(__file__).resolve().parents[2]
STATE = ROOT / ".local"
DEFAULT_PORT = 4566
DEFAULT_PREFIX = "lrs-local"
# dynamodbstreams is a separate service here; without it stream calls return 400.
SERVICES = "dynamodb,dynamodbstreams,sqs,s3,ses,cloudwatch,monitoring,logs,sns,events,kms,secretsmanager,ssm,sts"
_START_SECONDS = 30.0
_STOP_SECONDS = 20.0


class CloudError(RuntimeError):
    """The emulator could not be started or reached; the message says why and contains the end of its log."""


class Emulator:
    """One emulator child process.

    Port 0 means any free port. With `keep_state`, tables, queues, objects, email and undelivered stream records survive
    a clean stop; a kill loses at most the last minute of them.
    """

    def __init__(self, state: Path = STATE, port: int = DEFAULT_PORT, *, keep_state: bool = True) -> None:
        self.state = state
        self.port = port
        self.keep_state = keep_state
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def endpoint(self) -> str:
        """The address of every emulated service."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int | None:
        """The child's process id while it runs."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start the child and wait until it responds. Raises `CloudError` if the port is in use or the child dies."""
        self.port = self.port or _free_port()
        if _port_taken(self.port):
            raise CloudError(f"Port {self.port} on 127.0.0.1 is in use. Is the local cloud already running?")
        self.state.mkdir(parents=True, exist_ok=True)
        log = self._log_path.open("wb")
        # With its own session, Ctrl-C only reaches the launcher, which stops everything in order; the child watches
        # standard input.
        self._process = subprocess.Popen(
            [sys.executable, "-m", "local.emulated.emulator"],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=ROOT,
            env=self._child_environment(),
            start_new_session=True,
        )
        log.close()
        self._wait_until_ready()

    def wait(self) -> int | None:
        """Wait until the child ends; returns its exit status, or None if it is stopped by its launcher."""
        process = self._process
        status = process.wait() if process else None
        return status if self._process is process else None

    def stop(self) -> None:
        """Have the child save its state and end; kill it if it does not. Does nothing if it is not running."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdin:
            process.stdin.close()

    def reset(self) -> None:
        """Delete every table, queue, object and email. For tests."""
        request = urllib.request.Request(f"{self.endpoint}/_ministack/reset", method="POST", data=b"")
        urllib.request.urlopen(request, timeout=10).close()

    @property
    def _log_path(self) -> Path:
        return self.state / "emulator.log"

    def _child_environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        keep = "1" if self.keep_state else "0"
        return kept | {
            "GATEWAY_PORT": str(self.port),
            "BIND_HOST": "127.0.0.1",
            "LOG_LEVEL": "WARNING",
            "MINISTACK_REGION": REGION,
            "PERSIST_STATE": keep,
            "S3_PERSIST": keep,
            "STATE_DIR": str(self.state / "state"),
            "S3_DATA_DIR": str(self.state / "s3"),
            "TMPDIR": str(self.state),
            "SERVICES": SERVICES,
            # These two would listen on every interface, regardless of BIND_HOST.
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
        }

    def _wait_until_ready(self) -> None:
        assert self._process is not None
        deadline = time.monotonic() + _START_SECONDS
        while not is_running(self.endpoint):
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                tail = self._log_path.read_text(errors="replace")[-2000:]
                raise CloudError(f"The emulator did not start on port {self.port}:\n{tail}")
            time.sleep(0.02)


class ProvisionedCloud:
    """The resources of one description under one prefix in a running emulator.

    `environment` has the variables that the functions read, `client(service)` gives shared boto3 clients, and `table`,
    `bucket` and `queue` translate a logical name.
    """

    def __init__(self, endpoint: str, prefix: str, stack: Stack) -> None:
        self._endpoint = endpoint
        self.prefix = prefix
        self.stack = stack

    @property
    def endpoint(self) -> str:
        """The address of every emulated service."""
        return self._endpoint

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables the functions and the web service read."""
        return environment(self.stack, self.prefix, self.endpoint)

    def client(self, service: str) -> Any:
        """A shared boto3 client of one service."""
        return cloud_client(service, self.endpoint)

    def table(self, name: str) -> str:
        """The physical name of a table."""
        return self.environment[variable_of("tables", name)]

    def bucket(self, name: str) -> str:
        """The physical name of a bucket."""
        return self.environment[variable_of("buckets", name)]

    def queue(self, name: str) -> str:
        """The address of a queue."""
        return self.environment[variable_of("queues", name)]


class LocalCloud(ProvisionedCloud):
    """The emulator with everything of the description in it; start and stop, or use as a context.

    While it runs, `.local/cloud.json` has its address, so that other commands find it.
    """

    def __init__(
        self,
        *,
        state: Path = STATE,
        port: int = DEFAULT_PORT,
        prefix: str = DEFAULT_PREFIX,
        keep_state: bool = True,
        stack: Stack | None = None,
    ) -> None:
        self.emulator = Emulator(state, port, keep_state=keep_state)
        super().__init__(self.emulator.endpoint, prefix, stack or load_stack())

    @property
    def endpoint(self) -> str:
        """The address of every emulated service."""
        return self.emulator.endpoint

    def start(self) -> None:
        """Start the emulator and provision it. Raises `CloudError` or `ProvisionError`."""
        self.emulator.start()
        try:
            provision(self.stack, self.prefix, self.client)
        except BaseException:
            self.emulator.stop()
            raise
        where = {"endpoint": self.endpoint, "prefix": self.prefix, "pid": os.getpid()}
        self._where_path.write_text(json.dumps(where, indent=2) + "\n", encoding="utf-8")

    def stop(self) -> None:
        """Stop the emulator; its state is kept."""
        self._where_path.unlink(missing_ok=True)
        self.emulator.stop()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def _where_path(self) -> Path:
        return self.emulator.state / "cloud.json"


def is_running(endpoint: str) -> bool:
    """Whether an emulator responds at this address."""
    try:
        with urllib.request.urlopen(f"{endpoint}/_ministack/health", timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def running_endpoint(state: Path = STATE) -> tuple[str, str] | None:
    """(endpoint, prefix) of the local cloud running from this checkout, or None."""
    try:
        where = json.loads((state / "cloud.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return (where["endpoint"], where["prefix"]) if is_running(where["endpoint"]) else None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _port_taken(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
