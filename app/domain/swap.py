"""Swaps: two people agree that one covers hours of the other. Its states, and who may do what next (R16-R27).

A swap asks, is accepted, is approved where the schedule wants that, and then *is* an exception of the resolver
(decision 5). Until that very moment the owner stays on call (R20, R21). Nothing here changes what was: a cover
that ends early ends now (R25).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.domain.interval import Interval
from app.domain.lifecycle import InvalidTransition
from app.domain.words import SwapState

S = SwapState

UNDO = timedelta(minutes=10)  # in which an acceptance is taken back without asking anyone (R22)
AS_SECONDS = timedelta(minutes=2)  # shorter times are told in seconds
REMIND_BEFORE = (timedelta(hours=24), timedelta(hours=2))  # while an answer or an approval is missing (R20)

SWAP_MOVES: Mapping[tuple[SwapState, str], SwapState] = {
    (S.DRAFT, "ask"): S.OPEN,
    (S.DRAFT, "take over"): S.ACTIVE,
    (S.DRAFT, "cancel"): S.CANCELLED,
    (S.OPEN, "accept"): S.ACCEPTED,
    (S.OPEN, "decline"): S.DECLINED,
    (S.OPEN, "change"): S.OPEN,
    (S.OPEN, "follow"): S.OPEN,  # its shift has moved, and it with it (R26)
    (S.OPEN, "expire"): S.EXPIRED,
    (S.OPEN, "cancel"): S.CANCELLED,
    (S.ACCEPTED, "approve"): S.APPROVED,
    (S.ACCEPTED, "reject"): S.REJECTED,
    (S.ACCEPTED, "undo"): S.OPEN,
    (S.ACCEPTED, "release"): S.OPEN,  # without effect yet, so nobody else is needed
    (S.ACCEPTED, "change"): S.OPEN,  # other hours need both to agree again (R22)
    (S.ACCEPTED, "shrink"): S.ACCEPTED,
    (S.ACCEPTED, "follow"): S.ACCEPTED,
    (S.ACCEPTED, "expire"): S.EXPIRED,
    (S.ACCEPTED, "cancel"): S.CANCELLED,
    (S.APPROVED, "undo"): S.OPEN,
    (S.APPROVED, "change"): S.OPEN,
    (S.APPROVED, "shrink"): S.APPROVED,
    (S.APPROVED, "follow"): S.APPROVED,
    (S.APPROVED, "begin"): S.ACTIVE,
    (S.APPROVED, "hand on"): S.RELEASED,  # somebody else has accepted what the taker released
    (S.APPROVED, "cancel"): S.CANCELLED,
    (S.ACTIVE, "undo"): S.CANCELLED,  # what was served stays; the owner has the rest again
    (S.ACTIVE, "shrink"): S.ACTIVE,
    (S.ACTIVE, "hand on"): S.RELEASED,
    (S.ACTIVE, "cancel"): S.CANCELLED,
    (S.ACTIVE, "finish"): S.DONE,
    (S.RELEASED, "have again"): S.APPROVED,  # whoever it was handed on to gave it up
}
EFFECTIVE = frozenset({S.APPROVED, S.ACTIVE})
PENDING = frozenset({S.OPEN, S.ACCEPTED})
OVER = frozenset({S.DONE, S.CANCELLED, S.DECLINED, S.EXPIRED, S.RELEASED, S.REJECTED})
_MINUTE = timedelta(minutes=1)

IN_WORDS: Mapping[SwapState, str] = {
    S.DRAFT: "not sent yet",
    S.OPEN: "waiting for an answer",
    S.ACCEPTED: "accepted and waiting for approval",
    S.APPROVED: "agreed",
    S.ACTIVE: "running",
    S.DONE: "over",
    S.CANCELLED: "cancelled",
    S.DECLINED: "declined",
    S.EXPIRED: "expired",
    S.RELEASED: "handed on",
    S.REJECTED: "rejected",
}


class AlreadyTaken(InvalidTransition):
    """Somebody else accepted first; the sentence names them."""


class NothingToCover(InvalidTransition):
    """The owner is not on call in these hours, or not any more."""


def swap_after(state: SwapState, move: str) -> SwapState:
    """The swap's state after `move`. Raises InvalidTransition when the state does not allow it."""
    if (state, move) not in SWAP_MOVES:
        raise InvalidTransition(f"This swap is {IN_WORDS[state]}, so there is nothing to {move}.")
    return SWAP_MOVES[state, move]


