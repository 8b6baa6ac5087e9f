"""Who sees a handoff: the two people in it, and whoever arranges cover in the team. Nobody else knows of it."""

import sqlalchemy as sa

from app.oncall.models import Handoff, Schedule
from app.people.models import User
from app.people.rights import Act, may, teams_where


def seen_by(user: User) -> sa.ColumnElement[bool]:
    """The handoffs this person may see."""
    if may(user, Act.COVER_OTHERS):
        return sa.true()
    of_teams = sa.select(Schedule.id).where(Schedule.team_id.in_(teams_where(user, Act.COVER_OTHERS)))
    return sa.or_(
        Handoff.incoming_id == user.id, Handoff.outgoing_id == user.id, Handoff.schedule_id.in_(of_teams)
    )
