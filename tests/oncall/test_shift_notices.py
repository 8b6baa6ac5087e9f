"""Features 55, 56, L-NOT-10, R30: told of one's shifts, once, in absolute times, never of one's own acts."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from apiflask import APIFlask

from app import clock as app_clock
from app.database import db, transaction
from app.domain.notice import Channel, NoticeEvent
from app.domain.words import NoticeCategory
from app.engine import jobs
from app.notices import preferences
from app.notices.models import Notice
from app.oncall import override, remove, schedules, shift_notices, time_off
from app.oncall.models import ShiftPlan
from app.oncall.swap_answer import accept
from app.people.models import User
from tests.support.clock import TestClock
from tests.support.oncall import layer_json, utc
from tests.support.rota import Rota

BO_STARTS = utc("2026-11-02 15:00")  # Mon 09:00 CST


@pytest.fixture
def known(rota: Rota) -> Rota:
    """The engine has seen the schedule; it is Wed 28 Oct, 09:00 in Chicago."""
    jobs.tell_of_shifts()
    jobs.tell_of_shifts()
    return rota


def told(user: User, event: NoticeEvent | None = None) -> list[tuple[str, str]]:
    rows = sa.select(Notice).where(Notice.user_id == user.id).order_by(Notice.id)
    if event is not None:
        rows = rows.where(Notice.event == event)
    return [(notice.title, notice.body) for notice in db.session.scalars(rows)]


def at(clock: TestClock, moment: str) -> int:
    clock.moment = utc(moment)
    db.session.rollback()
    return jobs.tell_of_shifts()


def test_a_new_schedule_tells_nobody_of_shifts_that_were_never_otherwise(known: Rota) -> None:
    assert [told(user) for user in (known.ana, known.bo, known.cy)] == [[], [], []]


def test_L_NOT_10_a_day_and_an_hour_before_once_each_whatever_restarts(known: Rota, clock: TestClock) -> None:
    assert at(clock, "2026-11-01 14:59") == 0
    assert at(clock, "2026-11-01 15:00") == 1
    assert at(clock, "2026-11-01 15:01") == 0
    assert at(clock, "2026-11-02 14:30") == 3  # and what the week holds, to Ana and to Bo
    assert at(clock, "2026-11-02 14:31") == 0
    expected = (
        "You are on call from Mon 2 Nov, 09:00 CST", "Payments primary, to Mon 9 Nov, 09:00 CST.",
    )  # fmt: skip
    assert told(known.bo, NoticeEvent.SHIFT_SOON) == [expected, expected]


def test_L_NOT_10_an_engine_that_was_down_tells_the_shortest_lead_only(known: Rota, clock: TestClock) -> None:
    at(clock, "2026-11-02 14:30")
    assert len(told(known.bo, NoticeEvent.SHIFT_SOON)) == 1
    at(clock, "2026-11-09 15:30")  # Cy began half an hour ago: it is too late to say "soon"
    assert told(known.cy, NoticeEvent.SHIFT_SOON) == []


def test_feature_55_each_person_chooses_how_long_before(known: Rota, clock: TestClock) -> None:
    with transaction():
        shift_notices.change_leads(known.bo, [12 * 60, 15, 7], at=app_clock.now())
    assert shift_notices.leads_of(known.bo) == [720, 15]
    for moment in ("2026-11-01 15:00", "2026-11-02 03:00", "2026-11-02 14:00", "2026-11-02 14:45"):
        at(clock, moment)
    assert len(told(known.bo, NoticeEvent.SHIFT_SOON)) == 2
    with transaction():
        shift_notices.change_leads(known.cy, [], at=app_clock.now())
    at(clock, "2026-11-09 14:30")
    assert told(known.cy, NoticeEvent.SHIFT_SOON) == []


def test_R30_another_zone_than_the_schedules_is_said_beside(known: Rota, clock: TestClock) -> None:
    with transaction():
        known.bo.time_zone = "Europe/London"
    at(clock, "2026-11-02 14:30")
    assert told(known.bo, NoticeEvent.SHIFT_SOON)[-1] == (
        "You are on call from Mon 2 Nov, 15:00 GMT",
        "Payments primary, to Mon 9 Nov, 15:00 GMT. That is Mon 2 Nov, 09:00 CST in Chicago.",
    )


def test_off_call_is_told_once_with_who_has_it(known: Rota, clock: TestClock) -> None:
    at(clock, "2026-11-02 15:00")
    at(clock, "2026-11-02 15:01")
    assert told(known.ana, NoticeEvent.SHIFT_OVER) == [
        ("You are off call", "Your shift on Payments primary ended Mon 2 Nov, 09:00 CST. Bo has it.")
    ]


def test_off_call_is_not_told_days_later(known: Rota, clock: TestClock) -> None:
    at(clock, "2026-11-03 15:00")
    assert told(known.ana, NoticeEvent.SHIFT_OVER) == []


def test_feature_56_an_override_by_somebody_else_is_told_as_a_difference(known: Rota, clock: TestClock) -> None:
    with transaction():
        override.add(
            schedule_id=known.schedule.id, start=utc("2026-11-04 18:00"), end=utc("2026-11-04 22:00"),
            user_id=known.cy.id, replaces_user_id=known.bo.id, by=known.bo, at=app_clock.now(),
        )  # fmt: skip
    at(clock, "2026-10-28 14:01")
    assert told(known.cy) == [
        (
            "Your shifts changed: Payments primary",
            "You have now: Wed 4 Nov, 12:00–16:00 CST.\nBo changed it.",
        )
    ]
    assert told(known.bo) == []  # who did it knows
    assert told(known.ana) == []
    at(clock, "2026-10-28 14:02")
    assert len(told(known.cy)) == 1


def test_feature_56_a_schedule_edit_tells_those_whose_hours_change(known: Rota, clock: TestClock) -> None:
    with transaction():
        schedules.replace(
            known.schedule, version=known.schedule.version, name="Payments primary", team_id=known.team.id,
            time_zone="America/Chicago", by=known.mara, at=app_clock.now(),
            layers=[layer_json("2026-10-26T09:00", [[known.ana.id], [known.cy.id], [known.bo.id]])],
        )  # fmt: skip
    at(clock, "2026-10-28 14:01")
    [(_, body)] = told(known.cy)
    assert body.startswith("You have now: Mon 2 Nov, 09:00 CST – Mon 9 Nov, 09:00 CST; ")
    assert "You have no longer: Mon 9 Nov, 09:00 CST – Mon 16 Nov, 09:00 CST; " in body
    assert body.endswith("Mara changed it.")
    assert told(known.ana) == []


def test_feature_56_leave_tells_whoever_covers_and_not_whoever_took_it(known: Rota, clock: TestClock) -> None:
    with transaction():
        schedules.replace(
            known.schedule, version=known.schedule.version, name="Payments primary", team_id=known.team.id,
            time_zone="America/Chicago", by=known.mara, at=app_clock.now(),
            layers=[
                layer_json("2026-10-26T09:00", [[known.ana.id, known.dan.id], [known.bo.id, known.dan.id]])
            ],
        )  # fmt: skip
    at(clock, "2026-10-28 14:01")
    before = len(told(known.dan))
    with transaction():
        time_off.add(
            user_id=known.bo.id, start=utc("2026-11-03 00:00"), end=utc("2026-11-04 00:00"), by=known.bo,
            at=app_clock.now(),
        )  # fmt: skip
    at(clock, "2026-10-28 14:03")
    assert told(known.dan)[before:] == [
        (
            "Your shifts changed: Payments primary",
            "You have now: Tue 3 Nov, 00:00 GMT – Wed 4 Nov, 00:00 GMT "
            "(Mon 2 Nov, 18:00 CST – Tue 3 Nov, 18:00 CST in Chicago).\n"
            "You have no longer: Tue 3 Nov, 00:00 GMT – Wed 4 Nov, 00:00 GMT as backup "
            "(Mon 2 Nov, 18:00 CST – Tue 3 Nov, 18:00 CST in Chicago).\nBo changed it.",
        )
    ]
    assert [body for _, body in told(known.bo) if "Bo changed it" in body] == []


def test_a_swap_tells_its_parties_itself_and_not_a_second_time(known: Rota, clock: TestClock) -> None:
    asked = known.ask()
    known.do(accept, asked, known.bo)
    at(clock, "2026-10-28 14:05")
    assert told(known.ana, NoticeEvent.SHIFT_CHANGED) == []
    assert told(known.bo, NoticeEvent.SHIFT_CHANGED) == []


def test_a_schedule_that_is_deleted_takes_its_shifts_with_it_and_says_so(known: Rota, clock: TestClock) -> None:
    with transaction():
        remove.remove_schedule(known.schedule, by=known.mara, at=app_clock.now())
    at(clock, "2026-10-28 14:01")
    [(title, body)] = told(known.ana)
    assert title == "Your shifts changed: Payments primary"
    assert body.startswith("You have no longer: Wed 28 Oct, 09:01 CDT – Mon 2 Nov, 09:00 CST; ")
    assert db.session.scalars(sa.select(ShiftPlan)).all() == []


def test_the_week_ahead_comes_on_monday_at_eight_by_ones_own_clock(known: Rota, clock: TestClock) -> None:
    with transaction():
        known.cy.time_zone = "Europe/London"
    at(clock, "2026-11-02 13:59")  # Mon 07:59 in Chicago
    assert told(known.bo, NoticeEvent.WEEK_AHEAD) == []
    at(clock, "2026-11-02 14:00")
    at(clock, "2026-11-02 14:02")
    [(title, body)] = told(known.bo, NoticeEvent.WEEK_AHEAD)
    assert title == "On call Mon 2 Nov to Sun 8 Nov: 167 h"
    assert body == "Payments primary: Mon 2 Nov, 09:00 CST – Mon 9 Nov, 09:00 CST"
    assert told(known.cy, NoticeEvent.WEEK_AHEAD) == []  # nothing this week
    at(clock, "2026-11-09 08:01")
    [(_, body)] = told(known.cy, NoticeEvent.WEEK_AHEAD)
    assert "in Chicago" in body


def test_whoever_switched_an_event_off_is_not_told_of_it(known: Rota, clock: TestClock) -> None:
    with transaction():
        preferences.choose(
            known.bo, NoticeCategory.ON_CALL, channels=[Channel.APP], on=[NoticeEvent.WEEK_AHEAD]
        )
    at(clock, "2026-11-02 14:30")
    assert told(known.bo, NoticeEvent.SHIFT_SOON) == []


def test_what_was_told_is_forgotten_after_a_quarter(app: APIFlask, known: Rota, clock: TestClock) -> None:
    at(clock, "2026-11-02 14:30")
    with transaction():
        assert shift_notices.forget_old(at=app_clock.now() + timedelta(days=91)) > 0
