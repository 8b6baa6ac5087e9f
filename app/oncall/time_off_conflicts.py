"""What time off would hit: the person's own turns, which of their hours nobody would have, whom to ask (R1)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from app.domain.interval import Interval
from app.domain.schedule import TimeOff, gaps
from app.domain.swap_hours import held_hours, pieces_of
from app.oncall.models import Schedule
from app.oncall.queries import rosters
from app.oncall.swap_candidates import candidates
from app.people.models import User


@dataclass(frozen=True)
class Conflict:
    """Hours on call within time off. `gaps`: those that nobody would have. `suggested`: the fairest who can."""

    schedule: Schedule
    hours: Interval
    gaps: tuple[Interval, ...]
    suggested: tuple[tuple[int, str], ...]


def conflicts(user: User, span: Interval, *, at: datetime, suggest: int = 3) -> Sequence[Conflict]:
    """The turns that this time off would hit, over every schedule, soonest first; nothing is changed."""
    found = []
    for roster in rosters(span.start, span.end).values():
        others_off = tuple(off for off in roster.config.time_off if off.user_id != user.id)
        here = replace(roster.config, time_off=others_off)
        away = replace(here, time_off=(*others_off, TimeOff(user.id, span.start, span.end)))
        for hours in held_hours(pieces_of(here, user.id, span)):
            able = [each for each in candidates(roster.schedule, user, hours, at=at).people if each.can]
            found.append(
                Conflict(
                    roster.schedule, hours, gaps(away, hours.start, hours.end),
                    tuple((each.user_id, each.name) for each in able[:suggest]),
                )
            )  # fmt: skip
    return sorted(found, key=lambda each: (each.hours.start, each.schedule.name))
