"""Swaps: ask for cover, answer, approve; the same page says how it stands."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Unpack

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import clock
from app.database import db, transaction
from app.domain.interval import Interval, to_the_minute
from app.domain.invalid import InvalidField
from app.domain.lifecycle import InvalidTransition
from app.domain.words import SwapMode
from app.oncall import ring, swap_access
from app.oncall import swap as verbs
from app.oncall import swap_moves as moves
from app.oncall.models import Schedule, Swap, SwapOffer
from app.people.models import User
from app.people.rights import Act, NotAllowed, require
from app.web.access import current_session, needs, viewer
from app.web.errors import NotFound
from app.web.form import as_number, row_number, typed_moment
from app.web.redirects import see
from app.web.swap_view import ask_view, inbox, own_shift, swap_view
from app.web.toast import toast

blueprint = Blueprint("swaps", __name__, url_prefix="/swaps")

MOST_AT_ONCE = 50


@blueprint.get("")
@needs(Act.SEE_OPERATIONS)
def index() -> str:
    approve, answer, others = inbox(viewer())
    return render_template("swaps/index.html", approve=approve, answer=answer, others=others)


@blueprint.get("/new")
@needs(Act.COVER_SELF)
def new() -> ResponseReturnValue:
    return _ask_page(
        _owner(request.args.get("owner", type=as_number)), request.args.get("schedule", type=as_number),
        request.args.get("start"), request.args.get("end"),
    )  # fmt: skip


@blueprint.post("")
@needs(Act.COVER_SELF)
def create() -> ResponseReturnValue:
    """Ask those who are ticked; nobody ticked is everybody. A manager asks on somebody's behalf (R27)."""
    owner = _owner(request.form.get("owner_id", type=as_number))
    schedule_id = request.form.get("schedule_id", type=as_number)
    start, end = request.form.get("start"), request.form.get("end")
    to = request.form.getlist("to", type=as_number)
    schedule = db.session.get(Schedule, schedule_id or 0)
    if schedule is None:
        raise NotFound
    _require_to_ask_for(owner, schedule)
    first, last = typed_moment(start), typed_moment(end)
    if first is None or last is None:
        return _ask_page(owner, schedule_id, None, None, problem="Say from when to when."), 422
    chosen = request.form.get("in_return", "")
    back = [request.form.get(name, "") for name in ("return_start", "return_end")]
    if chosen and not any(back):  # one tap says whose hours, and which
        whose, _, hours = chosen.partition(" ")
        to, back = [row_number(whose)], [*hours.split(" ", 1), ""][:2]
    in_return = [typed_moment(text) for text in back]
    if any(back) and None in in_return:
        said = "Say from when to when you take hours in return."
        return _ask_page(owner, schedule_id, start, end, problem=said, ticked=to, back=_typed(back)), 422
    back_from, back_to = in_return
    exchange = None if back_from is None or back_to is None else (back_from, back_to)
    try:
        with transaction():
            row = verbs.ask(
                db.session.merge(schedule), start=first, end=last, to=to, owner=db.session.merge(owner),
                mode=_mode(to, exchange), in_return=exchange, by=viewer(), at=clock.now(),
                device=_device(), note_text=request.form.get("note", ""),
            )  # fmt: skip
            number = row.id
    except InvalidField as invalid:
        return _ask_page(
            owner, schedule_id, start, end, problem=invalid.errors[0][1], ticked=to, back=_typed(back)
        ), 422
    stays = "You stay" if owner.id == viewer().id else f"{owner.name} is told, and stays"
    toast(f"Asked. {stays} on call until somebody accepts.")
    return see(url_for("swaps.show", number=number))


@blueprint.get("/<int:number>")
@needs(Act.SEE_OPERATIONS)
def show(number: int) -> str:
    swap = _swap(number)
    may_ring = swap.owner_id == viewer().id and ring.fits(swap, at=clock.now())
    return render_template("swaps/show.html", view=swap_view(swap, viewer()), may_ring=may_ring)


@blueprint.post("/<int:number>/acceptance")
@needs(Act.SEE_OPERATIONS)
def accept(number: int) -> ResponseReturnValue:
    return _do(number, moves.accept, "You have it. Undo within ten minutes, if that was not meant.")


@blueprint.post("/<int:number>/decline")
@needs(Act.SEE_OPERATIONS)
def decline(number: int) -> ResponseReturnValue:
    return _do(number, moves.decline, "You said that you cannot.")


