"""People and teams."""

from typing import Annotated

from pydantic import Field, StringConstraints

from app.domain.words import Role, TeamRole
from app.web.api.shapes.common import Draft, Id, ListQuery, Moment, Name, Named, Shape, TimeZone, absent, any_of

Email = Annotated[
    str, StringConstraints(strip_whitespace=True, to_lower=True, max_length=254, pattern=r"^[^@\s]+@[^@\s]+$")
]


class UserDraft(Draft):
    """`time_zone` is the organisation's unless given."""

    email: Email
    name: Name
    role: Role
    time_zone: TimeZone | None = None


class UserChanges(Draft):
    email: Email = absent()
    name: Name = absent()
    role: Role = absent()
    time_zone: TimeZone = absent()
    is_active: bool = absent()
    is_locked: bool = absent()


class User(Shape):
    """A person. `is_active` false: has left, is never paged, and may do nothing. `is_locked`: may not sign in,
    and is still paged.
    """

    id: str
    email: str
    name: str
    role: Role
    time_zone: str
    is_active: bool
    is_locked: bool
    teams: list[Named]
    created_at: Moment


class Duty(Shape):
    """A place that a person holds. `without`: what happens when nobody takes it over, if `may_end` allows."""

    key: str
    says: str
    without: str
    is_risky: bool
    may_end: bool


class Duties(Shape):
    items: list[Duty]


class Departure(Draft):
    """`hand_over`: by a duty's key, who takes it over, or null where it ends; `everything_to` has the rest."""

    hand_over: dict[str, Id | None] = Field(default_factory=dict)
    everything_to: Id | None = None


class UserQuery(ListQuery):
    email: list[str] = any_of()
    name: list[str] = any_of()
    role: list[Role] = any_of()
    team_id: list[str] = any_of()
    is_active: bool = True


class TeamDraft(Draft):
    """`manager_id` names who is paged when an alert reaches nobody else."""

    name: Name
    manager_id: Id | None = None


class TeamChanges(Draft):
    name: Name = absent()
    manager_id: Id | None = absent()
    description: Annotated[str, StringConstraints(max_length=2000)] = absent()
    tags: list[Annotated[str, StringConstraints(max_length=40)]] = absent()


class Member(Shape):
    user: Named
    role: TeamRole


class MemberDraft(Draft):
    role: TeamRole = TeamRole.MEMBER


class Team(Shape):
    id: str
    name: str
    manager_id: str | None
    description: str
    tags: list[str]
    members: list[Member]
    created_at: Moment


class TeamQuery(ListQuery):
    name: list[str] = any_of()


class InvitationDraft(Draft):
    """`emails` all get the same role, at most the caller's own, and the same team if one is given."""

    emails: list[Annotated[str, StringConstraints(max_length=254)]]
    role: Role
    team_id: Id | None = None
    team_role: TeamRole = TeamRole.MEMBER


class Invitation(Shape):
    """Somebody who has not joined yet. Past `expires_at` its link opens nothing until it is sent again."""

    id: str
    email: str
    role: Role
    team: Named | None
    team_role: TeamRole | None
    invited_by: Named
    created_at: Moment
    sent_at: Moment
    expires_at: Moment


class NewInvitation(Invitation):
    """`url` lets the person in. This one answer holds it."""

    url: str


class InvitationSummary(Shape):
    """What became of each address: `invited` now, `waiting` since an earlier invitation, or `joined`."""

    invited: list[NewInvitation]
    waiting: list[Invitation]
    joined: list[str]


class InvitationQuery(ListQuery):
    email: list[str] = any_of()
