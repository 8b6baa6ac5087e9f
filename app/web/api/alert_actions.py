"""What people do about an alert: sub-resources of /api/v1/alerts/{id} that answer the alert as it is now."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from app import clock
from app.alerts import acknowledge, by_hand, escalate, note, queries, reassign, resolve, snooze
from app.alerts.acknowledge import Acknowledged
from app.alerts.models import Alert, Service
from app.database import db, transaction
from app.domain.lifecycle import InvalidTransition
from app.incidents import access
from app.incidents.promote import promote
from app.people.models import Team, User
from app.people.rights import Act, NotAllowed, who_may
from app.web import serialize
from app.web.api.alerts import alerts
from app.web.api.auth import me, need
from app.web.api.find import named
from app.web.api.incident_shown import shown
from app.web.api.listing import identity
from app.web.api.problems import not_found, unprocessable
from app.web.api.shapes import alerts as shapes
from app.web.api.shapes import incidents as incident_shapes
from app.web.api.shapes.common import Nothing


@alerts.post("")
@alerts.input(shapes.ByHand, arg_name="draft")
@alerts.output(shapes.Alert, 201)
def page_by_hand(draft: shapes.ByHand) -> shapes.Alert:
    """Page a person or a team by hand: it becomes an alert, with the caller's name on it.

    Ten in ten minutes at most: 429 with `Retry-After`.
    """
    need(Act.PAGE_A_PERSON)
    if (draft.user_id is None) == (draft.team_id is None):
        raise unprocessable("#/user_id", "Give `user_id` or `team_id`, one of the two.")
    with transaction():
        service = None
        if draft.service_id is not None:
            among = access.services_seen_by(me())
            service = named(Service, draft.service_id, "service", "#/service_id", among=among)
        to: User | Team = (
            named(Team, draft.team_id, "team", "#/team_id")
            if draft.team_id is not None
            else named(User, draft.user_id or "", "user", "#/user_id")
        )
        alert = by_hand.page(
            to, title=draft.title, details=draft.description, severity=draft.severity, service=service,
            key=draft.key, by=me(), at=clock.now(),
        )  # fmt: skip
        return _as_it_is(alert)


@alerts.post("/<id>/acknowledgement")
@alerts.input(Nothing, arg_name="nothing")
@alerts.output(shapes.Alert)
def acknowledge_alert(id: str, nothing: Nothing) -> shapes.Alert:  # noqa: ARG001
    """Take an alert; escalation stops. Again, or after somebody else, it changes nothing: see who has it."""
    with changing(id) as (alert, at):
        if acknowledge.acknowledge(alert, by=me(), at=at) is Acknowledged.OVER:
            raise InvalidTransition("This alert is over, so there is nothing to acknowledge.")
        return _as_it_is(alert)


@alerts.delete("/<id>/acknowledgement")
@alerts.output(shapes.Alert)
def unacknowledge_alert(id: str) -> shapes.Alert:
    """Give an alert back. It is nobody's, and its policy begins again at once."""
    with changing(id) as (alert, at):
        acknowledge.unacknowledge(alert, by=me(), at=at)
        return _as_it_is(alert)


@alerts.post("/<id>/snooze")
@alerts.input(shapes.Snooze, arg_name="wanted")
@alerts.output(shapes.Alert)
def snooze_alert(id: str, wanted: shapes.Snooze) -> shapes.Alert:
    """Take an alert, and let it come back `until` a moment or after `minutes`, seven days at most."""
    if (wanted.until is None) == (wanted.minutes is None):
        raise unprocessable("#/until", "Give `until` or `minutes`, one of the two.")
    with changing(id) as (alert, at):
        until = wanted.until or at + timedelta(minutes=wanted.minutes or 0)
        snooze.snooze(alert, until=until, by=me(), at=at)
        return _as_it_is(alert)


@alerts.delete("/<id>/snooze")
@alerts.output(shapes.Alert)
def wake_alert(id: str) -> shapes.Alert:
    """Let a snoozed alert come back now."""
    with changing(id) as (alert, at):
        snooze.wake(alert, by=me(), at=at)
        return _as_it_is(alert)


@alerts.post("/<id>/escalation")
@alerts.input(Nothing, arg_name="nothing")
@alerts.output(shapes.Alert)
def escalate_alert(id: str, nothing: Nothing) -> shapes.Alert:  # noqa: ARG001
    """Ask the next ones now. Whoever had it no longer has."""
    with changing(id) as (alert, at):
        escalate.escalate_now(alert, by=me(), at=at)
        return _as_it_is(alert)


@alerts.post("/<id>/assignment")
@alerts.input(shapes.Assignment, arg_name="wanted")
@alerts.output(shapes.Alert)
def assign_alert(id: str, wanted: shapes.Assignment) -> shapes.Alert:
    """Page somebody else, before the policy goes on as ever."""
    with changing(id) as (alert, at):
        reassign.reassign(alert, to=named(User, wanted.user_id, "person", "#/user_id"), by=me(), at=at)
        return _as_it_is(alert)


@alerts.post("/<id>/resolution")
@alerts.input(shapes.Resolution, arg_name="wanted")
@alerts.output(shapes.Alert)
def resolve_alert(id: str, wanted: shapes.Resolution) -> shapes.Alert:
    """Say that an alert is over, and what was done."""
    with changing(id) as (alert, at):
        resolve.resolve(alert, by=me(), at=at, reason=wanted.resolution or "")
        return _as_it_is(alert)


@alerts.delete("/<id>/resolution")
@alerts.output(shapes.Alert)
def reopen_alert(id: str) -> shapes.Alert:
    """Say that an alert is not over. Refused (409) while a newer one holds its key."""
    with changing(id) as (alert, at):
        resolve.reopen(alert, by=me(), at=at)
        return _as_it_is(alert)


@alerts.post("/<id>/incident")
@alerts.input(incident_shapes.PromotionDraft, arg_name="draft")
@alerts.output(incident_shapes.Incident, 201)
def promote_alert(id: str, draft: incident_shapes.PromotionDraft) -> tuple[incident_shapes.Incident, int]:
    """Make an incident of an alert, acknowledging it in the same step. Answers 200 when it had one already."""
    with changing(id) as (alert, at):
        incident = promote(alert, by=me(), at=at, severity=draft.severity, title=draft.title, alone=draft.alone)
        db.session.flush()
        return shown([incident])[0], 201 if incident.declared_at == at else 200


@alerts.post("/<id>/notes")
@alerts.input(shapes.NoteDraft, arg_name="draft")
@alerts.output(shapes.Alert, 201)
def note_on_alert(id: str, draft: shapes.NoteDraft) -> shapes.Alert:
    """Add a line for whoever looks at this alert; it stands in the timeline."""
    with changing(id) as (alert, at):
        note.note(alert, draft.text, by=me(), at=at, may_read=access.may_see)
        return _as_it_is(alert)


@contextmanager
def changing(id: str) -> Iterator[tuple[Alert, datetime]]:
    """The alert, locked, and the time of the change, taken after the waiting. Raises Problem 404."""
    with transaction():
        need(Act.SEE_OPERATIONS)
        alert = queries.locked(identity(id))
        if alert is None or not access.may_see(me(), alert):
            raise not_found("alert")
        if not access.may_respond(me(), alert):
            raise NotAllowed(who_may(Act.RESPOND))
        yield alert, clock.now()


def _as_it_is(alert: Alert) -> shapes.Alert:
    db.session.flush()
    db.session.refresh(alert)
    return serialize.alert(alert)
