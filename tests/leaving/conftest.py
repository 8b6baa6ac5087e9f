"""Ada holds one of everything: turns, hours, steps, a team, a service, an alert, an incident."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from apiflask import APIFlask

from app.alerts import queries
from app.database import db, transaction
from app.domain.words import Severity
from app.incidents.promote import promote
from app.oncall import override, policies, schedules
from app.oncall.models import EscalationPolicy
from app.people import change_team
from app.people.models import Team, User
from tests.support.clock import TestClock
from tests.support.world import World

WEEKLY = {"unit": "week", "length": 1, "start": "2026-03-02T09:00"}


@dataclass
class House:
    world: World
    schedule_id: int

    def user(self, name: str) -> User:
        return db.session.get_one(User, getattr(self.world.cast, name).id)


@pytest.fixture
def world(app: APIFlask, clock: TestClock) -> World:
    return World(clock)


@pytest.fixture
def house(world: World) -> House:
    """Ada (and Ben after her) on call, covering for Ben, step 1 and last resort, manager, owner, busy."""
    cast, at = world.cast, world.now
    with transaction():
        root, ada = db.session.merge(cast.root), db.session.merge(cast.ada)
        both = [[str(cast.ada.id)], [str(cast.ben.id)]]
        layers: list[Any] = [
            {"name": "All day", "rotation": WEEKLY | {"participants": both}},
            {"name": "Ada alone", "priority": 1, "rotation": WEEKLY | {"participants": [[str(cast.ada.id)]]},
             "restrictions": [{"weekdays": ["sat"], "start": "09:00", "end": "17:00"}]},
        ]  # fmt: skip
        schedule = schedules.create(
            name="Payments nights", team_id=cast.payments.id, time_zone="UTC", layers=layers, by=root, at=at
        )
        override.add(
            schedule_id=schedule.id, start=at + timedelta(days=9), end=at + timedelta(days=10), user_id=ada.id,
            replaces_user_id=cast.ben.id, by=root, at=at,
        )  # fmt: skip
        policy = db.session.get_one(EscalationPolicy, cast.policy.id)
        policies.replace(
            policy, version=policy.version, name=policy.name, team_id=policy.team_id, steps=policy.steps,
            last_resort_user_id=ada.id, by=root, at=at,
        )  # fmt: skip
        change_team.set_manager(db.session.get_one(Team, cast.search.id), ada, by=root, at=at)
        db.session.merge(cast.checkout).owner_id = ada.id
        number = schedule.id
    world.fire("Checkout errors at 14 %", key="a", severity=Severity.CRITICAL)
    world.tick()
    world.acknowledge(cast.ada)
    with transaction():
        alert = queries.locked(1)
        assert alert is not None
        promote(alert, by=db.session.merge(cast.ada), at=at)
    return House(world, number)
