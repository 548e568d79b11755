"""The Lambda entry points ``app.app`` (the web service) and ``app.portal``: Chalice objects and their routes.

Each is made when it is first asked for, so that a function loads and makes the parts of its own surface alone.
"""

import gc
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from typing import Final

from chalice import Chalice

from chalicelib import bootstrap
from chalicelib.grants import needs
from chalicelib.ports.errors import Missing
from chalicelib.ports.identity import Holder

_OF_EVERY_PAGE: Final = ("dynamodb",)
"""The AWS services that every page calls; the clients of others wait for the first page that needs one."""


def _web_service() -> Chalice:
    from chalicelib.web.http.rehearsal import ORGANISATION, Known, credential, rehearse  # noqa: PLC0415 - see above
    from chalicelib.web.http.routes import blueprint  # noqa: PLC0415
    from chalicelib.web.rest.table import ENTRIES  # noqa: PLC0415

    def complete(my: bootstrap.Services) -> None:
        my.lists.complete()
        own = credential(my.clock())
        stores = {
            "credential_table": Known(my.credential_table, holder=Holder(ORGANISATION, own)),
            "accounts": Known(my.accounts, organisation=ORGANISATION),
        }
        with bootstrap.rehearsal(my, **stores, **_catalogues(my)) as played:
            list(rehearse(made, ENTRIES, played.tokens.grant(own).token))

    needed = needs("api")
    bootstrap.start(
        needed, lambda my: (my.lists, my.throttles, my.tokens, my.looks, my.token_keys.prepared()), rest=complete
    )
    # Not the logger's service name: Chalice adds its own handler to the logger with the name of its application.
    made = Chalice(app_name="learning-records-routes", configure_logs=False)
    made.register_blueprint(blueprint(ENTRIES, lambda: bootstrap.services(needs=needed)))
    return made


def _portal() -> Chalice:
    from chalicelib.web.http.uploads import MULTIPART  # noqa: PLC0415 - see above
    from chalicelib.web.portal import routing  # noqa: PLC0415

    def complete(my: bootstrap.Services) -> None:
        from chalicelib.web.http.rehearsal import ORGANISATION, Known  # noqa: PLC0415 - a container never needs it
        from chalicelib.web.portal.rehearsal import People, rehearse  # noqa: PLC0415

        my.lists.complete()
        routing.load()
        people = People(my.clock(), my.password_hasher)
        stores = {
            "portal_session_table": Known(my.portal_session_table, holding=people.holding),
            "user_table": Known(my.user_table, named=people.known(), get=people.account),
            "accounts": Known(my.accounts, organisation=ORGANISATION),
        }
        with bootstrap.rehearsal(my, **stores, **_catalogues(my)) as played:
            list(rehearse(made, played))

    needed = needs("portal")
    bootstrap.start(needed, lambda my: (my.closures, my.portal_sessions, my.looks), rest=complete, first=_OF_EVERY_PAGE)
    made = Chalice(app_name="learning-records-pages", configure_logs=False)
    made.api.binary_types = [MULTIPART]
    made.register_blueprint(routing.blueprint(lambda: bootstrap.services(needs=needed)))
    return made


def _catalogues(my: bootstrap.Services) -> Mapping[str, object]:
    """The catalogue of aims for a rehearsal, which is loaded; none until the first import of the registers."""
    from chalicelib.web.http.rehearsal import Known  # noqa: PLC0415 - a container never needs it

    with suppress(Missing):
        version = my.catalogues.current_version()
        my.catalogues.load(version)
        return {"catalogues": Known(my.catalogues, current_version=version)}
    return {}


_SURFACES: Final[Mapping[str, Callable[[], Chalice]]] = {"app": _web_service, "portal": _portal}


@cache
def _made(name: str) -> Chalice:
    with _uncollected():
        return _SURFACES[name]()


@contextmanager
def _uncollected() -> Iterator[None]:
    """Inside, no garbage is collected, and what is loaded is left out of every later collection: nearly all of it
    stays, and going through it again and again is a sixth of a start.
    """
    was_collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_collecting:
            gc.enable()


def __getattr__(name: str) -> Chalice:
    if name not in _SURFACES:
        raise AttributeError(name)
    return _made(name)
