"""Write an update: seven fields that have filled themselves, who reads it, and the next word promised."""

from datetime import timedelta

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import clock
from app.database import transaction
from app.domain import update as rules
from app.domain.lifecycle import InvalidTransition
from app.domain.phrase import counted
from app.domain.update import Fields
from app.domain.words import Audience
from app.incidents import access, queries, status_page, subscribers, update
from app.incidents.models import Incident, IncidentUpdate
from app.people.rights import Act, NotAllowed, who_may
from app.web.access import needs, viewer
from app.web.errors import NotFound
from app.web.form import as_number
from app.web.incident_edge import LONGEST, done, locked
from app.web.words import plain, viewer_zone

blueprint = Blueprint("incident_updates", __name__)

LABELS = {
    "issue": "What is wrong", "service": "Service", "since": "Since", "severity": "How bad",
    "how_far": "How far along", "steps": "Steps taken and results", "who": "Who",
}  # fmt: skip
AUDIENCES = {
    Audience.RESPONDERS: "Those who work on it", Audience.STAKEHOLDERS: "And stakeholders",
    Audience.ORGANISATION: "Everybody in the organisation",
    Audience.PUBLIC: "And the public, who read What is wrong, nothing else",
}  # fmt: skip
NEXT = {"30": "in 30 min", "60": "in 1 h", "120": "in 2 h", "0": "No further one promised"}


@blueprint.get("/incidents/<int:number>/updates/new")
@needs(Act.SEE_OPERATIONS)
def write(number: int) -> ResponseReturnValue:
    """The update as the incident would write it itself."""
    incident = queries.shown(number, viewer())
    if incident is None:
        raise NotFound
    if not access.may_work(viewer(), incident):
        raise NotAllowed(who_may(Act.RESPOND))
    last = update.last_update(incident)
    said = update.draft(incident, clock.now(), viewer_zone())
    return _form(incident, said, rules.TEMPLATES[incident.severity].audience, after=last.number if last else 0)


@blueprint.post("/incidents/<int:number>/updates")
@needs(Act.SEE_OPERATIONS)
def send(number: int) -> ResponseReturnValue:
    """Sent once. When another was sent meanwhile nothing is lost: both are shown, and can be put together."""
    said = Fields(**{name: request.form.get(name, "") for name in rules.NAMES})
    audience, after = _audience(), request.form.get("after", 0, type=as_number)
    try:
        with transaction():
            incident, at = locked(number), clock.now()
            if too_long := _too_long(said):
                return _form(incident, said, audience, after=after, says=too_long), 422
            if request.form.get("act") == "merge":
                return _merged(incident, said, audience)
            sent = update.send(
                incident, said, audience=audience, by=viewer(), at=at, after=after,
                next_in=_promise(request.form.get("next", "")),
            )  # fmt: skip
            says = f"Update {sent.number} sent to {counted(len(update.readers(incident, audience)), 'reader')}."
    except status_page.NotForOutside as refused:
        return _form(
            queries.shown(number, viewer()) or locked(number), said, audience, after=after, says=str(refused)
        ), 422
    except update.AnotherWasSent as refused:
        incident = queries.shown(number, viewer()) or locked(number)
        theirs = update.last_update(incident) or refused.theirs
        return _form(incident, said, audience, after=theirs.number, theirs=theirs, says=str(refused)), 409
    return done(number, says)


def _too_long(said: Fields) -> str:
    """What does not fit, in words; empty where all does."""
    for name, label in LABELS.items():
        if (length := len(getattr(said, name).strip())) > LONGEST:
            return f"{label} has {length:,} characters, and {LONGEST:,} fit. Nothing was sent, nothing is lost."
    return ""


def _merged(incident: Incident, mine: Fields, audience: Audience) -> str:
    theirs = update.last_update(incident)
    both = mine if theirs is None else rules.merged(mine, update.fields_of(theirs))
    return _form(incident, both, audience, after=theirs.number if theirs else 0)


def _form(
    incident: Incident,
    said: Fields,
    audience: Audience,
    *,
    after: int,
    theirs: IncidentUpdate | None = None,
    says: str = "",
) -> str:
    differing = [] if theirs is None else rules.differ(said, update.fields_of(theirs))
    every = rules.TEMPLATES[incident.severity].every
    return render_template(
        "incidents/update.html", number=incident.number, title=plain(incident.title), after=after, says=says,
        fields=[(name, LABELS[name], getattr(said, name), name in rules.COMPUTED) for name in rules.NAMES],
        audiences=[
            (each, f"{words}: {_readers(incident, each)}")
            for each, words in AUDIENCES.items()
            if each is not Audience.PUBLIC or status_page.is_public()
        ],
        audience=audience, nexts=list(NEXT.items()), next=str(_minutes(every)),
        theirs=[(LABELS[name], getattr(theirs, name)) for name in differing],
        action=url_for(".send", number=incident.number), severity=incident.severity,
    )  # fmt: skip


def _readers(incident: Incident, audience: Audience) -> str:
    here = counted(len(update.readers(incident, audience)), "reader")
    return f"{here}, {counted(subscribers.count(), 'subscriber')}" if audience is Audience.PUBLIC else here


def _minutes(every: timedelta | None) -> int:
    minutes = 0 if every is None else int(every.total_seconds()) // 60
    return minutes if str(minutes) in NEXT else 120


def _promise(word: str) -> timedelta | None:
    """When the next word is due; None for what the severity's template says."""
    if word not in NEXT:
        return None
    return timedelta(minutes=int(word))


def _audience() -> Audience:
    wanted = request.form.get("audience", "")
    if wanted not in list(Audience):
        raise InvalidTransition("Choose who reads it.")
    return Audience(wanted)
