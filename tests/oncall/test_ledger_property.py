"""R6, R7: whatever is changed in whatever order, what was served and the rows that say so stay as they are."""

from datetime import datetime, timedelta
from zoneinfo import available_timezones

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app import clock as app_clock
from app.database import db
from app.oncall import override, queries, time_off
from app.oncall.models import LedgerEntry, Override, Schedule, TimeOff
from app.oncall.record_shifts import record_past
from tests.support.clock import TestClock
from tests.support.oncall import utc
from tests.support.properties import patiently
from tests.support.rota import Rota

BEGINNINGS = st.integers(0, 16 * 365 * 24 * 60).map(
    lambda minutes: utc("2020-01-01 00:00") + timedelta(minutes=minutes)
)
ZONES = sorted(available_timezones() - {"localtime", "posixrules", "Factory"})
# what is done, after how many hours, about whom, from how many hours before or after, for how many
CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["cover", "uncover", "off", "back", "rotate", "keep"]), st.integers(1, 60),
        st.permutations([0, 1, 2]), st.integers(-100, 100), st.integers(1, 200),
    ),
    min_size=1, max_size=4,
)  # fmt: skip


def over() -> dict[int, tuple[object, ...]]:
    rows = sa.select(*LedgerEntry.__table__.columns).where(LedgerEntry.end.is_not(None))
    return {row.id: tuple(row) for row in db.session.execute(rows)}


def served(schedule_id: int, since: datetime) -> list[tuple[datetime, datetime, list[int]]]:
    """Who had it from the beginning to now, neighbours with the same people as one."""
    found: list[tuple[datetime, datetime, list[int]]] = []
    for shift in queries.shifts(schedule_id, since, app_clock.now())[0]:
        who = [person.user_id for person in shift.people]
        if found and found[-1][1:] == (shift.start, who):
            found[-1] = (found[-1][0], shift.end, who)
        else:
            found.append((shift.start, shift.end, who))
    return found


@pytest.mark.fault
@settings(patiently, suppress_health_check=list(HealthCheck))
@given(changes=CHANGES, since=BEGINNINGS, zone=st.sampled_from(ZONES))
def test_R6_R7_the_ledger_never_changes(
    rota: Rota,
    clock: TestClock,
    changes: list[tuple[str, int, list[int], int, int]],
    since: datetime,
    zone: str,
) -> None:
    clock.moment = since
    row = db.session.get_one(Schedule, rota.schedule.id)
    row.created_at, row.recorded_until, row.time_zone = since, None, zone
    first_turn = (since - timedelta(days=5)).strftime("%Y-%m-%dT%H:%M")
    row.layers = [row.layers[0] | {"rotation": row.layers[0]["rotation"] | {"start": first_turn}}]
    db.session.flush()
    people, schedule_id, mara = (rota.ana.id, rota.bo.id, rota.cy.id), rota.schedule.id, rota.mara
    for what, hours, order, start, length in changes:
        clock.advance(hours=hours)
        at, known, had = app_clock.now(), over(), served(schedule_id, since)
        first, second, _ = (people[each] for each in order)
        begins = at + timedelta(hours=start)
        span = {"start": begins, "end": begins + timedelta(hours=length), "by": mara, "at": at}
        if what == "cover":
            override.add(schedule_id=schedule_id, user_id=first, replaces_user_id=second, **span)
        elif what == "off":
            time_off.add(user_id=first, **span)
        elif what in ("uncover", "back"):
            rows, cancel = (Override, override.cancel) if what == "uncover" else (TimeOff, time_off.cancel)
            for each in db.session.scalars(sa.select(rows).where(rows.end > at)).all():
                cancel(each, by=mara, at=at)
        elif what == "rotate":
            record_past(at=at, schedule_ids=[schedule_id])
            row.layers = [row.layers[0] | {"priority": length % 5, "name": f"Weekly {hours}"}]
        else:
            record_past(at=at)
        db.session.flush()
        kept = over()
        assert {number: kept.get(number) for number in known} == known
        assert served(schedule_id, since) == had
    assert served(schedule_id, since), "there was a book to keep"
    db.session.rollback()
