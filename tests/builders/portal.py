"""A browser without a window: sends API Gateway's events to the portal, and keeps cookies as browsers do."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from html import unescape
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlencode

from chalice import Chalice

from chalicelib.domain.access import SERVICE_ROLES, Role, capabilities_of, grantable_roles
from chalicelib.domain.accounts import Account, Stage
from chalicelib.domain.portal_sessions import KeptSession, Session
from chalicelib.web.portal.visits import Visit
from tests.builders.accounts import account
from tests.builders.achievements import ListedCatalogue
from tests.builders.organisations import organisation
from tests.fakes.web import portal
from tests.fakes.world import FakeWorld

UKPRN, NAME, RIGHT, NEW = "10000001", "amelia0417", "Correct-Horse1", "Battery-Staple2"
HOST = "portal.example.org"
SOURCE = "192.0.2.7"


BOUNDARY = "----WebKitFormBoundary7MA4YWxkTrZu0gW"


def multipart(files: Sequence[tuple[str, bytes]], fields: Mapping[str, str], control: str = "file") -> bytes:
    """A form with files as Chromium sends it; without any, as it sends one in which none was chosen."""
    disposition = b"Content-Disposition: form-data; name="
    parts = [disposition + f'"{name}"\r\n\r\n{value}'.encode() for name, value in fields.items()]
    for name, data in files or [("", b"")]:
        escaped = name.replace('"', "%22")
        kind = f'"{control}"; filename="{escaped}"\r\nContent-Type: application/octet-stream\r\n\r\n'
        parts.append(disposition + kind.encode() + data)
    edge = f"--{BOUNDARY}".encode()
    return b"".join(edge + b"\r\n" + part + b"\r\n" for part in parts) + edge + b"--\r\n"


class Seen(NamedTuple):
    """A response."""

    status: int
    headers: Mapping[str, Any]
    body: str

    @property
    def title(self) -> str:
        found = re.search(r"<title>(.*?) – ", self.body, re.DOTALL)
        return unescape(found[1]) if found else ""

    @property
    def token(self) -> str:
        found = re.search(r'name="csrf_token" value="([^"]*)"', self.body)
        return found[1] if found else ""

    @property
    def errors(self) -> list[str]:
        """The lines of the error summary."""
        summary = re.search(r'class="govuk-error-summary"(.*?)</ul>', self.body, re.DOTALL)
        lines = re.findall(r"<li>(.*?)</li>", summary[1], re.DOTALL) if summary else []
        return [unescape(re.sub(r"<[^>]+>", "", line).strip()) for line in lines]

    @property
    def text(self) -> str:
        """What the page says, without its marks, with single blanks."""
        main = self.body.partition("<main")[2].partition("</main>")[0].partition(">")[2]
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())

    @property
    def location(self) -> str:
        return str(self.headers.get("Location", ""))


class Browser:
    """Somebody with a browser."""

    def __init__(self, app: Chalice) -> None:
        self._app = app
        self.cookies: dict[str, str] = {}
        self.seen = Seen(0, {}, "")
        self.event: Mapping[str, Any] = {}
        """What was sent last."""

    def get(self, path: str, **headers: str) -> Seen:
        """Open an address, without following where it leads to."""
        return self.send("GET", path, headers=headers)

    def open(self, path: str) -> Seen:
        """Open an address, and go where it leads to."""
        return self._followed(self.get(path))

    def submit(self, path: str, *, token: str | None = None, **fields: str | Sequence[str]) -> Seen:
        """Submit a form with the token of the page last seen, without following where it leads to."""
        held = self.seen.token if token is None else token
        return self.post(path, {"csrf_token": held, **fields})

    def fill_in(self, path: str, **fields: str | Sequence[str]) -> Seen:
        """Open the page of a form, submit it, and go where it leads to."""
        self.open(path)
        return self._followed(self.submit(path, **fields))

    def post(self, path: str, fields: Mapping[str, str | Sequence[str]], **headers: str) -> Seen:
        """Send a form."""
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.send("POST", path, urlencode(fields, doseq=True), kind | headers)

    def upload(
        self, path: str, *files: tuple[str, bytes], token: str | None = None, control: str = "file", **fields: str
    ) -> Seen:
        """Submit a form with files, each with its name, as :meth:`submit` does one without."""
        held = self.seen.token if token is None else token
        body = multipart(files, {"csrf_token": held, **fields}, control)
        return self.send("POST", path, body, {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"})

    def send(
        self, method: str, path: str, body: str | bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Seen:
        """Send a request as API Gateway passes it on."""
        sent = {"Host": HOST, **{name.replace("_", "-"): value for name, value in (headers or {}).items()}}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        plain, _, query = path.partition("?")
        several = parse_qs(query, keep_blank_values=True) or None
        self.event = {
            "resource": "/{proxy+}" if plain != "/" else "/",
            "path": plain,
            "httpMethod": method,
            "headers": sent,
            "multiValueHeaders": {name: [value] for name, value in sent.items()},
            "queryStringParameters": several and {name: values[-1] for name, values in several.items()},
            "multiValueQueryStringParameters": several,
            "pathParameters": {"proxy": plain[1:]} if plain != "/" else None,
            "stageVariables": None,
            "requestContext": {
                "httpMethod": method,
                "path": f"/live{plain}",
                "resourcePath": "/{proxy+}" if plain != "/" else "/",
                "requestId": "5f0c2a3e-7c1d-4b7e-9a55-2f6f3f0a4d11",
                "identity": {"sourceIp": SOURCE},
            },
            "body": b64encode(body).decode() if isinstance(body, bytes) else body,
            "isBase64Encoded": isinstance(body, bytes),
        }
        answer = self._app(self.event, None)
        for line in answer.get("multiValueHeaders", {}).get("Set-Cookie", ()):
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies.pop(name, None)
            if "Max-Age=0" not in line:
                self.cookies[name] = value
        self.seen = Seen(answer["statusCode"], answer["headers"], answer["body"])
        return self.seen

    def _followed(self, seen: Seen) -> Seen:
        for _ in range(6):
            if seen.status != 303:
                return seen
            seen = self.get(seen.location)
        raise AssertionError("goes round in circles")


def hold(world: FakeWorld, held: Account) -> None:
    """Let an account exist."""
    world.user_table.held[held.ukprn, held.user_id] = held
    world.user_table.names[held.user_name] = (held.ukprn, held.user_id)


def portal_world(**changes: Any) -> FakeWorld:
    """A world with one account, changed, of an organisation that may have its roles."""
    world, held = FakeWorld(), account(**changes)
    world.catalogues.publish("v1", ListedCatalogue())
    is_service_desk = bool(held.roles & SERVICE_ROLES)
    is_awarding_organisation = held.roles <= grantable_roles(is_awarding_organisation=True)
    kind = {"is_service_desk": is_service_desk, "is_awarding_organisation": is_awarding_organisation}
    world.accounts.put(organisation(UKPRN, **kind))
    hold(world, held)
    return world


def browser_of(world: FakeWorld, **settings: Any) -> Browser:
    """Somebody who visits the portal of that world."""
    return Browser(portal(world, **{"portal_url": f"https://{HOST}", **settings}))


def visit(world: FakeWorld, roles: Iterable[Role] = (), **given: Any) -> Visit:
    """A visit of one page, by somebody with these roles, for views that are called alone."""
    held, now = frozenset(roles), world.clock()
    session = Session(
        KeptSession("digest", UKPRN, "Uamelia", 1, "secret", now, now, has_agreed=True),
        user_name=NAME,
        name="Amelia Okafor",
        email="amelia@merrowdale.example.org",
        organisation="Merrowdale Awards",
        roles=held,
        capabilities=frozenset(map(str, capabilities_of(held))),
        stage=Stage.COMPLETE,
        warned_at=now + timedelta(minutes=25),
        idle_until=now + timedelta(minutes=30),
        ends=now + timedelta(hours=8),
    )
    return Visit(services=world.services(), request_id="request", source=SOURCE, session=session, **given)


def signed_in(world: FakeWorld, name: str = NAME, **settings: Any) -> Browser:
    """Somebody who has signed in and accepted the User Agreement."""
    browser = browser_of(world, **settings)
    browser.fill_in("/sign-in", user_name=name, password=RIGHT)
    browser.submit("/sign-in/user-agreement", choice="accept")
    return browser
