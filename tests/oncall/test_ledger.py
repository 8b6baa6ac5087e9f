"""R7, D10: the past is in the book and stays there, whatever is changed afterwards."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from apiflask import APIFlask

from app import clock as app_clock
from app.database import db, transaction
from app.domain.words import Role
from app.engine import jobs
from app.leaving.duties import duties_of
from app.leaving.hand_over import leave
from app.oncall import arrive, override, queries, remove, schedules, time_off
from app.oncall.models import LedgerEntry, Override, Schedule, TimeOff
from app.oncall.record_shifts import record_past
from app.people import change_user, invitations
from tests.support.cast import Cast
from tests.support.clock import TestClock
from tests.support.oncall import layer_json, utc
from tests.support.rota import Rota
from tests.support.tzdata import published


@pytest.fixture
def cast(app: APIFlask, clock: TestClock) -> Cast:
    clock.moment = utc("2026-11-02 09:00")
    with transaction():
        cast = Cast()
        schedules.create(
            name="Payments primary", team_id=cast.payments.id, time_zone="Europe/London", by=cast.mara,
            at=app_clock.now(), layers=[layer_json("2026-11-02T09:00", [[cast.ada.id], [cast.ben.id]])],
        )  # fmt: skip
    return cast


def the_schedule() -> Schedule:
    return db.session.scalars(sa.select(Schedule)).one()


def book() -> list[tuple[Any, ...]]:
    """Every row, whole; in order."""
    rows = db.session.execute(sa.select(*LedgerEntry.__table__.columns).order_by(LedgerEntry.start))
    return [tuple(row) for row in rows]


def over(now: datetime) -> list[tuple[Any, ...]]:
    """The rows that have ended by `now`."""
    ends = sa.select(*LedgerEntry.__table__.columns).where(LedgerEntry.end <= now).order_by(LedgerEntry.start)
    return [tuple(row) for row in db.session.execute(ends)]


def had_it(start: str, end: str) -> list[tuple[str, str, list[str]]]:
    held, _ = queries.shifts(the_schedule().id, utc(start), utc(end))
    return [
        (f"{shift.start:%m-%d %H:%M}", f"{shift.end:%m-%d %H:%M}", [person.name for person in shift.people])
        for shift in held
    ]


def test_R7_each_answer_is_written_once_when_it_changes(app: APIFlask, cast: Cast, clock: TestClock) -> None:
    clock.moment = utc("2026-11-24 12:00")
    assert jobs.record_past_shifts() == 4
    assert jobs.record_past_shifts() == 0
    rows = db.session.scalars(sa.select(LedgerEntry).order_by(LedgerEntry.start)).all()
    assert [row.people[0]["user_id"] for row in rows] == [cast.ada.id, cast.ben.id, cast.ada.id, cast.ben.id]
    assert [row.end for row in rows] == [
        utc("2026-11-09 09:00"), utc("2026-11-16 09:00"), utc("2026-11-23 09:00"), None,
    ]  # fmt: skip


def test_R7_the_book_and_the_rules_meet_without_a_seam(app: APIFlask, cast: Cast, clock: TestClock) -> None:
    clock.moment = utc("2026-11-05 12:00")
    computed = had_it("2026-10-26 09:00", "2026-11-23 09:00")
    jobs.record_past_shifts()
    assert had_it("2026-10-26 09:00", "2026-11-23 09:00") == computed
    assert computed[0] == ("11-02 09:00", "11-09 09:00", ["Ada"])


Change = Callable[[Cast, datetime], object]


def other_rotation(cast: Cast, at: datetime) -> None:
    layers = [layer_json("2026-11-02T09:00", [[cast.dan.id]])]
    schedule = the_schedule()
    schedules.replace(
        schedule, version=schedule.version, name=schedule.name, team_id=schedule.team_id,
        time_zone="Asia/Tokyo", layers=layers, by=cast.mara, at=at,
    )  # fmt: skip


def take_over(cast: Cast, at: datetime) -> None:
    override.add(
        schedule_id=the_schedule().id, start=at - timedelta(days=9), end=at + timedelta(days=2),
        user_id=cast.dan.id, replaces_user_id=cast.ada.id, by=cast.mara, at=at,
    )  # fmt: skip


def cancel_the_cover(cast: Cast, at: datetime) -> None:
    override.cancel(db.session.scalars(sa.select(Override)).one(), by=cast.mara, at=at)


def away(cast: Cast, at: datetime) -> None:
    time_off.add(
        user_id=cast.ada.id, start=at - timedelta(days=9), end=at + timedelta(days=2), by=cast.mara, at=at
    )


def back_again(cast: Cast, at: datetime) -> None:
    time_off.cancel(db.session.scalars(sa.select(TimeOff)).one(), by=cast.mara, at=at)


@pytest.mark.parametrize("change", [other_rotation, take_over, cancel_the_cover, away, back_again])
def test_R7_no_change_moves_what_was_served(
    app: APIFlask, cast: Cast, clock: TestClock, change: Change
) -> None:
    """Half way through Ada's turn, without the engine having run since the turn began."""
    with transaction():
        if change is cancel_the_cover:
            override.add(
                schedule_id=the_schedule().id, start=utc("2026-11-04 00:00"), end=utc("2026-11-08 00:00"),
                user_id=cast.ben.id, replaces_user_id=cast.ada.id, by=cast.mara, at=app_clock.now(),
            )  # fmt: skip
        if change is back_again:
            time_off.add(
                user_id=cast.ada.id, start=utc("2026-11-04 00:00"), end=utc("2026-11-08 00:00"), by=cast.mara,
                at=app_clock.now(),
            )  # fmt: skip
    clock.moment = utc("2026-11-05 12:00")
    served = had_it("2026-11-02 09:00", "2026-11-05 12:00")
    with transaction():
        change(cast, app_clock.now())
    assert had_it("2026-11-02 09:00", "2026-11-05 12:00") == served
    clock.moment = utc("2026-11-30 12:00")
    jobs.record_past_shifts()
    assert had_it("2026-11-02 09:00", "2026-11-05 12:00") == served
    before = over(utc("2026-11-30 12:00"))
    with transaction():
        other_rotation(cast, app_clock.now())
    assert before == over(utc("2026-11-30 12:00"))[: len(before)]


