"""What makes it an app, and how little it weighs."""

import gzip
import json
import re
from pathlib import Path

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

from app.web.pwa import STYLESHEETS

ON_ONE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # no row is touched here
STATIC = Path(__file__).parents[2] / "static"


def weight(content: bytes) -> int:
    """Its size on the way, in bytes."""
    return len(gzip.compress(content))


def modules_from(path: str, seen: set[str] | None = None) -> set[str]:
    """A module and all that it imports."""
    seen = set() if seen is None else seen
    if path not in seen:
        seen.add(path)
        source = (STATIC / "js" / path).read_text(encoding="utf-8")
        for imported in re.findall(r'(?:from|import) "\./([^"]+)"', source):
            modules_from(imported, seen)
    return seen


@ON_ONE
def test_the_stylesheet_is_every_component_in_one_request(client: FlaskClient) -> None:
    files = {path.stem for path in (STATIC / "css").glob("*.css")}
    assert files == set(STYLESHEETS)
    answer = client.get("/app.css", headers={"Accept-Encoding": "identity"})
    for name in STYLESHEETS:
        assert (STATIC / "css" / f"{name}.css").read_text(encoding="utf-8") in answer.text


@ON_ONE
def test_the_stylesheet_weighs_under_20_KB(client: FlaskClient) -> None:
    answer = client.get("/app.css", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert len(answer.data) < 20_000
    assert gzip.decompress(answer.data).startswith(b"/* Design tokens")


@ON_ONE
def test_the_stylesheet_a_page_names_may_be_kept_for_good(client: FlaskClient) -> None:
    named = re.search(r'href="(/app.css[^"]*)"', client.get("/offline").text)
    assert named is not None
    answer = client.get(named.group(1))
    assert "immutable" in answer.headers["Cache-Control"]
    assert client.get("/app.css").headers["Cache-Control"] == "no-cache"
    again = client.get("/app.css", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_a_page_loads_under_60_KB_of_script_and_no_plotly() -> None:
    modules = modules_from("app.js")
    assert sum(weight((STATIC / "js" / name).read_bytes()) for name in modules) < 60_000
    assert not any("plotly" in (STATIC / "js" / name).read_text(encoding="utf-8") for name in modules)


@ON_ONE
def test_the_worker_and_the_manifest_are_where_browsers_look(client: FlaskClient) -> None:
    worker = client.get("/sw.js", buffered=True)
    assert (worker.status_code, worker.mimetype) == (200, "text/javascript")
    assert worker.headers["Cache-Control"] == "no-cache"
    manifest = client.get("/manifest.webmanifest")
    assert manifest.mimetype == "application/manifest+json"
    assert manifest.get_json()["start_url"] == "/"


@ON_ONE
def test_every_icon_of_the_manifest_is_there_in_its_size(client: FlaskClient) -> None:
    for icon in json.loads(client.get("/manifest.webmanifest").text)["icons"]:
        png = client.get(icon["src"], buffered=True).data
        assert png.startswith(b"\x89PNG")
        width, height = (int.from_bytes(png[at : at + 4], "big") for at in (16, 20))
        assert icon["sizes"] == f"{width}x{height}"


@ON_ONE
def test_the_offline_page_needs_no_login(client: FlaskClient) -> None:
    answer = client.get("/offline")
    assert answer.status_code == 200
    assert "You are offline." in answer.text


@ON_ONE
def test_the_icons_are_drawn_by_names_that_templates_use(app: APIFlask) -> None:
    sheet = (STATIC / "icons" / "line.svg").read_text(encoding="utf-8")
    known = set(re.findall(r'<symbol id="([\w-]+)"', sheet))
    templates = Path(app.root_path, "templates").rglob("*.html")
    used = {name for path in templates for name in re.findall(r'icon\("([\w-]+)"', path.read_text("utf-8"))}
    assert used <= known, used - known
