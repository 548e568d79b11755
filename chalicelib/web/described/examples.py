"""An example request for every operation, and how to send it with curl and Python."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from pprint import pformat
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

from chalicelib.domain.access import Capability
from chalicelib.web.http.bodies import FORM
from chalicelib.web.http.forms import sample_of
from chalicelib.web.http.routes import Route

RECORDED: Final = Path(__file__).with_name("recorded.json")
"""The file of examples."""
_WIDTH: Final = 88


DRAWN: Final = {
    "jobId": "JOB_ID",
    "pendingId": "PENDING_ID",
    "windowId": "WINDOW_ID",
    "access": "ACCESS",
    "learningEvent1Id": "EVENT_ID",
    "client_id": "CLIENT_ID",
    "client_secret": "CLIENT_SECRET",
}
"""The members whose values are never the same twice, with the reader's variables in their place."""


class _Name(str):
    """A name of the reader's program, which is shown without quotation marks."""

    __slots__ = ()
    __repr__ = str.__str__


class Example(NamedTuple):
    """A request that was made to the service, and its answer."""

    route: str
    request: dict[str, Any]
    """Its members, path included."""
    headers: Mapping[str, str]
    status: int
    answer_headers: Mapping[str, str]
    answer: Any
    """The document; None where it is not JSON."""
    sender: str
    """UKPRN of the sample organisation whose system made it; empty if it needs no token."""


@cache
def recorded_examples() -> Mapping[str, list[Example]]:
    """Every recorded example, by route."""
    found: dict[str, list[Example]] = {}
    for one in json.loads(RECORDED.read_text(encoding="utf-8")):
        found.setdefault(one["route"], []).append(Example(**one))
    return found


def examples_of(route: Route[Any]) -> list[Example]:
    """What has been recorded for a route; empty for one that is not of the service."""
    return recorded_examples().get(route.name, [])


def example_of(route: Route[Any]) -> dict[str, Any]:
    """The members of a request, path included: those of the first recorded one, otherwise made from the forms."""
    found = examples_of(route)
    return dict(found[0].request) if found else sample_of(route.request)


def code_samples(route: Route[Any]) -> list[dict[str, str]]:
    """The request in curl and in Python, for ``x-codeSamples``."""
    found = examples_of(route)
    headers = found[0].headers if found else {header.name: header.example for header in route.takes if header.required}
    return [
        {"lang": "Shell", "label": "curl", "source": _curl(route, example_of(route), headers)},
        *(
            {
                "lang": "Shell",
                "label": f"curl, with response {one.status}",
                "source": _curl(route, one.request, one.headers),
            }
            for one in found[1:]
        ),
        {"lang": "Python", "label": "Python", "source": _python(route, example_of(route), headers)},
    ]


def _target(
    route: Route[Any], example: Mapping[str, object], shown: Callable[[str], str]
) -> tuple[str, dict[str, object]]:
    """The path with its query, with the reader's variables as shown, and the members of the body."""
    path = route.path
    rest = {name: value for name, value in example.items() if name not in route.path_names}
    for name in route.path_names:
        path = path.replace(f"{{{name}}}", shown(DRAWN[name]) if name in DRAWN else str(example[name]))
    if route.has_body:
        return path, rest
    query = "&".join(
        f"{name}={shown(DRAWN[name])}" if name in DRAWN else urlencode({name: value}) for name, value in rest.items()
    )
    return f"{path}?{query}" if query else path, {}


def _curl(route: Route[Any], example: Mapping[str, object], headers: Mapping[str, str]) -> str:
    path, body = _target(route, example, "${}".format)
    parts = ["curl" if route.method == "GET" else f"curl --request {route.method}", f'"$HOST{path}"']
    if route.capability is not Capability.PUBLIC:
        parts.append('--header "Authorization: Bearer $TOKEN"')
    parts += [f"--header {shlex.quote(f'{name}: {value}')}" for name, value in headers.items()]
    if body and route.consumes == FORM:
        parts += [f"--data-urlencode {_form_value(name, value)}" for name, value in body.items()]
    elif body:
        parts.append('--header "Content-Type: application/json"')
        parts.append(f"--data {_json_value(body)}")
    return " \\\n  ".join([f"{parts[0]} {parts[1]}", *parts[2:]])


def _form_value(name: str, value: object) -> str:
    variable = DRAWN.get(name)
    return f'"{name}=${variable}"' if variable else shlex.quote(f"{name}={value}")


def _json_value(body: Mapping[str, object]) -> str:
    """JSON in single quotes of the shell, which end around a variable."""
    drawn = {name: DRAWN[name] for name in body if name in DRAWN}
    text = shlex.quote(json.dumps({**body, **{name: f"\0{name}\0" for name in drawn}}, ensure_ascii=False, indent=2))
    for name, variable in drawn.items():
        text = text.replace(json.dumps(f"\0{name}\0"), f"'\"${variable}\"'")
    return text


def _python(route: Route[Any], example: Mapping[str, object], headers: Mapping[str, str]) -> str:
    path, body = _target(route, example, "{{{}}}".format)
    lines = ["import requests", "", f"response = requests.{route.method.lower()}(", f'    f"{{HOST}}{path}",']
    if route.capability is not Capability.PUBLIC:
        lines.append('    headers={"Authorization": f"Bearer {TOKEN}"' + _more(headers) + "},")
    elif headers:
        lines.append(f"    headers={dict(headers)!r},")
    if body:
        argument = "data" if route.consumes == FORM else "json"
        lines += _argument(argument, {name: _Name(DRAWN[name]) if name in DRAWN else body[name] for name in body})
    lines += ["    timeout=30,", ")", "response.raise_for_status()"]
    if any(kind is not None for kind in route.answers.values()):
        lines.append("print(response.json())" if route.produces.endswith("json") else "print(response.text)")
    return "\n".join(lines)


def _more(headers: Mapping[str, str]) -> str:
    return "".join(f", {name!r}: {value!r}" for name, value in headers.items())


def _argument(name: str, value: object) -> list[str]:
    """A named argument of a call, on as many lines as its value needs."""
    indent = " " * (len(name) + 5)
    text = pformat(value, width=_WIDTH, sort_dicts=False).replace("\n", f"\n{indent}")
    return f"    {name}={text},".splitlines()
