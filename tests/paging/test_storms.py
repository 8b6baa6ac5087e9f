"""Storms (features 36, 37, INV-23): the first at once, the rest together, one tap for all, and none is lost."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from app import clock as app_clock
from app.alerts.models import Alert
from app.database import db, transaction
from app.domain.alert import Said
from app.domain.words import AlertStatus, DeliveryState, PageStatus, Severity
from app.paging import deliver, silence
from app.paging.channels.outcome import Accepted, Refused, RetryAfter
from app.paging.models import Delivery, Page
from app.web.deliveries import people_paged
from app.web.receipts import acknowledge_by
from tests.paging import test_deliver
from tests.paging.test_deliver import Street
from tests.support.cast import make_integration, make_service

WAIT = timedelta(seconds=10)
street = test_deliver.street


def storm(street: Street, more: int = 3) -> None:
    """Alert 1 has been fired and paged already; so many more come."""
    for number in range(more):
        severity = Severity.ERROR if number else Severity.CRITICAL
        street.world.fire(f"Pod {number} is gone", key=f"pod-{number}", severity=severity)
    street.world.tick()


def deliveries() -> list[Delivery]:
    db.session.rollback()
    rows = sa.select(Delivery).join(Page).where(Page.kind == "page").order_by(Delivery.id)
    return list(db.session.scalars(rows.execution_options(populate_existing=True)))


def states() -> list[str]:
    return [str(each.state) for each in deliveries()]


def drain(street: Street) -> None:
    while street.send_due():
        pass


def titles(street: Street) -> list[str]:
    return [rung.message["notification"]["title"] for rung in street.phone.log]


def test_36_the_first_goes_at_once_and_the_rest_in_one_message_ten_seconds_later(street: Street) -> None:
    drain(street)
    storm(street)
    drain(street)
    assert titles(street) == ["Checkout errors at 14 % · Critical"]
    assert states() == ["accepted", "throttled", "throttled", "throttled"]
    street.world.clock.moment += WAIT
    drain(street)
    assert titles(street)[1:] == ["checkout-api: 3 alerts · Critical"]
    assert street.phone.log[1].message["notification"]["body"] == "First: Pod 0 is gone. One tap takes all 3."
    assert sorted(states()[1:]) == ["accepted", "bundled", "bundled"]
    assert {page.status for page in street.world.pages()} == {PageStatus.SENT}
    street.world.clock.moment += timedelta(minutes=1)
    drain(street)
    assert len(street.phone.log) == 2, "what went along goes once"


def test_INV23_the_first_alert_of_another_service_does_not_wait(street: Street) -> None:
    drain(street)
    with transaction():
        cast = street.world.cast
        other = make_service("search", db.session.merge(cast.payments), db.session.merge(cast.policy))
        door = make_integration(other)
        cast.integration = door
    storm(street, 1)
    drain(street)
    assert titles(street)[1:] == ["Pod 0 is gone · Critical"]


def test_36_one_tap_acknowledges_every_alert_of_the_message(street: Street) -> None:
    drain(street)
    storm(street)
    drain(street)
    street.world.clock.moment += WAIT
    drain(street)
    lead = next(each for each in deliveries()[1:] if each.state is DeliveryState.ACCEPTED)
    with transaction():
        status, _, words = acknowledge_by(db.session.get_one(Delivery, lead.id), pressed_at=None)
    assert (status, words) == (200, "You have all 3. Nobody else is paged.")
    taken = db.session.scalars(sa.select(Alert.status).order_by(Alert.id)).all()
    assert taken == [AlertStatus.TRIGGERED, *[AlertStatus.ACKNOWLEDGED] * 3]
    with transaction():
        again = acknowledge_by(db.session.get_one(Delivery, lead.id), pressed_at=None)[2]
    assert again.startswith("You have it")


def test_36_an_alert_says_that_it_waits_and_what_it_went_with(street: Street) -> None:
    drain(street)
    storm(street, 2)
    drain(street)

    def said(number: int) -> str:
        pages = db.session.scalars(sa.select(Page).where(Page.subject_id == number)).all()
        return people_paged(pages)[0].deliveries[0].says

    assert said(2).startswith("throttled until 03:")
    street.world.clock.moment += WAIT
    drain(street)
    along = next(each.page.subject_id for each in deliveries() if each.state is DeliveryState.BUNDLED)
    assert said(along) == f"bundled in one message with alert {5 - along}: accepted, not shown yet"


def test_54_an_alert_says_until_when_quiet_hours_hold_its_page(street: Street) -> None:
    drain(street)
    with transaction():
        db.session.merge(street.world.cast.ada).quiet_hours = {"from": "22:00", "until": "07:00"}
    street.world.fire("Backup is late", key="low", severity=Severity.WARNING)
    street.world.tick()
    drain(street)
    held = db.session.scalars(sa.select(Page).where(Page.subject_id == 2)).all()
    assert people_paged(held)[0].deliveries[0].says == "held until Thu 07:00, when their quiet hours end"
    street.world.clock.moment += timedelta(hours=4)
    assert people_paged(held)[0].deliveries[0].says == "waits to be sent"


@pytest.mark.parametrize("outcome", [RetryAfter(20, "busy"), Refused("broken"), None])
def test_INV6_whatever_becomes_of_the_message_each_that_went_along_is_sent(
    street: Street,
    outcome: RetryAfter | Refused | None,
) -> None:
    drain(street)
    storm(street, 2)
    drain(street)
    street.world.clock.moment += WAIT
    claim = street.claim()
    real = street.channels.send
    try:
        if outcome is None:  # the sender dies after sending
            street.channels.send = lambda *_: Accepted(201)  # type: ignore[method-assign]
            deliver._look_again(claim, at=app_clock.now())
            db.session.commit()
        else:
            street.channels.send = lambda *_: outcome  # type: ignore[method-assign]
            deliver.deliver(claim, street.channels)
    finally:
        street.channels.send = real  # type: ignore[method-assign]
    for _ in range(6):
        street.world.clock.moment += timedelta(seconds=15)
        drain(street)
    rang = {rung.data["alert"] for rung in street.phone.log}
    late = [each for each in deliveries() if each.next_attempt_at is not None]
    assert not late
    ended = {str(each.page.subject_id) for each in deliveries() if each.state is DeliveryState.FAILED}
    went_along = {str(each.page.subject_id) for each in deliveries() if each.state is DeliveryState.BUNDLED}
    assert rang | ended | went_along == {"1", "2", "3"}


def test_D1_a_device_that_does_not_show_the_message_is_silent_for_all_of_it(street: Street) -> None:
    drain(street)
    storm(street, 2)
    drain(street)
    street.world.clock.moment += WAIT
    drain(street)
    street.world.clock.moment += timedelta(seconds=46)
    with transaction():
        silence.note_silent(app_clock.now())
    assert all(each.silent_since is not None for each in deliveries())


def test_14_a_push_service_that_refuses_throttles_nobody(street: Street) -> None:
    with transaction():
        db.session.scalars(sa.select(Delivery)).one().state = DeliveryState.FAILED
        db.session.scalars(sa.select(Delivery)).one().next_attempt_at = None
        db.session.scalars(sa.select(Delivery)).one().sent_at = app_clock.now()
    storm(street, 1)
    drain(street)
    assert len(street.phone.log) == 1


def test_54_what_quiet_hours_held_comes_in_one_message_when_they_are_over(street: Street) -> None:
    drain(street)
    with transaction():
        cast = street.world.cast
        db.session.merge(cast.ada).quiet_hours = {"from": "22:00", "until": "07:00"}
        other = make_service("search", db.session.merge(cast.payments), db.session.merge(cast.policy))
        first, second = db.session.merge(cast.integration), make_integration(other)
    for key, door in (("a", first), ("b", second), ("c", first), ("d", first)):
        cast.integration = door
        street.world.fire(f"Disk {key} at 91 %", key=key, severity=Severity.WARNING)
        street.world.tick()
    cast.integration = first
    street.world.fire(key="d", status=Said.RESOLVED)
    drain(street)
    assert len(street.phone.log) == 1
    street.world.clock.moment += timedelta(minutes=230)
    drain(street)
    (digest,) = [rung.message["notification"] for rung in street.phone.log[1:] if rung.data["kind"] == "page"]
    assert digest["title"] == "2 services: 3 alerts · Warning"
    assert digest["body"] == (
        "Held in your quiet hours. First: Disk a at 91 %. One tap takes all 3. 1 more was taken or over before."
    )
