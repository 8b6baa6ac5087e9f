"""When a rotation is edited, the swaps agreed on it follow their shift, stay, or end: never silently (R26)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from app.database import db
from app.domain.interval import Interval, to_the_minute
from app.domain.schedule import ScheduleConfig
from app.domain.swap import EFFECTIVE, PENDING
from app.domain.swap_edits import FARTHEST, Bound, Fate, Touched, touched
from app.domain.swap_hours import ShiftPiece, pieces_of
from app.domain.timeline import Kind
from app.domain.words import SwapState
from app.oncall import queries, swap_answer, swap_effect, swap_notices
from app.oncall import swap as verbs
from app.oncall.models import Override, Schedule, Swap
from app.oncall.swap_exempt import for_other_hours
from app.oncall.swap_people import places_of
from app.oncall.swap_state import agreed_in_return, move, pieces, span
from app.people.models import User


@dataclass(frozen=True)
class Affected:
    """A swap that an edit touches, and what becomes of it unless somebody chooses."""

    swap: Swap
    touched: Touched

    @property
    def fate(self) -> Fate:
        return fate_of(self, None)


def fate_of(affected: Affected, chosen: Fate | None) -> Fate:
    """What becomes of a swap. One that runs stays where it is, and an exchange or a ring whose hours are gone
    ends: moving one leg would not be what they agreed on.
    """
    swap = affected.swap
    if agreed_in_return(swap) or (swap.ring_id is not None and swap.state in EFFECTIVE):
        return Fate.CANCEL
    if swap.state is SwapState.ACTIVE and chosen is not Fate.CANCEL:
        chosen = Fate.KEEP
    return affected.touched.fate(chosen)


def before_edit(schedule: Schedule, *, at: datetime) -> dict[int, ScheduleConfig]:
    """For every swap not over: the schedule as it is before the edit, without that swap's own exceptions."""
    rows = _running(schedule, at)
    return {row.id: config for row, config in _configs(schedule, rows, at)}


def affected_by(
    schedule: Schedule,
    before: Mapping[int, ScheduleConfig],
    *,
    at: datetime,
    after: ScheduleConfig | None = None,
) -> list[Affected]:
    """The swaps whose hours differ after the edit; `after` is a draft's configuration, else the rows decide."""
    found = []
    for row, config in _configs(schedule, _running(schedule, at), at):
        now = config if after is None else _edited(config, after)
        for owner_id, hours, bits in _bounds(row):
            ahead = _ahead(hours, at)
            if ahead is None or row.id not in before or not bits:
                continue
            was = places_of(before[row.id], owner_id)
            change = touched(Bound(row.id, owner_id, ahead, bits), was, places_of(now, owner_id))
            if change is not None:
                found.append(Affected(row, change))
                break
    return found


def follow(
    schedule: Schedule,
    before: Mapping[int, ScheduleConfig],
    *,
    fates: Mapping[int, Fate],
    by: User,
    at: datetime,
) -> None:
    """After the edit: move each swap with its shift unless `fates` says otherwise, and tell both. One that
    counted asks again where its taker could not have accepted the hours it has now (R19).
    """
    for each in affected_by(schedule, before, at=at):
        swap, fate = each.swap, fate_of(each, fates.get(each.swap.id))
        if swap.state not in EFFECTIVE | PENDING:
            continue  # it ended with another of its ring
        if fate is Fate.CANCEL:
            verbs.cancel(swap, by=by, at=at, because=f"{schedule.name} was changed, and these hours are gone.")
            continue
        if swap.state is SwapState.ACTIVE:
            continue  # it runs by time; what the owner still has of it stays covered
        hours = each.touched.moved if fate is Fate.MOVE else span(swap)
        assert hours is not None  # Touched.fate moves only what has somewhere to go
        was_effective = swap.state in EFFECTIVE
        if was_effective:
            verbs.give_back(swap, by=by, at=at)
        wanted = queries.rosters(hours.start, hours.end, schedule_ids=[schedule.id])[schedule.id]
        bits = pieces_of(places_of(wanted.config, swap.owner_id), swap.owner_id, hours)
        columns: dict[str, Any] = (
            {"accepted_at": at} if swap.taker_id is not None else {}
        )  # ten minutes to undo, anew
        if fate is Fate.MOVE:
            columns["exempt"] = for_other_hours(swap)
        move(swap, "follow", Kind.CHANGED, by=by, at=at, start=hours.start, end=hours.end,
             pieces=[piece.to_json() for piece in bits], because=f"{schedule.name} was changed.",
             **columns)  # fmt: skip
        if was_effective and swap_answer.stands_against(swap, swap_effect.whole_roster(swap), at):
            _ask_again(swap, by=by, at=at)
            continue
        if was_effective:
            swap_effect.apply(swap, by=by, at=at)
        swap_notices.followed(swap, by=by, at=at)


def _ask_again(swap: Swap, *, by: User, at: datetime) -> None:
    """Whoever had taken them could not have accepted these hours: the owner has them until somebody does."""
    taker = swap.taker
    move(swap, "change", Kind.CHANGED, by=by, at=at, taker_id=None, accepted_at=None, approved_at=None,
         approved_by_id=None, reminded_minutes=None, declined=[])  # fmt: skip
    swap_notices.cannot_follow(swap, taker, by=by, at=at)
    verbs.end_ring(swap, by=by, at=at)


def _edited(config: ScheduleConfig, after: ScheduleConfig) -> ScheduleConfig:
    """A configuration with its own exceptions, and of the rest what the draft says."""
    return replace(config, layers=after.layers, time_zone=after.time_zone, temporary=after.temporary)


def _running(schedule: Schedule, at: datetime) -> list[Swap]:
    rows = sa.select(Swap).where(
        Swap.schedule_id == schedule.id, Swap.state.in_(EFFECTIVE | PENDING), Swap.end > at
    )
    return list(db.session.scalars(rows.order_by(Swap.id)))


def _configs(schedule: Schedule, rows: list[Swap], at: datetime) -> list[tuple[Swap, ScheduleConfig]]:
    if not rows:
        return []
    end = max(max(row.end, row.return_end or row.end) for row in rows) + FARTHEST
    whole = queries.rosters(at, end, schedule_ids=[schedule.id])[schedule.id].config
    made: dict[int, set[int]] = {}
    for override_id, swap_id in db.session.execute(
        sa.select(Override.id, Override.swap_id).where(Override.swap_id.in_([row.id for row in rows]))
    ):
        made.setdefault(swap_id or 0, set()).add(override_id)
    return [
        (
            row,
            replace(
                whole,
                overrides=tuple(each for each in whole.overrides if each.id not in made.get(row.id, set())),
            ),
        )
        for row in rows
    ]


def _bounds(swap: Swap) -> list[tuple[int, Interval, tuple[ShiftPiece, ...]]]:
    """Whose hours the swap is about: the owner's, and in an exchange the other's."""
    found = [(swap.owner_id, span(swap), pieces(swap))]
    if swap.return_start is not None and swap.return_end is not None:
        other = swap.taker_id or int(swap.asked[0])
        back = tuple(ShiftPiece.from_json(each) for each in swap.return_pieces)
        found.append((other, Interval(swap.return_start, swap.return_end), back))
    return found


def _ahead(hours: Interval, at: datetime) -> Interval | None:
    start = max(hours.start, to_the_minute(at))
    return Interval(start, hours.end) if start < hours.end else None
