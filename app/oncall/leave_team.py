"""Take somebody out of a team, once its schedules no longer name them (L-TEAM-06)."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from app.database import db
from app.domain import zone
from app.domain.handing_over import layers_of, temporary_of
from app.oncall.models import Override, Schedule
from app.oncall.remove import InUse
from app.people import teams
from app.people.models import Membership, Team, User


class StillInShifts(InUse):
    """The person has shifts of the team, now or to come: `schedules` are where to hand them over."""

    def __init__(self, team: Team, user: User, schedules: Sequence[Schedule]) -> None:
        names = ", ".join(schedule.name for schedule in schedules)
        super().__init__(
            f"{user.name} still has shifts of {team.name}, on {names}. Give those to somebody else first."
        )
        self.user, self.schedules = user, schedules


def remove_member(team: Team, user: User, *, by: User, at: datetime) -> None:
    """Take a person out of a team. Somebody who is not in it is out already.

    Raises StillInShifts while a schedule of the team has them in a rotation, a temporary schedule or a cover
    that is not over.
    """
    member = sa.select(Membership.id).where(Membership.team_id == team.id, Membership.user_id == user.id)
    if db.session.scalar(member) is None:
        return
    if user.is_active and (found := _schedules_of(team, user, at)):  # whoever has left is passed over anyway
        raise StillInShifts(team, user, found)
    teams.remove_member(team, user, by=by, at=at)


def _schedules_of(team: Team, user: User, at: datetime) -> list[Schedule]:
    covers = sa.select(Override.schedule_id).where(Override.user_id == user.id, Override.end > at)
    covered = set(db.session.scalars(covers))
    rows = db.session.scalars(sa.select(Schedule).where(Schedule.team_id == team.id).order_by(Schedule.name))
    return [row for row in rows if row.id in covered or _takes_turns(row, user, at)]


def _takes_turns(schedule: Schedule, user: User, at: datetime) -> bool:
    ahead = temporary_of(schedule.temporary, user.id, here=zone.named(schedule.time_zone), at=at)
    return bool(layers_of(schedule.layers, user.id)) or any(ahead)
