"""The web service's Lambda entry point: the Chalice object and its routes; nothing else."""

from chalice import Chalice

from chalicelib import bootstrap
from chalicelib.web import rest as v1
from chalicelib.web.http.routes import blueprint

NEEDS = (
    "bucket_catalogue",
    "bucket_inbox",
    "bucket_results",
    "cursor_secret",
    "identity_secret",
    "queue_chunks",
    "queue_notices",
    "table_accounts",
    "table_audit",
    "table_casework",
    "table_catalogue",
    "table_jobs",
    "table_levels",
    "table_person_index",
    "table_register",
    "table_sessions",
    "table_submissions",
    "token_secret",
)

# Not the logger's service name: Chalice hangs a handler of its own on the logger called like its application.
app = Chalice(app_name="learning-records-routes", configure_logs=False)
app.register_blueprint(blueprint(v1.ROUTES, lambda: bootstrap.services(needs=NEEDS)))
