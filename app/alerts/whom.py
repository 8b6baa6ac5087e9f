"""Whom a step asks at a moment: the people of its targets, those whose turn it is, without who has answered."""

import json
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from app.alerts import cover
from app.alerts.models import Alert, Answer
from app.database import db, on_sqlite, once
from app.domain.escalation import PageStep
from app.domain.policy import Policy
from app.domain.timeline import Subject
from app.domain.words import PageKind
from app.oncall.queries import people_for
from app.paging.models import Page
from app.people.models import User

TURNS = 0x7465726E  # the number of our lock, held until the page is committed

Asked = list[tuple[User, list[str]]]


def asked_by(alert: Alert, policy: dict[str, Any], step: PageStep, *, at: datetime) -> Asked:
    """Whom this page of a step asks now, in their order, each once, with reasons in words.

    A reminder asks whoever the targets mean now, so that nobody is paged who has gone off call meanwhile
    (INV-11); where they take turns it asks the one whose turn it was.
    """
    facts = policy["steps"][step.step]
    asked = people_at(facts["targets"], at)
    if facts.get("round_robin"):
        asked = _reminded(alert, step, asked) if step.reminder else by_turn(asked)
    if earlier := policy["steps"] if step.round else policy["steps"][: step.step]:
        asked += cover.successors(alert, earlier, {user.id for user, _ in asked}, at)
    done = answered(alert) if policy.get("answers", 1) > 1 else set()
    return [(user, reasons) for user, reasons in asked if user.id not in done]


def people_at(targets: list[dict[str, Any]], at: datetime) -> Asked:
    """Whom these targets mean at that moment, in a list of the caller's own."""
    question = ("people", json.dumps(targets, sort_keys=True), at)
    return [(user, [*reasons]) for user, reasons in once(question, lambda: people_for(targets, at))]


def takes_turns(policy: Policy, step: PageStep) -> bool:
    return policy.steps[step.step].round_robin


def by_turn(asked: Asked) -> Asked:
    """Those of a round robin, whose turn it is first: whoever was paged the longest ago, by any alert.

    On PostgreSQL engines decide this one after the other, each seeing the page that the one before it made.
    """
    if not on_sqlite():
        db.session.execute(sa.select(sa.func.pg_advisory_xact_lock(TURNS)))
    last = sa.select(Page.user_id, sa.func.max(Page.id)).where(
        Page.user_id.in_([user.id for user, _ in asked]), Page.kind == PageKind.PAGE
    )
    rows = db.session.execute(last.group_by(Page.user_id)).all()
    paged = {user_id: page_id for user_id, page_id in rows}  # noqa: C416 - rows are no tuples to mypy
    ordered = sorted(asked, key=lambda one: paged.get(one[0].id, 0))
    return [
        (user, [*reasons, "It is their turn: they were paged the longest ago"]) for user, reasons in ordered
    ]


def answered(alert: Alert) -> set[int]:
    """Who has acknowledged this run, where several must."""
    rows = sa.select(Answer.user_id).where(Answer.alert_id == alert.id, Answer.run == alert.run)
    return set(db.session.scalars(rows))


def _reminded(alert: Alert, step: PageStep, asked: Asked) -> Asked:
    first = sa.select(Page.user_id).where(
        Page.subject_kind == Subject.ALERT, Page.subject_id == alert.id, Page.run == alert.run,
        Page.round == step.round, Page.step == step.step, Page.kind == PageKind.PAGE,
    )  # fmt: skip
    paged = set(db.session.scalars(first))
    return [(user, reasons) for user, reasons in asked if user.id in paged]
