"""Shifts kept in a foreign calendar, brought into a schedule: all of them, or nothing and every reason.

An event names its person by title or by invitation. The imported hours put people on call beside whoever the
layers name; importing again replaces what was imported before and has not happened yet, and an address that is
kept is read again every hour (`calendar_sources.py`).
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

import sqlalchemy as sa

from app.database import db
from app.domain import zone as zones
from app.domain.interval import to_the_minute
from app.domain.timeline import Kind, Subject
from app.domain.words import ChangeKind
from app.oncall import stack
from app.oncall.calendar_in import Entry, entries
from app.oncall.findings import check_soon
from app.oncall.models import Override, Schedule, TimeOff
from app.oncall.record_shifts import record_past
from app.people.models import User
from app.timeline.record import record

AHEAD = timedelta(days=366)
Row = TypeVar("Row", Override, TimeOff)
Hours = tuple[Any, ...]  # start, end, and of shifts whose


@dataclass(frozen=True)
class Reading:
    """What a file would bring: shifts with their people; a sentence for each event that names nobody here."""

    shifts: tuple[tuple[Entry, User], ...]
    problems: tuple[str, ...]


def read(schedule: Schedule, data: bytes, *, at: datetime) -> Reading:
    """Look at a file without changing anything: the next year of it. Raises UnreadableCalendar."""
    zone = zones.named(schedule.time_zone)
    found = entries(data, zone=zone, start=to_the_minute(at), end=at + AHEAD)
    people = list(db.session.scalars(sa.select(User).where(User.is_active, ~User.is_service).order_by(User.id)))
    shifts, problems = [], []
    for entry in found:
        user = _person(entry, people)
        if user is None:
            problems.append(f"Nobody here is called “{entry.title}” ({zones.spoken(entry.start, zone)}).")
        else:
            shifts.append((entry, user))
    if not found:
        problems.append("There are no events in the coming year.")
    return Reading(tuple(shifts), tuple(dict.fromkeys(problems)))


def bring_in(schedule: Schedule, reading: Reading, *, by: User | None, at: datetime) -> int:
    """Replace the imported hours from now on by these; `by` is None for the engine.

    Hours that are the same stay as they are, under whatever was changed on top of them since. Returns how many
    there are. To be asked only without problems.
    """
    if reading.problems:
        raise ValueError("a calendar with unknown names is not brought in")
    stack.take_turn(schedule.id, at=at)
    now, effect = to_the_minute(at), stack.effect_at(schedule.id, at)
    imported = sa.and_(Override.schedule_id == schedule.id, Override.kind == ChangeKind.IMPORTED)
    wanted: Counter[Hours] = Counter(
        (max(entry.start, now), entry.end, user.id) for entry, user in reading.shifts
    )
    there = {row: (max(row.start, now), row.end, row.user_id) for row in _to_come(Override, imported, now)}
    gone, new = _differ(there, wanted)
    if not gone and not new:
        return len(reading.shifts)
    _end(gone, now)
    db.session.add_all(
        Override(
            schedule_id=schedule.id, start=start, end=end, user_id=user_id, created_at=effect,
            created_by_id=None if by is None else by.id, kind=ChangeKind.IMPORTED,
        )
        for start, end, user_id in new
    )  # fmt: skip
    db.session.flush()
    record(Kind.IMPORTED, Subject.SCHEDULE, schedule.id, at=at, by=by, shifts=len(reading.shifts))
    return len(reading.shifts)


def absences(user: User, data: bytes, *, at: datetime) -> Sequence[Entry]:
    """Look at a file without changing anything: each event of its next year is a time away. Raises
    UnreadableCalendar.
    """
    return entries(data, zone=zones.named(user.time_zone), start=to_the_minute(at), end=at + AHEAD)


def bring_time_off(user: User, found: Sequence[Entry], *, by: User | None, at: datetime) -> int:
    """These as time off of `user`, in place of what was imported before and has not happened yet. Titles are
    left out: why somebody is away is theirs. Returns how many there are.
    """
    now = to_the_minute(at)
    record_past(at=at)
    imported = sa.and_(TimeOff.user_id == user.id, TimeOff.is_imported)
    wanted: Counter[Hours] = Counter((max(entry.start, now), entry.end) for entry in found)
    there = {row: (max(row.start, now), row.end) for row in _to_come(TimeOff, imported, now)}
    gone, new = _differ(there, wanted)
    if not gone and not new:
        return len(found)
    check_soon(at=at)
    _end(gone, now)
    db.session.add_all(
        TimeOff(user_id=user.id, start=start, end=end, note="", is_imported=True, created_at=at)
        for start, end in new
    )
    db.session.flush()
    record(Kind.IMPORTED, Subject.USER, user.id, at=at, by=by, time_off=len(found))
    return len(found)


def _to_come(model: type[Row], which: sa.ColumnElement[bool], now: datetime) -> list[Row]:
    return list(db.session.scalars(sa.select(model).where(which, model.end > now).order_by(model.id)))


def _differ(there: Mapping[Row, Hours], wanted: Counter[Hours]) -> tuple[list[Row], list[Hours]]:
    """Rows that are not wanted any more, and hours that are wanted and not there."""
    missing = wanted.copy()
    gone = []
    for row, hours in there.items():
        if missing[hours] > 0:
            missing[hours] -= 1
        else:
            gone.append(row)
    return gone, list(missing.elements())


def _end(rows: Iterable[Override | TimeOff], now: datetime) -> None:
    """What has begun ends now, and stays as it was until then; what has not goes."""
    for row in rows:
        if row.start >= now:
            db.session.delete(row)
        else:
            row.end = now


def _person(entry: Entry, people: Sequence[User]) -> User | None:
    """By an invited address, else by the title: "Ada Okafor", "On call: Ada Okafor", an address in it."""
    invited = [user for user in people if user.email in entry.emails]
    if len(invited) == 1:
        return invited[0]
    title = entry.title.lower()
    exact = [user for user in people if title in (user.name.lower(), user.email)]
    named = (user for user in people if title.endswith((f": {user.name.lower()}", f" {user.email}")))
    return _only(exact) or _only(named)


def _only(found: Iterable[User]) -> User | None:
    """The one, where there is no choice."""
    listed = list(found)
    return listed[0] if len(listed) == 1 else None
