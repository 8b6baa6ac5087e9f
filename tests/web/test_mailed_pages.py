"""A page by mail, to whoever has no device: sent by a real server, its link looked at, its button pressed."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from apiflask import APIFlask
from flask.testing import FlaskClient

from app.database import db, transaction
from app.domain.words import AlertStatus, DeliveryState, PageStatus
from app.engine import jobs
from app.oncall import drills
from app.oncall.models import Drill
from app.paging.channels.registry import Channels
from app.paging.deliver import deliver_due
from app.paging.models import Delivery, PushSubscription
from app.people.models import User
from tests.support.clock import TestClock
from tests.support.mail_server import MailBox
from tests.support.world import World


@pytest.fixture
def channels(app: APIFlask, box: MailBox) -> Iterator[Channels]:
    channels = Channels.from_settings(app.config["settings"])
    yield channels
    channels.close()


@pytest.fixture
def world(app: APIFlask, clock: TestClock, box: MailBox) -> World:
    """Ada is asked first and has no device."""
    world = World(clock)
    with transaction():
        db.session.execute(sa.delete(PushSubscription).where(PushSubscription.user_id == world.cast.ada.id))
    world.fire()
    world.tick()
    return world


def delivery() -> Delivery:
    return db.session.scalars(
        sa.select(Delivery).where(Delivery.page_id == 1).execution_options(populate_existing=True)
    ).one()


def path_in(box: MailBox) -> str:
    found = re.search(r"/r/\S+", box.letters[0].get_content())
    assert found is not None
    return found[0]


def test_a_mailed_page_is_looked_at_without_effect_and_acknowledged_by_its_button(
    world: World, box: MailBox, channels: Channels, client: FlaskClient
) -> None:
    assert deliver_due(channels) == 1
    assert (delivery().channel, delivery().state) == ("email", DeliveryState.ACCEPTED)
    assert world.pages()[0].status is PageStatus.SENT
    (letter,) = box.to("ada@nightbell.example")
    assert letter["Subject"] == "Checkout errors at 14 % · Critical"
    path = path_in(box)

    seen = client.get(path)  # as a scanner does, twice
    assert (client.get(path).status_code, seen.status_code) == (200, 200)
    assert '<div class="dock solid"' in seen.text  # at the thumb
    assert client.head(path).status_code == 200
    assert world.alert().status is AlertStatus.TRIGGERED
    assert delivery().state is DeliveryState.ACCEPTED

    assert "You have it. Nobody else is paged." in client.post(f"{path}/acknowledgement").text
    assert world.alert().acknowledged_by_id == world.cast.ada.id
    assert delivery().state is DeliveryState.ACKED
    assert "You have it since" in client.post(f"{path}/acknowledgement").text
    assert '<div class="dock solid"' not in client.get(path).text
    assert world.events().count("acknowledged") == 1


def test_D2_a_drill_by_mail_is_looked_at_without_effect_and_passed_by_its_button(
    world: World, box: MailBox, channels: Channels, client: FlaskClient
) -> None:
    deliver_due(channels)
    with transaction():
        drill = drills.ask_now(db.session.merge(world.cast.ada), at=world.now).id
    deliver_due(channels)
    letter = box.letters[1]
    assert letter["Subject"] == "Drill: did you hear this?"
    found = re.search(r"/r/\S+", letter.get_content())
    assert found is not None
    seen = client.get(found[0]).text
    assert "I heard it" in seen
    jobs.hold_drills()
    assert db.session.get_one(Drill, drill).passed_at is None, "looking passes nothing"
    assert "Heard. It was a drill" in client.post(f"{found[0]}/acknowledgement").text
    jobs.hold_drills()
    db.session.expire_all()
    assert db.session.get_one(Drill, drill).passed_at == world.now
    assert "I heard it" not in client.get(found[0]).text
    assert world.alert().status is AlertStatus.TRIGGERED


def test_it_says_who_was_first_and_that_an_old_or_foreign_link_is_none(
    world: World, box: MailBox, channels: Channels, client: FlaskClient, clock: TestClock
) -> None:
    deliver_due(channels)
    path = path_in(box)
    world.acknowledge(world.cast.ben)
    assert "Ben has it since" in client.post(f"{path}/acknowledgement").text
    assert "Ben has it since" in client.get(path).text
    assert world.alert().acknowledged_by_id == world.cast.ben.id
    clock.moment += timedelta(hours=25)
    assert (client.get(path).status_code, client.post(f"{path}/acknowledgement").status_code) == (410, 410)
    assert (client.get("/r/x").status_code, client.post("/r/x/acknowledgement").status_code) == (404, 404)


def test_SEC17_a_link_of_somebody_switched_off_takes_nothing(
    world: World, box: MailBox, channels: Channels, client: FlaskClient
) -> None:
    deliver_due(channels)
    with transaction():
        db.session.get_one(User, world.cast.ada.id).is_active = False
    looked_at = client.get(path_in(box))
    assert (looked_at.status_code, "Checkout" in looked_at.text) == (404, False)
    assert client.post(f"{path_in(box)}/acknowledgement").status_code == 403
    assert world.alert().status is AlertStatus.TRIGGERED


def test_INV6_a_second_sending_has_the_same_message_id_and_link(
    world: World, box: MailBox, channels: Channels, clock: TestClock
) -> None:
    deliver_due(channels)
    with transaction():  # as if the process was killed before it could write down the answer
        delivery().next_attempt_at = clock.moment
    deliver_due(channels)
    first, second = box.letters
    assert (first["Message-ID"], first.get_content()) == (second["Message-ID"], second.get_content())


def test_INV12_an_address_that_takes_no_mail_fails_in_words_and_the_next_is_asked_at_once(
    world: World, box: MailBox, channels: Channels
) -> None:
    box.answers["ada@nightbell.example"] = "550 no such person"
    deliver_due(channels)
    assert (delivery().state, world.pages()[0].status) == (DeliveryState.FAILED, PageStatus.FAILED)
    assert "does not take mail for this address" in (delivery().error or "")
    world.tick()
    assert world.paged() == ["Ada", "Ben"]


def test_INV22_a_mail_server_that_asks_to_wait_is_asked_again(
    world: World, box: MailBox, channels: Channels, clock: TestClock
) -> None:
    box.answers["ada@nightbell.example"] = "451 later"
    deliver_due(channels)
    assert delivery().next_attempt_at is not None
    box.answers.clear()
    clock.advance(seconds=10)
    deliver_due(channels)
    assert len(box.letters) == 1
    assert delivery().state is DeliveryState.ACCEPTED
