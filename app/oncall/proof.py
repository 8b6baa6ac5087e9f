"""The check of a schedule, for rows: what it is about is gathered here, `domain.prover` decides."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from app.database import db
from app.domain import zone
from app.domain.claims import (
    HORIZON,
    SLEEP,
    Finding,
    Person,
    Requirements,
    errors_in,
    parse_requirements,
    requirements_to_json,
)
from app.domain.interval import to_the_minute
from app.domain.invalid import Faults, InvalidField
from app.domain.layer import Layer
from app.domain.layers import layers_to_json, parse_layers, people_in
from app.domain.prover import Case, Ladder, Target, prove
from app.domain.rotation_edit import keep_running_turns
from app.domain.schedule import ScheduleConfig, Temporary
from app.domain.temporary import parse_temporary, people_in_temporary, temporary_to_json
from app.domain.walk import Walk
from app.oncall import checks
from app.oncall.models import EscalationPolicy, Schedule
from app.oncall.queries import Roster, members_of, rosters, standing_of
from app.oncall.unfold import unfold
from app.people.models import User
from app.people.profile import sleep_hours

LONGEST_REASON = 1000  # characters


class Refuted(InvalidField):
    """The check found errors and nobody said why to save all the same. `findings`: those errors."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__(
            [
                ("/override_reason", "is needed to save a schedule that the check finds errors in"),
                *(("/override_reason", finding.sentence) for finding in findings),
            ]
        )


@dataclass(frozen=True)
class Draft:
    """A schedule as somebody wishes it, read and found to name what is there."""

    COLUMNS: ClassVar = ("name", "team_id", "time_zone", "layers", "requirements", "temporary")

    name: str
    team_id: int
    time_zone: str
    layers: tuple[Layer, ...]
    requirements: Requirements
    temporary: tuple[Temporary, ...] = ()

    def columns(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "team_id": self.team_id,
            "time_zone": self.time_zone,
            "layers": layers_to_json(self.layers),
            "requirements": requirements_to_json(self.requirements),
            "temporary": temporary_to_json(self.temporary),
        }


def read_draft(
    name: str,
    team_id: int,
    time_zone: str,
    layers: object,
    requirements: object = None,
    temporary: object = (),
) -> Draft:
    """The draft that these values make, the last three of them decoded JSON. Raises InvalidField."""
    faults = Faults()
    name = faults.name(name)
    checks.team_exists(team_id, faults)
    try:
        zone.named(time_zone)
    except zone.UnknownZone as unknown:
        faults.add("/time_zone", str(unknown))
    parsed: tuple[Layer, ...] = ()
    others: tuple[Temporary, ...] = ()
    asked = Requirements()
    try:
        parsed = parse_layers(layers)
        checks.people_exist(people_in(parsed), faults)
    except InvalidField as invalid:
        faults.errors += invalid.errors
    try:
        asked = parse_requirements(requirements or None)
    except InvalidField as invalid:
        faults.errors += invalid.errors
    try:
        others = parse_temporary(temporary)
        checks.people_exist(people_in_temporary(others), faults)
    except InvalidField as invalid:
        faults.errors += invalid.errors
    faults.stop_if_any()
    return Draft(name, team_id, time_zone, parsed, asked, others)


def reason_to_save(findings: Sequence[Finding], reason: str | None) -> dict[str, Any]:
    """What the event says besides: the errors saved over, and why. Raises Refuted without a reason,
    InvalidField for one that is too long.
    """
    errors = errors_in(findings)
    if not errors:
        return {}
    reason = (reason or "").strip()
    if not reason:
        raise Refuted(errors)
    if len(reason) > LONGEST_REASON:
        raise InvalidField([("/override_reason", f"must be at most {LONGEST_REASON} characters")])
    over = [{"claim": str(finding.claim), "user_ids": list(finding.people)} for finding in errors]
    return {"override_reason": reason, "saved_over": over}  # not the sentences: they name people (SEC-34)


def prove_saved(schedule: Schedule, *, at: datetime) -> tuple[Finding, ...]:
    """Every claim about a schedule as it is, from `at` over the next 800 days."""
    start = to_the_minute(at)
    known = rosters(start, start + HORIZON)
    return _prove(known[schedule.id].config, requirements_of(schedule), known.values(), start)


