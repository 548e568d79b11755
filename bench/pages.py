"""The first page of a container, from templates compiled as in the package, as a ratio to ``import boto3``."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from bench.imports import ratios
from chalicelib.web.portal import rendering

START = """
from pathlib import Path
from chalicelib.web.portal import rendering
from chalicelib.web.portal.parts import Input, Paging, Row, Shown
templates = rendering.environment("en", Path({folder!r}))
"""
PAGE = """
chrome = rendering.Chrome(nonce="n", path="/jobs", menu=rendering.Menu((rendering.MenuEntry("Jobs", "/jobs", True),)))
templates.get_template("errors/403.html.jinja").render(dict(errors=(), back="/", roles=["One"], chrome=chrome))
forms = templates.get_template("macros/forms.html.jinja").module
lists = templates.get_template("macros/lists.html.jinja").module
for kind in Input:
    forms.field(Shown(name="one", label="One", kind=kind, error="Enter one"))
lists.summary([Row("ULN", "1000000043")])
lists.pages(Paging(page=2, total=312, address="/jobs?page="))
"""


def bench() -> list[tuple[str, float, float | None]]:
    """Rows of (what, ratio, target)."""
    with TemporaryDirectory() as folder:
        rendering.compile_templates(Path(folder))
        start = START.format(folder=folder)
        imported, page = ratios(start, start + PAGE)
    return [
        ("import of the portal's rendering / import boto3", imported, None),
        ("first page with every control, with the import / import boto3", page, 1.0),
    ]
