"""Answers to a swap: accept, decline, approve, reject, exempt (R18-R21)."""

from datetime import datetime

from app.domain import swap as rules
from app.domain.invalid import Faults
from app.domain.lifecycle import InvalidTransition
from app.domain.swap import EFFECTIVE, AlreadyTaken, hours
from app.domain.swap_checks import Check, Finding
from app.domain.timeline import Kind
from app.domain.words import SwapState
from app.oncall import swap_effect, swap_notices
from app.oncall.models import Swap
from app.oncall.queries import Roster
from app.oncall.swap_exempt import unexcused, with_exception
from app.oncall.swap_people import CannotTake, check, on_roster, rules_of
from app.oncall.swap_state import agreed, agreed_in_return, lock, move, note, span
from app.people.models import User
from app.people.rights import NotAllowed


def accept(swap: Swap, *, by: User, at: datetime, device: str = "") -> None:
    """Take the hours. The first valid acceptance wins; the second is told who was first (R18).

    Counts at once where the schedule asks for no approval (R20). Raises AlreadyTaken, CannotTake,
    NothingToCover, NotAllowed for somebody who was not asked.
    """
    lock(swap, at=at)
    if swap.state in (SwapState.ACCEPTED, *EFFECTIVE) and swap.taker is not None:
        if swap.taker_id == by.id:
            return  # a second tap
        raise AlreadyTaken(taken_words(swap, at))
    require_pending(swap, "accept", at)
    if swap.asked and by.id not in swap.asked:
        raise NotAllowed("Only those who were asked may accept this.")
    agree(swap, by, actor=by, at=at, device=device)


def agree(swap: Swap, taker: User, *, actor: User, at: datetime, device: str = "") -> None:
    """Both sides have said yes, `actor` last: check, take, and let it count if nobody has to approve."""
    roster = swap_effect.whole_roster(swap)
    against = findings(swap, taker, roster, at)
    if refused := unexcused(swap, taker.id, against):
        raise CannotTake(refused)
    swap_effect.require_held(swap, roster, taker_id=taker.id)
    move(swap, "accept", Kind.ACCEPTED, by=actor, at=at, device=device, taker_id=taker.id, accepted_at=at,
         reminded_minutes=None)  # fmt: skip
    by_rule = rules_of(swap.schedule_id).approves_by_itself(
        start=swap.start, now=at, on_roster=taker.id in on_roster(roster),
        was_exempt=str(taker.id) in swap.exempt,
        rest_kept=all(each.check is not Check.REST for each in against),
    )  # fmt: skip
    if by_rule is not None:
        _make_effective(swap, by=None, at=at, because=by_rule)
        swap_notices.agreed_on(swap, by=actor, at=at)
    else:
        swap_notices.accepted(swap, by=actor, at=at)


def decline(swap: Swap, *, by: User, at: datetime, device: str = "") -> None:
    """I cannot. When all who were asked by name have said so, the request is over and the owner told (R21)."""
    lock(swap, at=at)
    if by.id in swap.declined:
        return  # a second tap
    require_pending(swap, "decline", at)
    rules.swap_after(swap.state, "decline")
    if by.id == swap.owner_id:
        raise InvalidTransition("These are your own hours. Cancel the request instead.")
    if swap.asked and by.id not in swap.asked:
        raise NotAllowed("Only those who were asked may decline this.")
    declined = [*swap.declined, by.id]
    if swap.asked and not set(swap.asked) - set(declined):
        move(swap, "decline", Kind.DECLINED, by=by, at=at, device=device, declined=declined)
        swap_notices.declined(swap, by=by, at=at)
        return
    swap.declined = declined
    note(swap, Kind.DECLINED, by=by, at=at, device=device)


