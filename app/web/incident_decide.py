"""Decide: what people see, what could be tried, the commander's word, what came of it."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from app import clock
from app.database import transaction
from app.domain.lifecycle import InvalidTransition
from app.domain.words import FixKind, Outcome, Risk
from app.incidents import decide
from app.incidents.models import FixOption, Incident
from app.people.rights import Act
from app.web.access import needs, viewer
from app.web.errors import NotFound
from app.web.incident_edge import done, locked, text

blueprint = Blueprint("incident_decide", __name__)


@blueprint.post("/incidents/<int:number>/symptoms")
@needs(Act.SEE_OPERATIONS)
def see_symptom(number: int) -> ResponseReturnValue:
    with transaction():
        decide.see_symptom(locked(number), text("text"), by=viewer(), at=clock.now())
    return done(number, "Noted what you see.")


@blueprint.post("/incidents/<int:number>/options")
@needs(Act.SEE_OPERATIONS)
def propose(number: int) -> ResponseReturnValue:
    with transaction():
        decide.propose(locked(number), _proposal(), by=viewer(), at=clock.now())
    return done(number, "Proposed.")


@blueprint.post("/incidents/<int:number>/options/<int:option_id>/approval")
@needs(Act.SEE_OPERATIONS)
def approve(number: int, option_id: int) -> ResponseReturnValue:
    with transaction():
        incident, option = _option(number, option_id)
        decide.approve(incident, option, by=viewer(), at=clock.now())
    return done(number, "Approved.")


@blueprint.post("/incidents/<int:number>/options/<int:option_id>/refusal")
@needs(Act.SEE_OPERATIONS)
def decline(number: int, option_id: int) -> ResponseReturnValue:
    with transaction():
        incident, option = _option(number, option_id)
        decide.decline(incident, option, because=text("because"), by=viewer(), at=clock.now())
    return done(number, "Declined.")


@blueprint.post("/incidents/<int:number>/options/<int:option_id>/withdrawal")
@needs(Act.SEE_OPERATIONS)
def withdraw(number: int, option_id: int) -> ResponseReturnValue:
    with transaction():
        incident, option = _option(number, option_id)
        decide.withdraw(incident, option, by=viewer(), at=clock.now())
    return done(number, "Withdrawn.")


@blueprint.post("/incidents/<int:number>/options/<int:option_id>/start")
@needs(Act.SEE_OPERATIONS)
def begin(number: int, option_id: int) -> ResponseReturnValue:
    """Being done: approved, or with a reason why it could not wait."""
    with transaction():
        incident, option = _option(number, option_id)
        decide.begin(incident, option, by=viewer(), at=clock.now(), bypass=text("bypass"))
    return done(number, "Being done.")


@blueprint.post("/incidents/<int:number>/options/<int:option_id>/result")
@needs(Act.SEE_OPERATIONS)
def finish(number: int, option_id: int) -> ResponseReturnValue:
    wanted = request.form.get("outcome", "")
    if wanted not in list(Outcome):
        raise InvalidTransition("Say how it went: worked, helped, no effect or worse.")
    with transaction():
        incident, option = _option(number, option_id)
        decide.finish(incident, option, Outcome(wanted), result=text("result"), by=viewer(), at=clock.now())
    return done(number, "Result recorded.")


def _option(number: int, option_id: int) -> tuple[Incident, FixOption]:
    incident = locked(number)
    option = decide.option_of(incident, option_id)
    if option is None:
        raise NotFound
    return incident, option


def _proposal() -> decide.Proposal:
    risk, kind, minutes = (request.form.get(name, "") for name in ("risk", "kind", "takes_minutes"))
    if risk not in list(Risk) or kind not in list(FixKind):
        raise InvalidTransition("Say how risky it is, and whether it is short-term or permanent.")
    if minutes and not (
        minutes.isascii() and minutes.isdigit() and len(minutes) < 6 and 0 < int(minutes) <= 10_000
    ):
        raise InvalidTransition("Give how long it takes in whole minutes.")
    return decide.Proposal(
        what=text("what"), risk=Risk(risk), rationale=text("rationale"), kind=FixKind(kind),
        effect=text("effect"), takes_minutes=int(minutes) if minutes else None,
        can_be_undone=bool(request.form.get("can_be_undone")),
    )  # fmt: skip
