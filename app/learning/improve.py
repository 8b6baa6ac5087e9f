"""What an action makes better: a service, a schedule, a policy, a playbook, a rule; it shows there (S-02)."""

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from app.alerts.models import Service
from app.database import db
from app.domain.words import Improves
from app.incidents import access
from app.incidents.models import Playbook, ResponseRule
from app.learning import action_queries
from app.learning.models import ActionItem
from app.oncall.models import EscalationPolicy, Schedule
from app.people.models import User

MOST = 20  # shown beside a thing
_TABLES: dict[Improves, Any] = {
    Improves.SERVICE: Service, Improves.SCHEDULE: Schedule, Improves.POLICY: EscalationPolicy,
    Improves.PLAYBOOK: Playbook, Improves.RULE: ResponseRule,
}  # fmt: skip


def name_of(kind: Improves, number: int | None, user: User) -> str | None:
    """What it is called; None where it is gone, or not for this person."""
    table = _TABLES[kind]
    if number is None:
        return None
    found = db.session.scalar(sa.select(table.name).where(table.id == number, _seen_by(kind, user)))
    return None if found is None else str(found)


def all_for(user: User) -> Iterator[tuple[Improves, int, str]]:
    """Everything that can be made better, as far as this person sees it."""
    for kind, table in _TABLES.items():
        rows = sa.select(table.id, table.name).where(_seen_by(kind, user)).order_by(table.name, table.id)
        for number, name in db.session.execute(rows):
            yield kind, number, name


def improving(kind: Improves, number: int, user: User) -> Sequence[ActionItem]:
    """What was promised, and what was carried out, to make one thing better: open ones first."""
    rows = action_queries.shown_to(user).where(ActionItem.improves == kind, ActionItem.improves_id == number)
    return db.session.scalars(
        rows.order_by(ActionItem.done_at.is_not(None), ActionItem.id.desc()).limit(MOST)
    ).all()


def improving_any(kind: Improves, user: User) -> Sequence[ActionItem]:
    """The same for every thing of a kind, where they stand on one page."""
    rows = action_queries.shown_to(user).where(ActionItem.improves == kind)
    return db.session.scalars(
        rows.order_by(ActionItem.done_at.is_not(None), ActionItem.id.desc()).limit(MOST)
    ).all()


def _seen_by(kind: Improves, user: User) -> sa.ColumnElement[bool]:
    return access.services_seen_by(user) if kind is Improves.SERVICE else sa.true()
