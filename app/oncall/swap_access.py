"""Who sees a swap, and whose hand may move it. Everybody else is told that there is none (SEC-16)."""

import sqlalchemy as sa

from app.database import db
from app.domain.invalid import InvalidField
from app.domain.layers import parse_layers, people_in
from app.domain.swap import EFFECTIVE, PENDING
from app.domain.words import SwapMode, SwapState
from app.oncall.models import Schedule, Swap, SwapRules
from app.people.models import Membership, Team, User
from app.people.rights import Act, NotAllowed, may, require


def seen_by(user: User) -> sa.ColumnElement[bool]:
    """The swaps this person may see: those of their teams and schedules, and those they have a part in."""
    if may(user, Act.SEE_ALL_TEAMS):
        return sa.true()
    teams = sa.select(Membership.team_id).where(Membership.user_id == user.id)
    managed = sa.select(Team.id).where(Team.manager_id == user.id)
    of_teams = sa.select(Schedule.id).where(sa.or_(Schedule.team_id.in_(teams), Schedule.team_id.in_(managed)))
    return sa.or_(
        Swap.schedule_id.in_(of_teams),
        Swap.schedule_id.in_(_named_on(user)),
        sa.or_(Swap.owner_id == user.id, Swap.requester_id == user.id, Swap.taker_id == user.id),
        Swap.id.in_(_asked(user)),
    )


def require_owner_side(swap: Swap, user: User) -> None:
    """For the owner, whoever asked on their behalf, and those who arrange others' cover. Raises NotAllowed."""
    if user.id in (swap.owner_id, swap.requester_id):
        require(user, Act.COVER_SELF)
        return
    require(user, Act.COVER_OTHERS, team_id=swap.schedule.team_id)


def require_to_cancel(swap: Swap, user: User) -> None:
    """What several have given hours for is not one's to cancel. Raises NotAllowed."""
    agreed = swap.state in (SwapState.ACCEPTED, *EFFECTIVE)
    if (swap.mode is SwapMode.EXCHANGE or swap.ring_id is not None) and agreed and not may(
        user, Act.COVER_OTHERS, team_id=swap.schedule.team_id
    ):  # fmt: skip
        raise NotAllowed("Others gave hours for this. Ask them to swap back, or a manager to cancel it.")
    require_owner_side(swap, user)


def require_approver(swap: Swap, user: User) -> None:
    """Raises NotAllowed unless this person approves cover on the schedule’s team."""
    require(user, Act.APPROVE_COVER, team_id=swap.schedule.team_id)


def _named_on(user: User) -> list[int]:
    """Schedules on whose layers, or list of eligible people, the person is."""
    found = set()
    for schedule_id, layers in db.session.execute(sa.select(Schedule.id, Schedule.layers)):
        try:
            if any(named == user.id for _, named in people_in(parse_layers(layers))):
                found.add(schedule_id)
        except InvalidField:
            continue  # a schedule that cannot be read names nobody
    for schedule_id, eligible in db.session.execute(sa.select(SwapRules.schedule_id, SwapRules.eligible)):
        if user.id in eligible:
            found.add(schedule_id)
    return sorted(found)


def _asked(user: User) -> list[int]:
    """Swaps still open for which the person was asked by name, or exempted by a manager."""
    pending = sa.select(Swap.id, Swap.asked, Swap.exempt).where(Swap.state.in_(PENDING))
    return [
        swap_id
        for swap_id, asked, exempt in db.session.execute(pending)
        if user.id in asked or str(user.id) in exempt
    ]
