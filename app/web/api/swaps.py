"""/api/v1/swaps: cover asked for, answered, approved, given back."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from app import clock
from app.database import db, transaction
from app.domain.interval import Interval, to_the_minute
from app.domain.words import SwapMode
from app.oncall import swap as verbs
from app.oncall import swap_access
from app.oncall import swap_moves as moves
from app.oncall.models import Schedule, Swap, SwapOffer
from app.oncall.swap_candidates import candidates
from app.oncall.swap_moves import Facts
from app.people.models import User
from app.people.rights import Act
from app.web import serialize_swaps as serialize
from app.web.api.auth import device, me, need
from app.web.api.find import found, named, numbers
from app.web.api.listing import each, identity, listing
from app.web.api.noun import noun
from app.web.api.problems import not_found, unprocessable
from app.web.api.shapes import swaps as shapes
from app.web.api.shapes.common import IfMatch, Listing, Nothing
from app.web.api.versions import expected_version, send_etag

swaps = noun("swaps", "Cover: hours of one person that another takes, asked for and agreed.")


@swaps.get("")
@swaps.input(shapes.SwapQuery, location="query", arg_name="query")
@swaps.output(Listing[shapes.Swap])
def list_swaps(query: shapes.SwapQuery) -> Listing[shapes.Swap]:
    """List the swaps of one's teams and schedules, and one's own, newest first."""
    need(Act.SEE_OPERATIONS)
    select = sa.select(Swap).where(swap_access.seen_by(me()))
    if query.schedule_id:
        select = select.where(Swap.schedule_id.in_(numbers(query.schedule_id)))
    if query.state:
        select = select.where(Swap.state.in_(query.state))
    if query.user_id:
        people = numbers(query.user_id)
        columns = (Swap.owner_id, Swap.taker_id, Swap.requester_id)
        select = select.where(sa.or_(*(column.in_(people) for column in columns)))
    return listing(select, query, each(serialize.swap), by=[Swap.id], descending=True)


@swaps.post("")
@swaps.input(shapes.SwapDraft, arg_name="draft")
@swaps.output(shapes.Swap, 201)
def create_swap(draft: shapes.SwapDraft) -> shapes.Swap:
    """Ask for cover, or take over now. Another's hours need the right to arrange cover; their owner is told."""
    with transaction():
        need(Act.COVER_SELF)
        at = clock.now()
        schedule = named(Schedule, draft.schedule_id, "schedule", "#/schedule_id")
        owner = None if draft.on_behalf_of is None else named(
            User, draft.on_behalf_of, "person", "#/on_behalf_of"
        )  # fmt: skip
        if draft.mode is SwapMode.TAKEOVER:
            swap = _take_over(draft, schedule, owner, at)
        else:
            owner = owner or me()
            if owner.id != me().id:
                need(Act.COVER_OTHERS, team_id=schedule.team_id)
            if draft.start is None or draft.end is None:
                missing = "start" if draft.start is None else "end"
                raise unprocessable(f"#/{missing}", "Say which hours.")
            back = draft.in_return
            swap = verbs.ask(
                schedule, start=draft.start, end=draft.end, mode=draft.mode, to=_people(draft.to), owner=owner,
                in_return=None if back is None else (back.start, back.end), note_text=draft.note, by=me(),
                at=at, device=device(),
            )  # fmt: skip
        send_etag(swap)
        return serialize.swap(swap)


@swaps.get("/candidates")
@swaps.input(shapes.CandidateQuery, location="query", arg_name="query")
@swaps.output(shapes.Candidates)
def list_candidates(query: shapes.CandidateQuery) -> shapes.Candidates:
    """Who could take hours, fairest first: balance before and after, and all that stands against each."""
    need(Act.SEE_OPERATIONS)
    schedule = named(Schedule, query.schedule_id, "schedule", "?schedule_id")
    owner = me() if query.user_id is None else named(User, query.user_id, "person", "?user_id")
    if owner.id != me().id:
        need(Act.COVER_OTHERS, team_id=schedule.team_id)
    if not to_the_minute(query.start) < to_the_minute(query.end) <= query.start + verbs.LONGEST:
        raise unprocessable("?end", f"A moment after `start`, at most {verbs.LONGEST.days} days.")
    wanted = Interval(to_the_minute(query.start), to_the_minute(query.end))
    return serialize.candidates(candidates(schedule, owner, wanted, at=clock.now()))


