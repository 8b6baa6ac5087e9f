"""Who covers when, and whom to page in what order."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import (
    Field,
    PlainSerializer,
    SerializerFunctionWrapHandler,
    StringConstraints,
    model_serializer,
)

from app.domain.reason import OnCallRole
from app.domain.swap_edits import Fate
from app.domain.words import ChangeKind, ChannelKind, Severity, Urgency
from app.web.api.shapes.common import Draft, Id, ListQuery, Moment, Name, Named, Query, Shape, TimeZone, any_of

# What a draft may hold beyond its types is decided by app/domain/layers.py and policy.py, once for every door.
Minutes = Annotated[float, PlainSerializer(lambda held: int(held) if held == int(held) else held)]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class Rotation(Draft):
    """Each entry of `participants` is a set of people: the first is primary, the others back them up.

    `start` is wall-clock time in the schedule's zone: the first handoff, from which all others are counted.
    By `business_day` it hands over from Monday to Friday only, and not on its `holidays`, days as 2026-12-25.
    """

    unit: Literal["hour", "day", "week", "month", "business_day"]
    length: int = 1
    start: str
    participants: list[list[Id]]
    holidays: Annotated[list[str], Field(default_factory=list)]

    @model_serializer(mode="wrap")
    def _without_no_holidays(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        written: dict[str, Any] = handler(self)
        return {name: held for name, held in written.items() if name != "holidays" or held}


class Restriction(Draft):
    """The layer answers on these weekdays from `start` to `end`; an end before the start is the next day."""

    weekdays: list[Weekday]
    start: str
    end: str


class Layer(Draft):
    """Higher `priority` wins; what a layer leaves open the ones below it fill.

    `time_zone` is there where the layer keeps another clock than the schedule.
    """

    name: Name = "Layer 1"
    priority: int = 0
    rotation: Rotation
    restrictions: Annotated[list[Restriction], Field(default_factory=list)]
    time_zone: TimeZone | None = None

    @model_serializer(mode="wrap")
    def _without_own_zone(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        written: dict[str, Any] = handler(self)
        return {name: held for name, held in written.items() if name != "time_zone" or held is not None}


class Requirements(Draft):
    """What the schedule is checked for.

    `hours`: when somebody must be on call, "always" or as restrictions; null: whenever a layer says so.
    `people`: how many different people stand through step `through_step` of each policy that asks the schedule
    (null: all its steps).
    """

    hours: Literal["always"] | list[Restriction] | None = None
    people: int = 1
    through_step: int | None = None
    rest_hours: int = 11
    nights_in_a_row: int = 7
    one_person_only: bool = False


class Temporary(Draft):
    """Other layers from `start` to `end`, both wall-clock time of the schedule. What they leave open the usual
    layers fill, unless `holes_are_intended`.
    """

    name: Name = "Temporary"
    start: str
    end: str
    layers: Annotated[list[Layer], Field(default_factory=list)]
    holes_are_intended: bool = False


class ScheduleDraft(Draft):
    """Without `requirements` or `temporary` a new schedule has the usual ones and none; another keeps its own.

    `override_reason` is why to save a schedule in which the check finds errors; without one it is refused.
    """

    name: Name
    team_id: Id
    time_zone: TimeZone
    layers: Annotated[list[Layer], Field(default_factory=list)]
    requirements: Requirements | None = None
    temporary: Annotated[list[Temporary], Field(default_factory=list)]
    override_reason: Annotated[str, StringConstraints(max_length=1000)] | None = None


class ScheduleEdit(ScheduleDraft):
    """`swaps`: what becomes of swaps that the edit touches, by their ids; they move with their shift unless
    told otherwise.
    """

    swaps: Annotated[dict[Id, Fate], Field(default_factory=dict)]


class Schedule(Shape):
    id: str
    name: str
    team_id: str
    time_zone: str
    layers: list[Layer]
    requirements: Requirements
    temporary: list[Temporary]
    created_at: Moment
    updated_at: Moment


class TemplateQuery(Query):
    """`user_id`: who takes turns, in order; `zone`: whose day follows whose, each with some of them (without it
    those they live in, each with its own people); `start`: the first handoff, by the clock, next Monday at nine
    unless given.
    """

    user_id: list[str] = any_of()
    zone: list[TimeZone] = any_of()
    start: datetime | None = None


class Template(Shape):
    """A schedule to start from: `layers` and `requirements` go into a draft as they are."""

    key: str
    title: str
    sentence: str
    layers: list[Layer]
    requirements: Requirements


class Templates(Shape):
    items: list[Template]
    next_cursor: None


class ScheduleQuery(ListQuery):
    name: list[str] = any_of()
    team_id: list[str] = any_of()


class SpanQuery(Query):
    """Half-open, at most 400 days; `from` is now and `to` is 14 days later unless given."""

    from_: Annotated[Moment | None, Field(alias="from")] = None
    to: Moment | None = None


class OnCallPerson(Shape):
    """Somebody who covers, as first (`primary`) or behind them (`backup`)."""

    id: str
    name: str
    role: OnCallRole


class Shift(Shape):
    """`reason` tells what put these people there, the strongest last."""

    start: Moment
    end: Moment
    users: list[OnCallPerson]
    reason: list[str]


class Span(Shape):
    start: Moment
    end: Moment


class Shifts(Shape):
    """Together `items` and `gaps` are exactly the span that was asked for."""

    items: list[Shift]
    gaps: list[Span]
    next_cursor: None


class OverrideDraft(Draft):
    """Only `user_id` adds somebody, only `replaces_user_id` removes somebody, both replace one by the other."""

    schedule_id: Id
    start: Moment
    end: Moment
    user_id: Id | None = None
    replaces_user_id: Id | None = None


class Override(Shape):
    """Those of `kind` swap and takeover belong to `swap_id`, and only the swap changes them."""

    id: str
    schedule_id: str
    start: Moment
    end: Moment
    user_id: str | None
    replaces_user_id: str | None
    kind: ChangeKind
    swap_id: str | None
    created_at: Moment
    created_by: Named | None


class OverrideQuery(ListQuery):
    schedule_id: list[str] = any_of()
    user_id: list[str] = any_of()


class TimeOffDraft(Draft):
    user_id: Id
    start: Moment
    end: Moment
    note: Annotated[str, StringConstraints(max_length=1000)] = ""


class TimeOff(Shape):
    id: str
    user_id: str
    start: Moment
    end: Moment
    note: str
    created_at: Moment


class ConflictQuery(Query):
    """Whose time off (one's own unless given), from when to when."""

    start: Moment
    end: Moment
    user_id: str | None = None


class Conflict(Shape):
    """Hours on call within the time off. `gaps`: those nobody would have. `suggested`: the fairest first."""

    schedule: Named
    start: Moment
    end: Moment
    gaps: list[Span]
    suggested: list[Named]


class Conflicts(Shape):
    items: list[Conflict]
    next_cursor: None


class TimeOffQuery(ListQuery):
    user_id: list[str] = any_of()


class OnCallQuery(Query):
    """`at` is now unless given; `schedule` is an id or an exact name, every schedule unless given."""

    at: Moment | None = None
    schedule: list[str] = any_of()


class ExplainQuery(Query):
    """What would happen to an alert of `service` (an id or an exact name) at `at`."""

    service: str
    urgency: Urgency = Urgency.HIGH
    severity: Severity | None = None
    at: Moment | None = None


class ReasonedPerson(OnCallPerson):
    """With the whole chain of reasons that leads to this person."""

    reason: list[str]


class OnCallNow(Shape):
    """Who has a schedule until `until` (null: no end in sight). Nobody in `users` is a gap; `shadows` get
    copies of its pages and never count as cover.
    """

    schedule: Named
    team: Named
    users: list[ReasonedPerson]
    shadows: list[Named]
    until: Moment | None
    why_nobody: list[str]


class OnCall(Shape):
    """Every schedule that was asked about, by name of team and schedule."""

    at: Moment
    items: list[OnCallNow]
    next_cursor: None


class UsedWay(Shape):
    """How a person would be reached at `at`: `channel` is push, email, sms or voice."""

    channel: ChannelKind
    label: str
    at: Moment


class AskedPerson(Named):
    """Without any `ways` nothing reaches them. `held_until`: their quiet hours hold it till then."""

    reason: list[str]
    ways: list[UsedWay]
    held_until: Moment | None


class Ask(Shape):
    """A step, counted from 0, at the moment it would be taken, and when it reminds. `told`: its rooms, by name.

    `why_not` says why it pages nobody: it would not wait then.
    """

    round: int
    step: int
    at: Moment
    users: list[AskedPerson]
    reminders: list[Moment]
    why_not: str | None
    told: list[str]


class LastResort(Shape):
    """Who is paged when nobody is left, from `at`, every five minutes for an hour."""

    at: Moment
    users: list[AskedPerson]


class Explanation(Shape):
    """What an alert of this service at this moment would lead to if nobody ever acknowledged it.

    `pages` is false where the service only records alerts of this urgency.
    """

    service: Named
    urgency: Urgency
    at: Moment
    pages: bool
    policy: Named | None
    steps: list[Ask]
    last_resort: LastResort | None
    reason: list[str]
