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


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_S69_S70_S71_S72_S73_S74_each_question_is_asked_beside_its_evidence_and_its_answer_stays(
    ada: FlaskClient,
) -> None:
    beside = {
        "speed": ("Was the response speedy?", "Resolved 0 min after it was detected."),
        "people": ("Were the right people there at the right time?", "0 pages to 0 people"),
        "alerts": ("Were the alerts accurate?", "1 alert in the incident"),
        "thresholds": ("Should thresholds be more sensitive?", "It was detected before anybody noticed it."),
        "instrumentation": ("Do some systems need more instrumentation?", "An alert told of it first."),
        "communication": ("Was communication timely and clear?", "No update was sent."),
    }
    page = ada.get(PAGE).text
    for number, (name, (question, evidence)) in enumerate(beside.items()):
        section = page.partition(f'<section class="card question" aria-labelledby="{name}"')[2]
        section = section.partition("</section>")[0]
        assert question in section, name
        assert evidence in section, name
        said = {"verdict": ("yes", "partly", "no")[number % 3], "text": f"Because of {name}."}
        assert post(ada, f"/postmortems/1/questions/{name}", said, page=PAGE).status_code == 303
    read, trends = ada.get("/postmortems/1").text, ada.get("/trends/feedback").text
    for name, (question, _) in beside.items():
        assert question in read
        assert f"Because of {name}." in read
        assert question in trends, name  # S-75: together they are the loop
