"""The audit chain (SEC-18): each seal is the SHA-256 of the one before it and of its event, so that nobody can
edit, remove or reorder what is sealed without `verify` naming the row.

The engine seals in batches, so that nobody who writes an event waits. Sealed is whatever a person or a program
did, and every change of access and configuration, also from the command line; not the noise of sources and
engine.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from app.database import db, on_sqlite
from app.domain.timeline import Kind
from app.timeline.models import Event, Seal

BEGINNING = "0" * 64
BATCH = 500
LATE = 100_000  # how many events back one may still be unsealed: written before, committed later
LATE_FOR = timedelta(
    hours=1
)  # an event older than this, and older than what is sealed, was left out on purpose
# at the command line and at the door there is nobody yet who acts
WITHOUT_ACTOR = (Kind.CREATED, Kind.CHANGED, Kind.DELETED, Kind.SIGN_IN_FAILED)


@dataclass(frozen=True)
class Head:
    """Where the chain ends: what a backup keeps, to compare with later."""

    position: int
    digest: str


@dataclass(frozen=True)
class Fault:
    """A row that is not as it was sealed, in words."""

    position: int
    event_id: int | None
    says: str


def audited() -> sa.ColumnElement[bool]:
    """The events that the chain covers."""
    return sa.or_(Event.actor_id.is_not(None), Event.token_id.is_not(None), Event.kind.in_(WITHOUT_ACTOR))


def seal(*, limit: int = BATCH) -> int:
    """Seal what is not sealed yet, oldest first; answers how many. Inside a transaction.

    One engine at a time: on PostgreSQL by a lock on the table, on SQLite by the one writer.
    """
    if not on_sqlite():
        db.session.execute(sa.text("LOCK TABLE audit_seal IN SHARE ROW EXCLUSIVE MODE"))
    before = head()
    newest = db.session.scalar(sa.select(sa.func.max(Seal.event_id))) or 0
    sealed = sa.exists().where(Seal.event_id == Event.id)
    waiting = sa.select(Event).where(Event.id > newest - LATE, audited(), ~sealed).order_by(Event.id)
    events = db.session.scalars(waiting.limit(limit)).all()
    position, digest = before.position, before.digest
    for event in events:
        position, digest = position + 1, digest_of(event, digest)
        db.session.add(Seal(position=position, event_id=event.id, digest=digest))
    db.session.flush()
    return len(events)


def head() -> Head:
    """The last seal; position 0 while there is none."""
    last = db.session.scalar(sa.select(Seal).order_by(Seal.position.desc()).limit(1))
    return Head(0, BEGINNING) if last is None else Head(last.position, last.digest)


def digest_of(event: Event, before: str) -> str:
    return hashlib.sha256(before.encode() + canonical(event)).hexdigest()


def canonical(event: Event) -> bytes:
    """The one way to write an event: sorted keys, no spaces, ASCII, the moment in UTC to the microsecond."""
    facts = {
        "id": event.id, "at": event.at.astimezone(UTC).isoformat(timespec="microseconds"), "kind": event.kind,
        "subject_kind": event.subject_kind, "subject_id": event.subject_id, "actor_id": event.actor_id,
        "token_id": event.token_id, "data": event.data,
    }  # fmt: skip
    return json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def faults(*, now: datetime, kept: Head | None = None) -> Iterator[Fault]:
    """Whatever is not as it was sealed. `kept` is a head written down before, to find in the chain."""
    place, digest, met = 0, BEGINNING, kept is None or kept.position == 0
    for sealed, event in _chain():
        if sealed.position != place + 1:
            gone = f"{place + 1}" if sealed.position == place + 2 else f"{place + 1} to {sealed.position - 1}"
            yield Fault(place + 1, None, f"seal {gone} is gone")
        elif event is not None and digest_of(event, digest) != sealed.digest:
            yield Fault(
                sealed.position, event.id, f"event {event.id} is not as it was sealed at {sealed.position}"
            )
        if event is None:
            yield Fault(sealed.position, sealed.event_id, f"event {sealed.event_id} is gone")
        place, digest = sealed.position, sealed.digest
        met = met or (kept is not None and kept == Head(place, digest))
    if not met and kept is not None:
        yield Fault(kept.position, None, f"the chain does not pass through {kept.position}:{kept.digest}")
    newest = db.session.scalar(sa.select(sa.func.max(Seal.event_id))) or 0
    left = sa.select(Event.id).where(
        audited(), Event.id < newest, Event.at < now - LATE_FOR, ~sa.exists().where(Seal.event_id == Event.id)
    )
    yield from (
        Fault(0, event_id, f"event {event_id} was never sealed, though later ones were")
        for event_id in db.session.scalars(left.order_by(Event.id))
    )


def unsealed() -> int:
    """How many events wait for the engine to seal them."""
    waiting = (
        sa.select(sa.func.count())
        .select_from(Event)
        .where(audited(), ~sa.exists().where(Seal.event_id == Event.id))
    )
    return db.session.scalar(waiting) or 0


def _chain() -> Iterator[tuple[Seal, Event | None]]:
    """Every seal in order with its event, a thousand at a time."""
    place = 0
    while True:
        rows = db.session.execute(
            sa.select(Seal, Event)
            .outerjoin(Event, Event.id == Seal.event_id)
            .where(Seal.position > place)
            .order_by(Seal.position)
            .limit(1000)
        ).all()
        yield from ((sealed, event) for sealed, event in rows)
        if not rows:
            return
        place = rows[-1][0].position
        db.session.expunge_all()
