"""Make a schedule, or put another in its place."""

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from app.database import db
from app.domain.invalid import InvalidField, StaleVersion
from app.domain.swap_edits import Fate
from app.domain.timeline import Kind, Subject
from app.oncall import findings, swap_edits
from app.oncall.models import Schedule
from app.oncall.proof import Draft, in_place_of, prove_draft, read_draft, reason_to_save
from app.oncall.record_shifts import record_past
from app.people.models import User
from app.timeline.record import record


def create(
    *,
    name: str,
    team_id: int,
    time_zone: str,
    layers: object,
    requirements: object = None,
    temporary: object = (),
    override_reason: str | None = None,
    by: User,
    at: datetime,
) -> Schedule:
    """A new schedule; `layers`, `requirements` and `temporary` are decoded JSON.

    Raises InvalidField with everything that is wrong, Refuted when the check finds errors and nobody gave a
    reason to save it all the same.
    """
    draft = read_draft(name, team_id, time_zone, layers, requirements, temporary)
    found = prove_draft(draft, None, at=at)
    reason = reason_to_save(found, override_reason)
    columns = draft.columns()
    schedule = Schedule(**columns, version=1, created_at=at, updated_at=at)
    db.session.add(schedule)
    _flush_named()
    findings.keep(schedule.id, found, at=at)
    record(Kind.CREATED, Subject.SCHEDULE, schedule.id, at=at, by=by, after=columns, **reason)
    return schedule


def replace(
    schedule: Schedule,
    *,
    version: int,
    name: str,
    team_id: int,
    time_zone: str,
    layers: object,
    requirements: object = None,
    temporary: object = None,
    override_reason: str | None = None,
    swaps: Mapping[int, Fate] | None = None,
    by: User,
    at: datetime,
) -> Schedule:
    """Change all of a schedule that still is at `version`; without `requirements` or `temporary` those stay as
    they are.
    Where people come or go, a rotation begins elsewhere, so that no running shift moves (R14). Swaps go with
    their shifts unless `swaps` says otherwise of one.

    Raises StaleVersion when somebody else was first, InvalidField with everything that is wrong, Refuted when
    the check finds errors and nobody gave a reason to save it all the same.
    """
    before = {name: getattr(schedule, name) for name in Draft.COLUMNS}
    asked = schedule.requirements if requirements is None else requirements
    planned = schedule.temporary if temporary is None else temporary
    draft = read_draft(name, team_id, time_zone, layers, asked, planned)
    draft = in_place_of(schedule, draft, at=at)
    found = prove_draft(draft, schedule, at=at)
    reason = reason_to_save(found, override_reason)
    columns = draft.columns()
    record_past(at=at, schedule_ids=[schedule.id])
    # one conditional update, so that of two who read the same version only one can win
    claimed = (
        sa.update(Schedule)
        .where(Schedule.id == schedule.id, Schedule.version == version)
        .values(version=version + 1, updated_at=at)
        .returning(Schedule.id)
        .execution_options(synchronize_session=False)
    )
    won = db.session.scalar(claimed)
    db.session.refresh(schedule)
    if won is None:
        raise StaleVersion(schedule.version)
    bound = swap_edits.before_edit(schedule, at=at)
    for column, value in columns.items():
        setattr(schedule, column, value)
    _flush_named()
    findings.keep(schedule.id, found, at=at)
    record(Kind.CHANGED, Subject.SCHEDULE, schedule.id, at=at, by=by, before=before, after=columns, **reason)
    swap_edits.follow(schedule, bound, fates=swaps or {}, by=by, at=at)
    return schedule


def _flush_named() -> None:
    try:
        db.session.flush()
    except IntegrityError as taken:
        raise InvalidField([("/name", "is the name of another schedule")]) from taken
