"""A schedule as a calendar: this week or month, who has it, why, and where nobody does."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from app import clock
from app.database import db
from app.domain.interval import Interval
from app.domain.words import Improves
from app.oncall import findings, queries, shadow
from app.oncall.models import Schedule
from app.oncall.proven import proofs, unproven
from app.people.models import User
from app.people.rights import Act, may
from app.web import schedule_calendar as calendar
from app.web.access import needs, viewer
from app.web.action_items import improving
from app.web.errors import NotFound
from app.web.form import typed_moment
from app.web.shift_view import ShiftView, shift_view
from app.web.words import zone_named

blueprint = Blueprint("schedules", __name__, url_prefix="/schedules")

VIEWS = ("week", "month")
blueprint.add_app_template_filter(calendar.said)
FIRST, LAST = date(2000, 1, 1), date(2100, 1, 1)


@blueprint.get("/<int:number>")
@needs(Act.SEE_OPERATIONS)
def show(number: int) -> ResponseReturnValue:
    schedule = db.session.get(Schedule, number)
    if schedule is None:
        raise NotFound
    now, zone = clock.now(), zone_named(schedule.time_zone)
    view = request.args.get("view", "week")
    view = view if view in VIEWS else "week"
    day = _day(request.args.get("from", ""), otherwise=now.astimezone(zone).date())
    span = calendar.month_of(day, zone) if view == "month" else calendar.week_of(day, zone)
    roster = queries.rosters(span.start, span.end, schedule_ids=[number])[number]
    held, gaps = queries.shifts(number, span.start, span.end)
    strip = calendar.two_weeks_from(span)
    later, later_gaps = queries.shifts(number, span.end, strip.end) if view == "week" else ((), ())
    people = {
        user.id: user
        for user in db.session.scalars(
            db.select(User).where(User.id.in_(calendar.everybody(roster, (*held, *later))))
        )
    }
    answer = calendar.answer(span, held, gaps, people)
    first = day.replace(day=1) if view == "month" else span.first
    return render_template(
        "schedules/show.html",
        schedule=schedule,
        improved_by=improving(Improves.SCHEDULE, number),
        view=view,
        span=span,
        day=day,
        lanes=[
            answer,
            calendar.covers(span, roster, people),
            *calendar.layers(span, roster, people),
            calendar.away(span, roster, people),
        ],
        days=calendar.days(span, answer, now=now, month=day.month if view == "month" else None),
        strip=calendar.days(
            strip, calendar.answer(strip, (*held, *later), (*gaps, *later_gaps), people), now=now
        ) if view == "week" else [],
        panel=_panel(schedule, span, gaps, now=now) if view == "week" else None,
        marker=span.marker(now),
        gaps=[gap for gap in gaps if gap.end > now],
        unproven=_unproven(held, people, now=now),
        before=(first - timedelta(days=1)).replace(day=1) if view == "month" else first - calendar.WEEK,
        after=(first + timedelta(days=32)).replace(day=1) if view == "month" else first + calendar.WEEK,
        today=now.astimezone(zone).date(),
        shadows=shadow.at_moment([number], now),
        checked=findings.findings_of(number),
        may_edit=may(viewer(), Act.EDIT_ON_CALL, team_id=schedule.team_id),
    )  # fmt: skip


def _panel(
    schedule: Schedule, span: calendar.Span, gaps: Sequence[Interval], *, now: datetime
) -> ShiftView | None:
    """The hours that stand beside the calendar: those chosen by `?at=`, else the next gap shown, else now."""
    chosen = typed_moment(request.args.get("at"))
    if chosen is None:
        empty = (max(gap.start, now) for gap in gaps if gap.end > now)
        chosen = next(empty, now if span.start <= now < span.end else None)
    return shift_view(schedule, chosen, viewer()) if chosen else None


def _unproven(
    held: Sequence[queries.HeldShift], people: Mapping[int, User], *, now: datetime
) -> list[tuple[User, str]]:
    """Who has a shift from now on, in what is shown, and no device that rang within 30 days; with words."""
    coming = {person.user_id for piece in held if piece.end > now for person in piece.people}
    proven = proofs(coming)
    said = {user_id: unproven(user_id, proven, now=now) for user_id in sorted(coming)}
    return [(people[user_id], words) for user_id, words in said.items() if words and user_id in people]


def _day(typed: str, *, otherwise: date) -> date:
    """The local day an address names; what cannot be read, or is too far away to mean anything, is today."""
    try:
        day = datetime.strptime(typed, "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError:
        return otherwise
    return day if FIRST <= day < LAST else otherwise
