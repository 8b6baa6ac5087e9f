"""The review notebook of an incident, run by the engine when somebody asks, and kept with its postmortem.

It is `00_one_incident` as of the moment for which the postmortem's own figures were counted: the same numbers.
"""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import undefer

from app.database import db
from app.domain.lifecycle import InvalidTransition
from app.domain.timeline import Kind, Subject
from app.learning.models import Postmortem, PostmortemNotebook
from app.people.models import User
from app.timeline.record import record

AGAIN = timedelta(minutes=15)  # whoever runs it has it for so long
TRIES = 3
NAME = "00_one_incident"


def of(postmortem: Postmortem) -> PostmortemNotebook | None:
    """The one that was asked for, made or not; without its page."""
    return db.session.get(PostmortemNotebook, postmortem.id)


def page_of(postmortem: Postmortem) -> PostmortemNotebook | None:
    """The last one that was made, with its page."""
    rows = sa.select(PostmortemNotebook).where(
        PostmortemNotebook.postmortem_id == postmortem.id, PostmortemNotebook.made_at.is_not(None)
    )
    return db.session.scalars(rows.options(undefer(PostmortemNotebook.html))).one_or_none()


def ask(postmortem: Postmortem, *, by: User, at: datetime) -> None:
    """Have it run; while it is being run, a second press is the first. The last one stays until it is there.

    Raises InvalidTransition for a restricted incident, which no figure counts.
    """
    if postmortem.incident.is_restricted:
        raise InvalidTransition("This incident is restricted: no figure counts it.")
    row = of(postmortem)
    if row is None:
        row = PostmortemNotebook(postmortem_id=postmortem.id, html="")
        db.session.add(row)
    elif row.next_try_at is not None:
        return
    row.asked_by_id, row.asked_at, row.tries, row.next_try_at = by.id, at, 0, at
    record(Kind.CHANGED, Subject.POSTMORTEM, postmortem.id, at=at, by=by, part="notebook")
    db.session.flush()


def waits(now: datetime) -> bool:
    """Whether somebody waits for one that nobody is at."""
    return db.session.scalar(_due(now).limit(1)) is not None


def claim_due(now: datetime) -> list[int]:
    """Take those that are waited for upon this process. One that was tried too often is given up."""
    claimed = []
    for number in db.session.scalars(_due(now).with_for_update(skip_locked=True)).all():
        row = db.session.get_one(PostmortemNotebook, number)
        if row.tries >= TRIES:
            row.next_try_at = None
            continue
        row.tries, row.next_try_at = row.tries + 1, now + AGAIN
        claimed.append(number)
    return claimed


def keep(number: int, html: str, *, as_of: datetime, at: datetime) -> None:
    """It was run."""
    row = db.session.get_one(PostmortemNotebook, number)
    row.html, row.as_of, row.made_at, row.next_try_at = html, as_of, at, None


def _due(now: datetime) -> sa.Select[int]:
    return (
        sa.select(PostmortemNotebook.postmortem_id)
        .where(PostmortemNotebook.next_try_at <= now)
        .order_by(PostmortemNotebook.next_try_at)
    )
