"""Whose hand may make an exception: one's own hours are one's own, other people's are for who runs the team."""

from app.oncall.models import Schedule
from app.people.models import User
from app.people.rights import Act, require


def require_to_override(user: User, schedule: Schedule, *, comes: int | None, goes: int | None) -> None:
    """Anybody who responds may step in, or off, themself. Raises NotAllowed."""
    is_own = comes == user.id or (comes is None and goes == user.id)
    require(user, Act.COVER_SELF if is_own else Act.COVER_OTHERS, team_id=schedule.team_id)
