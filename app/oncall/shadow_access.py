"""Who may make somebody a shadow: copies show alerts, so one's own team, or whoever arranges its cover."""

from app.oncall.models import Schedule
from app.people.models import User
from app.people.rights import Act, may, require


def require_to_add(schedule: Schedule, user: User, by: User) -> None:
    """Members of the team may look on themselves; others are put there by its managers. Raises NotAllowed."""
    require(by, Act.RESPOND if user.id == by.id else Act.COVER_OTHERS, team_id=schedule.team_id)


def may_end(schedule: Schedule, user_id: int, by: User) -> bool:
    """One's own copies one may always do without."""
    return user_id == by.id or may(by, Act.COVER_OTHERS, team_id=schedule.team_id)


def require_to_end(schedule: Schedule, user_id: int, by: User) -> None:
    """Raises NotAllowed."""
    if not may_end(schedule, user_id, by):
        require(by, Act.COVER_OTHERS, team_id=schedule.team_id)
