"""INV-17 with real threads: senders time out and send again, and two senders share a key."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import sqlalchemy as sa
from apiflask import APIFlask

from app import clock
from app.alerts import integrations
from app.alerts.models import OPEN, Alert
from app.alerts.sources.kinds import Kind
from app.database import db, transaction
from app.timeline.models import Event
from tests.support.cast import Cast

SENDERS, ROUNDS = 4, 8
LONG = 25


@pytest.fixture
def routing_key(app: APIFlask) -> str:
    with transaction():
        _, key = integrations.create(
            service=Cast().checkout, name="door", kind=Kind.EVENTS_V2, by=None, at=clock.now()
        )
    return key


def send_at_once(
    app: APIFlask, routing_key: str, actions: list[list[str]], *, one_key: bool = False
) -> list[int]:
    """Each sender sends its actions, round by round, all senders of a round at the same instant."""
    barrier = Barrier(len(actions))

    def sender(mine: list[str]) -> list[int]:
        client = app.test_client()
        statuses = []
        for number, action in enumerate(mine):
            event = {
                "routing_key": routing_key,
                "event_action": action,
                "dedup_key": "always the same" if one_key else f"round {number}",
                "payload": {"summary": "x", "source": "x", "severity": "critical"},
            }
            barrier.wait(timeout=30)
            statuses.append(client.post("/v2/enqueue", json=event).status_code)
        return statuses

    with ThreadPoolExecutor(len(actions)) as senders:
        return [status for statuses in senders.map(sender, actions) for status in statuses]


def test_INV17_the_same_new_key_at_the_same_instant_is_one_open_alert(app: APIFlask, routing_key: str) -> None:
    statuses = send_at_once(app, routing_key, [["trigger"] * ROUNDS] * SENDERS)
    assert set(statuses) == {202}
    db.session.rollback()
    alerts = list(db.session.scalars(sa.select(Alert)))
    assert len(alerts) == ROUNDS
    assert {alert.occurrences for alert in alerts} == {SENDERS}
    kinds = list(db.session.scalars(sa.select(Event.kind).where(Event.subject_kind == "alert")))
    assert kinds.count("triggered") == ROUNDS
    assert kinds.count("repeated") == ROUNDS * (SENDERS - 1)


def test_INV17_triggers_and_resolves_at_the_same_instant_lose_nothing(app: APIFlask, routing_key: str) -> None:
    statuses = send_at_once(
        app, routing_key, [["trigger"] * LONG, ["trigger"] * LONG, ["resolve"] * LONG], one_key=True
    )
    assert set(statuses) == {202}
    db.session.rollback()
    assert len(list(db.session.scalars(sa.select(Alert.id).where(OPEN)))) <= 1
    # Every trigger opened an alert or was counted on one.
    assert db.session.scalar(sa.select(sa.func.sum(Alert.occurrences))) == 2 * LONG
