"""Who leads an incident and who is in it: take command, hand it over, ask people in, answer."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from app import clock
from app.database import db, transaction
from app.domain.lifecycle import InvalidTransition
from app.domain.phrase import counted
from app.domain.words import Attendance, IncidentRole
from app.incidents import assemble, command
from app.people.models import Team, User
from app.people.rights import Act
from app.web.access import needs, viewer
from app.web.form import as_number, row_number
from app.web.incident_edge import done, locked
from app.web.words import plain

blueprint = Blueprint("incident_people", __name__)

ANSWERS = {
    "join": (Attendance.JOINED, "You are on it."),
    "decline": (Attendance.DECLINED, "Declined. Whoever asked has been told."),
    "leave": (Attendance.LEFT, "You have left this incident."),
}


@blueprint.post("/incidents/<int:number>/command")
@needs(Act.SEE_OPERATIONS)
def take_command(number: int) -> ResponseReturnValue:
    """Lead it, while nobody does."""
    with transaction():
        command.take(locked(number), by=viewer(), at=clock.now())
    return done(number, "You lead it.")


@blueprint.post("/incidents/<int:number>/commander")
@needs(Act.SEE_OPERATIONS)
def hand_over(number: int) -> ResponseReturnValue:
    """To the person named, from the one who was seen in command (`instead_of`, empty for nobody)."""
    with transaction():
        incident, to = locked(number), _person("Choose who takes command.")
        seen = request.form.get("instead_of")
        command.hand_over(
            incident, to=to, by=viewer(), at=clock.now(),
            instead_of=command.ANYBODY if seen is None else _number(seen),
        )  # fmt: skip
        says = f"{plain(to.name)} commands now."
    return done(number, says)


@blueprint.post("/incidents/<int:number>/people")
@needs(Act.SEE_OPERATIONS)
def ask(number: int) -> ResponseReturnValue:
    """Ask a person in, or a team, whose phone rings."""
    with transaction():
        incident, team_id = locked(number), request.form.get("team", 0, type=as_number)
        if team_id:
            team = db.session.get(Team, team_id)
            if team is None:
                raise InvalidTransition("Choose a team or a person.")
            people = assemble.ask_team(incident, team, by=viewer(), at=clock.now())
            says = f"{plain(team.name)} supports it. {counted(len(people), 'person', 'people')} asked."
        else:
            user = _person("Choose a team or a person.")
            assemble.ask(incident, user, by=viewer(), at=clock.now(), role=_role())
            says = f"{plain(user.name)} is asked."
    return done(number, says)


@blueprint.post("/incidents/<int:number>/roles")
@needs(Act.SEE_OPERATIONS)
def give_role(number: int) -> ResponseReturnValue:
    with transaction():
        incident, user, role = locked(number), _person("Choose somebody who is in the incident."), _role()
        if role is None:
            raise InvalidTransition("Choose a role: scribe, communications, expert or responder.")
        assemble.give_role(incident, user, role, by=viewer(), at=clock.now())
        says = f"{plain(user.name)} is {role} now."
    return done(number, says)


@blueprint.post("/incidents/<int:number>/answer")
@needs(Act.SEE_OPERATIONS)
def answer(number: int) -> ResponseReturnValue:
    """I am on it, I cannot, I leave."""
    if request.form.get("answer") not in ANSWERS:
        raise InvalidTransition("Say whether you come.")
    attendance, says = ANSWERS[request.form["answer"]]
    with transaction():
        assemble.answer(locked(number), attendance, by=viewer(), at=clock.now())
    return done(number, says)


def _person(otherwise: str) -> User:
    user = db.session.get(User, request.form.get("user_id", 0, type=as_number))
    if user is None:
        raise InvalidTransition(otherwise)
    return user


def _role() -> IncidentRole | None:
    wanted = request.form.get("role", "")
    return IncidentRole(wanted) if wanted in list(IncidentRole) else None


def _number(seen: str) -> int | None:
    return row_number(seen) or None
