"""A test page goes the way of every page, to one device alone, and not without end."""

from datetime import timedelta

import pytest
from apiflask import APIFlask

from app.database import transaction
from app.domain.device_test import verdict
from app.domain.words import PageKind
from app.paging import try_device
from app.paging.models import PushSubscription
from app.paging.receipts import Stage, note_stage
from app.people.models import User
from tests.support.cast import make_device, make_user
from tests.support.clock import TestClock


@pytest.fixture
def ada(app: APIFlask) -> User:
    with transaction():
        return make_user("Ada")


@pytest.fixture
def phone(ada: User) -> PushSubscription:
    with transaction():
        make_device(ada, "https://fcm.googleapis.com/other", device="Ada's tablet")
        return make_device(ada)


def test_a_test_page_goes_to_one_device_and_its_tap_is_the_proof(
    ada: User, phone: PushSubscription, clock: TestClock
) -> None:
    with transaction():
        assert try_device.latest_test(phone) is None
        page = try_device.ask(phone, at=clock())
        assert page.kind == PageKind.TEST
        (delivery,) = page.deliveries
        assert delivery.subscription_id == phone.id
        delivery.sent_at, delivery.accepted_at = clock(), clock.advance(seconds=0.2)
    with transaction():
        note_stage(delivery, Stage.SHOWN, at=clock.advance(seconds=1.7))
    with transaction():
        note_stage(delivery, Stage.CLICKED, at=clock.advance(seconds=2.2))
    test = try_device.latest_test(phone)
    assert test is not None
    answer = verdict(test, now=clock())
    assert answer.sentence == "Yes, it rang: shown after 1.9 s, you tapped after 4.1 s."
    assert phone.verified_at == clock()
    assert phone.proof == {"accepted": 0.2, "shown": 1.9, "tapped": 4.1}


def test_a_second_tap_within_three_seconds_is_the_first_ones(phone: PushSubscription, clock: TestClock) -> None:
    with transaction():
        first = try_device.ask(phone, at=clock())
        assert try_device.ask(phone, at=clock.advance(seconds=2)).id == first.id
        assert try_device.ask(phone, at=clock.advance(seconds=1)).id != first.id


def test_SEC38_ten_tests_in_ten_minutes_are_enough(phone: PushSubscription, clock: TestClock) -> None:
    with transaction():
        for _ in range(10):
            try_device.ask(phone, at=clock.advance(seconds=10))
        with pytest.raises(try_device.TooManyTests) as too_many:
            try_device.ask(phone, at=clock.advance(seconds=10))
        assert too_many.value.wait == timedelta(minutes=8, seconds=20)
        try_device.ask(phone, at=clock.advance(minutes=8, seconds=20))
