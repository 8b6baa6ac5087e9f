"""A step's rooms and programs outside: they are told, and are nobody. Who answers there answers as a person."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from app.alerts import facts
from app.alerts.models import Alert, Escalation
from app.alerts.wording import fact
from app.database import db
from app.domain.escalation import PageStep
from app.domain.policy import ROOMS
from app.domain.timeline import Subject
from app.domain.words import DeliveryState
from app.domain.zone import named, short
from app.paging.destinations import queries
from app.paging.destinations.models import Destination, Post
from app.paging.destinations.post import post_to
from app.paging.page import Message

EVENT = "page"


def among(targets: Iterable[Mapping[str, Any]]) -> Sequence[Destination]:
    """The destinations among these targets that take posts now."""
    wanted = [int(target["id"]) for target in targets if target.get("kind") in ROOMS]
    found = {row.id: row for row in queries.live(wanted)} if wanted else {}
    there = [found[number] for number in dict.fromkeys(wanted) if number in found]
    return [row for row in there if row.disabled_at is None]


def tell(alert: Alert, targets: Iterable[Mapping[str, Any]], step: PageStep, *, at: datetime) -> list[str]:
    """One post to each destination among the targets; the names of those that took it."""
    told = []
    for there in among(targets):
        row = post_to(
            there, _words(alert, step), key=f"page:{alert.id}:{alert.run}:{step.round}:{step.step}",
            event=EVENT, subject_kind=Subject.ALERT, subject_id=alert.id, at=at, data=facts.alert(alert),
        )  # fmt: skip
        if row is not None:
            told.append(there.name)
    return told


def were_told(alert: Alert, at: datetime | None) -> bool:
    """Whether the step that was taken at this moment told a room that has not refused it."""
    posts = sa.select(Post.id).where(
        Post.subject_kind == Subject.ALERT, Post.subject_id == alert.id, Post.event == EVENT,
        Post.created_at == at, Post.state != DeliveryState.FAILED,
    )  # fmt: skip
    return db.session.scalar(posts.limit(1)) is not None


def posts_of_step(condition: sa.ColumnElement[bool]) -> sa.Exists:
    """Posts of the step that an escalation last took."""
    return (
        sa.exists()
        .where(Post.subject_kind == Subject.ALERT, Post.subject_id == Escalation.alert_id)
        .where(Post.event == EVENT, Post.created_at == Escalation.last_step_at, condition)
        .correlate(Escalation)
    )


def _words(alert: Alert, step: PageStep) -> Message:
    word = alert.severity.title()
    since = short(alert.started_at, named("UTC"))
    return Message(
        f"{fact(alert.title, word)} · {word}", f"{alert.service.name} since {since}. Step {step.step + 1}.",
        alert.urgency, severity=alert.severity, service_name=alert.service.name, started_at=alert.started_at,
    )  # fmt: skip
