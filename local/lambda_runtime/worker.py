"""One worker process: runs handlers one at a time, as one Lambda sandbox does (`… worker FD`).

Requests and answers travel over the connection FD; standard output and error are the function's log. The process ends
when its standard input closes, even in the middle of a handler: the launcher is gone.
"""

from __future__ import annotations

import os
import sys
import threading
import traceback
from multiprocessing.connection import Connection
from typing import Any

from local.lambda_runtime.invocation import InvocationError, call, load_handler


def main() -> None:
    """Answer requests until the launcher closes the connection."""
    threading.Thread(target=_end_with_launcher, name="launcher-watch", daemon=True).start()
    connection = Connection(int(sys.argv[1]))
    while True:
        try:
            request = connection.recv()
        except (EOFError, OSError):
            return
        answer = _answer(request)
        sys.stdout.flush()
        connection.send(answer)


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    os.environ["AWS_LAMBDA_FUNCTION_NAME"] = request["name"]
    os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] = str(request["memory_megabytes"])
    try:
        handler = load_handler(request["handler"])
        if request["event"] is None:
            return {"value": None}
        limits = (request["name"], request["memory_megabytes"], request["timeout_seconds"])
        return {"value": call(handler, request["event"], *limits)}
    except InvocationError as error:
        return {"kind": error.kind, "message": error.message, "trace": ""}
    except SystemExit as error:
        return {"kind": "Runtime.ExitError", "message": f"exit status {error.code}", "trace": ""}
    except BaseException as error:  # noqa: BLE001 — a worker survives any exception of a handler
        trace = traceback.format_exc()
        print(trace, file=sys.stderr, flush=True)
        return {"kind": type(error).__name__, "message": str(error), "trace": trace}


def _end_with_launcher() -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    os._exit(1)


if __name__ == "__main__":
    main()
