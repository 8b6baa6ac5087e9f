"""/api/v1/rings: three give hours round, all at once or not at all (D14)."""

from collections.abc import Iterable
from contextlib import contextmanager
from typing import Any

from app import clock
from app.database import db, transaction
from app.domain.interval import Interval
from app.oncall import ring as verbs
from app.oncall.models import Swap
from app.oncall.ring_access import require_ring_approver, rings_seen_by
from app.oncall.ring_models import Ring
from app.oncall.swap_access import require_owner_side, seen_by
from app.oncall.swap_state import agreed
from app.people.models import User
from app.people.rights import Act
from app.web.api.auth import me, need
from app.web.api.find import found
from app.web.api.noun import noun
from app.web.api.shapes import rings as shapes
from app.web.api.shapes.common import Named, Nothing
from app.web.api.shapes.oncall import Span
from app.web.api.shapes.swaps import Reason
from app.web.api.swaps import swaps

rings = noun("rings", "Three people who give hours round, all at once or not at all.")


@swaps.get("/<id>/rings")
@swaps.output(shapes.PossibleRings)
def list_possible_rings(id: str) -> shapes.PossibleRings:
    """The rings of three that this request makes with others posted on its schedule. Proposes nothing."""
    need(Act.SEE_OPERATIONS)
    swap = found(Swap, id, "swap", among=seen_by(me()))
    require_owner_side(swap, me())
    fitting = [
        each
        for each in verbs.possible(swap.schedule, at=clock.now())
        if swap.id in {wish.id for wish in each.wishes}
    ]
    items = [
        shapes.PossibleRing(
            legs=[_leg(leg.wish_id, leg.giver_id, leg.taker_id, leg.hours) for leg in each.legs]
        )
        for each in fitting
    ]
    return shapes.PossibleRings(items=items, next_cursor=None)


@swaps.post("/<id>/ring")
@swaps.input(Nothing, arg_name="nothing")
@swaps.output(shapes.Ring, 201)
def propose_ring(id: str, nothing: Nothing) -> shapes.Ring:  # noqa: ARG001
    """Put the best ring to all three. 409 where there is none."""
    with transaction():
        need(Act.COVER_SELF)
        swap = found(Swap, id, "swap", among=seen_by(me()))
        require_owner_side(swap, me())
        return _shape(verbs.propose(swap, by=me(), at=clock.now()))


@rings.get("/<id>")
@rings.output(shapes.Ring)
def show_ring(id: str) -> shapes.Ring:
    """Show a ring."""
    need(Act.SEE_OPERATIONS)
    return _shape(_found(id))


@rings.post("/<id>/agreement")
@rings.input(Nothing, arg_name="nothing")
@rings.output(shapes.Ring)
def agree_to_ring(id: str, nothing: Nothing) -> shapes.Ring:  # noqa: ARG001
    """Say yes to all of it. The third yes makes it count.

    `state` is *void* where a part of it is not to be had any more.
    """
    with _answering(id, Act.COVER_SELF) as (ring, facts):
        verbs.agree(ring, **facts)
        return _shape(ring)


@rings.post("/<id>/decline")
@rings.input(Nothing, arg_name="nothing")
@rings.output(shapes.Ring)
def decline_ring(id: str, nothing: Nothing) -> shapes.Ring:  # noqa: ARG001
    """Say no: everybody keeps what they have."""
    with _answering(id, Act.COVER_SELF) as (ring, facts):
        verbs.decline(ring, **facts)
        return _shape(ring)


@rings.post("/<id>/approval")
@rings.input(Reason, arg_name="wanted")
@rings.output(shapes.Ring)
def approve_ring(id: str, wanted: Reason) -> shapes.Ring:
    """Approve all of it at once. What stands against it by now needs a reason."""
    with _answering(id, Act.SEE_OPERATIONS) as (ring, facts):
        require_ring_approver(ring, me())
        verbs.approve(ring, reason=wanted.reason, **facts)
        return _shape(ring)


@rings.post("/<id>/rejection")
@rings.input(Reason, arg_name="wanted")
@rings.output(shapes.Ring)
def reject_ring(id: str, wanted: Reason) -> shapes.Ring:
    """Say no: everybody keeps what they have."""
    with _answering(id, Act.SEE_OPERATIONS) as (ring, facts):
        require_ring_approver(ring, me())
        verbs.reject(ring, reason=wanted.reason, **facts)
        return _shape(ring)


@contextmanager
def _answering(id: str, act: Act) -> Any:
    """The ring of an address in a transaction, and who does what to it when."""
    with transaction():
        need(act)
        yield _found(id), {"by": me(), "at": clock.now()}


def _found(id: str) -> Ring:
    return found(Ring, id, "ring", among=rings_seen_by(me()))


def _shape(ring: Ring) -> shapes.Ring:
    db.session.flush()
    legs = [
        _leg(row.id, leg["giver_id"], leg["taker_id"], agreed(row))
        for leg, row in zip(ring.legs, verbs.swaps_of(ring), strict=True)
    ]
    return shapes.Ring(
        id=str(ring.id), schedule=Named(id=str(ring.schedule_id), name=ring.schedule.name), state=ring.state,
        legs=legs, agreed=[str(each) for each in ring.agreed], because=ring.because, created_at=ring.created_at,
        updated_at=ring.updated_at,
    )  # fmt: skip


def _leg(swap_id: int, giver_id: int, taker_id: int, hours: Iterable[Interval]) -> shapes.RingLeg:
    giver, taker = (db.session.get_one(User, each) for each in (giver_id, taker_id))
    return shapes.RingLeg(
        swap=str(swap_id), giver=Named(id=str(giver.id), name=giver.name),
        taker=Named(id=str(taker.id), name=taker.name),
        hours=[Span(start=each.start, end=each.end) for each in hours],
    )  # fmt: skip
