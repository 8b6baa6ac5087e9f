"""D11: who comes on is asked, reminded once, and then the outgoing person; coverage never waits for the tap."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from app import clock as app_clock
from app.database import db, transaction
from app.domain.lifecycle import InvalidTransition
from app.domain.notice import NoticeEvent
from app.domain.timeline import Subject
from app.domain.words import PageKind, Urgency
from app.engine import jobs
from app.notices.models import Notice
from app.oncall import handoff, override, remove
from app.oncall.models import Handoff
from app.paging.models import Page
from app.people.models import User
from tests.support.clock import TestClock
from tests.support.oncall import utc
from tests.support.rota import Rota

AT = utc("2026-11-02 15:00")  # Mon 09:00 in Chicago: Ana hands over to Bo


@pytest.fixture
def known(rota: Rota, clock: TestClock) -> Rota:
    run(clock, 0, moment="2026-11-02 10:00")
    run(clock, 0, moment="2026-11-02 10:01")
    return rota


def run(clock: TestClock, minutes: int, *, moment: str = "") -> int:
    """The engine looks, at `moment` or `minutes` after the handoff."""
    clock.moment = utc(moment) if moment else AT + timedelta(minutes=minutes)
    db.session.rollback()
    jobs.tell_of_shifts()
    return jobs.hand_over()


def row() -> Handoff:
    return db.session.scalars(sa.select(Handoff)).one()


def rung(user: User) -> list[str]:
    pages = sa.select(Page).where(Page.user_id == user.id, Page.subject_kind == Subject.HANDOFF)
    found = db.session.scalars(pages.order_by(Page.id)).all()
    assert all(page.kind is PageKind.NOTICE and page.urgency is Urgency.HIGH for page in found)
    return [page.title for page in found]


def told(user: User) -> list[str]:
    rows = sa.select(Notice.title).where(Notice.user_id == user.id, Notice.event == NoticeEvent.HANDOFF)
    return list(db.session.scalars(rows.order_by(Notice.id)))


def test_D11_it_is_foreseen_and_asks_a_quarter_of_an_hour_before(known: Rota, clock: TestClock) -> None:
    assert (row().at, row().incoming_id, row().outgoing_id) == (AT, known.bo.id, known.ana.id)
    assert run(clock, -16) == 0
    assert run(clock, -15) == 1
    assert run(clock, -14) == 0
    assert rung(known.bo) == ["You are on call from Mon 2 Nov, 09:00 CST"]


def test_D11_unconfirmed_one_reminder_then_the_outgoing_person_and_coverage_goes_on(
    known: Rota, clock: TestClock
) -> None:
    asked = [run(clock, minute) for minute in (-15, 0, 1, 9, 10, 11, 40, 120)]
    assert asked == [1, 1, 0, 0, 1, 0, 0, 0]
    assert rung(known.bo) == [
        "You are on call from Mon 2 Nov, 09:00 CST", "You are on call since Mon 2 Nov, 09:00 CST",
    ]  # fmt: skip
    assert told(known.ana) == ["Bo has not confirmed: stay?"]
    assert known.on_call(AT + timedelta(minutes=5)) == "Bo"
    with transaction():
        handoff.stay(row(), by=known.ana, at=app_clock.now())
        handoff.stay(row(), by=known.ana, at=app_clock.now())
    assert told(known.bo) == ["Ana stays beside you: Payments primary"]
    assert known.on_call(app_clock.now()) == "Bo"


def test_D11_i_have_it_ends_the_asking_and_tells_the_other_once(known: Rota, clock: TestClock) -> None:
    run(clock, -15)
    for _ in range(2):
        with transaction():
            handoff.confirm(row(), by=known.bo, at=app_clock.now())
    assert [run(clock, minute) for minute in (0, 10, 20)] == [0, 0, 0]
    assert told(known.ana) == ["Bo has it: Payments primary"]
    with transaction(), pytest.raises(InvalidTransition):
        handoff.stay(row(), by=known.ana, at=app_clock.now())


@pytest.mark.parametrize("name", ["ana", "cy", "mara"])
def test_D11_nobody_else_can_say_it(known: Rota, name: str) -> None:
    with transaction(), pytest.raises(handoff.NotYours, match="Only Bo can say so"):
        handoff.confirm(row(), by=getattr(known, name), at=app_clock.now())
    assert row().confirmed_at is None


def test_D11_a_note_of_the_outgoing_person_stays_when_somebody_else_comes_on(
    known: Rota, clock: TestClock
) -> None:
    with transaction():
        handoff.write_note(row(), "Replica lags at noon.", by=known.ana, at=app_clock.now())
        with pytest.raises(handoff.NotYours):
            handoff.write_note(row(), "Mine.", by=known.bo, at=app_clock.now())
    with transaction():
        override.add(
            schedule_id=known.schedule.id, start=AT, end=AT + timedelta(days=1), user_id=known.cy.id,
            replaces_user_id=known.bo.id, by=known.mara, at=app_clock.now(),
        )  # fmt: skip
    run(clock, -100)
    run(clock, -99)
    assert (row().incoming_id, row().note) == (known.cy.id, "Replica lags at noon.")
    run(clock, -15)
    assert (rung(known.bo), len(rung(known.cy))) == ([], 1)


def test_an_engine_that_was_away_for_hours_asks_nobody(known: Rota, clock: TestClock) -> None:
    assert run(clock, 61) == 0
    assert rung(known.bo) == []


def test_a_schedule_goes_with_its_handoffs(known: Rota) -> None:
    with transaction():
        remove.remove_schedule(known.schedule, by=known.mara, at=app_clock.now())
    assert db.session.scalars(sa.select(Handoff)).all() == []
