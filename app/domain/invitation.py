"""Who may be asked in, by whom, and for how long."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from app.domain.words import Role

LASTS = timedelta(days=7)
MOST_AT_ONCE = 50
_ORDER = list(Role)  # each may all that the next may


def roles_to_give(role: Role) -> Sequence[Role]:
    """The roles somebody of `role` may invite to: their own and what is below (L-USR-01)."""
    return _ORDER[_ORDER.index(role) :]


def usual_role(role: Role) -> Role:
    """What the form offers first: a responder, where the inviter may have one."""
    return Role.RESPONDER if Role.RESPONDER in roles_to_give(role) else role


def is_open(*, closed_at: datetime | None, expires_at: datetime, now: datetime) -> bool:
    """Whether its link still lets somebody in."""
    return closed_at is None and now < expires_at
