"""SEC-29: a new push key while forty phones still hold the old one. None of them misses a page."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from apiflask import APIFlask

from app import clock as app_clock
from app.config import Settings, new_vapid_key
from app.database import db, transaction
from app.domain.invalid import InvalidField
from app.domain.timeline import Subject
from app.domain.words import DeliveryState, Urgency
from app.paging import bound_devices, deliver, subscriptions
from app.paging.channels.registry import Channels
from app.paging.models import Delivery, PushSubscription
from app.paging.page import Message, Place, page_user
from app.paging.vapid import KeyRing
from app.people.models import User
from tests.support.cast import make_user
from tests.support.clock import TestClock
from tests.support.push_service import PushService
from tests.support.stand_in import StandIn

DEVICES = 40


@pytest.fixture
def service() -> Iterator[PushService]:
    with PushService() as service:
        yield service


def use(app: APIFlask, settings: Settings) -> KeyRing:
    """As after a restart with these settings."""
    app.config["settings"] = settings
    return KeyRing.from_settings(settings)


def rotated(settings: Settings) -> Settings:
    old = (settings.vapid_private_key, *settings.vapid_previous_keys)
    return replace(settings, vapid_private_key=new_vapid_key(), vapid_previous_keys=old)


def subscribe(user: User, phone: StandIn, key: str) -> None:
    with transaction():
        subscriptions.subscribe(
            user, endpoint=phone.endpoint, p256dh=phone.p256dh, auth=phone.auth, device="Phone",
            vapid_key=key, at=app_clock.now(),
        )  # fmt: skip


def test_SEC29_forty_devices_ring_on_while_the_key_is_rotated_and_they_move_one_by_one(
    app: APIFlask, clock: TestClock, service: PushService
) -> None:
    first = use(app, replace(app.config["settings"], push_hosts=(service.host,))).present.public_key
    phones = {}
    with transaction():
        people = [make_user(f"Person {number}") for number in range(DEVICES // 2)]
    for person in people:
        for _ in range(2):
            phone = service.subscribe(first)
            subscribe(person, phone, first)
            phones[phone.endpoint] = (person, phone)
    assert len(phones) == DEVICES

    keys = use(app, rotated(app.config["settings"]))
    new = keys.present.public_key
    assert bound_devices.count(keys) == bound_devices.Bound(present=0, earlier=DEVICES, lost=0)

    moved = 0
    for endpoint, (person, old) in list(phones.items())[: DEVICES // 2]:
        phone = service.subscribe(new)  # its person opened the app: the browser subscribes with the new key
        with transaction():
            row = db.session.scalars(
                sa.select(PushSubscription).where(PushSubscription.endpoint == endpoint)
            ).one()
            subscriptions.remove(row, by=person, at=app_clock.now())
        subscribe(person, phone, new)
        phones.pop(endpoint)
        phones[phone.endpoint] = (person, phone)
        old.log.clear()
        moved += 1
    assert bound_devices.count(keys) == bound_devices.Bound(present=moved, earlier=DEVICES - moved, lost=0)

    says = Message("Checkout errors at 14 %", "checkout-api", Urgency.HIGH)
    with transaction():
        for number, person in enumerate(people):
            page_user(
                db.session.merge(person), says, Place(Subject.ALERT, number), reason=[],
                until=app_clock.now() + timedelta(minutes=5), at=app_clock.now(),
            )  # fmt: skip
    channels = Channels.from_settings(app.config["settings"])
    while deliver.deliver_due(channels):
        pass
    channels.close()
    states = db.session.scalars(sa.select(Delivery.state)).all()
    assert states == [DeliveryState.ACCEPTED] * DEVICES
    assert all(len(phone.log) == 1 for _, phone in phones.values())


def test_SEC29_a_key_that_is_gone_stops_the_start_with_what_to_do(app: APIFlask, service: PushService) -> None:
    keys = use(app, replace(app.config["settings"], push_hosts=(service.host,)))
    with transaction():
        ada = make_user("Ada")
    subscribe(ada, service.subscribe(keys.present.public_key), keys.present.public_key)
    with transaction():
        bound_devices.refuse_to_silence(keys)
    other = use(app, replace(app.config["settings"], vapid_private_key=new_vapid_key()))
    with (
        pytest.raises(bound_devices.SilencedDevices, match="1 device subscribed with a VAPID key that is gone"),
        transaction(),
    ):
        bound_devices.refuse_to_silence(other)


def test_SEC29_a_device_from_before_keys_were_written_down_is_the_present_keys(
    app: APIFlask, service: PushService
) -> None:
    keys = use(app, replace(app.config["settings"], push_hosts=(service.host,)))
    with transaction():
        ada = make_user("Ada")
    subscribe(ada, service.subscribe(keys.present.public_key), keys.present.public_key)
    with transaction():
        db.session.execute(sa.update(PushSubscription).values(vapid_key=None))
    with transaction():
        bound_devices.refuse_to_silence(keys)
    rotated_keys = use(app, rotated(app.config["settings"]))
    assert bound_devices.count(rotated_keys) == bound_devices.Bound(present=0, earlier=1, lost=0)


def test_SEC29_a_browser_that_subscribed_with_somebody_elses_key_is_told_to_load_the_page_again(
    app: APIFlask, service: PushService
) -> None:
    use(app, replace(app.config["settings"], push_hosts=(service.host,)))
    with transaction():
        ada = make_user("Ada")
    stranger = KeyRing(new_vapid_key(), "mailto:ops@example.com").present.public_key
    with pytest.raises(InvalidField, match="Load this page again"):
        subscribe(ada, service.subscribe(stranger), stranger)
