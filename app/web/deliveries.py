"""Where a page went: for each device how far it came, in dots and in words, with the reason when it failed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app

from app import clock
from app.domain.words import ChannelKind, DeliveryState, PageStatus
from app.paging import bundle
from app.paging.models import Delivery, Page
from app.paging.rules import held_until
from app.web.words import exact, lasted, plain, weekday_hour


@dataclass(frozen=True)
class DeviceLine:
    device: str
    says: str
    mood: str
    steps: tuple[str, str, str, str]  # sent, accepted, shown, acked: done, waits, failed or nothing


@dataclass(frozen=True)
class PersonPaged:
    name: str
    when: str
    deliveries: tuple[DeviceLine, ...]
    says: str


def people_paged(pages: Iterable[Page]) -> list[PersonPaged]:
    """One entry a page: the person, when they were asked, and each of their devices."""
    return [
        PersonPaged(
            plain(page.user.name),
            exact(page.created_at),
            tuple(_line(delivery, page) for delivery in page.deliveries),
            "" if page.deliveries else "No device to ring. Somebody else was asked at once.",
        )
        for page in pages
    ]


def _line(delivery: Delivery, page: Page) -> DeviceLine:
    says, mood = _words(delivery, page)
    return DeviceLine(plain(delivery.device), says, mood, _steps(delivery))


def _words(delivery: Delivery, page: Page) -> tuple[str, str]:
    if delivery.state is DeliveryState.BUNDLED and (lead := bundle.lead_of(delivery)) is not None:
        says, mood = _words(lead, lead.page)
        return f"bundled in one message with alert {lead.page.subject_id}: {says}", mood
    if delivery.acked_at:
        return f"acknowledged here at {exact(delivery.acked_at)}", "ok"
    for word, at in (
        ("tapped", delivery.clicked_at),
        ("shown", delivery.shown_at),
        ("received", delivery.received_at),
    ):
        if at:
            return f"{word} after {_took(page.created_at, at)}", ""
    if delivery.state is DeliveryState.FAILED:
        return f"failed: {plain(delivery.error or 'no reason was given')}", "danger"
    if delivery.accepted_at and delivery.channel is ChannelKind.EMAIL:
        return f"the mail server took it at {exact(delivery.accepted_at)}", ""
    if delivery.accepted_at:
        age = clock.now() - delivery.accepted_at
        patience = timedelta(seconds=current_app.config["settings"].shown_within)
        return (
            "accepted, not shown yet" if age < patience else f"accepted {lasted(age)} ago, never shown"
        ), "warn"
    if delivery.next_attempt_at is None and page.status is not PageStatus.QUEUED:
        return "not sent: somebody had it already", ""
    if delivery.state is DeliveryState.QUEUED and _is_ahead(delivery):
        return _waits(delivery, page), ""
    if delivery.state is DeliveryState.THROTTLED and delivery.next_attempt_at is not None:
        return f"throttled until {exact(delivery.next_attempt_at)}, then sent with what else came", "warn"
    if delivery.attempts:
        tried = f"tried {delivery.attempts} times" if delivery.attempts > 1 else "tried once"
        return f"{tried}, {plain(delivery.error)}" if delivery.error else f"{tried}, no answer yet", "warn"
    return "waits to be sent", ""


def _is_ahead(delivery: Delivery) -> bool:
    due = delivery.next_attempt_at
    return due is not None and due > clock.now() and not delivery.attempts


def _waits(delivery: Delivery, page: Page) -> str:
    """Why nothing was sent yet: quiet hours hold it, or the person's other ways come first."""
    assert delivery.next_attempt_at is not None
    if (held := held_until(page.user, page.urgency, page.created_at)) is not None:
        return f"held until {weekday_hour(held)}, when their quiet hours end"
    return f"has its turn at {exact(delivery.next_attempt_at)}, unless somebody answers before"


def _steps(delivery: Delivery) -> tuple[str, str, str, str]:
    shown = delivery.shown_at or delivery.received_at or delivery.clicked_at or delivery.acked_at
    done = [
        delivery.sent_at or delivery.accepted_at or shown,
        delivery.accepted_at or shown,
        shown,
        delivery.acked_at,
    ]
    steps = ["done" if at else "" for at in done]
    if "" in steps:
        first = steps.index("")
        if delivery.state is DeliveryState.FAILED and first < 3:
            steps[first] = "failed"
        elif first == 2:
            steps[first] = "waits"
    return steps[0], steps[1], steps[2], steps[3]


def _took(start: datetime, end: datetime) -> str:
    seconds = max((end - start).total_seconds(), 0)
    return f"{seconds:.1f} s" if seconds < 60 else lasted(seconds)
