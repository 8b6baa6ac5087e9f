"""Overrides: who may be named, which minutes, and what can still be undone."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from app import clock
from app.database import db, transaction
from app.domain.invalid import InvalidField
from app.domain.timeline import Kind, Subject
from app.oncall import override, queries
from app.oncall.models import Override, Schedule
from app.timeline.queries import events_about
from tests.support.cast import Cast
from tests.support.clock import THU_0310, TestClock
from tests.support.oncall import utc, wall

AT_0800 = utc("2026-11-12 08:00")


def add(cast: Cast, schedule: Schedule, **changes: Any) -> Override:
    columns: dict[str, Any] = {
        "schedule_id": schedule.id,
        "start": THU_0310,
        "end": AT_0800,
        "user_id": cast.cleo.id,
    }
    with transaction():
        return override.add(by=cast.ada, at=clock.now(), **(columns | changes))


def test_an_override_is_kept_to_the_minute_with_its_event(cast: Cast, weekly: Schedule) -> None:
    made = add(cast, weekly, start=THU_0310 + timedelta(seconds=42))
    db.session.expire_all()
    assert (made.start, made.end, made.created_by_id) == (THU_0310, AT_0800, cast.ada.id)
    [event] = events_about(Subject.OVERRIDE, made.id)
    assert (event.kind, event.data["user_id"], event.data["start"]) == (
        Kind.CREATED,
        cast.cleo.id,
        "2026-11-12T03:10:00+00:00",
    )


@pytest.mark.parametrize(
    ("changes", "pointers"),
    [
        ({"schedule_id": 999}, ["/schedule_id"]),
        ({"user_id": 999}, ["/user_id"]),
        ({"user_id": None}, ["/user_id"]),
        ({"replaces_user_id": 999}, ["/replaces_user_id"]),
        ({"end": THU_0310}, ["/end"]),
        ({"end": THU_0310 + timedelta(seconds=59)}, ["/end"]),
        ({"end": THU_0310 - timedelta(hours=1), "user_id": 999}, ["/user_id", "/end"]),
        ({"start": wall("2026-11-12 03:10")}, ["/start"]),
        ({"end": datetime.max.replace(tzinfo=THU_0310.tzinfo)}, ["/end"]),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_place(
    cast: Cast, weekly: Schedule, changes: dict[str, Any], pointers: list[str]
) -> None:
    with pytest.raises(InvalidField) as refused:
        add(cast, weekly, **changes)
    assert [pointer for pointer, _ in refused.value.errors] == pointers
    assert db.session.query(Override).count() == 0


def test_replacing_somebody_by_themself_is_refused(cast: Cast, weekly: Schedule) -> None:
    with pytest.raises(InvalidField, match="same person"):
        add(cast, weekly, replaces_user_id=cast.cleo.id)


def test_R25_a_running_override_ends_with_the_minute_and_what_was_stays(
    cast: Cast, weekly: Schedule, clock: TestClock
) -> None:
    made = add(cast, weekly, replaces_user_id=cast.ada.id)
    now = clock.advance(minutes=20, seconds=30)
    with transaction():
        override.cancel(made, by=cast.ada, at=now)
    assert [person.name for person in queries.on_call_at(weekly.id, THU_0310)] == ["Cleo", "Ben"]
    assert [person.name for person in queries.on_call_at(weekly.id, utc("2026-11-12 03:31"))] == ["Ada", "Ben"]
    assert [event.kind for event in events_about(Subject.OVERRIDE, made.id)] == [Kind.CREATED, Kind.CHANGED]


def test_one_to_come_goes_away_and_one_that_ended_stays(cast: Cast, weekly: Schedule, clock: TestClock) -> None:
    made = add(cast, weekly, start=AT_0800, end=utc("2026-11-12 09:00"))
    id_ = made.id
    with transaction():
        override.cancel(made, by=cast.ada, at=clock())
    assert db.session.get(Override, id_) is None
    assert events_about(Subject.OVERRIDE, id_)[-1].kind == Kind.DELETED
    ended = add(cast, weekly)
    with pytest.raises(override.AlreadyOver), transaction():
        override.cancel(ended, by=cast.ada, at=AT_0800)
