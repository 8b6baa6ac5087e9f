"""A swap that counts is exceptions of its schedule, written and taken back with it (R1, R23)."""

from dataclasses import replace
from datetime import datetime, timedelta

import sqlalchemy as sa

from app.database import db
from app.domain.interval import Interval, subtract, to_the_minute
from app.domain.schedule import resolve
from app.domain.swap import EFFECTIVE, NothingToCover
from app.domain.swap_hours import held_hours, pieces_of
from app.domain.timeline import Kind
from app.domain.words import ChangeKind, SwapMode, SwapState
from app.oncall.models import Override, Swap
from app.oncall.queries import Roster, paged
from app.oncall.stack import effect_at
from app.oncall.swap_people import places_of, roster_for
from app.oncall.swap_state import agreed, agreed_in_return, move, span
from app.people.models import User


def legs(swap: Swap) -> list[tuple[int, int, tuple[Interval, ...]]]:
    """(who comes, who goes, hours) of the swap: one, and for an exchange the way back. It has a taker."""
    assert swap.taker_id is not None
    found = [(swap.taker_id, swap.owner_id, agreed(swap))]
    if agreed_in_return(swap):
        found.append((swap.owner_id, swap.taker_id, agreed_in_return(swap)))
    return found


def whole_roster(swap: Swap) -> Roster:
    """The schedule around all hours of the swap."""
    return roster_for(swap.schedule_id, span(swap), *agreed_in_return(swap))


def require_held(swap: Swap, schedule: Roster, *, taker_id: int) -> None:
    """Whoever gives hours away still has them all; only the one on call may (R23). Raises NothingToCover."""
    giving = [(swap.owner_id, agreed(swap))]
    if agreed_in_return(swap):
        giving.append((taker_id, agreed_in_return(swap)))
    for user_id, hours in giving:
        around = Interval(hours[0].start, hours[-1].end)
        held = held_hours(pieces_of(places_of(schedule.config, user_id), user_id, around))
        if missing := subtract(hours, held):
            raise NothingToCover(_not_any_more(user_id, missing[0].start, schedule))


def apply(swap: Swap, *, by: User | None, at: datetime) -> None:
    """From now on the schedule answers with the taker."""
    kind = ChangeKind.TAKEOVER if swap.mode is SwapMode.TAKEOVER else ChangeKind.SWAP
    takes_effect = effect_at(swap.schedule_id, at)
    for comes, goes, hours in legs(swap):
        for stretch in hours:
            db.session.add(
                Override(
                    schedule_id=swap.schedule_id, start=stretch.start, end=stretch.end, user_id=comes,
                    replaces_user_id=goes, created_at=takes_effect, created_by_id=by and by.id, kind=kind,
                    swap_id=swap.id,
                )
            )  # fmt: skip
    db.session.flush()
    _hand_on(swap, by=by, at=at)


def undo(swap: Swap, *, at: datetime) -> None:
    """Take back what has not happened of exactly this swap's exceptions; what was served stays (R25).

    An agreement that this one had replaced counts again; those that built on it end with it.
    """
    for row in db.session.scalars(sa.select(Override).where(Override.swap_id == swap.id)).all():
        if row.start >= at:
            db.session.delete(row)
        elif row.end > at:
            row.end = min(row.end, to_the_minute(at) + timedelta(minutes=1))
    db.session.flush()
    for earlier in db.session.scalars(sa.select(Swap).where(Swap.handed_on_to_id == swap.id)).all():
        if earlier.state is SwapState.RELEASED and earlier.end > at:
            move(earlier, "have again", Kind.CHANGED, by=None, at=at, handed_on_to_id=None)


def trim(swap: Swap, *, at: datetime) -> None:
    """Cut the exceptions to the hours the swap has now (R22). Only ever makes them shorter."""
    whole = span(swap)
    for row in db.session.scalars(
        sa.select(Override).where(Override.swap_id == swap.id, Override.user_id == swap.taker_id)
    ).all():
        inside = Interval(row.start, row.end).overlap(whole)
        if inside is None:
            if row.start >= at:
                db.session.delete(row)
            continue
        row.end = max(inside.end, min(row.end, to_the_minute(at)))
        if row.start >= at:
            row.start = inside.start
    db.session.flush()


def orphans(swap: Swap, *, at: datetime) -> list[Swap]:
    """Agreements by which this swap's taker gave hours away that are theirs no longer."""
    if swap.taker_id is None:
        return []
    later = sa.select(Swap).where(
        Swap.schedule_id == swap.schedule_id, Swap.owner_id == swap.taker_id, Swap.state.in_(EFFECTIVE),
        Swap.end > max(at, swap.start), Swap.start < swap.end, Swap.id != swap.id,
    )  # fmt: skip
    return [other for other in db.session.scalars(later.order_by(Swap.id)) if _hangs_in_the_air(other, at)]


def _hangs_in_the_air(swap: Swap, at: datetime) -> bool:
    """Whether the hours still to come were not the owner's before this swap's exceptions and all later ones."""
    ahead = [hours for stretch in agreed(swap) if (hours := _from(stretch, at))]
    rows = db.session.scalars(sa.select(Override).where(Override.swap_id == swap.id)).all()
    if not ahead or not rows:
        return False
    first = min((row.created_at, row.id) for row in rows)
    schedule = roster_for(swap.schedule_id, *ahead)
    below = replace(
        places_of(schedule.config, swap.owner_id),
        overrides=tuple(each for each in schedule.config.overrides if (each.took_effect_at, each.id) < first),
    )
    around = Interval(ahead[0].start, ahead[-1].end)
    return bool(subtract(ahead, held_hours(pieces_of(below, swap.owner_id, around))))


def _hand_on(swap: Swap, *, by: User | None, at: datetime) -> None:
    """Earlier agreements whose rest this one takes over from their taker are handed on (R23)."""
    earlier = sa.select(Swap).where(
        Swap.schedule_id == swap.schedule_id, Swap.taker_id == swap.owner_id, Swap.state.in_(EFFECTIVE),
        Swap.end > swap.start, Swap.start < swap.end, Swap.id != swap.id,
    )  # fmt: skip
    for other in db.session.scalars(earlier.order_by(Swap.id)).all():
        left = [hours for stretch in agreed(other) if (hours := _from(stretch, at))]
        if not subtract(left, agreed(swap)):
            move(other, "hand on", Kind.HANDED_ON, by=by, at=at, handed_on_to_id=swap.id)


def _from(stretch: Interval, at: datetime) -> Interval | None:
    start = max(stretch.start, to_the_minute(at))
    return Interval(start, stretch.end) if start < stretch.end else None


def _not_any_more(user_id: int, when: datetime, schedule: Roster) -> str:
    who = schedule.names.get(user_id, "This person")
    others = [holder.name for holder in paged(schedule.holders(resolve(schedule.config, when)))]
    instead = f"{others[0]} is" if others else "nobody is"
    return f"{who} is not on call in these hours any more: {instead}."
