"""The web service's Lambda entry point: the Chalice object and its routes; nothing else."""

from contextlib import suppress

from chalice import Chalice

from chalicelib import bootstrap
from chalicelib.grants import needs
from chalicelib.ports.errors import Missing
from chalicelib.ports.identity import Holder
from chalicelib.web.http.rehearsal import ORGANISATION, Known, credential, rehearse
from chalicelib.web.http.routes import blueprint
from chalicelib.web.rest.table import ENTRIES

NEEDS = needs("api")


def _complete(my: bootstrap.Services) -> None:
    my.lists.complete()
    own = credential(my.clock())
    stores = {
        "credential_table": Known(my.credential_table, holder=Holder(ORGANISATION, own)),
        "accounts": Known(my.accounts, organisation=ORGANISATION),
    }
    with suppress(Missing):  # until the first import of the registers
        version = my.catalogues.current_version()
        my.catalogues.load(version)
        stores["catalogues"] = Known(my.catalogues, current_version=version)
    with bootstrap.rehearsal(my, **stores) as played:
        list(rehearse(app, ENTRIES, played.tokens.grant(own).token))


bootstrap.start(
    NEEDS, lambda my: (my.lists, my.throttles, my.tokens, my.looks, my.token_keys.prepared()), rest=_complete
)

# Not the logger's service name: Chalice adds its own handler to the logger with the name of its application.
app = Chalice(app_name="learning-records-routes", configure_logs=False)
app.register_blueprint(blueprint(ENTRIES, lambda: bootstrap.services(needs=NEEDS)))
