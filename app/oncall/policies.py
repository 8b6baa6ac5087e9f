"""Make an escalation policy, or put another in its place. Alerts that escalate already keep the one they
took.
"""

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from app.database import db
from app.domain.flapping import USUAL_LIMIT
from app.domain.invalid import Faults, InvalidField, StaleVersion
from app.domain.policy import (
    MOST_IN_A_RUN,
    ROOMS,
    Step,
    TargetKind,
    leads_back,
    lengths,
    parse_answers,
    parse_ask_again,
    parse_flap_limit,
    parse_repeat,
    parse_steps,
    steps_to_json,
    targets_in,
)
from app.domain.timeline import Kind, Subject
from app.oncall import checks
from app.oncall.models import EscalationPolicy
from app.oncall.unfold import all_steps, names_another
from app.paging.destinations.queries import takes_posts
from app.people.models import User
from app.timeline.record import record


def create(
    *,
    name: str,
    team_id: int,
    steps: object,
    repeat: int = 0,
    last_resort_user_id: int | None = None,
    answers: int = 1,
    ask_again_minutes: int | None = None,
    flap_limit: int | None = USUAL_LIMIT,
    by: User,
    at: datetime,
) -> EscalationPolicy:
    """A new policy; `steps` is decoded JSON. Raises InvalidField with everything that is wrong."""
    columns = _checked(
        None, name, team_id, steps, repeat, last_resort_user_id, answers, ask_again_minutes, flap_limit
    )
    policy = EscalationPolicy(**columns, version=1, created_at=at, updated_at=at)
    db.session.add(policy)
    _flush_named()
    record(Kind.CREATED, Subject.ESCALATION_POLICY, policy.id, at=at, by=by, after=columns)
    return policy


def replace(
    policy: EscalationPolicy,
    *,
    version: int,
    name: str,
    team_id: int,
    steps: object,
    repeat: int = 0,
    last_resort_user_id: int | None = None,
    answers: int = 1,
    ask_again_minutes: int | None = None,
    flap_limit: int | None = USUAL_LIMIT,
    by: User,
    at: datetime,
) -> EscalationPolicy:
    """Change all of a policy that still is at `version`.

    Raises StaleVersion when somebody else was first, InvalidField with everything that is wrong.
    """
    before = {
        "name": policy.name,
        "team_id": policy.team_id,
        "steps": policy.steps,
        "repeat": policy.repeat,
        "last_resort_user_id": policy.last_resort_user_id,
        "answers": policy.answers,
        "ask_again_minutes": policy.ask_again_minutes,
        "flap_limit": policy.flap_limit,
    }
    columns = _checked(
        policy.id, name, team_id, steps, repeat, last_resort_user_id, answers, ask_again_minutes, flap_limit
    )
    # one conditional update, so that of two who read the same version only one can win
    claimed = (
        sa.update(EscalationPolicy)
        .where(EscalationPolicy.id == policy.id, EscalationPolicy.version == version)
        .values(version=version + 1, updated_at=at)
        .returning(EscalationPolicy.id)
        .execution_options(synchronize_session=False)
    )
    won = db.session.scalar(claimed)
    db.session.refresh(policy)
    if won is None:
        raise StaleVersion(policy.version)
    for column, value in columns.items():
        setattr(policy, column, value)
    _flush_named()
    record(Kind.CHANGED, Subject.ESCALATION_POLICY, policy.id, at=at, by=by, before=before, after=columns)
    return policy


def _checked(
    policy_id: int | None,
    name: str,
    team_id: int,
    steps: object,
    repeat: int,
    last_resort_user_id: int | None,
    answers: int,
    ask_again_minutes: int | None,
    flap_limit: int | None,
) -> dict[str, object]:
    faults = Faults()
    name = faults.name(name)
    repeat = parse_repeat(repeat, faults)
    answers = parse_answers(answers, faults)
    again = parse_ask_again(ask_again_minutes, faults)
    flap_limit = parse_flap_limit(flap_limit, faults)
    checks.team_exists(team_id, faults)
    if last_resort_user_id is not None:
        checks.people_respond([("/last_resort_user_id", last_resort_user_id)], faults)
    try:
        parsed = parse_steps(steps)
    except InvalidField as invalid:
        faults.errors += invalid.errors
        parsed = ()
    _targets_exist(parsed, team_id, faults)
    _comes_to_an_end(policy_id, parsed, faults)
    faults.stop_if_any()
    return {
        "name": name,
        "team_id": team_id,
        "steps": steps_to_json(parsed),
        "repeat": repeat,
        "last_resort_user_id": last_resort_user_id,
        "answers": answers,
        "ask_again_minutes": None if again is None else ask_again_minutes,
        "flap_limit": flap_limit,
    }


_EXIST = {
    TargetKind.USER: checks.people_respond,
    TargetKind.SCHEDULE: checks.schedules_exist,
    TargetKind.NEXT_ON_CALL: checks.schedules_exist,
    TargetKind.TEAM: checks.teams_exist,
    TargetKind.POLICY: checks.policies_exist,
}


def _targets_exist(steps: Iterable[Step], team_id: int, faults: Faults) -> None:
    targets = list(targets_in(steps))
    for kind, there in _EXIST.items():
        there([(pointer, target.id) for pointer, target in targets if target.kind is kind], faults)
    for pointer, target in targets:
        is_program = target.kind is TargetKind.WEBHOOK
        if target.kind in ROOMS and not takes_posts(target.id, is_program=is_program, of_team=team_id):
            faults.add(pointer, f"this team has no such {target.kind}")


def _comes_to_an_end(policy_id: int | None, steps: tuple[Step, ...], faults: Faults) -> None:
    """With the steps of the policies they name they run in no circle, and neither they nor those of a policy
    that names this one become more than a run takes.
    """
    others = all_steps()
    if names_another(steps) and leads_back(policy_id, steps, others):
        faults.add("/steps", "lead back to this policy: an alert would go round in a circle")
        return
    this = policy_id or 0  # the one that is being made is named by none
    before, after = lengths(others), lengths(others | {this: steps})
    for other_id in [this, *sorted(before)]:
        if after[other_id] > max(MOST_IN_A_RUN - 1, before.get(other_id, 0)):
            named = None if other_id == this else db.session.get(EscalationPolicy, other_id)
            whose = "" if named is None else f"make those of {named.name} too many: they "
            faults.add(
                "/steps", f"{whose}come to more than {MOST_IN_A_RUN - 1} with the steps of the policies named"
            )
            return


def _flush_named() -> None:
    try:
        db.session.flush()
    except IntegrityError as taken:
        raise InvalidField([("/name", "is the name of another escalation policy")]) from taken
