"""Small functions for the tests of the one-machine cloud; they run in worker processes."""

from __future__ import annotations

import os
import sys
import threading
from typing import Any


def echo(event: Any, context: Any) -> Any:
    """The event, the worker that answered, and its environment."""
    return {
        "event": event,
        "pid": os.getpid(),
        "setting": os.environ.get("LRS_TABLE_REGISTER"),
        "function": os.environ["AWS_LAMBDA_FUNCTION_NAME"],
        "left": context.get_remaining_time_in_millis(),
    }


def refuse(event: Any, context: Any) -> Any:
    """Fail as a handler would."""
    raise ValueError(f"refused {event['number']}")


def hang(event: Any, context: Any) -> Any:
    """Never answer."""
    threading.Event().wait()


def die(event: Any, context: Any) -> Any:
    """End the process without output."""
    os._exit(3)


def speak(event: Any, context: Any) -> Any:
    """Print a line."""
    sys.stdout.write(f"said {event['word']}\n")


def unspeakable(event: Any, context: Any) -> Any:
    """Answer with something that is not JSON."""
    return {1, 2}
