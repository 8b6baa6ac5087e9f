"""/api/v1/handoffs: who takes the pager from whom, what they take with it, and that they have it."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from app import clock
from app.alerts.models import Alert
from app.database import transaction
from app.oncall import handoff as verbs
from app.oncall.handoff_access import seen_by
from app.oncall.models import Handoff
from app.people.models import User
from app.people.rights import Act
from app.web.api.auth import me, need
from app.web.api.find import found, numbers
from app.web.api.listing import each, listing
from app.web.api.noun import noun
from app.web.api.shapes import handoffs as shapes
from app.web.api.shapes.common import Listing, Named, Nothing
from app.web.handoff_view import handed_over

handoffs = noun("handoffs", "The pager goes from one person to the next, confirmed or not.")


@handoffs.get("")
@handoffs.input(shapes.HandoffQuery, location="query", arg_name="query")
@handoffs.output(Listing[shapes.Handoff])
def list_handoffs(query: shapes.HandoffQuery) -> Listing[shapes.Handoff]:
    """List one's own, and those of teams whose cover one arranges, from a day ahead back, newest first."""
    need(Act.SEE_OPERATIONS)
    select = sa.select(Handoff).where(seen_by(me()))
    if query.schedule_id:
        select = select.where(Handoff.schedule_id.in_(numbers(query.schedule_id)))
    if query.user_id:
        people = numbers(query.user_id)
        select = select.where(sa.or_(Handoff.incoming_id.in_(people), Handoff.outgoing_id.in_(people)))
    return listing(select, query, each(_shape), by=[Handoff.at, Handoff.id], descending=True)


@handoffs.get("/<id>")
@handoffs.output(shapes.HandedOver)
def show_handoff(id: str) -> shapes.HandedOver:
    """Show one, with the open alerts, and those that come back in the new shift."""
    need(Act.SEE_OPERATIONS)
    return _with_alerts(_found(id))


@handoffs.post("/<id>/confirmation")
@handoffs.input(Nothing, arg_name="nothing")
@handoffs.output(shapes.HandedOver)
def confirm_handoff(id: str, nothing: Nothing) -> shapes.HandedOver:  # noqa: ARG001
    """Say "I have it", as the incoming person. Twice is once; who is paged does not wait for it."""
    return _do(id, verbs.confirm)


@handoffs.put("/<id>/note")
@handoffs.input(shapes.HandoffNote, arg_name="wanted")
@handoffs.output(shapes.HandedOver)
def note_on_handoff(id: str, wanted: shapes.HandoffNote) -> shapes.HandedOver:
    """Leave what the next one should know, as the outgoing person."""
    return _do(id, lambda row, **facts: verbs.write_note(row, wanted.text, **facts))


@handoffs.post("/<id>/stay")
@handoffs.input(Nothing, arg_name="nothing")
@handoffs.output(shapes.HandedOver)
def stay_beside(id: str, nothing: Nothing) -> shapes.HandedOver:  # noqa: ARG001
    """Stay as a shadow, as the outgoing person who was asked to: to keep an eye on it, not to be paged."""
    return _do(id, verbs.stay)


def _do(id: str, verb: Callable[..., None]) -> shapes.HandedOver:
    with transaction():
        need(Act.SEE_OPERATIONS)
        row = _found(id)
        verb(row, by=me(), at=clock.now())
        return _with_alerts(row)


def _found(id: str) -> Handoff:
    return found(Handoff, id, "handoff", among=seen_by(me()))


def _shape(row: Handoff) -> shapes.Handoff:
    return shapes.Handoff(**_fields(row))


def _with_alerts(row: Handoff) -> shapes.HandedOver:
    there = handed_over(row, me())
    return shapes.HandedOver(
        **_fields(row),
        shift_end=None if there.shift is None else there.shift.end,
        comes_back=[_alert(alert) for _, alert in there.comes_back],
        open=[_alert(alert) for alert in there.open],
    )


def _fields(row: Handoff) -> dict[str, Any]:
    return {
        "id": str(row.id), "schedule": Named(id=str(row.schedule_id), name=row.schedule.name), "at": row.at,
        "incoming": _named(row.incoming), "outgoing": None if row.outgoing is None else _named(row.outgoing),
        "note": row.note, "asked_at": row.asked_at, "reminded_at": row.reminded_at,
        "confirmed_at": row.confirmed_at, "stay_asked_at": row.stay_asked_at, "stays_at": row.stays_at,
    }  # fmt: skip


def _alert(row: Alert) -> shapes.WaitingAlert:
    return shapes.WaitingAlert(
        id=str(row.id), number=row.number, title=row.title, severity=row.severity, status=row.status,
        service=Named(id=str(row.service_id), name=row.service.name), snoozed_until=row.snoozed_until,
    )  # fmt: skip


def _named(row: User) -> Named:
    return Named(id=str(row.id), name=row.name)
