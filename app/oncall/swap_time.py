"""What the clock does to swaps: reminders, expiry, start and end (R16, R20)."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from app.database import db
from app.domain import swap as rules
from app.domain.timeline import Kind
from app.oncall import swap_notices
from app.oncall.models import Swap
from app.oncall.swap_state import lock, move, note, set_timer, span

_KINDS = {"expire": Kind.EXPIRED, "begin": Kind.BEGAN, "finish": Kind.FINISHED}


def due(at: datetime, *, limit: int = 50) -> list[int]:
    """Swaps that time moves now, the longest overdue first."""
    ready = sa.select(Swap.id).where(Swap.next_due_at <= at).order_by(Swap.next_due_at).limit(limit)
    return list(db.session.scalars(ready))


def advance(swap_id: int, *, at: datetime) -> None:
    """Let time make its moves, as many as are due, and remind where an answer or approval is missing."""
    swap = db.session.get(Swap, swap_id)
    if swap is None:
        return
    lock(swap, at=at)
    while word := rules.by_time(swap.state, span(swap), at):
        move(swap, word, _KINDS[word], by=None, at=at)
        if word == "expire":
            swap_notices.expired(swap, at=at)
    if swap.state in rules.PENDING:
        _remind(swap, at)
    set_timer(swap, at=at)


def _remind(swap: Swap, at: datetime) -> None:
    reminded = None if swap.reminded_minutes is None else timedelta(minutes=swap.reminded_minutes)
    lead = rules.reminder_due(span(swap), at, reminded=reminded)
    if lead is None:
        return
    swap.reminded_minutes = int(lead.total_seconds() // 60)
    note(swap, Kind.REMINDED, by=None, at=at, minutes_before=swap.reminded_minutes)
    swap_notices.reminder(swap, at=at)


def postpone(swap_id: int, *, at: datetime) -> None:
    """Look at it again in five minutes: a row that cannot move must not be tried every second."""
    db.session.execute(sa.update(Swap).where(Swap.id == swap_id).values(next_due_at=at + timedelta(minutes=5)))
