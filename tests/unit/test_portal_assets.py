"""The portal's built style sheet and script: up to date, neutral, small, named by their content."""

from __future__ import annotations

import gzip
import json
import re
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path

import pytest

from chalicelib.web.portal import assets

SOURCES = Path(__file__).parents[2] / "portal-assets"
MANIFEST = json.loads((assets.FOLDER / "manifest.json").read_text("utf-8"))
BUILT = {name: (assets.FOLDER / built).read_bytes() for name, built in MANIFEST["files"].items()}
BRANDING = re.compile(rb"gds transport|crown|crest|gov\.uk", re.IGNORECASE)


def _digest_of_sources() -> str:
    names = [f"src/{path.name}" for path in (SOURCES / "src").iterdir()]
    names += ["build.mjs", "package-lock.json", "package.json"]
    lines = (f"{name}\0{sha256((SOURCES / name).read_bytes()).hexdigest()}\n" for name in sorted(names))
    return sha256("".join(lines).encode()).hexdigest()


def test_what_is_committed_is_built_from_the_sources_beside_it() -> None:
    assert MANIFEST["sources"] == _digest_of_sources(), "make assets builds them again"


def test_the_manifest_says_which_versions_they_are_built_with() -> None:
    asked = json.loads((SOURCES / "package.json").read_text("utf-8"))["devDependencies"]
    locked = json.loads((SOURCES / "package-lock.json").read_text("utf-8"))["packages"]
    assert MANIFEST["versions"] == asked == {name: locked[f"node_modules/{name}"]["version"] for name in asked}


def test_each_name_contains_the_digest_of_the_content() -> None:
    for name, content in BUILT.items():
        stem, ending = name.rsplit(".", 1)
        assert MANIFEST["files"][name] == f"{stem}-{sha256(content).hexdigest()[:12]}.{ending}"


def test_nothing_else_is_in_the_folder() -> None:
    found = {path.name for path in assets.FOLDER.iterdir()}
    assert found == {*MANIFEST["files"].values(), "manifest.json", assets.LICENCE}


@pytest.mark.parametrize("name", BUILT)
def test_there_is_no_branding_that_is_not_ours(name: str) -> None:
    assert not BRANDING.findall(BUILT[name])
    assert b"@font-face" not in BUILT[name]


def test_nothing_is_loaded_from_elsewhere() -> None:
    assert not re.findall(rb"url\((?!\"data:)[^)]*\)|@import", BUILT["portal.css"])


@pytest.mark.parametrize("name", ["portal.css", "portal.js"])
def test_the_licence_of_what_is_built_in_is_named_and_served(name: str) -> None:
    assert assets.LICENCE.encode() in BUILT[name].splitlines()[0]
    notice = assets.find(assets.BASE + assets.LICENCE)
    assert notice is not None
    assert b"MIT License" in notice.content
    assert b"copyright notice" in notice.content


def test_style_sheet_and_script_leave_room_for_a_page_in_45_kb() -> None:
    assert sum(len(gzip.compress(BUILT[name])) for name in ("portal.css", "portal.js")) <= 25 * 1024


def test_an_asset_is_found_by_its_address_and_kept_for_ever() -> None:
    found = assets.find(assets.address("portal.css"))
    assert found is not None
    assert found.content == BUILT["portal.css"]
    assert found.media_type == "text/css; charset=utf-8"
    assert "immutable" in found.cache_control


@pytest.mark.parametrize(
    "path", ["/assets/", "/assets/manifest.json", "/assets/../assets.py", "/assets/portal.css", "/portal.css", ""]
)
def test_only_what_the_manifest_names_is_served(path: str) -> None:
    assert assets.find(path) is None


@pytest.mark.skipif(not (SOURCES / "node_modules").is_dir(), reason="make assets has not been run here")
def test_building_again_gives_the_same_files(tmp_path: Path) -> None:
    node = shutil.which("node")
    assert node
    subprocess.run([node, "build.mjs", tmp_path], cwd=SOURCES, check=True, capture_output=True)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {
        path.name: path.read_bytes() for path in assets.FOLDER.iterdir()
    }


def test_what_is_hidden_stays_hidden_whatever_component_it_is() -> None:
    style = BUILT["portal.css"]
    assert style.rindex(b"[hidden]{display:none}") > style.rindex(b".govuk-button{")
