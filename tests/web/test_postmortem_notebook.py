"""The review notebook of a postmortem: asked for by a tap, run once, the same numbers, and for whom."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

from app.cli import main
from app.database import db, transaction
from app.engine import learning as engine
from app.incidents.models import Incident
from app.learning import figures, notebook
from app.learning.models import PostmortemNotebook
from tests.support.browser_forms import post
from tests.support.world import World
from tests.web.conftest import SeenBy

PAGE = "/postmortems/1"
WHERE = f"{PAGE}/notebook"


@pytest.fixture
def ada(world: World, seen_by: SeenBy) -> FlaskClient:
    world.fire()
    world.tick()
    world.promote(world.cast.ada)
    world.clock.advance(minutes=58)
    client = seen_by(world.cast.ada)
    post(client, "/incidents/1/resolution", {"resolution": "Rolled back"}, page="/incidents/1")
    engine.open_postmortems()
    return client


def claimed(world: World) -> list[int]:
    with transaction():
        return notebook.claim_due(world.now)


def the_row() -> PostmortemNotebook:
    db.session.rollback()
    return db.session.get_one(PostmortemNotebook, 1)


def test_it_is_asked_for_by_a_tap_once_and_one_engine_runs_it(ada: FlaskClient, world: World) -> None:
    assert "Run the review notebook" in ada.get(PAGE).text
    assert ada.get(WHERE).status_code == 404
    assert not notebook.waits(world.now)
    for _ in range(2):
        assert post(ada, WHERE, {}, page=PAGE).status_code == 303
    assert "Being run since" in ada.get(PAGE).text
    assert "Run the review notebook" not in ada.get(PAGE).text
    assert notebook.waits(world.now)
    assert [claimed(world), claimed(world)] == [[1], []]
    with transaction():
        notebook.keep(1, "<p>Made</p>", as_of=world.now, at=world.now)
    page = ada.get(PAGE).text
    assert f'href="{WHERE}"' in page
    assert "Run the notebook again" not in page  # nothing changed since
    made = ada.get(WHERE)
    assert "<p>Made</p>" in made.text
    assert made.headers["Content-Disposition"] == "attachment; filename=review-INC-1.html"
    assert f"{PAGE}/notebook" in ada.get(f"{PAGE}/file.html").text


def test_one_that_cannot_be_run_is_tried_three_times_and_said(ada: FlaskClient, world: World) -> None:
    post(ada, WHERE, {}, page=PAGE)
    for _ in range(notebook.TRIES):
        assert claimed(world) == [1]
        world.clock.advance(minutes=notebook.AGAIN // timedelta(minutes=1))
    assert claimed(world) == []
    assert not notebook.waits(world.now + timedelta(days=1))
    assert "It could not be run; the engine&#39;s log says why." in ada.get(PAGE).text
    post(ada, WHERE, {}, page=PAGE)
    assert claimed(world) == [1]


def test_the_last_one_stays_until_the_next_is_there(ada: FlaskClient, world: World) -> None:
    post(ada, WHERE, {}, page=PAGE)
    claimed(world)
    with transaction():
        notebook.keep(1, "<p>First</p>", as_of=world.now, at=world.now)
        world.clock.advance(minutes=1)
        db.session.get_one(Incident, 1).updated_at = world.now
    assert "The incident changed since." in ada.get(PAGE).text
    post(ada, WHERE, {}, page=PAGE)
    assert "<p>First</p>" in ada.get(WHERE).text


def test_it_is_for_those_who_respond_and_never_of_a_restricted_incident(
    ada: FlaskClient, world: World, seen_by: SeenBy
) -> None:
    post(ada, WHERE, {}, page=PAGE)
    claimed(world)
    with transaction():
        notebook.keep(1, "<p>Made</p>", as_of=world.now, at=world.now)
    assert seen_by(world.cast.eli).get(WHERE).status_code == 403
    assert post(seen_by(world.cast.dan), WHERE, {}, page="/me/security").status_code == 403
    with transaction():
        db.session.get_one(Incident, 1).is_restricted = True
    assert ada.get(WHERE).status_code == 404
    assert post(ada, WHERE, {}, page=PAGE).status_code == 409
    assert seen_by(world.cast.dan).get(WHERE).status_code == 404


@pytest.mark.slow
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # a notebook reads either the same way
def test_S69_the_notebook_that_was_run_has_the_numbers_of_the_postmortem(
    ada: FlaskClient, app: APIFlask, world: World, database_url: str, monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:  # fmt: skip
    monkeypatch.setenv("NIGHTBELL_DATABASE_URL", database_url)
    monkeypatch.setenv("NIGHTBELL_INSTANCE_DIR", str(tmp_path / "instance"))
    page = ada.get(PAGE).text
    post(ada, WHERE, {}, page=PAGE)
    with transaction():  # the command reads this machine's clock
        db.session.get_one(PostmortemNotebook, 1).next_try_at = world.now - timedelta(days=400)
    db.session.remove()
    done = app.test_cli_runner().invoke(main, ["review-notebooks", "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.output[done.output.index("{") :]) == {"made": [1], "failed": []}
    made = ada.get(WHERE).text
    counted = figures.count(1, at=the_row().as_of)
    assert "<script>draw(" in made
    assert counted["rows"]
    for row in counted["rows"]:
        for cell in filter(None, row):
            assert cell in page.replace("\N{NO-BREAK SPACE}", " "), cell
            assert cell in made.replace("\N{NO-BREAK SPACE}", " "), cell
