"""Who is on call, for rows: configurations are gathered here, `domain.schedule` decides."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from app.database import db
from app.domain import schedule as rules
from app.domain import zone
from app.domain.escalation import plan_of
from app.domain.interval import Interval, merge
from app.domain.invalid import InvalidField
from app.domain.layer import Layer
from app.domain.layers import parse_layers, people_in
from app.domain.policy import parse_steps
from app.domain.reason import OnCallRole, Reason
from app.domain.schedule import ScheduleConfig
from app.domain.temporary import parse_temporary, people_in_temporary
from app.domain.walk import NEXT_WITHIN
from app.oncall import ledger
from app.oncall.models import EscalationPolicy, Override, Schedule, TimeOff
from app.oncall.unfold import unfold
from app.people.models import Membership, Team, User

_logger = logging.getLogger(__name__)
_INSTANT = timedelta(minutes=1)
# Whoever only looks on, or is a program, is passed over as somebody who has left: they could not acknowledge.
# Statements that every answer needs are built once: that costs more than a small database takes to run them.
_SINCE: sa.BindParameter[Any] = sa.bindparam("since")
_UNTIL: sa.BindParameter[Any] = sa.bindparam("until")
_NAMED: sa.BindParameter[Any] = sa.bindparam("user_ids", expanding=True)
# Of tables, not of models: what only values are read from goes past the mapper, at half the cost.
_CHANGES, _OFF = Override.__table__.c, TimeOff.__table__.c
_OVERRIDES = sa.select(
    _CHANGES.schedule_id, _CHANGES.id, _CHANGES.start, _CHANGES.end, _CHANGES.user_id,
    _CHANGES.replaces_user_id, _CHANGES.created_at, _CHANGES.kind,
).where(
    _CHANGES.schedule_id.in_(sa.bindparam("schedule_ids", expanding=True)),
    _CHANGES.end > _SINCE, _CHANGES.start < _UNTIL,
)  # fmt: skip
_PEOPLE = sa.select(User.id, User.name, User.can_respond, User.is_active).where(User.id.in_(_NAMED))
_TIME_OFF = sa.select(_OFF.user_id, _OFF.start, _OFF.end).where(
    _OFF.user_id.in_(_NAMED), _OFF.end > _SINCE, _OFF.start < _UNTIL
)
HORIZON = NEXT_WITHIN  # how far "until when" and "your next shift" look ahead


@dataclass(frozen=True)
class Holder:
    """One person on call, with the chain of reasons as sentences and as facts."""

    user_id: int
    name: str
    role: OnCallRole
    reasons: tuple[str, ...]
    facts: tuple[Reason, ...]


@dataclass(frozen=True)
class HeldShift:
    """From `start` to `end` the same people for the same reasons."""

    start: datetime
    end: datetime
    people: tuple[Holder, ...]


@dataclass(frozen=True)
class Roster:
    """A schedule with all that decides who is on call on it in some span, and the names of everybody in it."""

    schedule: Schedule
    config: ScheduleConfig
    names: Mapping[int, str]

    def words(self, reason: Reason) -> str:
        return reason.words(
            schedule=self.config.name,
            zone=self.config.zone,
            names=self.names,
            one_of_many=len(self.config.layers) > 1,
        )

    def holders(self, people: Iterable[rules.OnCall]) -> tuple[Holder, ...]:
        return tuple(
            Holder(
                person.user_id,
                self.names.get(person.user_id, ""),
                person.role,
                tuple(self.words(reason) for reason in person.reasons),
                person.reasons,
            )
            for person in people
        )


@dataclass(frozen=True)
class BoardRow:
    """One schedule on the on-call board. Nobody in `people` is a gap. `until`: None when no end is in sight."""

    schedule: Schedule
    people: tuple[Holder, ...]
    until: datetime | None
    why_nobody: tuple[str, ...]


@dataclass(frozen=True)
class OwnShift:
    """A person's turn. `end`: None when no end is in sight; `start` is the moment asked about when it runs
    already.
    """

    schedule: Schedule
    role: OnCallRole
    start: datetime
    end: datetime | None
    is_now: bool


@dataclass(frozen=True)
class Ask:
    """One step of a policy at the time it would fire, and whom it would page, each with reasons."""

    round: int
    step: int
    at: datetime
    people: list[tuple[User, list[str]]]


@dataclass(frozen=True)
class Explanation:
    """Who would be paged if nobody ever acknowledged, and when the last resort's turn comes."""

    asks: tuple[Ask, ...]
    last_resort_at: datetime


