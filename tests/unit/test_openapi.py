"""The interface's description: well formed, complete, readable, and in agreement with its types."""

from __future__ import annotations

import ast
import json
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from html.parser import HTMLParser
from typing import Annotated, Any, Literal

import jsonschema_rs
import pytest

from chalicelib.domain.access import Capability, grantable
from chalicelib.domain.codes import ACTION_REASON
from chalicelib.domain.fields import DATE_OF_BIRTH
from chalicelib.formats.batch.templates import files
from chalicelib.formats.words.messages import WORDS, listed_words
from chalicelib.web.described import developers
from chalicelib.web.described.descriptions import Components, field_words, words_of
from chalicelib.web.described.examples import DRAWN, example_of, recorded_examples
from chalicelib.web.described.openapi import document, refusals_of
from chalicelib.web.described.style import STYLE
from chalicelib.web.http import problems
from chalicelib.web.http.headers import IDEMPOTENCY_KEY, IF_MATCH, IF_NONE_MATCH
from chalicelib.web.http.requests import FieldValue, NoRequest, Text, decode
from chalicelib.web.http.responses import About, rendered
from chalicelib.web.http.routes import Call, Entry, Reply, Route, declared_route
from chalicelib.web.rest.table import routes
from tests.builders.web import web_client
from tests.fakes.world import FakeWorld
from tests.structure.sources import ROOT

pytestmark = pytest.mark.req("VAL-03")

WHOLE = document(routes())
TEMPLATES = {f"/developers/{name}" for name in files() if name.startswith("templates/")}
PLAIN_BLANKS = {
    "allowed values", "character", "event", "expected", "field", "found", "heading", "limit", "maximum", "minimum",
    "nearest", "number", "reason", "scope", "suspended or active", "time", "times", "name or email address",
}  # fmt: skip
"""What a list of all codes shows in place of a value."""
OPERATIONS = [
    pytest.param(declared, WHOLE["paths"][declared.path][declared.method.lower()], id=declared.name)
    for declared in routes()
]


