"""Open screens of an incident: one question for all of them, and none for whoever may no longer look."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

import pytest
import sqlalchemy as sa
from apiflask import APIFlask
from flask.testing import FlaskClient

from app import clock
from app.database import db, transaction
from app.domain.timeline import Kind, Subject
from app.domain.words import Role
from app.incidents import queries
from app.incidents.models import Incident
from app.people.models import Session, User
from app.timeline.models import Event
from app.web import incident_watch
from app.web.incident_watch import CLOSED_AFTER, HELD_FOR, LET_IN_FOR
from tests.support.world import World
from tests.web.conftest import SeenBy

VERSION, PART = "/incidents/1/version", "/incidents/1/live/part"


@contextmanager
def asked() -> Iterator[list[str]]:
    """What the database is asked meanwhile, by any thread of this process."""
    said: list[str] = []

    def hear(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement != "BEGIN":
            said.append(statement)

    sa.event.listen(db.engine, "before_cursor_execute", hear)
    try:
        yield said
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", hear)


def later(world: World) -> None:
    """By more than an answer is held."""
    world.clock.advance(seconds=2 * HELD_FOR)


def opened(*clients: FlaskClient) -> None:
    for client in clients:
        assert client.get(PART).status_code == 200


def restrict() -> None:
    with transaction():
        incident = queries.locked(1)
        assert incident is not None
        incident.is_restricted = True


def note(number: int) -> None:
    """An entry of this number, on an alert of the incident."""
    said = {"at": clock.now(), "kind": str(Kind.NOTED), "data": {"text": "The bank is down."}}
    with transaction():
        db.session.add(Event(id=number, subject_kind=str(Subject.ALERT), subject_id=1, **said))


def test_however_many_screens_are_open_the_database_is_asked_once_for_all(
    declared: World, seen_by: SeenBy
) -> None:
    cast = declared.cast
    screens = [seen_by(who) for who in (cast.eli, cast.dan, cast.ben, cast.ada)]
    opened(*screens)
    later(declared)
    with asked() as first:
        screens[0].get(VERSION)
    assert first
    with asked() as rest:
        answers = [screen.get(path).status_code for screen in screens for path in (VERSION, PART)]
    assert (rest, set(answers)) == ([], {200, 204})
    later(declared)
    with asked() as again:
        screens[-1].get(VERSION)
    assert len(again) == len(first)  # not more with more screens


def test_of_many_who_look_at_once_one_asks(declared: World, seen_by: SeenBy, app: APIFlask) -> None:
    screens = [seen_by(declared.cast.eli) for _ in range(6)]
    opened(*screens)
    later(declared)
    with asked() as one:
        screens[0].get(VERSION)
    later(declared)
    start = threading.Barrier(len(screens))

    def look(screen: FlaskClient) -> int:
        start.wait()
        return screen.get(VERSION).status_code

    with asked() as said, ThreadPoolExecutor(len(screens)) as pool:
        assert set(pool.map(look, screens)) == {204}
    assert len(said) == len(one)


def test_a_change_of_another_process_is_seen_when_the_answer_has_been_held(
    declared: World, seen_by: SeenBy, database_url: str
) -> None:
    screen = seen_by(declared.cast.eli)
    opened(screen)
    tag = {"If-None-Match": screen.get(VERSION).headers["ETag"]}
    other = sa.create_engine(database_url)
    with other.begin() as connection:
        changed = {"updated_at": clock.now() + timedelta(seconds=1), "impact": "Nobody can pay"}
        connection.execute(sa.update(Incident.__table__).values(changed))  # type: ignore[arg-type]
    other.dispose()
    assert screen.get(VERSION, headers=tag).status_code == 304
    later(declared)
    db.session.rollback()  # this test's requests share a session, which would read on as of the last
    assert screen.get(VERSION, headers=tag).status_code == 204
    assert "Nobody can pay" in screen.get(PART).text


def test_an_entry_that_is_there_later_than_a_higher_one_is_a_change(declared: World, seen_by: SeenBy) -> None:
    """On PostgreSQL of two that are written at once the lower number may be committed last."""
    screen = seen_by(declared.cast.eli)
    newest = db.session.scalars(sa.select(sa.func.max(Event.id))).one()
    note(newest + 2)
    opened(screen)
    tag = {"If-None-Match": screen.get(VERSION).headers["ETag"]}
    note(newest + 1)
    later(declared)
    assert screen.get(VERSION, headers=tag).status_code == 204


def test_a_screen_that_was_closed_is_forgotten(declared: World, seen_by: SeenBy, app: APIFlask) -> None:
    closed, stays = seen_by(declared.cast.eli), seen_by(declared.cast.dan)
    opened(closed, stays)
    known = app.extensions["incident_watch"].guests
    for _ in range(3):
        declared.clock.advance(seconds=CLOSED_AFTER / 2)
        stays.get(VERSION)
    assert len(known) == 1
    assert app.extensions["incident_watch"].held.roles.keys() == {token for token, _ in known}
    opened(closed)  # it is let in again as anybody
    assert len(known) == 2


@pytest.mark.parametrize("how", ["leaves", "is locked", "signs out", "has another role"])
def test_whoever_loses_the_right_to_look_hears_nothing_more(
    declared: World, seen_by: SeenBy, how: str, app: APIFlask
) -> None:
    screen = seen_by(declared.cast.eli)
    opened(screen)
    later(declared)
    assert screen.get(VERSION).status_code == 204
    with transaction():
        eli = db.session.get_one(User, declared.cast.eli.id)
        if how == "leaves":
            eli.is_active = False
        elif how == "is locked":
            eli.locked_at = clock.now()
        elif how == "signs out":
            db.session.execute(sa.delete(Session).where(Session.user_id == eli.id))
        else:
            eli.role = Role.RESPONDER
    later(declared)
    with asked() as said:
        answers = [screen.get(path).status_code for path in (PART, VERSION)]
    if how == "has another role":  # and is asked for all rights again
        assert any("FROM incident_alert" in each or "FROM alert" in each for each in said)
        assert answers == [200, 204]
    else:
        assert answers == [303, 303]


def test_who_was_let_in_is_asked_for_all_rights_again_after_a_minute(
    declared: World, seen_by: SeenBy, app: APIFlask
) -> None:
    screen = seen_by(declared.cast.eli)
    opened(screen)
    with transaction():
        session = db.session.scalars(sa.select(Session).where(Session.user_id == declared.cast.eli.id)).one()
        session.expires_at = clock.now()
    for _ in range(int(LET_IN_FOR)):  # a session's end by time is found with the rest
        declared.clock.advance(seconds=1)
        assert screen.get(VERSION).status_code == 204
    declared.clock.advance(seconds=1)
    assert screen.get(VERSION).status_code == 303


def test_an_incident_that_is_restricted_leaves_the_screens_of_the_others(
    declared: World, seen_by: SeenBy, app: APIFlask
) -> None:
    eli, ada = seen_by(declared.cast.eli), seen_by(declared.cast.ada)
    opened(eli, ada)
    restrict()
    later(declared)
    for _ in range(2):
        assert (eli.get(PART).status_code, eli.get(VERSION).status_code) == (404, 404)
        assert ada.get(VERSION).status_code == 204  # what one browser may know opens it to no other
    assert app.test_client().get(VERSION).status_code == 303


def test_who_may_not_see_it_hears_of_no_version(declared: World, seen_by: SeenBy, app: APIFlask) -> None:
    restrict()
    assert seen_by(declared.cast.eli).get(VERSION).status_code == 404
    assert seen_by(declared.cast.ada).get(VERSION).status_code == 204
    assert len(app.extensions["incident_watch"].guests) == 1


def test_a_question_that_does_not_come_back_holds_nobody_for_long(
    declared: World, seen_by: SeenBy, app: APIFlask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(incident_watch, "WAITS_FOR", 0.01)
    screen = seen_by(declared.cast.eli)
    with app.extensions["incident_watch"].asking:
        assert screen.get(VERSION).status_code == 503
    assert screen.get(VERSION).status_code == 204
