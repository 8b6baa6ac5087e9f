"""An incident by hand, alerts that join one, and when it was detected: by form and by program."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from app.alerts import queries
from app.database import db, transaction
from app.incidents.models import Incident
from app.incidents.promote import promote
from app.people.models import User
from tests.support.api import Api
from tests.support.browser_forms import post
from tests.support.cast import make_service
from tests.support.world import World
from tests.web.conftest import SeenBy


def incidents() -> list[Incident]:
    rows = sa.select(Incident).order_by(Incident.id).execution_options(populate_existing=True)
    return list(db.session.scalars(rows))


def promoted(world: World, number: int, by: User, **choices: bool) -> int:
    with transaction():
        alert = queries.locked(number)
        assert alert is not None
        return promote(alert, by=db.session.merge(by), at=world.now, **choices).number


def test_S27_S28_two_taps_declare_it_and_a_third_changes_nothing(world: World, seen_by: SeenBy) -> None:
    client = seen_by(world.cast.ada)
    page = client.get("/incidents").text
    assert "Declare incident" in page
    assert "Many people notice, there is no way round" in page  # S-22
    fields = {"severity": "sev2", "service_id": world.cast.checkout.id}
    for _ in range(2):
        answer = post(client, "/incidents", fields, page="/incidents")
        assert answer.location == "/incidents/1"
    made = incidents()
    assert [(each.title, str(each.severity), each.commander_id) for each in made] == [
        ("Something is wrong with checkout-api", "sev2", world.cast.ada.id)
    ]
    assert made[0].detected_at == made[0].declared_at == world.now
    assert "Ada declared the incident" in client.get("/incidents/1").text


def test_declaring_by_whoever_looks_on_or_without_a_severity_or_elsewhere_is_refused(
    world: World, seen_by: SeenBy
) -> None:
    eli, ada = seen_by(world.cast.eli), seen_by(world.cast.ada)
    assert "Declare" not in eli.get("/incidents").text
    assert post(eli, "/incidents", {"severity": "sev2"}, page="/me/security").status_code == 403
    refused = post(ada, "/incidents", {"severity": "bad"}, page="/incidents")
    assert (refused.status_code, "who notices" in refused.text) == (409, True)
    with transaction():
        theirs = make_service("search-index", world.cast.search).id
    foreign = {"severity": "sev2", "service_id": theirs}
    assert post(ada, "/incidents", foreign, page="/incidents").status_code == 404
    assert incidents() == []


def test_S26_a_storm_is_one_incident_and_both_timelines_say_why(world: World, seen_by: SeenBy) -> None:
    for key in ("one", "two", "three"):
        world.fire(key, key=key)
    cast = world.cast
    assert promoted(world, 1, cast.ada) == 1
    world.clock.advance(minutes=12)
    assert promoted(world, 2, cast.ben) == 1
    assert incidents()[0].commander_id == cast.ada.id
    client = seen_by(cast.ada)
    why = "the incident of the same service began 12 min before"
    assert f"Ben added alert 2: {why}" in client.get("/incidents/1").text
    assert f"Ben made it part of INC-1: {why}" in client.get("/alerts/2").text
    assert promoted(world, 3, cast.ben, alone=True) == 2


def test_S21_detection_is_corrected_with_a_trace(world: World, seen_by: SeenBy) -> None:
    world.fire()
    world.clock.advance(minutes=10)
    promoted(world, 1, world.cast.ada)
    before, client = incidents()[0].detected_at, seen_by(world.cast.ada)

    def correct(status: int, **fields: str) -> str:
        answer = post(client, "/incidents/1/detection", fields, page="/incidents/1")
        assert answer.status_code == status, answer.text
        return answer.text if status != 303 else client.get(answer.location).text

    assert "earlier moment" in correct(409, detected_at="2026-11-12T04:00", because="x")
    assert "how you know" in correct(409, detected_at="2026-11-12T03:05", because=" ")
    assert "Give the day" in correct(409, detected_at="soon", because="x")
    page = correct(303, detected_at="2026-11-12T03:05", because="The graph shows it.")
    assert "Ada corrected when it was detected: Thu 12 Nov, 03:05 GMT instead of Thu 12 Nov, 03:10 GMT" in page
    assert "The graph shows it." in page
    assert before - incidents()[0].detected_at == timedelta(minutes=5)


def test_programs_declare_say_who_notices_and_correct(world: World, client: FlaskClient) -> None:
    ada = Api(client, world.cast.ada)
    draft = {"severity": "sev1", "title": "Card payments fail", "impact": "1 in 7 payments", "service_id": "1"}
    made = ada.make("/incidents", draft)
    assert (made["commander"]["name"], made["impact"], made["alerts"]) == ("Ada", "1 in 7 payments", [])
    changes = {"detected_at": "2026-11-12T03:00:00Z", "because": "Support heard first", "impact": "1 in 5"}
    changed = ada.patch("/incidents/1", changes).get_json()
    assert (changed["detected_at"], changed["impact"]) == ("2026-11-12T03:00:00Z", "1 in 5")
    assert ada.post("/incidents", {"severity": "sev1", "service_id": "99"}).status_code == 422
    assert Api(client, world.cast.eli).post("/incidents", {"severity": "sev1"}).status_code == 403
    assert Api(client, world.cast.dan).patch("/incidents/1", {"impact": "none"}).status_code == 403


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # the same rows on both
def test_an_incident_of_nobodys_service_is_led_and_worked_by_who_declared_it(
    world: World, seen_by: SeenBy
) -> None:
    client = seen_by(world.cast.dan)
    answer = post(client, "/incidents", {"severity": "sev1", "title": "Phones are dead"}, page="/incidents")
    page = client.get(answer.location).text
    assert "Phones are dead" in page
    assert "Resolve" in page
