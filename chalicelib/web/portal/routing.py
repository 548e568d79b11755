"""Every request of the portal: found in the table, checked in one order, answered with a page (SEC-01, IDM-08).

API Gateway and Chalice know one greedy path. A request passes in this order: maintenance; session, or the way to
sign-in; what is owed after sign-in; capability; signs that a form comes from a page of ours; the form's fields; its
view. Any exception becomes a page in place of it.
"""

from __future__ import annotations

import secrets
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote

from chalice.app import Blueprint, Request, Response

from chalicelib import observability
from chalicelib.domain.access import Capability, is_allowed
from chalicelib.domain.accounts import Stage
from chalicelib.domain.callers import Channel
from chalicelib.domain.looks import LookAction, LookOutcome
from chalicelib.domain.portal_sessions import KeptSession, Session
from chalicelib.observability import Metric
from chalicelib.ports.errors import TemporaryFailure
from chalicelib.services.looks import user_subject
from chalicelib.services.portal_sessions import caller_of
from chalicelib.web.http.bodies import Malformed, form_values
from chalicelib.web.http.guard import source_of
from chalicelib.web.http.maintenance import OPEN
from chalicelib.web.http.traffic import (
    CORRELATION_HEADER,
    ELSEWHERE,
    METHODS,
    Stopwatch,
    correlation_of,
    header_values,
    path_of,
    raw_body,
)
from chalicelib.web.http.uploads import FilledForm, is_multipart, read_multipart
from chalicelib.web.portal import assets, cookies, form_tokens, refusals, rendering, security, table
from chalicelib.web.portal.kept_forms import (
    NOT_KEPT,
    OUT_OF_DATE,
    SIGNED_IN_AGAIN,
    STILL_SIGNED_IN,
    has_form,
    leaves_out,
    refilled,
)
from chalicelib.web.portal.menu import menu_of
from chalicelib.web.portal.rendering import Chrome, Flash, Person
from chalicelib.web.portal.time_outs import time_out_of
from chalicelib.web.portal.visits import (
    FORM_LIMIT,
    Entry,
    File,
    Page,
    PortalServices,
    Result,
    SeeOther,
    View,
    Visit,
    loaded,
)

_HTML: Final = "text/html; charset=utf-8"
_MOST_FIELDS: Final = 200
_NOWHERE: Final = "nowhere"
"""The name under which requests of no page are logged."""


def blueprint(services: Callable[[], PortalServices]) -> Blueprint:
    """A Chalice blueprint of the portal; ``services`` is called at every request and caches its result."""
    made = Blueprint(__name__)

    def serve(proxy: str = "") -> Response:
        _ = proxy  # the event has the whole path
        return _serve(made.current_request, services)

    for name, path in ELSEWHERE.items():
        made.route(path, methods=sorted(METHODS), name=name, content_types=[])(serve)
    return made


def load() -> None:
    """Load every page with its template, for a snapshot."""
    for entry in table.ENTRIES:
        loaded(entry)
    rendering.load()


def _serve(request: Request, services: Callable[[], PortalServices]) -> Response:
    path = path_of(request)
    asset = assets.find(path)
    if asset is not None and request.method in ("GET", "HEAD"):
        headers = {"Content-Type": asset.media_type, "Cache-Control": asset.cache_control, "Vary": "Accept-Encoding"}
        body = "" if request.method == "HEAD" else asset.content.decode()
        return Response(body, {**security.headers(""), **headers}, HTTPStatus.OK)
    found = table.find(request.method, path)
    with observability.serving(found[0].name if found else _NOWHERE):
        return _Answer(request, path).to(found, services)


