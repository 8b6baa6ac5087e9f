"""The doors alerts come in by, and their keys."""

import hashlib
import hmac
import secrets
import string
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from app.alerts.models import Integration, Service
from app.alerts.sources import events_v2
from app.alerts.sources.kinds import Kind
from app.alerts.sources.mapping import Mapping
from app.database import db
from app.domain import timeline
from app.domain.words import LowUrgency, Severity
from app.people.models import User
from app.timeline.record import record

# So that scanners recognise a leaked key. A routing key has no room for it.
PREFIX = "nbi_"
SHOWN = 8  # characters of a key that later reads still show
NOTE_USE_EVERY = timedelta(minutes=1)

_ALPHABET = string.ascii_letters + string.digits


@dataclass(frozen=True, slots=True)
class Door:
    """What an open integration is to the alerts that come in by it, read in one go."""

    id: int
    name: str
    kind: str
    mapping: dict[str, Any] | None
    default_severity: Severity | None
    service_id: int
    team_id: int
    low_urgency: LowUrgency
    last_used_at: datetime | None


def create(
    *,
    service: Service,
    name: str,
    kind: Kind,
    by: User | None,
    at: datetime,
    mapping: dict[str, Any] | None = None,
    default_severity: Severity | None = None,
) -> tuple[Integration, str]:
    """Open a door for alerts of `service`; answers its row and the key, which nobody can see again.

    Raises `BadMapping` for a generic integration's mapping that cannot be used.
    """
    if mapping is not None:
        Mapping.of(mapping)
    key = new_key(kind)
    integration = Integration(
        service_id=service.id,
        name=name,
        kind=str(kind),
        key_hash=digest(key),
        key_prefix=key[:SHOWN],
        mapping=mapping,
        default_severity=default_severity,
        created_at=at,
    )
    db.session.add(integration)
    db.session.flush()
    record(
        timeline.Kind.CREATED, timeline.Subject.INTEGRATION, integration.id, at=at, by=by, name=name,
        kind_of_integration=str(kind), service_id=service.id,
    )  # fmt: skip
    return integration, key


def change_key(integration: Integration, *, by: User | None, at: datetime) -> str:
    """Give the integration another key; the old one is refused from here on."""
    key = new_key(Kind(integration.kind))
    integration.key_hash, integration.key_prefix = digest(key), key[:SHOWN]
    record(timeline.Kind.CHANGED, timeline.Subject.INTEGRATION, integration.id, at=at, by=by, changed=["key"])
    return key


def new_key(kind: Kind) -> str:
    """A fresh key: 256 random bits, or for Events API v2 the 190 that its 32 characters can hold."""
    if kind is Kind.EVENTS_V2:
        return "".join(secrets.choice(_ALPHABET) for _ in range(events_v2.ROUTING_KEY_LENGTH))
    return PREFIX + "".join(secrets.choice(_ALPHABET) for _ in range(43))


def digest(key: str) -> str:
    """What a row keeps of a key. Over so many random bits a plain hash is enough (SEC-4)."""
    return hashlib.sha256(key.encode(errors="replace")).hexdigest()


def find_by_key(key: str) -> Door | None:
    """The open door with this key; None when there is none or it has been closed."""
    key_hash = digest(key)
    found = db.session.execute(_DOOR, {"key_hash": key_hash}).one_or_none()
    # The index compared hashes, whose timing tells nothing of a key; this keeps it true whatever an index does.
    if found is None or not hmac.compare_digest(found[0], key_hash):
        return None
    return Door(*found[1:])


def note_use(door: Door, *, at: datetime) -> None:
    """Remember when the integration was last heard from, to the minute: not every request is worth a write."""
    if door.last_used_at is None or at - door.last_used_at >= NOTE_USE_EVERY:
        db.session.execute(sa.update(Integration).where(Integration.id == door.id).values(last_used_at=at))


# Built once: this is read for every request.
_DOOR = (
    sa.select(
        Integration.key_hash,
        Integration.id,
        Integration.name,
        Integration.kind,
        Integration.mapping,
        Integration.default_severity,
        Integration.service_id,
        Service.team_id,
        Service.low_urgency,
        Integration.last_used_at,
    )
    .join(Service, Service.id == Integration.service_id)
    .where(Integration.key_hash == sa.bindparam("key_hash"), Integration.is_active)
)
