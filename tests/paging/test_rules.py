"""Pages go by the rules of whoever they ask (features 43, 45, 54, 57)."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from apiflask import APIFlask

from app import clock
from app.database import db, transaction
from app.domain.invalid import InvalidField
from app.domain.notification_rules import Address, Rule
from app.domain.words import ChannelKind, Severity, Urgency
from app.engine import jobs
from app.paging import rules
from app.paging.models import Delivery, NotificationRule, PushSubscription
from app.people.models import User
from app.web.deliveries import people_paged
from tests.support.clock import TestClock
from tests.support.world import World

PUSH, MAIL = Address(ChannelKind.PUSH), Address(ChannelKind.EMAIL)


@pytest.fixture
def setting_changes() -> dict[str, str]:
    return {"smtp_url": "smtp://127.0.0.1:2525"}


@pytest.fixture
def world(app: APIFlask, clock: TestClock) -> World:
    return World(clock)


def ada_wants(world: World, *wanted: tuple[Address, int], urgency: Urgency = Urgency.HIGH) -> None:
    with transaction():
        ada = db.session.merge(world.cast.ada)
        chosen = [Rule(urgency, address, timedelta(minutes=minutes)) for address, minutes in wanted]
        rules.replace_all(ada, chosen, by=ada, at=clock.now())


def planned() -> list[tuple[str, float]]:
    """Of the first page: by which channel, how many minutes after it was made."""
    rows = db.session.scalars(sa.select(Delivery).where(Delivery.page_id == 1).order_by(Delivery.id)).all()
    return [
        (row.channel, (row.next_attempt_at - row.created_at) / timedelta(minutes=1))
        for row in rows
        if row.next_attempt_at is not None
    ]


def test_43_a_page_goes_by_the_rules_of_its_person(world: World) -> None:
    ada_wants(world, (MAIL, 0), (PUSH, 2))
    world.fire()
    world.tick()
    assert planned() == [("email", 0), ("push", 2)]
    (ada,) = people_paged(world.pages())
    assert [line.says for line in ada.deliveries if line.device == "Ada's phone"] == [
        "has its turn at 03:12:00, unless somebody answers before"
    ]


def test_43_D1_the_next_method_goes_at_once_when_the_first_has_failed(world: World) -> None:
    ada_wants(world, (PUSH, 0), (MAIL, 4))
    world.fire()
    world.tick()
    with transaction():
        failed = sa.update(Delivery).where(Delivery.channel == "push")
        db.session.execute(failed.values(state="failed", next_attempt_at=None, attempts=1))
    world.clock.advance(seconds=2)
    jobs.hurry_unreached()
    db.session.expire_all()
    assert [round(minutes * 60) for _, minutes in planned()] == [2]
    assert world.paged() == ["Ada"], "the next step waits for the mail"


def test_45_without_a_device_whatever_works_is_used_at_once(world: World) -> None:
    with transaction():
        db.session.execute(sa.delete(PushSubscription).where(PushSubscription.user_id == world.cast.ada.id))
    ada_wants(world, (PUSH, 0))
    world.fire()
    world.tick()
    assert planned() == [("email", 0)]


def sleep(user: User) -> None:
    with transaction():
        db.session.merge(user).quiet_hours = {"from": "22:00", "until": "07:00"}


def test_54_low_urgency_is_held_for_quiet_hours_by_their_own_clock_and_not_dropped(world: World) -> None:
    sleep(world.cast.ada)  # it is 03:10 in London
    world.fire(severity=Severity.WARNING)
    world.tick()
    assert planned() == [("push", 230)]
    page = world.pages()[0]
    assert page.reason[-1] == "Held until 07:00 GMT, when their quiet hours end"
    assert page.deadline_at > clock.now() + timedelta(minutes=230), "it still counts when it goes"


def test_54_high_urgency_ignores_quiet_hours(world: World) -> None:
    sleep(world.cast.ada)
    ada_wants(world, (PUSH, 0))
    world.fire()
    world.tick()
    assert planned() == [("push", 0)]


def test_a_rule_is_kept_once_and_only_for_ones_own_addresses(world: World) -> None:
    with transaction():
        ada = db.session.merge(world.cast.ada)
        rule = Rule(Urgency.HIGH, PUSH, timedelta(minutes=1))
        row = rules.add(ada, rule, by=ada, at=clock.now())
        for wrong in (
            rule,
            Rule(Urgency.HIGH, Address(ChannelKind.EMAIL, 99), timedelta(0)),
            Rule(Urgency.HIGH, PUSH, timedelta(hours=2)),
        ):
            with pytest.raises(InvalidField):
                rules.add(ada, wrong, by=ada, at=clock.now())
        rules.remove(row, by=ada, at=clock.now())
    assert db.session.scalars(sa.select(NotificationRule)).all() == []
