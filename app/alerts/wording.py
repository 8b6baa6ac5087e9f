"""What a page about an alert carries: the fact, the sentence beneath it, and the way back to the alert."""

from datetime import datetime

from app.alerts.models import Alert
from app.domain.words import ResolvedBy
from app.paging import sentences
from app.paging.page import Message
from app.people.models import User


def page_words(
    alert: Alert, reader: User, *, at: datetime, next_name: str | None = None, next_at: datetime | None = None
) -> Message:
    """The page itself. `next_name` and `next_at` say to whom it goes when the reader does not answer."""
    body = sentences.page_body(
        alert.service.name,
        alert.started_at,
        zone=reader.time_zone,
        now=at,
        next_name=next_name,
        next_at=next_at,
    )
    return _message(alert, sentences.Words(alert.title, body))


def has_it_words(alert: Alert, who: User, reader: User) -> Message:
    """Somebody acknowledged: what replaces the page on every screen that showed it."""
    if who.id == reader.id:
        return _message(alert, sentences.acknowledged_here(alert.title))
    return _message(alert, sentences.acknowledged(who.name, alert.title))


def over_words(alert: Alert, reader: User, *, by: User | None, at: datetime) -> Message:
    """It is over: what replaces the page."""
    how, name = (ResolvedBy.SOURCE, None) if by is None else (ResolvedBy.HUMAN, by.name)
    return _message(
        alert, sentences.resolved(alert.title, at=at, zone=reader.time_zone, now=at, by=how, name=name)
    )


def _message(alert: Alert, words: sentences.Words) -> Message:
    return Message(
        title=words.title,
        body=words.body,
        path=f"/alerts/{alert.number}",
        urgency=alert.urgency,
        severity=str(alert.severity),
        service_name=alert.service.name,
        started_at=alert.started_at,
    )