def test_R7_a_schedule_that_is_deleted_leaves_its_book(app: APIFlask, cast: Cast, clock: TestClock) -> None:
    clock.moment = utc("2026-11-12 12:00")
    with transaction():
        remove.remove_schedule(the_schedule(), by=cast.mara, at=app_clock.now())
    rows = book()
    assert len(rows) == 2
    assert rows[-1][LedgerEntry.__table__.columns.keys().index("end")] == utc("2026-11-12 12:00")


def test_R7_who_had_it_at_a_past_moment_comes_from_the_book(
    app: APIFlask, cast: Cast, clock: TestClock
) -> None:
    clock.moment = utc("2026-11-05 12:00")
    with transaction():
        other_rotation(cast, app_clock.now())
    assert [person.name for person in queries.on_call_at(the_schedule().id, utc("2026-11-03 12:00"))] == ["Ada"]
    assert [person.name for person in queries.on_call_at(the_schedule().id, utc("2026-11-06 12:00"))] == ["Dan"]
    (row,) = queries.on_call_board(utc("2026-11-03 12:00"))
    assert [person.name for person in row.people] == ["Ada"]
    assert row.until == utc("2026-11-05 12:00")


def test_R7_what_somebody_served_stays_theirs_when_they_leave(
    app: APIFlask, cast: Cast, clock: TestClock
) -> None:
    clock.moment = utc("2026-11-05 12:00")
    duties = duties_of(cast.ada, at=app_clock.now())
    with transaction():
        leave(cast.ada, {duty.key: cast.dan.id for duty in duties}, by=cast.root, at=app_clock.now())
    assert had_it("2026-11-02 09:00", "2026-11-05 12:00") == [("11-02 09:00", "11-05 12:00", ["Ada"])]
    assert [person.name for person in queries.on_call_at(the_schedule().id, utc("2026-11-05 12:00"))] == ["Dan"]


