"""What a page about an alert says. Titles fit a lock screen: the fact first, the severity word second."""

from datetime import datetime

from app.alerts.listing import waiting_for
from app.alerts.models import Alert
from app.domain.zone import named, short
from app.paging.page import Message
from app.people.models import User

TITLE_LENGTH = 45


def alerting(alert: Alert) -> str:
    """The first link of every page's chain of reasons: what is wrong, by whose word."""
    if alert.raised_by is not None:
        return f"{alert.raised_by.name} pages by hand about {alert.service.name}"
    source = f" by {alert.integration.name}" if alert.integration is not None else ""
    return f"{alert.service.name} is alerting{source}"


def page_words(
    alert: Alert, reader: User, *, next_name: str | None = None, next_at: datetime | None = None
) -> Message:
    """The page itself. `next_name` and `next_at` say to whom it goes when the reader does not answer."""
    zone = named(reader.time_zone)
    body = f"{alert.service.name} since {short(alert.started_at, zone)}."
    if alert.raised_by is not None:
        body = f"{alert.raised_by.name} asks you. {body}"
    if next_name is not None and next_at is not None:
        body += f" Goes to {next_name} at {short(next_at, zone)}."
    title = f"{fact(alert.title, alert.severity.title())} · {alert.severity.title()}"
    return _message(alert, title, body, badge=waiting_for(reader.id, beside=alert.id) + 1)


def has_it_words(alert: Alert, who: User, reader: User) -> Message:
    """Somebody acknowledged: what replaces the page on everybody's screen."""
    title = "You have it" if who.id == reader.id else f"{who.name} has it"
    rest = "Nobody else is paged." if who.id == reader.id else "You can sleep."
    return _message(alert, title, f"{alert.title}. {rest}", badge=waiting_for(reader.id))


def covered_words(alert: Alert, reader: User, taker: User) -> Message:
    """It wakes in hours that `taker` covers for the reader."""
    title = f"Back from snooze: {fact(alert.title, 'Back from snooze')}"
    body = f"{taker.name} has your hours now and is paged."
    return _message(alert, title, body, badge=waiting_for(reader.id))


def over_words(alert: Alert, reader: User, *, by: User | None, at: datetime) -> Message:
    """It is over: what replaces the page."""
    when = short(at, named(reader.time_zone))
    says = "source says so" if by is None else f"{by.name} says so"
    title = f"Over: {fact(alert.title, '')}"
    return _message(alert, title, f"Back to normal at {when}, {says}.", badge=waiting_for(reader.id))


def fact(title: str, suffix: str) -> str:
    """The title cut so that it and its suffix fit a lock screen; cut between characters, never inside one."""
    room = TITLE_LENGTH - len(suffix) - 3
    return title if len(title) <= room else title[: room - 1].rstrip() + "…"


def _message(alert: Alert, title: str, body: str, *, badge: int) -> Message:
    return Message(
        title=title, body=body, urgency=alert.urgency, severity=str(alert.severity),
        service_name=alert.service.name, started_at=alert.started_at, badge=badge,
    )  # fmt: skip
