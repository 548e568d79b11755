"""An example request for every operation, and how to send it with curl and Python."""

from __future__ import annotations

import json
import shlex
from pprint import pformat
from typing import Any
from urllib.parse import urlencode

from chalicelib.domain.access import Capability
from chalicelib.web.http.forms import sample_of
from chalicelib.web.http.requests import FORM
from chalicelib.web.http.routes import Route

_WIDTH = 88


def example_of(route: Route[Any]) -> dict[str, object]:
    """The members of a request, path included: the route's own example, completed from the forms."""
    return {**sample_of(route.request), **route.example}


def code_samples(route: Route[Any], example: dict[str, object]) -> list[dict[str, str]]:
    """The request in curl and in Python, for ``x-codeSamples``."""
    return [
        {"lang": "Shell", "label": "curl", "source": _curl(route, example)},
        {"lang": "Python", "label": "Python", "source": _python(route, example)},
    ]


def _target(route: Route[Any], example: dict[str, object]) -> tuple[str, dict[str, object]]:
    """The path with its query, and the members of the body."""
    path = route.path
    for name in route.path_names:
        path = path.replace(f"{{{name}}}", str(example[name]))
    rest = {name: value for name, value in example.items() if name not in route.path_names}
    if route.has_body:
        return path, rest
    return f"{path}?{urlencode(rest)}" if rest else path, {}


def _curl(route: Route[Any], example: dict[str, object]) -> str:
    path, body = _target(route, example)
    parts = ["curl" if route.method == "GET" else f"curl --request {route.method}", f'"$HOST{path}"']
    if route.capability is not Capability.PUBLIC:
        parts.append('--header "Authorization: Bearer $TOKEN"')
    parts += [f"--header {shlex.quote(f'{header.name}: {header.example}')}" for header in route.takes]
    if body and route.consumes == FORM:
        parts += [f"--data-urlencode {shlex.quote(f'{name}={value}')}" for name, value in body.items()]
    elif body:
        parts.append('--header "Content-Type: application/json"')
        parts.append(f"--data {shlex.quote(json.dumps(body, ensure_ascii=False, indent=2))}")
    return " \\\n  ".join([f"{parts[0]} {parts[1]}", *parts[2:]])


def _python(route: Route[Any], example: dict[str, object]) -> str:
    path, body = _target(route, example)
    headers = {header.name: header.example for header in route.takes}
    lines = ["import requests", "", f"response = requests.{route.method.lower()}(", f'    f"{{HOST}}{path}",']
    if route.capability is not Capability.PUBLIC:
        lines.append('    headers={"Authorization": f"Bearer {TOKEN}"' + _more(headers) + "},")
    elif headers:
        lines.append(f"    headers={headers!r},")
    if body:
        argument = "data" if route.consumes == FORM else "json"
        lines += _argument(argument, body)
    lines += ["    timeout=30,", ")", "response.raise_for_status()"]
    if any(kind is not None for kind in route.answers.values()):
        lines.append("print(response.json())" if route.produces.endswith("json") else "print(response.text)")
    return "\n".join(lines)


def _more(headers: dict[str, str]) -> str:
    return "".join(f", {name!r}: {value!r}" for name, value in headers.items())


def _argument(name: str, value: object) -> list[str]:
    """A named argument of a call, on as many lines as its value needs."""
    indent = " " * (len(name) + 5)
    text = pformat(value, width=_WIDTH, sort_dicts=False).replace("\n", f"\n{indent}")
    return f"    {name}={text},".splitlines()