@blueprint.post("/approval")
@needs(Act.SEE_OPERATIONS)
def approve_several() -> ResponseReturnValue:
    """Those of the inbox that nothing stands against, each by itself: one that fails holds up no other."""
    numbers, failed = request.form.getlist("swap", type=as_number)[:MOST_AT_ONCE], []
    for number in numbers:
        try:
            with transaction():
                moves.approve(_swap(number), reason="", by=viewer(), at=clock.now(), device=_device())
        except (InvalidTransition, InvalidField, NotAllowed, NotFound) as refused:
            failed.append(str(refused) or "One is no longer there.")
    said = f"{len(numbers) - len(failed)} approved."
    toast(" ".join([said, *failed]), failed=bool(failed))
    return see(url_for("swaps.index"))


@blueprint.post("/<int:number>/approval")
@needs(Act.SEE_OPERATIONS)
def approve(number: int) -> ResponseReturnValue:
    return _do(number, moves.approve, "Approved. It counts from now on.", reason=_reason())


@blueprint.post("/<int:number>/rejection")
@needs(Act.SEE_OPERATIONS)
def reject(number: int) -> ResponseReturnValue:
    return _do(number, moves.reject, "Declined. Both are told.", reason=_reason())


@blueprint.post("/<int:number>/exemption")
@needs(Act.SEE_OPERATIONS)
def exempt(number: int) -> ResponseReturnValue:
    """Let somebody accept whom the checks would refuse; consent stays theirs (R19)."""

    def let(row: Swap, **facts: Unpack[moves.Facts]) -> None:
        user = db.session.get(User, request.form.get("user_id", 0, type=as_number))
        if user is None:
            raise NotFound
        moves.exempt(row, user, reason=_reason(), **facts)

    return _do(number, let, "They may accept now. Nothing changes until they do.")


@blueprint.post("/<int:number>/cancellation")
@needs(Act.SEE_OPERATIONS)
def cancel(number: int) -> ResponseReturnValue:
    return _do(number, moves.cancel, "Cancelled. Everybody is told.")


@blueprint.post("/<int:number>/undo")
@needs(Act.SEE_OPERATIONS)
def undo(number: int) -> ResponseReturnValue:
    return _do(number, moves.undo, "Given back. Everybody is told.")


@blueprint.post("/<int:number>/release")
@needs(Act.SEE_OPERATIONS)
def release(number: int) -> ResponseReturnValue:
    return _do(number, moves.release, "Others are asked. You keep these hours until somebody accepts.")


@blueprint.post("/<int:number>/objection")
@needs(Act.SEE_OPERATIONS)
def object_(number: int) -> ResponseReturnValue:
    return _do(number, moves.object_, "You keep these hours.")


@blueprint.post("/<int:number>/offer")
@needs(Act.SEE_OPERATIONS)
def offer(number: int) -> ResponseReturnValue:
    """I can take part of it; the owner decides (R24)."""
    start, end = typed_moment(request.form.get("start")), typed_moment(request.form.get("end"))
    if start is None or end is None:
        toast("Say from when to when.", failed=True)
        return see(url_for("swaps.show", number=number))
    note = request.form.get("note", "")
    said = "Offered. Whoever asked decides."
    return _do(number, moves.offer, said, start=start, end=end, note_text=note)


@blueprint.post("/<int:number>/offer/<int:offer>/acceptance")
@needs(Act.SEE_OPERATIONS)
def take_offer(number: int, offer: int) -> ResponseReturnValue:
    """The part becomes a swap of its own, the rest stays open."""
    return _do(
        number, lambda row, **facts: moves.take_offer(_offer(row, offer), **facts),
        "Taken. What is left stays open.",
    )  # fmt: skip


@blueprint.post("/<int:number>/offer/<int:offer>/removal")
@needs(Act.SEE_OPERATIONS)
def withdraw_offer(number: int, offer: int) -> ResponseReturnValue:
    return _do(
        number, lambda row, **facts: moves.withdraw(_offer(row, offer), **facts), "Your offer is withdrawn."
    )


