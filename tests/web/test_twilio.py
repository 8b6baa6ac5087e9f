"""Texts and calls: pages that go out by them, and what the provider tells us, which only counts signed."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from apiflask import APIFlask
from flask.testing import FlaskClient

from app.alerts import readiness
from app.database import db, transaction
from app.domain.readiness import Level
from app.domain.words import AlertStatus, ChannelKind, ContactKind, DeliveryState, PageKind, Urgency
from app.engine import jobs
from app.oncall import drills
from app.oncall.models import Drill
from app.oncall.proven import proofs, unproven
from app.paging.channels.registry import Channels
from app.paging.deliver import deliver_due
from app.paging.models import Delivery, NotificationRule, Page, PushSubscription
from app.paging.receipts import Stage, note_stage
from app.people.models import ContactMethod
from tests.support.cast import make_device
from tests.support.clock import TestClock
from tests.support.telephone import Telephone, tells
from tests.support.world import World

NUMBER = "+442079460999"


@pytest.fixture
def telephone(app: APIFlask) -> Iterator[Telephone]:
    with Telephone() as telephone:
        app.config["settings"] = replace(app.config["settings"], **telephone.settings)
        yield telephone


@pytest.fixture
def world(app: APIFlask, clock: TestClock, telephone: Telephone) -> World:
    """Ada, who is asked first, has no device and a verified number."""
    world = World(clock)
    with transaction():
        db.session.execute(sa.delete(PushSubscription).where(PushSubscription.user_id == world.cast.ada.id))
        db.session.add(
            ContactMethod(
                user_id=world.cast.ada.id, kind=ContactKind.PHONE, address=NUMBER, created_at=world.now,
                verified_at=world.now,
            )
        )  # fmt: skip
        db.session.add(
            NotificationRule(
                user_id=world.cast.ada.id, urgency=Urgency.HIGH, channel=ChannelKind.SMS, after_seconds=0,
                created_at=world.now,
            )
        )  # fmt: skip
    world.fire()
    world.tick()
    return world


def send(app: APIFlask) -> None:
    channels = Channels.from_settings(app.config["settings"])
    deliver_due(channels)
    channels.close()


def delivery() -> Delivery:
    return db.session.scalars(
        sa.select(Delivery).where(Delivery.page_id == 1).execution_options(populate_existing=True)
    ).one()


def base(app: APIFlask) -> str:
    return str(app.config["settings"].base_url)


def lacking(world: World) -> str:
    """What the check of the service finds wrong with whom it would page."""
    found = readiness.of([db.session.merge(world.cast.checkout)], at=world.now)[world.cast.checkout.id]
    return " ".join(each.sentence for each in found if each.level is not Level.PROVEN)


def answer(client: FlaskClient, app: APIFlask, body: str = "1", sid: str = "SM1", **changes: str) -> str:
    said = {"From": NUMBER, "Body": body, "MessageSid": sid} | changes
    told = tells(client, base(app), "/twilio/sms", **said)
    assert (told.status_code, told.mimetype) == (200, "text/xml")
    return told.text


def test_a_text_asks_and_its_answer_acknowledges_once(
    app: APIFlask, world: World, telephone: Telephone, client: FlaskClient
) -> None:
    send(app)
    (text,) = telephone.texts
    assert text["To"] == NUMBER
    assert "Checkout errors at 14 %" in text["Body"]
    assert "Reply 1 to acknowledge" in text["Body"]
    assert (delivery().channel, delivery().state) == (ChannelKind.SMS, DeliveryState.ACCEPTED)
    assert delivery().device == "Text message to …99"
    assert "You have it. Nobody else is paged." in answer(client, app)
    assert world.alert().acknowledged_by_id == world.cast.ada.id
    assert delivery().state is DeliveryState.ACKED
    assert "You have it since" in answer(client, app, sid="SM2"), "a second answer, from impatience"


def test_SEC6_an_old_answer_that_is_played_again_does_nothing(
    app: APIFlask, world: World, client: FlaskClient
) -> None:
    send(app)
    answer(client, app)
    assert answer(client, app) == "<Response></Response>"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"body": "what?"}, "Reply with the number of the alert"),
        ({"body": "2"}, "This is not one of our pages"),
        ({"body": "999999999999"}, "This is not one of our pages"),
        ({"From": "+442079460111"}, "This is not one of our pages"),
    ],
)
def test_what_is_no_acknowledgement_of_theirs_changes_nothing(
    app: APIFlask, world: World, client: FlaskClient, changes: dict[str, str], says: str
) -> None:
    send(app)
    assert says in answer(client, app, **changes)
    assert world.alert().status is AlertStatus.TRIGGERED


def test_SEC6_nothing_counts_that_the_provider_has_not_signed(
    app: APIFlask, world: World, client: FlaskClient
) -> None:
    send(app)
    said = {"From": NUMBER, "Body": "1", "MessageSid": "SM1"}
    assert client.post("/twilio/sms", data=said).status_code == 403
    assert tells(client, base(app), "/twilio/sms", secret="another", **said).status_code == 403
    assert tells(client, "https://elsewhere.example", "/twilio/sms", **said).status_code == 403
    assert world.alert().status is AlertStatus.TRIGGERED
    app.config["settings"] = replace(app.config["settings"], twilio_account_sid=None)
    assert tells(client, base(app), "/twilio/sms", **said).status_code == 404


def test_a_call_says_it_twice_and_the_key_1_acknowledges(
    app: APIFlask, world: World, telephone: Telephone, client: FlaskClient
) -> None:
    with transaction():
        row = db.session.merge(delivery())
        row.channel = ChannelKind.VOICE
    send(app)
    (call,) = telephone.calls
    assert call["Twiml"].count("Press 1 to acknowledge.") == 2
    action = call["Twiml"].partition('action="')[2].partition('"')[0].removeprefix(base(app))
    assert "another key" in tells(client, base(app), action, Digits="2").text
    assert world.alert().status is AlertStatus.TRIGGERED
    assert "You have it." in tells(client, base(app), action, Digits="1").text
    assert world.alert().acknowledged_by_id == world.cast.ada.id
    assert "not one of our pages" in tells(client, base(app), "/twilio/voice/nobodys", Digits="1").text


@pytest.mark.parametrize("channel", [ChannelKind.SMS, ChannelKind.VOICE])
def test_D2_a_drill_comes_by_the_rules_of_its_person_and_is_passed_by_an_answer(
    app: APIFlask, world: World, telephone: Telephone, client: FlaskClient, channel: ChannelKind
) -> None:
    ada = world.cast.ada.id
    assert unproven(ada, proofs([ada]), now=world.now) == "Never proven"
    assert "Nobody knows whether a page rings at Ada's" in lacking(world)
    send(app)
    with transaction():
        number = db.session.scalars(sa.select(ContactMethod.id)).one()
        db.session.execute(sa.update(NotificationRule).values(channel=channel, contact_id=number))
        drill = drills.ask_now(db.session.merge(world.cast.ada), at=world.now).id
    send(app)
    if channel is ChannelKind.SMS:
        text = telephone.texts[-1]["Body"]
        assert text.startswith("Drill: did you hear this? Answer within 5 minutes. Nothing is broken.\n")
        assert "Reply ok if you read this, or open http" in text
        assert "Heard. It was a drill" in answer(client, app, "ok")
    else:
        call = telephone.calls[-1]["Twiml"]
        assert "Press 1 to say that you heard it." in call
        action = call.partition('action="')[2].partition('"')[0].removeprefix(base(app))
        assert "Heard. It was a drill" in tells(client, base(app), action, Digits="1").text
    jobs.hold_drills()
    db.session.expire_all()
    assert db.session.get_one(Drill, drill).passed_at == world.now
    assert world.alert().status is AlertStatus.TRIGGERED, "it took nothing"
    assert unproven(ada, proofs([ada]), now=world.now + timedelta(days=29)) is None
    assert unproven(ada, proofs([ada]), now=world.now + timedelta(days=41)) == "Not proven for 41 days"
    assert "Ada" not in lacking(world)
    app.config["settings"] = replace(app.config["settings"], twilio_account_sid=None)
    assert unproven(ada, proofs([ada]), now=world.now) == "No device to ring", "as no text leaves any more"
    assert "Ada has no device" in lacking(world)


def test_D2_a_drill_that_was_tapped_on_a_device_proves_no_number(world: World) -> None:
    ada = world.cast.ada.id
    with transaction():
        make_device(db.session.merge(world.cast.ada))
        db.session.execute(sa.delete(NotificationRule))
        drill = drills.ask_now(db.session.merge(world.cast.ada), at=world.now)
        to_device = Delivery.subscription_id.is_not(None)
        sent = sa.select(Delivery).where(Delivery.page_id == drill.page_id, to_device)
        tapped = db.session.scalars(sent).one()
        note_stage(tapped, Stage.CLICKED, at=world.now)
    jobs.hold_drills()
    assert unproven(ada, proofs([ada]), now=world.now) is None
    with transaction():
        db.session.execute(sa.update(PushSubscription).values(removed_at=world.now))
    assert unproven(ada, proofs([ada]), now=world.now) == "Never proven", "her number never rang"


def test_D2_an_answer_with_a_number_takes_that_alert_although_a_drill_came_later(
    app: APIFlask, world: World, client: FlaskClient
) -> None:
    send(app)
    with transaction():
        drill = drills.ask_now(db.session.merge(world.cast.ada), at=world.now).id
    send(app)
    assert "You have it. Nobody else is paged." in answer(client, app, "1")
    assert db.session.get_one(Drill, drill).passed_at is None


def test_D2_an_answer_without_a_number_is_to_the_text_that_came_last(
    app: APIFlask, world: World, client: FlaskClient
) -> None:
    """A drill's text may wait its turn by the person's rules while a real alert is told."""
    with transaction():
        drills.ask_now(db.session.merge(world.cast.ada), at=world.now)
    world.fire(key="meanwhile")
    world.tick()
    with transaction():
        texts = db.session.scalars(sa.select(Delivery).where(Delivery.channel == ChannelKind.SMS)).all()
        for text in texts:
            late = text.page.kind is PageKind.DRILL
            text.state, text.next_attempt_at = DeliveryState.ACCEPTED, None
            text.sent_at = world.now + timedelta(minutes=2 if late else 1)
        assert [text.page.kind for text in texts][-1] is PageKind.PAGE, "the drill's row is the older one"
    world.clock.advance(minutes=3)
    assert "Heard. It was a drill" in answer(client, app, "ok")
    assert world.alert(2).status is AlertStatus.TRIGGERED


def test_37_texts_of_a_storm_wait_and_go_together_and_none_is_lost(
    app: APIFlask, world: World, telephone: Telephone
) -> None:
    send(app)
    for number in range(8):
        world.clock.advance(seconds=20)
        world.fire(f"Pod {number} is gone", key=f"pod-{number}")
        world.tick()
        send(app)
    assert len(telephone.texts) <= 3, "one a minute"
    for _ in range(4):
        world.clock.advance(minutes=1)
        send(app)
    assert len(telephone.texts) <= 5, "and five in a quarter of an hour"
    told = sa.select(Delivery.state, sa.func.count()).join(Page).where(Page.user_id == world.cast.ada.id)
    states = {state: count for state, count in db.session.execute(told.group_by(Delivery.state))}  # noqa: C416
    assert set(states) == {DeliveryState.ACCEPTED, DeliveryState.BUNDLED}, (
        "each was told, by itself or with others"
    )
    assert sum(states.values()) == 9
    assert any("checkout-api: " in text["Body"] and " alerts" in text["Body"] for text in telephone.texts)


def test_INV22_a_text_that_did_not_arrive_has_failed_and_the_next_step_is_due_at_once(
    app: APIFlask, world: World, telephone: Telephone, client: FlaskClient
) -> None:
    send(app)
    status = telephone.texts[0]["StatusCallback"].removeprefix(base(app))
    told = tells(client, base(app), status, MessageStatus="undelivered", ErrorCode="30003")
    assert told.status_code == 204
    assert delivery().error == "the telephone provider says undelivered (fault 30003)"
    world.clock.advance(seconds=1)
    world.tick()
    assert world.paged() == ["Ada", "Ben"]
    tells(client, base(app), status, MessageStatus="delivered")
    assert delivery().state is DeliveryState.RECEIVED, "it came after all"
