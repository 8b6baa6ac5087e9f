"""/api/v1/incidents: coordinated work. An incident is declared, or begins as an alert: POST
/api/v1/alerts/{id}/incident."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from app import clock
from app.alerts import queries as alert_queries
from app.alerts.models import Service
from app.database import db, transaction
from app.incidents import access, command, declare, merge, promote, queries, restrict, status
from app.incidents.models import Incident, IncidentMember
from app.people.models import User
from app.people.rights import Act, NotAllowed, who_may
from app.web.api.auth import me, need
from app.web.api.find import by_id_or_name, found, named, numbers
from app.web.api.incident_shown import shown
from app.web.api.listing import identity, listing
from app.web.api.noun import noun
from app.web.api.problems import not_found, unprocessable
from app.web.api.shapes import incidents as shapes
from app.web.api.shapes.common import IfMatch, Listing, Nothing
from app.web.api.versions import expect_edition, send_edition

incidents = noun("incidents", "Coordinated work on something wrong, from declared to closed.")


@incidents.get("")
@incidents.input(shapes.IncidentQuery, location="query", arg_name="query")
@incidents.output(Listing[shapes.Incident])
def list_incidents(query: shapes.IncidentQuery) -> Listing[shapes.Incident]:
    """List incidents, the newest first."""
    need(Act.SEE_INCIDENTS)
    select = sa.select(Incident).where(access.incidents_seen_by(me())).options(
        joinedload(Incident.commander), joinedload(Incident.declared_by), joinedload(Incident.team),
        selectinload(Incident.services), selectinload(Incident.alerts),
        selectinload(Incident.members).joinedload(IncidentMember.user), selectinload(Incident.supporting_teams),
    )  # fmt: skip
    if query.status:
        select = select.where(Incident.status.in_(query.status))
    if query.severity:
        select = select.where(Incident.severity.in_(query.severity))
    if query.service:
        select = select.where(Incident.services.any(by_id_or_name(Service, query.service)))
    return listing(select, query, shown, by=[Incident.id], descending=True)


@incidents.post("")
@incidents.input(shapes.Declaration, arg_name="draft")
@incidents.output(shapes.Incident, 201)
def declare_incident(draft: shapes.Declaration) -> shapes.Incident:
    """Declare an incident without an alert. Its token's person commands it."""
    with transaction():
        need(Act.SEE_OPERATIONS)
        service = None
        if draft.service_id is not None:
            seen = access.services_seen_by(me())
            service = named(Service, draft.service_id, "service", "#/service_id", among=seen)
        incident = declare.declare(
            severity=draft.severity, service=service, by=me(), at=clock.now(), title=draft.title or "",
            impact=draft.impact, is_restricted=draft.is_restricted,
        )  # fmt: skip
        return as_it_is(incident)


@incidents.get("/<id>")
@incidents.output(shapes.Incident)
def show_incident(id: str) -> shapes.Incident:
    """Show an incident."""
    need(Act.SEE_INCIDENTS)
    incident = the_incident(id)
    send_edition(incident)
    return shown([incident])[0]


@incidents.patch("/<id>")
@incidents.input(IfMatch, location="headers", arg_name="headers")
@incidents.input(shapes.IncidentChanges, arg_name="changes")
@incidents.output(shapes.Incident)
def change_incident(id: str, headers: IfMatch, changes: shapes.IncidentChanges) -> shapes.Incident:
    """Change an incident's severity, or hand it over to another commander. 412 when `If-Match` is outdated."""
    given = changes.given()
    with changing(id) as (incident, at):
        expect_edition(incident, headers.if_match)
        if "severity" in given:
            status.change_severity(incident, changes.severity, by=me(), at=at)
        if "detected_at" in given:
            declare.correct_detection(
                incident, changes.detected_at, because=changes.because or "", by=me(), at=at
            )
        if "impact" in given:
            declare.say_impact(incident, changes.impact, by=me(), at=at)
        if changes.is_restricted is True:
            restrict.restrict(incident, by=me(), at=at)
        elif changes.is_restricted is False:
            restrict.open_to_all(incident, by=me(), at=at)
        if "commander_id" in given:
            to = named(User, changes.commander_id, "person", "#/commander_id")
            command.hand_over(incident, to=to, by=me(), at=at)
        answer = as_it_is(incident)
        send_edition(incident)
        return answer


@incidents.delete("/<id>")
@incidents.input(shapes.Removal, arg_name="wanted")
@incidents.output({}, 204)
def delete_incident(id: str, wanted: shapes.Removal) -> tuple[str, int]:
    """Remove what was never an incident: for administrators. Its log stays in the audit log, with why."""
    with changing(id) as (incident, at):
        restrict.remove(incident, because=wanted.because, by=me(), at=at)
        return "", 204


