"""Receipts drive escalation (D1): a device that took a page and never showed it is not waited for."""

from datetime import timedelta

import sqlalchemy as sa

from app import clock
from app.database import db, transaction
from app.domain.words import ChannelKind, DeliveryState
from app.engine import jobs
from app.paging import deliver
from app.paging.channels.outcome import Accepted, Outcome, Refused
from app.paging.methods import ACCOUNT
from app.paging.models import Delivery, Page
from app.paging.receipts import Stage, note_stage
from app.people import queries
from app.timeline.models import Event
from tests.support.cast import make_device
from tests.support.world import World


def send(outcome: Outcome) -> None:
    """Everything that is due goes out, and the push services answer this."""
    with transaction():
        claims = deliver.claim_due(10)
    for claim in claims:
        with transaction():
            deliver.mark(claim, outcome, at=clock.now())


def begin(world: World) -> None:
    world.fire()
    world.tick()
    with transaction():
        db.session.execute(sa.update(Delivery).values(state="sent"))
    send(Accepted(201))


def after(world: World, seconds: int) -> None:
    world.clock.advance(seconds=seconds)
    world.tick()


def delivery(device: int | None = None) -> Delivery:
    wanted = sa.select(Delivery).join(Page).order_by(Delivery.id)
    if device is not None:
        wanted = wanted.where(Delivery.subscription_id == device)
    return db.session.scalars(wanted.limit(1).execution_options(populate_existing=True)).one()


def report(stage: Stage, device: int | None = None) -> None:
    with transaction():
        note_stage(delivery(device), stage, at=clock.now())


def reasons() -> list[str]:
    rows = sa.select(Event).where(Event.kind == "nobody_reached").order_by(Event.id)
    return [event.data["because"] for event in db.session.scalars(rows)]


def test_D1_a_page_that_no_device_showed_in_45_s_goes_to_the_next_step_at_once(world: World) -> None:
    begin(world)
    after(world, 44)
    assert world.paged() == ["Ada"]
    after(world, 1)
    assert world.paged() == ["Ada", "Ben"], "Ben would have waited for five minutes"
    assert reasons() == ["no device answered"]
    after(world, 1)
    assert (world.paged(), reasons()) == (["Ada", "Ben"], ["no device answered"]), "once"
    assert delivery().silent_since is not None


def test_D1_a_device_that_showed_it_is_given_the_whole_step(world: World) -> None:
    begin(world)
    after(world, 30)
    report(Stage.SHOWN)
    after(world, 200)
    assert world.paged() == ["Ada"]


def test_D1_received_is_not_shown(world: World) -> None:
    begin(world)
    report(Stage.RECEIVED)
    after(world, 45)
    assert world.paged() == ["Ada", "Ben"]


def test_D1_one_silent_device_does_not_end_the_wait_for_another(world: World) -> None:
    with transaction():
        tablet = make_device(world.cast.ada, "https://fcm.googleapis.com/fcm/send/tablet", device="tablet").id
    begin(world)
    report(Stage.SHOWN, tablet)
    after(world, 60)
    assert world.paged() == ["Ada"]


def test_D1_a_device_that_shows_it_late_counts_when_the_other_one_fails(world: World) -> None:
    begin(world)
    with transaction():
        phone = delivery().subscription_id
        tablet = make_device(world.cast.ada, "https://fcm.googleapis.com/fcm/send/tablet", device="tablet").id
        page_id, token = delivery().page_id, "a token of the tablet"
        db.session.add(
            Delivery(
                page_id=page_id, subscription_id=tablet, channel="push", device="tablet", state="sent",
                created_at=clock.now(), next_attempt_at=clock.now(), token_hash=token,
            )
        )  # fmt: skip
    after(world, 46)
    report(Stage.SHOWN, phone)
    send(Refused("no"))
    after(world, 1)
    assert world.paged() == ["Ada"]


def test_D1_INV12_failed_and_silent_devices_together_reach_nobody(world: World) -> None:
    with transaction():
        make_device(world.cast.ada, "https://fcm.googleapis.com/fcm/send/tablet", device="tablet")
    world.fire()
    world.tick()
    with transaction():
        first, second = deliver.claim_due(2)
        db.session.execute(sa.update(Delivery).values(state="sent"))
    for claim, outcome in ((first, Accepted(201)), (second, Refused("no"))):
        with transaction():
            deliver.mark(claim, outcome, at=clock.now())
    after(world, 1)
    assert world.paged() == ["Ada"]
    after(world, 45)
    assert world.paged() == ["Ada", "Ben"]