def rosters(start: datetime, end: datetime, *, schedule_ids: Iterable[int] | None = None) -> dict[int, Roster]:
    """All schedules, or those named, by id, ready to be asked about [start, end): four queries."""
    wanted = sa.select(Schedule).order_by(Schedule.name).options(joinedload(Schedule.team))
    if schedule_ids is not None:
        wanted = wanted.where(Schedule.id.in_(set(schedule_ids)))
    rows = db.session.scalars(wanted).all()
    if not rows:
        return {}
    overrides: dict[int, list[rules.Override]] = {row.id: [] for row in rows}
    about = {"schedule_ids": list(overrides), "since": start, "until": end}
    for row in db.session.execute(_OVERRIDES, about):
        overrides[row[0]].append(rules.Override(*row[1:]))
    layers = {row.id: _layers(row) for row in rows}
    temporary = {row.id: _temporary(row) for row in rows}
    named = {user_id for each in layers.values() for _, user_id in people_in(each)}
    named |= {user_id for each in temporary.values() for _, user_id in people_in_temporary(each)}
    named |= {
        user_id
        for each in overrides.values()
        for override_ in each
        for user_id in (override_.user_id, override_.replaces_user_id)
        if user_id is not None
    }
    standing = standing_of(named | ledger.people_in(rows, start, end), start, end)
    return {
        row.id: Roster(
            row,
            ScheduleConfig(
                row.id, row.name, _zone(row), layers[row.id], tuple(overrides[row.id]), standing.time_off,
                standing.active,
                temporary[row.id], standing.onlookers,
            ),
            standing.names,
        )
        for row in rows
    }  # fmt: skip


@dataclass(frozen=True)
class Standing:
    """What of people decides whether they answer, in a span."""

    names: Mapping[int, str]
    active: frozenset[int]
    onlookers: frozenset[int]
    time_off: tuple[rules.TimeOff, ...]


def standing_of(user_ids: Iterable[int], start: datetime, end: datetime) -> Standing:
    """The names, accounts and time off of these people in [start, end)."""
    named = set(user_ids)
    about = {"user_ids": sorted(named), "since": start, "until": end}
    people = db.session.execute(_PEOPLE, {"user_ids": about["user_ids"]}).all()
    off = db.session.execute(_TIME_OFF, about)
    return Standing(
        {user_id: name for user_id, name, *_ in people},
        frozenset(user_id for user_id, _, can_respond, _ in people if can_respond),
        frozenset(user_id for user_id, _, can_respond, here in people if here and not can_respond),
        tuple(rules.TimeOff(*row) for row in off),
    )


def on_call_at(schedule_id: int, at: datetime) -> tuple[Holder, ...]:
    """Who is on call on a schedule at `at`, primaries first; nobody also for a schedule that is not there."""
    roster = rosters(at, at + _INSTANT, schedule_ids=[schedule_id]).get(schedule_id)
    return roster.holders(_held_at(roster, at)) if roster else ()


