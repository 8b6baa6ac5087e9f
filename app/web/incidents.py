"""Incidents: what is going on, one incident, and moving it on."""

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import clock
from app.database import db, transaction
from app.domain.lifecycle import InvalidTransition
from app.domain.words import IncidentSeverity
from app.incidents import access, queries, status
from app.incidents.models import Incident
from app.people.models import User
from app.people.rights import Act, NotAllowed, who_may
from app.web import alerts as alert_pages
from app.web.access import needs, viewer
from app.web.errors import NotFound
from app.web.incident_view import incident_view, line
from app.web.redirects import see
from app.web.toast import toast
from app.web.words import moment

blueprint = Blueprint("incidents", __name__)

TABS = ("open", "mine", "all")


@blueprint.get("/incidents")
@needs(Act.SEE_INCIDENTS)
def index() -> ResponseReturnValue:
    """What is going on. Alerts are a tab of it."""
    tab = request.args.get("tab", "open")
    if tab == "alerts":
        return alert_pages.index()
    tab = tab if tab in TABS else "open"
    found = queries.incidents(is_open=tab == "open", commander_id=viewer().id if tab == "mine" else None)
    return render_template(
        "incidents/index.html", tab=tab, incidents=[line(incident) for incident in found], nothing=_nothing(tab)
    )


@blueprint.get("/incidents/<int:number>")
@needs(Act.SEE_INCIDENTS)
def show(number: int) -> ResponseReturnValue:
    incident = queries.shown(number)
    if incident is None:
        raise NotFound
    person = viewer()
    view = incident_view(incident, person)
    return render_template("incidents/show.html", incident=view)


@blueprint.post("/incidents/<int:number>/containment")
@needs(Act.SEE_OPERATIONS)
def begin(number: int) -> ResponseReturnValue:
    with transaction():
        status.begin(_locked(number), by=viewer(), at=clock.now())
    return _done(number, "In progress.")


@blueprint.post("/incidents/<int:number>/mitigation")
@needs(Act.SEE_OPERATIONS)
def mitigate(number: int) -> ResponseReturnValue:
    with transaction():
        status.mitigate(_locked(number), by=viewer(), at=clock.now())
    return _done(number, "Mitigated.")


@blueprint.post("/incidents/<int:number>/resolution")
@needs(Act.SEE_OPERATIONS)
def resolve(number: int) -> ResponseReturnValue:
    """Over, and with it those of its open alerts that stayed ticked."""
    with transaction():
        status.resolve(
            _locked(number), by=viewer(), at=clock.now(), resolution=_text("resolution"),
            alerts=access.worked(viewer(), request.form.getlist("alert", type=int)),
        )  # fmt: skip
    return _done(number, "Resolved.", undo=url_for(".reopen", number=number))


@blueprint.post("/incidents/<int:number>/closure")
@needs(Act.SEE_OPERATIONS)
def close(number: int) -> ResponseReturnValue:
    with transaction():
        status.close(_locked(number), by=viewer(), at=clock.now())
    return _done(number, "Closed.", undo=url_for(".reopen", number=number))


@blueprint.post("/incidents/<int:number>/reopening")
@needs(Act.SEE_OPERATIONS)
def reopen(number: int) -> ResponseReturnValue:
    with transaction():
        status.reopen(_locked(number), by=viewer(), at=clock.now())
    return _done(number, "Reopened.")


@blueprint.post("/incidents/<int:number>/severity")
@needs(Act.SEE_OPERATIONS)
def change_severity(number: int) -> ResponseReturnValue:
    wanted = request.form.get("severity", "")
    if wanted not in list(IncidentSeverity):
        raise InvalidTransition("Choose a severity from SEV1 to SEV5.")
    with transaction():
        status.change_severity(_locked(number), IncidentSeverity(wanted), by=viewer(), at=clock.now())
    return _done(number, f"Now {wanted.upper()}.")


@blueprint.post("/incidents/<int:number>/commander")
@needs(Act.SEE_OPERATIONS)
def hand_over(number: int) -> ResponseReturnValue:
    with transaction():
        incident, to = _locked(number), db.session.get(User, request.form.get("user_id", 0, type=int))
        if to is None:
            raise InvalidTransition("Choose who takes command.")
        status.hand_over(incident, to=to, by=viewer(), at=clock.now())
        says = f"{to.name} commands now."
    return _done(number, says)


@blueprint.post("/incidents/<int:number>/notes")
@needs(Act.SEE_OPERATIONS)
def add_note(number: int) -> ResponseReturnValue:
    text = _text("text")
    if not text:
        raise InvalidTransition("A note needs a word or two.")
    with transaction():
        status.note(_locked(number), text, by=viewer(), at=clock.now())
    return _done(number, "Noted.")


def _done(number: int, says: str, *, undo: str | None = None) -> ResponseReturnValue:
    toast(says, undo=undo)
    return see(url_for("incidents.show", number=number))


def _nothing(tab: str) -> str:
    """An empty list says what that means."""
    if tab == "mine":
        return "You command no incident."
    last = queries.last_closed()
    ended = f" Last incident closed {moment(last)}." if last else ""
    return f"Nothing is on fire.{ended}" if tab == "open" else "There has been no incident yet."


def _locked(number: int) -> Incident:
    incident = queries.locked(number)
    if incident is None:
        raise NotFound
    if not access.may_work(viewer(), incident):
        raise NotAllowed(who_may(Act.RESPOND))
    return incident


def _text(name: str) -> str:
    return request.form.get(name, "").strip()[:4000]
