"""A ring of three among posted swaps (D14): proposed, agreed to by all three, and then counted all at once.

Until the last of them agrees, and a manager where the schedule wants one, nobody's hours change, and each wish
stays what it was: somebody may still take it. Then the ring is over, and nothing of it happens.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa

from app.database import db
from app.domain import ring as rules
from app.domain.lifecycle import InvalidTransition
from app.domain.ring import MOST_WISHES, CanTake, Wish, ring_after
from app.domain.swap_checks import Check, Finding, failures
from app.domain.timeline import Kind, Subject
from app.domain.words import RingState, SwapMode, SwapState
from app.oncall import ring_notices, swap_effect
from app.oncall.models import Schedule, Swap
from app.oncall.ring_models import Ring
from app.oncall.stack import take_turn
from app.oncall.swap_people import CannotTake, on_roster, roster_for, rules_of, takers, without
from app.oncall.swap_state import agreed, agreed_in_return, move, span
from app.people.models import User
from app.people.rights import NotAllowed
from app.timeline.record import record

NONE_FITS = "No ring of three fits these hours now."


def possible(schedule: Schedule, *, at: datetime) -> tuple[rules.Ring, ...]:
    """The rings that the requests posted on a schedule make, best first."""
    found = _posted(schedule, at)
    if len(found) < 3:
        return ()
    wishes = [Wish(row.id, row.owner_id, agreed(row), agreed_in_return(row)) for row in found]
    return rules.rings(wishes, _able(schedule, wishes, at))


def fits(swap: Swap, *, at: datetime) -> bool:
    """Whether this request is part of a ring that could be proposed now."""
    if swap.state is not SwapState.OPEN or swap.ring_id is not None:
        return False
    return any(wish.id == swap.id for each in possible(swap.schedule, at=at) for wish in each.wishes)


def propose(swap: Swap, *, by: User, at: datetime) -> Ring:
    """The best ring that this request is part of, put to all three. Whoever of them proposes it has agreed.

    Raises InvalidTransition where there is none.
    """
    take_turn(swap.schedule_id, at=at)
    db.session.refresh(swap)
    best = next(
        (ring for ring in possible(swap.schedule, at=at) if swap.id in {wish.id for wish in ring.wishes}), None
    )
    if best is None:
        raise InvalidTransition(NONE_FITS)
    swaps = {wish.id: db.session.get_one(Swap, wish.id) for wish in best.wishes}
    ring = Ring(
        schedule_id=swap.schedule_id, schedule=swap.schedule, state=RingState.OPEN, proposed_by_id=by.id,
        legs=[
            {
                "swap_id": leg.wish_id, "version": swaps[leg.wish_id].version, "giver_id": leg.giver_id,
                "taker_id": leg.taker_id,
            }
            for leg in best.legs
        ],
        agreed=[by.id] if by.id in {leg.giver_id for leg in best.legs} else [],
        because="", created_at=at, updated_at=at,
    )  # fmt: skip
    db.session.add(ring)
    db.session.flush()
    for row in swaps.values():
        row.ring_id = ring.id
    _note(ring, Kind.ASKED, by=by, at=at)
    ring_notices.proposed(ring, by=by, at=at)
    return ring


def agree(ring: Ring, *, by: User, at: datetime) -> None:
    """Yes to all of it. The third yes makes it count, or puts it to the managers where the schedule asks for
    approval. A second tap is the first. Raises CannotTake, NotAllowed, NothingToCover.
    """
    swaps = _locked(ring, at)
    _require_part(ring, by)
    if by.id in ring.agreed and ring.state is not RingState.VOID:
        return
    if _is_over(ring, swaps, by=by, at=at):
        return
    if ring.state is not RingState.OPEN:
        ring_after(ring.state, "agree")
    ring.agreed, ring.updated_at = [*ring.agreed, by.id], at
    _note(ring, Kind.ACCEPTED, by=by, at=at)
    if {leg["giver_id"] for leg in ring.legs} - set(ring.agreed):
        ring_notices.one_agreed(ring, by=by, at=at)
        return
    ring.state = ring_after(ring.state, "agree")
    because = _by_rule(ring, swaps, at)
    if because is None:
        ring_notices.to_approve(ring, by=by, at=at)
        return
    _count(ring, swaps, by=by, at=at, because=because)


def decline(ring: Ring, *, by: User, at: datetime) -> None:
    """One of the three says no: nothing of it happens, each request stays open. A second tap is the first."""
    _locked(ring, at)
    _require_part(ring, by)
    if ring.state is RingState.DECLINED:
        return
    ring.state = ring_after(ring.state, "decline")
    _let_go(ring, Kind.DECLINED, by=by, at=at)
    ring_notices.declined(ring, by=by, at=at)


def approve(ring: Ring, *, by: User, at: datetime, reason: str = "") -> None:
    """From this moment all three have what they get (R20). What stands against it needs a reason (R19)."""
    swaps = _locked(ring, at)
    if ring.state is RingState.AGREED or _is_over(ring, swaps, by=by, at=at):
        return
    ring_after(ring.state, "approve")
    _count(ring, swaps, by=by, at=at, because=reason.strip(), approver=by)


def reject(ring: Ring, *, by: User, at: datetime, reason: str = "") -> None:
    """No: everybody keeps what they have."""
    _locked(ring, at)
    if ring.state is RingState.REJECTED:
        return
    ring.state, ring.because = ring_after(ring.state, "reject"), reason.strip()
    _let_go(ring, Kind.REJECTED, by=by, at=at)
    ring_notices.declined(ring, by=by, at=at)


def stands_against(ring: Ring, swaps: Sequence[Swap], at: datetime) -> tuple[Finding, ...]:
    """All that is against any of the three as they are now."""
    hours = {row.owner_id: agreed(row) for row in swaps}
    roster = roster_for(ring.schedule_id, *(span(row) for row in swaps))
    found: list[Finding] = []
    people = {
        each.user_id: each for each in takers(hours, roster, [h for each in hours.values() for h in each], at)
    }
    for leg in ring.legs:
        taker = people[leg["taker_id"]]
        freed = replace(taker, duties=tuple(without(taker.duties, hours[taker.user_id], ring.schedule_id)))
        found += failures(
            freed, hours[leg["giver_id"]], owner_id=leg["giver_id"], schedule_id=ring.schedule_id,
            rest=rules_of(ring.schedule_id).rest, zone=roster.config.zone,
        )  # fmt: skip
    return tuple(found)


def swaps_of(ring: Ring) -> list[Swap]:
    """The three requests, in the order of the legs."""
    return [db.session.get_one(Swap, leg["swap_id"]) for leg in ring.legs]


def _posted(schedule: Schedule, at: datetime) -> Sequence[Swap]:
    """Requests that wait for somebody, are about hours to come, and are in no other ring."""
    posted = sa.select(Swap).where(
        Swap.schedule_id == schedule.id, Swap.state == SwapState.OPEN, Swap.start > at, Swap.ring_id.is_(None),
        Swap.mode.in_((SwapMode.ALL, SwapMode.EXCHANGE)), Swap.releases_id.is_(None),
    )  # fmt: skip
    return db.session.scalars(posted.order_by(Swap.id).limit(MOST_WISHES)).all()


def _able(schedule: Schedule, wishes: Sequence[Wish], at: datetime) -> CanTake:
    """Whether nothing stands against somebody's taking what another gives, their own hours given away."""
    spans = [each for wish in wishes for each in wish.gives]
    roster, rest = roster_for(schedule.id, *spans), rules_of(schedule.id).rest
    people = {each.user_id: each for each in takers({wish.user_id for wish in wishes}, roster, spans, at)}

    def can(taker: Wish, giver: Wish) -> bool:
        person = people.get(taker.user_id)
        if person is None:
            return False
        freed = replace(person, duties=tuple(without(person.duties, taker.gives, schedule.id)))
        return not failures(
            freed, giver.gives, owner_id=giver.user_id, schedule_id=schedule.id, rest=rest,
            zone=roster.config.zone,
        )  # fmt: skip

    return can


