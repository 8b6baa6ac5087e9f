"""From a due delivery to the device: claimed once, looked at again, sent, and written down."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa
from apiflask import APIFlask

from app import clock as app_clock
from app.alerts import queries
from app.alerts.acknowledge import acknowledge
from app.database import db, transaction
from app.domain.words import DeliveryState, PageStatus, Urgency
from app.engine import jobs
from app.notices import listing
from app.paging import deliver
from app.paging.channels.outcome import Accepted, Outcome, RetryAfter
from app.paging.channels.registry import Channels
from app.paging.models import Delivery, PushSubscription
from app.paging.vapid import KeyRing
from app.people.models import Organisation, User
from tests.support.clock import TestClock
from tests.support.databases import settings_for
from tests.support.late_answer import to_the_next_commit
from tests.support.push_service import Answer, Drop, PushService
from tests.support.stand_in import StandIn
from tests.support.world import World


class Street:
    """The world with real encrypted pushes: Ada's phone is a stand-in browser at a strict push service."""

    def __init__(self, clock: TestClock, app: APIFlask, service: PushService) -> None:
        self.world, self.service = World(clock), service
        settings = app.config["settings"]
        self.channels = Channels.from_settings(settings)
        self.key = KeyRing.from_settings(settings).present.public_key
        self.phone = service.subscribe(self.key)
        with transaction():
            db.session.execute(sa.delete(PushSubscription))
            self.add(self.world.cast.ada.id, self.phone, "Ada's phone")

    def add(self, user_id: int, stand_in: StandIn, name: str) -> None:
        now = app_clock.now()
        db.session.add(
            PushSubscription(
                user_id=user_id, endpoint=stand_in.endpoint, p256dh=stand_in.p256dh, auth=stand_in.auth,
                device=name, created_at=now, last_seen_at=now,
            )
        )  # fmt: skip

    def send_due(self) -> int:
        return deliver.deliver_due(self.channels)

    def delivery(self) -> Delivery:
        return db.session.scalars(sa.select(Delivery).execution_options(populate_existing=True)).one()

    def claim(self) -> deliver.Claim:
        with transaction():
            (claim,) = deliver.claim_due(1)
        return claim

    def mark(self, claim: deliver.Claim, outcome: Outcome) -> None:
        with transaction():
            deliver.mark(claim, outcome, at=app_clock.now())


@pytest.fixture
def street(app: APIFlask, clock: TestClock) -> Iterator[Street]:
    with PushService() as service:
        host = settings_for(
            app.config["settings"].instance_dir, app.config["settings"].database_url, push_hosts=service.host
        )
        app.config["settings"] = host
        street = Street(clock, app, service)
        street.world.fire()
        street.world.tick()
        yield street
        street.channels.close()


def test_a_page_reaches_the_device_encrypted_with_its_card_and_token(street: Street) -> None:
    assert street.send_due() == 1
    (rung,) = street.phone.log
    assert rung.message["notification"]["title"] == "Checkout errors at 14 % · Critical"
    assert rung.data["alert"] == "1"
    assert street.delivery().state is DeliveryState.ACCEPTED
    assert street.world.pages()[0].status is PageStatus.SENT
    (post,) = street.service.posts
    assert (post.headers["Urgency"], int(post.headers["TTL"]) >= 300) == ("high", True)


@pytest.mark.parametrize("wish_of", ["nobody's", "the person's", "the organisation's"])
def test_SEC8_a_locked_screen_shows_the_alert_or_only_that_there_is_one(street: Street, wish_of: str) -> None:
    with transaction():
        ada, organisation = street.world.cast.ada, db.session.get_one(Organisation, 1)
        db.session.get_one(User, ada.id).hide_lock_screen_text = wish_of == "the person's"
        organisation.hide_lock_screen_text = wish_of == "the organisation's"
    street.send_due()
    (rung,) = street.phone.log
    said = rung.message["notification"]
    visible = {name: value for name, value in said.items() if name != "data"}
    if wish_of == "nobody's":
        assert said["title"] == "Checkout errors at 14 % · Critical"
    else:
        assert (said["title"], said["body"]) == ("New page", "Open to view.")
        assert "heckout" not in json.dumps(visible)
    assert rung.data["card"]["title"] == "Checkout errors at 14 % · Critical"
    assert "/r/" in rung.data["receipt_url"]
    assert len(json.dumps(rung.message, ensure_ascii=False).encode()) <= 3800


def test_INV8_a_page_that_was_answered_between_claim_and_send_is_not_sent(street: Street) -> None:
    claim = street.claim()
    street.world.acknowledge(street.world.cast.ben)
    deliver.deliver(claim, street.channels)
    assert street.service.posts == []


def test_a_lease_keeps_a_second_worker_away_until_it_runs_out(street: Street, clock: TestClock) -> None:
    street.claim()
    with transaction():
        assert deliver.claim_due(1) == []
    clock.advance(seconds=10)
    street.claim()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # on SQLite there is one engine
def test_INV6_F14_an_engine_passes_over_what_another_is_just_claiming(app: APIFlask, street: Street) -> None:
    def another_engine() -> list[deliver.Claim]:
        with app.app_context():
            with transaction():
                claims = deliver.claim_due(10)
            db.session.remove()
        return claims

    with transaction(), ThreadPoolExecutor(1) as other:
        (claim,) = deliver.claim_due(1)
        assert other.submit(another_engine).result(timeout=20) == [], "it takes none twice, and waits for none"
    street.mark(claim, Accepted(201))
    assert street.delivery().accepted_at is not None, "its claim was the one in force"


