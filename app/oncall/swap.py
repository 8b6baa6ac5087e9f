"""Ask for cover, take over now, change or cancel what was asked (R16-R18, R22, R25, R27)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from app.database import db
from app.domain.interval import Interval, to_the_minute
from app.domain.invalid import Faults, StaleVersion
from app.domain.lifecycle import InvalidTransition
from app.domain.schedule import resolve
from app.domain.swap import EFFECTIVE, OVER, NothingToCover, only_shrinks
from app.domain.swap_checks import Check
from app.domain.swap_hours import ShiftPiece, check_hours, held_hours, pieces_of, zero_effect
from app.domain.timeline import Kind
from app.domain.words import SwapMode, SwapState
from app.oncall import checks, swap_effect, swap_notices
from app.oncall.models import Schedule, Swap
from app.oncall.queries import HORIZON, Roster, paged
from app.oncall.stack import take_turn
from app.oncall.swap_exempt import for_other_hours
from app.oncall.swap_people import CannotTake, check, places_of, roster_for
from app.oncall.swap_state import agreed, lock, move, span
from app.people.models import User

LONGEST = timedelta(days=92)
LONGEST_NOTE = 1000  # characters
MOST_ASKED = 50
RING_ENDS = "The ring that this belongs to was cancelled."


def ask(
    schedule: Schedule,
    *,
    start: datetime,
    end: datetime,
    mode: SwapMode,
    to: Sequence[int] = (),
    in_return: tuple[datetime, datetime] | None = None,
    owner: User,
    note_text: str = "",
    by: User,
    at: datetime,
    device: str = "",
) -> Swap:
    """Ask for somebody to take hours of `owner`, who is `by` unless a manager asks on their behalf (R27).

    `to` are those asked; nobody named means everybody who may. The hours are bound to the pieces of turns that
    the owner has in them now. Raises InvalidField. To take hours over at once is `take_over`.
    """
    faults = Faults()
    start, end = _hours(start, end, faults)
    _check_mode(mode, to, in_return is not None, owner, faults)
    if len(note_text) > LONGEST_NOTE:
        faults.add("/note", f"must be at most {LONGEST_NOTE} characters")
    back = None if in_return is None else _hours(*in_return, faults, "/in_return")
    faults.stop_if_any()
    take_turn(schedule.id, at=at)
    wanted, returned = Interval(start, end), Interval(*back) if back else None
    roster = roster_for(schedule.id, wanted, *([returned] if returned else []))
    found = _pieces(roster, owner.id, wanted)
    check_hours(found, start=start, now=at, owner=owner.name, faults=faults)
    found_back: tuple[ShiftPiece, ...] = ()
    if returned:
        other = db.session.get_one(User, to[0])
        found_back = _pieces(roster, other.id, returned)
        check_hours(
            found_back, start=returned.start, now=at, owner=other.name, faults=faults, pointer="/in_return"
        )
        if returned.overlap(wanted):
            faults.add("/in_return/start", "overlaps the hours that are given away")
    faults.stop_if_any()
    swap = make_row(schedule, mode, wanted, found, owner=owner, by=by, at=at)
    swap.asked, swap.note = [int(user_id) for user_id in dict.fromkeys(to)], note_text.strip()
    if returned:
        swap.return_start, swap.return_end = returned.start, returned.end
        swap.return_pieces = [piece.to_json() for piece in found_back]
    move(swap, "ask", Kind.ASKED, by=by, at=at, device=device)
    swap_notices.asked(swap, by=by, at=at)
    return swap


def take_over(
    schedule: Schedule,
    *,
    end: datetime | None = None,
    owner: User | None = None,
    note_text: str = "",
    by: User,
    at: datetime,
    device: str = "",
) -> Swap:
    """Have the pager from this minute on, to `end` or the end of the turn; whoever had it is told (R18).

    `owner` says from whom, where several are on call. Raises InvalidField, NothingToCover, CannotTake.
    """
    faults, start = Faults(), to_the_minute(at)
    if end is not None:
        _, end = _hours(start, end, faults)
    if len(note_text) > LONGEST_NOTE:
        faults.add("/note", f"must be at most {LONGEST_NOTE} characters")
    faults.stop_if_any()
    take_turn(schedule.id, at=at)
    roster = roster_for(schedule.id, Interval(start, start + HORIZON))
    owner = owner or _the_one_on_call(roster, by, start)
    wanted = Interval(start, end) if end else _rest_of_turn(roster, owner, start)
    found = _pieces(roster, owner.id, wanted)
    if not found or found[0].start > start:
        raise NothingToCover(zero_effect(owner.name))
    swap = make_row(schedule, SwapMode.TAKEOVER, wanted, found, owner=owner, by=by, at=at)
    swap.note, swap.taker_id, swap.accepted_at, swap.approved_at = note_text.strip(), by.id, at, at
    # an emergency: that the one who steps in has had little rest is told, not refused
    found_against = check(roster, comes=by.id, goes=owner.id, takes=agreed(swap), at=at)
    against = [each for each in found_against if each.check is not Check.REST]
    if against:
        raise CannotTake(against)
    move(swap, "take over", Kind.TAKEN_OVER, by=by, at=at, device=device)
    swap_effect.apply(swap, by=by, at=at)
    swap_notices.taken_over(swap, by=by, at=at)
    return swap


def change(
    swap: Swap,
    *,
    start: datetime,
    end: datetime,
    version: int | None = None,
    by: User,
    at: datetime,
    device: str = "",
) -> None:
    """Other hours. Fewer need only notice; any others need the taker to accept again (R22).

    `version` is the one that was read. Raises InvalidField, InvalidTransition, StaleVersion.
    """
    faults = Faults()
    start, end = _hours(start, end, faults)
    faults.stop_if_any()
    lock(swap, at=at)
    if version not in (None, swap.version):
        raise StaleVersion(swap.version)
    require_no_ring(swap)
    before, after = span(swap), Interval(start, end)
    if after == before:
        return
    shrinks = swap.taker_id is not None and only_shrinks(before, after)
    if swap.state is SwapState.ACTIVE and (start != swap.start or end < to_the_minute(at)):
        faults.add("/end" if start == swap.start else "/start", "what has passed is not changed")
        faults.stop_if_any()
    schedule = roster_for(swap.schedule_id, after)
    if shrinks:
        cut = cut_pieces(swap, after)
        if not cut:
            faults.add("/start", zero_effect(swap.owner.name))
        faults.stop_if_any()
        move(swap, "shrink", Kind.CHANGED, by=by, at=at, device=device, start=start, end=end,
             pieces=[piece.to_json() for piece in cut])  # fmt: skip
        if swap.state in EFFECTIVE:
            swap_effect.trim(swap, at=at)
        swap_notices.shrunk(swap, by=by, at=at)
        return
    taker = swap.taker
    if swap.state in EFFECTIVE:
        give_back(swap, by=by, at=at)
        schedule = roster_for(swap.schedule_id, after)
    found = _pieces(schedule, swap.owner_id, after)
    check_hours(found, start=start, now=at, owner=swap.owner.name, faults=faults)
    faults.stop_if_any()
    move(swap, "change", Kind.CHANGED, by=by, at=at, device=device, start=start, end=end, taker_id=None,
         accepted_at=None, approved_at=None, approved_by_id=None, reminded_minutes=None, declined=[],
         exempt=for_other_hours(swap), pieces=[piece.to_json() for piece in found])  # fmt: skip
    swap_notices.changed(swap, taker, by=by, at=at)


def cancel(swap: Swap, *, by: User | None, at: datetime, device: str = "", because: str = "") -> None:
    """The owner has the hours again, from now on; what was served stays (R25). Raises InvalidTransition."""
    lock(swap, at=at)
    was_effective, taker = swap.state in EFFECTIVE, swap.taker
    move(swap, "cancel", Kind.CANCELLED, by=by, at=at, device=device, because=because)
    if was_effective:
        give_back(swap, by=by, at=at)
    swap_notices.cancelled(swap, taker, by=by, at=at)
    if was_effective:
        end_ring(swap, by=by, at=at, device=device, because=because)


def end_ring(swap: Swap, *, by: User | None, at: datetime, device: str = "", because: str = "") -> None:
    """This leg of a ring counts no longer, so the other two end with it: nobody gives without getting (D14)."""
    if swap.ring_id is None:
        return
    for other in _others_of_the_ring(swap):
        if other.state in EFFECTIVE:
            cancel(other, by=by, at=at, device=device, because=because or RING_ENDS)


def require_no_ring(swap: Swap) -> None:
    """Hours that three have agreed on are not one's to change. Raises InvalidTransition."""
    if swap.ring_id is not None and swap.state in EFFECTIVE:
        raise InvalidTransition(
            "Three have agreed on this. Release the hours, or ask a manager to cancel all of it."
        )


