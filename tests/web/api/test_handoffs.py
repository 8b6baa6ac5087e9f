"""/api/v1/handoffs: what is handed over, "I have it", the note; by whom, and by nobody else (D11)."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from apiflask import APIFlask

from app.database import db, transaction
from app.oncall.models import Handoff, Schedule
from app.people.models import User
from tests.support.api import Api, assert_problem
from tests.support.cast import make
from tests.support.clock import TestClock
from tests.support.world import World


@pytest.fixture
def world(app: APIFlask, clock: TestClock) -> World:
    """Ada hands Payments over to Ben in an hour; Checkout errors are open and his to see."""
    world = World(clock)
    world.fire()
    cast = world.cast
    with transaction():
        schedule = make(
            Schedule, name="Payments primary", team_id=cast.payments.id, time_zone="Europe/London", layers=[],
            created_at=world.now, updated_at=world.now,
        )  # fmt: skip
        policy = db.session.merge(cast.integration).service.escalation_policy
        assert policy is not None
        policy.steps = [{"wait_minutes": 5, "targets": [{"kind": "schedule", "id": str(schedule.id)}]}]
        make(
            Handoff, schedule_id=schedule.id, at=world.now + timedelta(hours=1), incoming_id=cast.ben.id,
            outgoing_id=cast.ada.id, created_at=world.now,
        )  # fmt: skip
    return world


def address() -> str:
    return f"/handoffs/{db.session.scalars(sa.select(Handoff.id)).one()}"


def test_D11_the_incoming_person_sees_what_is_open_and_has_it(
    world: World, as_user: Callable[[User], Api]
) -> None:
    ben, ada = as_user(world.cast.ben), as_user(world.cast.ada)
    (listed,) = ben.get("/handoffs", user_id=str(world.cast.ben.id)).get_json()["items"]
    assert (listed["incoming"]["name"], listed["outgoing"]["name"]) == ("Ben", "Ada")
    left = ada.put(f"{address()}/note", {"text": "Replica lags at noon."})
    assert left.status_code == 200
    seen = ben.get(address()).get_json()
    assert ([each["title"] for each in seen["open"]], seen["note"]) == (
        ["Checkout errors at 14 %"], "Replica lags at noon.",
    )  # fmt: skip
    first = ben.post(f"{address()}/confirmation").get_json()
    assert first["confirmed_at"] is not None
    assert ben.post(f"{address()}/confirmation").get_json() == first


def test_D11_nobody_says_it_for_another_and_strangers_see_no_handoff(
    world: World, as_user: Callable[[User], Api]
) -> None:
    mara, ada, dan = (as_user(getattr(world.cast, name)) for name in ("mara", "ada", "dan"))
    assert_problem(mara.post(f"{address()}/confirmation"), 403)
    assert_problem(ada.post(f"{address()}/confirmation"), 403)
    assert_problem(as_user(world.cast.ben).put(f"{address()}/note", {"text": "x"}), 403)
    assert_problem(ada.post(f"{address()}/stay"), 409)
    assert_problem(ada.put(f"{address()}/note", {"text": "x" * 5000}), 422, "#/text")
    assert_problem(dan.get(address()), 404)
    assert_problem(dan.post(f"{address()}/confirmation"), 404)
    assert dan.get("/handoffs").get_json()["items"] == []
    assert_problem(as_user(world.cast.eli).get("/handoffs"), 403)