class _Answer:
    """One request on its way to its page."""

    def __init__(self, request: Request, path: str) -> None:
        self._request = request
        self._path = path
        self._correlation_id = correlation_of(request)
        self._cookies = cookies.read(header_values(request, "cookie"))
        self._visit_secret = cookies.visit_secret(self._cookies)
        self._session: Session | None = None
        self._ended: KeptSession | None = None
        """The session of the cookie, if it is over by now."""
        self._is_withdrawn = False
        """Whether that is because of its account or organisation."""
        self._notes: Sequence[str] = ()
        """What the page says about itself."""
        self._services: PortalServices | None = None
        self._limit = FORM_LIMIT

    def to(self, found: tuple[Entry, Mapping[str, str]] | None, services: Callable[[], PortalServices]) -> Response:
        """The response: the view's page, or the one that takes its place."""
        stopwatch = Stopwatch(Channel.PORTAL, self._correlation_id)
        name, is_agreed = found[0].name if found else _NOWHERE, False
        try:
            self._services = services()
            response = self._rendered(self._result(found, self._services), found)
        except Exception as error:  # noqa: BLE001 - every exception has its page; none reaches Chalice
            refusal = refusals.refusal_of(error, self._correlation_id, self._limit)
            if refusal.page.status == HTTPStatus.INTERNAL_SERVER_ERROR:
                observability.fault(error, route=name, correlation=self._correlation_id)
                observability.measure(Metric.FAULTS)
            is_agreed = refusal.is_agreed_closure
            response = self._page(refusal.page)
        ukprn = self._session.kept.ukprn if self._session else ""
        stopwatch.stop(name, response.status_code, ukprn, is_agreed_closure=is_agreed)
        if self._request.method == "HEAD":
            response.body = ""
        return response

    # --- Checks ------------------------------------------------------------------------------------------------------

    def _result(self, found: tuple[Entry, Mapping[str, str]] | None, services: PortalServices) -> Result:
        if found is None:
            return self._nowhere(services)
        entry, names = found
        if entry.capability is not Capability.SIGNED_IN:
            self._require_open(services, {entry.capability})
        self._look(services)
        if entry.capability is not Capability.PUBLIC:
            elsewhere = self._gate(entry, services)
            if elsewhere is not None:
                return elsewhere
        view = loaded(entry)
        self._limit = view.limit
        visit = self._visit(services, names)
        if entry.method != "POST":
            return self._with_kept_form(view.show(visit), services)
        form, form_id = self._form(view)
        is_parked = bool(form.texts.pop(form_tokens.PARKED, None))
        is_genuine = self._is_genuine(form_id, entry)
        if is_genuine and not is_parked:
            return view.show(replace(visit, entered=form.texts, files=form.files, form_id=form_id))
        return self._shown_again(visit, entry, form.texts, STILL_SIGNED_IN if is_genuine else OUT_OF_DATE)

    def _visit(self, services: PortalServices, names: Mapping[str, str]) -> Visit:
        return Visit(
            services=services,
            request_id=self._correlation_id,
            source=source_of(str((self._request.context.get("identity") or {}).get("sourceIp"))),
            session=self._session,
            had_session=bool(self._cookies.get(cookies.SESSION)),
            names=names,
            query=dict(self._request.query_params or {}),
            cookies=self._cookies,
        )

    def _nowhere(self, services: PortalServices) -> Page:
        self._look(services)
        methods = table.methods_of(self._path)
        if not methods:
            raise refusals.not_found()
        return refusals.error_page(HTTPStatus.METHOD_NOT_ALLOWED, headers={"Allow": ", ".join(methods)})

    def _require_open(self, services: PortalServices, held: set[Capability] | frozenset[str]) -> None:
        """Refuse in maintenance, unless one of these stays open."""
        closed = None if held & OPEN else services.closures.now()
        if closed is not None:
            raise refusals.closed(*closed)

    def _look(self, services: PortalServices) -> None:
        ticket = self._cookies.get(cookies.SESSION, "")
        if ticket:
            self._session, self._ended, self._is_withdrawn = services.portal_sessions.look(ticket, services.clock())

    def _gate(self, entry: Entry, services: PortalServices) -> SeeOther | None:
        """Where else to go first: to sign in, or to do what is owed. Raises NotShown without the capability."""
        session = self._session
        if session is None:
            if self._path == table.HOME and not self._cookies.get(cookies.SESSION):
                return SeeOther(path=table.START)
            # Without its cookie nobody is told that the session was inactive.
            own = [cookies.forgotten(cookies.SESSION)] if self._is_withdrawn else []
            return SeeOther(path=table.SIGN_IN, cookies=[*own, *self._ways_back(entry, services)])
        if session.stage is Stage.COMPLETE and entry.capability is Capability.SIGNED_IN:
            # Nothing closes the way of those who may have to end the maintenance.
            self._require_open(services, session.capabilities)
        if entry not in table.AT_ANY_STAGE:
            step = table.STEPS.get(session.stage)
            if step is not None and entry.path != step:
                return SeeOther(path=step)
            if step is None and entry.path in table.STEPS.values():
                return SeeOther(path=table.HOME)
        if not is_allowed(session.capabilities, entry.capability):
            caller = caller_of(session, self._correlation_id)
            subject = user_subject(session.kept.user_id)
            services.looks.at(caller, LookAction.CALL_MADE, subject, LookOutcome.REFUSED, route=entry.name)
            raise refusals.no_role(entry.capability)
        return None

    def _ways_back(self, entry: Entry, services: PortalServices) -> Iterator[str]:
        """The cookies that lead back to this page after sign-in, and to what was entered there."""
        page = table.page_of(entry, self._path)
        if not page or page in (table.HOME, *table.STEPS.values()):
            return
        yield cookies.way_back(page, cookies.last_mark(self._cookies))
        if entry.method == "POST" and self._ended is not None:
            with suppress(refusals.NotShown, Malformed, TemporaryFailure):  # there is nothing to keep, or no place
                form, form_id = self._form(loaded(entry))
                genuine = self._is_genuine(form_id, entry)
                key = services.kept_forms.keep(self._ended, page, form.texts) if genuine else ""
                if key:
                    yield cookies.kept_form(key, page)

    def _form(self, view: View) -> tuple[FilledForm, str]:
        """The form, and what identifies it. Raises NotShown if another site sent it, Malformed if there is none."""
        services = self._services
        assert services is not None
        headers = {name: self._request.headers.get(name, "") for name in ("sec-fetch-site", "origin", "host")}
        if not form_tokens.is_from_here(headers, services.settings.portal_url):
            raise refusals.unreadable()
        media_type = self._request.headers.get("content-type", "")
        raw = raw_body(self._request)
        if view.has_files and is_multipart(media_type):
            form = read_multipart(raw, media_type, view.limit, _MOST_FIELDS)
        else:
            form = FilledForm(form_values(raw, media_type, view.limit, _MOST_FIELDS), {})
        return form, form.texts.pop(form_tokens.FIELD, [""])[-1]

    def _is_genuine(self, form_id: str, entry: Entry) -> bool:
        """Whether a page of ours sent the form, to this person."""
        session = self._session.kept if self._session else self._ended
        known = [session.csrf_secret] if session else []
        if entry.capability is Capability.PUBLIC:
            known.append(self._visit_secret)  # of a form that was opened before signing in
        return form_tokens.is_genuine(form_id, known)

    # --- Forms that are shown again ----------------------------------------------------------------------------------

    def _with_kept_form(self, result: Result, services: PortalServices) -> Result:
        """A page with what the person had entered when the session was over."""
        key = cookies.kept_form_of(self._cookies, self._path)
        if not key or self._session is None or not isinstance(result, Page) or self._request.method != "GET":
            return result
        if not has_form(result):
            return result  # the page says what comes first, and the form waits until then
        entered = services.kept_forms.take(self._session, self._path, key)
        page = refilled(result, entered) if entered else None
        if page is None:
            return result
        self._notes = (SIGNED_IN_AGAIN, *([NOT_KEPT] if leaves_out(page) else ()))
        return replace(page, cookies=[*page.cookies, cookies.forgotten(cookies.KEPT_FORM)])

    def _shown_again(self, visit: Visit, entry: Entry, entered: Mapping[str, Sequence[str]], note: str) -> Page:
        """The page of a form with what was entered, and why nothing was done. Raises NotShown if there is none."""
        found = table.find("GET", self._path)
        if found is None or found[0].path != entry.path:
            raise refusals.unreadable()
        if self._session is None or not is_allowed(self._session.capabilities, found[0].capability):
            raise refusals.unreadable()
        result = loaded(found[0]).show(visit)
        page = refilled(result, entered) if isinstance(result, Page) else None
        if page is None:
            raise refusals.unreadable()
        self._notes = (note, *([NOT_KEPT] if leaves_out(page) else ()))
        return replace(page, status=HTTPStatus.BAD_REQUEST)

    # --- Responses ---------------------------------------------------------------------------------------------------

    def _rendered(self, result: Result, found: tuple[Entry, Mapping[str, str]] | None) -> Response:
        if isinstance(result, SeeOther):
            session = result.session or self._session
            if result.message and session is not None and self._services is not None:
                self._services.portal_sessions.say(session, result.message)
            return self._response("", HTTPStatus.SEE_OTHER, {"Location": result.path}, result.cookies)
        if isinstance(result, File):
            saved = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(result.name)}"} if result.name else {}
            headers = {**saved, **result.headers, "Content-Type": result.media_type}
            return self._response(result.content, HTTPStatus.OK, headers)
        is_sent = found is not None and "POST" in table.methods_of(self._path)
        if is_sent and self._session is None and not self._visit_secret and self._services is not None:
            self._visit_secret = self._services.new_secret()
            return self._page(result, cookies.visit(self._visit_secret))
        return self._page(result)

    def _page(self, page: Page, *more: str) -> Response:
        nonce = secrets.token_urlsafe(16)
        html = rendering.render(page.template, page.context, chrome=self._chrome(nonce, page))
        headers = {**page.headers, "Content-Type": _HTML}
        return self._response(html, page.status, headers, [*page.cookies, *more], nonce, page.upload_origin)

    def _chrome(self, nonce: str, page: Page) -> Chrome:
        session = self._session
        secret = session.kept.csrf_secret if session else self._visit_secret
        return Chrome(
            nonce=nonce,
            path=self._path,
            csrf_token=form_tokens.token(secret, secrets.token_urlsafe(8)) if secret else "",
            person=Person(session.name, session.organisation) if session else None,
            time_out=time_out_of(session, self._services.clock(), self._path) if session and self._services else None,
            menu=menu_of(session, self._path),
            flash=[
                *(Flash(text, is_success=False) for text in self._notes),
                *(Flash(text) for text in self._said(page)),
            ],
        )

    def _said(self, page: Page) -> Sequence[str]:
        """The messages kept for the next page; a page that shows an error is not it."""
        is_next = page.status == HTTPStatus.OK and self._request.method == "GET"
        session = page.session or self._session
        if session is None or self._services is None or not is_next:
            return ()
        return self._services.portal_sessions.said(session)

    def _response(
        self,
        body: str | bytes,
        status: int,
        headers: Mapping[str, str],
        set_cookies: Sequence[str] = (),
        nonce: str = "",
        upload_origin: str = "",
    ) -> Response:
        every: dict[str, str | list[str]] = {
            **security.headers(nonce, upload_origin=upload_origin),
            CORRELATION_HEADER: self._correlation_id,
            **headers,
        }
        if set_cookies:
            every["Set-Cookie"] = list(set_cookies)
        if isinstance(body, bytes):
            return _Encoded(b64encode(body).decode("ascii"), every, status)
        return Response(body, every, status)


class _Encoded(Response):
    """A response with bytes, in Base64. Chalice itself encodes only what ``Accept`` names, and browsers name pages."""

    def to_dict(self, binary_types: list[str] | None = None) -> dict[str, Any]:
        return {**super().to_dict(binary_types), "isBase64Encoded": True}
