"""Devices: registered once, moved and never shared, renewed without a login, gone when removed."""

from typing import Any

import pytest
from apiflask import APIFlask

from app.config import new_vapid_key
from app.database import db, transaction
from app.domain.invalid import InvalidField
from app.domain.timeline import Kind, Subject
from app.paging import subscriptions, vapid
from app.paging.methods import devices_of
from app.paging.models import PushSubscription
from app.people.models import User
from app.timeline.queries import events_about
from tests.support.cast import make_user
from tests.support.clock import TestClock

ENDPOINT = "https://updates.push.services.mozilla.com/wpush/v2/one"
KEYS = {
    "p256dh": vapid.public_key_of(new_vapid_key()),  # a browser's key has the same form as ours
    "auth": "k8JV6sjdbhAi1n3_LDBLvA",
}
AT = "Firefox on Linux"


@pytest.fixture
def ada(app: APIFlask) -> User:
    with transaction():
        return make_user("Ada")


@pytest.fixture
def ben(app: APIFlask) -> User:
    with transaction():
        return make_user("Ben")


SECRET = "5f" * 32


def subscribe(user: User, clock: TestClock, endpoint: str = ENDPOINT, **more: Any) -> PushSubscription:
    with transaction():
        return subscriptions.subscribe(user, endpoint=endpoint, **KEYS, device=AT, at=clock(), **more)


def kinds(user: User) -> list[str]:
    return [event.kind for event in events_about(Subject.USER, user.id)]


def test_a_browser_is_registered_once_however_often_it_says_so(ada: User, clock: TestClock) -> None:
    row = subscribe(ada, clock, secret=SECRET)
    clock.advance(hours=1)
    again = subscribe(ada, clock, secret=SECRET)
    assert again.id == row.id
    assert again.last_seen_at == clock()
    assert again.secret_hash != SECRET
    assert devices_of(ada.id) == [row]
    assert kinds(ada) == [Kind.DEVICE_ADDED]


def test_devices_that_call_themselves_alike_get_names_to_tell_them_apart(ada: User, clock: TestClock) -> None:
    names = [subscribe(ada, clock, f"{ENDPOINT}{n}").device for n in range(3)]
    assert names == [AT, f"{AT} 2", f"{AT} 3"]


def test_SEC2_another_persons_endpoint_moves_and_is_never_shared(
    ada: User, ben: User, clock: TestClock
) -> None:
    row = subscribe(ada, clock, secret=SECRET)
    with transaction():
        row.verified_at, row.proof = clock(), {"shown": 1.0}
    taken = subscribe(ben, clock)
    assert taken.id != row.id
    assert devices_of(ada.id) == []
    assert devices_of(ben.id) == [taken]
    assert (taken.endpoint, taken.verified_at, taken.proof) == (ENDPOINT, None, None)
    assert row.removed_because == "Ben signed in on this browser"
    with transaction():
        assert subscriptions.renew(SECRET, endpoint=ENDPOINT, **KEYS, at=clock()) is None
    assert kinds(ada) == [Kind.DEVICE_ADDED, Kind.DEVICE_REMOVED]


def test_SEC2_a_browser_with_another_persons_secret_is_that_browser_and_moves(
    ada: User, ben: User, clock: TestClock
) -> None:
    subscribe(ada, clock, secret=SECRET)
    taken = subscribe(ben, clock, f"{ENDPOINT}/new", secret=SECRET)
    assert devices_of(ada.id) == []
    assert devices_of(ben.id) == [taken]


def test_a_browser_whose_endpoint_changed_stays_the_same_device(ada: User, clock: TestClock) -> None:
    row = subscribe(ada, clock, secret=SECRET)
    again = subscribe(ada, clock, f"{ENDPOINT}/new", secret=SECRET)
    assert again.id == row.id
    assert again.endpoint == f"{ENDPOINT}/new"


def test_two_entries_that_turn_out_to_be_one_browser_become_one(ada: User, clock: TestClock) -> None:
    first = subscribe(ada, clock)
    subscribe(ada, clock, f"{ENDPOINT}/other", secret=SECRET)
    subscribe(ada, clock, secret=SECRET)
    assert devices_of(ada.id) == [first]


