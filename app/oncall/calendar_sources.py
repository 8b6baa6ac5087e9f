"""Calendars that are read again every hour: what was read last stays until something better is there."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from app.database import db
from app.domain.notice import NoticeEvent
from app.domain.timeline import Kind, Subject
from app.domain.words import CalendarUse, NoticeCategory
from app.notices.post import post
from app.oncall import calendar_import, fairness
from app.oncall.calendar_fetch import NoAnswer, host_of
from app.oncall.calendar_in import Entry, UnreadableCalendar
from app.oncall.models import CalendarSource, Schedule
from app.people import sealed
from app.people.models import User
from app.timeline.record import record

EVERY = timedelta(hours=1)
SILENT_AFTER = 3  # tries in a row without an answer before somebody is told: servers are restarted


class UnknownNames(UnreadableCalendar):
    """Events that name nobody here; `problems` has a sentence for each."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(problems[0] + (f" And {len(problems) - 1} more like it." if problems[1:] else ""))
        self.problems = tuple(problems)


@dataclass(frozen=True)
class Target:
    """Where a calendar goes: the shifts or the holidays of a schedule, or somebody's time off."""

    brings: CalendarUse
    owner: Schedule | User

    @property
    def about(self) -> str:
        """What an address is sealed for, so that a row copied elsewhere opens nothing."""
        return f"calendar source: {self.brings} of {self.owner.id}"


@dataclass(frozen=True)
class Contents:
    """A file that can be brought in, read to the end: nobody waits for a long one inside a transaction."""

    target: Target
    digest: str
    what: calendar_import.Reading | Sequence[Entry] | Mapping[date, str]


def look(target: Target, data: bytes, *, at: datetime) -> Contents:
    """Read a file without changing anything. Raises UnreadableCalendar."""
    what: calendar_import.Reading | Sequence[Entry] | Mapping[date, str]
    match target:
        case Target(CalendarUse.SHIFTS, Schedule() as schedule):
            what = calendar_import.read(schedule, data, at=at)
            if what.problems:
                raise UnknownNames(what.problems)
        case Target(CalendarUse.HOLIDAYS, Schedule() as schedule):
            what = fairness.holidays_in(schedule, data, at=at)
        case Target(CalendarUse.TIME_OFF, User() as user):
            what = calendar_import.absences(user, data, at=at)
        case _:
            raise ValueError(f"{target.brings} are not of a {type(target.owner).__name__}")
    return Contents(target, digest_of(data, at), what)


def bring(contents: Contents, *, by: User | None, at: datetime) -> int:
    """Bring in what was read. Returns how much there is of it."""
    match contents.target.owner, contents.what:
        case Schedule() as schedule, calendar_import.Reading() as reading:
            return calendar_import.bring_in(schedule, reading, by=by, at=at)
        case Schedule() as schedule, Mapping() as days:
            return fairness.bring_holidays(schedule, days, by=by, at=at)
        case User() as user, Sequence() as absences:
            return calendar_import.bring_time_off(user, absences, by=by, at=at)
    raise ValueError("these contents are for somebody else")


def source_of(target: Target) -> CalendarSource | None:
    """The address that is read again for it, if there is one."""
    return db.session.scalar(sa.select(CalendarSource).where(*_whose(target)))


def keep(contents: Contents, address: str, *, by: User, at: datetime) -> CalendarSource:
    """Read this address again every hour, in place of another; `contents` were there just now, and come in.

    So an address is kept only once it could be read.
    """
    target = contents.target
    found = bring(contents, by=by, at=at)
    source = source_of(target)
    if source is None:
        owner = {"schedule_id" if isinstance(target.owner, Schedule) else "user_id": target.owner.id}
        source = CalendarSource(brings=target.brings, created_at=at, **owner)
        db.session.add(source)
    source.sealed_address, source.host = sealed.seal(address, about=target.about), host_of(address)
    source.added_by_id = by.id
    _read_well(source, found, contents.digest, at=at)
    db.session.flush()
    subject = Subject.USER if target.brings is CalendarUse.TIME_OFF else Subject.SCHEDULE
    record(Kind.CHANGED, subject, target.owner.id, at=at, by=by, after={"read_hourly": _facts(source)})
    return source


def stop(target: Target, *, by: User, at: datetime) -> None:
    """Read it no more; what was brought in stays. Twice is once."""
    source = source_of(target)
    if source is None:
        return
    subject = Subject.USER if target.brings is CalendarUse.TIME_OFF else Subject.SCHEDULE
    record(Kind.CHANGED, subject, target.owner.id, at=at, by=by, before={"read_hourly": _facts(source)})
    db.session.delete(source)
    db.session.flush()


