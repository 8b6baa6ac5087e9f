"""Incidents: what is going on, one incident, and moving it on."""

from typing import Any

import sqlalchemy as sa
from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import clock
from app.alerts.models import Service
from app.database import db, transaction
from app.domain.lifecycle import InvalidTransition
from app.domain.retrospective import VERDICTS
from app.domain.timeline import Kind
from app.domain.words import IncidentSeverity
from app.incidents import access, merge, queries, restrict, status
from app.incidents import declare as declaring
from app.incidents import tasks as to_do
from app.incidents.models import Incident
from app.learning import feedback, similar
from app.learning.queries import shown as postmortem_of
from app.people.models import User
from app.people.rights import Act, may
from app.web import action_items, incident_filters, incident_tasks
from app.web import alerts as alert_pages
from app.web.access import needs, viewer
from app.web.errors import NotFound
from app.web.feedback import TITLES
from app.web.form import as_number, typed_moment
from app.web.incident_decide_view import decide_view
from app.web.incident_edge import done, locked, text
from app.web.incident_people_view import people_view
from app.web.incident_playbooks import lines
from app.web.incident_stale import answer, stale
from app.web.incident_teams_view import parts
from app.web.incident_view import IMPACTS, incident_view, line, local
from app.web.redirects import see
from app.web.toast import toast
from app.web.words import moment, plain

blueprint = Blueprint("incidents", __name__)

TABS = ("open", "mine", "all")
FEW = 3  # incidents that are seen at once: filters would only push them down


@blueprint.get("/incidents")
@needs(Act.SEE_INCIDENTS)
def index() -> ResponseReturnValue:
    """What is going on. Alerts are a tab of it."""
    tab = request.args.get("tab", "open")
    if tab == "alerts":
        return alert_pages.index()
    tab = tab if tab in TABS else "open"
    wanted = incident_filters.wanted_from(request.args)
    listed = queries.incidents(
        viewer(), is_open=tab == "open", commander_id=viewer().id if tab == "mine" else None, order=wanted.order
    )
    is_long = len(listed) > FEW or wanted != queries.Wanted()
    return render_template(
        "incidents/index.html", tab=tab, nothing=_nothing(tab), declaring=_declaring(),
        incidents=[line(incident) for incident in listed if wanted.holds(incident)],
        chips=incident_filters.chips(request.args, listed) if is_long else [], is_filtered=wanted.is_narrow,
        orders=incident_filters.orders(request.args, wanted.order) if is_long else [],
    )  # fmt: skip


@blueprint.post("/incidents")
@needs(Act.SEE_OPERATIONS)
def declare() -> ResponseReturnValue:
    """By hand: what is wrong, where, and how bad by its impact."""
    wanted = request.form.get("severity", "")
    if wanted not in list(IncidentSeverity):
        raise InvalidTransition("Say how bad it is by who notices.")
    with transaction():
        service = db.session.get(Service, request.form.get("service_id", 0, type=as_number))
        if service is not None and not access.may_see_service(viewer(), service):
            raise NotFound
        made = declaring.declare(
            severity=IncidentSeverity(wanted), service=service, by=viewer(), at=clock.now(),
            title=text("title", 200), impact=text("impact"),
            is_restricted=bool(request.form.get("restricted")),
        )  # fmt: skip
        number = made.number
    return done(number, "Incident declared. You lead it.")


@blueprint.get("/incidents/<int:number>")
@needs(Act.SEE_INCIDENTS)
def show(number: int) -> ResponseReturnValue:
    incident = queries.shown(number, viewer())
    if incident is None:
        raise NotFound
    person = viewer()
    view = incident_view(incident, person)
    people = people_view(incident, person, may_work=view.may_work)
    decide = decide_view(incident, person, is_update_due=view.is_update_late)
    tasks = incident_tasks.lines(incident)
    return render_template(
        "incidents/show.html", incident=view, people=people, decide=decide, playbooks=lines(incident),
        tasks=tasks, open_tasks=[task for task in tasks if not task.is_done],
        parts=[] if view.alerts is None else parts(incident, to_do.of(incident), person),
        others=[(each.id, f"INC-{each.id} {plain(each.title)}") for each in _others(incident)],
        task_people=incident_tasks.people() if view.may_work else [], postmortem=postmortem_of(number, person),
        actions=action_items.lines_of(number), number=number, may_promise=view.may_work,
        asked=_asked(incident, person), before=_before(incident, person) if view.is_open else [],
    )  # fmt: skip


