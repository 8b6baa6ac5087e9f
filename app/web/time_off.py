"""Time off: when a person is away, which of their turns that hits, and who could cover."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import clock
from app.database import db, transaction
from app.domain.interval import Interval, to_the_minute
from app.domain.invalid import InvalidField
from app.domain.swap import PENDING, hours
from app.domain.swap_words import both_zones, listed, span_words, whole
from app.oncall import time_off as verbs
from app.oncall.models import Schedule, Swap, TimeOff
from app.oncall.override import AlreadyOver
from app.oncall.swap import LONGEST
from app.oncall.time_off_access import require_to_enter_for
from app.oncall.time_off_conflicts import Conflict, conflicts
from app.people.models import User
from app.people.rights import Act
from app.web.access import needs, viewer
from app.web.errors import NotFound
from app.web.form import problems_of, typed, typed_moment
from app.web.redirects import see
from app.web.toast import toast
from app.web.words import plain, viewer_zone, zone_named

blueprint = Blueprint("time_off", __name__)

SHOWN = 50  # absences on the page, the soonest


@dataclass(frozen=True)
class Hit:
    """A turn that time off hits: which hours, what nobody would have, who could cover, what was asked."""

    schedule: Schedule
    start: str
    end: str
    when: str
    nobody: str
    could: str
    asked: Swap | None


@dataclass(frozen=True)
class Absence:
    row: TimeOff
    when: str
    is_running: bool
    hits: list[Hit]


@blueprint.get("/me/time-off")
@needs(Act.COVER_SELF)
def mine() -> ResponseReturnValue:
    return _page(viewer())


@blueprint.post("/me/time-off")
@needs(Act.COVER_SELF)
def add_mine() -> ResponseReturnValue:
    return _add(viewer().id)


@blueprint.post("/me/time-off/<int:number>/removal")
@needs(Act.COVER_SELF)
def end_mine(number: int) -> ResponseReturnValue:
    return _end(viewer().id, number)


@blueprint.get("/people/<int:person>/time-off")
@needs(Act.SEE_OPERATIONS)
def of_person(person: int) -> ResponseReturnValue:
    return _page(_enterable(person))


@blueprint.post("/people/<int:person>/time-off")
@needs(Act.SEE_OPERATIONS)
def add_for_person(person: int) -> ResponseReturnValue:
    return _add(person)


@blueprint.post("/people/<int:person>/time-off/<int:number>/removal")
@needs(Act.SEE_OPERATIONS)
def end_for_person(person: int, number: int) -> ResponseReturnValue:
    return _end(person, number)


def _add(person: int) -> ResponseReturnValue:
    """Enter what was typed, or with the press `look` only say what it would hit."""
    user, answers = _enterable(person), typed("start", "end", "note")
    start, end = typed_moment(answers["start"]), typed_moment(answers["end"])
    problems = {name: "Say a day and an hour." for name, at in (("start", start), ("end", end)) if at is None}
    if start is None or end is None:
        return _page(user, answers, problems), 422
    if request.form.get("press") == "look":
        return _looked_at(user, start, end, answers)
    try:
        with transaction():
            user = _enterable(person)
            verbs.add(user_id=user.id, start=start, end=end, note=answers["note"], by=viewer(), at=clock.now())
    except InvalidField as invalid:
        return _page(_enterable(person), answers, problems_of(invalid)), 422
    toast("Kept. Nobody pages you in these hours." if user.id == viewer().id else "Kept, and they are told.")
    return see(_address(person))


def _looked_at(user: User, start: datetime, end: datetime, answers: dict[str, str]) -> ResponseReturnValue:
    start, end = to_the_minute(start), to_the_minute(end)
    if not start < end:
        return _page(user, answers, {"end": "must be at least a minute after the start"}), 422
    if end - start > LONGEST:
        return _page(user, answers, {"end": f"To look, at most {LONGEST.days} days."}), 422
    return _page(user, answers, would_hit=_hits(user, Interval(start, end)))


def _end(person: int, number: int) -> ResponseReturnValue:
    """Back earlier; one to come goes away."""
    try:
        with transaction():
            user = _enterable(person)
            row = db.session.get(TimeOff, number)
            if row is None or row.user_id != user.id:
                raise NotFound
            began = row.start < clock.now()
            verbs.cancel(row, by=viewer(), at=clock.now())
    except AlreadyOver as over:
        toast(str(over), failed=True)
    else:
        toast("Ended. Turns count again from now on." if began else "Removed.")
    return see(_address(person))


def _address(person: int) -> str:
    if person == viewer().id:
        return url_for("time_off.mine")
    return url_for("time_off.of_person", person=person)


def _enterable(person: int) -> User:
    user = db.session.get(User, person)
    if user is None or not user.is_active:
        raise NotFound
    require_to_enter_for(user, viewer())
    return user


def _page(
    user: User,
    answers: dict[str, str] | None = None,
    problems: dict[str, str] | None = None,
    *,
    would_hit: list[Hit] | None = None,
) -> str:
    is_own = user.id == viewer().id
    return render_template(
        "me/time_off.html",
        person=user,
        is_own=is_own,
        absences=_absences(user),
        answers=answers or {},
        problems=problems or {},
        would_hit=would_hit,
        action=_address(user.id),
        removal="time_off.end_mine" if is_own else "time_off.end_for_person",
        who={} if is_own else {"person": user.id},
    )


def _absences(user: User) -> list[Absence]:
    """What runs and what is to come, soonest first, each with the turns it hits."""
    now = clock.now()
    ahead = sa.select(TimeOff).where(TimeOff.user_id == user.id, TimeOff.end > now).order_by(TimeOff.start)
    found = []
    for row in db.session.scalars(ahead.limit(SHOWN)):
        start = max(row.start, to_the_minute(now))
        seen = Interval(start, min(row.end, start + LONGEST)) if start < row.end else None
        when = both_zones(Interval(row.start, row.end), zone_named(user.time_zone), viewer_zone())
        found.append(Absence(row, when, row.start <= now, _hits(user, seen) if seen else []))
    return found


def _hits(user: User, span: Interval) -> list[Hit]:
    found = conflicts(user, span, at=clock.now())
    asked = _asked_already(user, span) if found else []
    return [_hit(each, asked) for each in found]


def _hit(conflict: Conflict, asked: Sequence[Swap]) -> Hit:
    schedule, hours_ = conflict.schedule, conflict.hours
    tz = zone_named(schedule.time_zone)
    nobody = ""
    if conflict.gaps:
        nobody = f"Nobody would have {hours(whole(conflict.gaps))} of it"
        if conflict.gaps != (hours_,):
            nobody += f": {_spans(conflict.gaps, tz)}"
    swap = next(
        (
            each
            for each in asked
            if each.schedule_id == schedule.id and each.start < hours_.end and each.end > hours_.start
        ),
        None,
    )
    return Hit(
        schedule, hours_.start.isoformat(), hours_.end.isoformat(), both_zones(hours_, tz, viewer_zone()),
        nobody, listed([plain(name) for _, name in conflict.suggested]) if conflict.suggested else "", swap,
    )  # fmt: skip


def _spans(spans: Sequence[Interval], tz: ZoneInfo) -> str:
    words = [span_words(each, tz) for each in spans[:3]]
    return listed(words) + (f", and {len(spans) - 3} more" if len(spans) > 3 else "")


def _asked_already(user: User, span: Interval) -> Sequence[Swap]:
    """Requests of this person that still wait, in these hours."""
    waiting = sa.select(Swap).where(
        Swap.owner_id == user.id, Swap.state.in_(PENDING), Swap.start < span.end, Swap.end > span.start
    )
    return db.session.scalars(waiting.order_by(Swap.start, Swap.id)).all()
