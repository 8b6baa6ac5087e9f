"""A handoff with proof (D11): whoever comes on is asked whether they have it. Coverage never waits for that.

The schedule alone says who is paged. A handoff that nobody confirms leads to one reminder, and then to asking
the outgoing person to stay as a shadow: they get copies until the next one has answered, and cover nothing.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from app.database import db
from app.domain import zone
from app.domain.interval import Interval, to_the_minute
from app.domain.lifecycle import InvalidTransition
from app.domain.notice import NoticeEvent
from app.domain.phrase import counted
from app.domain.shift_plan import PlannedShift, handoffs
from app.domain.text import prose
from app.domain.timeline import Kind, Subject
from app.domain.words import NoticeCategory, PageKind, Urgency
from app.notices.post import post
from app.oncall import shadow
from app.oncall.models import Handoff, ShiftPlan
from app.paging.page import Message, Place, page_user
from app.people.models import User
from app.timeline.record import record

FORESEEN = timedelta(days=1)  # so long before one can leave notes
ASKED_BEFORE = timedelta(minutes=15)
STAY_AFTER = timedelta(minutes=10)
TOO_LATE = timedelta(hours=1)  # nobody is asked about what is that long ago
SHOWN_AFTER = timedelta(hours=12)
STAYS_AT_MOST = timedelta(hours=12)
LONGEST_NOTE = 4000
OpenAlerts = Callable[[int], int]


class NotYours(Exception):
    """Only one of the two may do this; the message says who."""


def foresee(*, at: datetime) -> None:
    """Rows for the handoffs of the coming day, as people's shifts stand; what is not to come any more goes.

    A note stays with its moment when somebody else comes on instead.
    """
    window = Interval(to_the_minute(at), to_the_minute(at) + FORESEEN)
    wanted: dict[tuple[int, datetime, int], int | None] = {}
    for plan in db.session.scalars(sa.select(ShiftPlan)):
        shifts = tuple(PlannedShift.from_json(each) for each in plan.shifts)
        for (moment, incoming), outgoing in handoffs(shifts, window).items():
            wanted[plan.schedule_id, moment, incoming] = outgoing
    ahead = sa.select(Handoff).where(Handoff.at > window.start).order_by(Handoff.id)
    known = {(row.schedule_id, row.at, row.incoming_id): row for row in db.session.scalars(ahead)}
    stale = [row for key, row in known.items() if key not in wanted]
    for key, outgoing in wanted.items():
        row = known.get(key)
        if row is None:
            schedule_id, moment, incoming = key
            row = next((each for each in stale if (each.schedule_id, each.at) == (schedule_id, moment)), None)
            if row is not None:
                stale.remove(row)
            else:
                row = Handoff(schedule_id=schedule_id, at=moment, note="", created_at=at)
                db.session.add(row)
            row.incoming_id, row.next_at = incoming, moment - ASKED_BEFORE
            row.asked_at = row.reminded_at = row.confirmed_at = row.stay_asked_at = row.stays_at = None
        row.outgoing_id = outgoing
    for row in stale:
        db.session.delete(row)
    db.session.flush()


def due(at: datetime) -> list[int]:
    """Handoffs about which somebody is to be asked now."""
    return list(
        db.session.scalars(sa.select(Handoff.id).where(Handoff.next_at <= at).order_by(Handoff.next_at))
    )


def advance(number: int, *, at: datetime, open_alerts: OpenAlerts) -> int:
    """Ask, remind, or ask the outgoing person to stay, whichever is due. Returns how many were asked."""
    row = db.session.scalar(
        sa.select(Handoff).where(Handoff.id == number).with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )  # fmt: skip
    if row is None or row.next_at is None or row.next_at > at:
        return 0
    if row.confirmed_at is not None or at > row.at + TOO_LATE:
        row.next_at = None
        return 0
    if row.asked_at is None:
        row.asked_at, row.next_at = at, row.at if at < row.at else row.at + STAY_AFTER
        _ask(row, 0, at, open_alerts)
    elif row.reminded_at is None and at < row.at + STAY_AFTER:
        row.reminded_at, row.next_at = at, row.at + STAY_AFTER
        _ask(row, 1, at, open_alerts)
    else:
        row.stay_asked_at, row.next_at = at, None
        return _ask_to_stay(row, at)
    return 1


def confirm(row: Handoff, *, by: User, at: datetime) -> None:
    """The incoming person has it. Twice is once. Raises NotYours."""
    if by.id != row.incoming_id:
        raise NotYours(f"Only {row.incoming.name} can say so.")
    if row.confirmed_at is not None:
        return
    row.confirmed_at, row.next_at = at, None
    record(Kind.ACKNOWLEDGED, Subject.HANDOFF, row.id, at=at, by=by, schedule_id=row.schedule_id)
    shadow.end_beside(row, by=by, at=at)
    if row.outgoing is not None:
        stays = " You need not stay." if row.stay_asked_at else ""
        title = f"{by.name} has it: {row.schedule.name}"
        _tell(row, row.outgoing, by, title, f"From {_when(row, row.outgoing)}.{stays}", at)


def write_note(row: Handoff, text: str, *, by: User, at: datetime) -> None:
    """What the next one should know. Raises NotYours."""
    if by.id != row.outgoing_id:
        raise NotYours("Only whoever hands over writes here.")
    text = prose(text, limit=LONGEST_NOTE)
    if text == row.note:
        return
    row.note = text
    record(Kind.NOTED, Subject.HANDOFF, row.id, at=at, by=by, schedule_id=row.schedule_id)
    if row.asked_at is not None:
        _tell(row, row.incoming, by, f"{by.name} left a note: {row.schedule.name}", text, at)


def stay(row: Handoff, *, by: User, at: datetime) -> None:
    """They stay as a shadow; who is paged stays the same. Raises NotYours, InvalidTransition."""
    if by.id != row.outgoing_id:
        raise NotYours("Only whoever hands over can stay.")
    if row.stays_at is not None:
        return
    if row.stay_asked_at is None or row.confirmed_at is not None:
        raise InvalidTransition(f"{row.incoming.name} has it. You need not stay.")
    row.stays_at = at
    if not shadow.is_shadow(row.schedule_id, by, at):
        shadow.add(row.schedule, by, end=at + STAYS_AT_MOST, beside=row, by=by, at=at)
    record(Kind.CHANGED, Subject.HANDOFF, row.id, at=at, by=by, schedule_id=row.schedule_id, stays=True)
    _tell(
        row, row.incoming, by, f"{by.name} stays beside you: {row.schedule.name}",
        "You are on call, and you have not said that you have it.", at,
    )  # fmt: skip


def of(user: User, at: datetime) -> Sequence[Handoff]:
    """Those this person gives or takes, from twelve hours ago to a day ahead, the next one first."""
    rows = sa.select(Handoff).where(
        sa.or_(Handoff.incoming_id == user.id, Handoff.outgoing_id == user.id), Handoff.at > at - SHOWN_AFTER
    )
    return db.session.scalars(rows.order_by(Handoff.at)).all()


def shift_of(row: Handoff) -> Interval | None:
    """The hours that the incoming person takes, as far as they are known."""
    plan = db.session.get(ShiftPlan, row.schedule_id)
    if plan is None:
        return None
    around = max(row.at, plan.made_at)  # what runs begins with the plan
    for each in plan.shifts:
        shift = PlannedShift.from_json(each)
        if shift.user_id == row.incoming_id and shift.start <= around < shift.end:
            return Interval(row.at, shift.end)
    return None


def _ask(row: Handoff, reminder: int, at: datetime, open_alerts: OpenAlerts) -> None:
    """As a page does, it rings and is not left to choice; it asks for a tap and escalates to nobody."""
    count = open_alerts(row.schedule_id)
    alerts = f" {counted(count, 'alert')} open." if count else ""
    begins = "You are on call from" if at < row.at else "You are on call since"
    note = f" {row.outgoing.name} left a note." if row.note and row.outgoing else ""
    page_user(
        row.incoming,
        Message(
            f"{begins} {_when(row, row.incoming)}",
            f"{row.schedule.name}. Tap and say “I have it”.{alerts}{note}", Urgency.HIGH,
        ),
        Place(Subject.HANDOFF, row.id, reminder=reminder), kind=PageKind.NOTICE,
        reason=["You come on call"], until=row.at + TOO_LATE, at=at,
    )  # fmt: skip


def _ask_to_stay(row: Handoff, at: datetime) -> int:
    if row.outgoing is None:
        return 0
    _tell(
        row, row.outgoing, None, f"{row.incoming.name} has not confirmed: stay?",
        f"{row.schedule.name}: {row.incoming.name} is on call since {_when(row, row.outgoing)} and is paged. "
        "Can you keep an eye on it until they answer?", at,
    )  # fmt: skip
    return 1


def _tell(row: Handoff, to: User, by: User | None, title: str, body: str, at: datetime) -> None:
    post(
        NoticeCategory.ON_CALL, NoticeEvent.HANDOFF, to=[to], by=by, title=title, body=body,
        link=f"/handoff/{row.id}", at=at,
    )  # fmt: skip


def _when(row: Handoff, reader: User) -> str:
    try:
        return zone.spoken(row.at, zone.named(reader.time_zone))
    except zone.UnknownZone:
        return zone.spoken(row.at, ZoneInfo("UTC"))
