"""The parts of the reference that are about no single operation: access, scopes, sending a file, action reasons."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Mapping
from html import escape
from typing import Any, Final

from chalicelib.domain.access import PEOPLE_ROLES, ROLE_CAPABILITIES, Role, grantable
from chalicelib.domain.codes import ACTION_REASON
from chalicelib.formats.batch.templates import DESCRIBED
from chalicelib.web.described.examples import recorded_examples

Table = Callable[[str, Iterable[str], Iterable[Iterable[str]]], str]
"""Makes a table of a caption, headings and rows."""
Sample = Callable[[str, str], str]
"""Makes a figure of a label and a text."""

FORMATS_PATH: Final = "/developers/file-formats"
TEMPLATES_PATH: Final = "/developers/templates"
KINDS: Final = {
    "Awarding organisations": grantable(is_awarding_organisation=True),
    "Providers and others that register learners": grantable(is_awarding_organisation=False),
    "Service desk": grantable(is_awarding_organisation=False, is_service_desk=True),
}
"""The scopes that the systems of each kind of organisation may have."""

_ACCESS: Final = """
<h3>Get access</h3>
<p>An organisation is known by its UKPRN. Ask the service desk for access: it registers your organisation, with its
recognition numbers if it awards qualifications, and issues a credential for each of your systems: a client id and a
secret, which is shown once. What a credential allows depends on the kind of organisation (see
<a href="#scopes">Scopes</a>).</p>
<p>On one machine, <code>make run</code> prints the address, sample organisations and their credentials. The examples
are about its sample learners and aims, and can be pasted in the order of this page. Each says which sample
organisation's token it needs: 90000051 is an awarding organisation, 90000101 a provider and 90000001 the service
desk.</p>
"""
_AFTER_BEGIN: Final = """
<p>Get a token with your organisation's credential, keep it until it is about to expire, and send it with every
request. Names in capital letters in the examples are your own values: the address and token from above, and
<code>JOB_ID</code>, <code>PENDING_ID</code>, <code>ACCESS</code> and <code>EVENT_ID</code> from the response before
(<code>jobId</code>, <code>pendingId</code>, the <code>access</code> of a link, and the <code>id</code> of a learning
event).</p>
"""
_BEGIN: Final = """\
HOST=http://127.0.0.1:8081
CLIENT_ID=your-client-id
CLIENT_SECRET=your-secret
TOKEN=$(curl --silent --request POST "$HOST/oauth2/token" --user "$CLIENT_ID:$CLIENT_SECRET" \\
  --data grant_type=client_credentials | python3 -c 'import json, sys; print(json.load(sys.stdin)["access_token"])')"""

_BEGIN_HERE: Final = """\
HOST=http://127.0.0.1:8081
TOKEN=$(.venv/bin/python -m local.commands.credentials token 90000051)"""

UPLOAD: Final = f"""\
# 1. A file: this example is accepted as it is
curl --silent --fail "$HOST{TEMPLATES_PATH}/achievements-example.csv" --output achievements-example.csv

# 2. Start: the response has a job and the form for its file
curl --silent --fail --request POST "$HOST/v1/achievement-batches" --header "Authorization: Bearer $TOKEN" \\
  --header "Content-Type: application/json" --data '{{"filename": "achievements-example.csv"}}' --output begun.json

# 3. Post the form as multipart/form-data: its fields, unchanged, then the file
python3 -c '
import json
upload = json.load(open("begun.json"))["upload"]
print("url =", json.dumps(upload["url"]))
for name, value in upload["fields"].items():
    print("form-string =", json.dumps(f"{{name}}={{value}}"))
print("form = \\"file=@achievements-example.csv\\"")
' > form.cfg
curl --silent --fail --config form.cfg

# 4. Follow the job to its end
JOB_ID=$(python3 -c 'import json; print(json.load(open("begun.json"))["jobId"])')
while curl --silent --fail "$HOST/v1/achievement-batches/$JOB_ID" --header "Authorization: Bearer $TOKEN" \\
  --output job.json && ! grep --quiet --extended-regexp '"(Successful|Failed|Cancelled)"' job.json; do sleep 5; done

# 5. Get the result of each record as JSON, or the output file
curl --silent --fail "$HOST/v1/achievement-batches/$JOB_ID/records" --header "Authorization: Bearer $TOKEN" \\
  --output records.json
curl --silent --fail "$HOST/v1/achievement-batches/$JOB_ID/output" --header "Authorization: Bearer $TOKEN" \\
  --output link.json
curl --silent --fail "$(python3 -c 'import json; print(json.load(open("link.json"))["url"])')" --output output.csv"""
_UPLOAD_IN_PYTHON: Final = """\
import requests

begun = requests.post(
    f"{HOST}/v1/achievement-batches",
    headers={"Authorization": f"Bearer {TOKEN}"},
    json={"filename": "achievements-example.csv"},
    timeout=30,
).json()
upload = begun["upload"]
with open("achievements-example.csv", "rb") as file:
    requests.post(upload["url"], data=upload["fields"], files={"file": file}, timeout=300).raise_for_status()
