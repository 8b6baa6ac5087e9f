"""One address per incident for anybody in the organisation: read in ten seconds, told when it changes."""

import hashlib
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Response, current_app, render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from app import clock
from app.database import db, transaction
from app.domain.update import Fields
from app.incidents import access, queries, update, watch
from app.incidents.models import Incident, IncidentAlert
from app.people import rights
from app.people.models import User
from app.people.rights import Act
from app.web import incident_watch, session
from app.web.access import look_up, needs, viewer
from app.web.errors import NotFound
from app.web.incident_timeline_view import pinned
from app.web.incident_view import incident_view
from app.web.redirects import see
from app.web.sentences import Entry
from app.web.toast import toast
from app.web.words import viewer_zone

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
        "incidents/live.html", **_live(incident, person), watches=watch.watches(incident, person),
        may_work=access.may_work(person, incident),
    )  # fmt: skip


@blueprint.get("/incidents/<int:number>/version")
def version(number: int) -> ResponseReturnValue:
    """Nothing but an `ETag` that is another one after every change: what open screens ask for every second."""
    found, _ = _looked_at(number)
    answer = Response(status=204)
    answer.set_etag(found.version)
    return answer.make_conditional(request)


@blueprint.get("/incidents/<int:number>/live/part")
def look(number: int) -> ResponseReturnValue:
    """What an open live page asks for every second: the part that changes, or that it has not (304)."""
    found, guest = _looked_at(number)
    now = found.at
    key = (number, found.version, now.replace(second=0, microsecond=0), *guest.sees)
    answer = Response(mimetype="text/html")
    answer.set_etag(hashlib.sha256(repr(key).encode()).hexdigest()[:16])
    answer.headers["Cache-Control"] = "no-store"
    if answer.make_conditional(request).status_code == 304:
        return answer

    def draw() -> str:
        look_up()
        part = current_app.jinja_env.get_template("incidents/live_part.html")
        return part.render(**_live(_found(number), viewer()))

    page = current_app.jinja_env.get_template("incidents/live_afresh.html")
    zone, _ = guest.sees
    part = Markup(incident_watch.drawn(key, draw))  # nosec B704 - a template has drawn it, and escaped what it shows
    answer.set_data(page.render(part=part, zone=zone, at=now))
    return answer


def _looked_at(number: int) -> tuple[incident_watch.Look, incident_watch.Guest]:
    """How it is, and for whom. Raises what a page for whoever is signed in raises."""
    token = session.token()
    found = incident_watch.look(token, number)
    if found is None or found.guest is None:
        look_up()
        person = viewer()
        rights.require(person, Act.SEE_INCIDENTS)
        if found is None or not access.may_see_incident_numbered(person, number):
            raise NotFound
        alerts = sa.select(IncidentAlert.alert_id).where(IncidentAlert.incident_id == number)
        seen = frozenset(access.seen(person, db.session.scalars(alerts).all()))
        sees = (person.time_zone, seen)
        return found, incident_watch.let_in(token, number, role=person.role, sees=sees)
    return found, found.guest


def _live(incident: Incident, person: User) -> dict[str, Any]:
    """What the part that changes says, to whoever sees as much as this person."""
    return {
        "incident": incident_view(incident, person), "next_word": incident.next_update_at,
        "brief": Brief(update.draft(incident, clock.now(), viewer_zone()), pinned(incident, person)),
    }  # fmt: skip


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
