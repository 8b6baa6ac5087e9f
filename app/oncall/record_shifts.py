"""Keep the book of who had it: before anything changes the answer, and every minute (D10)."""

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa

from app.database import db
from app.domain.interval import to_the_minute
from app.oncall import ledger
from app.oncall.models import Schedule
from app.oncall.queries import rosters


def record_past(*, at: datetime, schedule_ids: Iterable[int] | None = None, wait: bool = True) -> int:
    """Enter what has become past by `at`, for all schedules or those named. Returns how many answers began.

    Whatever changes who is on call calls this first, in the same transaction, so that what was served up to
    that minute is in the book as it was. `wait` is False for the engine: a schedule that somebody is changing
    right now is that person's to record.
    """
    minute = to_the_minute(at)
    locked = sa.select(Schedule).order_by(Schedule.id).with_for_update(skip_locked=not wait)
    if schedule_ids is not None:
        locked = locked.where(Schedule.id.in_(set(schedule_ids)))
    due = [row for row in db.session.scalars(locked) if _kept(row) < minute]
    if not due:
        return 0
    known = rosters(min(_kept(row) for row in due), minute, schedule_ids=[row.id for row in due])
    began = 0
    for row in due:
        found = ledger.pieces(row, known[row.id].config, _kept(row), minute)
        began += ledger.write(row, found, until=minute, at=at)
    return began


def _kept(schedule: Schedule) -> datetime:
    return schedule.recorded_until or to_the_minute(schedule.created_at)
