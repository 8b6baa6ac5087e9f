"""The timeline of an incident as its screens and its files tell it."""

from collections.abc import Iterable
from dataclasses import replace

from app.domain.timeline import Kind, Subject
from app.incidents import access, stream
from app.incidents.models import Incident
from app.people.models import User
from app.timeline.models import Event
from app.web.sentences import Entry, entries, when
from app.web.words import plain

AT_ONCE = 50
# what each choice of the filter shows
FILTERS: dict[str, tuple[str, frozenset[str]]] = {
    "decisions": ("Decisions", frozenset({
        Kind.OPTION_PROPOSED, Kind.OPTION_APPROVED, Kind.OPTION_DECLINED, Kind.OPTION_WITHDRAWN,
        Kind.ACTION_BEGUN, Kind.ACTION_ENDED, Kind.COMMANDER_CHANGED, Kind.ROUND_BEGUN, Kind.ROUND_ENDED,
    })),
    "updates": ("Updates", frozenset({Kind.UPDATE_SENT, Kind.ROUND_WITHOUT_UPDATE})),
    "notes": ("Notes", frozenset({Kind.NOTED, Kind.COMMENTED, Kind.SYMPTOM_SEEN})),
}  # fmt: skip


def page(
    incident: Incident, viewer: User, *, before: int | None = None, limit: int = AT_ONCE, only: str = ""
) -> tuple[list[Entry], int | None]:
    """Entries, the newest first, and the number before which there are older ones; None: that is all."""
    kinds = FILTERS[only][1] if only in FILTERS else None
    events = stream.events(incident, viewer, limit=limit, before=before, kinds=kinds)
    older = events[0].id if len(events) == limit else None
    told = tell(incident, events)
    if kinds is None and events:
        told = _with_receipts(incident, viewer, told, events, is_newest=before is None, is_oldest=older is None)
    return told, older


def pinned(incident: Incident, viewer: User) -> list[Entry]:
    return tell(incident, stream.pinned(incident, viewer))


def tell(incident: Incident, events: Iterable[Event]) -> list[Entry]:
    """Newest first; what is of an alert names it."""
    events = list(events)
    of = {event.id: event for event in events}
    return [
        replace(entry, says=f"Alert {of[entry.number].subject_id}: {entry.says}")
        if of[entry.number].subject_kind == Subject.ALERT
        else entry
        for entry in entries(events, stream.marks(incident, events))
    ]


def _with_receipts(
    incident: Incident,
    viewer: User,
    told: list[Entry],
    events: list[Event],
    *,
    is_newest: bool,
    is_oldest: bool,
) -> list[Entry]:
    """Whose device showed what, among the entries of the same time."""
    alerts = access.seen(viewer, [alert.id for alert in incident.alerts])
    shown = stream.receipts(
        alerts, since=None if is_oldest else events[0].at, until=None if is_newest else events[-1].at
    )
    lines = [
        Entry(each.at, when(each.at), f"Shown to {plain(each.who)} on {plain(each.device)}", "ok")
        for each in shown
    ]
    return sorted([*told, *lines], key=lambda entry: entry.at, reverse=True) if lines else told
