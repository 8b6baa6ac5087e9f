"""A team is no more, once nothing is in its way; what is, is named (L-TEAM-05)."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from app.alerts.models import Alert, Service
from app.database import db
from app.oncall.models import EscalationPolicy, Schedule
from app.oncall.remove import InUse
from app.people import change_team
from app.people.models import Team, User


def in_the_way(team: Team) -> list[str]:
    """What still belongs to the team, each in words: services, schedules, policies, what has happened to it."""
    found = []
    for model, word in ((Service, "service"), (Schedule, "schedule"), (EscalationPolicy, "escalation policy")):
        names = db.session.scalars(sa.select(model.name).where(model.team_id == team.id).order_by(model.name))
        found += [f"the {word} {name}" for name in names]
    others = sa.select(EscalationPolicy).where(EscalationPolicy.team_id != team.id)
    found += [
        f"the escalation policy {policy.name}, which asks it"
        for policy in db.session.scalars(others.order_by(EscalationPolicy.name))
        if any(
            target["kind"] == "team" and str(target["id"]) == str(team.id)
            for step in policy.steps
            for target in step["targets"]
        )
    ]
    alerts = db.session.scalar(sa.select(sa.func.count()).where(Alert.team_id == team.id)) or 0
    if alerts:
        found.append("an alert it had" if alerts == 1 else f"{alerts} alerts it had")
    return found


def remove_team(team: Team, *, by: User, at: datetime) -> None:
    """Undo it. Raises InUse with everything that stands in the way: history is never taken along."""
    if standing := in_the_way(team):
        raise InUse(f"{team.name} still has {_listed(standing)}. Move or remove that first.")
    try:
        with db.session.begin_nested():
            change_team.delete_team(team, by=by, at=at)
            db.session.flush()
    except IntegrityError:
        raise InUse(f"{team.name} stands in incidents, tasks or reports, which keep who did what.") from None


def _listed(things: list[str]) -> str:
    return things[0] if len(things) == 1 else f"{', '.join(things[:-1])} and {things[-1]}"
