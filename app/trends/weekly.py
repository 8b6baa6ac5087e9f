"""Notebooks that somebody wants every week: chosen by each for themselves, rendered on Monday, the link mailed.

What is rendered is kept a year, so that a link in an old mail still leads to what it spoke of.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from app.database import db
from app.domain import zone as zones
from app.domain.timeline import Kind, Subject
from app.notices import mail
from app.people import queries
from app.people.models import Team, User
from app.people.rights import Act, may, teams_where
from app.timeline.record import record
from app.trends.models import WeeklyChoice, WeeklyPage, WeeklyTry

#: the notebooks about a period, with their questions
QUESTIONS = {
    "01_period_review": "What should this week's review talk about?",
    "02_response_times": "How long do we take?",
    "03_trends": "Is volume or speed changing?",
    "04_did_it_improve": "Did that change work?",
    "05_alert_quality": "Which alerts earn their page?",
    "06_rule_backtest": "What would this rule have done?",
    "07_pager_load": "Who is being worn out?",
    "08_fires_together": "What is one problem seen many times?",
    "09_budget": "What did it cost users?",
    "10_data_quality": "Can we believe this?",
}
AT = time(6)  # on Monday, in the organisation's zone
KEPT = timedelta(days=370)
TRIED = timedelta(days=1)  # a week that could not be rendered by then is let go
WAITS = [timedelta(minutes=minutes) for minutes in (15, 30, 60, 120, 240)]  # before a try is taken for failed


def chosen_by(user: User) -> dict[int | None, set[str]]:
    """The notebooks a person wants, by the id of the team they are about; None: all teams."""
    found: dict[int | None, set[str]] = {}
    for row in db.session.scalars(sa.select(WeeklyChoice).where(WeeklyChoice.user_id == user.id)):
        found.setdefault(row.team_id, set()).add(row.notebook)
    return found


def choose(user: User, team: Team | None, notebooks: Collection[str], *, at: datetime) -> None:
    """From now on exactly these are mailed to `user` about `team` (None: all teams). The same again changes
    nothing. Raises ValueError for a notebook that is not among QUESTIONS.
    """
    wanted = set(notebooks)
    if strange := wanted - set(QUESTIONS):
        raise ValueError(f"no such notebook: {', '.join(sorted(strange))}")
    team_id = None if team is None else team.id
    before = chosen_by(user).get(team_id, set())
    if before == wanted:
        return
    mine = (WeeklyChoice.user_id == user.id, WeeklyChoice.team_id == team_id)
    db.session.execute(sa.delete(WeeklyChoice).where(*mine, WeeklyChoice.notebook.in_(before - wanted)))
    for notebook in sorted(wanted - before):
        db.session.add(WeeklyChoice(user_id=user.id, team_id=team_id, notebook=notebook))
    about = "all teams" if team is None else team.name
    record(
        Kind.CHANGED, Subject.USER, user.id, at=at, by=user, changed=["weekly_reports"],
        team=about, notebooks=sorted(wanted),
    )  # fmt: skip


def may_read(user: User, team_id: int | None) -> bool:
    """Whether the rows of that team, or of all, are theirs to see."""
    if may(user, Act.SEE_ALL_TEAMS):
        return True
    return team_id is not None and team_id in teams_where(user, Act.RESPOND)


def week_due(now: datetime) -> date | None:
    """The Monday on which the week ended that is to be told of now; None before its hour, or long after."""
    organisation = queries.organisation()
    zone = ZoneInfo(organisation.time_zone) if organisation else ZoneInfo("UTC")
    today = zones.wall_clock(now, zone).date()
    monday = today - timedelta(days=today.weekday())
    begins = zones.instant(datetime.combine(monday, AT), zone)
    return monday if begins <= now < begins + TRIED else None


def due(now: datetime, *, of: datetime | None = None) -> list[tuple[str, Team | None]]:
    """What somebody wants of this week, is not rendered yet and nobody is at. People who left, or may no longer
    read it, want nothing. `of`: the week due at that moment instead, whatever was tried before.
    """
    monday = week_due(of or now)
    if monday is None:
        return []
    done = _of_week(WeeklyPage, monday)
    if of is None:
        done |= _of_week(WeeklyTry, monday, WeeklyTry.next_at > now)
    wanted = {(row.notebook, row.team_id) for row in _choices() if may_read(row.user, row.team_id)}
    teams = {team.id: team for team in db.session.scalars(sa.select(Team))}
    return [
        (notebook, None if team is None else teams[team])
        for notebook, team in sorted(wanted - done, key=lambda each: (each[0], each[1] or 0))
    ]


def _of_week(
    table: type[WeeklyPage] | type[WeeklyTry], monday: date, *more: sa.ColumnElement[bool]
) -> set[Any]:
    rows = db.session.execute(sa.select(table.notebook, table.team_id).where(table.week == monday, *more))
    return {(row.notebook, row.team_id) for row in rows}


def claim(notebook: str, team: Team | None, *, of: datetime, at: datetime, is_by_hand: bool = False) -> bool:
    """Take the render of it upon this process, for as long as `wait_after` says; False where another has it,
    unless somebody asks by hand. Its own transaction, before the render.
    """
    monday, team_id = week_due(of), team and team.id
    words = {"notebook": notebook, "team_id": team_id, "week": monday}
    found = db.session.scalar(sa.select(WeeklyTry).filter_by(**words))
    if found is None:
        try:
            with db.session.begin_nested():
                db.session.add(WeeklyTry(**words, tries=1, next_at=at + wait_after(1)))
        except sa.exc.IntegrityError:
            return False  # another engine wrote it in this moment
        return True
    moved = sa.update(WeeklyTry).where(WeeklyTry.id == found.id, WeeklyTry.tries == found.tries)
    if not is_by_hand:
        moved = moved.where(WeeklyTry.next_at <= at)
    again = {"tries": found.tries + 1, "next_at": at + wait_after(found.tries + 1)}
    return db.session.execute(moved.values(again).returning(WeeklyTry.id)).first() is not None


def wait_after(tries: int) -> timedelta:
    """How long after the beginning of that try the next one may begin: 15 min, 30 min, 1 h, 2 h, then 4 h."""
    wait: timedelta = WAITS[min(tries, len(WAITS)) - 1]
    return wait


def failing(user: User, now: datetime) -> Sequence[WeeklyTry]:
    """What they chose of this week that was tried and is not there."""
    monday = week_due(now)
    if monday is None:
        return []
    mine = {(notebook, team) for team, names in chosen_by(user).items() for notebook in names}
    missing = mine - _of_week(WeeklyPage, monday)
    rows = db.session.scalars(sa.select(WeeklyTry).where(WeeklyTry.week == monday).order_by(WeeklyTry.id))
    return [row for row in rows if (row.notebook, row.team_id) in missing and may_read(user, row.team_id)]


def keep(
    notebook: str, team: Team | None, *, answer: str, html: str, base_url: str, at: datetime
) -> WeeklyPage | None:
    """Keep what was rendered and mail its link to whoever wants it. Only while `week_due`. None, and no mail,
    where another engine has kept it by now.
    """
    monday = week_due(at)
    assert monday is not None  # the caller has just asked `due`
    page = WeeklyPage(
        notebook=notebook, team_id=team and team.id, week=monday, made_at=at, answer=answer, html=html
    )
    try:
        with db.session.begin_nested():
            db.session.add(page)
    except sa.exc.IntegrityError:
        return None
    db.session.execute(sa.delete(WeeklyPage).where(WeeklyPage.made_at < at - KEPT))
    db.session.execute(sa.delete(WeeklyTry).where(WeeklyTry.week < monday))
    about = "all teams" if team is None else team.name
    for row in _choices():
        if (row.notebook, row.team_id) == (page.notebook, page.team_id) and may_read(row.user, row.team_id):
            mail.queue_mail(
                row.user.email,
                QUESTIONS[notebook],
                f"{answer}\n\nThe twelve weeks to Monday {monday.isoformat()}, of {about}:\n"
                f"{base_url}/trends/reports/page?number={page.id}\n\n"
                f"You asked for it every week. Change that: {base_url}/trends/reports\n",
                at=at,
                user=row.user,
            )
    return page


def readable(user: User, *, limit: int = 60) -> Sequence[WeeklyPage]:
    """What was rendered lately and is theirs to read, the newest first, without its text."""
    rows = sa.select(WeeklyPage).options(sa.orm.defer(WeeklyPage.html)).order_by(WeeklyPage.id.desc())
    return [row for row in db.session.scalars(rows.limit(limit)) if may_read(user, row.team_id)]


def _choices() -> Sequence[WeeklyChoice]:
    rows = sa.select(WeeklyChoice).join(User).where(User.is_active.is_(True)).order_by(WeeklyChoice.id)
    return db.session.scalars(rows).all()
