"""Who had it: the past of every schedule, written once when it becomes past and never computed again (R7, D10).

A row is one answer: from `start` the same people for the same reasons. Its `end` is set once, when the answer
changes; until then it is the one that runs. `Schedule.recorded_until` is how far the book is kept: before it
the book answers, after it the rules do. Rows of a schedule that is deleted stay.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from app.database import db
from app.domain import schedule as rules
from app.domain.reason import OnCallRole, Reason
from app.domain.schedule import OnCall, ScheduleConfig, Shift
from app.oncall.models import LedgerEntry, Schedule


def pieces(schedule: Schedule, config: ScheduleConfig, start: datetime, end: datetime) -> Iterator[Shift]:
    """Who had it and who will, in pieces that cover [start, end): read as far as the book goes, then computed.

    Before the schedule was made there is no book: there, too, the rules answer, as they stand.
    """
    piece: Shift | None = None
    for found in _parts(schedule, config, start, end):
        if piece is not None and piece.on_call == found.on_call:
            piece = Shift(piece.start, found.end, piece.on_call)
            continue
        if piece is not None:
            yield piece
        piece = found
    if piece is not None:
        yield piece


def people_in(schedules: Iterable[Schedule], start: datetime, end: datetime) -> set[int]:
    """Ids of everybody the book names in [start, end)."""
    kept = [row.id for row in schedules if row.recorded_until is not None and row.recorded_until > start]
    if not kept:
        return set()
    running = sa.or_(LedgerEntry.end.is_(None), LedgerEntry.end > start)
    rows = sa.select(LedgerEntry.people).where(
        LedgerEntry.schedule_id.in_(kept), LedgerEntry.start < end, running
    )
    people = [_from_json(person) for each in db.session.scalars(rows) for person in each]
    others = {reason.other_user_id for person in people for reason in person.reasons} - {None}
    return {person.user_id for person in people} | {other for other in others if other is not None}


def write(schedule: Schedule, found: Iterable[Shift], *, until: datetime, at: datetime) -> int:
    """Enter the answers since the book was last kept, up to `until`. Returns how many answers began.

    The first one may be the one that runs in the book already: then nothing is written for it.
    """
    running = db.session.scalar(
        sa.select(LedgerEntry).where(LedgerEntry.schedule_id == schedule.id, LedgerEntry.end.is_(None))
    )
    began = 0
    for shift in found:
        people = [_to_json(person) for person in shift.on_call]
        if running is not None and running.people == people:
            continue
        if running is not None:
            running.end = shift.start
            db.session.flush()
        running = LedgerEntry(
            schedule_id=schedule.id,
            start=shift.start,
            end=None,
            people=people,
            version=schedule.version,
            recorded_at=at,
        )
        db.session.add(running)
        began += 1
    schedule.recorded_until = until
    db.session.flush()
    return began


def close(schedule: Schedule) -> None:
    """The schedule ends here: what ran ends with it."""
    db.session.execute(
        sa.update(LedgerEntry)
        .where(LedgerEntry.schedule_id == schedule.id, LedgerEntry.end.is_(None))
        .values(end=schedule.recorded_until or schedule.created_at)
    )


def _parts(schedule: Schedule, config: ScheduleConfig, start: datetime, end: datetime) -> Iterator[Shift]:
    begins = schedule.created_at
    kept = schedule.recorded_until or begins
    if start < begins:
        yield from rules.pieces(config, start, min(end, begins))
    yield from _read(schedule.id, max(start, begins), min(end, kept))
    if end > kept:
        yield from rules.pieces(config, max(start, kept), end)


def _read(schedule_id: int, start: datetime, end: datetime) -> Iterator[Shift]:
    if start >= end:
        return
    rows = db.session.scalars(
        sa.select(LedgerEntry)
        .where(
            LedgerEntry.schedule_id == schedule_id,
            LedgerEntry.start < end,
            sa.or_(LedgerEntry.end.is_(None), LedgerEntry.end > start),
        )
        .order_by(LedgerEntry.start)
    )
    for row in rows:
        people = tuple(_from_json(person) for person in row.people)
        yield Shift(max(row.start, start), min(row.end or end, end), people)


def _to_json(person: OnCall) -> dict[str, Any]:
    return {
        "user_id": person.user_id,
        "role": str(person.role),
        "reasons": [reason.to_json() for reason in person.reasons],
    }


def _from_json(kept: dict[str, Any]) -> OnCall:
    reasons = tuple(Reason.from_json(facts) for facts in kept["reasons"])
    return OnCall(int(kept["user_id"]), OnCallRole(kept["role"]), reasons)
