"""INV-2, INV-4, INV-5 hold after every act of a random story; the database refuses what breaks them."""

import random
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from app.alerts import queries
from app.alerts.acknowledge import unacknowledge
from app.alerts.escalate import escalate_now
from app.alerts.models import Alert, Escalation
from app.alerts.reassign import reassign
from app.alerts.resolve import reopen, resolve
from app.alerts.snooze import snooze
from app.database import db, transaction
from app.domain.alert import Said
from app.domain.lifecycle import InvalidTransition
from app.domain.words import EscalationState
from app.paging.models import Page
from app.people.models import User
from tests.support.world import World

TIMERLESS = """
    SELECT alert.id FROM alert LEFT JOIN escalation ON escalation.alert_id = alert.id
    WHERE escalation.id IS NULL
       OR (alert.status = 'triggered' AND escalation.state = 'stopped')
       OR (alert.status <> 'triggered' AND escalation.next_due_at IS NOT NULL)
       OR escalation.run <> alert.run
"""
STUCK = """
    SELECT page.id FROM page WHERE status = 'queued' AND NOT EXISTS
    (SELECT 1 FROM delivery WHERE page_id = page.id AND next_attempt_at IS NOT NULL)
"""
DOUBLED = """
    SELECT subject_id FROM page WHERE kind = 'page'
    GROUP BY subject_id, run, round, step, reminder, user_id HAVING count(*) > 1
"""
AFTER_ACK = """
    SELECT page.id FROM page JOIN alert ON alert.id = page.subject_id
    WHERE page.kind = 'page' AND page.run = alert.run AND page.created_at > alert.acknowledged_at
"""


def broken() -> dict[str, list[int]]:
    """Which rows break which promise; all empty is well."""
    db.session.rollback()
    looks = {"INV-2": TIMERLESS, "INV-4": DOUBLED, "INV-5": STUCK, "INV-9": AFTER_ACK}
    return {name: ids for name, query in looks.items() if (ids := list(db.session.scalars(sa.text(query))))}


@pytest.mark.parametrize("seed", range(6))
def test_INV2_INV4_INV5_hold_after_every_act_of_a_random_story(world: World, seed: int) -> None:
    chance = random.Random(seed)
    people = [world.cast.ada, world.cast.ben, world.cast.mara]

    def on_some_alert(act: Callable[[Alert, User], None]) -> None:
        numbers = db.session.scalars(sa.select(Alert.id).order_by(Alert.id)).all()
        try:
            with transaction():
                alert = queries.locked(chance.choice(numbers))
                assert alert is not None
                act(alert, db.session.merge(chance.choice(people)))
        except InvalidTransition:
            pass  # refused in words, and nothing has changed: that is checked below

    acts: list[Callable[[], object]] = [
        lambda: world.fire(key=chance.choice("abc")),
        lambda: world.fire(key=chance.choice("abc"), status=Said.RESOLVED),
        lambda: world.acknowledge(
            chance.choice(people), db.session.scalar(sa.select(sa.func.max(Alert.id))) or 1
        ),
        lambda: on_some_alert(lambda alert, who: unacknowledge(alert, by=who, at=world.now)),
        lambda: on_some_alert(
            lambda a, who: snooze(a, until=world.now + timedelta(minutes=9), by=who, at=world.now)
        ),
        lambda: on_some_alert(lambda alert, who: escalate_now(alert, by=who, at=world.now)),
        lambda: on_some_alert(lambda alert, who: reassign(alert, to=who, by=who, at=world.now)),
        lambda: on_some_alert(lambda alert, who: resolve(alert, by=who, at=world.now)),
        lambda: on_some_alert(lambda alert, who: reopen(alert, by=who, at=world.now)),
        lambda: world.forward(minutes=chance.randint(1, 6)),
        world.tick,
    ]
    world.fire(key="a")
    for number in range(30):
        chance.choice(acts)()
        world.clock.advance(seconds=1)
        assert broken() == {}, f"seed {seed}, act {number}"


def test_INV2_the_database_refuses_a_running_escalation_without_a_timer(world: World) -> None:
    world.fire()
    for state, due in ((EscalationState.RUNNING, None), (EscalationState.DONE, world.now)):
        with pytest.raises(IntegrityError), transaction():
            db.session.execute(sa.update(Escalation).values(state=state, next_due_at=due))


def test_INV4_the_database_refuses_a_second_page_of_the_same_place(world: World) -> None:
    world.fire()
    world.tick()
    first = db.session.scalars(sa.select(Page)).one()
    same = {
        column.name: getattr(first, column.name) for column in Page.__table__.columns if column.name != "id"
    }
    with pytest.raises(IntegrityError), transaction():
        db.session.execute(sa.insert(Page).values(same))
