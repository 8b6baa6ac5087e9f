"""Swaps: ask for cover, answer, approve; the same page says how it stands."""

from collections.abc import Callable
from datetime import datetime

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import clock
from app.database import db, transaction
from app.domain.interval import Interval, to_the_minute
from app.domain.invalid import InvalidField
from app.domain.lifecycle import InvalidTransition
from app.domain.words import SwapMode
from app.oncall import swap as verbs
from app.oncall import swap_access, swap_answer, swap_release
from app.oncall.models import Schedule, Swap, SwapOffer
from app.people.models import User
from app.people.rights import Act, require
from app.web.access import current_session, needs, viewer
from app.web.errors import NotFound
from app.web.form import typed_moment
from app.web.redirects import see
from app.web.swap_view import ask_view, inbox, own_shift, swap_view
from app.web.toast import toast

blueprint = Blueprint("swaps", __name__, url_prefix="/swaps")


@blueprint.get("")
@needs(Act.SEE_OPERATIONS)
def index() -> str:
    approve, answer, others = inbox(viewer())
    return render_template("swaps/index.html", approve=approve, answer=answer, others=others)


@blueprint.get("/new")
@needs(Act.COVER_SELF)
def new() -> ResponseReturnValue:
    return _ask_page(
        _owner(request.args.get("owner", type=int)), request.args.get("schedule", type=int),
        request.args.get("start"), request.args.get("end"),
    )  # fmt: skip


@blueprint.post("")
@needs(Act.COVER_SELF)
def create() -> ResponseReturnValue:
    """Ask those who are ticked; nobody ticked is everybody. A manager asks on somebody's behalf (R27)."""
    owner = _owner(request.form.get("owner_id", type=int))
    schedule_id = request.form.get("schedule_id", type=int)
    start, end = request.form.get("start"), request.form.get("end")
    to = request.form.getlist("to", type=int)
    schedule = db.session.get(Schedule, schedule_id or 0)
    if schedule is None:
        raise NotFound
    _require_to_ask_for(owner, schedule)
    first, last = typed_moment(start), typed_moment(end)
    if first is None or last is None:
        return _ask_page(owner, schedule_id, None, None, problem="Say from when to when."), 422
    back = [request.form.get(name, "") for name in ("return_start", "return_end")]
    in_return = [typed_moment(text) for text in back]
    if any(back) and None in in_return:
        said = "Say from when to when you take hours in return."
        return _ask_page(owner, schedule_id, start, end, problem=said, ticked=to, back=back), 422
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
            owner, schedule_id, start, end, problem=invalid.errors[0][1], ticked=to, back=back
        ), 422
    stays = "You stay" if owner.id == viewer().id else f"{owner.name} is told, and stays"
    toast(f"Asked. {stays} on call until somebody accepts.")
    return see(url_for("swaps.show", number=number))


@blueprint.get("/<int:number>")
@needs(Act.SEE_OPERATIONS)
def show(number: int) -> str:
    return render_template("swaps/show.html", view=swap_view(_swap(number), viewer()))


@blueprint.post("/<int:number>/acceptance")
@needs(Act.COVER_SELF)
def accept(number: int) -> ResponseReturnValue:
    return _do(number, swap_answer.accept, "You have it. Undo within ten minutes, if that was not meant.")


@blueprint.post("/<int:number>/decline")
@needs(Act.COVER_SELF)
def decline(number: int) -> ResponseReturnValue:
    return _do(number, swap_answer.decline, "You said that you cannot.")


@blueprint.post("/<int:number>/approval")
@needs(Act.SEE_OPERATIONS)
def approve(number: int) -> ResponseReturnValue:
    reason = request.form.get("reason", "")
    return _do(
        number, lambda row, **facts: swap_answer.approve(row, reason=reason, **facts),
        "Approved. It counts from now on.", allowed=swap_access.require_approver,
    )  # fmt: skip


@blueprint.post("/<int:number>/rejection")
@needs(Act.SEE_OPERATIONS)
def reject(number: int) -> ResponseReturnValue:
    reason = request.form.get("reason", "")
    return _do(
        number, lambda row, **facts: swap_answer.reject(row, reason=reason, **facts),
        "Declined. Both are told.", allowed=swap_access.require_approver,
    )  # fmt: skip


