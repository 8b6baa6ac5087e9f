"""Faults that only the rows can show: names of what is not there, moments that do not fit."""

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa

from app.database import db
from app.domain.interval import to_the_minute
from app.domain.invalid import Faults
from app.oncall.models import EscalationPolicy, Schedule
from app.people.models import Team, User

_FIRST_YEAR, _LAST_YEAR = 1970, 2200


def people_exist(named: Iterable[tuple[str, int]], faults: Faults) -> None:
    """Every user id of (pointer, id) has a row, whether active or not."""
    _exist(User.id, named, "there is no such person", faults)


def people_respond(named: Iterable[tuple[str, int]], faults: Faults) -> None:
    """Every user id of (pointer, id) is of somebody who is here and does more than look on (L-ROL-05)."""
    named = list(named)
    people_exist(named, faults)
    rows = sa.select(User).where(User.id.in_({id_ for _, id_ in named}), ~User.can_respond)
    idle = {user.id: user.name if user.is_active else None for user in db.session.scalars(rows)}
    for pointer, id_ in named:
        if id_ in idle:
            name = idle[id_]
            faults.add(pointer, f"{name} only looks on and is not paged" if name else "this person has left")


def schedules_exist(named: Iterable[tuple[str, int]], faults: Faults) -> None:
    _exist(Schedule.id, named, "there is no such schedule", faults)


def teams_exist(named: Iterable[tuple[str, int]], faults: Faults) -> None:
    _exist(Team.id, named, "there is no such team", faults)


def policies_exist(named: Iterable[tuple[str, int]], faults: Faults) -> None:
    _exist(EscalationPolicy.id, named, "there is no such escalation policy", faults)


def team_exists(team_id: int, faults: Faults) -> None:
    _exist(Team.id, [("/team_id", team_id)], "there is no such team", faults)


def span(start: datetime, end: datetime, faults: Faults) -> tuple[datetime, datetime]:
    """The two moments to the minute, in UTC, of which the end is later; as they came where they are faulty."""
    faulty = False
    for pointer, moment in (("/start", start), ("/end", end)):
        if moment.tzinfo is None:
            faults.add(pointer, "needs Z or an offset, as 2026-11-09T09:00:00Z")
            faulty = True
        elif not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
            faults.add(pointer, f"must lie between the years {_FIRST_YEAR} and {_LAST_YEAR}")
            faulty = True
    if faulty:
        return start, end
    start, end = to_the_minute(start), to_the_minute(end)
    if not start < end:
        faults.add("/end", "must be at least a minute after the start")
    return start, end


def _exist(
    column: sa.orm.InstrumentedAttribute[int],
    named: Iterable[tuple[str, int]],
    fault: str,
    faults: Faults,
) -> None:
    named = list(named)
    there = set(db.session.scalars(sa.select(column).where(column.in_({id_ for _, id_ in named}))))
    for pointer, id_ in named:
        if id_ not in there:
            faults.add(pointer, fault)
