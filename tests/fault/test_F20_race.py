"""F-20: approvals, overrides, take-overs and handoffs at the same instant. One wins, the answer stays whole."""

import random
import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from apiflask import APIFlask

from app import clock as app_clock
from app.database import db, transaction
from app.domain.interval import Interval, subtract
from app.domain.lifecycle import InvalidTransition
from app.domain.swap import AlreadyTaken, NothingToCover
from app.domain.words import SwapState
from app.oncall import override, queries, swap
from app.oncall.models import Override, Schedule, Swap
from app.oncall.record_shifts import record_past
from app.oncall.swap_answer import accept, approve
from app.people.models import User
from tests.support.clock import TestClock
from tests.support.lane import IS_FULL
from tests.support.rota import NIGHT_END, NIGHT_START, Rota

pytestmark = pytest.mark.fault

# five hundred rounds together, five thousand in bin/fault
LANE = 10 if IS_FULL else 1
APPROVING, MIXED, ACCEPTING = 200 * LANE, 240 * LANE, 60 * LANE


class Race:
    """Two hands that act in the same instant, round after round, each in a thread of its own."""

    def __init__(self, app: APIFlask, clock: TestClock) -> None:
        self.app, self.clock, self.meet = app, clock, threading.Barrier(2)

    def together(self, *acts: Callable[[], None]) -> list[BaseException]:
        """Let both go at once; the refusals, anything else is raised."""
        refused: list[BaseException] = []

        def run(act: Callable[[], None]) -> None:
            with self.app.app_context():
                self.meet.wait(timeout=30)
                try:
                    with transaction():
                        act()
                except BaseException as error:
                    refused.append(error)
                finally:
                    db.session.remove()

        threads = [threading.Thread(target=run, args=(act,)) for act in acts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)
        assert not any(thread.is_alive() for thread in threads), (
            "a hand that still acts has refused nothing yet"
        )
        db.session.rollback()
        for error in refused:
            if not isinstance(error, InvalidTransition):
                raise error
        return refused


@pytest.fixture
def race(app: APIFlask, clock: TestClock) -> Race:
    return Race(app, clock)


def the(model: type[Any], row_id: int) -> Any:
    row = db.session.get(model, row_id)
    assert row is not None
    return row


def accepts(swap_id: int, user_id: int) -> None:
    accept(the(Swap, swap_id), by=the(User, user_id), at=app_clock.now())


def test_F20_two_accept_in_the_same_second_and_one_of_them_has_it(race: Race, clock: TestClock) -> None:
    rota = Rota(clock)
    people = (rota.bo.id, rota.cy.id)
    for _ in range(ACCEPTING):
        asked = rota.ask().id
        refused = race.together(*(partial(accepts, asked, who) for who in people))
        row = the(Swap, asked)
        assert [type(error) for error in refused] == [AlreadyTaken]
        assert row.taker_id in people
        assert str(refused[0]).startswith(f"Already taken by {row.taker.name}")
        assert rota.on_call(NIGHT_START) == row.taker.name
        rota.do(swap.cancel, row, rota.mara)
    assert db.session.query(Override).count() == 0


def test_F20_INV13_of_two_approvals_for_the_same_hours_one_wins(race: Race, clock: TestClock) -> None:
    rota = Rota(clock, needs_approval=True)
    mara = rota.mara.id
    first, second = rota.ask(), rota.ask(start=NIGHT_START + timedelta(hours=1))
    rota.do(accept, first, rota.bo)
    rota.do(accept, second, rota.cy)
    ids, wins = (first.id, second.id), {first.id: 0, second.id: 0}
    for _ in range(APPROVING):
        refused = race.together(
            *(lambda row=row: approve(the(Swap, row), by=the(User, mara), at=app_clock.now()) for row in ids)
        )
        assert [type(error) for error in refused] == [NothingToCover]
        won = db.session.scalars(sa.select(Swap.id).where(Swap.state == SwapState.APPROVED)).one()
        wins[won] += 1
        assert db.session.scalars(sa.select(Override.swap_id)).one() == won
        with transaction():  # as if it had not happened, for the next round
            db.session.execute(sa.delete(Override))
            db.session.execute(
                sa.update(Swap).values(state=SwapState.ACCEPTED, approved_at=None, approved_by_id=None)
            )
    assert sum(wins.values()) == APPROVING


def test_F20_an_approval_an_override_and_a_handoff_leave_one_whole_answer(race: Race, clock: TestClock) -> None:
    """A swap counts from its start while somebody else is put in the owner's place and the book is kept."""
    rota = Rota(clock, needs_approval=True)
    asked = rota.ask()
    rota.do(accept, asked, rota.bo)
    swap_id, schedule_id, mara, ana, cy = asked.id, rota.schedule.id, rota.mara.id, rota.ana.id, rota.cy.id
    chance = random.Random(20)

    def approves() -> None:
        approve(the(Swap, swap_id), by=the(User, mara), at=app_clock.now())

    def overrides() -> None:
        override.add(
            schedule_id=schedule_id, start=NIGHT_START, end=NIGHT_END, user_id=cy, replaces_user_id=ana,
            by=the(User, mara), at=app_clock.now(),
        )  # fmt: skip

    def keeps_the_book() -> None:
        record_past(at=app_clock.now(), schedule_ids=[schedule_id])

    for number in range(MIXED):
        if number % 10 == 0:
            clock.advance(seconds=20)
        refused = race.together(*chance.sample([approves, overrides, keeps_the_book], 2))
        assert all(isinstance(error, NothingToCover) for error in refused)
        rows = db.session.scalars(sa.select(Override).order_by(Override.created_at, Override.id)).all()
        expected = "Ana" if not rows else {rota.bo.id: "Bo", cy: "Cy"}[rows[-1].user_id or 0]
        assert rota.on_call(NIGHT_START) == expected
        held, gaps = queries.shifts(schedule_id, NIGHT_START - timedelta(days=2), NIGHT_END + timedelta(days=2))
        whole = [Interval(NIGHT_START - timedelta(days=2), NIGHT_END + timedelta(days=2))]
        assert gaps == ()
        assert subtract(whole, [Interval(each.start, each.end) for each in held]) == ()
        assert all(len(each.people) == 1 for each in held)
        with transaction():
            db.session.execute(sa.delete(Override))
            db.session.execute(sa.update(Swap).values(state=SwapState.ACCEPTED, approved_at=None))
    assert db.session.get(Schedule, schedule_id) is not None
