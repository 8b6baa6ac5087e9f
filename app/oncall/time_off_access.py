"""Whose time off a person may enter and end: their own, and that of people whose cover they arrange."""

from app.people.models import User
from app.people.queries import teams_of
from app.people.rights import Act, NotAllowed, may, who_may


def may_enter_for(user: User, by: User) -> bool:
    """Whether `by` may enter and end the time off of `user`."""
    if user.id == by.id:
        return may(by, Act.COVER_SELF)
    return may(by, Act.COVER_OTHERS) or any(
        may(by, Act.COVER_OTHERS, team_id=team.id) for team in teams_of(user)
    )


def require_to_enter_for(user: User, by: User) -> None:
    """Raises NotAllowed, with a sentence about who may."""
    if not may_enter_for(user, by):
        raise NotAllowed(who_may(Act.COVER_SELF if user.id == by.id else Act.COVER_OTHERS))
