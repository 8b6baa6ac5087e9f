"""Shadows of a schedule: people who get a copy of each of its pages and never count as cover.

Nothing that decides who is on call reads these rows, so no shadow can change the answer, fill a gap or hold up
a step.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from app.database import db
from app.domain import zone
from app.domain.interval import to_the_minute
from app.domain.invalid import Faults
from app.domain.timeline import Kind, Subject
from app.oncall import checks
from app.oncall.models import Handoff, Schedule, Shadow
from app.people.models import User
from app.timeline.record import record

MOST = 20  # of one schedule at a time: each gets every page
_MINUTE = timedelta(minutes=1)
_AT: sa.BindParameter[Any] = sa.bindparam("at")
_AHEAD = (
    sa.select(Shadow)
    .join(User, User.id == Shadow.user_id)
    .where(
        Shadow.schedule_id.in_(sa.bindparam("schedule_ids", expanding=True)),
        sa.or_(Shadow.end.is_(None), Shadow.end > _AT),
    )
    .order_by(Shadow.schedule_id, User.name, Shadow.start, Shadow.id)
    .options(joinedload(Shadow.user))
)
_NOW = _AHEAD.where(Shadow.start <= _AT, User.can_respond)


def add(
    schedule: Schedule,
    user: User,
    *,
    start: datetime | None = None,
    end: datetime | None = None,
    beside: Handoff | None = None,
    by: User,
    at: datetime,
) -> Shadow:
    """From `start` (None: now) to `end` (None: until it is ended) `user` gets copies.

    `beside`: whoever hands over and stays until the next one answers. Raises InvalidField, also for somebody
    who is a shadow in these hours already, or who could not answer a page.
    """
    faults, now = Faults(), to_the_minute(at)
    begins = now if start is None else start
    begins, until = checks.span(begins, begins + _MINUTE if end is None else end, faults)
    ends = None if end is None else until
    if not faults.errors and ends is not None and ends <= now:
        faults.add("/end", "has passed")
    faults.stop_if_any()
    db.session.execute(sa.select(Schedule.id).where(Schedule.id == schedule.id).with_for_update())
    if db.session.scalar(sa.select(User.id).where(User.id == user.id, User.can_respond)) is None:
        faults.add("/user_id", f"{user.name} cannot answer a page, so gets no copies either")
    here = ahead(schedule.id, now)
    if (same := next((row for row in here if _meets(row, user, begins, ends)), None)) is not None:
        faults.add("/user_id", f"{user.name} is a shadow here already{_until(same)}")
    elif len(here) >= MOST:
        faults.add("/user_id", f"A schedule has at most {MOST} shadows")
    faults.stop_if_any()
    row = Shadow(
        schedule_id=schedule.id, schedule=schedule, user_id=user.id, user=user, start=begins, end=ends,
        handoff_id=None if beside is None else beside.id, created_at=at,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    record(Kind.CREATED, Subject.SHADOW, row.id, at=at, by=by, **_facts(row))
    return row


def end(row: Shadow, *, by: User, at: datetime) -> None:
    """No more copies from now on. One to come goes away; one that is over stays as it was. Twice is once."""
    now = to_the_minute(at)
    if row.end is not None and row.end <= now:
        return
    if row.start >= now:
        record(Kind.DELETED, Subject.SHADOW, row.id, at=at, by=by, **_facts(row))
        db.session.delete(row)
    else:
        row.end = now
        record(Kind.CHANGED, Subject.SHADOW, row.id, at=at, by=by, **_facts(row))
    db.session.flush()


def end_beside(handoff: Handoff, *, by: User, at: datetime) -> None:
    """The next one has answered: whoever stayed beside them need not any more."""
    for row in db.session.scalars(sa.select(Shadow).where(Shadow.handoff_id == handoff.id)).all():
        end(row, by=by, at=at)


def is_shadow(schedule_id: int, user: User, at: datetime) -> bool:
    """Whether this person looks on now."""
    return any(row.user_id == user.id for row in ahead(schedule_id, at) if row.start <= at)


def at_moment(schedule_ids: Iterable[int], at: datetime) -> list[Shadow]:
    """The shadows of these schedules at `at`, those who could answer, by schedule and name."""
    return list(db.session.scalars(_NOW, {"schedule_ids": sorted(set(schedule_ids)), "at": at}))


def ahead(schedule_id: int, at: datetime) -> list[Shadow]:
    """Those of a schedule who look on now or will."""
    return list(db.session.scalars(_AHEAD, {"schedule_ids": [schedule_id], "at": at}))


def _meets(row: Shadow, user: User, start: datetime, end: datetime | None) -> bool:
    return (
        row.user_id == user.id
        and (end is None or row.start < end)
        and (row.end is None or start < row.end)
    )  # fmt: skip


def _until(row: Shadow) -> str:
    if row.end is None:
        return ""
    return f" until {zone.spoken(row.end, zone.named(row.schedule.time_zone))}"


def _facts(row: Shadow) -> dict[str, object]:
    return {
        "schedule_id": row.schedule_id,
        "user_id": row.user_id,
        "start": row.start.isoformat(),
        "end": row.end and row.end.isoformat(),
    }
