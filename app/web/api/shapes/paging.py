"""Devices that can ring."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from app.domain.words import ChannelKind, Urgency
from app.web.api.shapes.common import Draft, Id, ListQuery, Moment, Name, Shape, absent

# the ways to a person; the other channels lead to rooms that many read
ToPerson = Literal[ChannelKind.PUSH, ChannelKind.EMAIL, ChannelKind.SMS, ChannelKind.VOICE]
Key = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class PushKeys(Draft):
    p256dh: Key
    auth: Key


class PushSubscriptionDraft(Draft):
    """What a browser's `subscription.toJSON()` gives, and what its owner calls the device."""

    endpoint: Annotated[str, StringConstraints(min_length=1, max_length=2000)]
    keys: PushKeys
    device: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)] = "A device"
    expirationTime: float | None = None


class PushSubscriptionChanges(Draft):
    device: Name = absent()


class PushSubscription(Shape):
    """A device of the caller. Its keys are never shown. `verified_at`: a test page was last tapped here."""

    id: str
    user_id: str
    endpoint: str
    device: str
    created_at: Moment
    last_seen_at: Moment
    verified_at: Moment | None


class PushSubscriptionQuery(ListQuery):
    pass


class PushKey(Shape):
    """The VAPID public key, base64url, as `pushManager.subscribe` takes it."""

    key: str


class NotificationRuleDraft(Draft):
    """Use this way `after_minutes` (0 to 60); without `contact_id` all devices, or one's sign-in address."""

    urgency: Urgency
    channel: ToPerson
    contact_id: Id | None = None
    after_minutes: Annotated[float, Field(ge=0, le=60)] = 0


class NotificationRulesDraft(Draft):
    items: Annotated[list[NotificationRuleDraft], Field(max_length=20)]


class NotificationRule(Shape):
    urgency: Urgency
    channel: ChannelKind
    contact_id: str | None
    after_minutes: float


class NotificationRules(Shape):
    items: list[NotificationRule]
