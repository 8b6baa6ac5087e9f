"""An exception to a schedule: add somebody, take somebody off, or put one in another's place."""

from datetime import datetime, timedelta

from app.database import db
from app.domain.interval import to_the_minute
from app.domain.invalid import Faults
from app.domain.lifecycle import InvalidTransition
from app.domain.timeline import Kind, Subject
from app.oncall import checks
from app.oncall.models import Override
from app.oncall.stack import effect_at, take_turn
from app.people.models import User
from app.timeline.record import record


class AlreadyOver(Exception):
    """It ended; what was is not undone (R25)."""


def add(
    *,
    schedule_id: int,
    start: datetime,
    end: datetime,
    user_id: int | None = None,
    replaces_user_id: int | None = None,
    by: User,
    at: datetime,
) -> Override:
    """A change of who is on call from `start` to `end`, cut to full minutes, that counts from `at` as the
    newest.

    `user_id` alone adds, `replaces_user_id` alone removes, both replace. Raises InvalidField.
    """
    faults = Faults()
    checks.schedules_exist([("/schedule_id", schedule_id)], faults)
    named = [("/user_id", user_id), ("/replaces_user_id", replaces_user_id)]
    checks.people_exist([(pointer, id_) for pointer, id_ in named if id_ is not None], faults)
    if user_id is None and replaces_user_id is None:
        faults.add("/user_id", "name who comes, who goes, or both")
    elif user_id == replaces_user_id:
        faults.add("/replaces_user_id", "is the same person; nothing would change")
    start, end = checks.span(start, end, faults)
    faults.stop_if_any()
    take_turn(schedule_id, at=at)
    override = Override(
        schedule_id=schedule_id,
        start=start,
        end=end,
        user_id=user_id,
        replaces_user_id=replaces_user_id,
        created_at=effect_at(schedule_id, at),
        created_by_id=by.id,
    )
    db.session.add(override)
    db.session.flush()
    record(Kind.CREATED, Subject.OVERRIDE, override.id, at=at, by=by, **_facts(override))
    return override


def cancel(override: Override, *, by: User, at: datetime) -> None:
    """Undo what of it has not happened yet: a running one ends with the minute, one to come goes away.

    Raises AlreadyOver, InvalidTransition for one that belongs to a swap.
    """
    if override.swap_id is not None:
        raise InvalidTransition("These hours belong to a swap. Change that instead.")
    if override.end <= at:
        raise AlreadyOver("This override has ended. What was is not changed.")
    take_turn(override.schedule_id, at=at)
    if override.start < at:
        before = override.end
        override.end = min(override.end, to_the_minute(at) + timedelta(minutes=1))
        record(
            Kind.CHANGED,
            Subject.OVERRIDE,
            override.id,
            at=at,
            by=by,
            **_facts(override),
            ended_before=_iso(before),
        )
        return
    record(Kind.DELETED, Subject.OVERRIDE, override.id, at=at, by=by, **_facts(override))
    db.session.delete(override)
    db.session.flush()


def _facts(override: Override) -> dict[str, object]:
    return {
        "schedule_id": override.schedule_id,
        "start": _iso(override.start),
        "end": _iso(override.end),
        "user_id": override.user_id,
        "replaces_user_id": override.replaces_user_id,
    }


def _iso(moment: datetime) -> str:
    return moment.isoformat()
