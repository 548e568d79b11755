"""Batches sent inline as JSON, without a file: learners to register or to verify (ULN-06, VLD-03).

The records go through the pipeline of the files, so each one gets the answer that a file would get.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final

from chalicelib.domain.fields import EMAIL_ADDRESS
from chalicelib.web.http import problems
from chalicelib.web.http.field_forms import FieldText, RecordRequest
from chalicelib.web.http.headers import IDEMPOTENCY_KEY
from chalicelib.web.http.problems import RETRY_SECONDS
from chalicelib.web.http.routes import Call, Reply, Route
from chalicelib.web.rest.file_batches import Surface, named_view
from chalicelib.web.rest.table import route

BODY: Final = 1_000_000
"""Largest body in bytes."""


@dataclass(frozen=True, kw_only=True)
class InlineBatch:
    """A batch without a file. Each kind adds ``learners``, with its fields."""

    email_address: Annotated[str, FieldText(EMAIL_ADDRESS)] = ""
    """Where to send the email when the job has finished; by default the address of the credential."""


def inline_route(surface: Surface, request: type[InlineBatch]) -> Route[Any]:
    """The route for batches of a kind that are sent inline."""

    def view(call: Call, batch: Any) -> Reply:
        learners: Sequence[RecordRequest] = batch.learners
        texts = [learner.texts for learner in learners]
        job = surface.jobs(call).submit(call.caller, texts, batch.email_address, getattr(batch, "job_type", ""))
        headers = {"Location": f"{surface.path}/{job.job_id}", "Retry-After": str(RETRY_SECONDS)}
        return Reply(surface.document_of(job), 202, headers)

    description = f"""Send {surface.words} inline.

    Up to 200 learners as JSON, instead of a file. They are processed like the records of a file, usually within
    seconds: follow the `Location` until the job has finished, then get its `records`. A value that is left out, null or
    empty is the same as an empty value in a file.
    """
    declare = route(
        request,
        answers={202: surface.document},
        refusals=(problems.REFUSED,),
        takes=(IDEMPOTENCY_KEY,),
        gives=("Location", "Retry-After"),
        body_limit=BODY,
    )
    return declare(named_view(surface, f"submit_{surface.word}", description, view))
