"""A policy looked at before it is published: what the pure check needs, gathered from schedules and people."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from app.database import db
from app.domain import schedule as rules
from app.domain.interval import Interval
from app.domain.policy import ROOMS, Step, TargetKind, leads_back, steps_to_json, unfolded
from app.domain.policy_check import LateRule, PolicyFinding, StepFacts, check
from app.domain.words import Urgency
from app.oncall.queries import people_for, rosters
from app.oncall.unfold import all_steps
from app.paging import rules as notification_rules
from app.paging.destinations import queries as destinations
from app.paging.methods import methods_of
from app.people.models import User

AHEAD = timedelta(days=28)


def look_at(
    policy_id: int | None, steps: Sequence[Step], *, answers: int, at: datetime
) -> tuple[PolicyFinding, ...]:
    """What is odd about these steps, as they would be, now and in the coming four weeks."""
    others = all_steps()
    circles = leads_back(policy_id, steps, others)
    facts = [_facts(step, at) for step in unfolded(steps, others)] if not circles else []
    people = {user_id: name for each in facts for user_id, name in each.people}
    found = check(facts, answers=answers, circles=circles, rules=_late_rules(people))
    return found if not circles else found[:1]


def _facts(step: Step, at: datetime) -> StepFacts:
    (json,) = steps_to_json([step])
    asked = [user for user, _ in people_for(json["targets"], at)]
    people = tuple((user.id, user.name) for user in asked)
    unreachable = frozenset(user.id for user in asked if not methods_of(user))
    rooms = [target.id for target in step.targets if target.kind in ROOMS]
    tells = bool(rooms) and any(row.disabled_at is None for row in destinations.live(rooms))
    gap, schedule_id = _gap(step, at)
    return StepFacts(step, people, tells, gap, schedule_id, unreachable)


def _gap(step: Step, at: datetime) -> tuple[Interval | None, int | None]:
    """The first stretch ahead in which a step that asks schedules alone has nobody on any of them."""
    if any(target.kind is not TargetKind.SCHEDULE for target in step.targets):
        return None, None
    ids = [target.id for target in step.targets]
    uncovered: list[Interval] | None = None
    for roster in rosters(at, at + AHEAD, schedule_ids=ids).values():
        holes = [
            Interval(piece.start, piece.end)
            for piece in rules.pieces(roster.config, at, at + AHEAD)
            if not piece.on_call
        ]
        uncovered = holes if uncovered is None else _both(uncovered, holes)
    return (uncovered[0], ids[0]) if uncovered else (None, None)


def _both(these: Iterable[Interval], those: Sequence[Interval]) -> list[Interval]:
    return [both for one in these for other in those if (both := one.overlap(other)) is not None]


def _late_rules(people: dict[int, str]) -> list[LateRule]:
    """The ways that these people have chosen for urgent pages, and that are not at once."""
    found = []
    for user_id, name in people.items():
        user = db.session.get_one(User, user_id)
        labels = {notification_rules.address_of(one): one.label for one in methods_of(user)}
        for rule in notification_rules.rules_of(user_id):
            if rule.urgency is Urgency.HIGH and rule.after and rule.address in labels:
                found.append(LateRule(user_id, name, labels[rule.address], rule.after))
    return found
