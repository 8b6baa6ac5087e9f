"""Symptoms, options, the commander's word, and what came of it, round by round (S-38 to S-46)."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from app.database import db
from app.domain.decide import must_command, option_after
from app.domain.lifecycle import InvalidTransition
from app.domain.text import prose
from app.domain.timeline import Kind, Subject
from app.domain.words import FixKind, OptionState, Outcome, Risk
from app.incidents import tell
from app.incidents.models import FixOption, Incident, IncidentCycle, IncidentUpdate, Symptom
from app.people.models import User
from app.timeline.record import record

LONGEST = 2000


@dataclass(frozen=True)
class Proposal:
    """A way to fix it, so that the commander can weigh it: what, how risky and why, what it does, how long."""

    what: str
    risk: Risk
    rationale: str
    kind: FixKind
    effect: str = ""
    takes_minutes: int | None = None
    can_be_undone: bool = False


def see_symptom(incident: Incident, text: str, *, by: User, at: datetime) -> Symptom:
    """What somebody sees, in their words (S-41)."""
    words = _said(incident, text, "Say what you see.")
    cycle = _round(incident, by=by, at=at)
    symptom = Symptom(incident_id=incident.id, cycle=cycle, text=words, seen_by=by, at=at)
    db.session.add(symptom)
    incident.updated_at = at
    record(Kind.SYMPTOM_SEEN, Subject.INCIDENT, incident.id, at=at, by=by, text=words, round=cycle.number)
    tell.somebody_reports(incident, words, by=by, at=at)
    return symptom


def propose(incident: Incident, wanted: Proposal, *, by: User, at: datetime) -> FixOption:
    """A way to fix it, for the commander to weigh (S-42). The same words again are the same option."""
    what = _said(incident, wanted.what, "Say what you would do.")
    rationale = _said(incident, wanted.rationale, "Say in a line why it helps and what could go wrong.")
    twice = next((o for o in options(incident) if o.what == what and o.state is OptionState.PROPOSED), None)
    if twice is not None:
        return twice
    option = FixOption(
        incident_id=incident.id, cycle=_round(incident, by=by, at=at), what=what, risk=wanted.risk,
        rationale=rationale, kind=wanted.kind, effect=prose(wanted.effect, limit=LONGEST),
        takes_minutes=wanted.takes_minutes, can_be_undone=wanted.can_be_undone, proposed_by=by, proposed_at=at,
        state=OptionState.PROPOSED,
    )  # fmt: skip
    db.session.add(option)
    db.session.flush()
    _note(Kind.OPTION_PROPOSED, incident, option, by=by, at=at, risk=option.risk)
    tell.an_option_waits(incident, option, by=by, at=at)
    return option


def approve(incident: Incident, option: FixOption, *, by: User, at: datetime) -> None:
    """The commander's yes (S-36). A second tap changes nothing."""
    must_command(_commander(incident), by.id)
    if option.state is OptionState.APPROVED:
        return
    option.state = option_after(option.state, "approve")
    option.decided_by, option.decided_at = by, at
    _note(Kind.OPTION_APPROVED, incident, option, by=by, at=at, risk=option.risk)


def decline(incident: Incident, option: FixOption, *, because: str, by: User, at: datetime) -> None:
    """The commander's no, with a line why, so that nobody proposes it again unknowing."""
    must_command(_commander(incident), by.id)
    if option.state is OptionState.DECLINED:
        return
    option.state = option_after(option.state, "decline")
    option.decided_by, option.decided_at, option.decided_because = by, at, prose(because, limit=LONGEST)
    _note(Kind.OPTION_DECLINED, incident, option, by=by, at=at, because=option.decided_because)


def withdraw(incident: Incident, option: FixOption, *, by: User, at: datetime) -> None:
    """Whoever proposed it takes it back, or the commander does."""
    if by.id not in (option.proposed_by_id, incident.commander_id):
        raise InvalidTransition(
            f"{option.proposed_by.name} proposed this, so they or the commander withdraw it."
        )
    if option.state is OptionState.WITHDRAWN:
        return
    option.state = option_after(option.state, "withdraw")
    _note(Kind.OPTION_WITHDRAWN, incident, option, by=by, at=at)


