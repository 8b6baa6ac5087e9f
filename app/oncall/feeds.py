"""Calendar feeds: my shifts, or a whole schedule, for a calendar program that has no login (SEC-31).

A feed is one person's and is known by a secret address, kept as a hash. What it has published is kept in rows,
so that a shift that changes keeps its identity with a higher sequence number, and one that goes away is sent
as cancelled for a while instead of vanishing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from app.database import db
from app.domain.reason import OnCallRole
from app.domain.timeline import Kind, Subject
from app.oncall import ledger
from app.oncall.models import CalendarFeed, FeedEvent, Schedule
from app.oncall.queries import Roster, rosters
from app.people import secret
from app.people.models import User
from app.people.rights import Act, may
from app.timeline.record import record

BACK, AHEAD = timedelta(days=31), timedelta(days=214)  # to the first of that month
CANCELLED_KEPT = timedelta(days=31)
MOST_FEEDS = 50
PREFIX = "nbc_"


class TooManyFeeds(Exception):
    """Somebody has as many as anybody needs; the message says so."""


@dataclass(frozen=True)
class Shown:
    """One shift as a feed shows it; the ids of who has it, primaries first."""

    key: str  # stays the same while the shift keeps its beginning
    schedule_id: int
    start: datetime
    end: datetime
    primaries: tuple[int, ...]
    backups: tuple[int, ...]


def create(user: User, schedule: Schedule | None, *, at: datetime) -> tuple[CalendarFeed, str]:
    """A feed of `schedule`, or of the person's own shifts on every schedule; its secret is shown this once."""
    if len(of(user)) >= MOST_FEEDS:
        raise TooManyFeeds(f"You have {MOST_FEEDS} calendar addresses. End one you no longer use.")
    token = secret.new(PREFIX)
    feed = CalendarFeed(
        user_id=user.id, schedule_id=None if schedule is None else schedule.id,
        token_hash=secret.digest(token), prefix=token[: len(PREFIX) + 6], created_at=at,
    )  # fmt: skip
    db.session.add(feed)
    db.session.flush()
    record(Kind.CREATED, Subject.CALENDAR_FEED, feed.id, at=at, by=user, schedule_id=feed.schedule_id)
    return feed, token


def find(token: str) -> CalendarFeed | None:
    """The living feed of an address; None when it was ended, or its person may not look any more (SEC-17)."""
    if not token.startswith(PREFIX):
        return None
    feed = db.session.scalar(
        sa.select(CalendarFeed)
        .where(CalendarFeed.token_hash == secret.digest(token))
        .options(joinedload(CalendarFeed.user), joinedload(CalendarFeed.schedule))
    )
    if feed is None or feed.revoked_at is not None or not may(feed.user, Act.SEE_ON_CALL):
        return None
    return feed


def of(user: User) -> Sequence[CalendarFeed]:
    """The person's living feeds, the newest first."""
    rows = sa.select(CalendarFeed).where(CalendarFeed.user_id == user.id, CalendarFeed.revoked_at.is_(None))
    return db.session.scalars(rows.order_by(CalendarFeed.id.desc())).all()


def revoke(feed: CalendarFeed, *, by: User, at: datetime) -> None:
    """The address answers nothing from here on. Twice is once."""
    if feed.revoked_at is None:
        feed.revoked_at = at
        db.session.execute(sa.delete(FeedEvent).where(FeedEvent.feed_id == feed.id))
        record(Kind.DELETED, Subject.CALENDAR_FEED, feed.id, at=at, by=by, schedule_id=feed.schedule_id)


def published(feed: CalendarFeed, *, at: datetime) -> Sequence[FeedEvent]:
    """What the feed says at `at`, by beginning: every shift from a month back to six ahead, and those that were
    sent and are no more, as cancelled. Writes only what differs from the last time.

    The window begins and ends with a month, so that its edges, which cut shifts, do not move with each look.
    """
    known = sa.select(FeedEvent).where(FeedEvent.feed_id == feed.id)
    rows = {row.key: row for row in db.session.scalars(known)}
    start, end = _month(at - BACK), _month(at + AHEAD)
    wanted = {shown.key: shown for shown in _shifts(feed, start, end)}
    for key, shown in wanted.items():
        facts = {"primaries": list(shown.primaries), "backups": list(shown.backups)}
        row = rows.get(key)
        if row is None:
            rows[key] = row = FeedEvent(
                feed_id=feed.id, key=key, schedule_id=shown.schedule_id, start=shown.start, end=shown.end,
                people=facts, sequence=0, modified_at=at,
            )  # fmt: skip
            db.session.add(row)
        elif (row.start, row.end, row.people, row.cancelled_at) != (shown.start, shown.end, facts, None):
            row.start, row.end, row.people, row.cancelled_at = shown.start, shown.end, facts, None
            row.sequence, row.modified_at = row.sequence + 1, at
    for key, row in list(rows.items()):
        if key in wanted:
            continue
        is_old = row.start < start  # the window moved on: what of it is left has a key of its own
        if is_old or (row.cancelled_at is not None and row.cancelled_at <= at - CANCELLED_KEPT):
            db.session.delete(rows.pop(key))
        elif row.cancelled_at is None:
            row.cancelled_at, row.modified_at, row.sequence = at, at, row.sequence + 1
    db.session.flush()
    return sorted(rows.values(), key=lambda row: (row.start, row.key))


def _month(at: datetime) -> datetime:
    return at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def _shifts(feed: CalendarFeed, start: datetime, end: datetime) -> Iterator[Shown]:
    wanted = None if feed.schedule_id is None else [feed.schedule_id]
    for roster in rosters(start, end, schedule_ids=wanted).values():
        for shown in _of_one(roster, start, end):
            if feed.schedule_id is not None or feed.user_id in (*shown.primaries, *shown.backups):
                yield shown


def _of_one(roster: Roster, start: datetime, end: datetime) -> Iterator[Shown]:
    """Turns of the same people for whatever reasons as one; the first and the last may go on outside."""
    current: Shown | None = None
    for piece in ledger.pieces(roster.schedule, roster.config, start, end):
        primaries = tuple(p.user_id for p in piece.on_call if p.role is OnCallRole.PRIMARY)
        backups = tuple(p.user_id for p in piece.on_call if p.role is not OnCallRole.PRIMARY)
        if current and (current.primaries, current.backups) == (primaries, backups):
            current = Shown(current.key, roster.schedule.id, current.start, piece.end, primaries, backups)
            continue
        if current and (current.primaries or current.backups):
            yield current
        key = f"{roster.schedule.id}-{piece.start:%Y%m%dT%H%M%SZ}"
        current = Shown(key, roster.schedule.id, piece.start, piece.end, primaries, backups)
    if current and (current.primaries or current.backups):
        yield current
