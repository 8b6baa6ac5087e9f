"""Two incidents are one: the duplicate closes, and nothing that is alive in it is lost."""

import sqlalchemy as sa
from flask.testing import FlaskClient

from app.database import db
from app.incidents.models import Incident
from tests.support.api import Api, assert_problem
from tests.support.browser_forms import post
from tests.support.world import World
from tests.web.conftest import SeenBy

MERGE = "/incidents/2/merge"


def two(world: World, ada: FlaskClient) -> None:
    """INC-1 of alert 1, which Ada commands, and INC-2 of alert 2 with Ben in it and an open task."""
    for key in ("a", "b"):
        world.fire(f"Checkout fails {key}", key=key)
    world.promote(world.cast.ada)
    assert Api(ada, world.cast.ben).post("/alerts/2/incident", {"alone": True}).status_code in (200, 201)
    post(ada, "/incidents/2/tasks", {"text": "Call the bank"}, page="/incidents/2")
    post(ada, "/incidents/2/tasks", {"text": "Look"}, page="/incidents/2")
    post(ada, "/incidents/2/tasks/2/completion", {}, page="/incidents/2")


def test_a_duplicate_closes_and_its_alerts_people_and_open_tasks_go_on_in_the_other(
    world: World, seen_by: SeenBy
) -> None:
    ada = seen_by(world.cast.ada)
    two(world, ada)
    assert "A duplicate of which?" in ada.get("/incidents/2").text
    for _ in range(2):
        assert post(ada, MERGE, {"into": "1"}, page="/incidents/2").status_code == 303
    there = ada.get("/incidents/1").text
    for words in ("Checkout fails b", "Call the bank", "Ada merged INC-2 into it", "Ben"):
        assert words in there, words
    assert there.count("merged INC-2 into it") == 1
    here = ada.get("/incidents/2").text
    assert 'It goes on in <a href="/incidents/1">INC-1</a>' in here
    assert "Call the bank</a>" not in here
    assert "Look</a>" in here, "what was done stays where it was done"
    assert db.session.scalars(sa.select(Incident.merged_into_id).order_by(Incident.id)).all() == [None, 1]
    post(ada, "/incidents/2/reopening", {}, page="/incidents/2")
    assert db.session.scalars(sa.select(Incident.merged_into_id).order_by(Incident.id)).all() == [None, None]


def test_what_cannot_be_one_is_refused_in_words(world: World, seen_by: SeenBy, client: FlaskClient) -> None:
    ada = seen_by(world.cast.ada)
    two(world, ada)
    assert post(ada, MERGE, {"into": "2"}, page="/incidents/2").status_code == 409
    assert post(ada, MERGE, {"into": "9"}, page="/incidents/2").status_code == 404
    post(ada, "/incidents/2/visibility", {"restricted": "yes"}, page="/incidents/2")
    refused = post(ada, MERGE, {"into": "1"}, page="/incidents/2")
    assert refused.status_code == 409
    assert "Make them alike first" in refused.text
    post(seen_by(world.cast.root), "/incidents/2/visibility", {"restricted": "no"}, page="/incidents/2")
    assert post(seen_by(world.cast.dan), MERGE, {"into": "1"}, page="/me/security").status_code == 403
    programs = Api(client, world.cast.ada)
    assert_problem(programs.post("/incidents/2/merge", {"into_id": "9"}), 404)
    merged = programs.post("/incidents/2/merge", {"into_id": "1"}).get_json()
    assert (merged["status"], merged["merged_into"]) == ("closed", "1")
    assert_problem(programs.post("/incidents/1/merge", {"into_id": "2"}), 409)
