"""What is looked after, and the doors alerts come in by."""

from datetime import timedelta
from typing import Annotated, Any

from pydantic import Field

from app.alerts.sources.kinds import Kind
from app.domain.heartbeat import LONGEST, SHORTEST
from app.domain.words import LowUrgency, ServiceKind, Severity
from app.web.api.shapes.common import Draft, Id, ListQuery, Moment, Name, Shape, Text, absent, any_of

MINUTE = timedelta(minutes=1)
Silence = Annotated[int, Field(ge=SHORTEST // MINUTE, le=LONGEST // MINUTE)]


class ServiceDraft(Draft):
    """`low_urgency` says what becomes of alerts that wake nobody: paged once, or only recorded.

    `public_name` is what the public status page calls it; empty: it is not there.
    """

    name: Name
    team_id: Id
    escalation_policy_id: Id | None = None
    owner_id: Id | None = None
    description: Text = ""
    low_urgency: LowUrgency = LowUrgency.PAGE_ONCE
    kind: ServiceKind = ServiceKind.TECHNICAL
    public_name: Text = ""


class ServiceChanges(Draft):
    name: Name = absent()
    team_id: Id = absent()
    escalation_policy_id: Id | None = absent()
    owner_id: Id | None = absent()
    description: Text = absent()
    low_urgency: LowUrgency = absent()
    kind: ServiceKind = absent()
    public_name: Text = absent()
    is_active: bool = absent()


class Service(Shape):
    """`is_active` false: looked after no longer; its integrations take nothing, its history stays."""

    id: str
    name: str
    team_id: str
    escalation_policy_id: str | None
    owner_id: str | None
    description: str
    low_urgency: LowUrgency
    kind: ServiceKind
    public_name: str
    is_active: bool
    created_at: Moment


class ServiceQuery(ListQuery):
    name: list[str] = any_of()
    team_id: list[str] = any_of()
    is_active: bool = True


class IntegrationDraft(Draft):
    """`mapping` says where a `generic` sender's JSON keeps what we look for: field by dotted path. A
    `heartbeat` raises an alert when it is not heard for `silent_after_minutes` (null: 3).
    """

    name: Name
    kind: Kind
    service_id: Id
    mapping: dict[str, Any] | None = None
    default_severity: Severity | None = None
    silent_after_minutes: Silence | None = None


class IntegrationChanges(Draft):
    name: Name = absent()
    mapping: dict[str, Any] | None = absent()
    default_severity: Severity | None = absent()
    silent_after_minutes: Silence | None = absent()


class KeyDraft(Draft):
    """Without `expires_at` the key is good until it is ended."""

    expires_at: Moment | None = None


class IntegrationKey(Shape):
    """A live key: its first characters, and when it was last used."""

    id: str
    prefix: str
    created_at: Moment
    expires_at: Moment | None
    last_used_at: Moment | None


class Integration(Shape):
    """Alerts go to `address`, with the key in the header `Authorization` (in the body for `events_v2`). `url`
    is for senders that cannot set one: it has the key in its path, shown here as `…`. `key_prefix` holds the
    first characters of the newest key. `slowed_at` is when it last sent more than it may and was answered 429.
    A heartbeat alone has `silent_after_minutes` and `last_beat_at`; its `url` is what it pings.
    """

    id: str
    name: str
    kind: Kind
    service_id: str
    mapping: dict[str, Any] | None
    default_severity: Severity | None
    key_prefix: str
    keys: list[IntegrationKey]
    address: str
    url: str
    created_at: Moment
    last_used_at: Moment | None
    slowed_at: Moment | None
    silent_after_minutes: int | None
    last_beat_at: Moment | None


class NewIntegration(Integration):
    """The one answer that holds the whole `key`: in `authorization` as the header's value (null where the key
    goes in the body), and in `url`. Nobody can see them again.
    """

    key: str
    authorization: str | None


class IntegrationQuery(ListQuery):
    name: list[str] = any_of()
    kind: list[Kind] = any_of()
    service_id: list[str] = any_of()
