"""R1: before time off is entered it is known which turns it hits, what nobody would have, whom to ask."""

from app import clock as app_clock
from app.database import transaction
from app.domain.interval import Interval
from app.oncall import time_off
from app.oncall.models import Schedule
from app.oncall.swap_answer import accept
from app.oncall.time_off_conflicts import conflicts
from tests.support.cast import Cast
from tests.support.oncall import utc
from tests.support.rota import NIGHT_END, NIGHT_START, Rota

WEEKEND = Interval(utc("2026-10-31 05:00"), utc("2026-11-02 18:00"))
TURN_END = utc("2026-11-02 15:00")


def test_R1_the_gap_that_time_off_would_leave_is_found_when_it_is_entered(rota: Rota) -> None:
    [found] = conflicts(rota.ana, WEEKEND, at=app_clock.now())
    assert found.hours == Interval(WEEKEND.start, TURN_END)
    assert found.gaps == (found.hours,)
    assert [name for _, name in found.suggested] == ["Cy", "Bo"]
    with transaction():
        time_off.add(user_id=rota.ana.id, start=WEEKEND.start, end=WEEKEND.end, by=rota.ana, at=app_clock.now())
    assert rota.on_call(NIGHT_START) == ""
    assert [each.hours for each in conflicts(rota.ana, WEEKEND, at=app_clock.now())] == [found.hours]


def test_R1_hours_that_somebody_covers_are_in_no_conflict(rota: Rota) -> None:
    rota.do(accept, rota.ask(), rota.cy)
    found = conflicts(rota.ana, WEEKEND, at=app_clock.now())
    assert [each.hours for each in found] == [
        Interval(WEEKEND.start, NIGHT_START),
        Interval(NIGHT_END, TURN_END),
    ]


def test_R1_a_backup_who_would_answer_leaves_no_gap(cast: Cast, weekly: Schedule) -> None:
    day = Interval(utc("2026-11-12 12:00"), utc("2026-11-13 12:00"))
    [found] = conflicts(cast.ada, day, at=app_clock.now())
    assert (found.schedule.id, found.hours, found.gaps) == (weekly.id, day, ())
    assert conflicts(cast.dan, day, at=app_clock.now()) == []