def nodes(part: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(part, Mapping):
        yield part
        for inner in part.values():
            yield from nodes(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from nodes(inner)


def resolved(reference: str, whole: Mapping[str, Any] = WHOLE) -> Any:
    found: Any = whole
    for name in reference.removeprefix("#/").split("/"):
        found = found[name]
    return found


def validator(schema: Mapping[str, Any], whole: Mapping[str, Any] = WHOLE) -> Any:
    """A schema with the components that it refers to; formats count."""
    return jsonschema_rs.Draft202012Validator(
        {**schema, "components": {"schemas": whole["components"]["schemas"]}}, validate_formats=True
    )


def test_the_document_is_json_that_refers_to_nothing_that_is_not_there() -> None:
    assert json.loads(rendered(WHOLE)) == WHOLE
    assert WHOLE["openapi"] == "3.1.0"
    for node in nodes(WHOLE):
        if "$ref" in node:
            assert resolved(node["$ref"])


def test_every_schema_is_one() -> None:
    for schema in WHOLE["components"]["schemas"].values():
        assert jsonschema_rs.meta.is_valid({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema})


def test_a_list_of_values_in_a_request_has_a_schema_of_its_own() -> None:
    """Apart from the empty value, which is not in a list."""
    of_requests = [shape.__name__ for shape in {declared.request for declared in routes()}]
    bodies = [WHOLE["components"]["schemas"][name] for name in of_requests if name in WHOLE["components"]["schemas"]]
    parameters = [operation.values[1].get("parameters", []) for operation in OPERATIONS]
    inline = [node["enum"] for node in nodes([bodies, parameters]) if "enum" in node]
    assert [values for values in inline if values != ["", None]] == []


def test_what_may_be_submitted_and_what_may_be_held_are_two_lists() -> None:
    schemas = WHOLE["components"]["schemas"]
    assert schemas["AbilityToShare"]["enum"] == ["0", "1"]
    assert schemas["HeldAbilityToShare"]["enum"] == ["0", "1", "2"]


def test_every_route_is_described_and_nothing_else() -> None:
    described = {(method.upper(), path) for path, methods in WHOLE["paths"].items() for method in methods}
    assert described == {(declared.method, declared.path) for declared in routes()}
    names = [declared.name for declared in routes()]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(("declared", "operation"), OPERATIONS)
def test_an_operation_describes_what_it_does_its_answers_and_who_may_use_it(
    declared: Route[Any], operation: Mapping[str, Any]
) -> None:
    assert operation["summary"]
    assert operation["tags"][0] in {tag["name"] for tag in WHOLE["tags"]}
    wanted = [scope for entry in operation["security"] for scopes in entry.values() for scope in scopes]
    assert wanted == ([] if declared.capability is Capability.PUBLIC else [str(declared.capability)])
    scopes = WHOLE["components"]["securitySchemes"]["clientCredentials"]["flows"]["clientCredentials"]["scopes"]
    assert set(wanted) <= set(scopes)
    statuses = {int(status) for status in operation["responses"]}
    kinds = declared.refusals if declared.refuse else refusals_of(declared)
    assert statuses >= set(declared.answers) | {kind.status for kind in kinds} | {400, 500}
    assert all(kind is not dict for kind in declared.answers.values()) or declared.name == "get_openapi"


@pytest.mark.req("IDM-11")
def test_every_scope_describes_what_it_allows() -> None:
    assert {capability.name for capability in Capability} == set(field_words(Capability))


@pytest.mark.parametrize(("declared", "operation"), OPERATIONS)
def test_the_example_of_a_request_is_one(declared: Route[Any], operation: Mapping[str, Any]) -> None:
    assert decode(declared.request, example_of(declared))
    for content in operation.get("requestBody", {}).get("content", {}).values():
        several = [one["value"] for one in content.get("examples", {}).values()]
        for example in several or [content["example"]]:
            validator(content["schema"]).validate(example)
    for parameter in operation.get("parameters", ()):
        if "example" in parameter:
            validator(parameter["schema"]).validate(parameter["example"])


@pytest.mark.parametrize(("declared", "operation"), OPERATIONS)
def test_the_example_of_an_answer_is_one(declared: Route[Any], operation: Mapping[str, Any]) -> None:
    for answer in operation["responses"].values():
        for content in answer.get("content", {}).values():
            if "example" in content:
                validator(content["schema"]).validate(content["example"])


@pytest.mark.parametrize(("declared", "operation"), OPERATIONS)
def test_every_operation_is_shown_in_curl_and_python(declared: Route[Any], operation: Mapping[str, Any]) -> None:
    curl, *_, python = (sample["source"] for sample in operation["x-codeSamples"])
    ast.parse(python)
    words = shlex.split(curl.replace("\\\n", " "))
    assert words[0] == "curl"
    assert "{" not in next(word for word in words if word.startswith("$HOST"))
    assert ("Authorization: Bearer $TOKEN" in words) is (declared.capability is not Capability.PUBLIC)
    if "--data" in words:
        sent = {name: value for name, value in example_of(declared).items() if name not in declared.path_names}
        text = words[words.index("--data") + 1]
        for name in DRAWN & sent.keys():
            text = re.sub(r"\$[A-Z0-9_]+", json.dumps(sent[name]), text)
        assert json.loads(text) == sent


@pytest.mark.parametrize(("declared", "operation"), OPERATIONS)
def test_every_operation_shows_a_recorded_answer(declared: Route[Any], operation: Mapping[str, Any]) -> None:
    """``python -m tests.recorded_examples`` makes them; a new route needs a line in its story."""
    statuses = [one.status for one in recorded_examples().get(declared.name, ())]
    assert statuses, "see tests/recorded_examples.py"
    shown = [
        int(status)
        for status, answer in operation["responses"].items()
        if any("example" in content for content in answer.get("content", {}).values())
    ]
    own = [status for status in statuses if declared.answers[status] not in (None, str, dict)]
    assert sorted(shown) == sorted(own)


def test_examples_are_of_the_routes_that_there_are() -> None:
    assert recorded_examples().keys() == {declared.name for declared in routes()}


@pytest.mark.req("SEC-02")
@pytest.mark.parametrize(("declared", "operation"), OPERATIONS)
def test_only_numbers_and_ids_are_in_paths(declared: Route[Any], operation: Mapping[str, Any]) -> None:
    """Details of a person are sent in bodies, because paths are stored in many logs."""
    in_address = {
        reported["name"] for reported in operation.get("parameters", ()) if reported["in"] in ("path", "query")
    }
    personal = re.compile(r"name|birth|postcode|gender|address|email|school|nationality|telephone", re.IGNORECASE)
    assert not [name for name in in_address if personal.search(name)]


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True)
class Part:
    """A part of it."""

    weight: float


@dataclass(frozen=True)
class Thing:
    """A thing.

    There may be ``several``.
    """

    colour: Colour
    made: Annotated[datetime, About(example="2026-01-02T03:04:05Z")]
    """When it was made."""
    sold: date | None
    parts: tuple[Part, ...]
    main_part: Part | None
    names: dict[str, str]
    kind: Literal["a", "b"]
    age_at_16: Annotated[int, About(minimum=0, maximum=9)]


THING = Thing(
    Colour.RED, datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), None, (Part(1.5),), None, {"a": "b"}, "a", 3
)  # fmt: skip


