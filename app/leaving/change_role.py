"""Another role, also the one that holds nothing: stakeholders are in no team, schedule or policy (L-ROL-05)."""

from datetime import datetime

from app.domain.invalid import InvalidField
from app.domain.words import Role
from app.leaving.duties import duties_of
from app.oncall import findings
from app.oncall.record_shifts import record_past
from app.people import queries
from app.people.change_user import change_user
from app.people.models import User

NAMED = 3  # so many places are named; of the others it says how many


def change_role(user: User, role: Role, *, by: User, at: datetime) -> None:
    """From now on. Raises InvalidField about `role` while whoever is to look on holds a place, or when nobody
    would be administrator any more.
    """
    if role is Role.STAKEHOLDER and user.role is not Role.STAKEHOLDER:
        _must_hold_nothing(user, at)
    record_past(at=at)  # whoever only looks on is passed over by every schedule
    findings.check_soon(at=at)
    change_user(user, role=role, by=by, at=at)


def _must_hold_nothing(user: User, at: datetime) -> None:
    held = [duty.says for duty in duties_of(user, at=at)]
    held += [f"Belongs to {team.name}" for team in queries.teams_of(user)]
    if not held:
        return
    places = "a place" if len(held) == 1 else f"{len(held)} places"
    named = "; ".join(held[:NAMED]) + (f"; and {len(held) - NAMED} more" if len(held) > NAMED else "")
    why = f"A stakeholder only looks on, and {user.name} still holds {places}: {named}."
    raise InvalidField([("/role", f"{why} Give them to others first.")])
