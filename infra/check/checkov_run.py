"""Checkov's checks of Terraform, run by the Python of .venv-checkov: `python checkov_run.py FOLDER`; prints JSON.

Checkov's own command loads twenty other frameworks, makes a copy of each resource for each key of `for_each`, and makes
the tables of a parser anew for each expression that it parses: together three quarters of its time. A copy has the same
findings at the same line. What differs by key is for our rules, which read the evaluated state.
"""

from __future__ import annotations

import json
import os
import sys
from functools import cache
from typing import Any

os.environ |= {"CHECKOV_ENABLE_FOREACH_HANDLING": "False", "CHECKOV_ENABLE_MODULES_FOREACH_HANDLING": "False"}

import bc_jsonpath_ng.parser as jsonpath
from checkov.runner_filter import RunnerFilter
from checkov.terraform.runner import Runner

_made = jsonpath.ply.yacc.yacc


@cache
def _parser(start: str) -> Any:
    return _made(module=jsonpath.JsonPathParser(), start=start, write_tables=0, debug=False, errorlog=jsonpath.logger)


jsonpath.ply.yacc.yacc = lambda **options: _parser(options["start"])


def findings(folder: str) -> list[dict[str, Any]]:
    """What checkov finds in a folder."""
    report = Runner().run(root_folder=folder, runner_filter=RunnerFilter(framework=["terraform"]))
    return [
        {
            "check": one.check_id,
            "file": one.file_path.lstrip("/"),
            "line": one.file_line_range[0],
            "resource": one.resource,
            "says": one.check_name,
        }
        for one in report.failed_checks
    ]


if __name__ == "__main__":
    print(json.dumps(findings(sys.argv[1])))
