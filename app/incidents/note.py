"""Words that people put into an incident's timeline."""

from datetime import datetime, timedelta

from app.domain.lifecycle import InvalidTransition
from app.domain.timeline import Kind, Subject
from app.incidents import tell
from app.incidents.models import Incident
from app.people.mentions import named_in
from app.people.models import User
from app.timeline.once import is_first
from app.timeline.record import record

LATE_FROM = timedelta(minutes=1)  # a clock that is off by less says nothing
LATEST = timedelta(days=7)


def note(
    incident: Incident,
    text: str,
    *,
    by: User,
    at: datetime,
    to_all: bool = False,
    written_at: datetime | None = None,
    key: str = "",
) -> None:
    """A line for the timeline: a work note, or a comment `to_all`. Whoever it names by @ is told.

    What was written offline comes with the device's own time `written_at` and its own `key`: it stands where it
    came in, says when it was written, and counts once however often the device sends it.
    """
    if not text.strip():
        raise InvalidTransition("A note needs a word or two.")
    if key and not is_first(f"note {incident.id} {by.id} {key}", at=at):
        return
    incident.updated_at = at
    record(
        Kind.COMMENTED if to_all else Kind.NOTED, Subject.INCIDENT, incident.id, at=at, by=by,
        text=text.strip(), **late(written_at, at),
    )  # fmt: skip
    named = named_in(text)
    tell.you_are_named(incident, text.strip(), named, by=by, at=at)
    if to_all:
        tell.somebody_wrote(incident, text.strip(), named, by=by, at=at)


def late(written_at: datetime | None, at: datetime) -> dict[str, str]:
    """What an event keeps of a device's own time: nothing, unless it came late."""
    if written_at is not None and LATE_FROM < at - written_at <= LATEST:
        return {"written_at": written_at.isoformat()}
    return {}
