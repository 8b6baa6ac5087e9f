"""Rooms and programs outside hear what happens: once, what they want, of their team, and signed where asked."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from apiflask import APIFlask

from app import clock as app_clock
from app.alerts import queries
from app.database import db, transaction
from app.domain import webhook_signature
from app.domain.words import ChannelKind, DeliveryState, Urgency
from app.engine import jobs
from app.incidents import status
from app.incidents.promote import promote
from app.notices.models import Notice
from app.paging.channels.registry import Channels
from app.paging.destinations import change as verbs
from app.paging.destinations import send
from app.paging.destinations.models import Destination, Post
from app.paging.destinations.post import post_test, post_to
from app.paging.page import Message
from app.people.models import Organisation, User
from tests.support.clock import TestClock
from tests.support.far_end import FarEnd, Says
from tests.support.late_answer import to_the_next_commit
from tests.support.world import World

ALERTS = ["alert.triggered", "alert.acknowledged", "alert.resolved"]


class Outside:
    """One far end, and what is told to it."""

    def __init__(self, app: APIFlask, world: World, there: FarEnd) -> None:
        self.app, self.world, self.there = app, world, there
        self.channels = Channels.from_settings(app.config["settings"])

    def add(self, kind: ChannelKind, events: list[str] = ALERTS, **changes: Any) -> tuple[int, str]:
        with transaction():
            mara = db.session.merge(self.world.cast.mara)
            row, secret = verbs.create(
                kind=kind, name="#checkout", address=f"{self.there.url}/a-secret", events=events, by=mara,
                at=app_clock.now(), team=changes.pop("team", None), **changes,
            )  # fmt: skip
            return row.id, secret or ""

    def tell(self) -> int:
        """What the engine does in a second; answers how many posts went out."""
        jobs.tell_outside()
        return send.send_due(self.channels)

    def said(self) -> list[Any]:
        return [json.loads(came.body) for came in self.there.came]


@pytest.fixture
def outside(app: APIFlask, clock: TestClock) -> Iterator[Outside]:
    with FarEnd() as there:
        app.config["settings"] = replace(app.config["settings"], private_hosts=(there.host,))
        outside = Outside(app, World(clock), there)
        yield outside
        outside.channels.close()


def row(number: int) -> Destination:
    return db.session.get_one(Destination, number, populate_existing=True)


def posts() -> list[Post]:
    return list(db.session.scalars(sa.select(Post).order_by(Post.id).execution_options(populate_existing=True)))


def test_a_room_hears_of_an_alert_once_as_it_comes_is_taken_and_ends(outside: Outside) -> None:
    outside.add(ChannelKind.SLACK)
    outside.world.fire()
    assert outside.tell() == 1
    assert outside.tell() == 0, "the log is read again, and nothing said twice"
    outside.world.acknowledge(outside.world.cast.ada)
    outside.world.clock.advance(minutes=2)
    assert outside.tell() == 1
    assert outside.tell() == 0
    assert [each["text"] for each in outside.said()] == [
        "Checkout errors at 14 % · Critical", "Taken: Checkout errors at 14 % · Critical",
    ]  # fmt: skip
    assert "Ada has it." in outside.said()[1]["blocks"][1]["text"]["text"]


def test_L_TEAM_04_a_teams_room_hears_of_that_team_alone_and_of_nothing_older_than_itself(
    outside: Outside,
) -> None:
    outside.world.fire("before")
    outside.world.clock.advance(seconds=1)
    outside.add(ChannelKind.SLACK, team=outside.world.cast.search)
    everybody, _ = outside.add(ChannelKind.NTFY)
    outside.world.fire("after", key="other")
    assert outside.tell() == 1
    assert [each.destination_id for each in posts()] == [everybody]


def test_SEC6_a_program_gets_signed_events_with_two_signatures_while_its_secret_changes(
    outside: Outside,
) -> None:
    number, first = outside.add(ChannelKind.SIGNED_WEBHOOK)
    outside.world.fire()
    outside.tell()
    with transaction():
        second = verbs.new_secret(row(number), by=db.session.merge(outside.world.cast.mara), at=app_clock.now())
    outside.world.acknowledge(outside.world.cast.ada)
    outside.tell()
    outside.world.clock.advance(hours=25)
    with transaction():
        post_test(row(number), at=app_clock.now())
    outside.tell()
    moments = (outside.world.now - timedelta(hours=25), outside.world.now)
    before, both, after = outside.there.came

    def by(came: Any, secret: str, at: Any) -> bool:
        try:
            return bool(webhook_signature.verify(came.body, came.headers, keys=[secret], now=at))
        except webhook_signature.NotSigned:
            return False

    assert (by(before, first, moments[0]), by(both, first, moments[0]), by(both, second, moments[0])) == (
        True,
    ) * 3
    assert (by(after, first, moments[1]), by(after, second, moments[1])) == (False, True)
    told = outside.said()[1]
    assert (told["type"], told["data"]["alert"]["status"]) == ("alert.acknowledged", "acknowledged")
    assert told["data"]["by"]["name"] == "Ada"
    assert told["timestamp"].endswith("Z")
    assert len(outside.there.came[1].body) < 20_000


def test_an_incident_is_told_as_declared_moved_and_resolved(outside: Outside) -> None:
    outside.world.fire()
    outside.add(ChannelKind.WEBHOOK, ["incident.declared", "incident.resolved"], template='{"t": "{{event}}"}')
    with transaction():
        alert, mara = queries.locked(1), db.session.merge(outside.world.cast.mara)
        assert alert is not None
        incident = promote(alert, by=mara, at=app_clock.now())
        status.begin(incident, by=mara, at=app_clock.now())
        status.resolve(incident, by=mara, at=app_clock.now())
    outside.tell()
    assert [each["t"] for each in outside.said()] == ["incident.declared", "incident.resolved"]


def test_a_program_that_fails_is_tried_for_three_days_then_switched_off_and_its_keeper_told(
    outside: Outside,
) -> None:
    number, _ = outside.add(ChannelKind.SIGNED_WEBHOOK)
    outside.there.always(Says(500, b"no"))
    outside.world.fire()
    outside.tell()
    assert row(number).failing_since == outside.world.now
    waits = []
    while (due := posts()[0].next_attempt_at) is not None:
        waits.append((due - outside.world.now).total_seconds())
        outside.world.clock.moment = due
        outside.tell()
    assert [round(wait / 60) for wait in waits[1:3]] == pytest.approx([5.5, 33], abs=3)
    assert len(waits) == 9
    assert len({came.headers["webhook-id"] for came in outside.there.came}) == 1, "the same over retries"
    assert row(number).disabled_because == "nothing was taken there for days: 127.0.0.1 asks to wait (500): no."
    outside.tell()
    outside.tell()
    notices = db.session.scalars(sa.select(Notice).where(Notice.event == "destination_fails")).all()
    assert {db.session.get_one(User, notice.user_id).name for notice in notices} == {"Root"}, (
        "everybody's: administrators"
    )
    assert "#checkout hears nothing any more" in notices[0].title
    outside.there.always(Says())
    outside.world.fire(key="another")
    assert outside.tell() == 0, "switched off"
    with transaction():
        verbs.change(
            row(number), name="#checkout", by=db.session.merge(outside.world.cast.mara), at=app_clock.now()
        )
    assert outside.tell() >= 1, "and on again"


def test_410_switches_a_program_off_at_once_and_a_refusing_room_fails_at_once(outside: Outside) -> None:
    program, _ = outside.add(ChannelKind.SIGNED_WEBHOOK)
    room, _ = outside.add(ChannelKind.SLACK)
    outside.there.always(Says(410))
    outside.world.fire()
    outside.tell()
    assert (row(program).disabled_at, row(room).disabled_at) == (outside.world.now, None)
    assert {each.state for each in posts()} == {DeliveryState.FAILED}
    assert row(room).last_error == "nobody is there any more (410)"


def test_a_worker_that_comes_back_late_is_not_believed_and_a_lease_keeps_others_away(outside: Outside) -> None:
    number, _ = outside.add(ChannelKind.SLACK)
    with transaction():
        post_test(row(number), at=app_clock.now())
        (late,) = send.claim_due(5)
        assert send.claim_due(5) == []
    outside.world.clock.advance(seconds=31)
    assert send.send_due(outside.channels) == 1
    with transaction():
        send.mark(late, send.RetryAfter(None, "late"), at=app_clock.now())
    assert posts()[0].state is DeliveryState.ACCEPTED


def test_F18_a_post_whose_lease_was_over_before_it_could_go_is_left_to_the_next_worker(
    outside: Outside,
) -> None:
    number, _ = outside.add(ChannelKind.SLACK)
    with transaction():
        post_test(row(number), at=app_clock.now())
        (cut_off,) = send.claim_due(5)
    with to_the_next_commit(lambda: outside.world.clock.advance(seconds=30)):
        send.send(cut_off, outside.channels)
    assert outside.said() == []
    assert send.send_due(outside.channels) == 1
    assert len(outside.said()) == 1


def test_a_step_can_ask_a_room_and_asking_twice_makes_one_post(outside: Outside) -> None:
    number, _ = outside.add(ChannelKind.SLACK, [])
    says = Message("Checkout errors", "checkout", Urgency.HIGH)
    for _ in range(2):
        with transaction():
            post_to(
                row(number), says, key="page:1:1:0:0", event="page", subject_kind="alert", subject_id=1,
                at=app_clock.now(),
            )  # fmt: skip
    assert len(posts()) == 1


def test_SEC1_SEC3_an_address_that_is_not_public_is_refused_unless_the_operator_named_it(
    outside: Outside,
) -> None:
    for address in (
        "http://127.0.0.1:9/x",
        "https://chat.example:444/",
        "https://user@chat.example/",
        "ftp://x",
    ):
        with pytest.raises(verbs.InvalidField), transaction():
            verbs.create(
                kind="slack", name="x", team=None, address=address, events=[],
                by=db.session.merge(outside.world.cast.mara), at=app_clock.now(),
            )  # fmt: skip


def test_SEC4_the_rows_hold_no_usable_address_or_secret(outside: Outside) -> None:
    _, secret = outside.add(ChannelKind.SIGNED_WEBHOOK)
    outside.add(ChannelKind.NTFY, token="tk_secret")
    rows = db.session.execute(sa.select(Destination.address, Destination.token)).all()
    dumped = " ".join(str(each) for each in rows)
    assert "a-secret" not in dumped
    assert secret not in dumped
    assert "tk_secret" not in dumped


def test_SEC8_a_room_shows_no_words_where_the_organisation_hides_them(outside: Outside) -> None:
    outside.add(ChannelKind.SLACK)
    with transaction():
        db.session.scalars(sa.select(Organisation)).one().hide_lock_screen_text = True
    outside.world.fire()
    outside.tell()
    assert [each["text"] for each in outside.said()] == ["New page"]
