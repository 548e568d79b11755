"""The web service's Lambda entry point: the Chalice object and its routes; nothing else."""

from chalice import Chalice

from chalicelib import bootstrap
from chalicelib.grants import needs
from chalicelib.web.http.rehearsal import rehearse
from chalicelib.web.http.routes import blueprint
from chalicelib.web.rest.table import ENTRIES

NEEDS = needs("api")


def _complete(my: bootstrap.Services) -> None:
    rehearse(app, ENTRIES)
    my.lists.complete()
    my.catalogues.load(my.catalogues.current_version())


bootstrap.start(
    NEEDS, lambda my: (my.lists, my.throttles, my.tokens, my.looks, my.token_keys.prepared()), rest=_complete
)

# Not the logger's service name: Chalice adds its own handler to the logger with the name of its application.
app = Chalice(app_name="learning-records-routes", configure_logs=False)
app.register_blueprint(blueprint(ENTRIES, lambda: bootstrap.services(needs=NEEDS)))
