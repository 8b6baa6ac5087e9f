"""Shadows get copies of pages and never count as cover."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from apiflask import APIFlask

from app.alerts import queries
from app.alerts.acknowledge import acknowledge
from app.database import db, transaction
from app.domain.words import AlertStatus, DeliveryState, PageKind, PageStatus
from app.engine import jobs
from app.oncall import queries as who
from app.oncall import shadow
from app.oncall.models import TimeOff
from app.paging.models import Page, PushSubscription
from tests.alerts.test_cover import Covered
from tests.support.cast import make
from tests.support.clock import TestClock


@pytest.fixture
def world(app: APIFlask, clock: TestClock) -> Covered:
    """Step 1 asks the schedule, where Ada is on call and Dan looks on; step 2 asks Ben."""
    covered = Covered(clock)
    cast = covered.cast
    with transaction():
        shadow.add(covered.schedule, cast.dan, by=cast.mara, at=clock())
    return covered


def copies() -> list[tuple[str, PageStatus]]:
    rows = db.session.scalars(sa.select(Page).where(Page.kind == PageKind.SHADOW).order_by(Page.id))
    return [(page.user.name, page.status) for page in rows]


def test_a_shadow_gets_a_copy_and_who_is_asked_stays_the_same(world: Covered) -> None:
    before = who.on_call_at(world.schedule.id, world.now)
    world.fire()
    world.tick()
    assert world.paged() == ["Ada"]
    assert copies() == [("Dan", PageStatus.QUEUED)]
    page = db.session.scalars(sa.select(Page).where(Page.kind == PageKind.SHADOW)).one()
    assert page.body.startswith("A copy for you as a shadow. checkout-api since")
    assert page.reason == ["checkout-api is alerting by events_v2", "You are a shadow of Payments primary"]
    assert [holder.name for holder in before] == ["Ada"], "the answer does not know of shadows"
    world.forward(minutes=5)
    assert world.paged() == ["Ada", "Ben"], "step 2 asks no schedule, so has no copies"
    assert copies() == [("Dan", PageStatus.QUEUED)]


def test_a_shadow_fills_no_gap(world: Covered) -> None:
    """Ada is on time off and Cleo's week is another: nobody is on call, so the next step is asked at once."""
    with transaction():
        span = {"start": world.now, "end": world.now + timedelta(days=1), "created_at": world.now}
        make(TimeOff, user_id=world.cast.ada.id, **span)
    world.fire()
    world.tick()
    assert world.paged() == ["Ben"]
    assert world.events() == ["triggered", "nobody_reached", "paged"]
    assert copies() == [("Dan", PageStatus.QUEUED)]


def test_no_step_waits_for_a_shadow_whose_phone_works(world: Covered) -> None:
    """Every page of the step has failed, only the copy arrived: the next step is due at once (INV-12)."""
    world.fire()
    world.tick()
    asked = [page for page in world.pages() if page.kind is PageKind.PAGE]
    for page in asked:
        for delivery in page.deliveries:
            delivery.state, delivery.next_attempt_at = DeliveryState.FAILED, None
    db.session.commit()
    assert jobs.hurry_unreached() == 1
    world.tick()
    assert world.paged() == ["Ada", "Ben"]


def test_a_silent_shadow_delays_and_hurries_nothing(world: Covered) -> None:
    world.fire()
    world.tick()
    copy = db.session.scalars(sa.select(Page).where(Page.kind == PageKind.SHADOW)).one()
    copy.deliveries[0].state, copy.deliveries[0].next_attempt_at = DeliveryState.FAILED, None
    db.session.commit()
    assert jobs.hurry_unreached() == 0
    world.forward(minutes=4)
    assert world.paged() == ["Ada"]


def test_a_shadow_may_acknowledge_as_anybody_who_was_paged(world: Covered) -> None:
    world.fire()
    world.tick()
    with transaction():
        alert = queries.locked(world.alert().id)
        assert alert is not None
        acknowledge(alert, by=world.cast.dan, at=world.now)
    assert world.alert().status is AlertStatus.ACKNOWLEDGED
    world.forward(minutes=10)
    assert world.paged() == ["Ada"]


def test_a_copy_that_waits_is_dropped_when_somebody_has_it(world: Covered) -> None:
    world.fire()
    world.tick()
    with transaction():
        alert = queries.locked(world.alert().id)
        assert alert is not None
        acknowledge(alert, by=world.cast.ada, at=world.now)
    assert copies() == [("Dan", PageStatus.CANCELLED)]


def test_a_shadow_who_is_paged_by_the_step_gets_no_copy_and_one_without_a_device_no_failed_page(
    world: Covered,
) -> None:
    with transaction():
        shadow.add(world.schedule, world.cast.ada, by=world.cast.mara, at=world.now)
        gone = sa.delete(PushSubscription).where(PushSubscription.user_id == world.cast.dan.id)
        db.session.execute(gone)
    world.fire()
    world.tick()
    assert (world.paged(), copies()) == (["Ada"], [])
