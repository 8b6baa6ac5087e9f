"""A ring of three as a page: who gives what to whom, who has agreed, and the answer (D14)."""

from collections.abc import Callable

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import clock
from app.database import db, transaction
from app.domain.lifecycle import InvalidTransition
from app.domain.ring import RingWords
from app.domain.swap_words import both_zones, listed
from app.domain.words import RingState
from app.oncall import ring as verbs
from app.oncall.models import Swap
from app.oncall.ring_access import require_ring_approver, rings_seen_by
from app.oncall.ring_models import Ring
from app.oncall.swap_access import require_owner_side, seen_by
from app.oncall.swap_state import agreed
from app.people.models import User
from app.people.rights import Act, may
from app.web.access import needs, viewer
from app.web.errors import NotFound
from app.web.redirects import see
from app.web.toast import toast
from app.web.words import viewer_zone, zone_named

blueprint = Blueprint("rings", __name__, url_prefix="/swaps")

OVER = "This ring is over: one of its hours was changed, taken or has begun. Nothing of it happened."


@blueprint.post("/<int:number>/ring")
@needs(Act.COVER_SELF)
def propose(number: int) -> ResponseReturnValue:
    """Put the best ring that this request is part of to all three."""
    try:
        with transaction():
            swap = db.session.scalar(db.select(Swap).where(Swap.id == number, seen_by(viewer())))
            if swap is None:
                raise NotFound
            require_owner_side(swap, viewer())
            made = verbs.propose(swap, by=viewer(), at=clock.now()).id
    except InvalidTransition as refused:
        toast(str(refused), failed=True)
        return see(url_for("swaps.show", number=number))
    toast("Proposed to all three. Nothing changes until everybody agrees.")
    return see(url_for("rings.show", ring=made))


@blueprint.get("/rings/<int:ring>")
@needs(Act.SEE_OPERATIONS)
def show(ring: int) -> str:
    row, me = _found(ring), viewer()
    mine = me.id in {leg["giver_id"] for leg in row.legs}
    approves = row.state is RingState.ACCEPTED and may(me, Act.APPROVE_COVER, team_id=row.schedule.team_id)
    return render_template(
        "swaps/ring.html",
        ring=row,
        state=RingWords[row.state.name].capitalize(),
        legs=_legs(row),
        may_agree=mine and row.state is RingState.OPEN and me.id not in row.agreed,
        may_decline=mine and row.state in (RingState.OPEN, RingState.ACCEPTED),
        may_approve=approves,
        against=[each.says for each in verbs.stands_against(row, verbs.swaps_of(row), clock.now())]
        if approves
        else [],
    )


@blueprint.post("/rings/<int:ring>/agreement")
@needs(Act.COVER_SELF)
def agree(ring: int) -> ResponseReturnValue:
    return _do(ring, verbs.agree, "You agreed to all of it.")


@blueprint.post("/rings/<int:ring>/decline")
@needs(Act.COVER_SELF)
def decline(ring: int) -> ResponseReturnValue:
    return _do(ring, verbs.decline, "Declined. Everybody keeps their hours.")


@blueprint.post("/rings/<int:ring>/approval")
@needs(Act.SEE_OPERATIONS)
def approve(ring: int) -> ResponseReturnValue:
    reason = request.form.get("reason", "")
    return _do(
        ring, lambda row, **facts: verbs.approve(row, reason=reason, **facts), "Approved. All of it counts.",
        allowed=require_ring_approver,
    )  # fmt: skip


@blueprint.post("/rings/<int:ring>/rejection")
@needs(Act.SEE_OPERATIONS)
def reject(ring: int) -> ResponseReturnValue:
    reason = request.form.get("reason", "")
    return _do(
        ring, lambda row, **facts: verbs.reject(row, reason=reason, **facts), "Declined. All three are told.",
        allowed=require_ring_approver,
    )  # fmt: skip


def _do(
    number: int, verb: Callable[..., None], said: str, allowed: Callable[[Ring, User], None] | None = None
) -> ResponseReturnValue:
    """One answer, then the page: with what was done, or in words why not."""
    try:
        with transaction():
            row = _found(number)
            if allowed is not None:
                allowed(row, viewer())
            verb(row, by=viewer(), at=clock.now())
            is_over = row.state is RingState.VOID
    except InvalidTransition as refused:
        toast(str(refused), failed=True)
    else:
        toast(OVER if is_over else said, failed=is_over)
    return see(url_for("rings.show", ring=number))


def _found(number: int) -> Ring:
    row: Ring | None = db.session.scalar(db.select(Ring).where(Ring.id == number, rings_seen_by(viewer())))
    if row is None:
        raise NotFound
    return row


def _legs(ring: Ring) -> list[tuple[User, User, str, bool]]:
    """Who gives to whom, which hours in both zones, and whether the giver has agreed."""
    here = zone_named(ring.schedule.time_zone)
    return [
        (
            db.session.get_one(User, leg["giver_id"]), db.session.get_one(User, leg["taker_id"]),
            listed([both_zones(each, here, viewer_zone()) for each in agreed(row)]),
            leg["giver_id"] in ring.agreed,
        )
        for leg, row in zip(ring.legs, verbs.swaps_of(ring), strict=True)
    ]  # fmt: skip