def test_D1_a_phone_that_shows_pages_without_a_word_is_not_held_silent(world: World) -> None:
    with transaction():
        device = db.session.merge(world.cast.devices["Ada"])
        device.endpoint = "https://web.push.apple.com/Q"
    begin(world)
    after(world, 200)
    assert world.paged() == ["Ada"]


def test_D1_what_somebody_has_is_not_handed_on_by_a_silent_device(world: World) -> None:
    begin(world)
    world.acknowledge(world.cast.ben)
    after(world, 60)
    assert world.paged() == ["Ada"]


def test_D1_a_made_up_organisation_hears_of_no_device_and_hurries_nobody(world: World) -> None:
    begin(world)
    with transaction():
        organisation = queries.organisation()
        assert organisation is not None
        organisation.is_demo = True
    after(world, 60)
    assert jobs.hurry_unreached() == 0
    assert world.paged() == ["Ada"]


def wait_for_second(world: World) -> None:
    """Ada's page has a second way, which has its turn in three minutes."""
    with transaction():
        page = db.session.scalars(sa.select(Page)).one()
        page.deliveries.append(
            Delivery(
                channel=ChannelKind.EMAIL, address_key=ACCOUNT, device="E-mail", state=DeliveryState.QUEUED,
                created_at=clock.now(), next_attempt_at=clock.now() + timedelta(minutes=3), token_hash="x",
            )
        )  # fmt: skip


def second() -> Delivery:
    rows = sa.select(Delivery).where(Delivery.channel == ChannelKind.EMAIL)
    return db.session.scalars(rows.execution_options(populate_existing=True)).one()


def test_D1_the_persons_next_method_goes_at_once_before_anybody_else_is_asked(world: World) -> None:
    begin(world)
    wait_for_second(world)
    after(world, 44)
    assert second().next_attempt_at == world.now + timedelta(seconds=136)
    after(world, 1)
    assert second().next_attempt_at == world.now
    assert world.paged() == ["Ada"], "while her mail may still reach her"
    send(Refused("no such mailbox"))
    after(world, 1)
    assert world.paged() == ["Ada", "Ben"]


def test_D1_a_method_that_waits_is_not_hurried_by_one_that_showed_the_page(world: World) -> None:
    begin(world)
    wait_for_second(world)
    report(Stage.SHOWN)
    after(world, 60)
    assert second().next_attempt_at == world.now + timedelta(seconds=120)


def has_an_iphone(world: World) -> None:
    with transaction():
        device = db.session.merge(world.cast.devices["Ada"])
        device.endpoint = "https://web.push.apple.com/Q"


def test_D1_a_phone_that_promises_no_receipt_only_makes_the_next_way_wait_half_as_long(world: World) -> None:
    has_an_iphone(world)
    begin(world)
    wait_for_second(world)
    begun = world.now
    after(world, 44)
    assert second().next_attempt_at == begun + timedelta(seconds=180)
    for _ in range(3):
        after(world, 1)
        assert second().next_attempt_at == begun + timedelta(seconds=90), "and not a second time"
    after(world, 50)
    with transaction():
        assert [claim.delivery_id for claim in deliver.claim_due(10)] == [second().id]
    assert world.paged() == ["Ada"], "nobody else is asked sooner"


def test_D1_a_phone_that_showed_the_page_changes_nothing(world: World) -> None:
    has_an_iphone(world)
    begin(world)
    wait_for_second(world)
    begun = world.now
    report(Stage.SHOWN)
    after(world, 60)
    assert second().next_attempt_at == begun + timedelta(seconds=180)


def test_D1_what_comes_soon_anyhow_comes_at_once(world: World) -> None:
    has_an_iphone(world)
    begin(world)
    wait_for_second(world)
    with transaction():
        second().next_attempt_at = world.now + timedelta(seconds=60)
    after(world, 45)
    assert second().next_attempt_at == world.now
