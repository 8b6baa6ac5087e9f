"""Four acknowledgements of one alert at one instant: a mailed link, a notification, the API and a text."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import sqlalchemy as sa
from apiflask import APIFlask
from werkzeug.test import TestResponse

from app.database import db, transaction
from app.domain.words import ChannelKind, ContactKind, DeliveryState, Urgency
from app.paging.models import Delivery, NotificationRule
from app.paging.page import token_for
from app.people.models import ContactMethod
from tests.support.api import Api
from tests.support.cast import make
from tests.support.clock import TestClock
from tests.support.lane import IS_FULL
from tests.support.telephone import Telephone, tells
from tests.support.world import World

pytestmark = pytest.mark.fault

ROUNDS = 200 if IS_FULL else 8
NUMBER = "+442079460999"


@pytest.fixture(params=["sqlite", "sweep"])
def kind(request: pytest.FixtureRequest) -> str:
    """Each database once: no engine runs here."""
    return str(request.param)


@pytest.fixture
def world(app: APIFlask, clock: TestClock) -> Iterator[World]:
    """Ada is paged on her phone, by mail and by text at once."""
    with Telephone() as telephone:
        more = telephone.settings | {"smtp_url": "smtp://127.0.0.1:2525"}
        app.config["settings"] = replace(app.config["settings"], **more)
        world = World(clock)
        ada, at = world.cast.ada.id, world.now
        with transaction():
            phone = make(
                ContactMethod, user_id=ada, kind=ContactKind.PHONE, address=NUMBER, created_at=at,
                verified_at=at,
            )  # fmt: skip
            for channel in (ChannelKind.PUSH, ChannelKind.EMAIL, ChannelKind.SMS):
                contact = phone.id if channel is ChannelKind.SMS else None
                make(
                    NotificationRule, user_id=ada, urgency=Urgency.HIGH, channel=channel, after_seconds=0,
                    contact_id=contact, created_at=at,
                )  # fmt: skip
        for number in range(ROUNDS):
            world.fire(f"Race {number}", key=str(number))
        world.tick()
        with transaction():  # as after sending: an answer counts for what was sent
            db.session.execute(sa.update(Delivery).values(state=DeliveryState.ACCEPTED, sent_at=at))
        yield world


def test_four_ways_at_one_instant_are_one_acknowledgement(app: APIFlask, world: World) -> None:
    rows = db.session.scalars(sa.select(Delivery)).all()
    tokens = {(row.page.subject_id, row.channel): token_for(row.page.page_key, row.address_key) for row in rows}
    assert len(tokens) == ROUNDS * 3
    program, base = Api(app.test_client(), world.cast.ben), app.config["settings"].base_url
    meet = threading.Barrier(4)

    def by_mail(number: int) -> TestResponse:
        return app.test_client().post(f"/r/{tokens[number, ChannelKind.EMAIL]}/acknowledgement")

    def by_notification(number: int) -> TestResponse:
        told = {"stage": "acked"}
        return app.test_client().post(f"/r/{tokens[number, ChannelKind.PUSH]}", json=told)

    def by_api(number: int) -> TestResponse:
        return program.post(f"/alerts/{number}/acknowledgement")

    def by_text(number: int) -> TestResponse:
        said = {"From": NUMBER, "Body": str(number), "MessageSid": f"SM{number}"}
        return tells(app.test_client(), base, "/twilio/sms", **said)

    def runner(way: Callable[[int], TestResponse]) -> list[int]:
        statuses = []
        for number in range(1, ROUNDS + 1):
            meet.wait(timeout=60)
            statuses.append(way(number).status_code)
        return statuses

    with ThreadPoolExecutor(4) as ways:
        answers = list(ways.map(runner, (by_mail, by_notification, by_api, by_text)))
    assert answers == [[200] * ROUNDS] * 4
    db.session.rollback()
    acknowledged = sa.text(
        "SELECT subject_id, count(*) FROM event WHERE subject_kind = 'alert' AND kind = 'acknowledged'"
        " GROUP BY subject_id ORDER BY subject_id"
    )
    found = [tuple(row) for row in db.session.execute(acknowledged)]
    assert found == [(number, 1) for number in range(1, ROUNDS + 1)]
    timers = db.session.scalar(sa.text("SELECT count(*) FROM escalation WHERE next_due_at IS NOT NULL"))
    holders = sa.text(
        "SELECT count(*) FROM alert WHERE status = 'acknowledged' AND acknowledged_by_id IS NOT NULL"
    )
    assert (timers, db.session.scalar(holders)) == (0, ROUNDS)
