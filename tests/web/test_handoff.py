"""D11 on the screen: what is open, the note, "I have it", and who may look."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from app.database import db, transaction
from app.domain.timeline import Subject
from app.domain.words import PageKind, Urgency
from app.notices.models import Notice
from app.oncall.models import Handoff, Schedule
from app.paging.models import Delivery
from app.paging.page import Message, Place, page_user, token_for
from app.people.models import User
from tests.support.browser_forms import post
from tests.support.cast import make
from tests.support.oncall import layer_json, utc
from tests.support.world import World

SeenBy = Callable[..., FlaskClient]


@pytest.fixture
def row(world: World) -> Handoff:
    """Ada gives Payments to Ben in ten minutes; he has been asked. Checkout errors are open."""
    world.fire()
    cast = world.cast
    with transaction():
        schedule = make(
            Schedule, name="Payments primary", team_id=cast.payments.id, time_zone="Europe/London",
            layers=[layer_json("2026-01-05T09:00", [[cast.ada.id]])], created_at=utc("2026-06-01 09:00"),
            updated_at=world.now,
        )  # fmt: skip
        policy = db.session.merge(cast.integration).service.escalation_policy
        assert policy is not None
        policy.steps = [{"wait_minutes": 5, "targets": [{"kind": "schedule", "id": str(schedule.id)}]}]
        return make(
            Handoff, schedule_id=schedule.id, at=world.now + timedelta(minutes=10), incoming_id=cast.ben.id,
            outgoing_id=cast.ada.id, asked_at=world.now, created_at=world.now,
        )  # fmt: skip


def test_the_incoming_person_sees_what_is_open_and_says_that_they_have_it(
    world: World, row: Handoff, seen_by: SeenBy
) -> None:
    ben, address = seen_by(world.cast.ben), f"/handoff/{row.id}"
    assert f'href="{address}"' in ben.get("/").text
    assert ben.get("/handoff").headers["Location"] == address
    seen = ben.get(address).text
    assert "You take over from Ada" in seen
    assert "Checkout errors at 14 %" in seen
    for _ in range(2):
        assert post(ben, f"{address}/confirmation", {}, page="/me").status_code == 303
    assert "You have it, said" in ben.get(address).text
    assert "Ben has it" in seen_by(world.cast.ada).get("/").text


def test_the_outgoing_person_leaves_a_note_and_cannot_say_it_for_the_other(
    world: World, row: Handoff, seen_by: SeenBy
) -> None:
    ada, address = seen_by(world.cast.ada), f"/handoff/{row.id}"
    post(ada, f"{address}/note", {"text": "<b>Replica</b> lags"}, page=address)
    assert "&lt;b&gt;Replica&lt;/b&gt; lags" in seen_by(world.cast.ben).get(address).text
    post(ada, f"{address}/confirmation", {}, page=address)
    assert "Only Ben can say so." in ada.get(address).text
    assert "has not said so yet" in ada.get(address).text


def test_D11_i_have_it_is_said_on_the_notification_without_signing_in(
    world: World, row: Handoff, client: FlaskClient
) -> None:
    """Twice is once; when somebody else comes on instead, the button says so and changes nothing."""
    cast = world.cast
    with transaction():
        page_user(
            cast.ben, Message("You are on call from", "", Urgency.HIGH), Place(Subject.HANDOFF, row.id),
            kind=PageKind.NOTICE, reason=[], until=row.at, at=world.now,
        )  # fmt: skip
    delivery = db.session.scalars(sa.select(Delivery).order_by(Delivery.id.desc()).limit(1)).one()
    address = f"/r/{token_for(delivery.page.page_key, delivery.address_key)}"

    def say() -> tuple[int, str]:
        answer = client.post(address, json={"stage": "acked"})
        return answer.status_code, answer.get_json()["sentence"]

    for _ in range(2):
        assert say() == (200, "You have it. Ada has been told.")
    assert db.session.get_one(Handoff, row.id, populate_existing=True).confirmed_at == world.now
    told = sa.select(Notice.title).where(Notice.user_id == cast.ada.id, Notice.event == "handoff")
    assert db.session.scalars(told).all() == ["Ben has it: Payments primary"]
    with transaction():
        changed = db.session.get_one(Handoff, row.id)
        changed.incoming_id, changed.confirmed_at = cast.mara.id, None
    assert say() == (409, "Mara is on call then, not you. You need do nothing.")
    with transaction():
        db.session.get_one(User, cast.ben.id).is_active = False
    assert say()[0] == 403
    assert db.session.get_one(Handoff, row.id, populate_existing=True).confirmed_at is None


def test_it_is_nobody_elses(world: World, row: Handoff, seen_by: SeenBy) -> None:
    assert seen_by(world.cast.dan).get(f"/handoff/{row.id}").status_code == 404
    assert seen_by(world.cast.mara).get(f"/handoff/{row.id}").status_code == 200
    assert seen_by(world.cast.eli).get(f"/handoff/{row.id}").status_code == 403
    assert "neither take nor hand over" in seen_by(world.cast.dan).get("/handoff").text