def test_an_answers_schema_is_true_of_what_is_rendered() -> None:
    components = Components()
    schema = components.of_answer(Thing)
    whole = {"components": {"schemas": components.schemas}}
    validator(schema, whole).validate(json.loads(rendered(THING)))
    properties = components.schemas["Thing"]["properties"]
    assert set(properties) == {"colour", "made", "sold", "parts", "mainPart", "names", "kind", "ageAt16"}
    assert properties["made"]["description"] == "When it was made."
    assert components.schemas["Thing"]["description"] == "A thing.\n\nThere may be `several`."
    assert field_words(Part) == {}


def test_a_value_without_a_json_form_is_not_an_answer() -> None:
    with pytest.raises(TypeError):
        Components().of_answer(complex)
    with pytest.raises(TypeError):
        rendered({"a": {1, 2}})
    with pytest.raises(ValueError, match="JSON"):
        rendered({"a": float("nan")})


def test_two_types_of_one_name_are_refused() -> None:
    components = Components()
    components.of_answer(Part)
    other = dataclass(frozen=True)(type("Part", (), {"__annotations__": {"size": int}, "__doc__": "Another."}))
    with pytest.raises(TypeError, match="Part"):
        components.of_answer(other)


def test_the_first_paragraph_is_the_summary() -> None:
    assert words_of("Find a learner.\n\n    By :class:`~a.b.Uln` or ``name``.\n") == (
        "Find a learner",
        "By `Uln` or `name`.",
    )
    assert words_of("Files (ACH-06,\n    ACH-07).") == ("Files", "")
    assert words_of("Tokens (IDM-11, RFC 6749 4.4), and keys (ACH-01 to ACH-05).").summary == (
        "Tokens (RFC 6749 4.4), and keys"
    )
    assert words_of(None) == ("", "")


@dataclass(frozen=True)
class Change:
    """A change."""

    thing_id: Annotated[str, Text(9, 1)]
    day: Annotated[date, FieldValue(DATE_OF_BIRTH)]


def test_what_follows_from_a_declaration_is_described() -> None:
    def change_thing(call: Call, request: Change) -> Reply:
        """Change a thing."""
        return Reply(THING)

    entry = Entry("change_thing", "PUT", "/v1/things/{thingId}", Capability.LEARNERS_VERIFY, __name__)
    takes = (IF_MATCH._replace(required=True), IDEMPOTENCY_KEY)
    declared = declared_route(entry, Change, change_thing, answers={200: Thing}, takes=takes, gives=("ETag",))
    operation = document([declared])["paths"]["/v1/things/{thingId}"]["put"]
    assert set(operation["responses"]) == {
        "200", "400", "401", "403", "404", "406", "409", "412", "413", "415", "422", "428", "429", "500", "503",
    }  # fmt: skip
    assert [reported["name"] for reported in operation["parameters"]] == ["thingId", "If-Match", "Idempotency-Key"]
    assert list(operation["requestBody"]["content"]["application/json"]["example"]) == ["day"]
    assert "ETag" in operation["responses"]["200"]["headers"]


