"""The taker cannot after all (R22), or somebody can take a part (R24)."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from app.database import db
from app.domain import swap as rules
from app.domain.interval import Interval, to_the_minute
from app.domain.invalid import Faults
from app.domain.lifecycle import InvalidTransition
from app.domain.swap import EFFECTIVE, AlreadyTaken
from app.domain.swap_hours import zero_effect
from app.domain.timeline import Kind
from app.domain.words import OfferState, SwapMode, SwapState
from app.oncall import checks, swap_notices
from app.oncall import swap as verbs
from app.oncall.models import Swap, SwapOffer
from app.oncall.swap_answer import agree, require_pending, taken_words
from app.oncall.swap_people import CannotTake, check, roster_for
from app.oncall.swap_state import lock, move, note, span
from app.people.models import User
from app.people.rights import NotAllowed


def undo(swap: Swap, *, by: User, at: datetime, device: str = "") -> None:
    """The taker takes the acceptance back: free for ten minutes, later it is a release (R22)."""
    lock(swap, at=at)
    _only_the_taker(swap, by)
    rules.swap_after(swap.state, "undo")
    verbs.require_no_ring(swap)
    if swap.accepted_at is None or not rules.may_undo(swap.accepted_at, at):
        raise InvalidTransition(
            "The ten minutes to undo have passed. Release the hours: you keep them until somebody else accepts."
        )
    was_effective, begun = swap.state in EFFECTIVE, swap.state is SwapState.ACTIVE or swap.start <= at
    if begun and swap.state is SwapState.APPROVED:
        move(swap, "begin", Kind.BEGAN, by=None, at=at)
    if was_effective:
        verbs.give_back(swap, by=by, at=at)
    move(swap, "undo", Kind.UNDONE, by=by, at=at, device=device, **({} if begun else _NOBODY))
    swap_notices.undone(swap, by=by, at=at)


def release(swap: Swap, *, by: User, at: datetime, device: str = "", note_text: str = "") -> Swap:
    """The taker cannot after all: they keep the hours until somebody else accepts them (R22).

    Answers the request that now asks for somebody; before approval, when the owner still has the hours, that
    is the first one, open again.
    """
    lock(swap, at=at)
    _only_the_taker(swap, by)
    if swap.state is SwapState.ACCEPTED:
        move(swap, "release", Kind.UNDONE, by=by, at=at, device=device, **_NOBODY)
        swap_notices.undone(swap, by=by, at=at)
        return swap
    rules.swap_after(swap.state, "hand on")
    if already := _open_release(swap):
        return already
    asked = verbs.ask(
        swap.schedule, start=max(swap.start, to_the_minute(at)), end=swap.end, mode=SwapMode.ALL, owner=by,
        note_text=note_text, by=by, at=at, device=device,
    )  # fmt: skip
    asked.releases_id = swap.id
    return asked


def offer(
    swap: Swap,
    *,
    start: datetime,
    end: datetime,
    note_text: str = "",
    by: User,
    at: datetime,
    device: str = "",
) -> SwapOffer:
    """I can take part of it (R24); the owner decides. Raises InvalidField, CannotTake."""
    faults = Faults()
    start, end = checks.span(start, end, faults)
    if len(note_text) > verbs.LONGEST_NOTE:
        faults.add("/note", f"must be at most {verbs.LONGEST_NOTE} characters")
    faults.stop_if_any()
    lock(swap, at=at)
    require_pending(swap, "accept", at)
    if swap.state is not SwapState.OPEN:
        raise AlreadyTaken(taken_words(swap, at))
    if swap.mode is SwapMode.EXCHANGE:
        raise InvalidTransition("An exchange is for all of its hours. Accept it or decline it.")
    if swap.asked and by.id not in swap.asked:
        raise NotAllowed("Only those who were asked may offer to take a part.")
    part = Interval(start, end)
    if not rules.only_shrinks(span(swap), part):
        faults.add("/start", "must lie within the hours that are asked for")
    elif not verbs.cut_pieces(swap, part):
        faults.add("/start", zero_effect(swap.owner.name))
    faults.stop_if_any()
    takes = [piece.interval for piece in verbs.cut_pieces(swap, part)]
    roster = roster_for(swap.schedule_id, part)
    if against := check(roster, comes=by.id, goes=swap.owner_id, takes=takes, at=at):
        raise CannotTake(against)
    row = SwapOffer(
        swap=swap, user=by, start=start, end=end, note=note_text.strip(), state=OfferState.OPEN, created_at=at
    )
    db.session.add(row)
    db.session.flush()
    note(swap, Kind.OFFERED, by=by, at=at, device=device, offer_id=row.id, user_id=by.id,
         offered_start=start.isoformat(), offered_end=end.isoformat())  # fmt: skip
    swap_notices.offered(swap, row, by=by, at=at)
    return row


def withdraw(row: SwapOffer, *, by: User, at: datetime, device: str = "") -> None:
    """The offer stands no longer. Raises InvalidTransition once it was taken."""
    lock(row.swap, at=at)
    db.session.refresh(row)
    if row.state is OfferState.TAKEN:
        raise InvalidTransition("This offer was taken. Release the hours instead.")
    row.state = OfferState.WITHDRAWN
    note(row.swap, Kind.WITHDRAWN, by=by, at=at, device=device, offer_id=row.id)


def take_offer(row: SwapOffer, *, by: User, at: datetime, device: str = "") -> Swap:
    """The owner takes the part that is offered: that becomes a swap of its own, the rest stays open (R24).

    Answers the swap of the part. Raises CannotTake, NothingToCover, InvalidTransition.
    """
    swap = row.swap
    lock(swap, at=at)
    db.session.refresh(row)
    require_pending(swap, "accept", at)
    if row.state is not OfferState.OPEN:
        raise InvalidTransition("This offer stands no longer.")
    if swap.state is not SwapState.OPEN:
        raise AlreadyTaken(taken_words(swap, at))
    row.state = OfferState.TAKEN
    part, whole = Interval(row.start, row.end), span(swap)
    if part == whole:
        agree(swap, row.user, actor=by, at=at, device=device)
        return swap
    taken = _split(swap, part, at=at)
    taken.asked = [row.user_id]
    left = [Interval(*ends) for ends in ((whole.start, part.start), (part.end, whole.end)) if ends[0] < ends[1]]
    left = [each for each in left if verbs.cut_pieces(swap, each)]
    for rest in left[1:]:
        move(_split(swap, rest, at=at), "ask", Kind.ASKED, by=by, at=at, device=device)
    move(taken, "ask", Kind.ASKED, by=by, at=at, device=device)
    agree(taken, row.user, actor=by, at=at, device=device)
    if left:
        first = left[0]
        cut = [piece.to_json() for piece in verbs.cut_pieces(swap, first)]
        move(swap, "change", Kind.CHANGED, by=by, at=at, start=first.start, end=first.end, pieces=cut)
    else:
        move(swap, "cancel", Kind.CANCELLED, by=by, at=at, because="All of its hours are covered.")
    return taken


def _split(swap: Swap, part: Interval, *, at: datetime) -> Swap:
    """A draft for some of the hours, otherwise like the first."""
    row = verbs.make_row(
        swap.schedule, swap.mode, part, verbs.cut_pieces(swap, part), owner=swap.owner, by=swap.requester, at=at
    )
    row.part_of_id, row.asked, row.note, row.exempt = swap.id, list(swap.asked), swap.note, dict(swap.exempt)
    return row


def _open_release(swap: Swap) -> Swap | None:
    """The request by which the taker already tries to hand these hours on; None when there is none."""
    pending = sa.select(Swap).where(Swap.releases_id == swap.id, Swap.state.in_(rules.PENDING))
    return db.session.scalars(pending.order_by(Swap.id)).first()


def _only_the_taker(swap: Swap, by: User) -> None:
    if swap.taker_id != by.id:
        raise NotAllowed("Only whoever took these hours may give them back.")


_NOBODY: dict[str, Any] = dict.fromkeys(
    ("taker_id", "accepted_at", "approved_at", "approved_by_id", "reminded_minutes")
)