def test_the_worker_renews_with_the_devices_secret_and_no_login(ada: User, clock: TestClock) -> None:
    row = subscribe(ada, clock, secret=SECRET)
    with transaction():
        row.removed_at, row.removed_because = clock(), "the push service says this browser no longer listens"
        renewed = subscriptions.renew(SECRET, endpoint=f"{ENDPOINT}/new", **KEYS, at=clock.advance(days=40))
    assert renewed is not None
    assert (renewed.id, renewed.endpoint, renewed.removed_at) == (row.id, f"{ENDPOINT}/new", None)
    with transaction():
        assert subscriptions.renew("guessed", endpoint=ENDPOINT, **KEYS, at=clock()) is None


def test_SEC17_somebody_who_left_renews_nothing(ada: User, clock: TestClock) -> None:
    subscribe(ada, clock, secret=SECRET)
    with transaction():
        ada.is_active = False
    with transaction():
        assert subscriptions.renew(SECRET, endpoint=ENDPOINT, **KEYS, at=clock()) is None


def test_a_device_that_was_removed_by_hand_comes_back_only_when_asked(ada: User, clock: TestClock) -> None:
    row = subscribe(ada, clock, secret=SECRET)
    for _ in range(2):
        with transaction():
            subscriptions.remove(row, by=ada, at=clock())
    assert devices_of(ada.id) == []
    with transaction():
        assert not subscriptions.is_known(ada, ENDPOINT, SECRET)
        assert subscriptions.renew(SECRET, endpoint=ENDPOINT, **KEYS, at=clock()) is None
    assert subscribe(ada, clock).id == row.id
    with transaction():
        assert subscriptions.is_known(ada, ENDPOINT, None)
    assert kinds(ada) == [Kind.DEVICE_ADDED, Kind.DEVICE_REMOVED, Kind.DEVICE_ADDED]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"endpoint": "https://evil.example/push"}, "/endpoint"),
        ({"endpoint": "http://updates.push.services.mozilla.com/x"}, "/endpoint"),
        ({"endpoint": "https://10.0.0.1/x"}, "/endpoint"),
        ({"endpoint": ""}, "/endpoint"),
        ({"p256dh": "AAAA"}, "/keys/p256dh"),
        ({"p256dh": "B" * 87}, "/keys/p256dh"),
        ({"p256dh": "not base64 !"}, "/keys/p256dh"),
        ({"auth": "AAAA"}, "/keys/auth"),
        ({"auth": ""}, "/keys/auth"),
        ({"secret": "short"}, "/secret"),
    ],
)
def test_SEC2_an_endpoint_of_no_push_service_or_broken_keys_are_refused(
    ada: User, clock: TestClock, changes: dict[str, str], pointer: str
) -> None:
    said = {"endpoint": ENDPOINT, **KEYS, **changes}
    with pytest.raises(InvalidField) as refused, transaction():
        subscriptions.subscribe(ada, **said, device=AT, at=clock())
    assert [where for where, _ in refused.value.errors] == [pointer]
    assert db.session.scalars(db.select(PushSubscription)).all() == []


def test_there_is_an_end_to_how_many_devices_a_person_has(ada: User, clock: TestClock) -> None:
    for n in range(subscriptions.MOST_DEVICES):
        subscribe(ada, clock, f"{ENDPOINT}{n}")
    with pytest.raises(InvalidField, match="Remove one you no longer use"):
        subscribe(ada, clock, f"{ENDPOINT}more")


def test_a_device_is_called_what_its_owner_calls_it(ada: User, clock: TestClock) -> None:
    row = subscribe(ada, clock, secret=SECRET)
    with transaction():
        subscriptions.rename(row, "  My   phone ")
    assert row.device == "My phone"
    subscribe(ada, clock, secret=SECRET)
    assert row.device == "My phone"
    for name in ("", "x" * 61, "a\x00b"):
        with pytest.raises(InvalidField), transaction():
            subscriptions.rename(row, name)
