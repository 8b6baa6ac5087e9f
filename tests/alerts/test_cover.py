"""R28: what nobody acknowledged goes to whoever took the hours; what somebody has stays theirs."""

from typing import Any

import pytest
from apiflask import APIFlask

from app import clock as app_clock
from app.alerts import queries
from app.alerts.snooze import snooze
from app.database import db, transaction
from app.domain.words import PageKind
from app.oncall import schedules, swap
from app.oncall.models import Schedule
from tests.support.cast import make_device
from tests.support.clock import TestClock
from tests.support.oncall import layer_json
from tests.support.world import World


class Covered(World):
    """Step 1 asks the schedule: Ada is on call, Cleo may take it. Step 2 asks Ben by name."""

    def __init__(self, clock: TestClock) -> None:
        super().__init__(clock)
        cast = self.cast
        with transaction():
            make_device(cast.cleo)
            rota = layer_json("2026-11-09T09:00", [[cast.ada.id], [cast.cleo.id]])
            self.schedule: Schedule = schedules.create(
                name="Payments primary", team_id=cast.payments.id, time_zone="Europe/London", layers=[rota],
                by=cast.mara, at=clock(),
            )  # fmt: skip
            steps: list[Any] = [dict(step) for step in cast.policy.steps]
            steps[0] = steps[0] | {"targets": [{"kind": "schedule", "id": str(self.schedule.id)}]}
            db.session.merge(cast.policy).steps = steps

    def cleo_takes_over(self) -> None:
        with transaction():
            swap.take_over(self.schedule, by=db.session.merge(self.cast.cleo), at=app_clock.now())


@pytest.fixture
def world(app: APIFlask, clock: TestClock) -> Covered:
    return Covered(clock)


def test_R28_what_nobody_acknowledged_goes_to_the_taker_at_the_next_step(world: Covered) -> None:
    world.fire()
    world.tick()
    assert world.paged() == ["Ada"]
    world.forward(minutes=2)
    world.cleo_takes_over()
    world.tick()
    assert world.paged() == ["Ada"]  # not before its next step
    world.forward(minutes=3)
    assert world.paged() == ["Ada", "Ben", "Cleo"]
    page = world.pages()[-1]
    assert page.reason[2] == "You have the hours of somebody who was paged for this before"
    assert "Cleo took over from Ada" in page.reason[-1]


def test_R28_a_new_alert_pages_the_taker_alone(world: Covered) -> None:
    world.cleo_takes_over()
    world.fire()
    world.tick()
    assert world.paged() == ["Cleo"]
    world.forward(minutes=5)
    assert world.paged() == ["Cleo", "Ben"]


def test_R28_what_somebody_acknowledged_stays_with_them(world: Covered) -> None:
    world.fire()
    world.tick()
    world.acknowledge(world.cast.ada)
    world.cleo_takes_over()
    world.forward(minutes=30)
    assert world.paged() == ["Ada"]
    assert world.alert().acknowledged_by_id == world.cast.ada.id


def test_R28_a_snooze_that_wakes_in_covered_hours_pages_the_taker_and_tells_the_snoozer(world: Covered) -> None:
    world.fire()
    world.tick()
    with transaction():
        alert = queries.locked(1)
        assert alert is not None
        ada = db.session.merge(world.cast.ada)
        snooze(alert, until=app_clock.now().replace(hour=4), by=ada, at=app_clock.now())
    world.forward(minutes=10)
    world.cleo_takes_over()
    world.forward(minutes=51)
    assert world.paged() == ["Ada", "Cleo"]
    assert world.paged(PageKind.NOTICE)[-1] == "Ada"
    told = [page for page in world.pages() if page.kind is PageKind.NOTICE][-1]
    assert (told.title, told.body) == (
        "Back from snooze: Checkout errors at 14 %", "Cleo has your hours now and is paged.",
    )  # fmt: skip
    world.forward(minutes=5)
    assert world.paged() == ["Ada", "Cleo", "Ben"]


def test_R28_a_snooze_that_wakes_in_ones_own_hours_is_ones_own(world: Covered) -> None:
    world.fire()
    world.tick()
    with transaction():
        alert = queries.locked(1)
        assert alert is not None
        ada = db.session.merge(world.cast.ada)
        snooze(alert, until=app_clock.now().replace(hour=4), by=ada, at=app_clock.now())
    world.forward(minutes=61)
    assert world.paged() == ["Ada", "Ada"]
