"""The emulated AWS: the child process that `local.emulated.cloud` starts (`python -m local.emulated.emulator`).

Before serving ministack, it corrects the behaviour of ministack 1.5.33 on which the service cannot rely.
`tests/integration/test_conformance.py` checks each correction; when a newer release passes without one, delete it here:

- PartiQL writes create no record on the table's stream, so nothing written by `BatchExecuteStatement` would be audited;
- a PartiQL insert skips the checks of an item that `PutItem` makes (key types, empty keys, index keys);
- stream records are lost when it stops, so changes not yet delivered would never be;
- queues are stored under addresses with the port, so after a start on another port they would be empty;
- the email that was sent is lost when it stops, and its attachments at once;
- nothing is stored until it stops, so a kill would lose everything since its start: now at most a minute.

It also stands in for a service that ministack lacks, the malware scan of the inbox (`local.emulated.scanner`).

The process ends when its standard input closes: the launcher holds the other end, so that the emulator never outlives
it, even if the launcher crashes. (A parent-death signal would fire when the *thread* that started the child ends.)
"""

from __future__ import annotations

import base64
import copy
import json
import os
import re
import shutil
import signal
import sys
import threading
import time
import warnings
from collections.abc import Awaitable, Callable
from email import message_from_bytes
from email.policy import default
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TextIO, cast

KEPT_STREAM_RECORDS = 20_000
"""How many of the newest records of each stream are kept when it stops."""

SAVED_EVERY_SECONDS = float(os.environ.get("LRS_SAVED_EVERY_SECONDS", "60"))
"""After a kill, what was stored in the last so many seconds may be lost."""
_SAVING_SECONDS = 50
"""A save that takes longer is given up: the next one tries again."""
_READS = re.compile(rb"\.(Get|BatchGet|Query|Scan|Receive|Describe|List)[A-Za-z]*$")

Answer = tuple[int, dict[str, str], Any]
App = Callable[[Any, Any, Any], Awaitable[None]]
"""An ASGI application."""


def main() -> None:
    """Apply the corrections, watch the launcher, serve until SIGTERM."""
    threading.Thread(target=_stop_with_launcher, name="launcher-watch", daemon=True).start()
    from ministack import app
    from ministack.core import persistence
    from ministack.services import _dynamodb_keywords, dynamodb, eventbridge, s3, ses, sqs

    from local.emulated.scanner import scan_uploads

    mend(dynamodb)
    keep_mail(ses)
    keep_attachments(ses, app)
    save_quickly(dynamodb, persistence)
    read_statements_once(dynamodb, _dynamodb_keywords)
    keep_queues_on_any_port(sqs)
    scan_uploads(s3, eventbridge)
    if persistence.PERSIST_STATE:
        take_up_whole_state(persistence)
        saver = Saver(lambda: save_whole_state(persistence, app._build_persistence_save_dict()), SAVED_EVERY_SECONDS)
        app.app = saver.over(app.app)

        def save_all(services: dict[str, Any]) -> None:
            saver.stop()
            save_whole_state(persistence, services)

        app.save_all = save_all
    sys.argv = ["ministack"]
    app.main()


def mend(dynamodb: Any) -> None:
    """Correct the emulator's DynamoDB module, in place."""
    dynamodb._partiql_insert = _insert_like_put(dynamodb, dynamodb._partiql_insert)
    dynamodb._partiql_update = _with_stream_record(dynamodb, dynamodb._partiql_update)
    dynamodb._partiql_delete = _with_stream_record(dynamodb, dynamodb._partiql_delete)
    dynamodb.get_state = _state_with_streams(dynamodb, dynamodb.get_state)
    dynamodb.load_persisted_state = _restore_with_streams(dynamodb, dynamodb.load_persisted_state)


def read_statements_once(dynamodb: Any, keywords: Any) -> None:
    """Save half the work of a PartiQL batch: each statement is parsed twice in a row, and there are few different
    texts.

    Measured on a batch of 25 inserts: 6.7 ms of processor time before, 3.2 ms after.
    """
    parse = dynamodb._parse_partiql
    last: list[tuple[Any, Any, Any]] = []

    def parse_once(statement: str, parameters: Any) -> Any:
        if last and last[0][0] is statement and last[0][1] is parameters:
            return last.pop()[2]
        last[:] = [(statement, parameters, parse(statement, parameters))]
        return last[0][2]

    dynamodb._parse_partiql = parse_once
    keywords._tokenize = lru_cache(maxsize=256)(keywords._tokenize)


