"""D2: drills in a shift's first day and on demand, passed by a tap, told of when missed twice, in no figure."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from app.database import db, transaction
from app.domain.notification_rules import Address, Rule
from app.domain.reason import OnCallRole
from app.domain.shift_plan import PlannedShift
from app.domain.words import ChannelKind, PageKind, Urgency
from app.engine import jobs
from app.notices.models import Notice
from app.oncall import drills
from app.oncall.models import Drill, ShiftPlan
from app.paging import deliver, rules
from app.paging.channels.registry import Channels
from app.paging.models import Delivery
from app.paging.queries import last_page_of, pages_between
from app.paging.receipts import Stage, note_stage
from app.people.models import User
from tests.support.cast import make
from tests.support.clock import TestClock
from tests.support.world import World


@pytest.fixture
def world(app: Flask, clock: TestClock) -> World:
    return World(clock)


def plan(world: World, *shifts: PlannedShift, schedule_id: int = 7) -> None:
    with transaction():
        db.session.execute(sa.delete(ShiftPlan))
        make(
            ShiftPlan, schedule_id=schedule_id, name="Payments primary", time_zone="Europe/London",
            shifts=[shift.to_json() for shift in shifts], made_at=world.now,
            until=world.now + timedelta(days=90),
            event_id=0, next_at=world.now + timedelta(days=90),
        )  # fmt: skip


def turn(world: World, user: User, *, hours: float = 2, role: OnCallRole = OnCallRole.PRIMARY) -> PlannedShift:
    start = world.now + timedelta(hours=hours)
    return PlannedShift(start, start + timedelta(days=7), user.id, role)


def rows() -> list[Drill]:
    db.session.rollback()
    return list(
        db.session.scalars(sa.select(Drill).order_by(Drill.id).execution_options(populate_existing=True))
    )


def drill_now(world: World, user: User) -> Drill:
    with transaction():
        return drills.ask_now(db.session.merge(user), at=world.now)


def tap(drill: Drill, *, at: datetime) -> None:
    """As the service worker reports it."""
    with transaction():
        delivery = db.session.scalars(sa.select(Delivery).where(Delivery.page_id == drill.page_id)).one()
        note_stage(delivery, Stage.ACKED, at=at)


def notices(user: User) -> list[str]:
    return list(
        db.session.scalars(sa.select(Notice.title).where(Notice.user_id == user.id).order_by(Notice.id))
    )


def test_D2_a_shift_that_begins_is_drilled_in_its_first_day_and_a_tap_passes(app: Flask, world: World) -> None:
    ada, ben = world.cast.ada, world.cast.ben
    plan(world, turn(world, ada), turn(world, ben, role=OnCallRole.BACKUP))
    jobs.hold_drills()
    jobs.hold_drills()  # twice is once
    (row,) = rows()
    assert row.user_id == ada.id
    assert row.shift_start is not None
    assert row.shift_start <= row.due_at < row.shift_start + timedelta(days=1)
    world.clock.moment = row.due_at
    jobs.hold_drills()
    assert world.paged(PageKind.DRILL) == ["Ada"]
    world.clock.advance(minutes=2)
    tap(rows()[0], at=world.now)
    jobs.hold_drills()
    assert rows()[0].passed_at == world.now
    assert db.session.merge(world.cast.devices["Ada"]).verified_at == world.now
    # in no figure: neither the person's pages, nor what analytics reads
    assert last_page_of(ada.id) is None
    assert pages_between([ada.id], world.now - timedelta(days=1), world.now + timedelta(days=1)) == {}
    # and she is left in peace for a week
    plan(world, turn(world, ada, hours=3))
    jobs.hold_drills()
    assert len(rows()) == 1


def test_D2_two_missed_in_a_row_are_told_to_the_manager_and_one_is_not(world: World) -> None:
    ada, mara = world.cast.ada, world.cast.mara
    for missed in (1, 2):
        drill = drill_now(world, ada)
        assert drill_now(world, ada).id == drill.id  # a second press is the first one's
        world.clock.advance(minutes=6)
        jobs.hold_drills()
        assert [title for title in notices(ada) if "drill" in title] == ["You did not answer a drill"] * missed
        assert [title for title in notices(mara) if "drill" in title] == ["Ada did not answer 2 drills"] * (
            missed - 1
        )
    tap(rows()[-1], at=world.now)  # too late: it proves the device, and passes nothing
    jobs.hold_drills()
    assert [row.passed_at for row in rows()] == [None, None]


def test_D2_what_waits_for_its_turn_is_not_sent_once_a_drill_is_answered(app: Flask, world: World) -> None:
    app.config["settings"] = replace(app.config["settings"], smtp_url="smtp://127.0.0.1:2525")
    push, mail = Address(ChannelKind.PUSH), Address(ChannelKind.EMAIL)
    with transaction():
        ada = db.session.merge(world.cast.ada)
        wanted = [
            Rule(Urgency.HIGH, address, timedelta(minutes=minutes))
            for address, minutes in ((push, 0), (mail, 2))
        ]
        rules.replace_all(ada, wanted, by=ada, at=world.now)
    drill = drill_now(world, world.cast.ada)
    found = db.session.scalars(
        sa.select(Delivery).where(Delivery.page_id == drill.page_id).order_by(Delivery.id)
    )
    by_push, by_mail = found.all()
    assert [(each.channel, each.next_attempt_at) for each in (by_push, by_mail)] == [
        ("push", world.now), ("email", world.now + timedelta(minutes=2)),
    ]  # fmt: skip
    with transaction():
        note_stage(by_push, Stage.CLICKED, at=world.now)
    jobs.hold_drills()
    assert rows()[0].passed_at == world.now
    world.clock.advance(minutes=3)
    channels = Channels.from_settings(app.config["settings"])
    deliver.deliver_due(channels)
    channels.close()
    assert db.session.get_one(Delivery, by_mail.id).sent_at is None


def test_a_shift_that_went_to_somebody_else_is_not_drilled_and_a_real_page_goes_first(world: World) -> None:
    ada = world.cast.ada
    plan(world, turn(world, ada))
    jobs.hold_drills()
    plan(world)
    jobs.hold_drills()
    assert rows() == []
    plan(world, turn(world, ada, hours=1))
    jobs.hold_drills()
    world.clock.moment = rows()[0].due_at
    world.fire()
    world.tick()
    jobs.hold_drills()
    assert world.paged(PageKind.DRILL) == []
    assert rows()[0].due_at == world.now + timedelta(minutes=15)


def test_a_person_without_a_device_misses_the_drill(world: World) -> None:
    drill_now(world, world.cast.cleo)
    world.clock.advance(minutes=6)
    jobs.hold_drills()
    assert rows()[0].failed_at == world.now
