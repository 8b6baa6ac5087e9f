"""The doors alerts come in by, and their keys."""

import hashlib
import hmac
import secrets
import string
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from app.alerts.models import Integration, IntegrationKey, Service
from app.alerts.sources import events_v2
from app.alerts.sources.kinds import Kind
from app.alerts.sources.mapping import Mapping
from app.database import db
from app.domain import timeline
from app.domain.lifecycle import InvalidTransition
from app.domain.words import LowUrgency, Severity
from app.people.models import User
from app.timeline.record import record

# So that scanners recognise a leaked key. A routing key has no room for it.
PREFIX = "nbi_"
SHOWN = 8  # characters of a key that later reads still show
NOTE_USE_EVERY = timedelta(minutes=1)
MOST_KEYS = 2

_ALPHABET = string.ascii_letters + string.digits


@dataclass(frozen=True, slots=True)
class Door:
    """What an open integration is to the alerts that come in by it, read in one go with their key."""

    key_id: int
    expires_at: datetime | None
    key_last_used_at: datetime | None
    id: int
    name: str
    kind: str
    mapping: dict[str, Any] | None
    default_severity: Severity | None
    service_id: int
    team_id: int
    low_urgency: LowUrgency


def create(
    *,
    service: Service,
    name: str,
    kind: Kind,
    by: User | None,
    at: datetime,
    mapping: dict[str, Any] | None = None,
    default_severity: Severity | None = None,
    silent_after_minutes: int | None = None,
    expires_at: datetime | None = None,
) -> tuple[Integration, str]:
    """Open a door for alerts of `service`; answers its row and the key, which nobody can see again. The key is
    refused from `expires_at` on; None: until somebody ends it.

    Raises `BadMapping` for a generic integration's mapping that cannot be used.
    """
    if mapping is not None:
        Mapping.of(mapping)
    integration = Integration(
        service_id=service.id,
        name=name,
        kind=str(kind),
        mapping=mapping,
        default_severity=default_severity,
        silent_after_minutes=silent_after_minutes,
        created_at=at,
    )
    db.session.add(integration)
    db.session.flush()
    key = _new_key(integration, at=at, expires_at=expires_at)
    record(
        timeline.Kind.CREATED, timeline.Subject.INTEGRATION, integration.id, at=at, by=by, name=name,
        kind_of_integration=str(kind), service_id=service.id,
    )  # fmt: skip
    return integration, key


def add_key(
    integration: Integration, *, by: User | None, at: datetime, expires_at: datetime | None = None
) -> str:
    """Another key beside the present one, so that senders can move over with nothing lost; answers it, once.

    Raises InvalidTransition while two are live.
    """
    if len(integration.live_keys) >= MOST_KEYS:
        raise InvalidTransition("Two keys are live already. End the older one first.")
    key = _new_key(integration, at=at, expires_at=expires_at)
    record(
        timeline.Kind.CHANGED, timeline.Subject.INTEGRATION, integration.id, at=at, by=by, changed=["new key"]
    )
    return key


def end_key(key: IntegrationKey, *, by: User | None, at: datetime) -> None:
    """Refuse this key from here on; twice is once. Raises InvalidTransition for the only one."""
    if key.ended_at is not None:
        return
    if len(key.integration.live_keys) == 1:
        raise InvalidTransition("This is the only key. Make another one first, or close the integration.")
    key.ended_at = at
    record(
        timeline.Kind.CHANGED, timeline.Subject.INTEGRATION, key.integration_id, at=at, by=by,
        changed=["key ended"], key_id=key.id,
    )  # fmt: skip


def replace_keys(
    integration: Integration, *, by: User | None, at: datetime, expires_at: datetime | None = None
) -> str:
    """One new key instead of all: for a door whose key nobody has seen or used."""
    for key in integration.live_keys:
        key.ended_at = at
    return add_key(integration, by=by, at=at, expires_at=expires_at)


def _new_key(integration: Integration, *, at: datetime, expires_at: datetime | None) -> str:
    key = new_key(Kind(integration.kind))
    integration.keys.append(
        IntegrationKey(key_hash=digest(key), prefix=key[:SHOWN], created_at=at, expires_at=expires_at)
    )
    db.session.flush()
    return key


def new_key(kind: Kind) -> str:
    """A fresh key: 256 random bits, or for Events API v2 the 190 that its 32 characters can hold."""
    if kind is Kind.EVENTS_V2:
        return "".join(secrets.choice(_ALPHABET) for _ in range(events_v2.ROUTING_KEY_LENGTH))
    return PREFIX + "".join(secrets.choice(_ALPHABET) for _ in range(43))


def digest(key: str) -> str:
    """What a row keeps of a key. Over so many random bits a plain hash is enough (SEC-4)."""
    return hashlib.sha256(key.encode(errors="replace")).hexdigest()


def find_by_key(key: str, *, at: datetime) -> Door | None:
    """The open door with this key; None when there is none, it was closed, or the key has ended."""
    key_hash = digest(key)
    found = db.session.execute(_DOOR, {"key_hash": key_hash}).one_or_none()
    # The index compared hashes, whose timing tells nothing of a key; this keeps it true whatever an index does.
    if found is None or not hmac.compare_digest(found[0], key_hash):
        return None
    door = Door(*found[1:])
    return None if door.expires_at is not None and door.expires_at <= at else door


def note_use(door: Door, *, at: datetime) -> None:
    """Remember when the integration, and this key of it, was last heard from, to the minute: not every request
    is worth a write.
    """
    if door.key_last_used_at is None or at - door.key_last_used_at >= NOTE_USE_EVERY:
        for model, number in ((IntegrationKey, door.key_id), (Integration, door.id)):
            db.session.execute(sa.update(model).where(model.id == number).values(last_used_at=at))


def note_slowed(door: Door, *, at: datetime) -> None:
    """It sent more than it may, and was told to wait: its team sees that not all was taken in."""
    db.session.execute(sa.update(Integration).where(Integration.id == door.id).values(slowed_at=at))


# Built once: this is read for every request.
_DOOR = (
    sa.select(
        IntegrationKey.key_hash,
        IntegrationKey.id,
        IntegrationKey.expires_at,
        IntegrationKey.last_used_at,
        Integration.id,
        Integration.name,
        Integration.kind,
        Integration.mapping,
        Integration.default_severity,
        Integration.service_id,
        Service.team_id,
        Service.low_urgency,
    )
    .join(Integration, Integration.id == IntegrationKey.integration_id)
    .join(Service, Service.id == Integration.service_id)
    .where(
        IntegrationKey.key_hash == sa.bindparam("key_hash"),
        IntegrationKey.ended_at.is_(None),
        Integration.is_active,
        Service.is_active,
    )
)