def test_a_look_that_names_its_version_may_be_answered_304() -> None:
    def view(call: Call, request: NoRequest) -> Reply:
        """Look."""
        return Reply({})

    entry = Entry("look", "GET", "/v1/things", Capability.PUBLIC, __name__)
    look = declared_route(entry, NoRequest, view, takes=(IF_NONE_MATCH,))
    assert "304" in document([look])["paths"]["/v1/things"]["get"]["responses"]
    assert problems.NOT_AUTHENTICATED not in refusals_of(look)


class Page(HTMLParser):
    """Checks that a page is well formed and keeps what matters of it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_reference_is_one_valid_page_without_scripts_or_external_resources() -> None:
    text = developers.page(WHOLE)
    page = Page(text)
    order = [tag for tag, _ in page.tags if tag in ("header", "main", "nav")]
    assert order == ["header", "main", "nav"], "on a phone, the text comes before the links"
    assert not {"script", "img", "link", "iframe", "form"} & {tag for tag, _ in page.tags}
    assert not [attrs for _, attrs in page.tags if "style" in attrs or any(name.startswith("on") for name in attrs)]
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    links = [str(attrs["href"]) for tag, attrs in page.tags if tag == "a"]
    assert {link.removeprefix("#") for link in links if link.startswith("#")} <= set(ids)
    outside = {link.partition("#")[0] for link in links if not link.startswith("#")}
    assert outside == {"/v1/openapi.json", "/developers/file-formats", *TEMPLATES}
    assert [attrs for tag, attrs in page.tags if tag == "html"] == [{"lang": "en-GB"}]
    for declared in routes():
        assert f"<code>{declared.path}</code>" in text
    assert text.count("<figcaption>curl</figcaption>") == text.count("<figcaption>Python</figcaption>") == len(routes())


@pytest.mark.parametrize("path", ["/developers/file-formats", *sorted(TEMPLATES)])
def test_what_the_reference_links_to_is_served_without_a_token(path: str) -> None:
    with web_client(FakeWorld(), "") as send:
        answer = send("GET", path)
        again = send("GET", path, If_None_Match=answer.headers["ETag"])
        assert send("GET", "/developers/templates/nothing.csv").status == 404
    assert (answer.status, again.status) == (200, 304)
    assert "max-age" in answer.headers["Cache-Control"]
    if path in TEMPLATES:
        assert answer.body == (ROOT / "docs" / "templates" / path.rpartition("/")[2]).read_text("utf-8")
        assert path.rpartition("/")[2] in answer.headers["Content-Disposition"]


@pytest.mark.req("VAL-03", "ACH-06")
def test_the_description_of_the_files_is_a_valid_page_whose_links_lead_somewhere() -> None:
    with web_client(FakeWorld(), "") as send:
        text = send("GET", "/developers/file-formats").body
    page = Page(text)
    ids = [str(attrs["id"]) for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    links = {str(attrs["href"]) for tag, attrs in page.tags if tag == "a"}
    assert {link.removeprefix("#") for link in links if link.startswith("#")} <= set(ids)
    assert {f"/developers/{link}" for link in links if link.startswith("templates/")} == TEMPLATES
    assert {"achievement-file", "learner-registration-file", "verification-file"} <= set(ids)
    assert not re.search(r"`|\|---|<p>[#|-] ", text)


@pytest.mark.req("IDM-11", "VAL-03")
def test_the_reference_says_which_kinds_of_organisation_may_have_a_scope() -> None:
    text = developers.page(WHOLE)
    rows = re.findall(r"<tr><td [^>]*><code>([a-z:-]+)</code></td>((?:<td [^>]*>[^<]*</td>)+)</tr>", text)
    shown = {scope: [cell == "yes" for cell in re.findall(r">([^<]*)</td>", cells)[1:]] for scope, cells in rows}
    for scope in WHOLE["components"]["securitySchemes"]["clientCredentials"]["flows"]["clientCredentials"]["scopes"]:
        assert shown[scope] == [
            scope in grantable(is_awarding_organisation=True),
            scope in grantable(is_awarding_organisation=False),
            scope in grantable(is_awarding_organisation=False, is_service_desk=True),
        ]
    assert "<code>achievements:manage</code> (awarding organisations)" in text


@pytest.mark.req("ACH-04", "VAL-03")
def test_the_reference_lists_the_action_reasons_and_the_ways_to_send_a_file() -> None:
    text = developers.page(WHOLE)
    for code in ACTION_REASON.codes:
        assert f'<td data-label="Value"><code>{code.value}</code></td><td data-label="Why">{code.meaning}</td>' in text
    assert "drop/UKPRN/KIND/NAME" in text
    assert "--config form.cfg" in text


def test_every_cell_of_a_table_has_its_heading_so_that_a_phone_can_show_it_alone() -> None:
    text = developers.page(WHOLE) + developers.file_formats((ROOT / "docs/file-formats.md").read_text(encoding="utf-8"))
    assert re.findall(r"<td(?! data-label=\"[^\"]+\")[^>]*>", text) == []
    assert "attr(data-label)" in STYLE


def test_the_reference_reads_well_where_a_value_may_be_left_out() -> None:
    text = developers.page(WHOLE)
    assert "date, YYYY-MM-DD; optional" in text
    assert "or one of <code></code>" not in text
    assert "?." not in text


@pytest.mark.parametrize(("declared", "operation"), OPERATIONS)
def test_every_parameter_has_a_meaning(declared: Route[Any], operation: Mapping[str, Any]) -> None:
    assert [one["name"] for one in operation.get("parameters", ()) if not one.get("description")] == []


def test_text_of_a_document_is_never_treated_as_markup() -> None:
    hostile = json.loads(rendered(WHOLE).replace("Learning Records Service", "<script>alert(1)</script>"))
    assert "<script" not in developers.page(hostile)


def test_the_codes_are_published_with_their_words() -> None:
    text = developers.page(WHOLE)
    for code in ("LRS-REQ-1", "ACF004", "ACR007", "WSEC0006"):
        assert f"<code>{code}</code>" in text
    assert "<var>limit</var>" in text


@pytest.mark.parametrize("code", sorted(WORDS))
def test_the_words_of_a_code_are_readable_without_the_values_of_a_case(code: str) -> None:
    """No value runs into a word, and no part of a sentence that depends on details shows its name."""
    for what, do in listed_words(code, "⟦{}⟧".format):
        for text in (what, do):
            assert not re.search(r"\w⟦|⟧\w|  | [.,;:)]( |$)|[{}]|⟦\w*_", text), text
            assert set(re.findall(r"⟦(.*?)⟧", text)) <= PLAIN_BLANKS, text


@pytest.mark.req("VAL-03")
def test_the_reference_starts_with_what_people_do_first_and_ends_with_health() -> None:
    names = [tag["name"] for tag in WHOLE["tags"]]
    assert names[:3] == ["Access tokens", "Verifications", "Learners"]
    assert names.index("Achievements") < names.index("Achievement batches") < names.index("Interface")
    assert names[-1] == "Interface"
    learners = [path for path in WHOLE["paths"] if path.startswith("/v1/learners")]
    assert learners[0] == "/v1/learners/find-by-uln"
    others = {path: item for path, item in WHOLE["paths"].items() if path != "/v1/service-levels"}
    assert not re.search(r"\b[A-Z]{3,4}-[0-9]{2}\b", json.dumps(others)), "no numbers of our own catalogue"
