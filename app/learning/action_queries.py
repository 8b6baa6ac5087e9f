"""Questions about actions, and who may read and change one: whoever sees the incident (SEC-16)."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from app.database import db
from app.domain import action as rules
from app.incidents import access
from app.incidents.models import Incident
from app.learning.models import ActionItem
from app.people.models import Team, User
from app.people.rights import Act, may

ORDER = (
    ActionItem.done_at.is_not(None), ActionItem.due_at.is_(None), ActionItem.due_at, ActionItem.id,
)  # fmt: skip


def seen_by(user: User) -> sa.ColumnElement[bool]:
    """The actions a person may read: those of incidents that they see, while they respond."""
    if not may(user, Act.SEE_OPERATIONS):
        return sa.false()
    seen = sa.select(Incident.id).where(access.incidents_seen_by(user)).correlate(None)
    return ActionItem.incident_id.in_(seen)


def may_change(user: User, item: ActionItem) -> bool:
    """Whoever owns it, and whoever works on the incident."""
    return item.owner_id == user.id or access.may_work(user, item.incident)


def shown_to(user: User) -> sa.Select[ActionItem]:
    return sa.select(ActionItem).where(seen_by(user)).options(
        joinedload(ActionItem.owner), joinedload(ActionItem.done_by), joinedload(ActionItem.incident)
    )  # fmt: skip


def open_ones(
    user: User, *, mine: bool = False, managed: bool = False, limit: int = 200
) -> Sequence[ActionItem]:
    """Those due first, first; `mine` I own, `managed` are of incidents of teams that I manage."""
    rows = shown_to(user).where(ActionItem.done_at.is_(None))
    if mine:
        rows = rows.where(ActionItem.owner_id == user.id)
    if managed:
        teams = sa.select(Team.id).where(Team.manager_id == user.id)
        of_teams = sa.select(Incident.id).where(Incident.team_id.in_(teams)).correlate(None)
        rows = rows.where(ActionItem.incident_id.in_(of_teams))
    return db.session.scalars(rows.order_by(*ORDER).limit(limit)).all()


def carried_out(user: User, *, limit: int = 200) -> Sequence[ActionItem]:
    """The last one first."""
    rows = shown_to(user).where(ActionItem.done_at.is_not(None))
    return db.session.scalars(rows.order_by(ActionItem.done_at.desc(), ActionItem.id).limit(limit)).all()


def ages(user: User, now: datetime) -> rules.Ageing | None:
    """How old everything open is that this person sees."""
    rows = sa.select(ActionItem.created_at, ActionItem.due_at).where(
        ActionItem.done_at.is_(None), seen_by(user)
    )
    return rules.ageing([(created_at, due_at) for created_at, due_at in db.session.execute(rows)], now)


def of_incident(number: int) -> Sequence[ActionItem]:
    """For whoever reads the incident, or its postmortem: open ones first, those due first among these."""
    rows = sa.select(ActionItem).where(ActionItem.incident_id == number).options(
        joinedload(ActionItem.owner), joinedload(ActionItem.done_by)
    )  # fmt: skip
    return db.session.scalars(rows.order_by(*ORDER)).all()


def found(number: int, user: User) -> ActionItem | None:
    return db.session.scalars(shown_to(user).where(ActionItem.id == number)).one_or_none()
