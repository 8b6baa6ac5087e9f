"""What each team still lacks: the rows behind `domain.completeness`."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from app.alerts.models import Service
from app.database import db
from app.domain.completeness import Item, TeamFacts, checklist
from app.domain.layers import people_in
from app.domain.schedule import resolve
from app.oncall.models import EscalationPolicy
from app.oncall.queries import rosters
from app.paging.models import PushSubscription
from app.people.models import Team

_A_MOMENT = timedelta(minutes=1)


def of(teams: Sequence[Team], *, at: datetime) -> dict[int, tuple[Item, ...]]:
    """The checklist of each of these teams, by its id. Schedules are resolved once for all."""
    found = list(rosters(at, at + _A_MOMENT).values())
    ringing = set(
        db.session.scalars(sa.select(PushSubscription.user_id).where(PushSubscription.removed_at.is_(None)))
    )
    policies = Counter(db.session.scalars(sa.select(EscalationPolicy.team_id)))
    lists = {}
    for team in teams:
        mine = [roster for roster in found if roster.schedule.team_id == team.id]
        named = {user_id for roster in mine for _, user_id in people_in(roster.config.layers)}
        members = sorted(
            (one.user for one in team.memberships if one.user.can_respond),
            key=lambda user: user.name,
        )
        services = db.session.scalars(
            sa.select(Service).where(Service.team_id == team.id, Service.is_active).order_by(Service.name)
        ).all()
        lists[team.id] = checklist(
            TeamFacts(
                has_manager=team.manager is not None and team.manager.can_respond,
                members=len(members),
                without_device=tuple(user.name for user in members if user.id not in ringing),
                schedules=len(mine),
                nobody_now=tuple(one.schedule.name for one in mine if not resolve(one.config, at)),
                in_no_shift=tuple(user.name for user in members if user.id not in named),
                policies=policies[team.id],
                services=len(services),
                without_policy=tuple(
                    service.name for service in services if service.escalation_policy_id is None
                ),
            )
        )
    return lists
