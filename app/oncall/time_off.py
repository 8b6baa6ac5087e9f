"""A person is away: out of every answer meanwhile (R1), whatever schedule or policy names them."""

from datetime import datetime, timedelta

from app.database import db
from app.domain.interval import Interval, to_the_minute
from app.domain.invalid import Faults
from app.domain.notice import NoticeEvent
from app.domain.swap_words import span_words
from app.domain.text import prose
from app.domain.timeline import Kind, Subject
from app.domain.words import NoticeCategory
from app.notices.post import post
from app.oncall import checks, findings
from app.oncall.models import TimeOff
from app.oncall.override import AlreadyOver
from app.oncall.record_shifts import record_past
from app.oncall.swap_notices import zone_of
from app.people.models import User
from app.timeline.record import record

LONGEST_NOTE = 1000  # characters


def add(*, user_id: int, start: datetime, end: datetime, note: str = "", by: User, at: datetime) -> TimeOff:
    """Time off from `start` to `end`, cut to full minutes. Raises InvalidField."""
    faults = Faults()
    checks.people_exist([("/user_id", user_id)], faults)
    if len(note) > LONGEST_NOTE:
        faults.add("/note", f"must be at most {LONGEST_NOTE} characters")
    start, end = checks.span(start, end, faults)
    faults.stop_if_any()
    record_past(at=at)
    findings.check_soon(at=at)
    time_off = TimeOff(user_id=user_id, start=start, end=end, note=prose(note), created_at=at)
    db.session.add(time_off)
    db.session.flush()
    record(Kind.CREATED, Subject.TIME_OFF, time_off.id, at=at, by=by, **_facts(time_off))
    _tell(time_off, f"{by.name} entered time off for you", by=by, at=at)
    return time_off


def cancel(time_off: TimeOff, *, by: User, at: datetime) -> None:
    """Back earlier: a running one ends with the minute, one to come goes away. Raises AlreadyOver."""
    if time_off.end <= at:
        raise AlreadyOver("This time off has ended. What was is not changed.")
    record_past(at=at)
    findings.check_soon(at=at)
    if time_off.start < at:
        time_off.end = min(time_off.end, to_the_minute(at) + timedelta(minutes=1))
        record(Kind.CHANGED, Subject.TIME_OFF, time_off.id, at=at, by=by, **_facts(time_off))
        _tell(time_off, f"{by.name} ended your time off", by=by, at=at)
        return
    record(Kind.DELETED, Subject.TIME_OFF, time_off.id, at=at, by=by, **_facts(time_off))
    _tell(time_off, f"{by.name} removed your time off", by=by, at=at)
    db.session.delete(time_off)
    db.session.flush()


def _tell(time_off: TimeOff, title: str, *, by: User, at: datetime) -> None:
    """The person hears of it where somebody else's hand did it."""
    user = db.session.get_one(User, time_off.user_id)
    span = span_words(Interval(time_off.start, time_off.end), zone_of(user))
    post(
        NoticeCategory.ON_CALL, NoticeEvent.SHIFT_CHANGED, to=[user], by=by, title=title,
        body=f"{span}.", link="/me/time-off", at=at,
    )  # fmt: skip


def _facts(time_off: TimeOff) -> dict[str, object]:
    return {
        "user_id": time_off.user_id,
        "start": time_off.start.isoformat(),
        "end": time_off.end.isoformat(),
    }
