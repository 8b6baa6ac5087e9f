"""One address per incident for anybody in the organisation: read in ten seconds, told when it changes."""

import hashlib
from dataclasses import dataclass

import sqlalchemy as sa
from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from app import clock
from app.database import db, transaction
from app.domain.timeline import Subject
from app.domain.update import Fields
from app.incidents import access, queries, update, watch
from app.incidents.models import Incident, IncidentAlert
from app.people.rights import Act
from app.timeline.models import Event
from app.web.access import needs, viewer
from app.web.errors import NotFound
from app.web.incident_timeline_view import pinned
from app.web.incident_view import incident_view
from app.web.redirects import see
from app.web.sentences import Entry
from app.web.toast import toast
from app.web.words import plain, viewer_zone

blueprint = Blueprint("incident_live", __name__)


@dataclass(frozen=True)
class Brief:
    """What somebody who joins has to know, from what the incident knows (S-34)."""

    says: Fields
    pinned: list[Entry]


@blueprint.get("/incidents/<int:number>/live")
@needs(Act.SEE_INCIDENTS)
def show(number: int) -> ResponseReturnValue:
    """What, who leads, since when, what is being done, and when the next word comes."""
    incident, person = _found(number), viewer()
    return render_template(
        "incidents/live.html", incident=incident_view(incident, person),
        brief=Brief(update.draft(incident, clock.now(), viewer_zone()), pinned(incident, person)),
        watches=watch.watches(incident, person), may_work=access.may_work(person, incident),
        next_word=incident.next_update_at, people=[
            plain(each.user.name) for each in incident.members if each.is_there
        ],
    )  # fmt: skip


@blueprint.get("/incidents/<int:number>/version")
@needs(Act.SEE_INCIDENTS)
def version(number: int) -> ResponseReturnValue:
    """Nothing but an `ETag` that is another one after every change: what open screens ask for every second."""
    newest = sa.select(sa.func.max(Event.id)).where(
        Event.subject_kind == str(Subject.INCIDENT), Event.subject_id == number
    )
    of_alerts = sa.select(sa.func.max(Event.id)).where(
        Event.subject_kind == str(Subject.ALERT),
        Event.subject_id.in_(sa.select(IncidentAlert.alert_id).where(IncidentAlert.incident_id == number)),
    )
    exists = (
        sa.select(Incident.updated_at)
        .where(Incident.id == number, access.incidents_seen_by(viewer()))
        .scalar_subquery()
    )
    row = db.session.execute(sa.select(exists, newest.scalar_subquery(), of_alerts.scalar_subquery())).one()
    if row[0] is None:
        raise NotFound
    answer = Response(status=204)
    answer.set_etag(hashlib.sha256(repr(tuple(row)).encode()).hexdigest()[:16])
    return answer.make_conditional(request)


@blueprint.post("/incidents/<int:number>/subscription")
@needs(Act.SEE_INCIDENTS)
def subscribe(number: int) -> ResponseReturnValue:
    """Tell me when it changes; or no longer, with `watch=no`."""
    stays = request.form.get("watch", "yes") != "no"
    with transaction():
        incident = _found(number)
        if stays:
            watch.watch(incident, by=viewer(), at=clock.now())
        else:
            watch.leave(incident, by=viewer())
    toast("You are told when it changes." if stays else "You are told no longer.")
    return see(f"/incidents/{number}/live")


def _found(number: int) -> Incident:
    incident = queries.shown(number, viewer())
    if incident is None:
        raise NotFound
    return incident
