"""Send the messages of a dead-letter queue back to where they came from: `python -m local.redrive chunks`.

The emulator has no `StartMessageMoveTask`; in the cloud the same is one console button or one AWS call. Handlers are
safe against a second delivery, so redriving is always safe.
"""

from __future__ import annotations

import argparse
import sys
from typing import Any

from local.cloud import ProvisionedCloud, running_endpoint
from local.stack import load_stack


def redrive(cloud: ProvisionedCloud, dead_queue: str, most: int | None = None) -> int:
    """Move messages from a dead-letter queue to its source; the number moved.

    Each is sent before it is deleted, so a crash in between delivers one twice and loses none. Raises `KeyError` when
    no queue has this dead-letter queue.
    """
    source = source_of(cloud, dead_queue)
    sqs, moved = cloud.client("sqs"), 0
    while most is None or moved < most:
        messages = _receive(sqs, cloud.queue(dead_queue), 10 if most is None else min(10, most - moved))
        if not messages:
            break
        for message in messages:
            sqs.send_message(
                QueueUrl=cloud.queue(source),
                MessageBody=message["Body"],
                MessageAttributes=message.get("MessageAttributes", {}),
            )
            sqs.delete_message(QueueUrl=cloud.queue(dead_queue), ReceiptHandle=message["ReceiptHandle"])
            moved += 1
    return moved


def source_of(cloud: ProvisionedCloud, dead_queue: str) -> str:
    """The queue whose failed messages come to `dead_queue`. Raises `KeyError`."""
    for name, queue in cloud.stack.queues.items():
        if queue.get("deadLetterQueue") == dead_queue:
            return name
    raise KeyError(dead_queue)


def _receive(sqs: Any, address: str, limit: int) -> list[dict[str, Any]]:
    answer = sqs.receive_message(QueueUrl=address, MaxNumberOfMessages=limit, MessageAttributeNames=["All"])
    return list(answer.get("Messages", []))


def main(arguments: list[str] | None = None) -> int:
    """Command line: 0 moved (or nothing to move), 2 wrong queue or no local cloud."""
    stack = load_stack()
    sources = sorted(name for name, queue in stack.queues.items() if "deadLetterQueue" in queue)
    parser = argparse.ArgumentParser(prog="python -m local.redrive", description=__doc__.splitlines()[0])
    parser.add_argument("queue", choices=sources, help="the queue the messages failed on")
    parser.add_argument("--most", type=int, help="stop after this many messages")
    chosen = parser.parse_args(arguments)
    found = running_endpoint()
    if found is None:
        print("The local cloud is not running: start it with `make run`.", file=sys.stderr)
        return 2
    cloud = ProvisionedCloud(*found, stack)
    moved = redrive(cloud, stack.queues[chosen.queue]["deadLetterQueue"], chosen.most)
    print(f"{moved} message(s) moved back to {chosen.queue}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
