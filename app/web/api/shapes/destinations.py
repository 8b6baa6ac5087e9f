"""Rooms and programs outside that are told."""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from app.domain.words import ChannelKind, DeliveryState
from app.web.api.shapes.common import Draft, Id, ListQuery, Moment, Name, Shape, absent, any_of

ChatKind = Literal["slack", "teams", "mattermost", "google_chat", "telegram", "ntfy", "webhook"]
EventName = Literal[
    "alert.triggered", "alert.acknowledged", "alert.resolved", "incident.declared", "incident.status_changed",
    "incident.resolved",
]  # fmt: skip
Address = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2048)]
Token = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)]
Room = Annotated[str, StringConstraints(strip_whitespace=True, max_length=100)]
Template = Annotated[str, StringConstraints(max_length=8000)]


class DestinationDraft(Draft):
    """`address` is what the service gave out, for Telegram the bot's token with the chat as `room`.

    `address` and `token` can be written and never read. Without `team_id` it is everybody's; a team's hears of
    that team's alerts and incidents only. `template` (webhook): JSON with {{title}}, {{text}}, {{severity}},
    {{urgency}}, {{service}}, {{number}}, {{event}}, {{link}} inside quotation marks.
    """

    kind: ChatKind
    name: Name
    address: Address
    team_id: Id | None = None
    events: list[EventName] = Field(default_factory=list, max_length=20)
    token: Token = ""
    room: Room = ""
    template: Template = ""


class DestinationChanges(Draft):
    """A change switches a disabled one on again."""

    name: Name = absent()
    address: Address = absent()
    events: list[EventName] = absent()
    token: Token = absent()
    room: Room = absent()
    template: Template = absent()


class WebhookDraft(Draft):
    """Events to a program, signed as Standard Webhooks 1.0 says."""

    name: Name
    address: Address
    team_id: Id | None = None
    events: list[EventName] = Field(default_factory=list, max_length=20)


class WebhookChanges(Draft):
    """A change switches a disabled one on again."""

    name: Name = absent()
    address: Address = absent()
    events: list[EventName] = absent()


class Destination(Shape):
    """`host` is all of the address that is shown. Times of the last success and of the trouble since."""

    id: str
    kind: ChannelKind
    name: str
    team_id: str | None
    host: str
    events: list[str]
    room: str
    template: str
    created_at: Moment
    last_ok_at: Moment | None
    failing_since: Moment | None
    last_error: str | None
    disabled_at: Moment | None
    disabled_because: str | None


class NewWebhook(Destination):
    """The one answer that holds the `secret`."""

    secret: str


class Secret(Shape):
    """A new secret, shown this once; the one before signs along until `previous_until`."""

    secret: str
    previous_until: Moment | None


class Post(Shape):
    """One message to a destination, and how far it came."""

    id: str
    event: str
    title: str
    state: DeliveryState
    attempts: int
    next_attempt_at: Moment | None
    error: str | None
    created_at: Moment
    accepted_at: Moment | None
    data: dict[str, Any]


class DestinationQuery(ListQuery):
    name: list[str] = any_of()
    team_id: list[str] = any_of()
