"""A review through a browser: planned by a tap, held, its questions answered, all of it in the postmortem."""

import re

import pytest
from flask.testing import FlaskClient

from app.engine.learning import open_postmortems
from tests.support.browser_forms import post
from tests.support.world import World
from tests.web.conftest import SeenBy

PAGE = "/postmortems/1/meeting"


@pytest.fixture
def ada(world: World, seen_by: SeenBy) -> FlaskClient:
    world.fire()
    world.promote(world.cast.ada)
    client = seen_by(world.cast.ada)
    post(client, "/incidents/1/resolution", {"resolution": "Rolled back"}, page="/incidents/1")
    open_postmortems()
    return client


def test_S56_S60_S62_S63_S69_a_review_is_planned_held_and_stands_in_the_postmortem(
    ada: FlaskClient, world: World, seen_by: SeenBy
) -> None:
    page = ada.get(PAGE).text
    assert "Invited would be Ada" in page
    assert "No mail leaves here" in page
    proposed = re.search(r'name="start" value="([^"]+)"', page)
    assert proposed is not None
    assert post(ada, PAGE, {"start": proposed[1], "minutes": "45"}, page=PAGE).status_code == 303
    page = ada.get(PAGE).text
    assert "Planned for " in page
    assert "BEGIN:VEVENT" in ada.get(f"{PAGE}.ics").text
    seen = re.search(r'name="seen" value="([0-9a-f]+)"', page)
    assert seen is not None
    said = {
        "came": str(world.cast.ada.id),
        "notes": "It was **the unit**.",
        "decisions": "- Test units",
        "seen": seen[1],
    }
    assert post(ada, f"{PAGE}/minutes", said, page=PAGE).status_code == 303
    assert post(ada, f"{PAGE}/minutes", said | {"notes": "Mine"}, page=PAGE).status_code == 409
    where = "/postmortems/1/questions/alerts"
    assert post(ada, where, {"verdict": "partly", "text": "Too late."}, page=PAGE).status_code == 303
    assert post(ada, where, {"verdict": "maybe"}, page=PAGE).status_code == 409
    for address in ("/postmortems/1", "/postmortems/1/file.md"):
        told = ada.get(address).text
        for words in ("Test units", "the unit", "Too late"):
            assert words in told, (address, words)
    assert "There: Ada" in ada.get("/postmortems/1").text
    assert seen_by(world.cast.eli).get(PAGE).status_code == 403


def test_S83_gaps_have_a_door_from_where_people_look(ada: FlaskClient) -> None:
    for address in ("/incidents", "/postmortems"):
        assert 'href="/gaps"' in ada.get(address).text
    page = ada.get("/gaps").text
    assert "Services without a playbook" in page


def test_S65_phases_that_cannot_be_drawn_stand_in_their_table_alone(ada: FlaskClient) -> None:
    page = ada.get("/postmortems/1")  # it was resolved in the moment it was declared, and nobody was paged
    assert page.status_code == 200
    assert "<figure-plot" not in page.text
    assert "Table: " in page.text
    assert ada.get("/postmortems/1/figures").status_code == 404
