"""Open the chat and the call of an incident: by a tap or by a rule, once (S-32, S-33, L-WRK-04, L-WRK-07)."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import current_app

from app import wakeup
from app.database import db
from app.domain import war_room as rules
from app.domain.invalid import InvalidField
from app.domain.lifecycle import InvalidTransition
from app.domain.text import one_line
from app.domain.timeline import Kind, Subject
from app.domain.war_room import Template
from app.domain.words import RoomUse
from app.incidents import tell
from app.incidents.models import Incident, IncidentRoom
from app.people import queries as people
from app.people.models import Organisation, User
from app.people.rights import Act, require
from app.timeline.record import record

FIRST_WAIT = timedelta(seconds=15)
MOST_TRIES = 8
LEASE = timedelta(seconds=60)  # Slack is asked within the deadline of app/outbound.py


def template() -> Template:
    """The organisation's rooms; empty until somebody sets them up."""
    organisation = people.organisation()
    return rules.parse({} if organisation is None else organisation.war_room)


def change_template(organisation: Organisation, wanted: dict[str, str], *, by: User, at: datetime) -> None:
    """Which rooms open from now on; those that are open stay. Raises InvalidField."""
    require(by, Act.MANAGE_ORGANISATION)
    parsed = rules.parse(wanted)
    chat = parsed.rooms.get(RoomUse.CHAT)
    if chat is not None and not chat.address and not makes_channels():
        raise InvalidField(
            [("/chat_address", "Give the address, or let an operator set NIGHTBELL_SLACK_TOKEN first.")]
        )
    said = rules.to_json(parsed)
    if said != organisation.war_room:
        organisation.war_room = said
        record(
            Kind.CHANGED, Subject.ORGANISATION, organisation.id, at=at, by=by, field="war_room",
            to=", ".join(f"{use}: {each.provider}" for use, each in parsed.rooms.items()),
        )  # fmt: skip


def makes_channels() -> bool:
    """Whether a channel can be made through Slack's API."""
    return current_app.config["settings"].slack_token is not None


def open_rooms(incident: Incident, *, by: User | None, at: datetime, rule: str | None = None) -> None:
    """Open whatever the template names and is not open yet. A second tap opens nothing.

    Raises InvalidTransition, unless a rule opens them, where the organisation has set none up.
    """
    wanted, there = template(), {each.use: each for each in rooms(incident)}
    if wanted.is_empty and rule is None:
        raise InvalidTransition("No war room is set up. An administrator does that under Organisation.")
    title = "" if incident.is_restricted else incident.title  # others read the names of rooms
    opened = []
    for use, pattern in wanted.rooms.items():
        if use in there:
            _ask_again(there[use], at)
            continue
        made = rules.address(
            pattern, number=incident.number, severity=incident.severity, title=title,
            secret=secrets.token_hex(8),
        ) or None  # fmt: skip
        name = rules.channel_name(incident.number, title)
        room = IncidentRoom(
            incident_id=incident.id, use=use, provider=pattern.provider, address=made, opened_at=at,
            name=rules.NAMES[pattern.provider] if made else f"#{name}", opened_by_id=by and by.id,
            next_try_at=None if made else at,
        )  # fmt: skip
        db.session.add(room)
        opened.append(room)
    if not opened:
        return
    db.session.flush()
    incident.updated_at = at
    for room in opened:
        because = {} if rule is None else {"rule": rule}
        record(
            Kind.ROOM_OPENED, Subject.INCIDENT, incident.id, at=at, by=by, use=room.use, name=room.name,
            address=room.address, **because,
        )  # fmt: skip
    tell.a_room_is_open(incident, opened, by=by, at=at)
    wakeup.engine()


def _ask_again(room: IncidentRoom, at: datetime) -> None:
    """For a channel that could not be made."""
    if room.address is None and room.next_try_at is None:
        room.next_try_at, room.problem = at, None
        wakeup.engine()


def rooms(incident: Incident) -> Sequence[IncidentRoom]:
    """Where one meets about it, the chat first."""
    rows = sa.select(IncidentRoom).where(IncidentRoom.incident_id == incident.id)
    return db.session.scalars(rows.order_by(IncidentRoom.use.desc())).all()


def claim_due(at: datetime) -> list[tuple[int, str]]:
    """The incidents whose channel this engine asks for now, and what it shall be called; nobody else does."""
    rows = sa.select(IncidentRoom).where(IncidentRoom.next_try_at <= at).order_by(IncidentRoom.incident_id)
    claimed = []
    for row in db.session.scalars(rows.limit(10).with_for_update(skip_locked=True)):
        row.next_try_at = at + LEASE
        again = f"-{row.tries + 1}" if row.tries else ""  # an earlier try may have made one of the plain name
        claimed.append((row.incident_id, row.name.removeprefix("#") + again))
    return claimed


def waits(at: datetime) -> bool:
    """Whether a channel is to be asked for. Cheap: asked every second."""
    return (
        db.session.scalar(sa.select(IncidentRoom.tries).where(IncidentRoom.next_try_at <= at).limit(1))
        is not None
    )


def made(incident_id: int, *, name: str, address: str, at: datetime) -> None:
    """Its channel is there. Told twice, as by two engines, the first counts."""
    room = _waiting(incident_id)
    if room is not None:
        room.name, room.address = f"#{one_line(name, limit=80)}", address
        room.next_try_at = room.problem = None
        _changed(incident_id, at)
        record(
            Kind.ROOM_OPENED,
            Subject.INCIDENT,
            incident_id,
            at=at,
            use=room.use,
            name=room.name,
            address=address,
        )


def not_made(incident_id: int, because: str, *, for_good: bool, at: datetime) -> None:
    """Its channel could not be made: tried again ever later, and given up in words."""
    room = _waiting(incident_id)
    if room is None:
        return
    room.tries, room.problem = room.tries + 1, because
    if for_good or room.tries >= MOST_TRIES:
        room.next_try_at = None
        _changed(incident_id, at)
        record(Kind.ROOM_FAILED, Subject.INCIDENT, incident_id, at=at, name=room.name, because=because)
    else:
        room.next_try_at = at + FIRST_WAIT * 2 ** (room.tries - 1)


def _waiting(incident_id: int) -> IncidentRoom | None:
    return db.session.scalars(
        sa.select(IncidentRoom)
        .where(IncidentRoom.incident_id == incident_id, IncidentRoom.next_try_at.is_not(None))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()


def _changed(incident_id: int, at: datetime) -> None:
    db.session.execute(sa.update(Incident).where(Incident.id == incident_id).values(updated_at=at))
