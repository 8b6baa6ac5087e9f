"""What the checks of a swap know of people: roster, duties, leave, devices (R19)."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import sqlalchemy as sa

from app.database import db
from app.domain.interval import Interval, subtract
from app.domain.layers import people_in
from app.domain.lifecycle import InvalidTransition
from app.domain.schedule import ScheduleConfig, pieces
from app.domain.swap import SwapRules
from app.domain.swap_checks import Duty, Finding, Taker, failures
from app.oncall import queries
from app.oncall.models import Schedule, TimeOff
from app.oncall.models import SwapRules as SwapRulesRow
from app.oncall.proven import proofs
from app.oncall.queries import Roster
from app.people.models import User

AROUND = timedelta(days=2)  # how far rest looks around the hours; no rule asks for more
PROVEN_FOR = timedelta(days=30)  # how long a test page proves a phone


class CannotTake(InvalidTransition):
    """The checks stand against it; `findings` names each."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__(" ".join(finding.says for finding in findings))
        self.findings = tuple(findings)


def rules_of(schedule_id: int) -> SwapRules:
    """What the schedule asks of swaps."""
    row = db.session.get(SwapRulesRow, schedule_id)
    if row is None:
        return SwapRules()
    return SwapRules(
        row.needs_approval,
        timedelta(hours=row.rest_hours),
        frozenset(int(user_id) for user_id in row.eligible),
        None if row.auto_hours_ahead is None else timedelta(hours=row.auto_hours_ahead),
        row.auto_rest_kept,
        row.auto_on_roster,
    )


def on_roster(schedule: Roster) -> set[int]:
    """Everybody the layers name."""
    return {user_id for _, user_id in people_in(schedule.config.layers)}


def places_of(config: ScheduleConfig, owner_id: int) -> ScheduleConfig:
    """The schedule as if this person were not on time off: their places are what a swap gives away.

    Somebody who covers is the usual way to go on leave, so leave does not take the hours out of one's hands.
    """
    return replace(config, time_off=tuple(off for off in config.time_off if off.user_id != owner_id))


def takers(user_ids: Collection[int], schedule: Roster, spans: Sequence[Interval], at: datetime) -> list[Taker]:
    """The facts about each of these people around `spans`, in the order of their ids."""
    start, end = min(span.start for span in spans) - AROUND, max(span.end for span in spans) + AROUND
    duties = duties_of(user_ids, Interval(start, end))
    allowed = on_roster(schedule) | rules_of(schedule.schedule.id).eligible
    people = db.session.scalars(sa.select(User).where(User.id.in_(user_ids)).order_by(User.id))
    away: dict[int, list[Interval]] = {}
    for off in db.session.scalars(
        sa.select(TimeOff).where(TimeOff.user_id.in_(user_ids), TimeOff.end > start, TimeOff.start < end)
    ):
        away.setdefault(off.user_id, []).append(Interval(off.start, off.end))
    proven = proofs(user_ids)
    return [
        Taker(
            user.id,
            user.name,
            user.is_active,
            user.id in allowed,
            tuple(duties.get(user.id, ())),
            tuple(away.get(user.id, ())),
            is_reachable=user.id in proven,
            is_proven=(last := proven.get(user.id)) is not None and at - last <= PROVEN_FOR,
        )
        for user in people
    ]


def duties_of(user_ids: Collection[int], span: Interval) -> dict[int, list[Duty]]:
    """When these people are on call on any schedule within `span`."""
    found: dict[int, list[Duty]] = {}
    for roster in queries.rosters(span.start, span.end).values():
        for piece in pieces(roster.config, span.start, span.end):
            for person in piece.on_call:
                if person.user_id in user_ids:
                    duty = Duty(
                        roster.schedule.id, roster.schedule.name, Interval(piece.start, piece.end), person.role
                    )
                    found.setdefault(person.user_id, []).append(duty)
    return found


def check(
    schedule: Roster,
    *,
    comes: int,
    goes: int,
    takes: Sequence[Interval],
    gives: Sequence[Interval] = (),
    at: datetime,
) -> tuple[Finding, ...]:
    """Why the person `comes` cannot take these hours of the person `goes`; empty when nothing is against it.

    `gives` are hours that the same agreement takes off them.
    """
    schedule_id = schedule.schedule.id
    found: tuple[Finding, ...] = ()
    for person in takers({comes}, schedule, [*takes, *gives], at):
        freed = replace(person, duties=tuple(without(person.duties, gives, schedule_id)))
        found += failures(
            freed, takes, owner_id=goes, schedule_id=schedule_id, rest=rules_of(schedule_id).rest,
            zone=schedule.config.zone,
        )  # fmt: skip
    return found


def without(duties: Sequence[Duty], given: Sequence[Interval], schedule_id: int) -> list[Duty]:
    """Duties on a schedule less the hours that the same agreement takes away; those elsewhere as they are."""
    return [
        replace(duty, hours=left)
        for duty in duties
        for left in (subtract([duty.hours], given) if duty.schedule_id == schedule_id else (duty.hours,))
    ]


def roster_for(schedule_id: int, *spans: Interval) -> Roster:
    """The schedule with all that decides about these hours."""
    start, end = min(span.start for span in spans), max(span.end for span in spans)
    return queries.rosters(start, end, schedule_ids=[schedule_id])[schedule_id]


def managers_of(schedule: Schedule) -> list[User]:
    """Who approves: the managers of the schedule's team, else every manager and administrator."""
    team = schedule.team
    named = {member.user_id for member in team.memberships if member.role == "manager"} | {team.manager_id}
    people = sa.select(User).where(User.is_active.is_(True), ~User.is_service).order_by(User.id)
    found = db.session.scalars(people.where(User.id.in_({id_ for id_ in named if id_}))).all()
    return list(found or db.session.scalars(people.where(User.role.in_(("manager", "administrator")))))