def claim_due(at: datetime, *, limit: int) -> list[int]:
    """Sources whose hour has come, now claimed: the next look is in an hour, whatever becomes of this one."""
    due = sa.select(CalendarSource.id).where(CalendarSource.next_at <= at).order_by(CalendarSource.next_at)
    claimed: list[int] = []
    for number in db.session.scalars(due.limit(limit)).all():
        mine = (
            sa.update(CalendarSource)
            .where(CalendarSource.id == number, CalendarSource.next_at <= at)
            .values(next_at=at + EVERY)
            .returning(CalendarSource.id)
        )
        claimed += db.session.scalars(mine).all()
    return claimed


@dataclass(frozen=True)
class Due:
    """A source whose hour has come: where to look, what for, and what was there last."""

    number: int
    address: str
    target: Target
    digest: str


def due_one(number: int) -> Due | None:
    """None for one that was removed, or whose person has left. Raises UnreadableCalendar."""
    source = db.session.get(CalendarSource, number)
    if source is None or (source.user is not None and not source.user.is_active):
        return None
    target = target_of(source)
    address = sealed.unseal(source.sealed_address, about=target.about)
    if address is None:
        raise UnreadableCalendar("The address was kept under another secret key. Give it again.")
    return Due(number, address, target, source.digest)


def take(number: int, contents: Contents | None, *, at: datetime) -> None:
    """What was at the address comes in. None: it was what it had been, and there is nothing to do."""
    source = db.session.get(CalendarSource, number)
    if source is None:
        return  # stopped meanwhile
    found = source.found if contents is None else bring(contents, by=None, at=at)
    _read_well(source, found, source.digest if contents is None else contents.digest, at=at)


def note_failure(number: int, failed: UnreadableCalendar, *, at: datetime) -> None:
    """Say on the screens why it cannot be read, and tell who added it: once for each row of failures."""
    source = db.session.get(CalendarSource, number)
    if source is None:
        return
    told_before = _is_told(source)
    source.failures += 1
    source.failing_since = source.failing_since or at
    source.problem = str(failed)
    source.digest = ""  # names may be known next time, though the file is the same
    if isinstance(failed, NoAnswer) and source.failures < SILENT_AFTER:
        return
    source.failures = max(source.failures, SILENT_AFTER)
    if not told_before:
        _tell(source, at=at)


def digest_of(data: bytes, at: datetime) -> str:
    """Of the file and the day: what repeats reaches a day further every day."""
    return hashlib.sha256(at.date().isoformat().encode() + data).hexdigest()


def target_of(source: CalendarSource) -> Target:
    """Where the calendar of this row goes."""
    owner = source.schedule or source.user
    assert owner is not None  # each row has one of the two
    return Target(source.brings, owner)


def _read_well(source: CalendarSource, found: int, digest: str, *, at: datetime) -> None:
    source.read_at, source.next_at, source.found, source.digest = at, at + EVERY, found, digest
    source.problem, source.failing_since, source.failures = "", None, 0


def _is_told(source: CalendarSource) -> bool:
    return source.failures >= SILENT_AFTER


def _tell(source: CalendarSource, *, at: datetime) -> None:
    of = f"for {source.schedule.name}" if source.schedule else "of your time off"
    what = "holidays" if source.brings is CalendarUse.HOLIDAYS else "calendar"
    link = {
        CalendarUse.SHIFTS: f"/schedules/{source.schedule_id}/import",
        CalendarUse.HOLIDAYS: f"/schedules/{source.schedule_id}/holidays/import",
        CalendarUse.TIME_OFF: "/me/time-off/import",
    }
    post(
        NoticeCategory.ON_CALL, NoticeEvent.CALENDAR_FAILS, to=[source.added_by], by=None,
        title=f"The {what} {of} cannot be read",
        body=f"{source.problem} What was read before stays as it is. We try again every hour.",
        link=link[source.brings], at=at,
    )  # fmt: skip


def _whose(target: Target) -> tuple[sa.ColumnElement[bool], ...]:
    of_schedule = isinstance(target.owner, Schedule)
    column = CalendarSource.schedule_id if of_schedule else CalendarSource.user_id
    return column == target.owner.id, CalendarSource.brings == target.brings


def _facts(source: CalendarSource) -> dict[str, str]:
    return {"brings": str(source.brings), "host": source.host}