def save_quickly(dynamodb: Any, persistence: Any) -> None:
    """Write the state at once and without copying it first: nothing is served any more when it is saved.

    Measured on 42,000 items, for a start and a stop: 3.4 s of processor time before, 1.2 s after.
    """

    def dump(value: Any, file: TextIO, **options: Any) -> None:
        file.write(json.dumps(value, **options))

    persistence.json = SimpleNamespace(**vars(json) | {"dump": dump})
    get_state = dynamodb.get_state

    def state() -> dict[str, Any]:
        dynamodb.copy = SimpleNamespace(**vars(copy) | {"deepcopy": lambda value: value})
        try:
            return cast("dict[str, Any]", get_state())
        finally:
            dynamodb.copy = copy

    dynamodb.get_state = state


def keep_mail(ses: Any) -> None:
    """Store the email that was sent with the rest of the state."""
    get_state, load = ses.get_state, ses.load_persisted_state

    def state() -> dict[str, Any]:
        return cast("dict[str, Any]", get_state()) | {"sent_emails": ses._sent_emails}

    def restore(data: dict[str, Any]) -> None:
        load(data)
        ses._sent_emails.update(data.get("sent_emails") or {})

    ses.get_state, ses.load_persisted_state = state, restore


def keep_attachments(ses: Any, app: Any) -> None:
    """Keep the files that are attached to an email with the rest of it, and show them as texts by their names."""
    send, show = ses._send_raw_email, app._handle_ses_messages_request

    def send_raw_email(params: Any) -> Answer:
        before = len(ses._sent_emails_list())
        answer = cast("Answer", send(params))
        for record in ses._sent_emails_list()[before:]:
            message = message_from_bytes(base64.b64decode(ses._p(params, "RawMessage.Data")), policy=default)
            record["Attached"] = {part.get_filename(): part.get_content() for part in message.iter_attachments()}
        return answer

    async def messages(*request: Any) -> Answer | None:
        answer = cast("Answer | None", await show(*request))
        if answer is None or answer[0] != 200:
            return answer
        kept = [one for records in ses._sent_emails.to_dict().values() for one in records]
        attached = {one["MessageId"]: one.get("Attached", {}) for one in kept}
        shown = json.loads(answer[2])
        for one in (one for messages in shown["messages"].values() for one in messages):
            one["Attached"] = attached.get(one["MessageId"], {})
        return *answer[:2], json.dumps(shown).encode()

    ses._send_raw_email, app._handle_ses_messages_request = send_raw_email, messages


def save_whole_state(persistence: Any, services: Any) -> None:
    """Save the state of all services or none, so that tables and queues of two moments are never mixed."""
    folder = Path(persistence.STATE_DIR)
    fresh, old = (folder.with_suffix(suffix) for suffix in (".new", ".old"))
    for unused in (fresh, old):
        shutil.rmtree(unused, ignore_errors=True)
    persistence.STATE_DIR = str(fresh)
    persistence.save_all(services)
    persistence.STATE_DIR = str(folder)
    if folder.exists():
        folder.rename(old)
    fresh.rename(folder)  # a kill before this is mended at the next start
    shutil.rmtree(old, ignore_errors=True)


def take_up_whole_state(persistence: Any) -> None:
    """Put a state in place that was saved completely just before a kill."""
    folder = Path(persistence.STATE_DIR)
    fresh = folder.with_suffix(".new")
    if fresh.exists() and not folder.exists():
        fresh.rename(folder)


