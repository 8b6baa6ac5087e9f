"""JSON for a noun, made once: rows in, shapes of the API out, for every edge that answers in JSON."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from app.alerts import models as alerts_models
from app.alerts.heartbeats import minutes_of
from app.alerts.sources.kinds import Kind
from app.database import db
from app.domain.claims import requirements_to_json
from app.domain.timeline import Subject
from app.domain.words import DeliveryState, EscalationState
from app.incidents import access
from app.incidents import models as incidents_models
from app.leaving.duties import Duty
from app.oncall import models as oncall_models
from app.oncall import queries as oncall_queries
from app.oncall import shadow
from app.oncall.proof import requirements_of
from app.paging import models as paging_models
from app.people import models as people_models
from app.people.invitations import Sent
from app.people.ways_in import Invitation
from app.timeline import models as timeline_models
from app.web.addresses import integration_address, integration_url, join_url
from app.web.api.auth import me
from app.web.api.shapes import alerts as alert_shapes
from app.web.api.shapes import audit as audit_shapes
from app.web.api.shapes import incidents as incident_shapes
from app.web.api.shapes import oncall as oncall_shapes
from app.web.api.shapes import paging as paging_shapes
from app.web.api.shapes import people as people_shapes
from app.web.api.shapes import policies as policy_shapes
from app.web.api.shapes import services as service_shapes
from app.web.api.shapes.common import ById, Named

KEY_HIDDEN = "…"
HasName = people_models.User | people_models.Team | alerts_models.Service | alerts_models.Integration


def duty(held: Duty) -> people_shapes.Duty:
    """One place that somebody would have to hand over."""
    return people_shapes.Duty(
        key=held.key, says=held.says, without=held.without, is_risky=held.is_risky, may_end=held.may_end
    )


def user(row: people_models.User) -> people_shapes.User:
    return people_shapes.User(
        id=str(row.id), email=row.email, name=row.name, role=row.role, time_zone=row.time_zone,
        is_active=row.is_active, is_locked=row.locked_at is not None, created_at=row.created_at,
        teams=[_named(each.team) for each in sorted(row.memberships, key=lambda each: each.team_id)],
    )  # fmt: skip


def team(row: people_models.Team) -> people_shapes.Team:
    return people_shapes.Team(
        id=str(row.id), name=row.name, manager_id=_id(row.manager_id), created_at=row.created_at,
        description=row.description, tags=row.tags,
        members=[
            people_shapes.Member(user=_named(each.user), role=each.role)
            for each in sorted(row.memberships, key=lambda each: each.user_id)
        ],
    )  # fmt: skip


def invitation(row: Invitation) -> people_shapes.Invitation:
    return people_shapes.Invitation(**_invitation(row))


def new_invitation(sent: Sent) -> people_shapes.NewInvitation:
    return people_shapes.NewInvitation(**_invitation(sent.invitation), url=join_url(sent))


def _invitation(row: Invitation) -> dict[str, Any]:
    return {
        "id": str(row.id), "email": row.email, "role": row.role, "team": row.team and _named(row.team),
        "team_role": row.team_role, "invited_by": _named(row.invited_by), "created_at": row.created_at,
        "sent_at": row.sent_at, "expires_at": row.expires_at,
    }  # fmt: skip


def service(row: alerts_models.Service) -> service_shapes.Service:
    return service_shapes.Service(
        id=str(row.id), name=row.name, team_id=str(row.team_id),
        escalation_policy_id=_id(row.escalation_policy_id), owner_id=_id(row.owner_id),
        description=row.description, low_urgency=row.low_urgency, kind=row.kind,
        public_name=row.public_name,
        is_active=row.is_active, created_at=row.created_at,
    )  # fmt: skip


def integration(row: alerts_models.Integration) -> service_shapes.Integration:
    return service_shapes.Integration(
        id=str(row.id), name=row.name, kind=Kind(row.kind), service_id=str(row.service_id), mapping=row.mapping,
        default_severity=row.default_severity, key_prefix=row.live_keys[-1].prefix,
        keys=[_key(each) for each in row.live_keys],
        address=integration_address(row.kind), url=integration_url(row.kind, KEY_HIDDEN),
        created_at=row.created_at, last_used_at=row.last_used_at, slowed_at=row.slowed_at,
        silent_after_minutes=minutes_of(row), last_beat_at=row.last_beat_at,
    )  # fmt: skip


def _key(row: alerts_models.IntegrationKey) -> service_shapes.IntegrationKey:
    return service_shapes.IntegrationKey(
        id=str(row.id), prefix=row.prefix, created_at=row.created_at, expires_at=row.expires_at,
        last_used_at=row.last_used_at,
    )  # fmt: skip


def new_integration(row: alerts_models.Integration, key: str) -> service_shapes.NewIntegration:
    """The one time that the key is shown."""
    authorization = None if row.kind in (Kind.EVENTS_V2, Kind.HEARTBEAT) else f"Bearer {key}"
    told = {"key": key, "authorization": authorization, "url": integration_url(row.kind, key)}
    shown = integration(row).model_dump() | told
    return service_shapes.NewIntegration(**shown)


def push_subscription(row: paging_models.PushSubscription) -> paging_shapes.PushSubscription:
    return paging_shapes.PushSubscription(
        id=str(row.id), user_id=str(row.user_id), endpoint=row.endpoint, device=row.device,
        created_at=row.created_at, last_seen_at=row.last_seen_at, verified_at=row.verified_at,
    )  # fmt: skip


def schedule(row: oncall_models.Schedule) -> oncall_shapes.Schedule:
    return oncall_shapes.Schedule(
        id=str(row.id), name=row.name, team_id=str(row.team_id), time_zone=row.time_zone,
        layers=[oncall_shapes.Layer.model_validate(layer) for layer in row.layers],
        temporary=[oncall_shapes.Temporary.model_validate(each) for each in row.temporary],
        requirements=oncall_shapes.Requirements.model_validate(requirements_to_json(requirements_of(row))),
        created_at=row.created_at, updated_at=row.updated_at,
    )  # fmt: skip


def override(row: oncall_models.Override, authors: Mapping[int, people_models.User]) -> oncall_shapes.Override:
    author = authors.get(row.created_by_id) if row.created_by_id is not None else None
    return oncall_shapes.Override(
        id=str(row.id), schedule_id=str(row.schedule_id), start=row.start, end=row.end,
        user_id=_id(row.user_id), replaces_user_id=_id(row.replaces_user_id), created_at=row.created_at,
        kind=row.kind, swap_id=_id(row.swap_id),
        created_by=_named_or_none(author),
    )  # fmt: skip


def overrides(rows: Sequence[oncall_models.Override]) -> list[oncall_shapes.Override]:
    ids = {row.created_by_id for row in rows}
    authors = db.session.scalars(sa.select(people_models.User).where(people_models.User.id.in_(ids))).all()
    return [override(row, {author.id: author for author in authors}) for row in rows]


def time_off(row: oncall_models.TimeOff) -> oncall_shapes.TimeOff:
    return oncall_shapes.TimeOff(
        id=str(row.id), user_id=str(row.user_id), start=row.start, end=row.end, note=row.note,
        created_at=row.created_at,
    )  # fmt: skip


def escalation_policy(row: oncall_models.EscalationPolicy) -> policy_shapes.EscalationPolicy:
    return policy_shapes.EscalationPolicy(
        id=str(row.id), name=row.name, team_id=str(row.team_id), repeat=row.repeat,
        steps=[policy_shapes.Step.model_validate(step) for step in row.steps],
        last_resort_user_id=_id(row.last_resort_user_id), acknowledgements=row.answers,
        acknowledge_timeout_minutes=row.ask_again_minutes, flap_limit=row.flap_limit,
        created_at=row.created_at, updated_at=row.updated_at,
    )  # fmt: skip


def alert(row: alerts_models.Alert) -> alert_shapes.Alert:
    return alerts([row])[0]


def alerts(rows: Sequence[alerts_models.Alert]) -> list[alert_shapes.Alert]:
    """Several at once: which incident each belongs to, as far as the caller sees it, is asked
    once for all.
    """
    belongs = incidents_models.IncidentAlert
    found = db.session.execute(
        sa.select(belongs.alert_id, belongs.incident_id)
        .join(incidents_models.Incident)
        .where(belongs.alert_id.in_([row.id for row in rows]), access.incidents_seen_by(me()))
    )
    incident_of = {row.alert_id: row.incident_id for row in found}
    return [_alert(row, incident_of.get(row.id)) for row in rows]


def page(row: paging_models.Page) -> alert_shapes.Page:
    return alert_shapes.Page(
        id=str(row.id), kind=row.kind, user=_named(row.user), title=row.title, urgency=row.urgency,
        step=row.step,
        alert=ById(id=str(row.subject_id)) if row.subject_kind == Subject.ALERT else None,
        round=row.round, reminder=row.reminder, status=row.status, created_at=row.created_at,
        reason=[str(each) for each in row.reason],
        deliveries=[
            alert_shapes.DeliveryReport(
                channel=each.channel, device=each.device, state=each.state, at=_reached_state_at(each),
                error=each.error,
            )
            for each in row.deliveries
        ],
    )  # fmt: skip


def incident(row: incidents_models.Incident, seen: frozenset[int]) -> incident_shapes.Incident:
    """`seen`: the ids of alerts that may be shown with it."""
    leads = row.commander
    return incident_shapes.Incident(
        id=str(row.id), number=row.number, title=row.title, severity=row.severity, status=row.status,
        phase=row.phase, team=_named_or_none(row.team), declared_by=_named_or_none(row.declared_by),
        commander=None if leads is None else incident_shapes.Commander(
            id=str(leads.id), name=leads.name, since=row.commander_since
        ),
        services=[_named(each) for each in row.services],
        supporting_teams=[_named(each) for each in row.supporting_teams],
        members=[
            incident_shapes.IncidentMember(
                id=str(each.user_id), name=each.user.name, role=each.role, attendance=each.attendance,
                asked_at=each.asked_at, answered_at=each.answered_at,
            )
            for each in row.members
        ],
        alerts=[
            incident_shapes.IncidentAlert(id=str(each.id), number=each.number, title=each.title)
            for each in row.alerts
            if each.id in seen
        ],
        impact_started_at=row.impact_started_at, detected_at=row.detected_at, declared_at=row.declared_at,
        acknowledged_at=row.acknowledged_at, mitigated_at=row.mitigated_at, resolved_at=row.resolved_at,
        closed_at=row.closed_at, resolution=row.resolution, reopen_count=row.reopen_count,
        is_restricted=row.is_restricted, merged_into=_id(row.merged_into_id),
        impact=row.impact, next_update_at=row.next_update_at, created_at=row.created_at,
        updated_at=row.updated_at,
    )  # fmt: skip


def audit_event(row: timeline_models.Event, seal: timeline_models.Seal | None) -> audit_shapes.AuditEvent:
    return audit_shapes.AuditEvent(
        id=str(row.id), at=row.at, kind=row.kind, subject_kind=row.subject_kind, subject_id=str(row.subject_id),
        actor=_named_or_none(row.actor), token_id=_id(row.token_id), data=row.data,
        position=None if seal is None else seal.position, digest=None if seal is None else seal.digest,
    )  # fmt: skip


def event(row: timeline_models.Event) -> alert_shapes.TimelineEntry:
    return alert_shapes.TimelineEntry(
        id=str(row.id), at=row.at, kind=row.kind, actor=_named_or_none(row.actor), data=row.data
    )


def _alert(row: alerts_models.Alert, incident_id: int | None) -> alert_shapes.Alert:
    return alert_shapes.Alert(
        id=str(row.id), number=row.number, title=row.title, description=row.description, severity=row.severity,
        urgency=row.urgency, status=row.status, dedup_key=row.dedup_key, service=_named(row.service),
        integration=_named_or_none(row.integration), team=_named(row.team), started_at=row.started_at,
        created_at=row.created_at, updated_at=row.updated_at, acknowledged_at=row.acknowledged_at,
        acknowledged_by=_named_or_none(row.acknowledged_by), assigned_to=_named_or_none(row.assigned_to),
        raised_by=_named_or_none(row.raised_by),
        resolved_at=row.resolved_at, resolved_by=row.resolved_by, resolution=row.resolution,
        snoozed_until=row.snoozed_until, occurrences=row.occurrences, labels=row.labels,
        annotations=row.annotations,
        links=[alert_shapes.Link(href=each["href"], text=each["text"]) for each in row.links],
        incident=None if incident_id is None else ById(id=str(incident_id)),
        escalation=None if row.escalation is None else _progress(row.escalation),
    )  # fmt: skip


def _progress(row: alerts_models.Escalation) -> alert_shapes.Progress:
    """The row names the step that comes next; people ask which one was taken last."""
    steps = len(row.policy["steps"]) if row.policy else 0
    taken = max(0, row.round * steps + row.step - 1)
    rounds, step = divmod(taken, steps) if steps else (0, 0)
    return alert_shapes.Progress(
        step=step, round=rounds, next_at=row.next_due_at, exhausted_at=row.exhausted_at,
        is_last_resort=row.state is EscalationState.LAST_RESORT,
    )  # fmt: skip


def holder(row: oncall_queries.Holder) -> oncall_shapes.OnCallPerson:
    return oncall_shapes.OnCallPerson(id=str(row.user_id), name=row.name, role=row.role)


def shift(row: oncall_queries.HeldShift) -> oncall_shapes.Shift:
    return oncall_shapes.Shift(
        start=row.start, end=row.end, users=[holder(each) for each in row.people],
        reason=once(words for each in row.people for words in each.reasons),
    )  # fmt: skip


def board(rows: Sequence[oncall_queries.BoardRow], at: datetime) -> list[oncall_shapes.OnCallNow]:
    """The rows of the on-call board at `at`, each with those who look on then."""
    looking_on: dict[int, list[Named]] = {}
    for each in shadow.at_moment((row.schedule.id for row in rows), at):
        named = Named(id=str(each.user_id), name=each.user.name)
        looking_on.setdefault(each.schedule_id, []).append(named)
    return [
        oncall_shapes.OnCallNow(
            schedule=Named(id=str(row.schedule.id), name=row.schedule.name),
            team=_named(row.schedule.team), until=row.until,
            users=[
                oncall_shapes.ReasonedPerson(**holder(each).model_dump(), reason=list(each.reasons))
                for each in row.people
            ],
            shadows=looking_on.get(row.schedule.id, []), why_nobody=list(row.why_nobody),
        )
        for row in rows
    ]  # fmt: skip


def once(words: Iterable[str]) -> list[str]:
    """Each sentence once, in the order in which they were first said."""
    return list(dict.fromkeys(words))


def _reached_state_at(row: paging_models.Delivery) -> datetime:
    """When a delivery came to the state it is in, as nearly as its row tells."""
    moments = {
        DeliveryState.SENT: row.sent_at, DeliveryState.ACCEPTED: row.accepted_at,
        DeliveryState.RECEIVED: row.received_at, DeliveryState.SHOWN: row.shown_at,
        DeliveryState.CLICKED: row.clicked_at, DeliveryState.CLOSED: row.closed_at,
        DeliveryState.ACKED: row.acked_at, DeliveryState.FAILED: row.sent_at,
    }  # fmt: skip
    return moments.get(row.state) or row.created_at


def _id(number: int | None) -> str | None:
    return None if number is None else str(number)


def _named(
    row: people_models.User | people_models.Team | alerts_models.Service | alerts_models.Integration,
) -> Named:
    return Named(id=str(row.id), name=row.name)


def _named_or_none(row: HasName | None) -> Named | None:
    return None if row is None else _named(row)