@blueprint.post("/takeover")
@needs(Act.COVER_SELF)
def take_over() -> ResponseReturnValue:
    """Have the pager of a schedule now."""
    try:
        with transaction():
            schedule = db.session.get(Schedule, request.form.get("schedule_id", 0, type=as_number))
            if schedule is None:
                raise NotFound
            row = verbs.take_over(schedule, by=viewer(), at=clock.now(), device=_device())
            number, told = row.id, row.owner.name
    except (InvalidTransition, InvalidField) as refused:
        toast(str(refused), failed=True)
        return see(url_for("on_call.show"))
    toast(f"You have the pager. {told} has been told.")
    return see(url_for("swaps.show", number=number))


def _do(number: int, move: Callable[..., object], said: str, **more: Any) -> ResponseReturnValue:
    """One move of a swap, then its page: with what was done, or in words why not."""
    try:
        with transaction():
            move(_swap(number), by=viewer(), at=clock.now(), device=_device(), **more)
    except InvalidTransition as refused:
        toast(str(refused), failed=True)
    except InvalidField as invalid:
        pointer, sentence = invalid.errors[0]
        toast(f"{'The reason' if pointer == '/reason' else 'The hours'}: {sentence}.", failed=True)
    else:
        toast(said)
        if request.form.get("back") == "inbox":
            return see(url_for("swaps.index"))
    return see(url_for("swaps.show", number=number))


def _reason() -> str:
    return request.form.get("reason", "")


def _offer(swap: Swap, number: int) -> SwapOffer:
    row = db.session.get(SwapOffer, number)
    if row is None or row.swap_id != swap.id:
        raise NotFound
    return row


def _swap(number: int) -> Swap:
    found = db.select(Swap).where(Swap.id == number, swap_access.seen_by(viewer()))
    row: Swap | None = db.session.scalars(found).one_or_none()
    if row is None:
        raise NotFound
    return row


def _mode(to: list[int], in_return: tuple[datetime, datetime] | None) -> SwapMode:
    if in_return is not None:
        return SwapMode.EXCHANGE
    return SwapMode.ONE if len(to) == 1 else SwapMode.ALL


def _owner(number: int | None) -> User:
    """Whose hours are given away: the viewer's, unless somebody else is named."""
    if number is None:
        return viewer()
    owner = db.session.get(User, number)
    if owner is None or not owner.is_active:
        raise NotFound
    return owner


def _require_to_ask_for(owner: User, schedule: Schedule) -> None:
    if owner.id != viewer().id:
        require(viewer(), Act.COVER_OTHERS, team_id=schedule.team_id)


def _ask_page(
    owner: User,
    schedule_id: int | None,
    start: str | None,
    end: str | None,
    *,
    problem: str | None = None,
    ticked: list[int] | None = None,
    back: list[str] | None = None,
) -> str:
    first, last = typed_moment(start), typed_moment(end)
    shift = own_shift(owner, schedule_id) or _named_hours(schedule_id, first, last)
    if shift is None:
        if owner.id != viewer().id:
            require(viewer(), Act.COVER_OTHERS)
        return render_template("swaps/new.html", view=None, owner=owner, problem=problem)
    schedule, whole = shift
    _require_to_ask_for(owner, schedule)
    first, last = first or whole.start, last or whole.end
    if not to_the_minute(first) < to_the_minute(last):
        first, last, problem = whole.start, whole.end, problem or "End after the start."
    wanted = Interval(to_the_minute(first), to_the_minute(last))
    if wanted.length > verbs.LONGEST:
        wanted, problem = whole, problem or f"At most {verbs.LONGEST.days} days."
    return render_template(
        "swaps/new.html",
        view=ask_view(owner, schedule, whole, wanted, ticked, request.form.get("in_return", "")),
        owner=owner,
        problem=problem,
        back=_typed([]) if back is None else back,
    )


def _typed(back: list[str]) -> list[str]:
    """The hours in return as they were typed, for the form again; none where they were chosen by a tap."""
    return ["", ""] if request.form.get("in_return") or not back else back


def _named_hours(
    schedule_id: int | None, start: datetime | None, end: datetime | None
) -> tuple[Schedule, Interval] | None:
    """The hours of a link, where the person has no shift ahead: on time off none is theirs in any answer."""
    schedule = db.session.get(Schedule, schedule_id or 0)
    if schedule is None or start is None or end is None or not to_the_minute(start) < to_the_minute(end):
        return None
    return schedule, Interval(to_the_minute(start), to_the_minute(end))


def _device() -> str:
    session = current_session()
    return session.device if session else ""
