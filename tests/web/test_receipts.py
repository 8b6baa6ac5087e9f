"""`POST /r/<token>`: what a device reports, and acknowledging from it without a login."""

import pytest
import sqlalchemy as sa
from apiflask import APIFlask
from flask.testing import FlaskClient

from app.database import db, transaction
from app.domain.words import AlertStatus, DeliveryState, PageStatus
from app.paging.models import Delivery
from app.paging.page import token_for
from app.timeline.models import Event
from tests.support.clock import TestClock
from tests.support.world import World


@pytest.fixture
def world(app: APIFlask, clock: TestClock) -> World:
    """Ada and Ben have both been paged."""
    world = World(clock)
    world.fire()
    world.tick()
    world.forward(minutes=5)
    return world


def token(page: int = 1) -> str:
    delivery = db.session.scalars(sa.select(Delivery).where(Delivery.page_id == page)).one()
    assert delivery.subscription_id is not None
    return token_for(delivery.page.page_key, delivery.address_key)


def report(client: FlaskClient, stage: str, page: int = 1, **more: str) -> tuple[int, dict[str, object]]:
    answer = client.post(f"/r/{token(page)}", json={"stage": stage, **more})
    return answer.status_code, answer.get_json()


def delivery() -> Delivery:
    return db.session.scalars(
        sa.select(Delivery).where(Delivery.page_id == 1).execution_options(populate_existing=True)
    ).one()


def test_stages_are_written_down_in_any_order_and_twice(world: World, client: FlaskClient) -> None:
    for stage in ("shown", "received", "shown", "clicked"):
        assert report(client, stage)[0] == 200
    assert delivery().state is DeliveryState.CLICKED
    assert delivery().shown_at == delivery().received_at == world.now
    assert delivery().page.status is PageStatus.DELIVERED


def test_the_opened_page_gets_the_card_of_its_alert_and_acknowledges_nothing(
    world: World, client: FlaskClient
) -> None:
    status, answer = report(client, "clicked")
    assert status == 200
    card = answer["alert"]
    assert isinstance(card, dict)
    assert (card["number"], card["title"], card["status"]) == (1, "Checkout errors at 14 %", "triggered")
    assert world.alert().status is AlertStatus.TRIGGERED


def test_SEC7_acknowledging_needs_only_the_token(world: World, client: FlaskClient) -> None:
    status, answer = report(client, "acked", at="2026-11-12T03:15:00Z")
    assert (status, answer["outcome"]) == (200, "acknowledged")
    assert answer["sentence"] == "You have it. Nobody else is paged."
    acknowledged_by = world.alert().acknowledged_by
    assert acknowledged_by is not None
    assert acknowledged_by.name == "Ada"
    assert delivery().acked_at == world.now


def test_INV10_twice_late_and_after_somebody_else_each_say_what_is_true(
    world: World, client: FlaskClient
) -> None:
    assert report(client, "acked")[1]["outcome"] == "acknowledged"
    assert report(client, "acked")[1]["sentence"] == "You have it since 03:15 GMT."
    late = report(client, "acked", page=2)[1]
    assert (late["outcome"], late["sentence"]) == (
        "already_other",
        "Ada has it since 04:15 CET. You need do nothing.",  # Ben reads it in Stockholm
    )


def test_SEC7_opening_the_address_with_get_never_acknowledges(world: World, client: FlaskClient) -> None:
    assert client.get(f"/r/{token()}").status_code == 200
    assert delivery().state is DeliveryState.QUEUED
    assert world.alert().status is AlertStatus.TRIGGERED


def test_SEC7_a_token_nobody_gave_out_is_unknown_and_an_old_one_has_expired(
    world: World, client: FlaskClient
) -> None:
    assert client.post("/r/made-up", json={"stage": "acked"}).status_code == 404
    key = token()
    world.clock.advance(hours=25)
    answer = client.post(f"/r/{key}", json={"stage": "acked"})
    assert (answer.status_code, answer.get_json()["outcome"]) == (410, "expired")


def test_SEC7_a_token_answers_its_own_page_and_opens_nothing_else(world: World, client: FlaskClient) -> None:
    world.clock.advance(minutes=1)
    world.fire("Another", key="other")
    world.tick()
    key, other = token(), world.alert(2)
    assert client.post(f"/r/{key}", json={"stage": "acked", "alert": "2", "page": "3"}).status_code == 200
    assert (world.alert(1).status, other.status) == (AlertStatus.ACKNOWLEDGED, AlertStatus.TRIGGERED)
    assert client.get("/api/v1/alerts", headers={"Authorization": f"Bearer {key}"}).status_code == 401
    client.set_cookie("__Host-nightbell", key)
    assert client.get("/me").location == "/login?next=/me"
    for path in ("/join/", "/forgotten/", "/welcome/", "/calendar/"):
        assert client.get(f"{path}{key}").status_code in (404, 410), path


def test_SEC17_somebody_whose_account_was_switched_off_can_no_longer_acknowledge(
    world: World, client: FlaskClient
) -> None:
    key = token()
    with transaction():
        db.session.merge(world.cast.ada).is_active = False
    for queued in ({}, {"at": "2026-11-12T03:14:00Z"}):  # now, and pressed before, without a network
        assert client.post(f"/r/{key}", json={"stage": "acked"} | queued).status_code == 403
    assert world.alert().status is AlertStatus.TRIGGERED
    assert client.post(f"/r/{key}", json={"stage": "clicked"}).get_json()["alert"] is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b'{"stage": "eaten"}',
        b'{"stage": ["acked"]}',
        b'"acked"',
        b"\xff",
        b"{}" + b" " * 9000,
    ],
)
def test_what_is_no_report_is_refused_in_words(world: World, client: FlaskClient, body: bytes) -> None:
    answer = client.post(f"/r/{token()}", data=body)
    assert (answer.status_code, answer.get_json()["outcome"]) == (400, "not_understood")


def test_when_it_was_pressed_earlier_the_timeline_keeps_both_times(world: World, client: FlaskClient) -> None:
    report(client, "acked", at="2026-11-12T03:12:51Z")
    event = db.session.scalars(sa.select(Event).where(Event.kind == "acknowledged")).one()
    assert event.data["pressed_at"] == "2026-11-12T03:12:51+00:00"
