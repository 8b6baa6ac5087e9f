"""The timeline of an incident: routes below /api/v1/incidents/{id}."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from app.database import db
from app.incidents import marks, stream
from app.incidents.models import Incident
from app.incidents.note import note
from app.people.rights import Act
from app.timeline.models import Event
from app.web import serialize
from app.web.api.auth import me, need
from app.web.api.incidents import as_it_is, changing, incidents, the_incident
from app.web.api.listing import identity, listing
from app.web.api.problems import not_found
from app.web.api.shapes import incident_timeline as shapes
from app.web.api.shapes import incidents as incident_shapes
from app.web.api.shapes.common import Listing, ListQuery, Nothing


@incidents.get("/<id>/timeline")
@incidents.input(ListQuery, location="query", arg_name="query")
@incidents.output(Listing[shapes.IncidentEntry])
def list_incident_timeline(id: str, query: ListQuery) -> Listing[shapes.IncidentEntry]:
    """What has happened around an incident, oldest first: with its alerts as far as the caller sees them."""
    need(Act.SEE_INCIDENTS)
    incident = the_incident(id)
    events = sa.select(Event).where(stream.told_to(me(), incident)).options(joinedload(Event.actor))
    return listing(events, query, lambda rows: _shown(incident, rows), by=[Event.id])


@incidents.post("/<id>/notes")
@incidents.input(shapes.IncidentNote, arg_name="draft")
@incidents.output(incident_shapes.Incident, 201)
def note_on_incident(id: str, draft: shapes.IncidentNote) -> incident_shapes.Incident:
    """Add a line to an incident's timeline: a work note, or a comment for all who follow."""
    with changing(id) as (incident, at):
        note(
            incident, draft.text, by=me(), at=at, to_all=draft.to_all, written_at=draft.written_at,
            key=draft.key or "",
        )  # fmt: skip
        return as_it_is(incident)


@incidents.put("/<id>/timeline/<entry_id>/pin")
@incidents.input(Nothing, arg_name="nothing")
@incidents.output(shapes.IncidentEntry)
def pin_entry(id: str, entry_id: str, nothing: Nothing) -> shapes.IncidentEntry:  # noqa: ARG001
    """Keep an entry on top."""
    return _pin(id, entry_id, is_pinned=True)


@incidents.delete("/<id>/timeline/<entry_id>/pin")
@incidents.output(shapes.IncidentEntry)
def unpin_entry(id: str, entry_id: str) -> shapes.IncidentEntry:
    """Let an entry go back to its place."""
    return _pin(id, entry_id, is_pinned=False)


@incidents.put("/<id>/timeline/<entry_id>/time")
@incidents.input(shapes.EntryTime, arg_name="wanted")
@incidents.output(shapes.IncidentEntry)
def correct_entry_time(id: str, entry_id: str, wanted: shapes.EntryTime) -> shapes.IncidentEntry:
    """Say when an entry really happened. The timeline keeps both times, and who said so and why."""
    with changing(id) as (incident, at):
        event = _entry(incident, entry_id)
        marks.correct_time(incident, event, wanted.happened_at, because=wanted.because, by=me(), at=at)
        return _shown(incident, [event])[0]


def _pin(id: str, entry_id: str, *, is_pinned: bool) -> shapes.IncidentEntry:
    with changing(id) as (incident, at):
        event = _entry(incident, entry_id)
        marks.pin(incident, event, is_pinned=is_pinned, by=me(), at=at)
        return _shown(incident, [event])[0]


def _entry(incident: Incident, entry_id: str) -> Event:
    event = stream.entry(incident, me(), identity(entry_id))
    if event is None:
        raise not_found("entry")
    return event


def _shown(incident: Incident, rows: Sequence[Event]) -> list[shapes.IncidentEntry]:
    db.session.flush()
    said = stream.marks(incident, rows)
    return [
        shapes.IncidentEntry(
            **dict(serialize.event(row)), subject_kind=row.subject_kind, subject_id=str(row.subject_id),
            pinned=row.id in said and said[row.id].pinned_at is not None,
            happened_at=said[row.id].happened_at if row.id in said else None,
        )
        for row in rows
    ]  # fmt: skip
