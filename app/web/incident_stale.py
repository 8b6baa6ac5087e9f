"""A form about an incident that was open while somebody else changed the same thing: nothing is saved, what
changed is shown, and what was typed stays.
"""

from dataclasses import dataclass, field

import sqlalchemy as sa
from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import joinedload

from app.database import db
from app.domain.edition import is_same
from app.domain.timeline import Kind, Subject
from app.incidents.models import Incident
from app.timeline.models import Event
from app.web.sentences import when
from app.web.words import plain


@dataclass(frozen=True)
class Stale:
    """`action`: below the incident; `name`: the form's field; `typed` is in words what was meant."""

    action: str
    name: str
    label: str
    number: int
    title: str
    now: str
    seen: str  # what the next try has seen
    typed: str
    wanted: str  # as the form says it
    who: str
    is_prose: bool = False
    kept: dict[str, str] = field(default_factory=dict)  # the form's other fields, as they were typed


def stale(
    incident: Incident, kind: Kind, *, action: str, name: str, label: str, now: str, words: str, typed: str,
    is_prose: bool = False,
) -> Stale | None:  # fmt: skip
    """What stands against saving this form; None: nothing. A form that does not say what it had seen is taken.

    `now` is what stands there as the form says it, `words` as people read it.
    """
    seen, wanted = request.form.get("seen"), request.form.get(name, "")
    if seen is None or is_same(seen, now) or is_same(wanted, now):
        return None
    event = db.session.scalars(
        sa.select(Event)
        .where(Event.subject_kind == str(Subject.INCIDENT), Event.subject_id == incident.id, Event.kind == kind)
        .options(joinedload(Event.actor))
        .order_by(Event.id.desc())
        .limit(1)
    ).one_or_none()
    who = "Somebody" if event is None or event.actor is None else plain(event.actor.name)
    at = "" if event is None else f", {when(event.at)}"
    others = {key: said for key, said in request.form.items() if key not in (name, "seen", "csrf_token")}
    return Stale(
        action, name, label, incident.number, plain(incident.title), words, now, typed,
        wanted, f"{who} changed it meanwhile{at}.", is_prose, others,
    )  # fmt: skip


def answer(found: Stale) -> ResponseReturnValue:
    return render_template("incidents/stale.html", stale=found), 409