def people_for(targets: Iterable[Mapping[str, Any]], at: datetime) -> list[tuple[User, list[str]]]:
    """Whom a step with these targets pages at `at`, in the order of the targets, each once, with reasons in
    words.

    A schedule stands for its primaries on call; its backups are paged when no primary is left, as when the
    primary is on time off (R1). A person named outright, or in a team that is, is paged unless on time off or
    switched off. Who is next on call is whoever follows on that schedule. A target that is not there any more
    asks nobody, and so holds up nothing (R5).
    """
    named = [(str(target.get("kind")), int(target.get("id", 0))) for target in targets]
    asked: dict[int, list[str]] = {}
    schedule_ids = [id_ for kind, id_ in named if kind in ("schedule", "next_on_call")]
    known = rosters(at, at + _INSTANT, schedule_ids=schedule_ids) if schedule_ids else {}
    following = next_up({id_ for kind, id_ in named if kind == "next_on_call"}, at)
    teams = members_of({id_ for kind, id_ in named if kind == "team"})
    outright = {id_ for kind, id_ in named if kind == "user"}
    away = away_among(outright.union(*(user_ids for _, user_ids in teams.values())), at)
    for kind, id_ in named:
        if kind == "user" and id_ not in away:
            asked.setdefault(id_, []).append("Named in this step")
        elif kind == "team" and id_ in teams:
            team_name, user_ids = teams[id_]
            for user_id in user_ids:
                if user_id not in away:
                    asked.setdefault(user_id, []).append(f"Everybody in {team_name} is asked")
        elif kind == "schedule" and id_ in known:
            for holder in paged(known[id_].holders(rules.resolve(known[id_].config, at))):
                asked.setdefault(holder.user_id, []).extend(holder.reasons)
        elif kind == "next_on_call" and id_ in known:
            for holder in following[id_]:
                words = (f"Next on {known[id_].config.name}", *holder.reasons)
                asked.setdefault(holder.user_id, []).extend(words)
    here = sa.select(User).where(User.id.in_(asked), User.can_respond)
    users = {user.id: user for user in db.session.scalars(here)}
    return [(users[user_id], reasons) for user_id, reasons in asked.items() if user_id in users]


def next_up(schedule_ids: set[int], at: datetime) -> dict[int, list[Holder]]:
    """Of each of these schedules whom the first change after `at` brings that has nobody of now; or nobody."""
    found: dict[int, list[Holder]] = {}
    for id_, roster in rosters(at, at + HORIZON, schedule_ids=schedule_ids).items() if schedule_ids else ():
        now = {person.user_id for person in rules.resolve(roster.config, at)}
        later = (
            paged(roster.holders(piece.on_call)) for piece in rules.pieces(roster.config, at, at + HORIZON)
        )
        found[id_] = next((them for them in later if them and not now & {one.user_id for one in them}), [])
    return found


def members_of(team_ids: set[int]) -> dict[int, tuple[str, list[int]]]:
    """Of each of these teams its name and its members, in the order in which they joined."""
    teams: dict[int, tuple[str, list[int]]] = {}
    if team_ids:
        rows = sa.select(Team.id, Team.name, Membership.user_id).join(Membership).where(Team.id.in_(team_ids))
        for team_id, name, user_id in db.session.execute(rows.order_by(Membership.id)):
            teams.setdefault(team_id, (name, []))[1].append(user_id)
    return teams


def paged(people: Sequence[Holder]) -> list[Holder]:
    """Those of the people on call whom an alert pages: the primaries, or the backups when there is none."""
    primaries = [person for person in people if person.role is OnCallRole.PRIMARY]
    return primaries or list(people)


def shifts(
    schedule_id: int, start: datetime, end: datetime
) -> tuple[tuple[HeldShift, ...], tuple[Interval, ...]]:
    """Who is on call when in [start, end), and the gaps between: together they are the whole range."""
    roster = rosters(start, end, schedule_ids=[schedule_id]).get(schedule_id)
    pieces = tuple(ledger.pieces(roster.schedule, roster.config, start, end)) if roster else ()
    held = tuple(
        HeldShift(piece.start, piece.end, roster.holders(piece.on_call))
        for piece in pieces
        if roster and piece.on_call
    )
    return held, merge(Interval(piece.start, piece.end) for piece in pieces if not piece.on_call)


