"""Say how it stands: filled from the incident, sent to who needs it, the next word promised (S-48…S-55)."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from app.database import db
from app.domain import update as rules
from app.domain.lifecycle import InvalidTransition
from app.domain.text import prose
from app.domain.timeline import Kind, Subject
from app.domain.update import Facts, Fields
from app.domain.words import Audience, IncidentRole, IncidentStatus, OptionState, Role
from app.domain.zone import spoken
from app.incidents import access, assemble, decide, queries, status_page, subscribers, tell, watch
from app.incidents.models import Incident, IncidentUpdate
from app.people.models import User
from app.timeline.record import record

LONGEST = 8000
NAG_AGAIN = timedelta(minutes=10)
OUTCOMES = {"worked": "worked", "helped": "helped", "no_effect": "had no effect", "worse": "made things worse"}


class AnotherWasSent(InvalidTransition):
    """Somebody sent an update while this one was being written: nothing was sent; `theirs` is theirs."""

    def __init__(self, theirs: IncidentUpdate) -> None:
        super().__init__(f"{theirs.sent_by.name} sent update {theirs.number} while you were writing.")
        self.theirs = theirs


def send(
    incident: Incident, said: Fields, *, audience: Audience, by: User, at: datetime, after: int | None = None,
    next_in: timedelta | None = None,
) -> IncidentUpdate:  # fmt: skip
    """Tell those of `audience`, once, and promise the next word.

    `after` is the number of the last update that the writer had seen, 0 for none. Raises AnotherWasSent when
    there is a newer one by now, unless it says the very same (a second tap). To the public goes `issue` alone;
    NotForOutside where that names somebody. `next_in` is when the next word is
    promised, zero for never; None: as the severity's template says.
    """
    said = Fields(**{name: prose(getattr(said, name), limit=LONGEST) for name in rules.NAMES})
    if not said.issue:
        raise InvalidTransition("Say what is wrong.")
    if audience is Audience.PUBLIC and incident.is_restricted:
        raise InvalidTransition("This incident is restricted: nothing of it goes outside.")
    if audience is Audience.PUBLIC:
        status_page.check_for_public(said.issue)
    last = last_update(incident)
    if last is not None and after is not None and last.number > after:
        if last.sent_by_id == by.id and not rules.differ(said, fields_of(last)):
            return last
        raise AnotherWasSent(last)
    promised = rules.next_due(incident.severity, at) if next_in is None else (at + next_in if next_in else None)
    sent = IncidentUpdate(
        incident_id=incident.id, number=1 if last is None else last.number + 1, audience=audience,
        sent_by=by, sent_at=at, told_severity=incident.severity, next_at=promised if incident.is_open else None,
        **{name: getattr(said, name) for name in rules.NAMES},
    )  # fmt: skip
    db.session.add(sent)
    incident.next_update_at, incident.updated_at = sent.next_at, at
    people = readers(incident, audience)
    db.session.flush()
    record(
        Kind.UPDATE_SENT, Subject.INCIDENT, incident.id, at=at, by=by, number=sent.number, audience=audience,
        readers=len(people), text=f"{sent.issue}\n{sent.steps}",
    )  # fmt: skip
    tell.how_it_stands(incident, sent, people, by=by, at=at)
    if audience is Audience.PUBLIC:
        subscribers.tell(incident, sent, at=at)
    return sent


def draft(incident: Incident, at: datetime, zone: ZoneInfo) -> Fields:
    """The update that the incident would write itself."""
    last, options = last_update(incident), decide.options(incident)
    current = decide.last_round(incident)
    began = incident.impact_started_at or incident.detected_at
    minutes = int(((incident.resolved_at or at) - began).total_seconds()) // 60
    lasted = f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60} min"
    done = [o for o in options if o.state is OptionState.DONE]
    ahead = [o for o in options if o.state in (OptionState.DOING, OptionState.APPROVED)]
    return rules.prefilled(
        Facts(
            title=incident.title, impact=incident.impact, services=[each.name for each in incident.services],
            since=f"{spoken(began, zone)}, {lasted}", severity=incident.severity,
            told_severity=None if last is None else last.told_severity, status=incident.status,
            round=0 if current is None else current.number,
            tried=[
                f"{o.what} {OUTCOMES.get(o.outcome or '', '')}" + (f": {o.result}" if o.result else "")
                for o in done
            ],
            next=[o.what for o in ahead],
            commander=None if incident.commander is None else incident.commander.name,
            others=[
                each.user.name for each in incident.members
                if each.is_there and each.user_id != incident.commander_id
            ],
        )
    )  # fmt: skip


def readers(incident: Incident, audience: Audience) -> list[User]:
    """Whom an update reaches: wider audiences hold the narrower ones, and each holds whoever follows."""
    there = {each.user_id for each in incident.members if each.is_there}
    there |= {user.id for user in watch.watchers(incident)}
    teams = {user.id for user in tell.teams_people(incident)}
    everybody = sa.select(User).where(User.is_active, ~User.is_service).order_by(User.id)
    match audience:
        case Audience.RESPONDERS:
            wanted = everybody.where(User.id.in_(there | teams))
        case Audience.STAKEHOLDERS:
            wanted = everybody.where(sa.or_(User.id.in_(there | teams), User.role == Role.STAKEHOLDER))
        case Audience.ORGANISATION | Audience.PUBLIC:
            wanted = everybody
    return access.who_sees(incident, db.session.scalars(wanted))


def last_update(incident: Incident) -> IncidentUpdate | None:
    newest = sa.select(IncidentUpdate).where(IncidentUpdate.incident_id == incident.id)
    return db.session.scalars(newest.order_by(IncidentUpdate.number.desc()).limit(1)).one_or_none()


def updates(incident: Incident) -> list[IncidentUpdate]:
    """All of them, the newest first."""
    rows = sa.select(IncidentUpdate).where(IncidentUpdate.incident_id == incident.id)
    return list(db.session.scalars(rows.order_by(IncidentUpdate.number.desc())))


def fields_of(sent: IncidentUpdate) -> Fields:
    return Fields(**{name: getattr(sent, name) for name in rules.NAMES})


def nag_due(at: datetime, *, limit: int = 50) -> int:
    """Where the promised word is overdue, whoever has communications hears of it, and nobody else (128).

    The commander, while that role is empty. Again every ten minutes; returns how many were reminded.
    """
    due = sa.select(Incident.id).where(
        Incident.next_update_at <= at,
        Incident.status.not_in((IncidentStatus.RESOLVED, IncidentStatus.CLOSED)),
        sa.or_(
            Incident.update_nagged_at.is_(None), Incident.update_nagged_at < Incident.next_update_at,
            Incident.update_nagged_at <= at - NAG_AGAIN,
        ),
    )  # fmt: skip
    nagged = 0
    for incident_id in db.session.scalars(due.order_by(Incident.id).limit(limit)).all():
        incident = queries.locked(incident_id)
        if incident is None or incident.next_update_at is None or not incident.is_open:
            continue
        incident.update_nagged_at = at
        holder = assemble.holder(incident, IncidentRole.COMMUNICATIONS)
        to = holder.user if holder is not None else incident.commander
        if to is not None:
            tell.an_update_is_due(incident, last_update(incident), to=to, at=at)
            nagged += 1
    return nagged
