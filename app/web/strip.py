"""The seven days of on call, drawn: mine filled, a line at now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app import clock
from app.domain.phrase import counted
from app.oncall import ledger
from app.oncall.queries import OwnShift, rosters
from app.people.models import User
from app.web.words import WEEKDAYS, viewer_zone

DAYS = 7
WIDE = 100.0  # a day in the drawing's own units


@dataclass(frozen=True)
class Strip:
    """`mine` holds start and width in the drawing's units, `now` a position, `says` the same for readers."""

    says: str
    mine: list[tuple[float, float]]
    now: float
    days: list[str]


def strip(viewer: User, shifts: Sequence[OwnShift]) -> Strip | None:
    """The week from today's midnight in the viewer's zone; None for somebody on no schedule."""
    if not shifts:
        return None
    now = clock.now()
    today = now.astimezone(viewer_zone()).replace(hour=0, minute=0, second=0, microsecond=0)
    end = today + timedelta(days=DAYS)
    found: list[tuple[datetime, datetime]] = []
    for roster in rosters(today, end, schedule_ids={shift.schedule.id for shift in shifts}).values():
        for piece in ledger.pieces(roster.schedule, roster.config, today, end):
            if any(person.user_id == viewer.id for person in piece.on_call):
                found.append((piece.start, piece.end))
    drawn = [(_place(start, today), _place(finish, today)) for start, finish in _joined(found)]
    return Strip(
        f"On call {counted(len(drawn), 'time')} in the next seven days",
        [(round(start, 1), round(finish - start, 1)) for start, finish in drawn],
        round(_place(now, today), 1),
        [WEEKDAYS[(today + timedelta(days=number)).weekday()] for number in range(DAYS)],
    )


def _joined(found: list[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """Stretches that touch or overlap are one."""
    joined: list[tuple[datetime, datetime]] = []
    for start, end in sorted(found):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _place(at: datetime, start: datetime) -> float:
    """Where a moment lies, by the wall clock: a day is as wide as any other, also when clocks change."""
    local = at.astimezone(start.tzinfo).replace(tzinfo=None)
    days = (local - start.replace(tzinfo=None)) / timedelta(days=1)
    return min(max(days, 0.0), float(DAYS)) * WIDE