def _count(
    ring: Ring, swaps: Sequence[Swap], *, by: User, at: datetime, because: str, approver: User | None = None
) -> None:
    """All three at once: everything is looked at before anything is written."""
    against = stands_against(ring, swaps, at)
    if against and (approver is None or not because):
        raise CannotTake(against)
    for row, leg in zip(swaps, ring.legs, strict=True):
        row.return_start = row.return_end = None  # what they wished for; what they get is another's leg
        row.return_pieces = []
        swap_effect.require_held(row, swap_effect.whole_roster(row), taker_id=leg["taker_id"])
    for row, leg in zip(swaps, ring.legs, strict=True):
        move(row, "accept", Kind.ACCEPTED, by=by, at=at, taker_id=leg["taker_id"], accepted_at=at,
             reminded_minutes=None)  # fmt: skip
    for row in swaps:
        move(row, "approve", Kind.APPROVED, by=by, at=at, approved_at=at, because=because,
             approved_by_id=approver and approver.id)  # fmt: skip
        swap_effect.apply(row, by=by, at=at)
    ring.state, ring.because, ring.updated_at = ring_after(ring.state, "approve"), because, at
    _note(ring, Kind.APPROVED, by=by, at=at)
    ring_notices.counts(ring, by=by, at=at)


def _by_rule(ring: Ring, swaps: Sequence[Swap], at: datetime) -> str | None:
    """Why no person has to approve; None when one has to (R20)."""
    asks, roster = rules_of(ring.schedule_id), roster_for(ring.schedule_id, *(span(row) for row in swaps))
    against = stands_against(ring, swaps, at)
    return asks.approves_by_itself(
        start=min(row.start for row in swaps), now=at, was_exempt=False,
        on_roster=all(leg["taker_id"] in on_roster(roster) for leg in ring.legs),
        rest_kept=all(each.check is not Check.REST for each in against),
    )  # fmt: skip


