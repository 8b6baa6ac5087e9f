"""Tell people of their shifts: before one, after it, when they change, and on Monday what the week holds.

What people were last told is kept for each schedule (`ShiftPlan`); the engine compares it with what the rules
say now. Of each thing a row is written with the notice (`ShiftTold`): restarts and several engines tell once.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from app.database import db
from app.domain import shift_plan as plans
from app.domain import zone
from app.domain.interval import Interval, to_the_minute
from app.domain.notice import NoticeEvent
from app.domain.reason import OnCallRole
from app.domain.schedule import pieces
from app.domain.shift_plan import PlannedShift
from app.domain.swap import hours
from app.domain.swap_words import listed as people_listed
from app.domain.swap_words import whole
from app.domain.words import NoticeCategory
from app.notices.post import post
from app.oncall.models import Schedule, ShiftPlan, ShiftTold
from app.oncall.queries import rosters
from app.oncall.shift_authors import Changes, changes_since, last_event, touched_since
from app.people.models import User

RENEWED = timedelta(days=1)  # a plan that nothing changed: its horizon moves on
LATE = timedelta(hours=2)  # that a shift is over is told this long after
KEPT = timedelta(days=90)
OpenAlerts = Callable[[int], int]  # how many alerts of a schedule's services are open


def due(at: datetime) -> list[int]:
    """Schedules of which somebody may have to be told something now, also those that are gone."""
    touched = touched_since(db.session.scalar(sa.select(sa.func.min(ShiftPlan.event_id))) or 0)
    known = {row.schedule_id: row.next_at for row in db.session.scalars(sa.select(ShiftPlan))}
    there = set(db.session.scalars(sa.select(Schedule.id)))
    ready = {id_ for id_, next_at in known.items() if next_at <= at}
    ready |= (there ^ known.keys()) | (known.keys() if touched is None else touched & there)
    last = last_event()
    db.session.execute(sa.update(ShiftPlan).where(ShiftPlan.schedule_id.not_in(ready)).values(event_id=last))
    return sorted(ready)


def tell(schedule_id: int, *, at: datetime, open_alerts: OpenAlerts) -> int:
    """Everything that is due of one schedule. Returns how many were told. One engine at a time does this."""
    at = to_the_minute(at)
    row = db.session.scalar(
        sa.select(ShiftPlan).where(ShiftPlan.schedule_id == schedule_id).with_for_update(skip_locked=True)
    )
    schedule = db.session.get(Schedule, schedule_id)
    if row is None:
        if schedule is not None and db.session.get(ShiftPlan, schedule_id) is None:
            _begin(schedule, at)
        return 0
    before = _shifts(row)
    told = _tell_ended(row, before, at) if schedule is not None else 0
    seen, row.event_id = row.event_id, last_event()
    after = _now(schedule, at) if schedule is not None else ()
    told += _tell_changed(row, before, after, changes_since(seen, schedule_id), at)
    if schedule is None:
        db.session.delete(row)
        return told
    told += _tell_soon(schedule, after, at, open_alerts)
    _keep(row, schedule, after, at)
    return told


def tell_week(at: datetime) -> int:
    """What the week holds, to everybody whose Monday morning it is and who has a shift in it."""
    at = to_the_minute(at)
    mine: dict[int, list[tuple[ShiftPlan, PlannedShift]]] = {}
    for row in db.session.scalars(sa.select(ShiftPlan).order_by(ShiftPlan.name)):
        for shift in _shifts(row):
            if shift.start < at + timedelta(days=7) and shift.end > at:
                mine.setdefault(shift.user_id, []).append((row, shift))
    told = 0
    for user in _users(mine):
        monday = plans.monday_morning(at, _zone(user.time_zone))
        if monday is not None and _first_time(user, 0, "week", monday, 0, at):
            told += _tell_week(user, mine[user.id], Interval(at, monday + timedelta(days=7)), at)
    return told


def change_leads(user: User, leads: Iterable[int], *, at: datetime) -> None:
    """How many minutes before a shift this person wants to know; those that are no choice are passed over."""
    user.shift_leads = [lead for lead in plans.LEADS if lead in set(leads)]
    db.session.flush()
    db.session.execute(sa.update(ShiftPlan).values(next_at=at))


def leads_of(user: User) -> Sequence[int]:
    """Minutes before a shift, longest first."""
    return plans.USUAL_LEADS if user.shift_leads is None else [int(lead) for lead in user.shift_leads]


def forget_old(*, at: datetime) -> int:
    """That something was told is kept for a quarter. Returns how many rows went."""
    gone = sa.delete(ShiftTold).where(ShiftTold.at < at - KEPT).returning(ShiftTold.id)
    return len(db.session.scalars(gone).all())


def _begin(schedule: Schedule, at: datetime) -> None:
    """A plan of a schedule that had none: nobody is told of shifts that were never otherwise."""
    row = ShiftPlan(schedule_id=schedule.id, event_id=last_event())
    _keep(row, schedule, _now(schedule, at), at)
    row.next_at = at  # its leads are looked at in the next round, when the row can be locked
    db.session.add(row)
    db.session.flush()


def _keep(row: ShiftPlan, schedule: Schedule, shifts: Sequence[PlannedShift], at: datetime) -> None:
    leads = {user.id: leads_of(user) for user in _users(shift.user_id for shift in shifts)}
    following = plans.next_moment(shifts, leads, at)
    row.name, row.time_zone = schedule.name, schedule.time_zone
    row.shifts = [shift.to_json() for shift in shifts]
    row.made_at, row.until = at, at + plans.AHEAD
    row.next_at = min(at + RENEWED, following or at + RENEWED)


def _now(schedule: Schedule, at: datetime) -> tuple[PlannedShift, ...]:
    roster = rosters(at, at + plans.AHEAD, schedule_ids=[schedule.id])[schedule.id]
    return plans.plan(pieces(roster.config, at, at + plans.AHEAD))


def _tell_soon(
    schedule: Schedule, shifts: Sequence[PlannedShift], at: datetime, open_alerts: OpenAlerts
) -> int:
    ahead = [shift for shift in shifts if at < shift.start <= at + timedelta(minutes=max(plans.LEADS))]
    people = {user.id: user for user in _users(shift.user_id for shift in ahead)}
    told = 0
    for shift in ahead:
        user = people[shift.user_id]
        lead = plans.lead_due(shift.start, leads_of(user), at)
        if lead is None or not _first_time(user, schedule.id, "soon", shift.start, lead, at):
            continue
        title, body = plans.soon_words(
            shift, schedule.name, mine=_zone(user.time_zone), theirs=_zone(schedule.time_zone),
            ends=shift.end < at + plans.AHEAD, alerts=open_alerts(schedule.id),
        )  # fmt: skip
        _post(NoticeEvent.SHIFT_SOON, user, title, body, schedule.id, at)
        told += 1
    return told


def _tell_ended(row: ShiftPlan, shifts: Sequence[PlannedShift], at: datetime) -> int:
    over = [shift for shift in shifts if plans.ended(shift, shifts, at, within=LATE)]
    people = {user.id: user for user in _users(shift.user_id for shift in shifts)}
    told = 0
    for shift in over:
        user = people[shift.user_id]
        if not _first_time(user, row.schedule_id, "over", shift.end, 0, at):
            continue
        follows = [
            people[other.user_id].name
            for other in shifts
            if other.start <= shift.end < other.end and other.role is OnCallRole.PRIMARY
        ]
        has = f"{people_listed(follows)} {'has' if len(follows) == 1 else 'have'} it." if follows else ""
        body = f"Your shift on {row.name} ended {zone.spoken(shift.end, _zone(user.time_zone))}. {has}"
        _post(NoticeEvent.SHIFT_OVER, user, "You are off call", body.strip(), row.schedule_id, at)
        told += 1
    return told


def _tell_changed(
    row: ShiftPlan, before: Sequence[PlannedShift], after: Sequence[PlannedShift], made: Changes, at: datetime
) -> int:
    if row.until <= at:
        return 0
    found = plans.differences(before, after, Interval(at, row.until))
    told = 0
    for user in _users(found):
        if made.only_by(user.id) or made.told_by_swap(user.id):
            continue
        body = plans.changed_words(
            found[user.id], made.author, mine=_zone(user.time_zone), theirs=_zone(row.time_zone)
        )
        _post(NoticeEvent.SHIFT_CHANGED, user, f"Your shifts changed: {row.name}", body, row.schedule_id, at)
        told += 1
    return told


def _tell_week(user: User, mine: Sequence[tuple[ShiftPlan, PlannedShift]], week: Interval, at: datetime) -> int:
    zone_ = _zone(user.time_zone)
    cut = [(row, shift, inside) for row, shift in mine if (inside := shift.interval.overlap(week))]
    if not cut:
        return 0
    lines = [
        f"{row.name}: {plans.listed([shift], mine=zone_, theirs=_zone(row.time_zone))}" for row, shift, _ in cut
    ]
    length = hours(whole([inside for _, _, inside in cut]))
    days = f"{zone.day_spoken(zone.wall_clock(week.start, zone_))} to "
    days += zone.day_spoken(zone.wall_clock(week.end, zone_) - timedelta(days=1))
    _post(NoticeEvent.WEEK_AHEAD, user, f"On call {days}: {length}", "\n".join(lines), None, at)
    return 1


def _first_time(user: User, schedule_id: int, what: str, start: datetime, lead: int, at: datetime) -> bool:
    """Take this on, unless it was told, or is being told by another engine."""
    columns = {
        "user_id": user.id,
        "schedule_id": schedule_id,
        "what": what,
        "start": start,
        "lead_minutes": lead,
    }
    if db.session.scalar(sa.select(ShiftTold.id).filter_by(**columns)) is not None:
        return False
    db.session.add(ShiftTold(**columns, at=at))
    db.session.flush()  # of two engines the second waits here, fails, and finds it told a minute later
    return True


def _post(event: NoticeEvent, user: User, title: str, body: str, schedule_id: int | None, at: datetime) -> None:
    there = schedule_id is not None and db.session.get(Schedule, schedule_id) is not None
    post(
        NoticeCategory.ON_CALL, event, to=[user], by=None, title=title, body=body,
        link=f"/schedules/{schedule_id}" if there else "/on-call", at=at,
    )  # fmt: skip


def _users(ids: Iterable[int]) -> Sequence[User]:
    return db.session.scalars(sa.select(User).where(User.id.in_(set(ids))).order_by(User.id)).all()


def _shifts(row: ShiftPlan) -> tuple[PlannedShift, ...]:
    return tuple(PlannedShift.from_json(each) for each in row.shifts)


def _zone(name: str) -> ZoneInfo:
    try:
        return zone.named(name)
    except zone.UnknownZone:
        return ZoneInfo("UTC")
