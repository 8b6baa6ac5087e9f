"""Playbooks inside an incident: read, and ticked line by line."""

from dataclasses import dataclass

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from app import clock
from app.database import transaction
from app.domain import playbook as rules
from app.incidents import access, playbooks, queries
from app.incidents.models import Incident, Playbook
from app.people.rights import Act
from app.web.access import needs, viewer
from app.web.errors import NotFound
from app.web.form import typed_moment
from app.web.incident_edge import locked, text
from app.web.markdown import markdown, markdown_line
from app.web.redirects import see
from app.web.words import hour, plain

blueprint = Blueprint("incident_playbooks", __name__)


@dataclass(frozen=True)
class Line:
    """A playbook among those of an incident."""

    number: int
    name: str
    facts: str


@dataclass(frozen=True)
class Part:
    """Words, or with a `key` a line to tick; `ticked` says by whom and when."""

    html: Markup
    key: str = ""
    ticked: str = ""


def lines(incident: Incident) -> list[Line]:
    """What the incident offers, each with how far it is."""
    done = playbooks.ticks(incident)
    found = []
    for each in playbooks.of(incident):
        keys = [item.key for item in rules.items(each.body)]
        ticked = sum((each.id, key) in done for key in keys)
        found.append(Line(each.id, plain(each.name), f"{ticked} of {len(keys)} done" if keys else "To read"))
    return found


@blueprint.get("/incidents/<int:number>/playbooks/<int:playbook_id>")
@needs(Act.SEE_OPERATIONS)
def show(number: int, playbook_id: int) -> ResponseReturnValue:
    incident = queries.shown(number, viewer())
    if incident is None:
        raise NotFound
    playbook = _of(incident, playbook_id)
    done = playbooks.ticks(incident)
    parts = []
    for part in rules.parts(playbook.body):
        if isinstance(part, rules.Words):
            parts.append(Part(markdown(part.text)))
            continue
        tick = done.get((playbook.id, part.key))
        by = "" if tick is None else f"{plain(tick.ticked_by.name)}, {hour(tick.ticked_at)}"
        parts.append(Part(markdown_line(part.text), part.key, by))
    return render_template(
        "incidents/playbook.html", number=number, title=plain(incident.title), playbook_id=playbook.id,
        name=plain(playbook.name), parts=parts, may_work=access.may_work(viewer(), incident),
    )  # fmt: skip


@blueprint.post("/incidents/<int:number>/playbooks/<int:playbook_id>/ticks")
@needs(Act.SEE_OPERATIONS)
def tick(number: int, playbook_id: int) -> ResponseReturnValue:
    with transaction():
        incident = locked(number)
        playbooks.tick(
            incident, _of(incident, playbook_id), text("item", 32), is_ticked=request.form.get("tick") != "no",
            by=viewer(), at=clock.now(), written_at=typed_moment(request.form.get("written_at")),
        )  # fmt: skip
    return see(f"/incidents/{number}/playbooks/{playbook_id}")


def _of(incident: Incident, playbook_id: int) -> Playbook:
    found = next((each for each in playbooks.of(incident) if each.id == playbook_id), None)
    if found is None:
        raise NotFound
    return found
