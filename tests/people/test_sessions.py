"""A session is a row: idle for 30 days or 90 days old it is over, and it can be ended from anywhere."""

from datetime import timedelta

from apiflask import APIFlask

from app.database import db
from app.people import sessions
from app.people.models import Session
from tests.support.cast import make_user
from tests.support.clock import TestClock


def test_SEC10_the_cookie_finds_the_session_and_the_row_cannot_be_used(app: APIFlask, clock: TestClock) -> None:
    ada = make_user("Ada")
    session, token = sessions.start(ada, device="Firefox on Linux", at=clock())
    assert len(token) >= 43
    assert sessions.find(token, at=clock()) is session
    assert sessions.find(session.token_hash, at=clock()) is None
    assert sessions.find("", at=clock()) is None


def test_SEC10_each_sign_in_has_a_token_of_its_own(app: APIFlask, clock: TestClock) -> None:
    ada = make_user("Ada")
    assert len({sessions.start(ada, device="x", at=clock())[1] for _ in range(3)}) == 3


def test_SEC10_thirty_idle_days_end_it(app: APIFlask, clock: TestClock) -> None:
    session, token = sessions.start(make_user("Ada"), device="x", at=clock())
    assert sessions.find(token, at=clock.advance(days=29, hours=23)) is not None
    sessions.note_use(session, at=clock())
    assert sessions.find(token, at=clock.advance(days=29)) is not None
    assert sessions.find(token, at=clock.advance(days=1)) is None


def test_SEC10_ninety_days_end_it_however_often_it_is_used(app: APIFlask, clock: TestClock) -> None:
    session, token = sessions.start(make_user("Ada"), device="x", at=clock())
    for _ in range(89):
        sessions.note_use(session, at=clock.advance(days=1))
    assert sessions.find(token, at=clock()) is not None
    assert sessions.find(token, at=clock.advance(days=1)) is None


def test_SEC17_a_person_who_left_is_signed_out_at_once(app: APIFlask, clock: TestClock) -> None:
    ada = make_user("Ada")
    _, token = sessions.start(ada, device="x", at=clock())
    ada.is_active = False
    db.session.flush()
    assert sessions.find(token, at=clock()) is None


def test_a_person_ends_one_or_all_others(app: APIFlask, clock: TestClock) -> None:
    ada, ben = make_user("Ada"), make_user("Ben")
    phone, phone_token = sessions.start(ada, device="phone", at=clock())
    clock.advance(minutes=1)
    laptop, laptop_token = sessions.start(ada, device="laptop", at=clock())
    _, bens = sessions.start(ben, device="phone", at=clock())
    assert sessions.of(ada, at=clock()) == [laptop, phone]
    assert sessions.end_all(ada, but=phone) == 1
    assert sessions.find(laptop_token, at=clock()) is None
    assert sessions.find(phone_token, at=clock()) is phone
    sessions.end(phone)
    assert sessions.find(phone_token, at=clock()) is None
    assert sessions.find(bens, at=clock()) is not None


def test_rows_that_can_never_be_used_again_are_removed(app: APIFlask, clock: TestClock) -> None:
    sessions.start(make_user("Ada"), device="x", at=clock())
    sessions.forget_the_dead(at=clock() + sessions.IDLE - timedelta(seconds=1))
    assert db.session.scalar(db.select(db.func.count()).select_from(Session)) == 1
    sessions.forget_the_dead(at=clock() + sessions.IDLE)
    assert db.session.scalar(db.select(db.func.count()).select_from(Session)) == 0
