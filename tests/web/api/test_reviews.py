"""The review of an incident by programs: planned, moved, held, its questions answered, and what is refused."""

from datetime import timedelta

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

from app.database import db, transaction
from app.engine.learning import open_postmortems
from app.incidents import queries, status
from app.notices.models import Notice
from tests.support.api import Api, assert_problem
from tests.support.clock import TestClock
from tests.support.world import World

MEETING = "/postmortems/1/meeting"


@pytest.fixture
def over(app: APIFlask, clock: TestClock) -> World:
    """Incident 1 is resolved, and its postmortem is open; Ada owns it."""
    world = World(clock)
    world.fire()
    world.promote(world.cast.ada)
    with transaction():
        incident = queries.locked(1)
        assert incident is not None
        status.resolve(incident, by=db.session.merge(world.cast.ada), at=world.now, resolution="Rolled back")
    open_postmortems()
    return world


def test_S56_S62_S63_a_program_plans_moves_and_holds_a_review(over: World, client: FlaskClient) -> None:
    ada, ben = Api(client, over.cast.ada), Api(client, over.cast.ben)
    assert_problem(ada.get(MEETING), 404)
    hours = ada.get(f"{MEETING}/proposals").get_json()["items"]
    assert [set(each) for each in hours] == [{"start", "end", "against"}] * 3
    planned = ada.put(MEETING, {"start": hours[0]["start"], "place": "Room 4"}).get_json()
    assert (planned["state"], planned["start"], planned["end"]) == (
        "planned",
        hours[0]["start"],
        hours[0]["end"],
    )
    assert [each["name"] for each in planned["invited"]] == ["Ada"]
    assert planned["agenda"][0].startswith("What happened: the chronology")
    later = over.now + timedelta(days=2)
    moved = ada.put(MEETING, {"start": later.isoformat(), "minutes": 30})
    assert moved.get_json()["place"] == ""
    etag = moved.headers["ETag"]
    said = {"came_ids": [str(over.cast.ada.id), str(over.cast.ben.id)], "notes": "It was **the unit**."}
    kept = ada.put(f"{MEETING}/minutes", said, headers={"If-Match": etag}).get_json()
    assert (kept["state"], kept["notes"], kept["decisions"]) == ("held", "It was **the unit**.", "")
    assert {each["name"]: each["came"] for each in kept["invited"]} == {"Ada": True, "Ben": True}
    refused = ben.put(f"{MEETING}/minutes", {"notes": "Mine"}, headers={"If-Match": etag})
    assert_problem(refused, 412)
    decided = ben.put(f"{MEETING}/minutes", {"decisions": "- Test units"}).get_json()
    assert (decided["notes"], decided["decisions"]) == ("It was **the unit**.", "- Test units")
    assert {each["came"] for each in decided["invited"]} == {True}
    assert_problem(ada.put(MEETING, {"start": later.isoformat()}), 409)  # it was held


def test_S62_a_cancelled_review_is_told_and_can_be_planned_again(over: World, client: FlaskClient) -> None:
    ada, mara = Api(client, over.cast.ada), Api(client, over.cast.mara)
    start = (over.now + timedelta(days=2)).isoformat()
    mara.put(MEETING, {"start": start})
    assert mara.delete(MEETING).get_json()["state"] == "cancelled"
    assert_problem(mara.delete(MEETING), 409)
    assert mara.put(MEETING, {"start": start}).get_json()["state"] == "planned"
    told = db.session.scalars(
        db.select(Notice.title).filter_by(user_id=over.cast.ada.id, event="review_planned")
    )
    assert len(list(told)) == 3
    assert ada.get(MEETING).get_json()["planned_by"]["name"] == "Mara"


def test_S69_to_S74_a_program_answers_a_question_and_writes_over_nobody(
    over: World, client: FlaskClient
) -> None:
    ada, ben, where = Api(client, over.cast.ada), Api(client, over.cast.ben), "/postmortems/1/questions"
    asked = ada.get(where).get_json()["items"]
    assert [each["question"] for each in asked] == [
        "speed", "people", "alerts", "thresholds", "instrumentation", "communication",
    ]  # fmt: skip
    assert all(each["evidence"] and each["verdict"] is None for each in asked)
    first = ada.put(f"{where}/alerts", {"verdict": "partly", "text": "Too late."}).get_json()["items"][2]
    assert (first["verdict"], first["text"], first["answered_by"]["name"]) == ("partly", "Too late.", "Ada")
    lost = assert_problem(ben.put(f"{where}/alerts", {"verdict": "no"}), 409)
    assert "Ada answered this meanwhile: Partly. Too late." in lost["detail"]
    seen = {"verdict": "no", "seen": first["answered_at"]}
    assert ben.put(f"{where}/alerts", seen).get_json()["items"][2]["verdict"] == "no"
    assert_problem(ada.put(f"{where}/nonsense", {"verdict": "no"}), 404)


@pytest.mark.parametrize(
    ("sent", "pointer"),
    [
        ({"start": "2026-01-01T10:00:00Z"}, "#/start"),
        ({"start": "2026-12-01T10:00:00"}, "#/start"),
        ({"start": "2026-12-01T10:00:00Z", "minutes": 0}, "#/minutes"),
        ({"start": "2026-12-01T10:00:00Z", "minutes": 10**9}, "#/minutes"),
        ({"start": "2026-12-01T10:00:00Z", "minutes": 10**30}, "#/minutes"),
        ({"start": "2026-12-01T10:00:00Z", "place": "x" * 501}, "#/place"),
        ({"minutes": 45}, "#/start"),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused_by_its_field(
    over: World, client: FlaskClient, sent: dict[str, object], pointer: str
) -> None:
    assert_problem(Api(client, over.cast.ada).put(MEETING, sent), 422, pointer)
    assert_problem(Api(client, over.cast.ada).get(MEETING), 404)


def test_the_wrong_person_and_minutes_of_what_was_never_planned(over: World, client: FlaskClient) -> None:
    ada, dan, eli = (Api(client, each) for each in (over.cast.ada, over.cast.dan, over.cast.eli))
    assert_problem(ada.put(f"{MEETING}/minutes", {"notes": "x"}), 404)
    assert_problem(ada.delete(MEETING), 409)
    ada.put(MEETING, {"start": "2026-12-01T10:00:00Z"})
    assert_problem(ada.put(f"{MEETING}/minutes", {"came_ids": ["999"]}), 422, "#/came_ids/0")
    assert_problem(ada.put(f"{MEETING}/minutes", {"notes": "x" * 50_001}), 422, "#/notes")
    for outsider in (dan, eli):
        assert_problem(outsider.put(MEETING, {"start": "2026-12-02T10:00:00Z"}), 403)
        assert_problem(outsider.put(f"{MEETING}/minutes", {"notes": "x"}), 403)
        assert_problem(outsider.put("/postmortems/1/questions/speed", {"verdict": "yes"}), 403)
    assert_problem(eli.get(MEETING), 403)
    assert ada.get(MEETING).get_json()["start"] == "2026-12-01T10:00:00Z"
