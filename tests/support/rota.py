"""Ana, Bo and Cy take weekly turns in Chicago, Mara runs their team: the people of the worked example."""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from app import clock
from app.database import db, transaction
from app.domain.words import Role, SwapMode
from app.engine import jobs
from app.notices.models import Notice
from app.oncall import queries, schedules, swap
from app.oncall.models import Schedule, Swap, SwapRules
from app.people.models import Organisation, User
from app.timeline.models import Event
from tests.support.cast import make, make_device, make_team, make_user
from tests.support.clock import TestClock
from tests.support.oncall import layer_json, utc

# Sat 31 Oct 18:00 CDT to Sun 1 Nov 08:00 CST: clocks go back at 02:00, so 15 real hours
NIGHT_START, NIGHT_END = utc("2026-10-31 23:00"), utc("2026-11-01 14:00")
SAT_NOON = utc("2026-10-31 17:00")


class Rota:
    """Weekly from Monday 26 Oct, 09:00: Ana, Bo, Cy, each with a proven phone. It is Wed 28 Oct, 09:00."""

    def __init__(self, clock_: TestClock, **rules: Any) -> None:
        self.clock = clock_
        clock_.moment = utc("2026-10-28 14:00")
        with transaction():
            make(Organisation, id=1, name="Example", time_zone="America/Chicago", created_at=clock.now())
            people = [make_user(name, time_zone="America/Chicago") for name in ("Ana", "Bo", "Cy")]
            self.ana, self.bo, self.cy = people
            self.mara = make_user("Mara", Role.MANAGER, time_zone="Europe/London")
            self.dan = make_user("Dan")
            self.team = make_team("Payments", *people, self.mara, manager=self.mara)
            for user in (*people, self.mara, self.dan):
                make_device(user, verified_at=clock.now())
            weekly = layer_json("2026-10-26T09:00", [[user.id] for user in people])
            self.schedule: Schedule = schedules.create(
                name="Payments primary", team_id=self.team.id, time_zone="America/Chicago", layers=[weekly],
                by=self.mara, at=clock.now(),
            )  # fmt: skip
        if rules:
            self.rule(**rules)

    def rule(self, **rules: Any) -> None:
        """What the schedule asks of swaps."""
        with transaction():
            columns = {"eligible": [], "updated_at": clock.now()} | rules
            db.session.merge(SwapRules(schedule_id=self.schedule.id, **columns))

    def ask(self, **changes: Any) -> Swap:
        """Ana asks everybody to take the night, unless told otherwise."""
        columns: dict[str, Any] = {
            "start": NIGHT_START,
            "end": NIGHT_END,
            "mode": SwapMode.ALL,
            "owner": self.ana,
            "by": self.ana,
        }
        with transaction():
            return swap.ask(self.schedule, at=clock.now(), **(columns | changes))

    def do(self, verb: Any, row: Any, by: User, **facts: Any) -> Any:
        """One verb in its transaction, now."""
        with transaction():
            return verb(row, by=by, at=clock.now(), **facts)

    def on_call(self, at: datetime) -> str:
        """Who has it at a moment, by name."""
        return ", ".join(holder.name for holder in queries.on_call_at(self.schedule.id, at))

    def shifts(self, start: datetime, end: datetime) -> list[tuple[str, datetime, datetime]]:
        """Who has it when, by name: neighbours with the same people as one, whatever the reasons."""
        found: list[tuple[str, datetime, datetime]] = []
        for shift in queries.shifts(self.schedule.id, start, end)[0]:
            names = ", ".join(each.name for each in shift.people)
            if found and found[-1][0] == names and found[-1][2] == shift.start:
                found[-1] = (names, found[-1][1], shift.end)
            else:
                found.append((names, shift.start, shift.end))
        return found

    def until(self, moment: datetime) -> None:
        """Time passes to `moment`, the engine looking once at every minute that matters and at the end."""
        while jobs.advance_swaps():
            pass
        due = sa.select(sa.func.min(Swap.next_due_at))
        while (next_at := db.session.scalar(due)) is not None and next_at <= moment:
            self.clock.moment = max(self.clock.moment, next_at)
            db.session.rollback()
            if not jobs.advance_swaps():
                break
        self.clock.moment = moment
        db.session.rollback()

    def told(self, user: User) -> list[str]:
        """The titles of what this person was told, oldest first."""
        rows = sa.select(Notice.title).where(Notice.user_id == user.id).order_by(Notice.id)
        return list(db.session.scalars(rows))

    def events(self, row: Swap) -> list[tuple[str, int | None]]:
        """What happened to a swap, and by whom."""
        about = sa.select(Event).where(Event.subject_kind == "swap", Event.subject_id == row.id)
        return [(event.kind, event.actor_id) for event in db.session.scalars(about.order_by(Event.id))]

    def forward(self, **amount: float) -> None:
        self.until(self.clock.moment + timedelta(**amount))
