"""SEC-16, SEC-17: which alerts a person sees and works, on every road to them."""

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

from app import clock
from app.alerts import queries
from app.alerts.models import Alert, Service
from app.alerts.reassign import reassign
from app.alerts.receive import receive
from app.database import db, transaction
from app.domain.alert import IncomingAlert
from app.domain.lifecycle import InvalidTransition
from app.domain.words import Role
from app.incidents import access
from app.incidents.command import hand_over
from app.incidents.models import Incident
from app.incidents.promote import add_alert, promote
from app.paging.models import Page
from app.paging.page import token_for
from app.people import change_user
from app.people.models import Organisation, User
from app.people.teams import add_member, remove_member
from tests.support.api import Api
from tests.support.browser_forms import post, sign_in, visit
from tests.support.cast import make_integration, make_service
from tests.support.clock import TestClock
from tests.support.world import World


@pytest.fixture
def has_pages() -> bool:
    return True


@pytest.fixture
def world(app: APIFlask, clock: TestClock) -> World:
    """Alert 1 is of Payments and has paged Ada; alert 2 is of Search and has paged nobody."""
    world = World(clock)
    world.fire("Card errors")
    world.tick()
    with transaction():
        index = make_service("search-index", world.cast.search)
        receive(IncomingAlert("i", "Index is stale"), make_integration(index), at=clock())
    return world


def rights_on(user: User, number: int) -> str:
    """What a person may do with an alert: nothing, see it, or work it."""
    alert = db.session.get_one(Alert, number)
    assert access.seen(user, [number]) == ({number} if access.may_see(user, alert) else set())
    assert access.worked(user, [number]) == ({number} if access.may_respond(user, alert) else set())
    return "work" if access.may_respond(user, alert) else "see" if access.may_see(user, alert) else ""


def test_L_ROL_04_a_responder_works_the_alerts_of_the_own_teams_and_sees_no_others(world: World) -> None:
    cast = world.cast
    found = {user.name: (rights_on(user, 1), rights_on(user, 2)) for user in (
        cast.ada, cast.ben, cast.dan, cast.mara, cast.root, cast.eli,
    )}  # fmt: skip
    assert found == {
        "Ada": ("work", ""), "Ben": ("work", ""), "Dan": ("", "work"), "Mara": ("work", "work"),
        "Root": ("work", "work"), "Eli": ("", ""),
    }  # fmt: skip


def test_opening_reading_lets_every_responder_read_and_work_stays_with_the_team(world: World) -> None:
    with transaction():
        db.session.get_one(Organisation, 1).is_reading_open = True
    assert (rights_on(world.cast.dan, 1), rights_on(world.cast.dan, 2)) == ("see", "work")
    assert rights_on(world.cast.eli, 1) == ""


def test_whoever_was_paged_keeps_the_alert_whatever_becomes_of_teams(app: APIFlask, world: World) -> None:
    """Ada leaves the team, the service moves away: the page in her hand still opens and takes its alert."""
    ada, mara = world.cast.ada, world.cast.mara
    with transaction():
        remove_member(world.cast.payments, ada, by=mara, at=clock.now())
        db.session.get_one(Service, world.cast.checkout.id).team_id = world.cast.search.id
    assert rights_on(ada, 1) == "work"
    assert visit(app, ada, "/alerts/1").status_code == 200
    assert rights_on(world.cast.dan, 1) == "work"  # whose team looks after the service now


def test_being_given_an_alert_or_an_incident_is_enough(world: World) -> None:
    dan, ada, cast = world.cast.dan, world.cast.ada, world.cast
    with transaction():
        alert = queries.locked(1)
        assert alert is not None
        incident = promote(alert, by=ada, at=clock.now())
        assert not access.may_work(dan, incident)
        hand_over(incident, to=dan, by=ada, at=clock.now())
    assert access.may_work(dan, db.session.get_one(Incident, 1))
    assert rights_on(dan, 1) == "work"
    with transaction():
        other = queries.locked(2)
        assert other is not None
        reassign(other, to=cast.ben, by=dan, at=clock.now())
    assert rights_on(cast.ben, 2) == "work"
    assert rights_on(ada, 2) == ""


def test_an_alert_of_another_team_in_our_incident_stays_actionable_for_us(world: World) -> None:
    with transaction():
        ours, theirs = queries.locked(1), queries.locked(2)
        assert ours is not None
        assert theirs is not None
        add_alert(promote(ours, by=world.cast.ada, at=clock.now()), theirs, by=world.cast.mara, at=clock.now())
    assert rights_on(world.cast.ben, 2) == "work"


def test_nobody_is_given_what_they_could_not_take(world: World) -> None:
    with transaction():
        alert = queries.locked(1)
        assert alert is not None
        with pytest.raises(InvalidTransition, match="only looks on"):
            reassign(alert, to=world.cast.eli, by=world.cast.ada, at=clock.now())
        incident = promote(alert, by=world.cast.ada, at=clock.now())
        with pytest.raises(InvalidTransition, match="only looks on"):
            hand_over(incident, to=world.cast.eli, by=world.cast.ada, at=clock.now())


