"""JSON for what an alert would lead to."""

from datetime import datetime

from app.alerts import models as alerts_models
from app.alerts import simulate
from app.alerts.explain import explain
from app.domain.words import Severity, Urgency
from app.web.api.shapes import oncall as oncall_shapes
from app.web.api.shapes.common import Named


def ask(row: simulate.Turn) -> oncall_shapes.Ask:
    return oncall_shapes.Ask(
        round=row.round, step=row.step, at=row.at, users=[asked(one) for one in row.people],
        reminders=list(row.reminders), why_not=row.why_not, told=list(row.rooms),
    )  # fmt: skip


def asked(row: simulate.Asks) -> oncall_shapes.AskedPerson:
    return oncall_shapes.AskedPerson(
        id=str(row.user.id), name=row.user.name, reason=row.reasons, held_until=row.held_until,
        ways=[oncall_shapes.UsedWay(channel=way.channel, label=way.label, at=way.at) for way in row.ways],
    )  # fmt: skip


def explanation(
    row: alerts_models.Service, urgency: Urgency, *, at: datetime, severity: Severity | None = None
) -> oncall_shapes.Explanation:
    """What an alert of this service at `at` would lead to."""
    found = explain(row, urgency, at=at, severity=severity)
    story, policy = found.story, row.escalation_policy
    return oncall_shapes.Explanation(
        service=Named(id=str(row.id), name=row.name), urgency=urgency, at=at, pages=found.pages,
        policy=None if policy is None else Named(id=str(policy.id), name=policy.name),
        steps=[ask(each) for each in story.turns],
        last_resort=None
        if story.last_resort is None or story.last_resort_at is None
        else oncall_shapes.LastResort(
            at=story.last_resort_at, users=[asked(each) for each in story.last_resort]
        ),
        reason=list(found.reasons),
    )  # fmt: skip