def _others_of_the_ring(swap: Swap) -> Sequence[Swap]:
    rows = sa.select(Swap).where(Swap.ring_id == swap.ring_id, Swap.id != swap.id).order_by(Swap.id)
    return db.session.scalars(rows.execution_options(populate_existing=True)).all()


def object_(swap: Swap, *, by: User, at: datetime, device: str = "") -> None:
    """The owner does not want what a manager asked on their behalf: until the start it is off (R27)."""
    lock(swap, at=at)
    if swap.requester_id == swap.owner_id or swap.mode is SwapMode.TAKEOVER:
        raise InvalidTransition("You asked for this yourself. Cancel it instead.")
    if swap.state in OVER:
        move(swap, "cancel", Kind.OBJECTED, by=by, at=at)  # says in words why not
    if swap.start <= at:
        raise InvalidTransition("These hours have begun, so there is nothing to object to.")
    was_effective, taker = swap.state in EFFECTIVE, swap.taker
    move(swap, "cancel", Kind.OBJECTED, by=by, at=at, device=device, because=f"{by.name} objected.")
    if was_effective:
        give_back(swap, by=by, at=at)
    swap_notices.objected(swap, taker, by=by, at=at)
    if was_effective:
        end_ring(swap, by=by, at=at, device=device)


def give_back(swap: Swap, *, by: User | None, at: datetime) -> None:
    """End the exceptions of a swap, and with them agreements that were built on it."""
    swap_effect.undo(swap, at=at)
    for other in swap_effect.orphans(swap, at=at):
        taker = other.taker
        move(other, "cancel", Kind.CANCELLED, by=by, at=at, because=f"{swap.owner.name} has these hours again.")
        give_back(other, by=by, at=at)
        swap_notices.cancelled(other, taker, by=by, at=at)
        end_ring(other, by=by, at=at)


