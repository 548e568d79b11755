"""The answers to a chunk of a learner or verification batch, between the steps of the pipeline."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Final

from chalicelib.domain.batch_answers import Answer, AnswerOutcome
from chalicelib.formats.batch.work_files import UnreadableWork, pack_failure, unpack_failure

SCHEMA: Final = 1
_READABLE: Final = (1,)


def write_answers(answers: Iterable[Answer]) -> bytes:
    """A chunk's answers, one for each of its records."""
    rows = [
        [
            one.number,
            one.outcome.value,
            one.return_code,
            [pack_failure(found) for found in one.failures],
            one.answered,
            one.flags,
        ]
        for one in answers
    ]
    return json.dumps({"schema": SCHEMA, "rows": rows}, ensure_ascii=False, separators=(",", ":")).encode()


def read_answers(data: bytes) -> list[Answer]:
    """Raises :class:`UnreadableWork`."""
    document = json.loads(data)
    if document.get("schema") not in _READABLE:
        raise UnreadableWork(document.get("schema"))
    return [
        Answer(
            number,
            AnswerOutcome(outcome),
            code,
            tuple(unpack_failure(found) for found in failures),
            tuple(answered),
            tuple(flags),
        )
        for number, outcome, code, failures, answered, flags in document["rows"]
    ]