def test_F15_the_word_of_a_worker_that_comes_back_after_its_lease_is_refused(
    street: Street, clock: TestClock
) -> None:
    stopped = street.claim()
    clock.advance(seconds=11)
    street.mark(street.claim(), Accepted(201))
    accepted_at = street.delivery().accepted_at
    clock.advance(seconds=5)
    street.mark(stopped, RetryAfter(None, "timed out"))
    street.mark(stopped, Accepted(201))
    delivery = street.delivery()
    assert (delivery.accepted_at, delivery.next_attempt_at) == (accepted_at, None)


def test_F18_a_worker_that_learns_too_late_that_it_may_send_sends_nothing(
    street: Street, clock: TestClock
) -> None:
    cut_off = street.claim()
    with to_the_next_commit(lambda: clock.advance(seconds=10)):
        deliver.deliver(cut_off, street.channels)
    assert street.service.posts == []
    assert street.send_due() == 1
    assert [len(street.phone.log), street.delivery().state] == [1, DeliveryState.ACCEPTED]


def test_INV6_F10_an_unknown_outcome_sends_the_same_page_again(street: Street, clock: TestClock) -> None:
    street.service.behave(street.phone.endpoint, Drop())
    street.send_due()
    assert street.delivery().next_attempt_at is not None
    clock.advance(seconds=10)
    street.send_due()
    assert [rung.page for rung in street.phone.log] == ["1", "1"]
    assert len({rung.data["receipt_url"] for rung in street.phone.log}) == 1, "the same token both times"


def test_INV22_retry_after_is_honoured_but_never_past_the_pages_deadline(
    street: Street, clock: TestClock
) -> None:
    street.service.behave(
        street.phone.endpoint, Answer(429, {"Retry-After": "60"}), Answer(429, {"Retry-After": "6000"})
    )
    street.send_due()
    due = street.delivery().next_attempt_at
    assert due is not None
    assert due >= app_clock.now() + timedelta(seconds=60)
    clock.moment = due
    street.send_due()
    assert street.delivery().state is DeliveryState.FAILED
    assert street.world.pages()[0].status is PageStatus.FAILED


def test_INV22_F11_a_device_that_is_gone_is_removed_and_the_next_step_is_due_at_once(street: Street) -> None:
    with transaction():
        street.add(street.world.cast.ben.id, street.service.subscribe(street.key), "Ben's phone")
    street.service.behave(street.phone.endpoint, Answer(410))
    street.send_due()
    device = db.session.scalars(
        sa.select(PushSubscription).where(PushSubscription.device == "Ada's phone")
    ).one()
    assert device.removed_at is not None
    street.world.clock.advance(seconds=1)
    street.world.tick()
    assert street.world.paged() == ["Ada", "Ben"]


def test_whoever_loses_a_device_that_no_longer_listens_is_told_once(street: Street) -> None:
    street.service.behave(street.phone.endpoint, Answer(410))
    street.send_due()
    assert [jobs.tell_of_gone_devices() for _ in range(2)] == [1, 0]
    told = {user.name: [one.title for one in listing.of(user)] for user in db.session.scalars(sa.select(User))}
    assert told.pop("Ada") == ["Ada's phone is paged no longer"]
    assert not any(told.values())


def test_INV22_a_page_has_not_failed_while_another_device_may_show_it(street: Street) -> None:
    with transaction():
        alert = queries.locked(1)
        assert alert is not None
        acknowledge(alert, by=db.session.merge(street.world.cast.ben), at=app_clock.now())
        tablet = street.service.subscribe(street.key)
        street.add(street.world.cast.ada.id, tablet, "Ada's tablet")
    street.world.fire(key="second")
    street.world.tick()
    street.service.behave(street.phone.endpoint, then=Answer(410))
    street.send_due()
    assert len(tablet.log) == 1
    assert street.world.pages()[-1].status is PageStatus.SENT


def test_a_refusal_keeps_the_subscription_and_says_why(street: Street) -> None:
    street.service.behave(street.phone.endpoint, Answer(403))
    street.send_due()
    assert street.delivery().state is DeliveryState.FAILED
    assert street.delivery().error
    assert db.session.scalars(sa.select(PushSubscription)).one().removed_at is None


def test_F17_a_page_whose_time_is_over_is_not_sent_any_more(street: Street, clock: TestClock) -> None:
    clock.advance(hours=1)
    street.send_due()
    assert street.service.posts == []
    assert street.world.pages()[0].status is PageStatus.EXPIRED


def test_SEC2_an_endpoint_that_is_no_known_push_host_is_refused_at_send(street: Street) -> None:
    with transaction():
        db.session.execute(sa.update(PushSubscription).values(endpoint="https://127.0.0.2/steal"))
    street.send_due()
    assert street.delivery().state is DeliveryState.FAILED


def test_low_urgency_is_pushed_without_waking_a_dozing_phone(street: Street) -> None:
    with transaction():
        for page in street.world.pages():
            db.session.merge(page).urgency = Urgency.LOW
    street.send_due()
    assert street.service.posts[0].headers["Urgency"] == "normal"
