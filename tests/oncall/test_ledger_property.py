"""R6, R7: whatever is changed in whatever order, what was served and the rows that say so stay as they are."""

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app import clock as app_clock
from app.database import db
from app.oncall import override, queries, time_off
from app.oncall.models import LedgerEntry, Schedule
from app.oncall.record_shifts import record_past
from tests.support.clock import TestClock
from tests.support.oncall import utc
from tests.support.properties import patiently
from tests.support.rota import Rota

BEGINNING = utc("2026-10-28 14:00")  # when Rota makes the schedule
# what is done, after how many hours, about whom, from how many hours before or after, for how many
CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["cover", "off", "rotate", "keep"]), st.integers(1, 60), st.permutations([0, 1, 2]),
        st.integers(-100, 100), st.integers(1, 200),
    ),
    min_size=1, max_size=3,
)  # fmt: skip


def over() -> dict[int, tuple[object, ...]]:
    rows = sa.select(*LedgerEntry.__table__.columns).where(LedgerEntry.end.is_not(None))
    return {row.id: tuple(row) for row in db.session.execute(rows)}


def served(schedule_id: int) -> list[tuple[datetime, datetime, list[int]]]:
    """Who had it from the beginning to now, neighbours with the same people as one."""
    found: list[tuple[datetime, datetime, list[int]]] = []
    for shift in queries.shifts(schedule_id, BEGINNING, app_clock.now())[0]:
        who = [person.user_id for person in shift.people]
        if found and found[-1][1:] == (shift.start, who):
            found[-1] = (found[-1][0], shift.end, who)
        else:
            found.append((shift.start, shift.end, who))
    return found


@pytest.mark.fault
@settings(patiently, suppress_health_check=list(HealthCheck))
@given(changes=CHANGES)
def test_R6_R7_the_ledger_never_changes(
    rota: Rota, clock: TestClock, changes: list[tuple[str, int, list[int], int, int]]
) -> None:
    clock.moment = BEGINNING
    people, schedule_id, mara = (rota.ana.id, rota.bo.id, rota.cy.id), rota.schedule.id, rota.mara
    for what, hours, order, start, length in changes:
        clock.advance(hours=hours)
        at, known, had = app_clock.now(), over(), served(schedule_id)
        first, second, _ = (people[each] for each in order)
        begins = at + timedelta(hours=start)
        span = {"start": begins, "end": begins + timedelta(hours=length), "by": mara, "at": at}
        if what == "cover":
            override.add(schedule_id=schedule_id, user_id=first, replaces_user_id=second, **span)
        elif what == "off":
            time_off.add(user_id=first, **span)
        elif what == "rotate":
            record_past(at=at, schedule_ids=[schedule_id])
            row = db.session.get_one(Schedule, schedule_id)
            row.layers = [row.layers[0] | {"priority": length % 5, "name": f"Weekly {hours}"}]
        else:
            record_past(at=at)
        db.session.flush()
        kept = over()
        assert {number: kept.get(number) for number in known} == known
        assert served(schedule_id) == had
    db.session.rollback()
