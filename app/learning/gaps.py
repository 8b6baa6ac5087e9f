"""What nobody has prepared, tried or finished (S-83): each with what it is and the door to mend it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from app.alerts.models import Alert, Escalation, Integration, Service
from app.database import db
from app.domain.policy import TargetKind
from app.domain.words import ResolvedBy
from app.incidents import access
from app.incidents.models import PlaybookService
from app.learning import action_queries
from app.learning.models import ActionItem
from app.oncall.models import Drill, EscalationPolicy
from app.oncall.unfold import unfold
from app.people.models import Membership, Team, User
from app.people.queries import responders
from app.people.rights import Act, may

LOOKED_BACK = timedelta(days=90)
ACTED_ON = timedelta(days=28)
MANY = 5  # alerts that nobody acted on, before a service is named for it
LATE = timedelta(days=28)  # how late an action is that is said to be never done
SCHEDULES = {TargetKind.SCHEDULE, TargetKind.NEXT_ON_CALL}


@dataclass(frozen=True)
class Lack:
    """One thing that lacks something, and where that is mended."""

    name: str
    says: str
    door: str


@dataclass(frozen=True)
class Gap:
    """A kind of gap, and everything that has it."""

    name: str
    title: str
    why: str
    lacks: Sequence[Lack]


def of(user: User, *, at: datetime) -> list[Gap]:
    """Every kind, as far as this person sees the things; one of which nothing has it is empty."""
    services = db.session.scalars(
        sa.select(Service).where(Service.is_active, access.services_seen_by(user)).order_by(Service.name)
    ).all()
    found = (
        ("owner", "Services without an owner", "Nobody in particular looks after them.", _unowned(services)),
        (
            "playbook", "Services without a playbook", "Whoever is paged at night begins with nothing.",
            _without_playbook(services),
        ),
        ("alert", "Services without alerts", "If one broke, nobody would be told.", _deaf(services)),
        ("schedule", "Services without a schedule", "Nobody has a turn for them.", _unscheduled(services)),
        (
            "policy", "Policies never exercised", "No alert has tried them in 90 days.",
            _untried(at),
        ),
        (
            "person", "People never drilled", "Nobody knows whether their phone would wake them.",
            _undrilled(user, at),
        ),
        ("action", "Actions never done", "Promised, and over 4 weeks late.", _undone(user, at)),
        (
            "noise", "Alerts never acted on", "In 28 days nobody acknowledged one: a better rule is due.",
            _unheeded(services, at),
        ),
    )  # fmt: skip
    return [Gap(name, title, why, list(lacks)) for name, title, why, lacks in found]


def _unowned(services: Sequence[Service]) -> Iterator[Lack]:
    for service in services:
        if service.owner is None or not service.owner.is_active:
            says = "nobody owns it" if service.owner is None else f"{service.owner.name} has left"
            yield Lack(service.name, says, f"/services/{service.id}#owner_id")


def _without_playbook(services: Sequence[Service]) -> Iterator[Lack]:
    known = set(db.session.scalars(sa.select(PlaybookService.service_id)))
    for service in services:
        if service.id not in known:
            yield Lack(service.name, "no playbook is for it", "/playbooks/new")


def _deaf(services: Sequence[Service]) -> Iterator[Lack]:
    doors = set(db.session.scalars(sa.select(Integration.service_id).where(Integration.is_active)))
    heard = set(db.session.scalars(sa.select(Alert.service_id).distinct()))
    for service in services:
        if service.id not in doors:
            yield Lack(service.name, "no way in for alerts", f"/services/{service.id}")
        elif service.id not in heard:
            yield Lack(service.name, "never had an alert: send a test one", f"/services/{service.id}")


def _unscheduled(services: Sequence[Service]) -> Iterator[Lack]:
    for service in services:
        policy = service.escalation_policy
        if policy is None:
            yield Lack(
                service.name,
                "no policy: the last resort at once",
                f"/services/{service.id}#escalation_policy_id",
            )
        elif not any(_names_schedule(step) for step in unfold(policy.steps)):
            door = f"/escalation-policies/{policy.id}"
            yield Lack(service.name, f"{policy.name} names people, and no schedule", door)


def _names_schedule(step: Any) -> bool:
    return any(target.get("kind") in SCHEDULES for target in step["targets"])


def _untried(at: datetime) -> Iterator[Lack]:
    """No alert of a service that it pages for took a step of an escalation."""
    tried = (
        sa.select(Service.escalation_policy_id)
        .join(Alert, Alert.service_id == Service.id)
        .join(Escalation, Escalation.alert_id == Alert.id)
        .where(Alert.created_at > at - LOOKED_BACK, Escalation.last_step_at.is_not(None))
    )
    known = set(db.session.scalars(tried.distinct()))
    for policy in db.session.scalars(sa.select(EscalationPolicy).order_by(EscalationPolicy.name)):
        if policy.id not in known:
            yield Lack(
                policy.name, "see whom it would page, then page by hand", f"/escalation-policies/{policy.id}"
            )


def _undrilled(user: User, at: datetime) -> Iterator[Lack]:
    """Who answered no drill in 90 days, of those whom this person manages, and themselves."""
    passed = set(db.session.scalars(sa.select(Drill.user_id).where(Drill.passed_at > at - LOOKED_BACK)))
    asked = set(db.session.scalars(sa.select(Drill.user_id).where(Drill.asked_at > at - LOOKED_BACK)))
    managed = None if may(user, Act.MANAGE_TEAM) else {user.id, *_managed_by(user)}
    for person in responders():
        if person.id not in passed and (managed is None or person.id in managed):
            says = "was asked, and did not answer" if person.id in asked else "was never asked"
            yield Lack(person.name, says, f"/people/{person.id}")


def _managed_by(user: User) -> Sequence[int]:
    teams = sa.select(Team.id).where(Team.manager_id == user.id)
    return db.session.scalars(sa.select(Membership.user_id).where(Membership.team_id.in_(teams))).all()


def _undone(user: User, at: datetime) -> Iterator[Lack]:
    rows = action_queries.shown_to(user).where(ActionItem.done_at.is_(None), ActionItem.due_at < at - LATE)
    for item in db.session.scalars(rows.order_by(ActionItem.due_at)):
        whose = "nobody owns it" if item.owner is None else item.owner.name
        yield Lack(item.text, f"{whose}, after INC-{item.incident_id}", f"/action-items/{item.id}")


def _unheeded(services: Sequence[Service], at: datetime) -> Iterator[Lack]:
    """Of a service with some alerts lately, none was acknowledged, and none resolved by a person."""
    heeded = sa.or_(Alert.acknowledged_at.is_not(None), Alert.resolved_by == ResolvedBy.HUMAN)
    rows = sa.select(Alert.service_id, sa.func.count(), sa.func.sum(sa.case((heeded, 1), else_=0))).where(
        Alert.created_at > at - ACTED_ON, Alert.created_at <= at
    )  # fmt: skip
    counts = {
        service_id: (total, acted)
        for service_id, total, acted in db.session.execute(rows.group_by(Alert.service_id))
    }
    for service in services:
        total, acted = counts.get(service.id, (0, 0))
        if total >= MANY and not acted:
            yield Lack(service.name, f"{total} alerts in 28 days, none acknowledged", "/response-rules")
