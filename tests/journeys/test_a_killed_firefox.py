"""The push is accepted and the browser is dead: the next way has its turn at its promised time (D1)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from apiflask import APIFlask

from app.database import db, transaction
from app.domain.words import ChannelKind, DeliveryState, PageKind, Urgency
from app.engine import jobs
from app.paging.channels.registry import Channels
from app.paging.deliver import deliver_due
from app.paging.models import Delivery, NotificationRule, Page, PushSubscription
from app.people import passwords
from tests.journeys.test_set_up_in_firefox import PRESS, STATE
from tests.support.cast import make
from tests.support.clock import TestClock
from tests.support.databases import settings_for
from tests.support.firefox import Firefox
from tests.support.live_app import live
from tests.support.mail_server import MailBox, mail_server
from tests.support.push_service import PushService
from tests.support.world import World

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]
ADA, PASSWORD = "ada@nightbell.example", "brass kettle orbit plum"


@pytest.fixture
def service() -> Iterator[PushService]:
    with PushService() as service:
        yield service


@pytest.fixture
def box(app: APIFlask, service: PushService) -> Iterator[MailBox]:
    with mail_server() as box:
        present = app.config["settings"]
        settings = settings_for(present.instance_dir, present.database_url, push_hosts=service.host)
        app.config["settings"] = replace(settings, smtp_url=box.url)
        yield box


@pytest.fixture
def world(app: APIFlask, clock: TestClock) -> World:
    return World(clock)


def sign_in(firefox: Firefox, address: str, world: World) -> None:
    """By the door's own form, so that the cookie with its __Host- prefix holds on http://127.0.0.1."""
    with transaction():
        db.session.merge(world.cast.ada).password_hash = passwords.hashed(PASSWORD)
    firefox.navigate(f"{address}/login")
    firefox.script(
        "for (const [name, value] of Object.entries(arguments[0])) document.getElementById(name).value = value;"
        "document.getElementById('password').form.requestSubmit()",
        {"email": ADA, "password": PASSWORD},
    )
    firefox.wait_for("location.pathname === '/' && document.readyState === 'complete'", within=20)


def test_D1_the_mail_comes_45_s_after_a_push_that_a_killed_firefox_never_showed(
    app: APIFlask, world: World, service: PushService, box: MailBox
) -> None:
    with transaction():
        for channel, minutes in ((ChannelKind.PUSH, 0), (ChannelKind.EMAIL, 4)):
            make(
                NotificationRule, user_id=world.cast.ada.id, urgency=Urgency.HIGH, channel=channel,
                after_seconds=minutes * 60, created_at=world.now,
            )  # fmt: skip
        db.session.execute(sa.delete(PushSubscription))
    channels = Channels.from_settings(app.config["settings"])
    with live(app) as address:
        with Firefox(service.socket_url) as firefox:
            sign_in(firefox, address, world)
            firefox.navigate(f"{address}/me/devices")
            firefox.wait_for(f"{STATE} === 'ask'", within=20)
            firefox.script(PRESS, "Make this device ring")
            firefox.wait_for("document.querySelector('form[data-unsubscribe]') !== null", within=20)
        # the block's end has killed it; its push service keeps what comes for it, and says 201
        world.fire()
        world.tick()
        deliver_due(channels)

        def passes(**amount: float) -> None:
            world.clock.moment += timedelta(**amount)
            jobs.hurry_unreached()
            deliver_due(channels)

        states = sa.select(Delivery.state).join(Page).where(Page.kind == PageKind.PAGE).order_by(Delivery.id)
        assert list(db.session.scalars(states)) == [DeliveryState.ACCEPTED, DeliveryState.QUEUED]
        passes(seconds=44)
        assert box.to(ADA) == [], "a device has 45 s to show a page"
        passes(seconds=1)
        (letter,) = box.to(ADA)
        assert letter["Subject"] == "Checkout errors at 14 % · Critical"
        assert world.paged() == ["Ada"], "it is her other way, and nobody else's turn yet"
    channels.close()
