"""Record the responses of AWS once, then play them back: the same program again, with the complete botocore but no
transport.

Responses are played back in the recorded order, so the measured program must make the same calls in the same order: one
thread, the same input.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from boto3.session import Session
from botocore.awsrequest import AWSResponse


class _Raw(io.BytesIO):
    """A body in the form of urllib3."""

    def stream(self, amount: int = 65_536, decode_content: bool = False) -> Iterable[bytes]:  # noqa: ARG002, FBT001, FBT002
        yield self.getvalue()


class Answer(NamedTuple):
    """One recorded response."""

    operation: str
    status: int
    headers: Any
    content: bytes


def operation_of(request: Any) -> str:
    """What identifies a call: the target of a DynamoDB or SQS call, the method and path of a call to S3."""
    target = request.headers.get("X-Amz-Target")
    if target:
        return target.decode() if isinstance(target, bytes) else str(target)
    return f"{request.method} {request.url.split('?')[0].rsplit('/', 1)[-1]}"


class Tape:
    """The responses of one run, over any number of clients."""

    def __init__(self, answers: list[Answer] | None = None) -> None:
        self.answers = [] if answers is None else answers
        self._next = 0

    def record(self, client: Any) -> None:
        """Pass the client's calls on and record the responses."""
        session = client._endpoint.http_session  # noqa: SLF001 - below this, there is only the network
        send = session.send

        def recording(request: Any) -> AWSResponse:
            response = send(request)
            self.answers.append(Answer(operation_of(request), response.status_code, response.headers, response.content))
            return AWSResponse(response.url, response.status_code, response.headers, _Raw(response.content))

        session.send = recording

    def play(self, client: Any) -> None:
        """Answer the client's calls from the tape."""

        def playing(request: Any) -> AWSResponse:
            answer = self.answers[self._next]
            self._next += 1
            if not request.url.startswith("http"):
                raise ValueError(request.url)
            return AWSResponse(request.url, answer.status, answer.headers, _Raw(answer.content))

        client._endpoint.http_session.send = playing  # noqa: SLF001

    def rewind(self) -> None:
        self.start_at(0)

    def start_at(self, place: int) -> None:
        """Play the response of this number next."""
        self._next = place

    @property
    def is_at_end(self) -> bool:
        return self._next == len(self.answers)


def plain_client(environ: Mapping[str, str]) -> Any:
    """A plain DynamoDB client of boto3: the floor for our own."""
    return Session(
        environ["AWS_ACCESS_KEY_ID"], environ["AWS_SECRET_ACCESS_KEY"], region_name=environ["AWS_DEFAULT_REGION"]
    ).client("dynamodb", endpoint_url=environ["AWS_ENDPOINT_URL"])


def least(rounds: int, *measured: Callable[[], float]) -> list[float]:
    """The minimum of each measurement over interleaved rounds, so that noise affects all of them equally."""
    best = [float("inf")] * len(measured)
    for _ in range(rounds):
        for index, measure in enumerate(measured):
            best[index] = min(best[index], measure())
    return best
