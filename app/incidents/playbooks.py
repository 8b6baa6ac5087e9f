"""Playbooks: checklists of services, severities and response rules, ticked inside an incident."""

from collections.abc import Collection, Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from app.alerts.models import Service
from app.database import db
from app.domain import playbook as rules
from app.domain.invalid import InvalidField
from app.domain.lifecycle import InvalidTransition
from app.domain.text import one_line, prose
from app.domain.timeline import Kind, Subject
from app.domain.words import IncidentSeverity
from app.incidents.models import Incident, Playbook, PlaybookTick, ResponseRule
from app.incidents.note import late
from app.people.models import User
from app.timeline.models import Event
from app.timeline.record import record

LONGEST = 100_000  # characters: a long text is read in a moment, a book is not


def create(
    *, name: str, body: str, severities: Collection[IncidentSeverity], services: Iterable[Service],
    rules: Iterable[ResponseRule], by: User, at: datetime,
) -> Playbook:  # fmt: skip
    """Write a playbook. Raises InvalidField about `name` or `body`."""
    playbook = Playbook(created_at=at)
    _fill(playbook, name, body, severities, services, rules, at)
    db.session.add(playbook)
    db.session.flush()
    record(Kind.CREATED, Subject.PLAYBOOK, playbook.id, at=at, by=by, name=playbook.name)
    return playbook


def change(
    playbook: Playbook, *, name: str, body: str, severities: Collection[IncidentSeverity],
    services: Iterable[Service], rules: Iterable[ResponseRule], by: User, at: datetime,
) -> None:  # fmt: skip
    """Write it anew. What was ticked stays ticked where the line still says the same."""
    _fill(playbook, name, body, severities, services, rules, at)
    record(Kind.CHANGED, Subject.PLAYBOOK, playbook.id, at=at, by=by, name=playbook.name)


def remove(playbook: Playbook, *, by: User, at: datetime) -> None:
    """It is offered nowhere any more. That lines of it were ticked stays in the timelines."""
    record(Kind.DELETED, Subject.PLAYBOOK, playbook.id, at=at, by=by, name=playbook.name)
    db.session.execute(sa.delete(PlaybookTick).where(PlaybookTick.playbook_id == playbook.id))
    db.session.delete(playbook)


def by_name() -> list[Playbook]:
    rows = sa.select(Playbook).options(selectinload(Playbook.services), selectinload(Playbook.rules))
    return list(db.session.scalars(rows.order_by(Playbook.name, Playbook.id)))


def of(incident: Incident) -> list[Playbook]:
    """Those for one of its services, for its severity, or for a rule that made it or brought an alert in."""
    services = {service.id for service in incident.services}
    kinds = (str(Kind.DECLARED), str(Kind.ALERT_ADDED))
    did = db.session.scalars(
        sa.select(Event.data).where(
            Event.subject_kind == str(Subject.INCIDENT), Event.subject_id == incident.id, Event.kind.in_(kinds)
        )
    )
    names = {data["rule"] for data in did if data.get("rule")}
    return [
        each for each in by_name()
        if str(incident.severity) in each.severities
        or services.intersection(service.id for service in each.services)
        or names.intersection(rule.name for rule in each.rules)
    ]  # fmt: skip


def ticks(incident: Incident) -> dict[tuple[int, str], PlaybookTick]:
    """What was ticked, by playbook and item."""
    rows = sa.select(PlaybookTick).where(PlaybookTick.incident_id == incident.id)
    found = db.session.scalars(rows.options(joinedload(PlaybookTick.ticked_by)))
    return {(tick.playbook_id, tick.item): tick for tick in found}


def tick(
    incident: Incident, playbook: Playbook, item: str, *, is_ticked: bool, by: User, at: datetime,
    written_at: datetime | None = None,
) -> None:  # fmt: skip
    """A line is done, or is not after all. A second tick changes nothing and keeps who was first.

    What was ticked offline comes with the device's own time `written_at` and says so.

    Raises InvalidTransition when the playbook has no such line any more.
    """
    line = next((each for each in rules.items(playbook.body) if each.key == item), None)
    if line is None:
        raise InvalidTransition("This playbook was rewritten meanwhile. Look at it again.")
    there = db.session.get(PlaybookTick, (incident.id, playbook.id, item))
    if (there is not None) == is_ticked:
        return
    if there is not None:
        db.session.delete(there)
    else:
        db.session.add(
            PlaybookTick(
                incident_id=incident.id, playbook_id=playbook.id, item=item, ticked_by_id=by.id, ticked_at=at
            )
        )
    incident.updated_at = at
    record(
        Kind.TICKED if is_ticked else Kind.UNTICKED, Subject.INCIDENT, incident.id, at=at, by=by,
        playbook=playbook.name, text=line.text, **late(written_at, at),
    )  # fmt: skip


def _fill(
    playbook: Playbook, name: str, body: str, severities: Collection[IncidentSeverity],
    services: Iterable[Service], rules: Iterable[ResponseRule], at: datetime,
) -> None:  # fmt: skip
    line = one_line(name, limit=200)
    problems = [] if line else [("/name", "Give the playbook a name.")]
    if len(body) > LONGEST:
        problems.append(("/body", "That is longer than 100,000 characters. Split it in two."))
    text = prose(body, limit=LONGEST)
    if not text:
        problems.append(("/body", "Write what is to be done."))
    if problems:
        raise InvalidField(problems)
    playbook.name, playbook.body, playbook.updated_at = line, text, at
    playbook.severities = sorted(str(each) for each in severities)
    playbook.services, playbook.rules = list(services), list(rules)
