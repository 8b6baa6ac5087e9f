"""What administrators look after: the organisation, people and roles, health, and who did what."""

import csv
import io
import threading

import pytest
import sqlalchemy as sa
from apiflask import APIFlask
from flask.testing import FlaskClient

from app import clock as app_clock
from app.database import db, transaction
from app.domain.words import DeliveryState, Role
from app.paging.health import note_round
from app.people.change_user import change_user
from app.people.models import Organisation, User
from app.timeline import seal
from app.timeline.models import Event
from app.web.spreadsheet import as_csv
from tests.support.api import Api
from tests.support.browser_forms import post, sign_in, visit
from tests.support.clock import TestClock
from tests.support.world import World


@pytest.fixture
def world(app: APIFlask, clock: TestClock) -> World:
    return World(clock)


def test_the_organisation_opens_reading_and_the_record_says_who_did(client: FlaskClient, world: World) -> None:
    sign_in(client, world.cast.root)
    fields = {"name": "Example", "time_zone": "Europe/Riga", "reading": "open"}
    for _ in range(2):
        assert post(client, "/organisation", fields, page="/organisation").status_code == 303
    assert db.session.get_one(Organisation, 1).is_reading_open
    page = client.get("/audit?kind=organisation").text
    assert page.count("is reading open: False → True") == 1
    assert "<b>Root</b> changed" in page
    assert "not sealed yet" in page
    with transaction():
        seal.seal()
    assert "sealed 1" in client.get("/audit").text


def test_what_cannot_be_a_zone_is_said_beside_its_field(client: FlaskClient, world: World) -> None:
    sign_in(client, world.cast.root)
    answer = post(client, "/organisation", {"name": "", "time_zone": "Mars/North"}, page="/organisation")
    assert answer.status_code == 422
    assert 'value="Mars/North"' in answer.text
    assert not db.session.get_one(Organisation, 1).is_reading_open


def test_L_USR_03_an_administrator_changes_a_role_and_the_last_one_stays(
    app: APIFlask, client: FlaskClient, world: World
) -> None:
    cast = world.cast
    sign_in(client, cast.root)
    page = f"/people/{cast.ada.id}"
    assert post(client, f"{page}/role", {"role": "manager"}, page=page).status_code == 303
    assert db.session.get_one(User, cast.ada.id).role is Role.MANAGER
    assert "Change role" not in visit(app, cast.mara, page).text
    refused = post(client, f"/people/{cast.root.id}/role", {"role": "manager"}, page=page)
    assert refused.status_code == 422
    assert "last administrator" in refused.text
    assert post(client, f"/people/{cast.ada.id}/role", {"role": "king"}, page=page).status_code == 404


def test_two_administrators_who_demote_each_other_at_once_leave_one(app: APIFlask, world: World) -> None:
    """Tried several times: the second has to wait for the first and then finds itself the last."""
    for _ in range(8):
        with transaction():
            pair = [db.session.merge(world.cast.root), db.session.merge(world.cast.mara)]
            for user in pair:
                user.role = Role.ADMINISTRATOR
            ids = [user.id for user in pair]
        db.session.remove()
        assert _demote_each_other(app, *ids) == ["InvalidField"]
        administrators = sa.select(sa.func.count()).select_from(User).where(User.role == Role.ADMINISTRATOR)
        assert db.session.scalar(administrators) == 1


def _demote_each_other(app: APIFlask, one: int, other: int) -> list[str]:
    """Both at once; answers the kinds of error there were."""
    gate, errors = threading.Barrier(2), []

    def demote(by: int, whom: int) -> None:
        try:
            with app.app_context():
                gate.wait(10)
                with transaction():
                    user, actor = db.session.get_one(User, whom), db.session.get_one(User, by)
                    change_user(user, role=Role.RESPONDER, by=actor, at=app_clock.now())
        except Exception as error:
            errors.append(type(error).__name__)

    both = [threading.Thread(target=demote, args=pair) for pair in ((one, other), (other, one))]
    for each in both:
        each.start()
    for each in both:
        each.join()
    return errors


