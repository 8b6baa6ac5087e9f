"""Who covers when: schedules as data, exceptions to them, whom to page in what order."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.database import Model
from app.domain.flapping import USUAL_LIMIT
from app.domain.words import CalendarUse, ChangeKind, OfferState, SwapMode, SwapState
from app.people.models import Team, User

UNJUDGED = sa.text("passed_at IS NULL AND failed_at IS NULL")


class Schedule(Model):
    """Layers of rotations in one time zone. `layers` and `requirements` have the shapes of docs/api.md."""

    __tablename__ = "schedule"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    team_id: Mapped[int] = mapped_column(sa.ForeignKey("team.id"), index=True)
    time_zone: Mapped[str]
    layers: Mapped[list[Any]]
    requirements: Mapped[dict[str, Any]] = mapped_column(
        default=dict, server_default="{}"
    )  # what it is checked for; see domain.claims
    temporary: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")  # see domain.temporary
    version: Mapped[int] = mapped_column(default=1)
    recorded_until: Mapped[datetime | None]  # how far the book of who had it is kept; None: not begun
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    team: Mapped[Team] = relationship()


class LedgerEntry(Model):
    """One answer of a schedule's past: `people` (or nobody) from `start` to `end`; without an end it runs."""

    __tablename__ = "ledger_entry"
    __table_args__ = (sa.UniqueConstraint("schedule_id", "start"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    schedule_id: Mapped[int]  # no foreign key: the book outlives the schedule
    start: Mapped[datetime]
    end: Mapped[datetime | None]
    people: Mapped[list[Any]]  # user_id, role, reasons as facts
    version: Mapped[int]  # of the schedule then
    recorded_at: Mapped[datetime]


class CalendarFeed(Model):
    """A secret address at which a calendar program reads one person's shifts, or one schedule."""

    __tablename__ = "calendar_feed"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"), index=True)
    schedule_id: Mapped[int | None] = mapped_column(sa.ForeignKey("schedule.id"))  # None: all own shifts
    token_hash: Mapped[str] = mapped_column(unique=True)
    prefix: Mapped[str]
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    user: Mapped[User] = relationship()
    schedule: Mapped[Schedule | None] = relationship()


class CalendarSource(Model):
    """An address that is read again every hour, for a schedule or for one person's time off.

    `read_at` is when it was last read well and `found` how much was in it; that stays while `problem` says why
    it cannot be read now. The address may be a secret, so it is sealed and only `host` is shown.
    """

    __tablename__ = "calendar_source"
    __table_args__ = (sa.UniqueConstraint("schedule_id", "brings"), sa.UniqueConstraint("user_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    brings: Mapped[CalendarUse]
    schedule_id: Mapped[int | None] = mapped_column(sa.ForeignKey("schedule.id"))
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))  # whose time off
    sealed_address: Mapped[str]
    host: Mapped[str]
    added_by_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    created_at: Mapped[datetime]
    next_at: Mapped[datetime] = mapped_column(index=True)
    read_at: Mapped[datetime | None]
    found: Mapped[int] = mapped_column(default=0)
    digest: Mapped[str] = mapped_column(default="")  # of what was last brought in, and the day
    problem: Mapped[str] = mapped_column(default="")  # empty while it reads well
    failing_since: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0)  # in a row

    schedule: Mapped[Schedule | None] = relationship()
    user: Mapped[User | None] = relationship(foreign_keys=[user_id])
    added_by: Mapped[User] = relationship(foreign_keys=[added_by_id])


class FeedEvent(Model):
    """What a feed last said of one shift; `people` are ids, `sequence` counts its changes."""

    __tablename__ = "feed_event"
    __table_args__ = (sa.UniqueConstraint("feed_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    feed_id: Mapped[int] = mapped_column(sa.ForeignKey("calendar_feed.id"))
    key: Mapped[str]
    schedule_id: Mapped[int]
    start: Mapped[datetime]
    end: Mapped[datetime]
    people: Mapped[dict[str, Any]]
    sequence: Mapped[int]
    modified_at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]


class ScheduleCheck(Model):
    """What the last check of a schedule found, and when the next one is due."""

    __tablename__ = "schedule_check"

    schedule_id: Mapped[int] = mapped_column(sa.ForeignKey("schedule.id", ondelete="CASCADE"), primary_key=True)
    findings: Mapped[list[Any]]
    checked_at: Mapped[datetime]
    due_at: Mapped[datetime] = mapped_column(index=True)


class Override(Model):
    """An exception: `user_id` alone adds, `replaces_user_id` alone removes, both replace. The newest wins.

    It takes effect when it is created. A swap writes its own when it is agreed, and only the swap changes them.
    """

    __tablename__ = "override"

    id: Mapped[int] = mapped_column(primary_key=True)
    schedule_id: Mapped[int] = mapped_column(sa.ForeignKey("schedule.id"), index=True)
    start: Mapped[datetime]
    end: Mapped[datetime]
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    replaces_user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    kind: Mapped[ChangeKind] = mapped_column(default=ChangeKind.OVERRIDE)
    swap_id: Mapped[int | None] = mapped_column(sa.ForeignKey("swap.id"), index=True)  # which swap wrote it


class Shadow(Model):
    """Somebody who gets a copy of every page of a schedule and never counts as cover, from `start` to `end`
    (None: until it is ended). `handoff_id`: who stays beside the next one until that person answers.
    """

    __tablename__ = "shadow"

    id: Mapped[int] = mapped_column(primary_key=True)
    schedule_id: Mapped[int] = mapped_column(sa.ForeignKey("schedule.id"), index=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"), index=True)
    start: Mapped[datetime]
    end: Mapped[datetime | None]
    handoff_id: Mapped[int | None] = mapped_column(sa.ForeignKey("handoff.id"), index=True)
    created_at: Mapped[datetime]

    schedule: Mapped[Schedule] = relationship()
    user: Mapped[User] = relationship()


class TimeOff(Model):
    """A person is away: out of every answer between start and end (R1)."""

    __tablename__ = "time_off"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"), index=True)
    start: Mapped[datetime]
    end: Mapped[datetime]
    note: Mapped[str] = mapped_column(default="")
    is_imported: Mapped[bool] = mapped_column(default=False)  # from a calendar: the next import replaces it
    created_at: Mapped[datetime]

    user: Mapped[User] = relationship()


class Swap(Model):
    """Hours of `owner` that `taker` takes, and how far that has come (R16). `pieces`: parts of turns.

    `start` and `end` are what was asked for; the owner's real hours in them are the pieces'. `requester` is not
    the owner when a manager asks on their behalf (R27).
    """

    __tablename__ = "swap"

    id: Mapped[int] = mapped_column(primary_key=True)
    schedule_id: Mapped[int] = mapped_column(sa.ForeignKey("schedule.id"), index=True)
    mode: Mapped[SwapMode]
    state: Mapped[SwapState]
    version: Mapped[int] = mapped_column(default=1)
    owner_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"), index=True)
    requester_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    taker_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"), index=True)
    start: Mapped[datetime]
    end: Mapped[datetime]
    pieces: Mapped[list[Any]]
    return_start: Mapped[datetime | None]
    return_end: Mapped[datetime | None]
    return_pieces: Mapped[list[Any]]
    asked: Mapped[list[Any]]  # user ids; empty: everybody who may
    declined: Mapped[list[Any]]  # user ids
    exempt: Mapped[dict[str, Any]]  # user id -> a manager's reason, and what of the checks it is in spite of
    note: Mapped[str] = mapped_column(default="")
    because: Mapped[str] = mapped_column(default="")  # why it was approved by itself, rejected or ended
    part_of_id: Mapped[int | None] = mapped_column(sa.ForeignKey("swap.id"))
    releases_id: Mapped[int | None] = mapped_column(sa.ForeignKey("swap.id"))  # by this its taker hands it on
    handed_on_to_id: Mapped[int | None] = mapped_column(sa.ForeignKey("swap.id"))
    ring_id: Mapped[int | None] = mapped_column(sa.ForeignKey("ring.id"), index=True)  # three go round
    accepted_at: Mapped[datetime | None]
    approved_at: Mapped[datetime | None]
    approved_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    reminded_minutes: Mapped[int | None]  # how long before the start the last reminder went out
    next_due_at: Mapped[datetime | None] = mapped_column(index=True)  # when time itself moves it next
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    schedule: Mapped[Schedule] = relationship()
    owner: Mapped[User] = relationship(foreign_keys=[owner_id])
    requester: Mapped[User] = relationship(foreign_keys=[requester_id])
    taker: Mapped[User | None] = relationship(foreign_keys=[taker_id])
    approved_by: Mapped[User | None] = relationship(foreign_keys=[approved_by_id])
    offers: Mapped[list["SwapOffer"]] = relationship(order_by="SwapOffer.id", back_populates="swap")


class SwapOffer(Model):
    """Somebody would take part of a swap's hours; its owner decides (R24)."""

    __tablename__ = "swap_offer"

    id: Mapped[int] = mapped_column(primary_key=True)
    swap_id: Mapped[int] = mapped_column(sa.ForeignKey("swap.id"), index=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    start: Mapped[datetime]
    end: Mapped[datetime]
    note: Mapped[str] = mapped_column(default="")
    state: Mapped[OfferState]
    created_at: Mapped[datetime]

    swap: Mapped[Swap] = relationship(back_populates="offers")
    user: Mapped[User] = relationship()


class SwapRules(Model):
    """What a schedule asks of swaps; without a row the defaults of `domain.swap.SwapRules` hold."""

    __tablename__ = "swap_rules"

    schedule_id: Mapped[int] = mapped_column(sa.ForeignKey("schedule.id"), primary_key=True)
    needs_approval: Mapped[bool] = mapped_column(default=False)
    rest_hours: Mapped[int] = mapped_column(default=11)
    eligible: Mapped[list[Any]]  # user ids, besides the people of the layers
    auto_hours_ahead: Mapped[int | None]
    auto_rest_kept: Mapped[bool] = mapped_column(default=False)
    auto_on_roster: Mapped[bool] = mapped_column(default=False)
    updated_at: Mapped[datetime]


class FairnessRules(Model):
    """What hours weigh on a schedule; a kind it does not name weighs what it does in the organisation."""

    __tablename__ = "fairness_rules"

    schedule_id: Mapped[int] = mapped_column(sa.ForeignKey("schedule.id"), primary_key=True)
    weights: Mapped[dict[str, Any]]  # kind of hour -> number
    holidays: Mapped[list[Any]]  # local days, as 2026-12-25
    imported_holidays: Mapped[dict[str, Any]] = mapped_column(
        default=dict, server_default="{}"
    )  # day -> its name
    updated_at: Mapped[datetime]


class UsualWeights(Model):
    """One row: what hours weigh wherever a schedule says nothing else; without it domain.fairness says."""

    __tablename__ = "usual_weights"

    id: Mapped[int] = mapped_column(primary_key=True)
    weights: Mapped[dict[str, Any]]  # kind of hour -> number
    updated_at: Mapped[datetime]


class ShiftPlan(Model):
    """What the people of a schedule were last told they have: the next 90 days as they stood at `made_at`.

    `next_at` is when somebody is to be told something next, `event_id` the last change that was looked at.
    """

    __tablename__ = "shift_plan"

    schedule_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # outlives the schedule
    name: Mapped[str]
    time_zone: Mapped[str]
    shifts: Mapped[list[Any]]
    made_at: Mapped[datetime]
    until: Mapped[datetime]
    event_id: Mapped[int]
    next_at: Mapped[datetime] = mapped_column(index=True)


class ShiftTold(Model):
    """One thing one person was told of one shift: so that it is told once, whatever restarts (idempotency)."""

    __tablename__ = "shift_told"
    __table_args__ = (sa.UniqueConstraint("user_id", "schedule_id", "what", "start", "lead_minutes"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    schedule_id: Mapped[int]  # 0: of all their schedules
    what: Mapped[str]  # soon, over, week
    start: Mapped[datetime]
    lead_minutes: Mapped[int] = mapped_column(default=0)
    at: Mapped[datetime]


class Handoff(Model):
    """The pager goes from `outgoing` (None: nobody had it) to `incoming` at `at`, confirmed or not.

    `next_at` is when the engine asks, reminds, or asks the outgoing person to stay; None: nothing more to ask.
    """

    __tablename__ = "handoff"
    __table_args__ = (sa.UniqueConstraint("schedule_id", "at", "incoming_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    schedule_id: Mapped[int] = mapped_column(sa.ForeignKey("schedule.id"))
    at: Mapped[datetime]
    incoming_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"), index=True)
    outgoing_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"), index=True)
    note: Mapped[str] = mapped_column(default="")  # from the outgoing person
    asked_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    stay_asked_at: Mapped[datetime | None]
    stays_at: Mapped[datetime | None]  # the outgoing person stays as a shadow
    next_at: Mapped[datetime | None] = mapped_column(index=True)
    created_at: Mapped[datetime]

    schedule: Mapped[Schedule] = relationship()
    incoming: Mapped[User] = relationship(foreign_keys=[incoming_id])
    outgoing: Mapped[User | None] = relationship(foreign_keys=[outgoing_id])


class EscalationPolicy(Model):
    """Ordered steps, how many more rounds, and who is paged when nobody is left."""

    __tablename__ = "escalation_policy"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    team_id: Mapped[int] = mapped_column(sa.ForeignKey("team.id"), index=True)
    steps: Mapped[list[Any]]
    repeat: Mapped[int] = mapped_column(default=0)
    last_resort_user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    answers: Mapped[int] = mapped_column(default=1, server_default="1")  # how many must acknowledge
    ask_again_minutes: Mapped[int | None]  # after an acknowledgement; None: never
    flap_limit: Mapped[int | None] = mapped_column(default=USUAL_LIMIT, server_default="5")  # None: no limit
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    team: Mapped[Team] = relationship()


class Drill(Model):
    """A page that only asks to be tapped, to one person (D2). Never in a figure.

    `schedule_id` and `shift_start` say which shift it proves; none: the person asked for it.
    """

    __tablename__ = "drill"
    __table_args__ = (
        sa.UniqueConstraint("user_id", "schedule_id", "shift_start"),
        sa.Index("drill_user_index", "user_id", "id"),
        sa.Index("drill_running_index", "due_at", sqlite_where=UNJUDGED, postgresql_where=UNJUDGED),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    schedule_id: Mapped[int | None]  # outlives the schedule
    shift_start: Mapped[datetime | None]
    due_at: Mapped[datetime]
    asked_at: Mapped[datetime | None]
    page_id: Mapped[int | None] = mapped_column(sa.ForeignKey("page.id"))
    passed_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]

    user: Mapped[User] = relationship()