def test_SEC16_what_is_foreign_is_not_there_on_any_road(
    app: APIFlask, client: FlaskClient, world: World
) -> None:
    dan, api = world.cast.dan, Api(client, world.cast.dan)
    assert visit(app, dan, "/alerts/1").status_code == 404
    assert "Card errors" not in visit(app, dan, "/alerts").text
    assert "Card errors" not in visit(app, dan, "/").text
    assert "checkout-api" not in visit(app, dan, f"/alerts?service={world.cast.checkout.id}").text
    assert [each["id"] for each in api.get("/alerts").get_json()["items"]] == ["2"]
    assert api.get("/pages").get_json()["items"] == []
    assert [each["name"] for each in api.get("/services").get_json()["items"]] == ["search-index"]
    assert api.get("/explain", service="checkout-api").status_code == 422
    for path in ("/alerts/1", "/alerts/1/timeline", "/pages/1", f"/services/{world.cast.checkout.id}"):
        assert api.get(path).status_code == 404
    assert api.post("/alerts/1/acknowledgement").status_code == 404


def test_SEC16_an_incident_is_read_by_all_and_shows_and_moves_only_what_is_ones_own(
    app: APIFlask, client: FlaskClient, world: World
) -> None:
    with transaction():
        alert = queries.locked(1)
        assert alert is not None
        promote(alert, by=world.cast.ada, at=clock.now())
    dan = Api(client, world.cast.dan)
    assert dan.get("/incidents/1").get_json()["alerts"] == []
    page = visit(app, world.cast.dan, "/incidents/1").text
    assert "1 more of other teams" in page
    assert 'action="/incidents/1' not in page
    assert dan.post("/incidents/1/start").status_code == 403
    assert dan.put("/incidents/1/alerts/2", None).status_code == 403
    assert Api(client, world.cast.ben).get("/incidents/1").get_json()["alerts"][0]["number"] == 1


def test_several_at_once_are_each_asked_for_themselves(client: FlaskClient, world: World) -> None:
    sign_in(client, world.cast.dan)
    fields = {"alert": ["1", "2"]}
    assert post(client, "/alerts/acknowledgements", fields, page="/alerts").status_code == 303
    says = client.get("/alerts").text
    assert "1 acked" in says
    assert [str(world.alert(number).status) for number in (1, 2)] == ["triggered", "acknowledged"]
    back = {"alert": ["1", "2"]}
    post(client, "/alerts/acknowledgements/removal", back, page="/me")
    assert world.alert(2).acknowledged_by_id is None


@pytest.mark.parametrize("how", ["demoted", "deactivated"])
def test_SEC17_demote_then_ack_is_refused(client: FlaskClient, world: World, how: str) -> None:
    """A press that waited in the service worker is judged by the role of the moment it arrives."""
    page = db.session.get_one(Page, 1)
    token = token_for(page.page_key, page.deliveries[0].address_key)
    with transaction():
        ada = db.session.get_one(User, world.cast.ada.id)
        if how == "demoted":
            change_user.change_user(ada, role=Role.STAKEHOLDER, by=world.cast.root, at=clock.now())
        else:
            change_user.let_go(ada, by=world.cast.root, at=clock.now())
    answer = client.post(f"/r/{token}", json={"stage": "acked", "at": clock.now().isoformat()})
    assert answer.status_code == 403
    assert answer.get_json()["outcome"] == "not_allowed"
    assert world.alert().acknowledged_by_id is None


def test_a_press_from_outside_the_team_still_counts_by_its_token(client: FlaskClient, world: World) -> None:
    page = db.session.get_one(Page, 1)
    token = token_for(page.page_key, page.deliveries[0].address_key)
    with transaction():
        remove_member(world.cast.payments, world.cast.ada, by=world.cast.mara, at=clock.now())
        add_member(world.cast.search, world.cast.ada, by=world.cast.mara, at=clock.now())
    answer = client.post(f"/r/{token}", json={"stage": "acked", "at": clock.now().isoformat()})
    assert (answer.status_code, answer.get_json()["outcome"]) == (200, "acknowledged")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # PostgreSQL hashes the same list
def test_a_list_asks_for_a_persons_pages_once_and_not_for_each_alert(world: World) -> None:
    """With 10,000 alerts and 2,500 pages the other way takes ten seconds."""
    clause = access.alerts_seen_by(world.cast.dan)
    listed = db.select(Alert.id).where(Alert.status != "resolved", clause)
    compiled = str(listed.compile(db.engine, compile_kwargs={"literal_binds": True}))
    plan = " ".join(row[3] for row in db.session.execute(db.text(f"EXPLAIN QUERY PLAN {compiled}")))
    assert "CORRELATED" not in plan
    assert "SEARCH page USING" in plan, plan
