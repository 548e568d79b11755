"""The API reference for people: one page of HTML, made from the OpenAPI document and nothing else.

It needs no script and loads nothing from elsewhere. Its only style sheet is part of the page and allowed by its digest,
so that a strict content security policy holds.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any, Final

from chalicelib.domain.failures import FAMILIES, Family
from chalicelib.formats.words.messages import WORDS, listed_words
from chalicelib.web.described import guides
from chalicelib.web.described.descriptions import NO_VALUE
from chalicelib.web.described.markdown import html_of, table_of
from chalicelib.web.described.openapi import SECURITY
from chalicelib.web.described.style import STYLE
from chalicelib.web.http.responses import rendered_to_read

Document = Mapping[str, Any]

_CODE_FAMILIES: Final = {
    Family.REQUEST: "Requests",
    Family.FIELD: "Values",
    Family.LEARNER: "Learner data",
    Family.RULE: "Rules",
    Family.NOTICE: "Notices (nothing is refused)",
    Family.FILE: "Files as a whole",
    Family.FAULT: "Problems with our service",
}

CONTENT_SECURITY_POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def page(document: Document) -> str:
    """The reference as one HTML page."""
    info = document["info"]
    operations = [(method, path, methods[method]) for path, methods in document["paths"].items() for method in methods]
    groups = [(tag, [entry for entry in operations if entry[2]["tags"][0] == tag["name"]]) for tag in document["tags"]]
    body = "".join([
        _heading(info),
        '<main id="main">',
        f'<section id="begin"><h2>Getting started</h2>{_prose(info["description"])}',
        guides.access(_sample),
        f"{_CONVENTIONS}</section>",
        guides.files(_table, _sample),
        *(_group(tag, entries, document) for tag, entries in groups),
        guides.scopes(_scopes(document), _table),
        _schemas(document),
        _codes(),
        "</main>",
        _contents(groups),  # beside the text where there is room, otherwise after it
    ])  # fmt: skip
    skip = '<a class="skip" href="#contents">Skip to the contents</a>'
    return whole_page(f"{info['title']}: web services", skip + body)


def _heading(info: Document) -> str:
    return (
        f"<header><h1>{escape(info['title'])}: web services</h1><p>Version {escape(info['version'])}. "
        'Also available as an <a href="/v1/openapi.json">OpenAPI 3.1 document</a>.</p></header>'
    )


_CONVENTIONS: Final = """
<h3>Errors</h3>
<p>If we refuse a request, you get a problem document. Its <code>status</code> and <code>type</code> say what kind of
problem it is, and <code>errors</code> lists every reason with its <a href="#codes">code</a>, the field, what is wrong
and what to do. Quote <code>instance</code> when you contact the service desk. After a 429 or 503 response, wait for the
number of seconds in <code>Retry-After</code>, then send the same request again.</p>
<h3>Versions</h3>
<p>The <code>ETag</code> of a response identifies the version you read. Send it back as <code>If-Match</code> when you
make a change: if somebody else has made one since, yours is refused with 412. Send it as <code>If-None-Match</code>
with a <code>GET</code>: a 304 response without a body means that you have the latest version.</p>
<h3>Lists</h3>
<p>If there is another page, a list has a <code>cursor</code> and a link <code>next</code>. A cursor works for your
organisation only, for the same list and for one hour.</p>
<h3>Changes to the API</h3>
<p>We may add fields, operations and codes to a version: ignore any you do not recognise. If we are going to remove
something, the headers <code>Deprecation</code> and <code>Sunset</code> say so and we keep it for at least 18
months.</p>
"""


def _contents(groups: Iterable[tuple[Document, list[Any]]]) -> str:
    items = "".join(
        f'<li><a href="#{_anchor(tag["name"])}">{escape(tag["name"])}</a><ul>'
        + "".join(f'<li><a href="#{entry["operationId"]}">{escape(entry["summary"])}</a></li>' for *_, entry in entries)
        + "</ul></li>"
        for tag, entries in groups
    )
    return (
        '<nav id="contents" aria-label="Contents"><ul><li><a href="#begin">Getting started</a></li>'
        f'<li><a href="#files">Send a file</a></li>{items}<li><a href="#scopes">Scopes</a></li>'
        '<li><a href="#schemas">Types</a></li><li><a href="#codes">Codes</a></li></ul></nav>'
    )


def _group(tag: Document, entries: Iterable[Any], document: Document) -> str:
    name = tag["name"]
    shown = "".join(_operation(method, path, operation, document) for method, path, operation in entries)
    return f'<section id="{_anchor(name)}"><h2>{escape(name)}</h2>{_prose(tag["description"])}{shown}</section>'


def _operation(method: str, path: str, operation: Document, document: Document) -> str:
    scopes = [scope for entry in operation["security"] for wanted in entry.values() for scope in wanted]
    access = (
        f"Scope: <code>{escape(', '.join(scopes))}</code> ({guides.who(scopes)})." if scopes else "No token needed."
    )
    if sender := operation.get("x-sampleOrganisation"):
        access += f" Token for the example: {escape(sender)}."
    ending = '<p class="ending">Deprecated: see the response headers.</p>' if operation.get("deprecated") else ""
    samples = "".join(_sample(sample["label"], sample["source"]) for sample in operation["x-codeSamples"])
    return (
        f'<article id="{operation["operationId"]}"><h3>{escape(operation["summary"])}</h3>'
        f'<p class="line"><span class="method">{method.upper()}</span> <code>{escape(path)}</code></p>{ending}'
        f"{_prose(operation.get('description', ''))}<p>{access}</p>"
        f"{_parameters(operation)}{_body(operation, document)}{samples}{_answers(operation, document)}</article>"
    )


def _scopes(document: Document) -> Mapping[str, str]:
    flows: Document = document["components"]["securitySchemes"][SECURITY]["flows"]
    scopes: Mapping[str, str] = flows[SECURITY]["scopes"]
    return scopes


def _parameters(operation: Document) -> str:
    rows = [
        (
            f"<code>{escape(parameter['name'])}</code>",
            escape({"path": "path", "query": "query", "header": "header"}[parameter["in"]]),
            _type(parameter["schema"]) + ("" if parameter["required"] else "; optional"),
            _prose(parameter.get("description", "")),
        )
        for parameter in operation.get("parameters", ())
    ]
    return _table("Parameters", ("Name", "In", "Type", "Meaning"), rows)


def _body(operation: Document, document: Document) -> str:
    if "requestBody" not in operation:
        return ""
    media_type, content = next(iter(operation["requestBody"]["content"].items()))
    schema = _resolved(content["schema"], document)
    return _fields(f"Body ({media_type})", schema)


def _answers(operation: Document, document: Document) -> str:
    rows, examples = [], ""
    for status, answer in operation["responses"].items():
        response = _resolved(answer, document)
        content: Document = next(iter(response.get("content", {}).values()), {})
        schema = content.get("schema", {})
        rows.append((f"<code>{status}</code>", _prose(response["description"]), _type(schema) if schema else ""))
        if content.get("example"):
            examples += _sample(f"Response {status}", rendered_to_read(content["example"]))
    return _table("Responses", ("Status", "Meaning", "Body"), rows) + examples


def _schemas(document: Document) -> str:
    shown = "".join(
        f'<article id="type-{escape(name)}"><h3>{escape(name)}</h3>{_prose(schema["description"])}'
        f"{_fields('Fields', schema) if 'properties' in schema else _values(schema)}</article>"
        for name, schema in document["components"]["schemas"].items()
    )
    return f'<section id="schemas"><h2>Types</h2>{shown}</section>'


def _fields(caption: str, schema: Document) -> str:
    required = schema.get("required", ())
    rows = [
        (
            f"<code>{escape(name)}</code>",
            _type(field) + ("" if name in required else "; optional"),
            _prose(field.get("description", "")),
        )
        for name, field in schema["properties"].items()
    ]
    return _table(caption, ("Name", "Type", "Meaning"), rows)


def _values(schema: Document) -> str:
    return f"<p>{_type(schema).capitalize()}.</p>"


def _codes() -> str:
    tables = "".join(
        _table(
            title,
            ("Code", "What is wrong", "What to do"),
            [
                (f"<code>{escape(code)}</code>", _marked(what), _marked(do))
                for code in sorted(WORDS)
                if FAMILIES[code] is family
                for what, do in listed_words(code, "\x00{}\x01".format)
            ],
        )
        for family, title in _CODE_FAMILIES.items()
    )
    return (
        '<section id="codes"><h2>Codes</h2><p>These codes appear in problem documents and result files. A field, limit '
        f"or other value is in place of the words in italics.</p>{tables}</section>"
    )


def _marked(text: str) -> str:
    """A sentence of the catalogue with its blanks in italics."""
    return escape(text).replace("\x00", "<var>").replace("\x01", "</var>")


def _type(schema: Document) -> str:
    """The requirements of a schema, in words."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f'<a href="#type-{escape(name)}">{escape(name)}</a>'
    if "anyOf" in schema:
        return " or ".join(_type(part) for part in schema["anyOf"] if part != NO_VALUE)
    if "enum" in schema:
        return "one of " + ", ".join(f"<code>{escape(str(value))}</code>" for value in schema["enum"])
    kinds = schema.get("type", "any value")
    names = [kinds] if isinstance(kinds, str) else list(kinds)
    return " or ".join("null" if name == "null" else _plain_type(name, schema) for name in names)


