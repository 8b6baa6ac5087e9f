"""The weekly digest: the week of each team of a person, counted; on Monday morning it is told them, once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from app.alerts.models import Alert
from app.database import db
from app.domain import digest as rules
from app.domain import zone
from app.domain.notice import NoticeEvent
from app.domain.phrase import counted
from app.domain.shift_plan import PlannedShift, monday_morning, paged
from app.domain.timeline import Subject
from app.domain.words import NoticeCategory, PageKind, PostmortemState
from app.incidents.models import Incident
from app.learning import action_queries, queries
from app.learning.models import ActionItem, Postmortem
from app.notices.post import post
from app.oncall.models import Schedule, ShiftPlan, ShiftTold
from app.paging.models import Page
from app.people.models import Team, User
from app.people.queries import responders
from app.people.rights import Act, may, teams_where

SHIFTS = 3  # of a schedule; the week has rarely more
WHAT = "digest"


@dataclass(frozen=True)
class TeamWeek:
    """One team's week: what was counted, and who has the pager in the seven days to come."""

    team: Team
    week: rules.Week
    shifts: Sequence[str]

    @property
    def is_empty(self) -> bool:
        return self.week.is_empty and not self.shifts


def of(user: User, *, at: datetime) -> list[TeamWeek]:
    """The teams a person is in or manages, by name; all of them for whoever sees all and is in none."""
    own = teams_where(user, Act.RESPOND)
    rows = sa.select(Team).order_by(Team.name)
    if own or not may(user, Act.SEE_ALL_TEAMS):
        rows = rows.where(Team.id.in_(own))
    return [_of_team(team, user, at) for team in db.session.scalars(rows)]


def tell_week(at: datetime) -> int:
    """Everybody whose Monday morning it is, and whose teams have something to tell. Returns how many."""
    told = 0
    for user in responders():
        monday = monday_morning(at, _zone(user.time_zone))
        if monday is None or not teams_where(user, Act.RESPOND) or not _first_time(user, monday, at):
            continue
        weeks = [each for each in of(user, at=at) if not each.is_empty]
        if weeks:
            post(
                NoticeCategory.TEAMS, NoticeEvent.DIGEST, to=[user], by=None, title=_title(weeks),
                body="\n\n".join(_letter(each) for each in weeks), link="/digest", at=at,
            )  # fmt: skip
            told += 1
    return told


def _first_time(user: User, monday: datetime, at: datetime) -> bool:
    """Take this week upon this engine. The week is a day of the calendar: who moves to another zone that Monday
    is told once.
    """
    day = datetime.combine(zone.wall_clock(monday, _zone(user.time_zone)).date(), time(), ZoneInfo("UTC"))
    row = {"user_id": user.id, "schedule_id": 0, "what": WHAT, "start": day, "lead_minutes": 0}
    if db.session.scalar(sa.select(ShiftTold.id).filter_by(**row)) is not None:
        return False
    try:
        with db.session.begin_nested():
            db.session.add(ShiftTold(**row, at=at))
    except sa.exc.IntegrityError:
        return False  # another engine is at it
    return True


def _of_team(team: Team, user: User, at: datetime) -> TeamWeek:
    since = rules.week_before(at, _zone(user.time_zone))
    pages = _pages(team, since, at)
    titles: dict[str, int] = {}
    for title, *_ in pages:
        titles[title] = titles.get(title, 0) + 1
    actions = db.session.execute(
        sa.select(ActionItem.due_at).join(Incident).where(
            Incident.team_id == team.id, ActionItem.done_at.is_(None), action_queries.seen_by(user)
        )
    ).all()  # fmt: skip
    unpublished = sa.select(sa.func.count()).select_from(Postmortem).join(Incident).where(
        Incident.team_id == team.id, Postmortem.state != PostmortemState.PUBLISHED, queries.seen_by(user)
    )  # fmt: skip
    week = rules.Week(
        pages=len(pages), pages_before=len(_pages(team, since - timedelta(days=7), since)),
        nights=rules.broken_nights((name, when, _zone(where)) for _, name, where, when in pages),
        open_actions=len(actions), late_actions=sum(1 for row in actions if row.due_at and row.due_at < at),
        unpublished=db.session.scalar(unpublished) or 0,
        loudest=max(titles.items(), key=lambda each: (each[1], each[0])) if titles else None,
    )  # fmt: skip
    return TeamWeek(team, week, _shifts(team, user, at))


def _pages(team: Team, since: datetime, until: datetime) -> Sequence[tuple[str, str, str, datetime]]:
    """What rang for alerts of the team: of which, for whom, in whose zone, when."""
    rows = (
        sa.select(Alert.title, User.name, User.time_zone, Page.created_at)
        .join(Alert, sa.and_(Page.subject_kind == str(Subject.ALERT), Alert.id == Page.subject_id))
        .join(User, User.id == Page.user_id)
        .where(Page.kind == PageKind.PAGE, Page.created_at >= since, Page.created_at < until)
    )
    found = db.session.execute(rows.where(Alert.team_id == team.id))
    return [(row[0], row[1], row[2], row[3]) for row in found]


def _shifts(team: Team, user: User, at: datetime) -> list[str]:
    """Who has the pager of each schedule in the next seven days, on the reader's clock."""
    mine, until = _zone(user.time_zone), at + timedelta(days=7)
    rows = db.session.scalars(
        sa.select(ShiftPlan).join(Schedule, Schedule.id == ShiftPlan.schedule_id)
        .where(Schedule.team_id == team.id).order_by(Schedule.name)
    ).all()  # fmt: skip
    planned = [(row.name, [PlannedShift.from_json(each) for each in row.shifts]) for row in rows]
    names = _names(shift.user_id for _, shifts in planned for shift in shifts)
    lines = []
    for name, shifts in planned:
        coming = [each for each in paged(shifts) if each.start < until and each.end > at]
        if coming:
            said = [
                f"{names[s.user_id]} {'now' if s.start <= at else f'from {zone.spoken(s.start, mine)}'}"
                for s in coming
            ]
            more = f", and {len(said) - SHIFTS} more" if len(said) > SHIFTS else ""
            lines.append(f"{name}: {', '.join(said[:SHIFTS])}{more}")
    return lines


def _names(ids: Iterable[int]) -> dict[int, str]:
    rows = db.session.execute(sa.select(User.id, User.name).where(User.id.in_(set(ids))))
    return {row.id: row.name for row in rows}


def _title(weeks: Sequence[TeamWeek]) -> str:
    pages = sum(each.week.pages for each in weeks)
    nights = sum(sum(each.week.nights.values()) for each in weeks)
    return f"Your teams' week: {counted(pages, 'page')}, {counted(nights, 'night')} broken"


def _letter(each: TeamWeek) -> str:
    lines = [f"{each.team.name}: {rules.counts(each.week)}."]
    lines += [f"On call, {line}." for line in each.shifts]
    lines += [f"Look at: {says}." for says, _ in rules.looks(each.week)]
    return "\n".join(lines)


def _zone(name: str) -> ZoneInfo:
    try:
        return zone.named(name)
    except zone.UnknownZone:
        return ZoneInfo("UTC")
