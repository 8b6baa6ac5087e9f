"""Make a schedule, or put another in its place."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from app.database import db
from app.domain import zone
from app.domain.invalid import Faults, InvalidField, StaleVersion
from app.domain.layers import layers_to_json, parse_layers, people_in
from app.domain.timeline import Kind, Subject
from app.oncall import checks
from app.oncall.models import Schedule
from app.oncall.record_shifts import record_past
from app.people.models import User
from app.timeline.record import record


def create(*, name: str, team_id: int, time_zone: str, layers: object, by: User, at: datetime) -> Schedule:
    """A new schedule; `layers` is decoded JSON. Raises InvalidField with everything that is wrong."""
    columns = _checked(name, team_id, time_zone, layers)
    schedule = Schedule(**columns, version=1, created_at=at, updated_at=at)
    db.session.add(schedule)
    _flush_named()
    record(Kind.CREATED, Subject.SCHEDULE, schedule.id, at=at, by=by, after=columns)
    return schedule


def replace(
    schedule: Schedule,
    *,
    version: int,
    name: str,
    team_id: int,
    time_zone: str,
    layers: object,
    by: User,
    at: datetime,
) -> Schedule:
    """Change all of a schedule that still is at `version`.

    Raises StaleVersion when somebody else was first, InvalidField with everything that is wrong.
    """
    before = {
        "name": schedule.name,
        "team_id": schedule.team_id,
        "time_zone": schedule.time_zone,
        "layers": schedule.layers,
    }
    columns = _checked(name, team_id, time_zone, layers)
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
    for column, value in columns.items():
        setattr(schedule, column, value)
    _flush_named()
    record(Kind.CHANGED, Subject.SCHEDULE, schedule.id, at=at, by=by, before=before, after=columns)
    return schedule


def _checked(name: str, team_id: int, time_zone: str, layers: object) -> dict[str, object]:
    faults = Faults()
    name = faults.name(name)
    checks.team_exists(team_id, faults)
    try:
        zone.named(time_zone)
    except zone.UnknownZone as unknown:
        faults.add("/time_zone", str(unknown))
    try:
        parsed = parse_layers(layers)
        checks.people_exist(people_in(parsed), faults)
    except InvalidField as invalid:
        faults.errors += invalid.errors
        parsed = ()
    faults.stop_if_any()
    return {"name": name, "team_id": team_id, "time_zone": time_zone, "layers": layers_to_json(parsed)}


def _flush_named() -> None:
    try:
        db.session.flush()
    except IntegrityError as taken:
        raise InvalidField([("/name", "is the name of another schedule")]) from taken
