"""What the made-up people have arranged for the days to come: a cover, an absence, a request."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import current_app

from app.database import db, transaction
from app.domain.words import SwapMode
from app.domain.zone import instant, named
from app.oncall import override, swap, time_off
from app.oncall.models import Schedule
from app.oncall.queries import on_call_at
from app.paging import deliver
from app.paging.channels.registry import Channels
from app.people.models import User


def arrange(*, at: datetime) -> None:
    """On the first schedule: tomorrow's evening is covered, the night after is asked for, and its backup is
    away next week.
    """
    with transaction():
        schedule = db.session.scalars(sa.select(Schedule).order_by(Schedule.id)).first()
        if schedule is None:
            return
        evening = _hour(at, schedule, days=1, hour=18)
        primary, backup = (
            db.session.get_one(User, holder.user_id) for holder in on_call_at(schedule.id, evening)[:2]
        )
        override.add(
            schedule_id=schedule.id, start=evening, end=evening + timedelta(hours=4), user_id=backup.id,
            replaces_user_id=primary.id, by=primary, at=at,
        )  # fmt: skip
        night = _hour(at, schedule, days=1, hour=22)
        swap.ask(
            schedule, start=night, end=night + timedelta(hours=10), mode=SwapMode.ALL, owner=primary,
            by=primary,
            note_text="Concert in town. I can take a night of yours.", at=at,
        )  # fmt: skip
        away = _hour(at, schedule, days=8, hour=0)
        time_off.add(user_id=backup.id, start=away, end=away + timedelta(days=3), by=backup, at=at)
    _let_the_notices_go()


def _let_the_notices_go() -> None:
    """Those who are asked have been told: in a made-up organisation nothing of it leaves the machine."""
    channels = Channels.from_settings(current_app.config["settings"])
    try:
        while deliver.deliver_due(channels):
            pass
    finally:
        channels.close()


def _hour(at: datetime, schedule: Schedule, *, days: int, hour: int) -> datetime:
    """That hour on the schedule's clock, so many days ahead."""
    zone = named(schedule.time_zone)
    day = at.astimezone(zone).replace(tzinfo=None, hour=hour, minute=0, second=0, microsecond=0)
    return instant(day + timedelta(days=days), zone)
