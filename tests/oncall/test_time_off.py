"""Time off: entered, ended early, taken back."""

from datetime import timedelta

import pytest

from app import clock
from app.database import db, transaction
from app.domain.invalid import InvalidField
from app.domain.timeline import Kind, Subject
from app.oncall import queries, time_off
from app.oncall.models import Schedule, TimeOff
from app.oncall.override import AlreadyOver
from app.timeline.queries import events_about
from tests.support.cast import Cast
from tests.support.clock import THU_0310, TestClock
from tests.support.oncall import utc

MONDAY = utc("2026-11-16 09:00")


def test_R1_time_off_takes_the_person_out_and_writes_an_event(cast: Cast, weekly: Schedule) -> None:
    with transaction():
        off = time_off.add(
            user_id=cast.ada.id, start=THU_0310, end=MONDAY, note=" dentist ", by=cast.mara, at=clock.now()
        )
    assert [person.name for person in queries.on_call_at(weekly.id, THU_0310)] == ["Ben"]
    assert [person.name for person in queries.on_call_at(weekly.id, MONDAY)] == ["Ben", "Ada"]
    assert off.note == "dentist"
    [event] = events_about(Subject.TIME_OFF, off.id)
    assert (event.kind, event.actor_id, "note" in event.data) == (Kind.CREATED, cast.mara.id, False)


def test_what_makes_no_sense_is_refused_with_its_place(cast: Cast) -> None:
    with pytest.raises(InvalidField) as refused, transaction():
        time_off.add(user_id=999, start=MONDAY, end=THU_0310, note="x" * 1001, by=cast.ada, at=clock.now())
    assert [pointer for pointer, _ in refused.value.errors] == ["/user_id", "/note", "/end"]


def test_R25_back_earlier_ends_it_with_the_minute(cast: Cast, weekly: Schedule, clock: TestClock) -> None:
    with transaction():
        off = time_off.add(user_id=cast.ada.id, start=THU_0310, end=MONDAY, by=cast.ada, at=clock())
    now = clock.advance(hours=5, seconds=1)
    with transaction():
        time_off.cancel(off, by=cast.ada, at=now)
    db.session.expire_all()
    assert off.end == THU_0310 + timedelta(hours=5, minutes=1)
    with pytest.raises(AlreadyOver), transaction():
        time_off.cancel(off, by=cast.ada, at=MONDAY)


def test_one_to_come_goes_away(cast: Cast) -> None:
    with transaction():
        off = time_off.add(
            user_id=cast.ada.id, start=MONDAY, end=MONDAY + timedelta(days=1), by=cast.ada, at=clock.now()
        )
        id_ = off.id
    with transaction():
        time_off.cancel(off, by=cast.ada, at=THU_0310)
    assert db.session.get(TimeOff, id_) is None
    assert events_about(Subject.TIME_OFF, id_)[-1].kind == Kind.DELETED
