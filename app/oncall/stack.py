"""The exceptions of a schedule lie in the order they took effect; whoever adds one waits for their turn."""

from datetime import datetime

import sqlalchemy as sa

from app.database import db
from app.oncall.findings import check_soon
from app.oncall.models import Override
from app.oncall.record_shifts import record_past


def take_turn(schedule_id: int, *, at: datetime) -> None:
    """From here to the end of the transaction nobody else changes this schedule, its exceptions or its swaps.

    Who is on call can then be read and changed as one (F-20), and what was served up to now is in the book.
    Pages and screens go on reading. The engine proves the schedule anew when it has changed.
    """
    record_past(at=at, schedule_ids=[schedule_id])
    check_soon(at=at, schedule_ids=[schedule_id])


def effect_at(schedule_id: int, at: datetime) -> datetime:
    """When a new exception takes effect: at `at`, but never before one that is there already.

    Who waited for the turn may have looked at the clock before whoever went first; the later change builds on
    what the earlier made, so it must lie on top.
    """
    newest = db.session.scalar(
        sa.select(sa.func.max(Override.created_at)).where(Override.schedule_id == schedule_id)
    )
    return at if newest is None else max(at, newest)
