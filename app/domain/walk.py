"""A schedule walked from boundary to boundary: every answer it gives in a span, once, for many questions.

Nothing is sampled. Between two boundaries (a handoff, hours that open or close, an exception's or a time off's
end, a clock change) no rule can change its mind, so what holds of each stretch holds of each minute.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from app.domain import zone
from app.domain.hours import Restriction, WeeklyHours
from app.domain.interval import Interval, merge
from app.domain.reason import OnCallRole, Reason, Why
from app.domain.schedule import ScheduleConfig, answers

NEXT_WITHIN = timedelta(days=92)  # how far "whoever follows" looks ahead


@dataclass(frozen=True, slots=True)
class Stretch:
    """Who is on call from `start` to `end`: `primaries` first answer, `everybody` has the backups too.

    `passed_over` says who would have been, and why they are not. `side_by_side`: primaries that layers of one
    priority put there together.
    """

    start: datetime
    end: datetime
    primaries: tuple[int, ...]
    everybody: tuple[int, ...]
    passed_over: tuple[Reason, ...]
    side_by_side: tuple[int, ...]

    @property
    def interval(self) -> Interval:
        return Interval(self.start, self.end)

    @property
    def paged(self) -> tuple[int, ...]:
        """Whom an alert pages: the primaries, or the backups where there is none."""
        return self.primaries or self.everybody


@dataclass(frozen=True)
class Walk:
    """What a schedule says in [start, end)."""

    config: ScheduleConfig
    start: datetime
    end: datetime

    @cached_property
    def stretches(self) -> tuple[Stretch, ...]:
        return tuple(self._walked())

    @cached_property
    def held(self) -> dict[int, tuple[Interval, ...]]:
        """When each person is primary, those that touch as one."""
        by_person: dict[int, list[Interval]] = {}
        for stretch in self.stretches:
            for user_id in stretch.primaries:
                by_person.setdefault(user_id, []).append(stretch.interval)
        return {user_id: merge(intervals) for user_id, intervals in by_person.items()}

    @cached_property
    def next_up(self) -> tuple[tuple[int, ...], ...]:
        """Of each stretch whom the first change after it brings that has nobody of then; nobody when none does
        so within `NEXT_WITHIN`.
        """
        return tuple(self._follows(place) for place in range(len(self.stretches)))

    def _follows(self, place: int) -> tuple[int, ...]:
        now, until = set(self.stretches[place].everybody), self.stretches[place].start + NEXT_WITHIN
        for after in range(place + 1, len(self.stretches)):
            later = self.stretches[after]
            if later.start >= until:
                break
            if later.paged and now.isdisjoint(later.paged):
                return later.paged
        return ()

    def _walked(self) -> Iterator[Stretch]:
        for start, end, answer in answers(self.config, self.start, self.end):
            primaries = [person for person in answer.on_call if person.role is OnCallRole.PRIMARY]
            turns = [person.user_id for person in primaries if person.reasons[0].kind is Why.TURN]
            yield Stretch(
                start,
                end,
                tuple(person.user_id for person in primaries),
                tuple(person.user_id for person in answer.on_call),
                answer.passed_over,
                tuple(turns) if len(turns) > 1 else (),
            )


def open_hours(
    restrictions: tuple[Restriction, ...], config: ScheduleConfig, start: datetime, end: datetime
) -> tuple[Interval, ...]:
    """The stretches of [start, end) in which a weekly pattern is open on the schedule's clock."""
    hours = WeeklyHours(restrictions)
    if hours.always:
        return (Interval(start, end),) if start < end else ()
    found: list[Interval] = []
    wall = zone.position(start, config.zone)
    while zone.instant(wall, config.zone) < end:
        around = hours.open_around(wall)
        if around is None:
            wall = hours.next_opening(wall)
            continue
        opens, closes = (zone.instant(each, config.zone) for each in around)
        if max(opens, start) < min(closes, end):
            found.append(Interval(max(opens, start), min(closes, end)))
        wall = around[1]
    return merge(found)


def clock_changes(config: ScheduleConfig, start: datetime, end: datetime) -> Iterator[tuple[str, datetime]]:
    """Each moment in [start, end) at which the clocks of the schedule's zones change, with the zone's name."""
    names = {config.time_zone} | {layer.time_zone for layer in config.everything if layer.time_zone}
    for name in sorted(names):
        for at in zone.changes(zone.named(name), start, end):
            yield name, at
