"""Alerts and cover: what nobody has goes to whoever has the hours now (R28).

A page that somebody acknowledged stays theirs. What a schedule's person was paged for before the hours changed
hands goes to the taker as well, at the next step; an alert that they snoozed wakes for the taker.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from app.alerts.models import Alert
from app.database import db
from app.domain.reason import Why
from app.domain.timeline import Subject
from app.domain.words import PageKind
from app.oncall.queries import Holder, on_call_at, paged
from app.paging.models import Page
from app.people.models import User

HANDED_OVER = "You have the hours of somebody who was paged for this before"


def successors(
    alert: Alert, steps: Iterable[Mapping[str, Any]], asked: set[int], at: datetime
) -> list[tuple[User, list[str]]]:
    """Who has the hours of somebody paged in this run by one of these earlier steps, and has not been paged.

    `asked` are paged by the step itself.
    """
    before = _paged_in_run(alert)
    return [
        (user, [HANDED_OVER, *holder.reasons])
        for holder in _covering(steps, at)
        if holder.user_id not in before | asked and relieved(holder) & before
        if (user := db.session.get(User, holder.user_id)) is not None and user.is_active
    ]


def whoever_covers(user_id: int, steps: Iterable[Mapping[str, Any]], at: datetime) -> User | None:
    """Who has this person's hours at `at` on a schedule that these steps ask; None when they have them."""
    for holder in _covering(steps, at):
        if user_id in relieved(holder):
            return db.session.get(User, holder.user_id)
    return None


def relieved(holder: Holder) -> set[int]:
    """Everybody whose hours came to this person, by swaps, take-overs and overrides."""
    named = {fact.other_user_id for fact in holder.facts if fact.kind is Why.COVER}
    return {user_id for user_id in named if user_id is not None and user_id != holder.user_id}


def _covering(steps: Iterable[Mapping[str, Any]], at: datetime) -> list[Holder]:
    schedules = {
        int(target["id"]) for step in steps for target in step["targets"] if target["kind"] == "schedule"
    }
    return [holder for id_ in sorted(schedules) for holder in paged(on_call_at(id_, at))]


def _paged_in_run(alert: Alert) -> set[int]:
    rows = sa.select(Page.user_id).where(
        Page.subject_kind == Subject.ALERT, Page.subject_id == alert.id, Page.run == alert.run,
        Page.kind == PageKind.PAGE,
    )  # fmt: skip
    return set(db.session.scalars(rows))
