"""Who leads an incident and who is in it: routes below /api/v1/incidents/{id}."""

from app.domain.lifecycle import InvalidTransition
from app.domain.words import Attendance
from app.incidents import assemble, command
from app.people.models import Team, User
from app.web.api.auth import me
from app.web.api.find import found, named
from app.web.api.incidents import as_it_is, changing, incidents
from app.web.api.shapes import incidents as shapes


@incidents.put("/<id>/commander")
@incidents.input(shapes.Handover, arg_name="wanted")
@incidents.output(shapes.Incident)
def hand_incident_over(id: str, wanted: shapes.Handover) -> shapes.Incident:
    """Put somebody in command. `instead_of` says who has it now, null for nobody; 409 when that has changed."""
    with changing(id) as (incident, at):
        to = named(User, wanted.user_id, "person", "#/user_id")
        seen: int | object | None = command.ANYBODY
        if "instead_of" in wanted.given():
            seen = None
            if wanted.instead_of is not None:
                seen = named(User, wanted.instead_of, "person", "#/instead_of").id
        command.hand_over(incident, to=to, by=me(), at=at, instead_of=seen)
        return as_it_is(incident)


@incidents.post("/<id>/people")
@incidents.input(shapes.Asking, arg_name="wanted")
@incidents.output(shapes.Incident)
def ask_into_incident(id: str, wanted: shapes.Asking) -> shapes.Incident:
    """Ask a person in; their phone rings. Oneself joins at once."""
    with changing(id) as (incident, at):
        user = named(User, wanted.user_id, "person", "#/user_id")
        assemble.ask(incident, user, by=me(), at=at, role=wanted.role)
        return as_it_is(incident)


@incidents.put("/<id>/people/<user_id>")
@incidents.input(shapes.RoleGiven, arg_name="wanted")
@incidents.output(shapes.Incident)
def give_incident_role(id: str, user_id: str, wanted: shapes.RoleGiven) -> shapes.Incident:
    """Give somebody who is in the incident a role. One scribe and one for communications at a time."""
    with changing(id) as (incident, at):
        assemble.give_role(incident, found(User, user_id, "person"), wanted.role, by=me(), at=at)
        return as_it_is(incident)


@incidents.post("/<id>/teams")
@incidents.input(shapes.Support, arg_name="wanted")
@incidents.output(shapes.Incident)
def add_supporting_team(id: str, wanted: shapes.Support) -> shapes.Incident:
    """Let a team support the incident: whoever has its pager is asked in."""
    with changing(id) as (incident, at):
        assemble.ask_team(incident, named(Team, wanted.team_id, "team", "#/team_id"), by=me(), at=at)
        return as_it_is(incident)


@incidents.post("/<id>/answer")
@incidents.input(shapes.Answer, arg_name="said")
@incidents.output(shapes.Incident)
def answer_incident(id: str, said: shapes.Answer) -> shapes.Incident:
    """Say for oneself that one is on it, cannot come, or leaves."""
    if said.answer is Attendance.ASKED:
        raise InvalidTransition("Say whether you come: joined, declined or left.")
    with changing(id) as (incident, at):
        assemble.answer(incident, said.answer, by=me(), at=at)
        return as_it_is(incident)
