"""Shifts kept in a foreign calendar, brought into a schedule: all of them, or nothing and every reason.

An event names its person by title or by invitation. The imported hours put people on call beside whoever the
layers name; importing again replaces what was imported before and has not happened yet.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

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


def bring_in(schedule: Schedule, reading: Reading, *, by: User, at: datetime) -> int:
    """Replace the imported hours from now on by these. Returns how many. To be asked only without problems."""
    if reading.problems:
        raise ValueError("a calendar with unknown names is not brought in")
    stack.take_turn(schedule.id, at=at)
    now, effect = to_the_minute(at), stack.effect_at(schedule.id, at)
    imported = sa.and_(Override.schedule_id == schedule.id, Override.kind == ChangeKind.IMPORTED)
    db.session.execute(sa.delete(Override).where(imported, Override.start >= now))
    db.session.execute(sa.update(Override).where(imported, Override.end > now).values(end=now))
    db.session.add_all(
        Override(
            schedule_id=schedule.id, start=max(entry.start, now), end=entry.end, user_id=user.id,
            created_at=effect, created_by_id=by.id, kind=ChangeKind.IMPORTED,
        )
        for entry, user in reading.shifts
    )  # fmt: skip
    db.session.flush()
    record(Kind.IMPORTED, Subject.SCHEDULE, schedule.id, at=at, by=by, shifts=len(reading.shifts))
    return len(reading.shifts)


def bring_time_off(user: User, data: bytes, *, by: User, at: datetime) -> int:
    """Every event of the coming year as time off of `user`, in place of what was imported before and has not
    happened yet. Titles are left out: why somebody is away is theirs. Raises UnreadableCalendar.
    """
    now = to_the_minute(at)
    found = entries(data, zone=zones.named(user.time_zone), start=now, end=at + AHEAD)
    record_past(at=at)
    check_soon(at=at)
    imported = sa.and_(TimeOff.user_id == user.id, TimeOff.is_imported)
    db.session.execute(sa.delete(TimeOff).where(imported, TimeOff.start >= now))
    db.session.execute(sa.update(TimeOff).where(imported, TimeOff.end > now).values(end=now))
    db.session.add_all(
        TimeOff(
            user_id=user.id,
            start=max(entry.start, now),
            end=entry.end,
            note="",
            is_imported=True,
            created_at=at,
        )
        for entry in found
    )
    db.session.flush()
    record(Kind.IMPORTED, Subject.USER, user.id, at=at, by=by, time_off=len(found))
    return len(found)


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
