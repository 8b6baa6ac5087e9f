"""Now: am I on call, does anything need me, does paging work."""

import re
from datetime import timedelta

from apiflask import APIFlask

from app.database import db, transaction
from app.domain.words import Severity
from app.oncall.models import Schedule
from app.oncall.record_shifts import record_past
from app.paging import health
from tests.support.cast import make, make_proof
from tests.support.world import World
from tests.web.conftest import SeenBy


def put_on_call(world: World) -> None:
    """Ada has the pager from 22:00 to 22:00 London time, Ben the day after; the first step asks them."""
    ada, ben = world.cast.ada, world.cast.ben
    rotation = {
        "unit": "day", "length": 1, "start": "2026-11-11T22:00", "participants": [[str(ada.id)], [str(ben.id)]]
    }  # fmt: skip
    with transaction():
        schedule = make(
            Schedule, name="Payments primary", team_id=world.cast.payments.id, time_zone="Europe/London",
            created_at=world.now, updated_at=world.now,
            layers=[{"name": "Days", "priority": 1, "rotation": rotation, "restrictions": []}],
        )  # fmt: skip
        policy = db.session.merge(world.cast.policy)
        first = {"wait_minutes": 5, "targets": [{"kind": "schedule", "id": str(schedule.id)}]}
        policy.steps = [first, *policy.steps[1:]]


def test_nothing_needs_somebody_who_was_never_paged(world: World, seen_by: SeenBy) -> None:
    page = seen_by(world.cast.ada).get("/").text
    assert "Nothing needs you" in page
    assert "You have not been paged yet." in page
    assert "You are on no schedule in the next 92 days." in page
    assert "Acknowledge" not in page


def test_a_page_has_a_countdown_to_the_next_person_and_one_docked_verb(world: World, seen_by: SeenBy) -> None:
    world.fire()
    world.tick()
    world.clock.advance(seconds=72)
    page = seen_by(world.cast.ada).get("/").text
    assert "Checkout errors at 14 %" in page
    assert "paged you 1 min 12 s ago" in page
    assert '<span class="to">Goes to <b>Ben</b> in</span>' in page
    assert ">3:48</span>" in page
    assert 'action="/alerts/1/acknowledgement"' in page
    assert '1<span class="for-readers"> page needs you</span>' in page.replace("\n", "")


def test_the_most_urgent_page_comes_first_and_the_others_are_counted(world: World, seen_by: SeenBy) -> None:
    world.fire("Disk 91 % on search-2", key="disk", severity=Severity.WARNING)
    world.fire("Checkout errors at 14 %", key="checkout", severity=Severity.CRITICAL)
    world.tick()
    page = seen_by(world.cast.ada).get("/").text
    assert page.index("Checkout errors at 14 %") < page.index("Next page (1 more)")


def test_somebody_on_call_reads_until_when_and_who_is_behind(world: World, seen_by: SeenBy) -> None:
    put_on_call(world)
    page = seen_by(world.cast.ada).get("/").text
    assert "You have the pager" in page
    assert "Thu 12 Nov, 22:00 GMT" in page
    assert "18 h 50 min" in page
    assert "Ben is behind you" in page
    assert "Paged if you do not answer in 5 min" in page
    assert "On call" in page


def test_R7_the_week_draws_what_was_served_and_not_what_the_rules_say_since(
    world: World, seen_by: SeenBy
) -> None:
    """Ada had the night; at ten past three the rotation is Ben's alone. Her strip keeps the night."""
    put_on_call(world)
    with transaction():
        row = db.session.scalars(db.select(Schedule)).one()
        row.created_at = world.now - timedelta(days=1)
        record_past(at=world.now)
        turns = row.layers[0]["rotation"] | {
            "start": "2026-11-11T22:00", "participants": [[str(world.cast.ben.id)], [str(world.cast.ada.id)]]
        }  # fmt: skip
        row.layers = [row.layers[0] | {"rotation": turns}]
    strip = seen_by(world.cast.ada).get("/").text.partition('class="strip"')[2].partition("</svg>")[0]
    drawn = [
        (float(x), float(width)) for x, width in re.findall(r'"mine" x="([\d.]+)" y="2" width="([\d.]+)', strip)
    ]
    night = 100 * (3 * 60 + 10) / (24 * 60)
    assert drawn[0] == (0.0, round(night, 1))
    assert drawn[1][0] == round(100 * 22 / 24, 1)  # and her next turn, by the rules as they are now


def test_somebody_off_reads_when_their_next_turn_begins(world: World, seen_by: SeenBy) -> None:
    put_on_call(world)
    page = seen_by(world.cast.ben).get("/").text
    assert "You are off" in page
    assert "Next: Thu 12 Nov, 23:00 CET, Payments primary." in page  # Ben reads Stockholm's clock


def test_what_i_have_is_listed_with_the_time_it_comes_back(world: World, seen_by: SeenBy) -> None:
    world.fire()
    world.tick()
    world.acknowledge(world.cast.ada)
    page = seen_by(world.cast.ada).get("/").text
    assert "You are working on" in page
    assert "you have it" in page


def test_my_teams_alerts_that_nobody_has_stand_beside(world: World, seen_by: SeenBy) -> None:
    world.fire()
    world.tick()
    page = seen_by(world.cast.cleo).get("/").text
    assert "Also open in Payments" in page
    assert "Also open in" not in seen_by(world.cast.dan).get("/").text


def test_paging_is_proven_by_a_canary_and_says_when_it_is_not(world: World, seen_by: SeenBy) -> None:
    client = seen_by(world.cast.ada)
    assert "Engine not seen yet" in client.get("/").text
    health.note_round(world.now)
    assert "Paging not proven yet" in client.get("/").text
    make_proof(world.now)
    world.clock.advance(seconds=38)
    health.note_round(world.now)
    assert "Paging path last proven 38 s ago" in client.get("/").text
    world.clock.advance(minutes=3)
    health.note_round(world.now)
    page = client.get("/").text
    assert "Paging not proven since 03:10" in page
    assert "Pages may not arrive." in page
    world.clock.advance(seconds=31)
    assert "Engine not seen since 03:13" in client.get("/").text


def test_the_last_proof_of_my_own_devices_is_told(world: World, seen_by: SeenBy) -> None:
    client = seen_by(world.cast.ada)
    assert "None of your devices has proved that it rings." in client.get("/").text
    with transaction():
        phone = db.session.merge(world.cast.devices["Ada"])
        phone.verified_at, phone.proof = world.now - timedelta(days=3), {"accepted": 0.2, "shown": 1.9}
    assert "rang in 1.9 s on Mon 9 Nov" in client.get("/").text


def test_a_stakeholder_is_led_to_the_incidents(world: World, seen_by: SeenBy) -> None:
    client = seen_by(world.cast.eli)
    assert client.get("/").location == "/incidents"
    assert "Trends" not in client.get("/incidents").text


def test_nobody_is_let_in_without_signing_in(world: World, app: APIFlask) -> None:
    assert app.test_client().get("/").location == "/login?next=/"
