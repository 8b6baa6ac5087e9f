"""Diagnose, recommend, decide, try: routes below /api/v1/incidents/{id}."""

from app.database import db
from app.incidents import decide
from app.incidents.models import FixOption, Incident
from app.incidents.models import Symptom as SymptomRow
from app.people.models import User
from app.people.rights import Act
from app.web.api.auth import me, need
from app.web.api.incidents import changing, incidents, the_incident
from app.web.api.listing import identity
from app.web.api.problems import not_found
from app.web.api.shapes import incident_options as shapes
from app.web.api.shapes.common import Named, Nothing


@incidents.get("/<id>/options")
@incidents.output(shapes.Rounds)
def list_options(id: str) -> shapes.Rounds:
    """What people see and what could be tried, side by side."""
    need(Act.SEE_INCIDENTS)
    incident = the_incident(id)
    last = decide.last_round(incident)
    return shapes.Rounds(
        round=0 if last is None else last.number,
        symptoms=[_symptom(each) for each in decide.symptoms(incident)],
        options=[_option(each) for each in decide.options(incident)],
    )


@incidents.post("/<id>/symptoms")
@incidents.input(shapes.SymptomDraft, arg_name="draft")
@incidents.output(shapes.Symptom, 201)
def add_symptom(id: str, draft: shapes.SymptomDraft) -> shapes.Symptom:
    """Say what you see."""
    with changing(id) as (incident, at):
        symptom = decide.see_symptom(incident, draft.text, by=me(), at=at)
        db.session.flush()
        return _symptom(symptom)


@incidents.post("/<id>/options")
@incidents.input(shapes.OptionDraft, arg_name="draft")
@incidents.output(shapes.Option, 201)
def propose_option(id: str, draft: shapes.OptionDraft) -> shapes.Option:
    """Propose a way to fix it. The commander decides."""
    with changing(id) as (incident, at):
        wanted = decide.Proposal(
            what=draft.what, risk=draft.risk, rationale=draft.rationale, kind=draft.kind, effect=draft.effect,
            takes_minutes=draft.takes_minutes, can_be_undone=draft.can_be_undone,
        )  # fmt: skip
        return _option(decide.propose(incident, wanted, by=me(), at=at))


@incidents.post("/<id>/options/<option_id>/approval")
@incidents.input(Nothing, arg_name="nothing")
@incidents.output(shapes.Option)
def approve_option(id: str, option_id: str, nothing: Nothing) -> shapes.Option:  # noqa: ARG001
    """The commander says yes; everybody else is told who decides (409)."""
    with changing(id) as (incident, at):
        option = _of(incident, option_id)
        decide.approve(incident, option, by=me(), at=at)
        return _option(option)


@incidents.post("/<id>/options/<option_id>/refusal")
@incidents.input(shapes.Refusal, arg_name="wanted")
@incidents.output(shapes.Option)
def decline_option(id: str, option_id: str, wanted: shapes.Refusal) -> shapes.Option:
    """The commander says no, with a line why."""
    with changing(id) as (incident, at):
        option = _of(incident, option_id)
        decide.decline(incident, option, because=wanted.because, by=me(), at=at)
        return _option(option)


@incidents.post("/<id>/options/<option_id>/withdrawal")
@incidents.input(Nothing, arg_name="nothing")
@incidents.output(shapes.Option)
def withdraw_option(id: str, option_id: str, nothing: Nothing) -> shapes.Option:  # noqa: ARG001
    """Take back what one has proposed."""
    with changing(id) as (incident, at):
        option = _of(incident, option_id)
        decide.withdraw(incident, option, by=me(), at=at)
        return _option(option)


@incidents.post("/<id>/options/<option_id>/start")
@incidents.input(shapes.Start, arg_name="wanted")
@incidents.output(shapes.Option)
def start_option(id: str, option_id: str, wanted: shapes.Start) -> shapes.Option:
    """Say that it is being done: approved, or with the reason why it could not wait."""
    with changing(id) as (incident, at):
        option = _of(incident, option_id)
        decide.begin(incident, option, by=me(), at=at, bypass=wanted.bypass_reason)
        return _option(option)


@incidents.post("/<id>/options/<option_id>/result")
@incidents.input(shapes.Result, arg_name="wanted")
@incidents.output(shapes.Option)
def finish_option(id: str, option_id: str, wanted: shapes.Result) -> shapes.Option:
    """Say what came of it. The round ends when nothing else is being done."""
    with changing(id) as (incident, at):
        option = _of(incident, option_id)
        decide.finish(incident, option, wanted.outcome, result=wanted.result, by=me(), at=at)
        return _option(option)


def _of(incident: Incident, option_id: str) -> FixOption:
    option = decide.option_of(incident, identity(option_id))
    if option is None:
        raise not_found("option")
    return option


def _symptom(row: SymptomRow) -> shapes.Symptom:
    return shapes.Symptom(
        id=str(row.id), round=row.cycle.number, text=row.text, seen_by=_person(row.seen_by), at=row.at
    )


def _option(row: FixOption) -> shapes.Option:
    return shapes.Option(
        id=str(row.id), round=row.cycle.number, state=row.state, what=row.what, risk=row.risk,
        rationale=row.rationale, effect=row.effect, kind=row.kind, takes_minutes=row.takes_minutes,
        can_be_undone=row.can_be_undone, proposed_by=_person(row.proposed_by), proposed_at=row.proposed_at,
        decided_by=_person_or_none(row.decided_by), decided_at=row.decided_at,
        decided_because=row.decided_because, bypass_reason=row.bypass_reason,
        begun_by=_person_or_none(row.begun_by), begun_at=row.begun_at, ended_at=row.ended_at,
        outcome=row.outcome, result=row.result,
    )  # fmt: skip


def _person(user: User) -> Named:
    return Named(id=str(user.id), name=user.name)


def _person_or_none(user: User | None) -> Named | None:
    return None if user is None else _person(user)