def approve(swap: Swap, *, by: User, at: datetime, device: str = "", reason: str = "") -> None:
    """From this very moment the taker has the hours (R20). What stands against it needs a reason (R19).

    Raises InvalidTransition when it has expired, NothingToCover when the owner has given the hours away since.
    """
    lock(swap, at=at)
    if swap.state in EFFECTIVE and swap.approved_by_id == by.id:
        return  # a second tap
    require_pending(swap, "approve", at)
    rules.swap_after(swap.state, "approve")
    assert swap.taker is not None  # somebody accepted, or there is nothing to approve
    roster = swap_effect.whole_roster(swap)
    swap_effect.require_held(swap, roster, taker_id=swap.taker.id)
    against = stands_against(swap, roster, at)
    if against and not reason.strip():
        raise CannotTake(against)
    _make_effective(swap, by=by, at=at, device=device, because=reason.strip())
    swap_notices.approved(swap, by=by, at=at)


def reject(swap: Swap, *, by: User, at: datetime, device: str = "", reason: str = "") -> None:
    """No: the owner stays on call (R21), and both are told."""
    lock(swap, at=at)
    taker = swap.taker
    move(swap, "reject", Kind.REJECTED, by=by, at=at, device=device, because=reason.strip())
    swap_notices.rejected(swap, taker, by=by, at=at)


def exempt(swap: Swap, user: User, *, reason: str, by: User, at: datetime, device: str = "") -> None:
    """Let this person accept in spite of what stands against them now (R19). Consent stays theirs. Raises
    InvalidField.
    """
    if not reason.strip():
        faults = Faults()
        faults.add("/reason", "say why this is all right")
        faults.stop_if_any()
    lock(swap, at=at)
    rules.swap_after(swap.state, "accept")
    against = findings(swap, user, swap_effect.whole_roster(swap), at)
    swap.exempt = with_exception(swap, user.id, reason.strip(), against)
    note(swap, Kind.EXEMPTED, by=by, at=at, device=device, user_id=user.id, reason=reason.strip())


def findings(swap: Swap, taker: User, roster: Roster, at: datetime) -> tuple[Finding, ...]:
    """All that stands against `taker`, and in an exchange against the owner for the hours in return."""
    hours_, back = agreed(swap), agreed_in_return(swap)
    found = check(roster, comes=taker.id, goes=swap.owner_id, takes=hours_, gives=back, at=at)
    if back:
        found += check(roster, comes=swap.owner_id, goes=taker.id, takes=back, gives=hours_, at=at)
    return found


def stands_against(swap: Swap, roster: Roster, at: datetime) -> tuple[Finding, ...]:
    """What an approval needs a reason for: all that is against whoever accepted, but for what a manager has
    made an exception from.
    """
    if swap.taker is None:
        return ()
    return unexcused(swap, swap.taker.id, findings(swap, swap.taker, roster, at))


def require_pending(swap: Swap, word: str, at: datetime) -> None:
    """Raises InvalidTransition where the start has come first, or the swap is over."""
    if swap.state in rules.PENDING and at >= rules.closes_at(span(swap)):
        raise InvalidTransition(f"These hours have begun, so it is too late to {word}. Take over now instead.")
    if swap.state in rules.OVER:
        rules.swap_after(swap.state, word)


def taken_words(swap: Swap, at: datetime) -> str:
    """ "Already taken by Yuki, 4 s ago. You are not on call." """
    assert swap.taker is not None
    assert swap.accepted_at is not None
    passed = at - swap.accepted_at
    ago = f"{int(passed.total_seconds())} s" if passed < rules.AS_SECONDS else hours(passed)
    return f"Already taken by {swap.taker.name}, {ago} ago. You are not on call."


def _make_effective(swap: Swap, *, by: User | None, at: datetime, because: str, device: str = "") -> None:
    move(swap, "approve", Kind.APPROVED, by=by, at=at, device=device, approved_at=at, because=because,
         approved_by_id=None if by is None else by.id)  # fmt: skip
    swap_effect.apply(swap, by=by or swap.taker, at=at)
