"""What the sheet of one shift says, gathered before its template is drawn."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from app import clock
from app.database import db
from app.domain.interval import Interval, to_the_minute
from app.domain.reason import OnCallRole
from app.domain.swap_words import both_zones, length_words, weight_words
from app.oncall import fairness, queries
from app.oncall.handoff_access import seen_by
from app.oncall.models import Handoff, Override, Schedule
from app.oncall.queries import HeldShift
from app.oncall.swap_candidates import balances_of
from app.oncall.swap_people import on_roster, roster_for
from app.people.models import User
from app.people.rights import Act, may
from app.web.words import plain, viewer_zone, zone_named

AROUND = timedelta(days=35)  # how far a shift is followed to its ends; a longer one is shown as that long


@dataclass(frozen=True)
class Holds:
    """One person of the shift, with why."""

    person: User
    role: str
    reasons: tuple[str, ...]
    is_viewer: bool


@dataclass(frozen=True)
class Cover:
    """An exception within the hours: of a swap, or one that can be taken away here."""

    id: int
    says: str
    swap_id: int | None
    may_remove: bool


@dataclass(frozen=True)
class ShiftView:
    """With nobody in `holds` these hours are a gap. `options` are people to put on them, fairest first."""

    schedule: Schedule
    span: Interval
    when: str
    facts: str
    holds: list[Holds]
    is_over: bool
    is_now: bool
    covers: list[Cover]
    handoffs: Sequence[Handoff]
    may_ask: bool
    may_arrange: bool
    options: list[tuple[str, str]]
    from_typed: str
    to_typed: str

    @property
    def primary(self) -> Holds | None:
        """Whoever is paged first."""
        return self.holds[0] if self.holds else None


def shift_view(schedule: Schedule, at: datetime, viewer: User) -> ShiftView:
    """The shift, or the gap, that `at` is in."""
    now, tz = to_the_minute(clock.now()), zone_named(schedule.time_zone)
    assert isinstance(tz, ZoneInfo)
    span, held = _stretch(schedule.id, to_the_minute(at))
    people = _people(held)
    holds = [
        Holds(people[each.user_id], each.role.capitalize(), each.reasons, each.user_id == viewer.id)
        for each in (held.people if held else ())
        if each.user_id in people
    ]
    weighs = weight_words([span], tz, fairness.rules_of(schedule.id))
    arranges, is_over = may(viewer, Act.COVER_OTHERS, team_id=schedule.team_id), span.end <= now
    left = Interval(max(span.start, now), span.end) if not is_over else span
    mine = viewer_zone()
    return ShiftView(
        schedule, span, both_zones(span, tz, mine), f"{length_words(span, tz)}, {weighs}", holds,
        is_over, span.start <= now < span.end, _covers(schedule, span, viewer, arranges, now),
        _handoffs(schedule, span, viewer),
        not is_over and any(each.is_viewer and each.role == "Primary" for each in holds),
        not is_over and arranges, _options(schedule, left) if arranges and not is_over else [],
        left.start.astimezone(mine).strftime("%Y-%m-%dT%H:%M"),
        left.end.astimezone(mine).strftime("%Y-%m-%dT%H:%M"),
    )  # fmt: skip


def _stretch(schedule_id: int, at: datetime) -> tuple[Interval, HeldShift | None]:
    """The hours around `at` in which the same people are on call, or nobody is; and who they are."""
    held, gaps = queries.shifts(schedule_id, at - AROUND, at + AROUND)
    here = next((number for number, each in enumerate(held) if each.start <= at < each.end), None)
    if here is None:
        gap = next((each for each in gaps if at in each), Interval(at, at + timedelta(minutes=1)))
        return gap, None
    first = last = here
    while first and _follow(held[first - 1], held[first]):
        first -= 1
    while last + 1 < len(held) and _follow(held[last], held[last + 1]):
        last += 1
    return Interval(held[first].start, held[last].end), held[here]


def _follow(before: HeldShift, after: HeldShift) -> bool:
    return before.end == after.start and _who(before) == _who(after)


def _who(shift: HeldShift) -> set[tuple[int, OnCallRole]]:
    return {(each.user_id, each.role) for each in shift.people}


def _people(held: HeldShift | None) -> dict[int, User]:
    ids = [each.user_id for each in held.people] if held else []
    return {user.id: user for user in db.session.scalars(sa.select(User).where(User.id.in_(ids)))}


def _covers(schedule: Schedule, span: Interval, viewer: User, arranges: bool, now: datetime) -> list[Cover]:
    rows = db.session.scalars(
        sa.select(Override)
        .where(Override.schedule_id == schedule.id, Override.start < span.end, Override.end > span.start)
        .order_by(Override.start, Override.id)
    ).all()
    ids = {user_id for row in rows for user_id in (row.user_id, row.replaces_user_id) if user_id}
    names = {user.id: plain(user.name) for user in db.session.scalars(sa.select(User).where(User.id.in_(ids)))}
    tz, found = zone_named(schedule.time_zone), []
    assert isinstance(tz, ZoneInfo)
    for row in rows:
        comes, goes = names.get(row.user_id or 0), names.get(row.replaces_user_id or 0)
        who = f"{comes} for {goes}" if comes and goes else f"{comes} added" if comes else f"{goes} taken off"
        own = viewer.id in (row.user_id, row.user_id or row.replaces_user_id)
        found.append(
            Cover(
                row.id, f"{who}, {both_zones(Interval(row.start, row.end), tz, viewer_zone())}", row.swap_id,
                row.swap_id is None and row.end > now and (arranges or own),
            )
        )  # fmt: skip
    return found


def _handoffs(schedule: Schedule, span: Interval, viewer: User) -> Sequence[Handoff]:
    """Those by which the shift begins and ends, where the viewer has a part in them."""
    rows = sa.select(Handoff).where(
        Handoff.schedule_id == schedule.id, Handoff.at.in_([span.start, span.end]), seen_by(viewer)
    )
    return db.session.scalars(rows.order_by(Handoff.at)).all()


def _options(schedule: Schedule, left: Interval) -> list[tuple[str, str]]:
    """Who takes turns here with their weighted hours, the fewest first; then whoever else may respond."""
    known = on_roster(roster_for(schedule.id, left))
    balances = balances_of(schedule.id, known, left)
    able = list(db.session.scalars(sa.select(User).where(User.can_respond).order_by(User.name, User.id)))
    first = sorted((user for user in able if user.id in known), key=lambda user: balances[user.id])
    others = [user for user in able if user.id not in known]
    return [
        *((str(user.id), f"{plain(user.name)} · {balances[user.id]:.0f} h weighted") for user in first),
        *((str(user.id), plain(user.name)) for user in others),
    ]
