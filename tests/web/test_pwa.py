"""What makes it an app, and how little it weighs."""

import gzip
import json
import re
import shutil
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


@ON_ONE
def test_what_a_page_names_may_be_kept_for_good_until_a_file_changes(
    client: FlaskClient, app: APIFlask
) -> None:
    named = re.findall(r'(?:src|href)="(/static/[^"]+)"', client.get("/offline").text)
    assert any(address.endswith("/js/app.js") for address in named)
    for address in named:
        with client.get(address) as answer:
            assert (answer.status_code, "immutable" in answer.headers["Cache-Control"]) == (200, True), address


def test_a_script_has_one_address_on_every_page() -> None:
    """Two addresses are two copies of it, each with a memory of its own."""
    templates = (Path(__file__).parents[2] / "app" / "templates").rglob("*.html")
    assert [file.name for file in templates if '="/static/' in file.read_text(encoding="utf-8")] == []


@ON_ONE
def test_a_file_that_changed_has_another_address_and_its_old_one_is_not_kept(
    client: FlaskClient, app: APIFlask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(STATIC, tmp_path / "static")
    monkeypatch.setattr(app, "static_folder", str(tmp_path / "static"))
    before = re.findall(r'src="(/static/[^"]+/app.js)"', client.get("/offline").text)
    (tmp_path / "static" / "js" / "worker.js").write_text("export const start = 1;", encoding="utf-8")
    after = re.findall(r'src="(/static/[^"]+/app.js)"', client.get("/offline").text)
    assert before != after
    with client.get(before[0]) as old:  # as a page that is still open asks for it
        assert (old.status_code, old.headers["Cache-Control"]) == (200, "no-cache")
    with client.get(before[0].replace("app.js", "no.js")) as nothing:
        assert nothing.status_code == 404


@ON_ONE
@pytest.mark.parametrize(
    "path", ["/static/v-", "/static/v-x", "/static/v-x/", "/static/v-x/../../pyproject.toml"]
)
def test_an_address_of_no_file_finds_none(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


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


def test_the_first_paint_does_not_wait_for_scripts(client: FlaskClient) -> None:
    page = client.get("/login").text
    assert 'type="module" fetchpriority="low"' in page  # 0.9 s instead of 1.06 on a slow phone (0024)
