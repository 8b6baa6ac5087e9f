"""How a swap changes: one conditional update and one event for every transition (R16)."""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from app.database import db
from app.domain import swap as rules
from app.domain.interval import Interval, merge
from app.domain.lifecycle import InvalidTransition
from app.domain.swap_hours import ShiftPiece
from app.domain.timeline import Kind, Subject
from app.oncall.models import Swap
from app.oncall.stack import take_turn
from app.people.models import User
from app.timeline.record import record


def lock(swap: Swap, *, at: datetime) -> None:
    """Take the schedule's turn and read the swap as it is now."""
    take_turn(swap.schedule_id, at=at)
    db.session.refresh(swap)


def span(swap: Swap) -> Interval:
    return Interval(swap.start, swap.end)


def agreed(swap: Swap) -> tuple[Interval, ...]:
    """The owner's real hours that the swap is about."""
    return merge(piece.interval for piece in pieces(swap))


def agreed_in_return(swap: Swap) -> tuple[Interval, ...]:
    """The other person's real hours that the owner takes in exchange; none in other modes."""
    return merge(ShiftPiece.from_json(each).interval for each in swap.return_pieces)


def pieces(swap: Swap) -> tuple[ShiftPiece, ...]:
    return tuple(ShiftPiece.from_json(each) for each in swap.pieces)


def move(
    swap: Swap, word: str, kind: Kind, *, by: User | None, at: datetime, device: str = "", **columns: Any
) -> None:
    """Make the move `word` if the swap is still where it was read, and write it down with who, when and where.

    `columns` change with it. Raises InvalidTransition.
    """
    db.session.flush()
    before, after = swap.state, rules.swap_after(swap.state, word)
    made = (
        sa.update(Swap)
        .where(Swap.id == swap.id, Swap.state == before, Swap.version == swap.version)
        .values(state=after, version=swap.version + 1, updated_at=at, **columns)
        .returning(Swap.id)
        .execution_options(synchronize_session=False)
    )
    won = db.session.scalar(made)
    db.session.refresh(swap)
    if won is None:
        raise InvalidTransition(f"Somebody was faster: this swap is {rules.IN_WORDS[swap.state]}.")
    set_timer(swap, at=at)
    note(swap, kind, by=by, at=at, device=device, before=str(before), after=str(after))


def set_timer(swap: Swap, *, at: datetime) -> None:
    """When the engine looks at it next."""
    reminded = None if swap.reminded_minutes is None else timedelta(minutes=swap.reminded_minutes)
    swap.next_due_at = rules.next_due(swap.state, span(swap), at, reminded=reminded)


def note(swap: Swap, kind: Kind, *, by: User | None, at: datetime, device: str = "", **facts: Any) -> None:
    """One fact about the swap, with all that tells later what was agreed."""
    record(
        kind, Subject.SWAP, swap.id, at=at, by=by, device=device, schedule_id=swap.schedule_id,
        start=swap.start.isoformat(), end=swap.end.isoformat(), owner_id=swap.owner_id, taker_id=swap.taker_id,
        **facts,
    )  # fmt: skip
