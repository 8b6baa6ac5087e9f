"""F-19: an acknowledgement and the next step at the same instant, from two threads. The first wins ties."""

import threading
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from apiflask import APIFlask

from app import clock as app_clock
from app.alerts import escalate, queries
from app.alerts.acknowledge import acknowledge
from app.alerts.models import Escalation
from app.database import db, transaction
from app.people.models import User
from tests.support.clock import TestClock
from tests.support.lane import IS_FULL
from tests.support.world import World

pytestmark = pytest.mark.fault

ROUNDS = 10_000 if IS_FULL else 500


def test_F19_INV9_after_an_acknowledgement_no_later_page_exists(app: APIFlask, clock: TestClock) -> None:
    world = World(clock)
    ada_id = world.cast.ada.id
    meet = threading.Barrier(2)
    faults: list[BaseException] = []

    def in_a_thread(act: Callable[[int], None]) -> threading.Thread:
        def run() -> None:
            try:
                with app.app_context():
                    for alert_id in range(1, ROUNDS + 1):
                        meet.wait(timeout=60)
                        act(alert_id)
                    db.session.remove()
            except BaseException as fault:
                faults.append(fault)
                meet.abort()

        return threading.Thread(target=run)

    def take(alert_id: int) -> None:
        with transaction():
            alert, ada = queries.locked(alert_id), db.session.get(User, ada_id)
            assert alert is not None
            assert ada is not None
            acknowledge(alert, by=ada, at=app_clock.now())

    def step(alert_id: int) -> None:
        with transaction():  # as the engine does: what somebody else holds is left for its next round
            due = escalate.free([alert_id], at=app_clock.now())
            escalate.advance_all(due, at=app_clock.now())

    for number in range(ROUNDS):
        world.fire(key=f"race {number}")
    with app_clock.fixed(app_clock.host):
        with transaction():
            db.session.execute(sa.update(Escalation).values(next_due_at=app_clock.now()))
        threads = [in_a_thread(take), in_a_thread(step)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert faults == []
    db.session.rollback()
    late = db.session.scalar(
        sa.text(
            "SELECT count(*) FROM page JOIN alert ON alert.id = page.subject_id"
            " WHERE page.kind = 'page' AND page.created_at > alert.acknowledged_at"
        )
    )
    timers = db.session.scalar(sa.text("SELECT count(*) FROM escalation WHERE next_due_at IS NOT NULL"))
    waiting = db.session.scalar(
        sa.text(
            "SELECT count(*) FROM delivery JOIN page ON page.id = delivery.page_id"
            " WHERE page.kind = 'page' AND next_attempt_at IS NOT NULL"
        )
    )
    acknowledged = db.session.scalar(sa.text("SELECT count(*) FROM alert WHERE status = 'acknowledged'"))
    assert (late, timers, waiting, acknowledged) == (0, 0, 0, ROUNDS)