def _before(incident: Incident, person: User) -> list[dict[str, Any]]:
    """Past incidents like this one, for its screen."""
    return [
        {
            "number": each.incident.id, "title": plain(each.incident.title),
            "facts": f"{each.incident.severity.upper()}, resolved {moment(each.incident.resolved_at)}",
            "ended": plain(each.incident.resolution or "Nobody wrote down what ended it."),
            "changed": [plain(line) for line in each.changed],
        }
        for each in similar.before(incident, person) if each.incident.resolved_at is not None
    ]  # fmt: skip


def _asked(incident: Incident, person: User) -> dict[str, Any] | None:
    """The three questions to whoever responded and has not answered yet."""
    if not feedback.is_asked(incident, person):
        return None
    return {"titles": TITLES, "verdicts": VERDICTS, "nameless": feedback.is_anonymous()}


@blueprint.post("/incidents/<int:number>/containment")
@needs(Act.SEE_OPERATIONS)
def begin(number: int) -> ResponseReturnValue:
    with transaction():
        status.begin(locked(number), by=viewer(), at=clock.now())
    return done(number, "In progress.")


@blueprint.post("/incidents/<int:number>/mitigation")
@needs(Act.SEE_OPERATIONS)
def mitigate(number: int) -> ResponseReturnValue:
    with transaction():
        status.mitigate(locked(number), by=viewer(), at=clock.now())
    return done(number, "Mitigated.")


@blueprint.post("/incidents/<int:number>/resolution")
@needs(Act.SEE_OPERATIONS)
def resolve(number: int) -> ResponseReturnValue:
    """Over, and with it those of its open alerts that stayed ticked."""
    with transaction():
        status.resolve(
            locked(number), by=viewer(), at=clock.now(), resolution=text("resolution"),
            alerts=access.worked(viewer(), request.form.getlist("alert", type=as_number)),
        )  # fmt: skip
    return done(number, "Resolved.", undo=url_for(".reopen", number=number))


@blueprint.post("/incidents/<int:number>/closure")
@needs(Act.SEE_OPERATIONS)
def close(number: int) -> ResponseReturnValue:
    """Open tasks stay as follow-ups where `keep_tasks` says so; without it they are named (409)."""
    keep = request.form.get("keep_tasks") == "yes"
    with transaction():
        status.close(locked(number), by=viewer(), at=clock.now(), keep_tasks=keep)
    return done(number, "Closed.", undo=url_for(".reopen", number=number))


@blueprint.post("/incidents/<int:number>/reopening")
@needs(Act.SEE_OPERATIONS)
def reopen(number: int) -> ResponseReturnValue:
    with transaction():
        status.reopen(locked(number), by=viewer(), at=clock.now())
    return done(number, "Reopened.")


@blueprint.post("/incidents/<int:number>/severity")
@needs(Act.SEE_OPERATIONS)
def change_severity(number: int) -> ResponseReturnValue:
    wanted = request.form.get("severity", "")
    if wanted not in list(IncidentSeverity):
        raise InvalidTransition("Choose a severity from SEV1 to SEV5.")
    with transaction():
        incident = locked(number)
        found = stale(
            incident, Kind.SEVERITY_CHANGED, action="severity", name="severity", label="Severity",
            now=incident.severity, words=incident.severity.upper(), typed=wanted.upper(),
        )  # fmt: skip
        if found is not None:
            return answer(found)
        status.change_severity(incident, IncidentSeverity(wanted), by=viewer(), at=clock.now())
    return done(number, f"Now {wanted.upper()}.")