class Saver:
    """Saves the state while the emulator serves: a child process saves its copy of the memory between two requests."""

    def __init__(self, save: Callable[[], None], seconds: float) -> None:
        self._save = save
        self._seconds = seconds
        self._saved = time.monotonic()
        self._changed = False
        self._child = 0

    def over(self, app: App) -> App:
        """The application, which has its state saved at the first request so many seconds after the last save."""

        async def serve(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] == "http":
                self._save_if_due()
                self._changed = self._changed or _changes(scope)
            await app(scope, receive, send)

        return serve

    def stop(self) -> None:
        """End a save that is under way: two must not write the same files."""
        if self._child:
            os.kill(self._child, signal.SIGKILL)
            os.waitpid(self._child, 0)
            self._child = 0

    def _save_if_due(self) -> None:
        if self._child and os.waitpid(self._child, os.WNOHANG)[0]:
            self._child = 0
        if self._changed and not self._child and time.monotonic() - self._saved >= self._seconds:
            self._saved, self._changed, self._child = time.monotonic(), False, _forked(self._save)


def _changes(scope: Any) -> bool:
    target = dict(scope["headers"]).get(b"x-amz-target", b"")
    return scope["method"] not in ("GET", "HEAD") and not _READS.search(target)


def _forked(save: Callable[[], None]) -> int:
    """The process id of a child that saves and ends."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of threads: the child only uses this one
        child = os.fork()
    if child:
        return child
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(_SAVING_SECONDS)  # in case another thread held a lock
    try:
        save()
    finally:
        os._exit(0)


def keep_queues_on_any_port(sqs: Any) -> None:
    """Store queues under one fixed address; responses contain the address that the caller used, as before."""
    sqs.DEFAULT_PORT = "4566"
    sqs._CANONICAL_NETLOC = f"{sqs.DEFAULT_HOST}:{sqs.DEFAULT_PORT}"


def _insert_like_put(dynamodb: Any, insert: Callable[..., Answer]) -> Callable[..., Answer]:
    def partiql_insert(table: dict[str, Any], parsed: dict[str, Any]) -> Answer:
        item = parsed.get("item") or {}
        if isinstance(item, dict) and set(item) == {"M"}:
            item = item["M"]
        refused = dynamodb._validate_item(item, table.get("pk_name"), table.get("sk_name"))
        refused = refused or dynamodb._validate_index_key_values(table, item)
        if refused:
            return cast("Answer", refused)
        mismatch = dynamodb._key_type_mismatch_reason(table, item)
        if mismatch:
            return cast("Answer", dynamodb.error_response_json("ValidationException", mismatch, 400))
        answer = insert(table, parsed)
        if answer[0] == 200:
            dynamodb._emit_stream_event(table["TableName"], "INSERT", None, item)
        return answer

    return partiql_insert


def _with_stream_record(dynamodb: Any, write: Callable[..., Answer]) -> Callable[..., Answer]:
    def partiql_write(table: dict[str, Any], parsed: dict[str, Any], data: Any = None) -> Answer:
        partition, sort, _, fault = dynamodb._partiql_key_target(table, parsed)
        # An update stores a new dictionary, so the reference taken here remains the old image.
        old = None if fault else table["items"].get(partition, {}).get(sort)
        answer = write(table, parsed, data)
        if answer[0] == 200 and old is not None:
            new = table["items"].get(partition, {}).get(sort)
            dynamodb._emit_stream_event(table["TableName"], "MODIFY" if new else "REMOVE", old, new)
        return answer

    return partiql_write


def _state_with_streams(dynamodb: Any, get_state: Callable[[], dict[str, Any]]) -> Callable[[], dict[str, Any]]:
    from ministack.core.responses import AccountRegionScopedDict

    def state() -> dict[str, Any]:
        records, trimmed = AccountRegionScopedDict(), AccountRegionScopedDict()
        for (account, region, table), found in dynamodb._stream_records.all_items():
            # Records read long ago need not be stored: they would make every stop and start slower.
            surplus = max(0, len(found) - KEPT_STREAM_RECORDS)
            records.set_scoped(account, region, table, found[surplus:])
            before = dynamodb._stream_trimmed.get_scoped(account, region, table, 0)
            trimmed.set_scoped(account, region, table, before + surplus)
        return get_state() | {"stream_records": records, "stream_trimmed": trimmed}

    return state


def _restore_with_streams(dynamodb: Any, load: Callable[[dict[str, Any]], None]) -> Callable[[dict[str, Any]], None]:
    def restore(state: dict[str, Any]) -> None:
        load(state)
        dynamodb._stream_records.update(state.get("stream_records") or {})
        dynamodb._stream_trimmed.update(state.get("stream_trimmed") or {})

    return restore


def _stop_with_launcher() -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
