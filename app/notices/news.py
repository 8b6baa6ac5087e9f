"""What people are told of their teams, their role, their devices and their keys: the sentences, once.

The verbs themselves lie below this room, so the edges that call them call these beside, in the same
transaction.
"""

from datetime import datetime

import sqlalchemy as sa

from app.database import db
from app.domain.notice import NoticeEvent
from app.domain.words import NoticeCategory, Role, TeamRole
from app.notices.post import post
from app.paging import subscriptions
from app.people.models import Membership, Team, User
from app.timeline import once


def role_in(team: Team, user: User) -> TeamRole | None:
    """The person's role in the team by its rows; None outside it."""
    return db.session.scalar(
        sa.select(Membership.role).where(Membership.team_id == team.id, Membership.user_id == user.id)
    )


def membership(team: Team, user: User, before: TeamRole | None, *, by: User, at: datetime) -> None:
    """The person came into the team, left it, or has another role there than `before`."""
    after = role_in(team, user)
    if after == before:
        return
    if after is None:
        event, title = NoticeEvent.TEAM_LEFT, f"You are no longer in {team.name}"
        body = f"{by.name} took you out of the team."
    elif before is None:
        event, title = NoticeEvent.TEAM_JOINED, f"You are in {team.name}"
        body = f"{by.name} put you into the team, as {after}."
    else:
        event, title = NoticeEvent.TEAM_ROLE, f"You are {_a(after)} of {team.name}"
        body = f"{by.name} changed your role in the team."
    post(NoticeCategory.TEAMS, event, to=[user], by=by, title=title, body=body, link=f"/teams/{team.id}", at=at)


def managing(team: Team, before: int | None, *, by: User, at: datetime) -> None:
    """The team has another manager than the person with the id `before`."""
    if team.manager_id is not None and team.manager_id != before:
        manager = db.session.get_one(User, team.manager_id)
        post(
            NoticeCategory.TEAMS, NoticeEvent.TEAM_ROLE, to=[manager], by=by, at=at,
            title=f"You manage {team.name}", link=f"/teams/{team.id}",
            body=f"{by.name} named you. You are paged when an alert of the team reaches nobody else.",
        )  # fmt: skip


def role(user: User, before: Role, *, by: User | None, at: datetime) -> None:
    """The person may do other things in the organisation than as `before`."""
    if user.role != before:
        _account(
            user, NoticeEvent.ROLE_CHANGED, f"You are {_a(user.role)} now",
            f"{_who(by)} changed your role; you were {_a(before)}.", "/me", by=by, at=at,
        )  # fmt: skip


def device(user: User, name: str, *, is_added: bool, at: datetime) -> None:
    """A device of theirs is paged from now, or no longer.

    Told to its owner whoever did it, as are all things of the account: whoever sits in a stolen session looks
    like them. L-NOT-07 is about alerts and shifts.
    """
    title = f"{name} is paged from now" if is_added else f"{name} is paged no longer"
    body = "If this was not you, look at your devices and your sign-ins."
    _account(user, NoticeEvent.DEVICE_CHANGED, title, body, "/me/devices", by=None, at=at)


def gone_devices(*, at: datetime) -> int:
    """Tell the owners of devices whose push service has said that they are gone, each once. Returns how
    many.
    """
    told = 0
    for one in subscriptions.gone_since(at - once.KEPT / 2):
        if once.is_first(f"gone device {one.id} {one.removed_at}", at=at):
            _account(
                one.user, NoticeEvent.DEVICE_CHANGED, f"{one.device} is paged no longer",
                "Its push service says that this browser no longer listens. If you still use it, open Nightbell"
                " there and let it ring again.", "/me/devices", by=None, at=at,
            )  # fmt: skip
            told += 1
    return told


def way_in(user: User, what: str, *, at: datetime) -> None:
    """Something opens their account from now, or no longer: `what` as a sentence without its end."""
    body = "If this was not you, end your other sign-ins and tell an administrator."
    _account(user, NoticeEvent.SIGN_IN_CHANGED, what, body, "/me/security", by=None, at=at)


def token(user: User, name: str, *, by: User | None, at: datetime) -> None:
    """A program may act in their name."""
    _account(
        user, NoticeEvent.TOKEN_CREATED, f"A token was made in your name: {name}",
        f"{_who(by)} made it. Programs that hold it may do what you may. If this was not meant, revoke it.",
        "/me/security", by=None, at=at,
    )  # fmt: skip


def _account(
    user: User, event: NoticeEvent, title: str, body: str, link: str, *, by: User | None, at: datetime
) -> None:
    post(NoticeCategory.ACCOUNT, event, to=[user], by=by, title=title, body=body, link=link, at=at)


def _who(by: User | None) -> str:
    return by.name if by is not None else "Somebody at the command line"


def _a(role: str) -> str:
    return f"an {role}" if role == "administrator" else f"a {role}"
