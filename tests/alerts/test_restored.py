"""INV-26: yesterday's backup pages nobody for what was due yesterday."""

from apiflask import APIFlask

from app.alerts import escalate, queries, restored
from app.database import db, transaction
from app.domain.words import EscalationState, PageKind
from app.paging.models import Page
from tests.support.clock import TestClock
from tests.support.world import World


def test_INV26_what_was_due_long_ago_is_held_and_administrators_are_told_once(
    app: APIFlask, clock: TestClock
) -> None:
    world = World(clock)
    old = world.fire(key="old").alert_id
    clock.advance(minutes=20)
    fresh = world.fire(key="fresh").alert_id
    with transaction():
        assert restored.hold_overdue(at=clock()) == 1
    with transaction():
        assert escalate.due(clock()) == [fresh]
    told = db.session.query(Page).filter_by(kind=PageKind.NOTICE).all()
    assert [(page.user.name, page.title) for page in told] == [
        ("Root", "Restored from a backup: 1 alert needs review")
    ]
    assert old is not None
    with transaction():
        alert = queries.locked(old)
        assert alert is not None
        assert queries.escalation_of(alert).state is EscalationState.HELD
        escalate.escalate_now(alert, by=world.cast.root, at=clock())
        assert old in escalate.due(clock())
