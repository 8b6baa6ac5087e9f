"""F-8 to F-11 and F-17: what a push service can do wrong, twenty pages at a time."""

import threading
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from apiflask import APIFlask

from app.database import db, transaction
from app.domain.words import ChannelKind, PageStatus
from app.engine import jobs
from app.engine.senders import THREADS, Senders
from app.notices import listing
from app.outbound import Outbound
from app.paging.channels.push import PushChannel
from app.paging.channels.registry import Channels
from app.paging.models import Delivery, Page, PushSubscription
from app.paging.vapid import KeyRing
from app.paging.webpush import WebPush
from app.people.models import User
from tests.fault.town import Town, town_on
from tests.support.cast import make_device
from tests.support.clock import TestClock
from tests.support.lane import IS_FULL
from tests.support.push_service import Answer, Drop, Hang, PushService, Trickle
from tests.support.waiting import until

PAGES = 200 if IS_FULL else 20
CLOSED = "127.0.0.1:1"  # nobody listens there
NOWHERE = "push.nightbell.invalid"  # a name that leads nowhere
ANSWERS = {"busy": Answer(429, {"Retry-After": "600"}), "broken": Answer(500), "away": Answer(503)}
ADDRESSES = {
    "refused": f"http://{CLOSED}/x",
    "no such name": f"http://{NOWHERE}/x",
    "no TLS": "https://{host}/x",
}

pytestmark = pytest.mark.fault


@pytest.fixture
def kind() -> str:
    """Once: what is held against here is the same on every kind of engine."""
    return "sqlite"


@pytest.fixture
def town(app: APIFlask, clock: TestClock) -> Iterator[Town]:
    with town_on(app, clock, CLOSED, NOWHERE) as town:
        yield town


@pytest.mark.parametrize("fault", [*ANSWERS, *ADDRESSES])
def test_F8_INV22_somebody_else_is_asked_within_a_minute_and_nothing_is_tried_without_end(
    town: Town, fault: str
) -> None:
    if fault in ANSWERS:
        town.service.behave(town.phones["Ada"].endpoint, then=ANSWERS[fault])
    else:
        town.move_to("Ada", ADDRESSES[fault].format(host=town.service.host))
    town.fire(PAGES)
    town.pass_time(60)
    assert town.rung("Ada") == []
    assert len(set(town.rung("Ben"))) == PAGES
    town.pass_time(600, every=60)  # longer than any page lives
    assert town.most_attempts() <= 8


def test_F9_INV21_endpoints_that_hang_hold_up_no_others(app: APIFlask, town: Town) -> None:
    keys = KeyRing.from_settings(app.config["settings"])
    with PushService() as slow:
        hosts = (town.service.host, slow.host)
        line = WebPush(keys, push_hosts=hosts, client=Outbound(named_hosts=hosts, deadline=4.0))
        channels = Channels({ChannelKind.PUSH: PushChannel(line)})
        good = [town.service.subscribe(line.public_key) for _ in range(20)]
        bad = [slow.subscribe(line.public_key) for _ in range(28)]  # more than there are threads
        for number, phone in enumerate(bad):
            slow.behave(phone.endpoint, then=(Hang(), Trickle(), Trickle("body"))[number % 3])
        with transaction():
            ada = db.session.merge(town.world.cast.ada)
            for phone in [*bad, *good]:
                make_device(ada, phone.endpoint, p256dh=phone.p256dh, auth=phone.auth)
        town.fire(1)
        town.world.tick()
        before = threading.active_count()
        senders = Senders(app, channels, done=lambda: None)
        until(lambda: senders.take() >= 0 and all(len(phone.log) == 1 for phone in good), within=30)
        db.session.rollback()
        ended = sa.select(sa.func.count()).where(Delivery.error.is_not(None))
        assert db.session.scalar(ended) == 0, "the good ones waited for the bad"
        assert threading.active_count() - before <= THREADS + 4  # and the names that are looked up
        senders.close()  # waits for what is in hand: each attempt ends
        channels.close()


def test_F10_INV6_INV7_an_answer_lost_on_the_way_is_one_notification_on_the_device(town: Town) -> None:
    phone = town.phones["Ada"]
    town.service.behave(phone.endpoint, *[Drop()] * PAGES)
    town.fire(PAGES)
    town.pass_time(20)
    assert len(town.rung("Ada")) == 2 * PAGES
    assert len(set(town.rung("Ada"))) == PAGES
    tags = {rung.page: rung.message["notification"]["tag"] for rung in phone.log}
    assert all(rung.message["notification"]["tag"] == tags[rung.page] for rung in phone.log)
    assert len(set(tags.values())) == PAGES


def test_F11_INV22_an_only_device_that_is_gone_hands_on_at_once_and_people_are_told(town: Town) -> None:
    town.service.unsubscribe(town.phones["Ada"].endpoint)
    town.fire(PAGES // 4)
    town.pass_time(5)
    assert len(set(town.rung("Ben"))) == PAGES // 4
    jobs.tell_of_gone_devices()
    ada = db.session.scalars(sa.select(User).where(User.name == "Ada")).one()
    assert len(listing.of(ada)) == 1
    removed = sa.select(sa.func.count()).where(PushSubscription.removed_at.is_not(None))
    assert db.session.scalar(removed) == 1


def test_F17_after_a_cut_the_young_pages_go_out_once_and_the_old_never(town: Town) -> None:
    for phone in town.phones.values():
        town.service.behave(phone.endpoint, then=Answer(503))
    town.fire(1, "old")
    town.pass_time(300)
    town.fire(PAGES, "young")
    town.pass_time(10)
    for phone in town.phones.values():
        town.service.behave(phone.endpoint)
    town.pass_time(120)
    every = [page for name in town.phones for page in town.rung(name)]
    assert len(every) == len(set(every))
    db.session.rollback()
    first = db.session.scalars(sa.select(Page).order_by(Page.id).limit(1)).one()
    assert first.status in (PageStatus.EXPIRED, PageStatus.FAILED)
    assert str(first.id) not in every
    young = [
        page.id
        for page in db.session.scalars(sa.select(Page).where(Page.title.like("%young%"), Page.step == 0))
    ]
    assert {str(page) for page in young} <= set(every)
