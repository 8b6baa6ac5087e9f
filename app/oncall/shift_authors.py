"""Who changed what somebody has before them: read from the event log, so that no verb need say it twice."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from app.database import db
from app.domain.timeline import Kind, Subject
from app.oncall.models import Swap
from app.people.models import User
from app.timeline.models import Event

_ABOUT = (Subject.SCHEDULE, Subject.OVERRIDE, Subject.TIME_OFF, Subject.SWAP)
# An event may become visible after one with a higher number: the ones just before are looked at again.
_AGAIN = 50


@dataclass(frozen=True)
class Changes:
    """What happened to a schedule. `parties`: for each event those whom a swap's own notices tell of it."""

    actors: tuple[int | None, ...]
    parties: tuple[frozenset[int], ...]
    author: str | None  # the name, where one person did all of it

    def only_by(self, user_id: int) -> bool:
        """Whether this person did all of it."""
        return bool(self.actors) and set(self.actors) == {user_id}

    def told_by_swap(self, user_id: int) -> bool:
        """Whether the notices of swaps have told this person all of it."""
        return bool(self.parties) and all(user_id in people for people in self.parties)


def last_event() -> int:
    """The number of the newest event."""
    return db.session.scalar(sa.select(sa.func.max(Event.id))) or 0


def touched_since(event_id: int) -> set[int] | None:
    """Ids of the schedules that events after this one are about; None when it may be any (somebody's leave)."""
    found: set[int] = set()
    for event in _events(event_id - _AGAIN):
        if event.subject_kind in (Subject.TIME_OFF, Subject.USER) and event.id > event_id:
            return None
        if (schedule_id := _schedule_of(event)) is not None:
            found.add(schedule_id)
    return found


def changes_since(event_id: int, schedule_id: int) -> Changes:
    """What was done to one schedule after this event, by whom; somebody's leave is done to all."""
    events = [each for each in _events(event_id - _AGAIN) if _schedule_of(each) in (schedule_id, None)]
    events = [event for event in events if event.id > event_id] or events
    actors = tuple(event.actor_id for event in events)
    one = db.session.get(User, actors[0]) if actors and len(set(actors)) == 1 and actors[0] else None
    return Changes(actors, tuple(_told(event) for event in events), one.name if one else None)


def _events(after: int) -> Sequence[Event]:
    leave_imported = sa.and_(Event.subject_kind == Subject.USER, Event.kind == Kind.IMPORTED)
    about = sa.or_(Event.subject_kind.in_(_ABOUT), leave_imported)
    return db.session.scalars(sa.select(Event).where(Event.id > after, about).order_by(Event.id)).all()


def _schedule_of(event: Event) -> int | None:
    if event.subject_kind == Subject.SCHEDULE:
        return event.subject_id
    if event.subject_kind == Subject.OVERRIDE:
        return int(event.data["schedule_id"])
    if event.subject_kind == Subject.SWAP:
        return db.session.scalar(sa.select(Swap.schedule_id).where(Swap.id == event.subject_id)) or 0
    return None


def _told(event: Event) -> frozenset[int]:
    swap = db.session.get(Swap, event.subject_id) if event.subject_kind == Subject.SWAP else None
    if swap is None:
        return frozenset()
    return frozenset({swap.owner_id, swap.requester_id, *([swap.taker_id] if swap.taker_id else [])})