@blueprint.post("/<int:number>/cancellation")
@needs(Act.SEE_OPERATIONS)
def cancel(number: int) -> ResponseReturnValue:
    return _do(number, verbs.cancel, "Cancelled. Everybody is told.", allowed=swap_access.require_to_cancel)


@blueprint.post("/<int:number>/undo")
@needs(Act.COVER_SELF)
def undo(number: int) -> ResponseReturnValue:
    return _do(number, swap_release.undo, "Given back. Everybody is told.")


@blueprint.post("/<int:number>/release")
@needs(Act.COVER_SELF)
def release(number: int) -> ResponseReturnValue:
    return _do(number, swap_release.release, "Others are asked. You keep these hours until somebody accepts.")


@blueprint.post("/<int:number>/objection")
@needs(Act.COVER_SELF)
def object_(number: int) -> ResponseReturnValue:
    return _do(number, verbs.object_, "You keep these hours.", allowed=_only_the_owner)


@blueprint.post("/<int:number>/offer")
@needs(Act.COVER_SELF)
def offer(number: int) -> ResponseReturnValue:
    """I can take part of it; the owner decides (R24)."""
    start, end = typed_moment(request.form.get("start")), typed_moment(request.form.get("end"))
    if start is None or end is None:
        toast("Say from when to when.", failed=True)
        return see(url_for("swaps.show", number=number))
    note = request.form.get("note", "")
    return _do(
        number, lambda row, **facts: swap_release.offer(row, start=start, end=end, note_text=note, **facts),
        "Offered. Whoever asked decides.",
    )  # fmt: skip


@blueprint.post("/<int:number>/offer/<int:offer>/acceptance")
@needs(Act.COVER_SELF)
def take_offer(number: int, offer: int) -> ResponseReturnValue:
    """The part becomes a swap of its own, the rest stays open."""
    return _do(
        number, lambda row, **facts: swap_release.take_offer(_offer(row, offer), **facts),
        "Taken. What is left stays open.", allowed=swap_access.require_owner_side,
    )  # fmt: skip


@blueprint.post("/<int:number>/offer/<int:offer>/removal")
@needs(Act.COVER_SELF)
def withdraw_offer(number: int, offer: int) -> ResponseReturnValue:
    return _do(
        number, lambda row, **facts: swap_release.withdraw(_offer(row, offer, of=viewer()), **facts),
        "Your offer is withdrawn.",
    )  # fmt: skip


@blueprint.post("/takeover")
@needs(Act.COVER_SELF)
def take_over() -> ResponseReturnValue:
    """Have the pager of a schedule now."""
    try:
        with transaction():
            schedule = db.session.get(Schedule, request.form.get("schedule_id", 0, type=int))
            if schedule is None:
                raise NotFound
            row = verbs.take_over(schedule, by=viewer(), at=clock.now(), device=_device())
            number, told = row.id, row.owner.name
    except (InvalidTransition, InvalidField) as refused:
        toast(str(refused), failed=True)
        return see(url_for("on_call.show"))
    toast(f"You have the pager. {told} has been told.")
    return see(url_for("swaps.show", number=number))


def _do(
    number: int,
    verb: Callable[..., object],
    said: str,
    *,
    allowed: Callable[[Swap, User], None] | None = None,
) -> ResponseReturnValue:
    """One verb on a swap, then its page: with what was done, or in words why not."""
    try:
        with transaction():
            row = _swap(number)
            if allowed is not None:
                allowed(row, viewer())
            verb(row, by=viewer(), at=clock.now(), device=_device())
    except InvalidTransition as refused:
        toast(str(refused), failed=True)
    except InvalidField as invalid:
        toast(f"The hours: {invalid.errors[0][1]}.", failed=True)
    else:
        toast(said)
    return see(url_for("swaps.show", number=number))


def _offer(swap: Swap, number: int, *, of: User | None = None) -> SwapOffer:
    """An offer of this swap, and of this person where one is named."""
    row = db.session.get(SwapOffer, number)
    if row is None or row.swap_id != swap.id or (of is not None and row.user_id != of.id):
        raise NotFound
    return row


def _only_the_owner(swap: Swap, user: User) -> None:
    require(user, Act.COVER_SELF)
    if swap.owner_id != user.id:
        raise NotFound


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
        view=ask_view(owner, schedule, whole, wanted, ticked),
        owner=owner,
        problem=problem,
        back=back or ["", ""],
    )


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