def on_call_board(at: datetime) -> list[BoardRow]:
    """Every schedule with who has it at `at` and until when, by name of team and schedule."""
    board = []
    for roster in rosters(at, at + HORIZON).values():
        people = _held_at(roster, at)
        passed_over = () if people else rules.answer_at(roster.config, at).passed_over
        board.append(
            BoardRow(
                roster.schedule,
                roster.holders(people),
                rules.next_change(ledger.pieces(roster.schedule, roster.config, at, at + HORIZON)),
                tuple(roster.words(reason) for reason in passed_over),
            )
        )
    return sorted(board, key=lambda row: (row.schedule.team.name, row.schedule.name))


def _held_at(roster: Roster, at: datetime) -> tuple[rules.OnCall, ...]:
    """Who has it at `at`, from the book where that is kept."""
    piece = next(ledger.pieces(roster.schedule, roster.config, at, at + _INSTANT), None)
    return piece.on_call if piece else ()


def shifts_of(user: User, at: datetime) -> list[OwnShift]:
    """The running or next shift of `user` on each schedule that has one within the horizon, soonest first."""
    found = [_first_shift(roster, user.id, at) for roster in rosters(at, at + HORIZON).values()]
    return sorted((shift for shift in found if shift), key=lambda shift: (shift.start, shift.schedule.name))


def next_shift(user: User, at: datetime) -> OwnShift | None:
    """The shift that `user` has at `at`, else the next one; None when there is none within the horizon."""
    return next(iter(shifts_of(user, at)), None)


def explain(policy: EscalationPolicy | None, at: datetime) -> Explanation:
    """Whom an alert that arrives at `at` would page under `policy`, step by step, nobody acknowledging.

    People are those on call when each step fires. A step with nobody does not wait. Whether their devices can
    be reached is not asked.
    """
    asks = []
    steps = unfold(policy.steps) if policy else []
    plan = plan_of(parse_steps(steps))
    for round_ in range(policy.repeat + 1 if policy else 0):
        for number, step in enumerate(steps):
            people = people_for(step["targets"], at)
            asks.append(Ask(round_, number, at, people))
            if people:
                at += plan.rungs[number].wait
    return Explanation(tuple(asks), at)


def _first_shift(roster: Roster, user_id: int, at: datetime) -> OwnShift | None:
    if not any(named == user_id for _, named in people_in(roster.config.everything)) and not any(
        override.user_id == user_id for override in roster.config.overrides
    ):
        return None
    shift: OwnShift | None = None
    for piece in rules.pieces(roster.config, at, at + HORIZON):
        role = next((person.role for person in piece.on_call if person.user_id == user_id), None)
        if shift and role is not shift.role:
            return OwnShift(shift.schedule, shift.role, shift.start, piece.start, shift.is_now)
        if role and not shift:
            shift = OwnShift(roster.schedule, role, piece.start, None, piece.start == at)
    return shift


def away_among(user_ids: set[int], at: datetime) -> set[int]:
    """Those of these people who are on time off at `at`."""
    if not user_ids:
        return set()
    return set(db.session.scalars(_AWAY, {"user_ids": list(user_ids), "at": at}))


_AWAY = sa.select(TimeOff.user_id).where(
    TimeOff.user_id.in_(sa.bindparam("user_ids", expanding=True)),
    TimeOff.start <= sa.bindparam("at"), TimeOff.end > sa.bindparam("at"),
)  # fmt: skip


def _layers(row: Schedule) -> tuple[Layer, ...]:
    try:
        return parse_layers(row.layers)
    except InvalidField as fault:
        # Nobody on call is found and passed to the last resort; an error here would stop every page of this
        # schedule.
        _logger.error("schedule %s cannot be read, nobody is on call on it: %s", row.id, fault)
        return ()


def _temporary(row: Schedule) -> tuple[rules.Temporary, ...]:
    try:
        return parse_temporary(row.temporary)
    except InvalidField as fault:
        _logger.error("the temporary schedules of %s cannot be read, the usual one holds: %s", row.id, fault)
        return ()


def _zone(row: Schedule) -> str:
    try:
        zone.named(row.time_zone)
    except zone.UnknownZone:
        _logger.error("schedule %s is read in UTC: its time zone %r is unknown here", row.id, row.time_zone)
        return "UTC"
    return row.time_zone
