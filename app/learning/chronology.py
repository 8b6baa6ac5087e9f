"""The chronology of a postmortem: chosen from the timeline, reworded, never cut off from its source."""

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa

from app.database import db
from app.domain import postmortem as rules
from app.domain.lifecycle import InvalidTransition
from app.domain.text import one_line
from app.domain.timeline import Kind, Subject
from app.domain.words import PostmortemState
from app.incidents import stream
from app.learning import queries
from app.learning.models import Postmortem, PostmortemEntry
from app.people.models import User
from app.timeline.models import Event
from app.timeline.record import record

LONGEST = 1000  # characters of a line


def choose(
    postmortem: Postmortem, wanted: Collection[int], *, among: Collection[int], by: User, at: datetime
) -> None:
    """Of the entries `among`, those `wanted` stand in the chronology and the others do not.

    What `by` may not read stays as it is. Raises InvalidTransition for more than 300 lines.
    """
    _open(postmortem)
    rows = sa.select(Event).where(Event.id.in_(among), stream.told_to(by, postmortem.incident))
    seen = {event.id: event for event in db.session.scalars(rows)}
    there = {each.event_id: each for each in queries.entries(postmortem) if each.event_id is not None}
    more = [seen[number] for number in sorted(seen.keys() & set(wanted)) if number not in there]
    less = [there[number] for number in there.keys() & seen.keys() if number not in wanted]
    if not more and not less:
        return
    _needs_room(postmortem, len(more) - len(less))
    marks = stream.marks(postmortem.incident, more)
    for event in more:
        mark = marks.get(event.id)
        when = mark.happened_at if mark is not None and mark.happened_at is not None else event.at
        db.session.add(PostmortemEntry(postmortem_id=postmortem.id, event_id=event.id, at=when))
    for entry in less:
        db.session.delete(entry)
    _note(postmortem, by=by, at=at)


def say(postmortem: Postmortem, words: str, *, when: datetime, by: User, at: datetime) -> PostmortemEntry:
    """A line that the timeline does not have. Raises InvalidTransition without words."""
    _open(postmortem)
    _needs_room(postmortem, 1)
    line = one_line(words, limit=LONGEST)
    if not line:
        raise InvalidTransition("Say what happened in a word or two.")
    made = PostmortemEntry(postmortem_id=postmortem.id, at=when, words=line)
    db.session.add(made)
    _note(postmortem, by=by, at=at)
    return made


def reword(postmortem: Postmortem, entry: PostmortemEntry, words: str, *, by: User, at: datetime) -> None:
    """Other words for a line; empty ones give a line of the timeline its own back, and take any other away."""
    _open(postmortem)
    line = one_line(words, limit=LONGEST) or None
    if line == entry.words:
        return
    if line is None and entry.event_id is None:
        db.session.delete(entry)
    else:
        entry.words = line
    _note(postmortem, by=by, at=at)


def entry_of(postmortem: Postmortem, number: int) -> PostmortemEntry | None:
    return db.session.scalars(
        sa.select(PostmortemEntry).where(
            PostmortemEntry.id == number, PostmortemEntry.postmortem_id == postmortem.id
        )
    ).one_or_none()


def _open(postmortem: Postmortem) -> None:
    if postmortem.state is PostmortemState.PUBLISHED:
        raise InvalidTransition("It is published. Revise it first, then write.")


def _needs_room(postmortem: Postmortem, more: int) -> None:
    if len(queries.entries(postmortem)) + more > rules.MOST_ENTRIES:
        raise InvalidTransition(
            f"A chronology of over {rules.MOST_ENTRIES} lines is read by nobody. Choose fewer."
        )


def _note(postmortem: Postmortem, *, by: User, at: datetime) -> None:
    postmortem.updated_at = at
    record(Kind.CHANGED, Subject.POSTMORTEM, postmortem.id, at=at, by=by, part="chronology")