def make_row(
    schedule: Schedule,
    mode: SwapMode,
    wanted: Interval,
    found: Sequence[ShiftPiece],
    *,
    owner: User,
    by: User,
    at: datetime,
) -> Swap:
    swap = Swap(
        schedule_id=schedule.id, schedule=schedule, mode=mode, state=SwapState.DRAFT, owner_id=owner.id,
        owner=owner, requester_id=by.id, start=wanted.start, end=wanted.end,
        pieces=[piece.to_json() for piece in found], return_pieces=[], asked=[], declined=[], exempt={},
        created_at=at, updated_at=at,
    )  # fmt: skip
    db.session.add(swap)
    db.session.flush()
    return swap


def _hours(start: datetime, end: datetime, faults: Faults, pointer: str = "") -> tuple[datetime, datetime]:
    own = Faults()
    start, end = checks.span(start, end, own)
    if not own.errors and end - start > LONGEST:
        own.add("/end", f"must be at most {LONGEST.days} days after the start")
    faults.errors += [(f"{pointer}{place}", detail) for place, detail in own.errors]
    return start, end


def _check_mode(mode: SwapMode, to: Sequence[int], gets_hours: bool, owner: User, faults: Faults) -> None:
    checks.people_exist([("/to", user_id) for user_id in to], faults)
    if owner.id in to:
        faults.add("/to", f"{owner.name} has these hours already")
    if mode in (SwapMode.ONE, SwapMode.EXCHANGE) and len(set(to)) != 1:
        faults.add("/to", "name the one person you ask")
    if len(to) > MOST_ASKED:
        faults.add("/to", f"name at most {MOST_ASKED} people, or nobody to ask everyone")
    if mode is SwapMode.EXCHANGE and not gets_hours:
        faults.add("/in_return", "say which hours you take in exchange")
    if mode is not SwapMode.EXCHANGE and gets_hours:
        faults.add("/in_return", "belongs to the mode exchange")


def _pieces(schedule: Roster, owner_id: int, wanted: Interval) -> tuple[ShiftPiece, ...]:
    return pieces_of(places_of(schedule.config, owner_id), owner_id, wanted)


def cut_pieces(swap: Swap, to: Interval) -> list[ShiftPiece]:
    """The agreed pieces, cut to fewer hours."""
    cut = []
    for json in swap.pieces:
        piece = ShiftPiece.from_json(json)
        inside = piece.interval.overlap(to)
        if inside:
            cut.append(ShiftPiece(inside.start, inside.end, piece.role, piece.layer, piece.turn_start))
    return cut


def _the_one_on_call(schedule: Roster, by: User, at: datetime) -> User:
    holders = [each for each in paged(schedule.holders(resolve(schedule.config, at))) if each.user_id != by.id]
    if not holders:
        raise NothingToCover("Nobody else is on call here now, so there is nothing to take over.")
    if len(holders) > 1:
        faults = Faults()
        faults.add("/on_behalf_of", f"say whose: {', '.join(each.name for each in holders)} are on call")
        faults.stop_if_any()
    return db.session.get_one(User, holders[0].user_id)


def _rest_of_turn(schedule: Roster, owner: User, start: datetime) -> Interval:
    """From now for as long as the owner would have it without a break, a turn at most."""
    ahead = held_hours(_pieces(schedule, owner.id, Interval(start, start + HORIZON)))
    if not ahead or ahead[0].start > start:
        raise NothingToCover(zero_effect(owner.name))
    first = _pieces(schedule, owner.id, Interval(start, ahead[0].end))[0]
    others = [piece.start for piece in _pieces(schedule, owner.id, ahead[0]) if piece.id != first.id]
    turn_end = min(others, default=ahead[0].end)
    return Interval(start, turn_end)