def begin(incident: Incident, option: FixOption, *, by: User, at: datetime, bypass: str = "") -> None:
    """It is being done. Without the commander's approval only with a reason in the timeline (S-38)."""
    if option.state is OptionState.DOING:
        return
    facts = {}
    if option.state is OptionState.PROPOSED:
        if not bypass.strip():
            raise InvalidTransition("The commander has not approved this. Say why it cannot wait.")
        option.state = option_after(option.state, "begin without approval")
        option.bypass_reason = facts["bypass"] = prose(bypass, limit=LONGEST)
        tell.done_without_approval(incident, option, by=by, at=at)
    else:
        option.state = option_after(option.state, "begin")
    option.cycle = _round(incident, by=by, at=at)  # it is tried in this round, whenever it was proposed
    option.begun_by, option.begun_at = by, at
    _note(Kind.ACTION_BEGUN, incident, option, by=by, at=at, **facts)


def finish(
    incident: Incident, option: FixOption, outcome: Outcome, *, result: str, by: User, at: datetime
) -> None:
    """What came of it. With nothing else being done the round ends; what comes next is another one (S-46)."""
    if option.state is OptionState.DONE:
        return
    option.state = option_after(option.state, "finish")
    option.ended_at, option.outcome, option.result = at, outcome, prose(result, limit=LONGEST)
    _note(Kind.ACTION_ENDED, incident, option, by=by, at=at, outcome=outcome, result=option.result)
    tell.somebody_reports(incident, f"{option.what}: {option.result or outcome}", by=by, at=at)
    db.session.flush()
    if not any(each.state is OptionState.DOING for each in options(incident)):
        option.cycle.closed_at = at
        record(Kind.ROUND_ENDED, Subject.INCIDENT, incident.id, at=at, by=by, round=option.cycle.number)


def options(incident: Incident) -> list[FixOption]:
    """All of them, the oldest first."""
    return list(
        db.session.scalars(
            sa.select(FixOption).where(FixOption.incident_id == incident.id).order_by(FixOption.id)
        )
    )


def symptoms(incident: Incident) -> list[Symptom]:
    return list(
        db.session.scalars(sa.select(Symptom).where(Symptom.incident_id == incident.id).order_by(Symptom.id))
    )


def last_round(incident: Incident) -> IncidentCycle | None:
    """The round that runs, or the last one; None before anybody has said anything."""
    newest = sa.select(IncidentCycle).where(IncidentCycle.incident_id == incident.id)
    return db.session.scalars(newest.order_by(IncidentCycle.number.desc()).limit(1)).one_or_none()


def option_of(incident: Incident, option_id: int) -> FixOption | None:
    return db.session.scalars(
        sa.select(FixOption).where(FixOption.id == option_id, FixOption.incident_id == incident.id)
    ).one_or_none()


def _round(incident: Incident, *, by: User, at: datetime) -> IncidentCycle:
    """The round that runs; the next one when the last has ended. `incident` is locked, so numbers are whole."""
    last = last_round(incident)
    if last is not None and last.closed_at is None:
        return last
    begun = IncidentCycle(incident_id=incident.id, number=1 if last is None else last.number + 1, begun_at=at)
    db.session.add(begun)
    db.session.flush()
    if last is not None and not _was_told_of(last):
        record(Kind.ROUND_WITHOUT_UPDATE, Subject.INCIDENT, incident.id, at=at, by=by, round=last.number)
    record(Kind.ROUND_BEGUN, Subject.INCIDENT, incident.id, at=at, by=by, round=begun.number)
    return begun


def _commander(incident: Incident) -> tuple[int, str] | None:
    return None if incident.commander is None else (incident.commander.id, incident.commander.name)


def _said(incident: Incident, text: str, otherwise: str) -> str:
    if not incident.is_open:
        raise InvalidTransition("This incident is over. Reopen it to go on.")
    words = prose(text, limit=LONGEST)
    if not words:
        raise InvalidTransition(otherwise)
    return words


def _note(kind: Kind, incident: Incident, option: FixOption, *, by: User, at: datetime, **facts: str) -> None:
    incident.updated_at = at
    record(
        kind, Subject.INCIDENT, incident.id, at=at, by=by, option_id=option.id, what=option.what,
        round=option.cycle.number, **facts,
    )  # fmt: skip


def _was_told_of(ended: IncidentCycle) -> bool:
    """Whether an update was sent since the round ended: each one produces a word to all (S-48)."""
    told = sa.select(IncidentUpdate.id).where(
        IncidentUpdate.incident_id == ended.incident_id, IncidentUpdate.sent_at >= ended.closed_at
    )
    return db.session.scalar(told.limit(1)) is not None