@blueprint.post("/incidents/<int:number>/detection")
@needs(Act.SEE_OPERATIONS)
def correct_detection(number: int) -> ResponseReturnValue:
    """When it was really noticed, and how one knows."""
    with transaction():
        incident, detected_at = locked(number), typed_moment(request.form.get("detected_at"))
        if detected_at is None:
            raise InvalidTransition("Give the day and the hour it was detected.")
        found = stale(
            incident, Kind.DETECTION_CORRECTED, action="detection", name="detected_at", label="Detection",
            now=local(incident.detected_at), words=moment(incident.detected_at), typed=moment(detected_at),
        )  # fmt: skip
        if found is not None:
            return answer(found)
        declaring.correct_detection(incident, detected_at, because=text("because"), by=viewer(), at=clock.now())
    return done(number, "Corrected. The timeline says what stood before.")


@blueprint.post("/incidents/<int:number>/impact")
@needs(Act.SEE_OPERATIONS)
def say_impact(number: int) -> ResponseReturnValue:
    with transaction():
        incident = locked(number)
        found = stale(
            incident, Kind.IMPACT_SAID, action="impact", name="impact", label="Who notices",
            now=incident.impact, words=plain(incident.impact), typed=text("impact"), is_prose=True,
        )  # fmt: skip
        if found is not None:
            return answer(found)
        declaring.say_impact(incident, text("impact"), by=viewer(), at=clock.now())
    return done(number, "Noted who notices.")


@blueprint.post("/incidents/<int:number>/visibility")
@needs(Act.SEE_OPERATIONS)
def change_visibility(number: int) -> ResponseReturnValue:
    """Only those in it and administrators see it; with `restricted=no` everybody does again."""
    is_restricted = request.form.get("restricted") != "no"
    with transaction():
        verb = restrict.restrict if is_restricted else restrict.open_to_all
        verb(locked(number), by=viewer(), at=clock.now())
    return done(number, "Restricted to those in it." if is_restricted else "Open to everybody.")


@blueprint.post("/incidents/<int:number>/merge")
@needs(Act.SEE_OPERATIONS)
def merge_into(number: int) -> ResponseReturnValue:
    """It is a duplicate: it closes, and what is alive in it goes on in the other."""
    wanted = request.form.get("into", 0, type=as_number)
    with transaction():
        # in the order of their numbers, so that two such merges never wait for each other
        rows = {each: locked(each) for each in sorted({number, wanted})}
        merge.merge(rows[number], rows[wanted], by=viewer(), at=clock.now())
    return done(wanted, f"INC-{number} goes on here.")


@blueprint.post("/incidents/<int:number>/removal")
@needs(Act.DELETE_INCIDENTS)
def remove(number: int) -> ResponseReturnValue:
    with transaction():
        restrict.remove(locked(number), because=text("because", 1000), by=viewer(), at=clock.now())
    toast("Deleted. The audit log says who did it and why.")
    return see(url_for(".index"))


def _others(incident: Incident) -> list[Incident]:
    """The open incidents that this one could be a duplicate of."""
    found = queries.incidents(viewer(), is_open=True)
    return [each for each in found if each.id != incident.id and each.is_restricted == incident.is_restricted]


def _declaring() -> dict[str, Any] | None:
    """What the sheet offers; None for whoever only looks on."""
    person = viewer()
    if not may(person, Act.SEE_OPERATIONS):
        return None
    mine = db.session.scalars(
        sa.select(Service).where(Service.is_active, access.services_seen_by(person)).order_by(Service.name)
    )
    return {
        "services": [("", "Not known yet"), *((each.id, plain(each.name)) for each in mine)],
        "impacts": IMPACTS,
    }


def _nothing(tab: str) -> str:
    """An empty list says what that means."""
    if tab == "mine":
        return "You command no incident."
    last = queries.last_closed()
    ended = f" Last incident closed {moment(last)}." if last else ""
    return f"Nothing is on fire.{ended}" if tab == "open" else "There has been no incident yet."
