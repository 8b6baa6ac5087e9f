"""/api/v1/invitations: people who are asked in. Anybody invites, up to their own role; links are shown once."""

from flask.typing import ResponseReturnValue

from app import clock
from app.database import db, transaction
from app.people import invitations as verbs
from app.people.models import Team
from app.people.rights import Act
from app.people.ways_in import Invitation
from app.web import serialize
from app.web.api.auth import me, need
from app.web.api.find import named
from app.web.api.listing import each, identity, listing
from app.web.api.noun import noun
from app.web.api.problems import not_found
from app.web.api.shapes import people as shapes
from app.web.api.shapes.common import Listing, Nothing
from app.web.invitation_mail import mail

invitations = noun("invitations", "People who are asked in and have not joined yet.")


@invitations.get("")
@invitations.input(shapes.InvitationQuery, location="query", arg_name="query")
@invitations.output(Listing[shapes.Invitation])
def list_invitations(query: shapes.InvitationQuery) -> Listing[shapes.Invitation]:
    """List open invitations to roles up to the caller's own, those whose seven days are over too."""
    need(Act.INVITE)
    select = verbs.waiting_for(me())
    if query.email:
        select = select.where(Invitation.email.in_([email.strip().lower() for email in query.email]))
    return listing(select, query, each(serialize.invitation), by=[Invitation.id])


@invitations.post("")
@invitations.input(shapes.InvitationDraft, arg_name="draft")
@invitations.output(shapes.InvitationSummary, 201)
def invite(draft: shapes.InvitationDraft) -> shapes.InvitationSummary:
    """Invite people, by mail where mail is set up. This one answer holds each link."""
    with transaction():
        need(Act.INVITE)
        team = None if draft.team_id is None else named(Team, draft.team_id, "team", "#/team_id")
        summary = verbs.invite(
            draft.emails, role=draft.role, by=me(), at=clock.now(), team=team, team_role=draft.team_role
        )
        for sent in summary.invited:
            mail(sent, by=me())
        return shapes.InvitationSummary(
            invited=[serialize.new_invitation(sent) for sent in summary.invited],
            waiting=[serialize.invitation(row) for row in summary.waiting],
            joined=summary.joined,
        )


@invitations.post("/<id>/renewal")
@invitations.input(Nothing, arg_name="nothing")
@invitations.output(shapes.NewInvitation)
def renew_invitation(id: str, nothing: Nothing) -> shapes.NewInvitation:  # noqa: ARG001 - the address says it all
    """Send an invitation again: a new link for seven more days; the one before is over."""
    with transaction():
        need(Act.INVITE)
        sent = verbs.send_again(_open(id), by=me(), at=clock.now())
        mail(sent, by=me())
        return serialize.new_invitation(sent)


@invitations.delete("/<id>")
@invitations.output({}, 204)
def delete_invitation(id: str) -> ResponseReturnValue:
    """Take an invitation back: its link opens nothing from now on."""
    with transaction():
        need(Act.INVITE)
        verbs.take_back(_open(id), by=me(), at=clock.now())
    return "", 204


def _open(id: str) -> Invitation:
    row = db.session.scalar(verbs.waiting_for(me()).where(Invitation.id == identity(id)))
    if row is None:
        raise not_found("invitation")
    return row
