"""Signals that something is wrong, and the pages they cause."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from app.domain.words import (
    AlertStatus,
    DeliveryState,
    PageKind,
    PageStatus,
    ResolvedBy,
    Severity,
    Urgency,
)  # fmt: skip
from app.web.api.shapes.common import ById, Draft, Id, ListQuery, Moment, Named, Shape, Text, any_of

Sentence = Annotated[str, StringConstraints(strip_whitespace=True, max_length=10_000)]


class Link(Shape):
    href: str
    text: str


class Progress(Shape):
    """Where the alert stands in its policy: the step and round last taken, counted from 0.

    `next_at` is when the next one is taken unless somebody acknowledges; `exhausted_at` when nobody was left.
    """

    step: int
    round: int
    next_at: Moment | None
    exhausted_at: Moment | None
    is_last_resort: bool


class Alert(Shape):
    id: str
    number: int
    title: str
    description: str
    severity: Severity
    urgency: Urgency
    status: AlertStatus
    dedup_key: str
    service: Named
    integration: Named | None
    team: Named
    started_at: Moment
    created_at: Moment
    updated_at: Moment
    acknowledged_at: Moment | None
    acknowledged_by: Named | None
    assigned_to: Named | None
    raised_by: Named | None
    resolved_at: Moment | None
    resolved_by: ResolvedBy | None
    resolution: str | None
    snoozed_until: Moment | None
    occurrences: int
    links: list[Link]
    labels: dict[str, object]
    annotations: dict[str, object]
    incident: ById | None
    escalation: Progress | None


class ByHand(Draft):
    """Page a person (`user_id`) or a team (`team_id`), one of the two. The same `key` again answers the same
    alert. Without a service it is the team's first, for a person one of a team of theirs.
    """

    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    key: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    user_id: Id | None = None
    team_id: Id | None = None
    service_id: Id | None = None
    description: Text = ""
    severity: Severity = Severity.CRITICAL


class AlertQuery(ListQuery):
    """`service` and `team` are ids or exact names."""

    status: list[AlertStatus] = any_of()
    service: list[str] = any_of()
    team: list[str] = any_of()
    severity: list[Severity] = any_of()
    urgency: list[Urgency] = any_of()
    dedup_key: list[str] = any_of()
    sort: Literal["created_at", "-created_at", "updated_at", "-updated_at"] = "-created_at"


class Snooze(Draft):
    """Until a moment, or for some minutes: one of the two."""

    until: Moment | None = None
    minutes: Annotated[int, Field(ge=1, le=7 * 24 * 60)] | None = None


class Assignment(Draft):
    user_id: Id


class Resolution(Draft):
    """`resolution` says what was done, for whoever sees this alert next time."""

    resolution: Sentence | None = None


class NoteDraft(Draft):
    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=10_000)]


class TimelineEntry(Shape):
    """One recorded fact; `data` depends on `kind`."""

    id: str
    at: Moment
    kind: str
    actor: Named | None
    data: dict[str, object]


class DeliveryReport(Shape):
    """One attempt to reach one device. `at` is when it came to this state."""

    channel: str
    device: str
    state: DeliveryState
    at: Moment
    error: str | None


class Page(Shape):
    """One interruption of one person. `alert` is null for a test page."""

    id: str
    kind: PageKind
    alert: ById | None
    user: Named
    title: str
    urgency: Urgency
    step: int
    round: int
    reminder: int
    status: PageStatus
    created_at: Moment
    reason: list[str]
    deliveries: list[DeliveryReport]


class PageQuery(ListQuery):
    """`alert` and `user` are ids; newest first."""

    alert: list[str] = any_of()
    user: list[str] = any_of()
    status: list[PageStatus] = any_of()
    kind: list[PageKind] = any_of()