def prove_draft(draft: Draft, replaced: Schedule | None, *, at: datetime) -> tuple[Finding, ...]:
    """Every claim about a draft, with the overrides and swaps of the schedule that it would replace."""
    start = to_the_minute(at)
    known = rosters(start, start + HORIZON)
    config = drafted(draft, known.get(replaced.id) if replaced else None, start, start + HORIZON)
    return _prove(config, draft.requirements, known.values(), start)


def in_place_of(schedule: Schedule, draft: Draft, *, at: datetime) -> Draft:
    """The draft as it is saved over a schedule at `at`: nobody's running shift moves when people come or go
    (R14).
    """
    minute = to_the_minute(at)
    before = rosters(minute, minute + timedelta(minutes=1), schedule_ids=[schedule.id])[schedule.id].config
    return replace(draft, layers=keep_running_turns(before, draft.layers, minute))


def drafted(draft: Draft, before: Roster | None, start: datetime, end: datetime) -> ScheduleConfig:
    """The draft as a configuration for [start, end), in the place of `before`."""
    old = before.config if before else ScheduleConfig(0, "", "UTC", (), (), (), frozenset())
    new = replace(
        old, name=draft.name, time_zone=draft.time_zone, layers=draft.layers, temporary=draft.temporary
    )
    standing = standing_of(_people((old, new)), start, end)
    return replace(new, time_off=standing.time_off, active_users=standing.active, onlookers=standing.onlookers)


def requirements_of(schedule: Schedule) -> Requirements:
    return parse_requirements(schedule.requirements or None)


def _prove(
    config: ScheduleConfig, requirements: Requirements, known: Iterable[Roster], start: datetime
) -> tuple[Finding, ...]:
    end = start + HORIZON
    here = set(_people([config]))
    ladders, asked, named = _ladders(config.id)
    others = [
        roster.config
        for roster in known
        if roster.config.id != config.id and (roster.config.id in asked or here & set(_people([roster.config])))
    ]
    case = Case(
        Walk(config, start, end),
        requirements,
        _persons(here | named),
        [Walk(other, start, end) for other in others],
        ladders,
    )
    return prove(case)


def _ladders(schedule_id: int) -> tuple[list[Ladder], set[int], set[int]]:
    """The policies that ask a schedule, also by way of another policy, with all the schedules and people they
    name.
    """
    ladders, schedules, people = [], set(), set()
    for policy in db.session.scalars(sa.select(EscalationPolicy).order_by(EscalationPolicy.id)):
        steps = tuple(tuple(_targets(step)) for step in unfold(policy.steps))
        targets = [target for step in steps for target in step]
        if any(schedule_id in (target.schedule_id, target.next_on) for target in targets):
            ladders.append(Ladder(policy.name, steps))
            on = {each for target in targets for each in (target.schedule_id, target.next_on)}
            schedules |= {each for each in on if each is not None}
            people |= {target.user_id for target in targets if target.user_id is not None}
    return ladders, schedules, people


def _targets(step: dict[str, Any]) -> Iterable[Target]:
    for target in step["targets"]:
        if target["kind"] == "user":
            yield Target(user_id=int(target["id"]))
        elif target["kind"] == "schedule":
            yield Target(schedule_id=int(target["id"]))
        elif target["kind"] == "next_on_call":
            yield Target(next_on=int(target["id"]))
        elif target["kind"] == "team":
            for _, user_ids in members_of({int(target["id"])}).values():
                yield from (Target(user_id=user_id) for user_id in user_ids)


def _people(configs: Iterable[ScheduleConfig]) -> Iterable[int]:
    """Everybody whom layers and exceptions name."""
    for config in configs:
        yield from (user_id for _, user_id in people_in(config.everything))
        for override in config.overrides:
            yield from (each for each in (override.user_id, override.replaces_user_id) if each is not None)


def _persons(user_ids: Iterable[int]) -> dict[int, Person]:
    rows = db.session.scalars(sa.select(User).where(User.id.in_(set(user_ids))))
    return {row.id: Person(row.name, _zone(row.time_zone), sleep_hours(row) or SLEEP) for row in rows}


def _zone(name: str) -> ZoneInfo:
    try:
        return zone.named(name)
    except zone.UnknownZone:  # of a person whose zone this machine's data no longer has
        return zone.named("UTC")