@swaps.get("/<id>")
@swaps.output(shapes.Swap)
def show_swap(id: str) -> shapes.Swap:
    """Show a swap. Its `ETag` is for `If-Match`."""
    need(Act.SEE_OPERATIONS)
    swap = _found(id)
    send_etag(swap)
    return serialize.swap(swap)


@swaps.patch("/<id>")
@swaps.input(IfMatch, location="headers", arg_name="headers")
@swaps.input(shapes.SwapPatch, arg_name="wanted")
@swaps.output(shapes.Swap)
def change_swap(id: str, headers: IfMatch, wanted: shapes.SwapPatch) -> shapes.Swap:
    """Other hours: fewer need only notice, any others the taker's consent again. For the owner's side."""

    def change(swap: Swap, **facts: Any) -> None:
        version = expected_version(swap, headers.if_match)
        moves.change(swap, start=wanted.start, end=wanted.end, version=version, **facts)

    return _moved(id, change)


@swaps.post("/<id>/acceptance")
@swaps.input(Nothing, arg_name="nothing")
@swaps.output(shapes.Swap)
def accept_swap(id: str, nothing: Nothing) -> shapes.Swap:  # noqa: ARG001
    """Take the hours. The first wins, the second gets 409 with who was first."""
    return _moved(id, moves.accept)


@swaps.post("/<id>/decline")
@swaps.input(Nothing, arg_name="nothing")
@swaps.output(shapes.Swap)
def decline_swap(id: str, nothing: Nothing) -> shapes.Swap:  # noqa: ARG001
    """Say that one cannot."""
    return _moved(id, moves.decline)


@swaps.post("/<id>/approval")
@swaps.input(shapes.Reason, arg_name="wanted")
@swaps.output(shapes.Swap)
def approve_swap(id: str, wanted: shapes.Reason) -> shapes.Swap:
    """Approve: from this moment the taker has the hours. What stands against it by now needs a reason."""
    return _moved(id, moves.approve, reason=wanted.reason)


@swaps.post("/<id>/rejection")
@swaps.input(shapes.Reason, arg_name="wanted")
@swaps.output(shapes.Swap)
def reject_swap(id: str, wanted: shapes.Reason) -> shapes.Swap:
    """Say no: the owner stays on call."""
    return _moved(id, moves.reject, reason=wanted.reason)


@swaps.post("/<id>/exemption")
@swaps.input(shapes.Exemption, arg_name="wanted")
@swaps.output(shapes.Swap)
def exempt_from_checks(id: str, wanted: shapes.Exemption) -> shapes.Swap:
    """Let a person accept in spite of the checks, with a reason. They still have to accept."""

    def exempt(swap: Swap, **facts: Any) -> None:
        swap_access.require_approver(swap, me())
        user = named(User, wanted.user_id, "person", "#/user_id")
        moves.exempt(swap, user, reason=wanted.reason, **facts)

    return _moved(id, exempt)


@swaps.post("/<id>/cancellation")
@swaps.input(Nothing, arg_name="nothing")
@swaps.output(shapes.Swap)
def cancel_swap(id: str, nothing: Nothing) -> shapes.Swap:  # noqa: ARG001
    """Take one's hours back, from now on; what was served stays."""
    return _moved(id, moves.cancel)


@swaps.post("/<id>/objection")
@swaps.input(Nothing, arg_name="nothing")
@swaps.output(shapes.Swap)
def object_to_swap(id: str, nothing: Nothing) -> shapes.Swap:  # noqa: ARG001
    """Keep one's hours although somebody asked for cover on one's behalf; until they start."""
    return _moved(id, moves.object_)


