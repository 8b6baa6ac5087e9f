"""S-82: a security breach is an incident that nobody else sees, whatever way they look. And deleting one."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from apiflask import APIFlask
from flask.testing import FlaskClient

from analytics import queries as figures
from app import clock
from app.database import UtcDateTime, db, transaction
from app.domain.words import Audience, ChannelKind
from app.engine import jobs
from app.incidents.models import Incident, IncidentUpdate
from app.notices.models import Notice
from app.paging.destinations.models import Destination, Post
from app.paging.models import Page
from app.people.models import Organisation
from app.timeline.models import Event
from tests.support.api import Api, assert_problem
from tests.support.browser_forms import post
from tests.support.world import World
from tests.web.conftest import SeenBy

SCREEN = "/incidents/1"
SECRET = "Keys of the vault are out"
NOWHERE = "99"  # no incident has this number


@pytest.fixture
def breach(world: World, seen_by: SeenBy) -> World:
    """Ada declares it for checkout, and asks Dan of another team in."""
    world.fire()
    with transaction():
        db.session.add(
            Destination(
                kind=ChannelKind.SLACK, name="#all", address="", host="chat.example", created_at=clock.now(),
                events=["incident.declared", "incident.status_changed", "incident.resolved"],
            )
        )  # fmt: skip
        db.session.get_one(Organisation, 1).is_status_public = True
    ada = seen_by(world.cast.ada)
    said = {
        "title": SECRET, "severity": "sev1", "restricted": "yes",
        "service_id": str(world.cast.integration.service_id),
    }  # fmt: skip
    assert post(ada, "/incidents", said, page="/incidents").status_code == 303
    assert Api(ada, world.cast.ada).put("/incidents/1/alerts/1", {}).status_code == 200
    post(ada, f"{SCREEN}/people", {"user_id": str(world.cast.dan.id)}, page=SCREEN)
    return world


def test_S82_a_restricted_incident_is_as_if_it_were_not_there_on_every_way_out(
    breach: World, seen_by: SeenBy, app: APIFlask, client: FlaskClient
) -> None:
    cast = breach.cast
    ada, dan = seen_by(cast.ada), seen_by(cast.dan)
    said = {"issue": SECRET, "audience": "organisation"}
    assert post(ada, f"{SCREEN}/updates", said, page=f"{SCREEN}/updates/new").status_code == 303
    said["audience"] = "public"
    assert (
        post(ada, f"{SCREEN}/updates", said | {"after": "1"}, page=f"{SCREEN}/updates/new").status_code == 409
    )
    post(ada, f"{SCREEN}/notes", {"text": "who knew", "to_all": "yes"}, page=SCREEN)
    post(ada, f"{SCREEN}/containment", {}, page=SCREEN)
    # who is in it, and administrators
    for person in (ada, dan, seen_by(cast.root)):
        assert SECRET in person.get(SCREEN).text
        assert SECRET in person.get("/incidents?tab=all").text
    # every address below an incident answers as for a number that there is not
    ben, mara, eli = (seen_by(each) for each in (cast.ben, cast.mara, cast.eli))
    ways = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/incidents/<int:number>")]
    assert len(ways) > 30
    for rule in ways:
        for person in (mara, eli) if "GET" in (rule.methods or ()) else (mara,):
            there, not_there = (
                _ask(person, rule.rule.replace("<int:number>", number), rule.methods or set())
                for number in ("1", NOWHERE)
            )
            assert there == not_there, rule.rule
    programs = Api(client, cast.mara)
    below = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/api/v1/incidents/<id>")]
    assert len(below) > 20
    for rule in below:
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            there, not_there = (
                programs(method, _filled(rule.rule.removeprefix("/api/v1").replace("<id>", number)), {})
                for number in ("1", NOWHERE)
            )
            assert there.status_code == not_there.status_code != 200, (method, rule.rule)
    assert_problem(programs.patch("/incidents/1", {"severity": "sev2"}), 404)
    # lists, what is about its alert, status pages, files
    for person in (mara, ben, eli):
        for page in ("/incidents?tab=all", "/incidents", "/", "/alerts/1", "/status", "/me/notices", "/trends"):
            assert SECRET not in person.get(page).text, page
    assert SECRET not in client.get("/public/status").text
    assert 'href="/incidents/1"' not in ben.get("/alerts/1").text
    assert 'href="/incidents/1"' in ada.get("/alerts/1").text
    assert programs.get("/incidents").get_json()["items"] == []
    assert programs.get("/alerts/1").get_json()["incident"] is None
    assert SECRET not in programs.get("/pages?limit=100").text
    assert (
        SECRET in Api(client, cast.dan).get("/pages?limit=100").text
        or not db.session.scalars(sa.select(Page).where(Page.user_id == cast.dan.id)).all()
    )
    # notices, destinations, updates' readers, figures
    told = set(db.session.scalars(sa.select(Notice.user_id).where(Notice.title.contains(SECRET))))
    assert told <= {cast.ada.id, cast.dan.id, cast.root.id}
    assert cast.dan.id in told
    jobs.tell_outside()
    assert db.session.scalars(sa.select(Post)).all() == []
    assert db.session.scalars(sa.select(IncidentUpdate.audience)).all() == [Audience.ORGANISATION]
    ends = {"since": breach.now - timedelta(days=9), "until": breach.now + timedelta(days=9)}
    typed = [sa.bindparam(name, type_=UtcDateTime()) for name in ends]
    rows = sa.text(figures.INCIDENTS).bindparams(*typed)
    assert db.session.execute(rows, ends).all() == []
    with transaction():
        db.session.get_one(Incident, 1).is_restricted = False
    assert len(db.session.execute(rows, ends).all()) == 1


def test_S82_it_is_restricted_later_and_opened_again_by_its_commander_alone(
    world: World, seen_by: SeenBy
) -> None:
    world.fire(title=SECRET)
    world.promote(world.cast.ada)
    ada, ben, mara = (seen_by(each) for each in (world.cast.ada, world.cast.ben, world.cast.mara))
    assert SECRET in ben.get("/me/notices").text
    for _ in range(2):
        assert post(mara, f"{SCREEN}/visibility", {"restricted": "yes"}, page=SCREEN).status_code == 303
    assert mara.get(SCREEN).status_code == 200, "whoever restricts it is in it"
    assert ben.get(SCREEN).status_code == 404
    assert "/incidents/1" not in ben.get("/me/notices").text
    assert post(mara, f"{SCREEN}/visibility", {"restricted": "no"}, page=SCREEN).status_code == 403
    assert post(ada, f"{SCREEN}/visibility", {"restricted": "no"}, page=SCREEN).status_code == 303
    assert ben.get(SCREEN).status_code == 200
    kinds = db.session.scalars(
        sa.select(Event.kind).where(Event.subject_kind == "incident").order_by(Event.id)
    ).all()
    assert [kind for kind in kinds if kind in ("restricted", "opened_to_all")] == [
        "restricted",
        "opened_to_all",
    ]


def test_L_INC_09_an_administrator_deletes_an_incident_and_the_audit_log_keeps_who_and_why(
    world: World, seen_by: SeenBy, client: FlaskClient
) -> None:
    world.fire()
    world.promote(world.cast.ada)
    mara, root = seen_by(world.cast.mara), seen_by(world.cast.root)
    assert "Delete" not in mara.get(SCREEN).text
    said = {"because": "A rehearsal"}
    assert post(mara, f"{SCREEN}/removal", said, page=SCREEN).status_code == 403
    assert post(root, f"{SCREEN}/removal", {"because": " "}, page=SCREEN).status_code == 409
    assert post(root, f"{SCREEN}/removal", said, page=SCREEN).status_code == 303
    for person in (mara, root):
        assert person.get(SCREEN).status_code == 404
        assert "There has been no incident yet" in person.get("/incidents?tab=all").text
    assert post(root, f"{SCREEN}/removal", said, page="/me/security").status_code == 404
    row = db.session.scalars(sa.select(Event).where(Event.kind == "deleted")).one()
    assert (row.actor_id, row.data["because"]) == (world.cast.root.id, "A rehearsal")
    assert db.session.get_one(Incident, 1).removed_at == world.now
    world.clock.moment += timedelta(days=4)
    assert jobs.nag_updates() == 0
    again = Api(client, world.cast.mara).post("/alerts/1/incident", {})
    assert again.get_json()["number"] == 2, "its alert is free again"
    assert_problem(Api(client, world.cast.mara)("DELETE", "/incidents/2", said), 403)
    assert Api(client, world.cast.root)("DELETE", "/incidents/2", said).status_code == 204


def _ask(person: FlaskClient, path: str, methods: set[str]) -> int:
    path = _filled(path)
    if "GET" in methods:
        return person.get(path).status_code
    return post(person, path, {"severity": "sev2", "answer": "join"}, page="/me/security").status_code


def _filled(path: str) -> str:
    """The other numbers of an address: the first of each."""
    parts = ["1" if part.startswith("<") else part for part in path.split("/")]
    return "/".join(parts)