@dataclass(frozen=True, slots=True)
class SwapRules:
    """What a schedule asks of swaps. Without approval an accepted swap counts at once.

    `rest` is what somebody needs between turns that do not touch. The `auto_` rules approve by themselves what
    fulfils every one that is set: at least `auto_ahead` before the start, rest kept by everybody, a taker from
    the roster.
    """

    needs_approval: bool = False
    rest: timedelta = timedelta(hours=11)
    eligible: frozenset[int] = frozenset()  # besides the people of the layers
    auto_ahead: timedelta | None = None
    auto_rest_kept: bool = False
    auto_on_roster: bool = False

    def approves_by_itself(
        self, *, start: datetime, now: datetime, on_roster: bool, rest_kept: bool, was_exempt: bool
    ) -> str | None:
        """Why no person has to approve, as a sentence; None when one has to (R20).

        Who accepted by an exemption has been looked at by a person for that, and is again.
        """
        if not self.needs_approval:
            return "This schedule asks for no approval."
        asked = []
        if self.auto_ahead is not None:
            asked.append((start - now >= self.auto_ahead, f"{hours(self.auto_ahead)} ahead"))
        if self.auto_rest_kept:
            asked.append((rest_kept, "rest kept"))
        if self.auto_on_roster:
            asked.append((on_roster, "from the roster"))
        if not asked or was_exempt or not all(holds for holds, _ in asked):
            return None
        return f"Approved by rule: {', '.join(words for _, words in asked)}."


def hours(length: timedelta) -> str:
    """Real hours in words: "14 h", "1 h 30 min", "45 min"."""
    minutes = int(length.total_seconds() // 60)
    whole, rest = divmod(minutes, 60)
    if not whole:
        return f"{rest} min"
    return f"{whole} h {rest} min" if rest else f"{whole} h"


def may_undo(accepted_at: datetime, now: datetime) -> bool:
    """Whether the taker may still take the acceptance back without finding somebody else (R22)."""
    return now - accepted_at <= UNDO


def only_shrinks(before: Interval, after: Interval) -> bool:
    """Whether new hours lie inside the agreed ones, which needs notice but no new consent (R22)."""
    return before.start <= after.start and after.end <= before.end


def next_due(
    state: SwapState, hours_: Interval, now: datetime, *, reminded: timedelta | None
) -> datetime | None:
    """When time itself moves this swap next: a reminder, expiry, start or end; None when it is over.

    `reminded` is how long before the start the last reminder went out.
    """
    if state in PENDING:
        leads = [lead for lead in REMIND_BEFORE if reminded is None or lead < reminded]
        ahead = [hours_.start - lead for lead in leads if hours_.start - lead > now]
        return min([*ahead, closes_at(hours_)])
    if state is S.APPROVED:
        return hours_.start
    return hours_.end if state is S.ACTIVE else None


def closes_at(hours_: Interval) -> datetime:
    """Until when an answer or an approval still counts: schedules know no seconds, so through the minute of
    the start.
    """
    return hours_.start + _MINUTE


def by_time(state: SwapState, hours_: Interval, now: datetime) -> str | None:
    """The move that the clock alone makes at `now`; None when it makes none."""
    if state in PENDING and now >= closes_at(hours_):
        return "expire"
    if state is S.APPROVED and now >= hours_.start:
        return "begin"
    if state is S.ACTIVE and now >= hours_.end:
        return "finish"
    return None


def reminder_due(hours_: Interval, now: datetime, *, reminded: timedelta | None) -> timedelta | None:
    """The lead of the reminder that is due at `now` for a swap still pending; None when none is.

    Of several that were missed only the nearest to the start is sent.
    """
    passed = [lead for lead in REMIND_BEFORE if hours_.start - lead <= now < hours_.start]
    lead = min(passed, default=None)
    return lead if lead is not None and (reminded is None or lead < reminded) else None
