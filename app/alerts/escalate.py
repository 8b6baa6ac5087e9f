"""Whom an alert asks, step by step: its timer's life, and what happens when it is due."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa

from app import wakeup
from app.alerts import copies, flaps, last_resort, queries, rooms, run_policy
from app.alerts.listing import now_waits_for
from app.alerts.models import Alert, Escalation
from app.alerts.whom import asked_by, people_at
from app.alerts.wording import alerting, page_words
from app.database import UtcDateTime, db
from app.domain.escalation import (
    End,
    PageLastResort,
    PageStep,
    Plan,
    Progress,
    decide,
    next_step,
    past_reminders,
    plan_of,
)
from app.domain.lifecycle import alert_after
from app.domain.policy import LONGEST_WAIT, Policy
from app.domain.timeline import Kind, Subject
from app.domain.words import DeliveryState, EscalationState, LowUrgency, PageStatus, Urgency
from app.oncall import gap_met
from app.paging.cancel import cancel_waiting
from app.paging.destinations.models import Post
from app.paging.models import Delivery, Page
from app.paging.page import Place, page_user, pages_made
from app.paging.silence import SEEN
from app.people.models import User
from app.timeline.record import record


def stop(alert: Alert) -> None:
    """Somebody has it, or it is over: the timer stands still."""
    escalation = queries.escalation_of(alert)
    escalation.state, escalation.next_due_at = EscalationState.STOPPED, None


def restart(alert: Alert, *, at: datetime, first: User | None = None, also: User | None = None) -> None:
    """A new run from the first step, due now; with `first` asked before all others, `also` beside the first.

    The alert is nobody's again. An acknowledgement meant for the old run no longer counts (INV-10).
    """
    escalation = queries.escalation_of(alert)
    cancel_waiting(Subject.ALERT, alert.id)
    alert.run += 1
    alert.acknowledged_at = alert.acknowledged_by_id = alert.assigned_to_id = None
    alert.snoozed_until = alert.ask_again_at = None
    alert.updated_at = escalation.started_at = at
    escalation.run, escalation.round, escalation.step, escalation.reminder = alert.run, 0, 0, 0
    escalation.exhausted_at, escalation.failures = None, 0
    asked = first or also
    escalation.policy = None if asked is None else run_policy.taken(alert, first, also=also)
    quiet = alert.urgency is Urgency.LOW and alert.service.low_urgency is LowUrgency.RECORD and asked is None
    escalation.state = EscalationState.DONE if quiet else EscalationState.RUNNING
    escalation.next_due_at = None if quiet else at
    wakeup.engine()


def escalate_now(alert: Alert, *, by: User, at: datetime) -> None:
    """Ask the next ones now. Whoever had it no longer has."""
    held = alert.acknowledged_at is not None
    alert.status = alert_after(alert.status, "escalate")
    record(Kind.ESCALATED, Subject.ALERT, alert.id, at=at, by=by)
    escalation = queries.escalation_of(alert)
    policy = escalation.policy
    standing = _standing(escalation)
    if policy is not None:
        standing = past_reminders(run_policy.plan_in(policy), standing)
    if held or escalation.state not in (EscalationState.RUNNING, EscalationState.LAST_RESORT):
        restart(alert, at=at)
        escalation.policy, escalation.round, escalation.step = policy, standing.round, standing.step
    elif escalation.state is EscalationState.RUNNING:
        _move_on(escalation, standing)
    escalation.next_due_at = at
    alert.updated_at = at
    wakeup.engine()


def due(at: datetime, *, limit: int = 50) -> list[int]:
    """Alerts whose timer is due and that no other engine works on, as they stand in line."""
    return free(line(at, limit=limit), at=at)


def all_due(at: datetime) -> sa.Select[int]:
    """The timers that are due."""
    return sa.select(Escalation.id).where(Escalation.next_due_at <= at)


def line(at: datetime, *, limit: int) -> list[int]:
    """Alerts whose timer is due: of each service the longest overdue, then of each the second, so that a storm
    in one keeps no other waiting (SEC-38). Looks at all that are due, so it takes as long as there are many.
    """
    return list(db.session.scalars(_LINE, {"at": at, "most": limit}))


def free(alert_ids: Sequence[int], *, at: datetime) -> list[int]:
    """Those of these that are due still, and that no other engine works on: from here on this one does."""
    mine = set(db.session.scalars(_FREE, {"alert_ids": alert_ids, "at": at}))
    return [alert_id for alert_id in alert_ids if alert_id in mine]


_IS_DUE = Escalation.next_due_at <= sa.bindparam("at")  # what is asked for every page is built once
_TURN = sa.func.row_number().over(
    partition_by=Alert.service_id, order_by=(Escalation.next_due_at, Escalation.id)
)
_QUEUE = sa.select(Escalation.id, Escalation.alert_id, Escalation.next_due_at, _TURN.label("turn"))
_QUEUED = _QUEUE.join(Alert).where(_IS_DUE).subquery()
_LINE = (
    sa.select(_QUEUED.c.alert_id)
    .order_by(_QUEUED.c.turn, _QUEUED.c.next_due_at)
    .limit(sa.bindparam("most", type_=sa.Integer))
)
_FREE = (
    sa.select(Escalation.alert_id)
    .where(Escalation.alert_id.in_(sa.bindparam("alert_ids", expanding=True)), _IS_DUE)
    .with_for_update(skip_locked=True)
)


def advance(alert_id: int, *, at: datetime) -> None:
    """Take the step that is due. A step that reaches nobody does not hold up the next (INV-12)."""
    alert = queries.locked(alert_id)
    if alert is not None:
        _advance(alert, at=at)


def advance_all(alert_ids: Sequence[int], *, at: datetime) -> None:
    """As `advance` for one after the other of those that `free` gave us.

    Inside `asked_once` with fewer questions than there are alerts.
    """
    alerts = queries.with_timers_locked(alert_ids)
    pages_made(Subject.ALERT, alert_ids)
    flaps.look_ahead(alerts, at=at)
    for alert in alerts:
        _advance(alert, at=at)


def _advance(alert: Alert, *, at: datetime) -> None:
    escalation = queries.escalation_of(alert)
    if escalation.next_due_at is None or escalation.next_due_at > at:
        return
    if escalation.policy is None:
        taken = run_policy.taken(alert)
        if flaps.holds(alert, escalation, taken, at=at):
            return
        escalation.policy = taken
    policy = Policy.from_json(escalation.policy)
    plan = plan_of(policy.steps, repeat=policy.repeat)
    while True:
        match decide(plan, _standing(escalation)):
            case PageStep() as step:
                applies = policy.steps[step.step].when.holds(alert.severity, at)
                reached = applies and _page_step(alert, escalation.policy, plan, step, at=at)
                if reached:
                    escalation.failures = 0
                    _move_on(escalation, step.then)
                    escalation.next_due_at = at + step.wait
                    _once_if_low(alert, escalation)
                    return
                _move_on(escalation, next_step(plan, _standing(escalation)))
            case PageLastResort() as turn:
                if escalation.exhausted_at is None:
                    escalation.exhausted_at = at
                    record(Kind.ESCALATION_EXHAUSTED, Subject.ALERT, alert.id, at=at, run=alert.run)
                last_resort.page(alert, escalation, turn, at=at)
                _move_on(escalation, turn.then)
                escalation.next_due_at = at + turn.wait
                _once_if_low(alert, escalation)
                return
            case End():
                escalation.state, escalation.next_due_at = EscalationState.DONE, None
                record(Kind.ESCALATION_ENDED, Subject.ALERT, alert.id, at=at, run=alert.run)
                return


def hurry_unreached(at: datetime, *, limit: int = 50) -> int:
    """Where no device of the last step can be hoped for any more, the next step is due at once (INV-12, D1).

    A device is given up when its delivery has failed for good, or when it never showed what it was sent.
    """
    hurried = db.session.execute(_given_up(), {"at": at, "since": at - LONGEST_WAIT, "limit": limit}).all()
    for escalation, is_silent in hurried:
        if escalation.policy is not None:
            _move_on(escalation, past_reminders(run_policy.plan_in(escalation.policy), _standing(escalation)))
        escalation.next_due_at = at
        because = "no device answered" if is_silent else "every page of this step failed"
        record(
            Kind.NOBODY_REACHED, Subject.ALERT, escalation.alert_id, at=at, run=escalation.run, because=because
        )
    return len(hurried)


@cache  # asked each second
def _given_up() -> sa.Select[Escalation, bool]:
    silent = _step_pages(Page.deliveries.any(Delivery.state != DeliveryState.FAILED))
    return (
        sa.select(Escalation, silent)
        .where(Escalation.next_due_at > sa.bindparam("at"), Escalation.state == EscalationState.RUNNING)
        .where(Escalation.alert_id.in_(_tried_in_vain()))
        .where(sa.or_(_step_pages(sa.true()), _REFUSED), ~_step_pages(Page.deliveries.any(_MAY_STILL_SHOW)))
        .limit(sa.bindparam("limit", type_=sa.Integer))
        .with_for_update(skip_locked=True, of=Escalation)
    )


def _tried_in_vain() -> sa.CompoundSelect[int]:
    """Alerts of which something was: few, however many are open. In the words of the indexes of such rows."""
    failed: sa.ColumnElement[str] = sa.literal_column("'failed'")
    in_vain = sa.or_(Delivery.state == failed, Delivery.silent_since.is_not(None))
    pages = sa.select(Page.subject_id).where(Page.subject_kind == Subject.ALERT)
    posts = sa.select(Post.subject_id).where(Post.subject_kind == Subject.ALERT)
    since = sa.bindparam("since", type_=UtcDateTime)
    return sa.union(
        pages.where(Page.status == failed, Page.created_at > since),  # of somebody without any device, too
        pages.join(Delivery).where(in_vain, Delivery.created_at > since),
        posts.where(Post.state == failed, Post.created_at > since),
    )


_MAY_STILL_SHOW = sa.or_(
    sa.and_(Delivery.state != DeliveryState.FAILED, Delivery.silent_since.is_(None)),
    Delivery.state.in_(SEEN),  # late, but it did
)


_REFUSED = sa.and_(
    rooms.posts_of_step(sa.true()), ~rooms.posts_of_step(Post.state != DeliveryState.FAILED)
)  # what a step told, when it asked nobody besides, has taken none of it


def _step_pages(condition: sa.ColumnElement[bool]) -> sa.Exists:
    """Pages made since the timer was last set, by this run."""
    return (
        sa.exists()
        .where(
            Page.subject_kind == Subject.ALERT,
            Page.subject_id == Escalation.alert_id,
            Page.run == Escalation.run,
        )
        .where(Page.kind == "page", Page.created_at == Escalation.last_step_at, condition)
        .correlate(Escalation)
    )


def _page_step(alert: Alert, policy: dict[str, Any], plan: Plan, step: PageStep, *, at: datetime) -> bool:
    """Page everybody this step asks, tell its rooms; True when somebody has a device it can go to, or a room
    was told.
    """
    asked = asked_by(alert, policy, step, at=at)
    next_at = at + step.left
    next_name = _first_name(policy, next_step(plan, _here(step)), next_at)
    escalation = queries.escalation_of(alert)
    if step.reminder == 0:
        escalation.last_step_at = at
    facts = policy["steps"][step.step]
    reached: list[int] = []
    for user, reasons in asked:
        page = page_user(
            user, page_words(alert, user, next_name=next_name, next_at=next_at),
            Place(Subject.ALERT, alert.id, alert.run, step.round, step.step, step.reminder),
            reason=[*policy_reasons(alert, policy, step), *reasons], until=next_at, at=at, since=step.since,
        )  # fmt: skip
        if page is not None:
            now_waits_for(user.id, alert.id)
        if page is not None and page.status is not PageStatus.FAILED:
            reached.append(user.id)
            if facts.get("round_robin"):
                break
    told = [] if step.reminder else rooms.tell(alert, facts["targets"], step, at=at)
    if step.reminder and not asked and rooms.were_told(alert, escalation.last_step_at):
        return True  # a room is told once
    kind = Kind.PAGED if reached or told else Kind.NOBODY_REACHED
    why: dict[str, Any] = {"rooms": told} if told else {}
    if kind is Kind.NOBODY_REACHED:
        why = {"because": "no device to ring" if asked else "nobody is on call"}
        if not asked:
            gap_met.tell(facts["targets"], alert.title, at=at)
    if step.reminder:
        why["reminder"] = step.reminder
    record(
        kind, Subject.ALERT, alert.id, at=at, run=alert.run, round=step.round, step=step.step, user_ids=reached,
        **why,
    )  # fmt: skip
    if step.reminder == 0:
        copies.send(alert, facts["targets"], {user.id for user, _ in asked}, step, until=next_at, at=at)
    return bool(reached or told)


def policy_reasons(alert: Alert, policy: dict[str, Any], step: PageStep) -> list[str]:
    """The first links of the chain: where it came from and which step asks."""
    round_words = f", round {step.round + 1}" if policy["repeat"] else ""
    return [
        alerting(alert),
        f"Policy {policy['name']}, step {step.step + 1} of {len(policy['steps'])}{round_words}",
        *([f"Reminder {step.reminder}: nobody has answered yet"] if step.reminder else []),
    ]


def _first_name(policy: dict[str, Any], then: Progress, at: datetime) -> str | None:
    """Whom the next step will ask first, as it looks now; None when it is the last resort's turn."""
    if then.round > policy["repeat"]:
        return None
    people = people_at(policy["steps"][then.step]["targets"], at)
    return people[0][0].name if people else None


def _standing(escalation: Escalation) -> Progress:
    return Progress(escalation.state, escalation.round, escalation.step, escalation.reminder)


def _here(step: PageStep) -> Progress:
    return Progress(EscalationState.RUNNING, step.round, step.step, step.reminder)


def _move_on(escalation: Escalation, then: Progress) -> None:
    escalation.state, escalation.round = then.state, then.round
    escalation.step, escalation.reminder = then.step, then.reminder


def _once_if_low(alert: Alert, escalation: Escalation) -> None:
    """Low urgency asks once and does not escalate."""
    if alert.urgency is Urgency.LOW:
        escalation.state, escalation.next_due_at = EscalationState.DONE, None