def _locked(ring: Ring, at: datetime) -> list[Swap]:
    """The schedule's turn, the ring as it is now, and its three requests."""
    take_turn(ring.schedule_id, at=at)
    db.session.refresh(ring)
    swaps = swaps_of(ring)
    for row in swaps:
        db.session.refresh(row)
    return swaps


def _is_over(ring: Ring, swaps: Sequence[Swap], *, by: User, at: datetime) -> bool:
    """Whether one of the hours is not what the three were shown any more; then the ring ends here."""
    if ring.state not in (RingState.OPEN, RingState.ACCEPTED):
        return False
    whole = all(
        row.state is SwapState.OPEN and row.version == leg["version"] and row.start > at
        for row, leg in zip(swaps, ring.legs, strict=True)
    )
    if not whole:
        ring.state = ring_after(ring.state, "end")
        _let_go(ring, Kind.EXPIRED, by=by, at=at)
        ring_notices.over(ring, by=by, at=at)
    return not whole


def _let_go(ring: Ring, kind: Kind, *, by: User, at: datetime) -> None:
    """The three requests are free for another ring."""
    ring.updated_at = at
    db.session.flush()
    db.session.execute(sa.update(Swap).where(Swap.ring_id == ring.id).values(ring_id=None))
    _note(ring, kind, by=by, at=at)


def _require_part(ring: Ring, by: User) -> None:
    if by.id not in {leg["giver_id"] for leg in ring.legs}:
        raise NotAllowed("Only the three whose hours these are may answer.")


def _note(ring: Ring, kind: Kind, *, by: User, at: datetime) -> None:
    db.session.flush()
    record(
        kind, Subject.RING, ring.id, at=at, by=by, schedule_id=ring.schedule_id, legs=ring.legs,
        agreed=ring.agreed, state=str(ring.state),
    )  # fmt: skip