JOB_ID = begun["jobId"]"""


def access(sample: Sample) -> str:
    """How an organisation gets access, and how its system begins."""
    on_one_machine = sample("Get a token of a sample organisation, from the folder of the checkout", _BEGIN_HERE)
    return _ACCESS + sample("Begin", _BEGIN) + on_one_machine + _AFTER_BEGIN


def scopes(known: Mapping[str, str], table: Table) -> str:
    """Who may have which scope; ``known`` are the scopes of operations, with their meanings."""
    rows = [
        (f"<code>{escape(scope)}</code>", escape(meaning), *("yes" if scope in held else "" for held in KINDS.values()))
        for scope, meaning in known.items()
    ]
    roles = [
        (escape(role), "systems and people" if role not in PEOPLE_ROLES else "people", _listed(sorted(held)))
        for role in Role
        if (held := ROLE_CAPABILITIES[role] & known.keys())
    ]
    return (
        '<section id="scopes"><h2>Scopes</h2><p>A token has the scopes of its credential. If one that an operation '
        "needs is missing, the response is 403 and names it.</p>"
        + table("Scopes of systems, by kind of organisation", ("Scope", "What it allows", *KINDS), rows)
        + table("Roles of users", ("Role", "For", "Scopes"), roles)
        + "</section>"
    )


def who(wanted: Iterable[str]) -> str:
    """The kinds of organisation whose systems may have a scope."""
    needed = frozenset(wanted)
    return "; ".join(name for name, held in KINDS.items() if needed <= held).lower()


def files(table: Table, sample: Sample) -> str:
    """The formats of files, and the ways to send one."""
    rows = [
        (
            f'<a href="{FORMATS_PATH}#{_anchor(layout.title)}">{escape(layout.title)}</a>',
            f"<code>{layout.name}</code>",
            *(
                f'<a href="{TEMPLATES_PATH}/{layout.name}{end}">{escape(word)}</a>'
                for end, word in (
                    ("-template.csv", "template"),
                    ("-example.csv", "CSV"),
                    ("-example.xml", "XML"),
                    ("-faulty.csv", "CSV"),
                    ("-faulty.xml", "XML"),
                    ("-faulty-list.csv", "list"),
                    (".xsd", "XSD"),
                )
            ),
            f"{layout.max_records:,}",
        )
        for layout in DESCRIBED
    ]
    reasons = [(f"<code>{code.value}</code>", escape(code.meaning)) for code in ACTION_REASON.codes]
    heads = (
        "Format",
        "Kind",
        "Empty file",
        "Example",
        "Example",
        "With errors",
        "With errors",
        "Its errors",
        "XML schema",
        "Most records",
    )
    return (
        '<section id="files"><h2>Send a file</h2><p>A file is CSV or XML. Every record gets one answer; those that '
        "failed come back in an error file, which you can correct and send again.</p>"
        + table("Formats of files", heads, rows)
        + "<h3>By web service</h3><p>Start an upload, post the file with the form that you get, follow the job, and "
        "get its results. The operations are the same for each kind: <code>/v1/achievement-batches</code>, "
        "<code>/v1/learner-batches</code>, <code>/v1/verification-batches</code>.</p>"
        + sample("The whole upload in curl", UPLOAD)
        + sample("The request of step 3", _form())
        + sample("Steps 2 and 3 in Python", _UPLOAD_IN_PYTHON)
        + _BY_BUCKET
        + "<h3>Action reasons</h3><p>A record that withdraws or reinstates an achievement has one of these.</p>"
        + table("Action reasons", ("Value", "Why"), reasons)
        + "</section>"
    )  # fmt: skip


_BY_BUCKET: Final = """
<h3>By bucket</h3>
<p>Put the file in the inbox as <code>drop/UKPRN/KIND/NAME</code>, such as
<code>drop/90000051/achievements/achievements-example.csv</code>. The results come by email, and the job is in your list
of jobs. The service desk tells you the name of the bucket and lets your AWS account write below
<code>drop/</code> and your UKPRN, and nowhere else. On one machine, the bucket is <code>lrs-local-inbox</code>:</p>
<pre tabindex="0"><code>curl --upload-file achievements-example.csv \\
  http://127.0.0.1:4566/lrs-local-inbox/drop/90000051/achievements/achievements-example.csv</code></pre>
"""


def _form() -> str:
    """The multipart request with the form that the example has got."""
    upload: Mapping[str, Any] = recorded_examples()["begin_achievement_batch"][0].answer["upload"]
    fields = [f"--form-string {shlex.quote(f'{name}={value}')}" for name, value in upload["fields"].items()]
    return " \\\n  ".join([f'curl "{upload["url"]}"', *fields, '--form "file=@achievements-example.csv"'])


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"<code>{escape(name)}</code>" for name in names)


def _anchor(title: str) -> str:
    return title.lower().replace(" ", "-")
