"""The record of who did what, in words: for the page, and for the file that is downloaded."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from app.alerts.models import Integration, Service
from app.database import db
from app.domain.timeline import Kind, Subject
from app.oncall.models import EscalationPolicy, Schedule
from app.people.models import ApiToken, Team, User
from app.timeline import audit
from app.timeline.models import Event
from app.web.sentences import SENTENCES, names_in, with_names
from app.web.words import plain

NAMED: dict[str, Any] = {
    Subject.USER: User, Subject.TEAM: Team, Subject.SERVICE: Service, Subject.INTEGRATION: Integration,
    Subject.SCHEDULE: Schedule, Subject.ESCALATION_POLICY: EscalationPolicy, Subject.TOKEN: ApiToken,
}  # fmt: skip
DID = {
    Kind.CREATED: "created", Kind.CHANGED: "changed", Kind.DELETED: "deleted", Kind.SIGNED_IN: "signed in",
    Kind.SIGNED_OUT: "signed out", Kind.SIGN_IN_FAILED: "failed to sign in",
    Kind.DEVICE_ADDED: "added a device",
    Kind.DEVICE_REMOVED: "removed a device", Kind.DEVICE_PROVEN: "proved a device",
    Kind.DRILL_FAILED: "did not answer a drill",
}  # fmt: skip


UNTOLD = ("run", "round", "step", "reminder", "text", "reason")  # what the sentence or the subject's page says
SHORT = 60  # characters; longer values stay in the API


@dataclass(frozen=True)
class Line:
    """One fact. `place` is its position in the chain; None while it waits for the engine."""

    number: int
    at: datetime
    who: str
    says: str
    about: str
    details: str
    place: int | None


def lines(events: Sequence[Event]) -> list[Line]:
    """In their order, with the names that people and things have today."""
    people, seals, things = names_in(events), audit.seals_of(events), _names_of(events)
    return [
        Line(
            event.id, event.at, _who(event), *_says(event, people), _about(event, things), _details(event),
            None if event.id not in seals else seals[event.id].position,
        )
        for event in events
    ]  # fmt: skip


def _who(event: Event) -> str:
    who = plain(event.actor.name) if event.actor is not None else "Not signed in"
    return f"{who}, by a token" if event.token_id is not None else who


def _says(event: Event, people: dict[int, str]) -> tuple[str]:
    did = DID.get(Kind(event.kind)) if event.kind in Kind.__members__.values() else None
    if did is not None:
        return (did,)
    words = SENTENCES.get(event.kind)
    said = (
        words(event, with_names(event.data, people))[0] if words is not None else event.kind.replace("_", " ")
    )
    who = plain(event.actor.name) if event.actor is not None else ""
    return (said.removeprefix(f"{who} ") if who else said,)


def _about(event: Event, things: dict[tuple[str, int], str]) -> str:
    if event.subject_kind == Subject.USER and event.subject_id == event.actor_id:
        return ""
    word = event.subject_kind.replace("_", " ")
    name = things.get((event.subject_kind, event.subject_id))
    return f"{word} {plain(name)}" if name else f"{word} {event.subject_id}"


def _details(event: Event) -> str:
    """What was changed, from what to what; long values stay in the API."""
    data = event.data
    if "field" in data:
        words = str(data["field"]).replace("_", " ")
        return f"{words}: {data['from']} → {data['to']}" if {"from", "to"} <= data.keys() else words
    changed = data.get("changed")
    if isinstance(changed, list):
        return ", ".join(str(word).replace("_", " ") for word in changed)
    told = (
        f"{key.replace('_', ' ')}: {plain(value)}"
        for key, value in data.items()
        if isinstance(value, str | int)
        and len(str(value)) <= SHORT
        and key not in UNTOLD
        and not key.endswith("_id")
    )
    return ", ".join(told)


def _names_of(events: Sequence[Event]) -> dict[tuple[str, int], str]:
    found: dict[tuple[str, int], str] = {}
    for kind, model in NAMED.items():
        ids = {event.subject_id for event in events if event.subject_kind == kind}
        if ids:
            for number, name in db.session.execute(sa.select(model.id, model.name).where(model.id.in_(ids))):
                found[str(kind), number] = name
    return found
