"""The chronology of a postmortem: choose from the timeline, reword it, add what it does not have."""

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import clock
from app.database import transaction
from app.domain.lifecycle import InvalidTransition
from app.learning import chronology, queries
from app.people.rights import Act
from app.web.access import needs, viewer
from app.web.errors import NotFound
from app.web.form import as_number, typed_moment
from app.web.incident_edge import text
from app.web.incident_timeline_view import page
from app.web.postmortem_view import one
from app.web.postmortems import done, found, locked
from app.web.redirects import see
from app.web.toast import toast
from app.web.words import plain

blueprint = Blueprint("postmortem_chronology", __name__)

AT_ONCE = 100


@blueprint.get("/postmortems/<int:number>/chronology")
@needs(Act.SEE_OPERATIONS)
def show(number: int) -> str:
    """The timeline, a hundred entries before `before`, with a tick for each that stands in the chronology."""
    postmortem = found(number)
    entries, older = page(
        postmortem.incident, viewer(), before=request.args.get("before", type=as_number), limit=AT_ONCE
    )
    chosen = {each.event_id for each in queries.entries(postmortem)}
    return render_template(
        "postmortems/chronology.html", number=number, title=plain(postmortem.incident.title), older=older,
        entries=[(entry, entry.number in chosen) for entry in reversed(entries) if entry.number],
        may_write=queries.rights_of(viewer(), postmortem).writes,
    )  # fmt: skip


@blueprint.post("/postmortems/<int:number>/chronology")
@needs(Act.SEE_OPERATIONS)
def choose(number: int) -> ResponseReturnValue:
    """Of the entries that were `shown`, those ticked stand in the chronology."""
    shown, wanted = (set(request.form.getlist(name, type=as_number)) for name in ("shown", "entry"))
    with transaction():
        chronology.choose(locked(number), wanted, among=shown, by=viewer(), at=clock.now())
    return done(number, "The chronology has what you chose.")


@blueprint.post("/postmortems/<int:number>/lines")
@needs(Act.SEE_OPERATIONS)
def add(number: int) -> ResponseReturnValue:
    """A line that the timeline does not have."""
    when = typed_moment(request.form.get("when"))
    if when is None:
        raise InvalidTransition("Give the day and the hour it happened.")
    with transaction():
        chronology.say(locked(number), text("words"), when=when, by=viewer(), at=clock.now())
    return done(number, "Added.")


@blueprint.get("/postmortems/<int:number>/lines/<int:line>")
@needs(Act.SEE_OPERATIONS)
def line(number: int, line: int) -> str:
    """One line, with its source."""
    postmortem = found(number)
    entry = chronology.entry_of(postmortem, line)
    told = None if entry is None else one(postmortem, entry, viewer())
    if entry is None or told is None:
        raise NotFound
    return render_template(
        "postmortems/line.html", number=number, title=plain(postmortem.incident.title), line=told,
        words=entry.words or "", may_write=queries.rights_of(viewer(), postmortem).writes,
    )  # fmt: skip


@blueprint.post("/postmortems/<int:number>/lines/<int:line>")
@needs(Act.SEE_OPERATIONS)
def reword(number: int, line: int) -> ResponseReturnValue:
    """Other words; none give the timeline's own back. What was changed meanwhile is said (409)."""
    with transaction():
        postmortem = locked(number)
        entry = chronology.entry_of(postmortem, line)
        if entry is None or one(postmortem, entry, viewer()) is None:
            raise NotFound
        if request.form.get("seen", entry.words or "").strip() != (entry.words or ""):
            now = entry.words or "what the timeline says"
            raise InvalidTransition(
                f"Somebody put it into other words meanwhile: {now}. Go back and look at it."
            )
        chronology.reword(postmortem, entry, text("words"), by=viewer(), at=clock.now())
    toast("Kept.")
    return see(url_for("postmortems.show", number=number, _anchor="chronology"))