def _plain_type(name: str, schema: Document) -> str:
    if name == "array":
        most = f", at most {schema['maxItems']}" if "maxItems" in schema else ""
        return f"list of {_type(schema['items'])}{most}"
    if name == "string":
        form = {"date": "date, YYYY-MM-DD", "date-time": "time, in UTC", "uri": "URI"}.get(schema.get("format", ""))
        most = f", at most {schema['maxLength']} characters" if "maxLength" in schema else ""
        return form or f"text{most}"
    if name in ("integer", "number"):
        limits = [f"{word} {schema[key]}" for key, word in (("minimum", "from"), ("maximum", "to")) if key in schema]
        return " ".join([{"integer": "whole number", "number": "number"}[name], *limits])
    return {"boolean": "true or false", "object": "object"}.get(name, name)


def file_formats(text: str) -> str:
    """The description of the files as an HTML page."""
    link = '<p><a href="/developers">Web services</a></p>'
    return whole_page("File formats", f'<main id="main">{link}{html_of(text)}</main>')


def whole_page(title: str, body: str) -> str:
    """A page with our style, which its policy allows."""
    return (
        '<!DOCTYPE html>\n<html lang="en-GB"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body>{body}</body></html>\n"
    )


def _table(caption: str, heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    found = list(rows)
    return table_of([escape(name) for name in heads], found, f"<caption>{escape(caption)}</caption>") if found else ""


def _sample(label: str, text: str) -> str:
    return (
        f'<figure><figcaption>{escape(label)}</figcaption><pre tabindex="0"><code>{escape(text)}</code></pre></figure>'
    )


def _prose(text: str) -> str:
    """Paragraphs of Markdown with code in backticks."""
    marked = re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text.strip(), quote=False))
    return "".join(f"<p>{' '.join(part.split())}</p>" for part in marked.split("\n\n") if part.strip())


def _anchor(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower())


def _resolved(part: Document, document: Document) -> Document:
    """What a reference refers to; anything else unchanged."""
    found: Any = part
    if "$ref" in part:
        found = document
        for name in part["$ref"].removeprefix("#/").split("/"):
            found = found[name]
    resolved: Document = found
    return resolved
