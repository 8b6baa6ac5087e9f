"""F-12: one key fires all it can. Its own people get a message in ten seconds, everybody else what is theirs.

How long it takes on a clock is a figure: `bin/bench storm`.
"""

import re
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from apiflask import APIFlask

from app import clock as app_clock
from app.alerts.models import Integration
from app.alerts.receive import receive
from app.database import db, transaction
from app.domain.alert import IncomingAlert
from app.domain.words import Severity
from tests.fault.town import Town, town_on
from tests.support.cast import make_integration, make_policy, make_service, make_team, make_user
from tests.support.clock import TestClock
from tests.support.lane import IS_FULL

ALERTS, LASTS, GAP = 10_000 if IS_FULL else 600, 60, 10  # seconds
EVERY = 5  # seconds between two looks
OF_ANOTHER_TEAM = 3  # looks between two alerts of the other team

pytestmark = pytest.mark.fault


@pytest.fixture
def kind() -> str:
    """Once: what is held against here is the same on every kind of engine."""
    return "sqlite"


@pytest.fixture
def town(app: APIFlask, clock: TestClock) -> Iterator[Town]:
    with town_on(app, clock, push_gap=GAP) as town:
        yield town


@pytest.fixture
def door(town: Town) -> Integration:
    """Of another team, whose alerts ring Dora."""
    with transaction():
        dora = make_user("Dora")
        town.give_phone(dora)
        team = make_team("Neighbours", dora)
        return make_integration(make_service("neighbour-api", team, make_policy(team, (600, [dora]))))


def test_F12_SEC38_a_storm_rings_one_phone_once_in_ten_seconds_and_keeps_nobody_else_waiting(
    town: Town, door: Integration
) -> None:
    looks = LASTS // EVERY
    for look in range(looks):
        town.fire(ALERTS // looks, name=f"storm {look}")
        if look % OF_ANOTHER_TEAM == 0:
            _fire(door, f"neighbour {look}")
        town.pass_time(EVERY)
        assert len(town.rung("Dora")) == look // OF_ANOTHER_TEAM + 1, f"not by {look * EVERY} s"
    town.pass_time(GAP + EVERY)
    assert LASTS // GAP <= len(town.rung("Ada")) <= LASTS // GAP + 2
    rings = town.phones["Ada"].log
    counted = [re.search(r": (\d+) alerts", ring.message["notification"]["title"]) for ring in rings]
    assert sum(int(said[1]) if said else 1 for said in counted) == ALERTS // looks * looks, (
        "each is in one of them"
    )
    db.session.rollback()
    unsent = sa.text("SELECT count(*) FROM page WHERE status = 'queued'")
    assert db.session.scalar(unsent) == 0, "each went along with one of those messages"


def _fire(door: Integration, title: str) -> None:
    with transaction():
        report = IncomingAlert(title, title, severity=Severity.CRITICAL)
        receive(report, db.session.merge(door), at=app_clock.now())