@incidents.post("/<id>/merge")
@incidents.input(shapes.Merger, arg_name="wanted")
@incidents.output(shapes.Incident)
def merge_incident(id: str, wanted: shapes.Merger) -> shapes.Incident:
    """It is a duplicate of `into_id`: it closes, and its alerts, people and open tasks go on there."""
    with transaction():
        need(Act.SEE_OPERATIONS)
        # in the order of their numbers, so that two such merges never wait for each other
        rows = {each: _locked(each) for each in sorted({id, wanted.into_id}, key=identity)}
        merge.merge(rows[id], rows[wanted.into_id], by=me(), at=clock.now())
        return as_it_is(rows[id])


@incidents.post("/<id>/start")
@incidents.input(Nothing, arg_name="nothing")
@incidents.output(shapes.Incident)
def start_incident(id: str, nothing: Nothing) -> shapes.Incident:  # noqa: ARG001
    """People are working on it: open becomes in progress. Mitigated does too, when it came back."""
    with changing(id) as (incident, at):
        status.begin(incident, by=me(), at=at)
        return as_it_is(incident)


@incidents.post("/<id>/mitigation")
@incidents.input(Nothing, arg_name="nothing")
@incidents.output(shapes.Incident)
def mitigate_incident(id: str, nothing: Nothing) -> shapes.Incident:  # noqa: ARG001
    """Nobody outside is hurt any more: recovery."""
    with changing(id) as (incident, at):
        status.mitigate(incident, by=me(), at=at)
        return as_it_is(incident)


@incidents.post("/<id>/resolution")
@incidents.input(shapes.IncidentResolution, arg_name="wanted")
@incidents.output(shapes.Incident)
def resolve_incident(id: str, wanted: shapes.IncidentResolution) -> shapes.Incident:
    """Say that an incident is over, and with it those of its open alerts that `alert_ids` names."""
    with changing(id) as (incident, at):
        status.resolve(
            incident,
            by=me(),
            at=at,
            resolution=wanted.resolution or "",
            alerts=access.worked(me(), numbers(wanted.alert_ids)),
        )
        return as_it_is(incident)


@incidents.delete("/<id>/resolution")
@incidents.output(shapes.Incident)
def reopen_incident(id: str) -> shapes.Incident:
    """Say that an incident is not over: in progress again."""
    with changing(id) as (incident, at):
        status.reopen(incident, by=me(), at=at)
        return as_it_is(incident)


@incidents.post("/<id>/closure")
@incidents.input(shapes.Closure, arg_name="wanted")
@incidents.output(shapes.Incident)
def close_incident(id: str, wanted: shapes.Closure) -> shapes.Incident:
    """Close a resolved incident. 409 names its open tasks, unless `keep_tasks` says that they stay."""
    with changing(id) as (incident, at):
        status.close(incident, by=me(), at=at, keep_tasks=wanted.keep_tasks)
        return as_it_is(incident)


@incidents.put("/<id>/alerts/<alert_id>")
@incidents.input(Nothing, arg_name="nothing")
@incidents.output(shapes.Incident)
def add_alert_to_incident(id: str, alert_id: str, nothing: Nothing) -> shapes.Incident:  # noqa: ARG001
    """Say that one more alert belongs to an incident. One of another incident is refused."""
    with changing(id) as (incident, at):
        alert = alert_queries.locked(identity(alert_id))
        if alert is None or not access.may_see(me(), alert):
            raise not_found("alert")
        if not access.may_respond(me(), alert):
            raise NotAllowed(who_may(Act.RESPOND))
        known = queries.incident_of(alert.id)
        if known is not None and known.id != incident.id:
            raise unprocessable("#", f"Alert {alert.number} belongs to incident {known.number}.")
        promote.add_alert(incident, alert, by=me(), at=at)
        return as_it_is(incident)


def the_incident(id: str) -> Incident:
    """The incident an address names, if the caller may read it. Raises Problem 404."""
    return found(Incident, id, "incident", among=access.incidents_seen_by(me()))


@contextmanager
def changing(id: str) -> Iterator[tuple[Incident, datetime]]:
    """The incident, locked, and the time of the change. Raises Problem 404."""
    with transaction():
        need(Act.SEE_OPERATIONS)
        yield _locked(id), clock.now()


def _locked(id: str) -> Incident:
    incident = queries.locked(identity(id))
    if incident is None or not access.may_see_incident(me(), incident):
        raise not_found("incident")
    if not access.may_work(me(), incident):
        raise NotAllowed(who_may(Act.RESPOND))
    return incident


def as_it_is(incident: Incident) -> shapes.Incident:
    """The incident after a change, as the caller may see it."""
    db.session.flush()
    db.session.refresh(incident)
    return shown([incident])[0]
