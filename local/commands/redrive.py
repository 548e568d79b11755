"""Send the messages of a dead-letter queue back to its source: `python -m local.commands.redrive chunks`.

In the cloud, administrators do this on the page of stuck jobs. Handlers can deal with a second delivery, so this is
always safe. `record_audit` sends changes that are not on the audit log, and that the bucket `unaudited` has kept, to
their function again.
"""

from __future__ import annotations

import argparse
import json
import os
import sys

from chalicelib.cloud.queues import SqsQueues
from local.emulated.cloud import ProvisionedCloud, running_endpoint
from local.emulated.stack import StreamMapping, load_stack
from local.lambda_runtime.invocation import InvocationError, ThreadWorkers, Workers

_WAITS = (2,) * 20
"""Seconds, together longer than a dead-letter queue hides a message that was received."""
_UNSEEN = "ApproximateNumberOfMessagesNotVisible"


def redrive(cloud: ProvisionedCloud, dead_queue: str) -> int:
    """Move messages from a dead-letter queue to its source; returns how many.

    Each message is sent before it is deleted, so a crash in between delivers it twice but loses none. Raises `KeyError`
    if no queue has this dead-letter queue.
    """
    source = source_of(cloud, dead_queue)
    queues = SqsQueues(lambda: cloud.client("sqs"), cloud.queue)
    moved = 0
    while group := _move(queues, cloud, dead_queue, source):
        moved += group
    return moved


def source_of(cloud: ProvisionedCloud, dead_queue: str) -> str:
    """The queue whose failed messages go to `dead_queue`. Raises `KeyError`."""
    for name, queue in cloud.stack.queues.items():
        if queue.get("deadLetterQueue") == dead_queue:
            return name
    raise KeyError(dead_queue)


def redrive_stream(cloud: ProvisionedCloud, mapping: StreamMapping, workers: Workers) -> int:
    """Send the changes in a stream's bucket for failures to the function again; returns how many.

    Each object is deleted after the function has handled it. What it still cannot read, it has put into a new object.
    """
    s3, bucket = cloud.client("s3"), cloud.bucket(mapping.failure_bucket)
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    # All of them first: new objects must not be handled in this run.
    kept = [found["Key"] for page in pages for found in page.get("Contents", ())]
    delivered = 0
    for key in kept:
        event = json.loads(json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())["payload"])
        try:
            workers.invoke(mapping.function, event)
        except InvocationError as error:
            print(f"{key} stays: {error}", file=sys.stderr)
            continue
        s3.delete_object(Bucket=bucket, Key=key)
        delivered += len(event["Records"])
    return delivered


def _move(queues: SqsQueues, cloud: ProvisionedCloud, dead_queue: str, source: str) -> int:
    """Move some messages; waits for those that someone has just looked at, since they reappear by themselves."""
    for wait in (0, *_WAITS):
        if moved := queues.move(dead_queue, source, wait):
            return moved
        held = cloud.client("sqs").get_queue_attributes(QueueUrl=cloud.queue(dead_queue), AttributeNames=[_UNSEEN])
        if not int(held["Attributes"][_UNSEEN]):
            break
    return 0


def main(arguments: list[str] | None = None) -> int:
    """Command line: 0 moved (or nothing to move), 2 wrong queue or no local cloud."""
    stack = load_stack()
    queues = {name: queue["deadLetterQueue"] for name, queue in stack.queues.items() if "deadLetterQueue" in queue}
    streams = {mapping.function.name: mapping for mapping in stack.stream_mappings()}
    parser = argparse.ArgumentParser(prog="python -m local.commands.redrive", description=__doc__.splitlines()[0])
    parser.add_argument("queue", choices=sorted({*queues, *streams}), help="the queue, or the function of a stream")
    chosen = parser.parse_args(arguments)
    found = running_endpoint()
    if found is None:
        print("The local cloud is not running. Start it with make run.", file=sys.stderr)
        return 2
    cloud = ProvisionedCloud(*found, stack)
    if chosen.queue in queues:
        moved = redrive(cloud, queues[chosen.queue])
        print(f"{moved} message(s) moved back to {chosen.queue}")
    else:
        os.environ |= cloud.environment
        delivered = redrive_stream(cloud, streams[chosen.queue], ThreadWorkers())
        print(f"{delivered} change(s) sent to {chosen.queue} again")
    return 0


if __name__ == "__main__":
    sys.exit(main())