def test_R7_somebody_named_by_a_schedule_they_hold_no_more_keeps_what_they_served(
    app: APIFlask, cast: Cast, clock: TestClock
) -> None:
    with transaction():
        override.add(
            schedule_id=the_schedule().id, start=utc("2026-11-03 09:00"), end=utc("2026-11-03 17:00"),
            user_id=cast.dan.id, replaces_user_id=cast.ada.id, by=cast.mara, at=app_clock.now(),
        )  # fmt: skip
    clock.moment = utc("2026-11-05 12:00")
    duties = duties_of(cast.dan, at=app_clock.now())
    with transaction():
        leave(cast.dan, {duty.key: None for duty in duties}, by=cast.root, at=app_clock.now())
    assert ("11-03 09:00", "11-03 17:00", ["Dan"]) in had_it("2026-11-02 09:00", "2026-11-05 12:00")


@pytest.mark.parametrize("door", ["link", "provider"])
def test_R7_somebody_who_comes_back_by_an_invitation_did_not_serve_while_they_were_gone(
    app: APIFlask, cast: Cast, clock: TestClock, door: str
) -> None:
    """The schedule still names Ada, and the engine has not looked since she left."""
    clock.moment = utc("2026-11-03 12:00")
    with transaction():
        record_past(at=app_clock.now())
        change_user.let_go(cast.ada, by=cast.root, at=app_clock.now())
        [sent] = invitations.invite(
            [cast.ada.email], role=Role.RESPONDER, by=cast.mara, at=app_clock.now()
        ).invited
    clock.moment = utc("2026-11-05 12:00")
    with transaction():
        who = {"name": "Ada", "time_zone": "Europe/London", "at": app_clock.now()}
        if door == "link":
            assert arrive.accept(sent.token, **who) is not None
        else:
            assert arrive.let_in(sent.invitation, **who) is not None
    clock.moment = utc("2026-11-05 14:00")
    assert had_it("2026-11-02 09:00", "2026-11-05 14:00") == [
        ("11-02 09:00", "11-03 12:00", ["Ada"]),
        ("11-05 12:00", "11-05 14:00", ["Ada"]),
    ]


def test_R12_other_zone_rules_move_what_is_to_come_and_nothing_in_the_book(
    app: APIFlask, clock: TestClock, tmp_path: Path
) -> None:
    """Chicago goes back to standard time on 1 November in one tzdata, and stays on summer time in the next."""
    zone, summer = "America/Chicago", ("2026-03-08 08:00", -5)
    with published(tmp_path / "2026a", zone, summer, ("2026-11-01 07:00", -6)):
        rota = Rota(clock)
        clock.moment = utc("2026-11-18 12:00")
        jobs.record_past_shifts()
        kept = over(clock.moment)
        turns = rota.shifts(utc("2026-10-28 14:00"), clock.moment)
        assert turns[0] == ("Ana", utc("2026-10-28 14:00"), utc("2026-11-02 15:00"))
        assert rota.shifts(clock.moment, utc("2026-12-01 00:00"))[0][2] == utc("2026-11-23 15:00")
    with published(tmp_path / "2026b", zone, summer):
        db.session.rollback()
        assert rota.shifts(clock.moment, utc("2026-12-01 00:00"))[0][2] == utc("2026-11-23 14:00")
        assert rota.shifts(utc("2026-10-28 14:00"), clock.moment) == turns
        clock.moment = utc("2026-12-02 12:00")
        jobs.record_past_shifts()
        assert over(clock.moment)[: len(kept)] == kept
        assert rota.shifts(utc("2026-10-28 14:00"), utc("2026-11-18 12:00")) == turns