@swaps.post("/<id>/undo")
@swaps.input(Nothing, arg_name="nothing")
@swaps.output(shapes.Swap)
def undo_acceptance(id: str, nothing: Nothing) -> shapes.Swap:  # noqa: ARG001
    """Take an acceptance back within ten minutes."""
    return _moved(id, moves.undo)


@swaps.post("/<id>/release")
@swaps.input(shapes.SwapNote, arg_name="wanted")
@swaps.output(shapes.Swap)
def release_swap(id: str, wanted: shapes.SwapNote) -> shapes.Swap:
    """Hand the hours on: answers the request that asks for somebody. Until then they stay one's own."""
    return _moved(id, moves.release, note_text=wanted.note)


@swaps.post("/<id>/offer")
@swaps.input(shapes.OfferDraft, arg_name="draft")
@swaps.output(shapes.Offer, 201)
def offer_part(id: str, draft: shapes.OfferDraft) -> shapes.Offer:
    """Offer to take a part; the owner decides."""
    with changing(id) as (swap, facts):
        made = moves.offer(swap, start=draft.start, end=draft.end, note_text=draft.note, **facts)
        return serialize.offer(made)


@swaps.post("/<id>/offer/<offer_id>/acceptance")
@swaps.input(Nothing, arg_name="nothing")
@swaps.output(shapes.Swap)
def take_offer(id: str, offer_id: str, nothing: Nothing) -> shapes.Swap:  # noqa: ARG001
    """Take an offer: answers the swap of that part. The rest stays open."""
    return _moved(id, lambda swap, **facts: moves.take_offer(_offer(swap, offer_id), **facts))


@swaps.delete("/<id>/offer/<offer_id>")
@swaps.output(shapes.Offer)
def withdraw_offer(id: str, offer_id: str) -> shapes.Offer:
    """Withdraw one's offer."""
    with changing(id) as (swap, facts):
        row = _offer(swap, offer_id)
        moves.withdraw(row, **facts)
        return serialize.offer(row)


def _moved(id: str, move: Callable[..., object], **more: Any) -> shapes.Swap:
    """One move of a swap, and the swap that it leads to."""
    with changing(id) as (swap, facts):
        made = move(swap, **more, **facts)
        return _as_it_is(made if isinstance(made, Swap) else swap)


@contextmanager
def changing(id: str) -> Iterator[tuple[Swap, Facts]]:
    """The swap of an address in a transaction, and who does what to it when and from where."""
    with transaction():
        need(Act.SEE_OPERATIONS)
        yield _found(id), {"by": me(), "at": clock.now(), "device": device()}


def _found(id: str) -> Swap:
    return found(Swap, id, "swap", among=swap_access.seen_by(me()))


def _offer(swap: Swap, id: str) -> SwapOffer:
    row = db.session.get(SwapOffer, identity(id))
    if row is None or row.swap_id != swap.id:
        raise not_found("offer")
    return row


def _as_it_is(swap: Swap) -> shapes.Swap:
    db.session.flush()
    send_etag(swap)
    return serialize.swap(swap)


def _take_over(draft: shapes.SwapDraft, schedule: Schedule, owner: User | None, at: datetime) -> Swap:
    if draft.start is not None and draft.start > at:
        raise unprocessable("#/start", "To take over acts at once. For later hours ask with another mode.")
    if draft.in_return is not None:
        raise unprocessable("#/in_return", "belongs to the mode exchange")
    if [each for each in _people(draft.to) if each != me().id]:
        raise unprocessable("#/to", "Whoever takes over does so themself.")
    return verbs.take_over(
        schedule, end=draft.end, owner=owner, note_text=draft.note, by=me(), at=at, device=device()
    )


def _people(to: str | list[str] | None) -> list[int]:
    if to is None:
        return []
    return [identity(each) for each in ([to] if isinstance(to, str) else to)]