def test_health_says_what_is_missing_and_what_works(app: APIFlask, world: World) -> None:
    root = world.cast.root
    assert "Not seen yet" in visit(app, root, "/organisation/health").text
    note_round(world.now)
    world.fire()
    world.tick()
    with transaction():
        for delivery in world.pages()[0].deliveries:
            delivery.state = DeliveryState.ACCEPTED
            delivery.next_attempt_at = None
    page = visit(app, root, "/organisation/health").text
    assert "At work, seen" in page
    assert "1 of 1 taken in the last 24 h" in page
    assert "100%, n 1" in page
    assert ("SQLite, " if db.engine.dialect.name == "sqlite" else "PostgreSQL, ") in page
    assert "As this version wants it" in page


def test_SEC18_the_record_is_filtered_by_people_and_time_and_paged(
    app: APIFlask, client: FlaskClient, world: World
) -> None:
    root, ada = Api(client, world.cast.root), world.cast.ada
    for number in range(55):
        root.make("/teams", {"name": f"Team {number}"})
    page = visit(app, world.cast.root, "/audit").text
    assert page.count('class="row audit-line"') == 50
    assert "by a token" in page
    assert "Older" in page
    hers = visit(app, world.cast.root, f"/audit?person={ada.id}").text
    assert "Team 1" not in hers
    assert "Nothing matches" in visit(app, world.cast.root, "/audit?until=2001-01-01").text
    assert visit(app, world.cast.root, "/audit?since=yesterday&person=x&kind=?").status_code == 200
    listed = root.get("/audit-events", subject_kind="team", limit=2).get_json()
    assert [event["kind"] for event in listed["items"]] == ["created", "created"]
    assert listed["items"][0]["actor"]["name"] == "Root"
    assert listed["items"][0]["token_id"] is not None
    assert listed["items"][0]["position"] is None
    assert listed["next_cursor"]


def test_SEC18_coming_going_and_failing_are_in_the_record(
    app: APIFlask, client: FlaskClient, world: World
) -> None:
    """By id, also where there is no such account: the record names nobody who guessed an address."""
    for email in (world.cast.ada.email, "nobody@nightbell.example"):
        post(client, "/login", {"email": email, "password": "not the right one"}, page="/login")
    sign_in(client, world.cast.ada)
    post(client, "/logout", {}, page="/me")
    kinds = ("sign_in_failed", "signed_in", "signed_out")
    events = db.session.scalars(sa.select(Event).where(Event.kind.in_(kinds)).order_by(Event.id)).all()
    ada = world.cast.ada.id
    assert [(event.kind, event.subject_id) for event in events] == [
        ("sign_in_failed", ada), ("sign_in_failed", 0), ("signed_in", ada), ("signed_out", ada),
    ]  # fmt: skip
    assert "nobody@" not in visit(app, world.cast.root, "/audit").text


FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "＋1", "－1", "＠x", " =1", "\n=1"]


@pytest.mark.parametrize("cell", FORMULAS)
def test_SEC25_no_cell_is_a_formula(cell: str) -> None:
    (_, row) = csv.reader(io.StringIO(as_csv(["a"], [[cell]]), newline=""))
    assert row == [f"'{cell}"]


def test_SEC25_plain_cells_and_our_numbers_stay_what_they_are() -> None:
    rows = list(csv.reader(io.StringIO(as_csv(["a", "b"], [["Ada, Ben", -3], [None, 'say "hi"']]), newline="")))
    assert rows == [["a", "b"], ["Ada, Ben", "-3"], ["", 'say "hi"']]


def test_SEC25_the_downloaded_record_has_no_formula_in_any_cell(
    app: APIFlask, client: FlaskClient, world: World
) -> None:
    root = Api(client, world.cast.root)
    for name in ("=HYPERLINK(1)", "@x", "+y"):
        root.make("/teams", {"name": name})
    answer = visit(app, world.cast.root, "/audit.csv")
    assert answer.mimetype == "text/csv"
    rows = list(csv.reader(io.StringIO(answer.get_data(as_text=True), newline="")))
    assert len(rows) > 3
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
