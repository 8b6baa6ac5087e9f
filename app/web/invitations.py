"""Invitations: ask people in, send one again, take one back."""

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from app import clock
from app.database import db, transaction
from app.domain import invitation as rules
from app.domain.invalid import InvalidField
from app.domain.words import TeamRole
from app.people import invitations, queries
from app.people.invitations import Summary
from app.people.models import Team, User
from app.people.rights import Act, may
from app.people.ways_in import Invitation
from app.web.access import needs, viewer
from app.web.addresses import join_url
from app.web.errors import NotFound
from app.web.form import problems_of, row_number, typed
from app.web.invitation_mail import mail
from app.web.redirects import see
from app.web.toast import toast

blueprint = Blueprint("invitations", __name__, url_prefix="/invitations")

TEAM_ROLES = ((TeamRole.MEMBER, "Member"), (TeamRole.MANAGER, "Manager"))


@blueprint.get("")
@needs(Act.INVITE)
def index() -> str:
    return _index({"role": rules.usual_role(viewer().role)})


@blueprint.post("")
@needs(Act.INVITE)
def invite() -> ResponseReturnValue:
    """Invite everybody named. Answers with the links, the one time they can be seen: no redirect, so that no
    address and no cookie holds them.
    """
    answers = typed("emails", "role", "team_id", "team_role")
    team_role = TeamRole.MANAGER if answers["team_role"] == TeamRole.MANAGER else TeamRole.MEMBER
    try:
        with transaction():
            summary = invitations.invite(
                invitations.addresses_in(answers["emails"]),
                role=answers["role"],
                by=viewer(),
                at=clock.now(),
                team=_team(answers["team_id"]),
                team_role=team_role,
            )
            return _sent(summary)
    except InvalidField as invalid:
        return _index(answers, problems_of(invalid)), 422


@blueprint.post("/<int:number>/renewal")
@needs(Act.INVITE)
def renew(number: int) -> ResponseReturnValue:
    """A new link for seven more days; the old one ends."""
    with transaction():
        return _sent(Summary(invited=[invitations.send_again(_open(number), by=viewer(), at=clock.now())]))


@blueprint.post("/<int:number>/removal")
@needs(Act.INVITE)
def remove(number: int) -> ResponseReturnValue:
    with transaction():
        row = _open(number)
        email = row.email
        invitations.take_back(row, by=viewer(), at=clock.now())
    toast(f"The invitation of {email} is taken back.")
    return see(url_for("invitations.index"))


def teams_to_fill(user: User) -> list[Team]:
    """The teams whose members `user` may choose."""
    return [team for team in queries.teams() if may(user, Act.MANAGE_TEAM, team_id=team.id)]


def _sent(summary: Summary) -> str:
    mailed = [mail(sent, by=viewer()) for sent in summary.invited]
    return render_template(
        "invitations/sent.html",
        summary=summary,
        mailed=all(mailed),
        links=[(sent.invitation, join_url(sent)) for sent in summary.invited],
    )


def _team(number: str) -> Team | None:
    if not number:
        return None
    team = db.session.get(Team, row_number(number))
    if team is None:
        raise InvalidField([("/team_id", "There is no such team any more.")])
    return team


def _open(number: int) -> Invitation:
    """The open invitation of that number, if the viewer may see it; nobody is told of others (SEC-16)."""
    mine = invitations.waiting_for(viewer()).where(Invitation.id == number)
    row = db.session.scalar(mine.with_for_update(of=Invitation))
    if row is None:
        raise NotFound
    return row


def _index(answers: dict[str, str], problems: dict[str, str] | None = None) -> str:
    me = viewer()
    newest = invitations.waiting_for(me).order_by(Invitation.sent_at.desc(), Invitation.id)
    waiting = db.session.scalars(newest).all()
    return render_template(
        "invitations/index.html",
        waiting=waiting,
        handled={row.id for row in waiting if invitations.may_handle(me, row)},
        at=clock.now(),
        roles=[(role, role.capitalize()) for role in rules.roles_to_give(me.role)],
        teams=[("", "No team yet"), *((team.id, team.name) for team in teams_to_fill(me))],
        team_roles=TEAM_ROLES,
        answers=answers,
        problems=problems or {},
    )
