"""Who sees a ring of three: whoever sees one of the swaps that it is made of (SEC-16)."""

import sqlalchemy as sa

from app.oncall.models import Swap
from app.oncall.ring_models import Ring
from app.oncall.swap_access import seen_by
from app.people.models import User
from app.people.rights import Act, require


def rings_seen_by(user: User) -> sa.ColumnElement[bool]:
    """Those of schedules on which the person sees a swap."""
    return Ring.schedule_id.in_(sa.select(Swap.schedule_id).where(seen_by(user)))


def require_ring_approver(ring: Ring, user: User) -> None:
    """Raises NotAllowed unless this person approves cover on the schedule’s team."""
    require(user, Act.APPROVE_COVER, team_id=ring.schedule.team_id)
