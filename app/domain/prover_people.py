"""Claims about a schedule's people: that they are here, rested, in one place, and not woken to take over."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from app.domain import zone
from app.domain.claims import Claim, Finding, Level, Person
from app.domain.interval import Interval, merge
from app.domain.layer import Layer
from app.domain.pattern import moment
from app.domain.reason import Why
from app.domain.rotation import Unit
from app.domain.walk import clock_changes

if TYPE_CHECKING:
    from app.domain.prover import Case

_DAY = timedelta(days=1)


def active(case: "Case") -> Iterator[Finding]:
    """Layers and coming overrides that name somebody who is switched off or only looks on (R3)."""
    config = case.walk.config
    named = [
        (user_id, f"the layer {layer.name}")
        for layer in config.everything
        for turn in layer.rotation.participants
        for user_id in turn
    ]
    named += [
        (override.user_id, "an override")
        for override in config.overrides
        if override.user_id is not None and override.end > case.since
    ]
    off = dict.fromkeys((user_id, where) for user_id, where in named if user_id not in config.active_users)
    for user_id, where in off:
        name = case.name(user_id)
        why = f"{name} only looks on" if user_id in config.onlookers else f"{name}’s account is switched off"
        words = f"{why}, and {where} names them"
        key = f"{Claim.ACTIVE}:{user_id}:{where}"
        yield Finding(Claim.ACTIVE, Level.ERROR, words, key, people=(user_id,))
    if not off:
        yield case.proven(Claim.ACTIVE, "Everybody named has an account that works")


def leave(case: "Case") -> Iterator[Finding]:
    """Turns that fall in the person's own time off; whether somebody stands in is another claim's question."""
    away: dict[int, list[Interval]] = {}
    for stretch in case.walk.stretches:
        for reason in stretch.passed_over:
            if reason.kind is Why.AWAY:
                away.setdefault(reason.user_id, []).append(stretch.interval)
    for user_id, intervals in away.items():
        subject = f"{case.name(user_id)} is on time off in their own turn"
        yield from case.told(Claim.LEAVE, Level.WARNING, subject, merge(intervals), people=[user_id])
    if not away:
        yield case.proven(Claim.LEAVE, "Nobody’s turn falls in their time off")


def one_place(case: "Case") -> Iterator[Finding]:
    """The same person primary here and on another schedule."""
    found = False
    for other in case.others:
        for user_id, intervals in case.walk.held.items():
            both = list(_overlaps(intervals, other.held.get(user_id, ())))
            if both:
                found = True
                subject = f"{case.name(user_id)} is first in line here and on {other.config.name}"
                yield from case.told(Claim.ONE_PLACE, Level.WARNING, subject, both, people=[user_id])
    if not found:
        yield case.proven(Claim.ONE_PLACE, "Nobody is first in line on two schedules at once")


def rest(case: "Case") -> Iterator[Finding]:
    """Less rest between two shifts than asked, also when one of them is on another schedule."""
    wanted = case.requirements.rest
    found = False
    for user_id, shifts in _all_shifts(case).items():
        short = [
            Interval(before.end, after.start)
            for before, after in pairwise(shifts)
            if after.start - before.end < wanted
        ]
        if short:
            found = True
            subject = f"{case.name(user_id)} rests less than {wanted // timedelta(hours=1)} hours"
            yield from case.told(Claim.REST, Level.WARNING, subject, short, people=[user_id])
    if not found:
        hours = wanted // timedelta(hours=1)
        yield case.proven(Claim.REST, f"Everybody rests at least {hours} hours between two shifts")


def nights(case: "Case") -> Iterator[Finding]:
    """More nights in a row than asked. A night counts when any of its sleeping hours is on call."""
    most = case.requirements.nights_in_a_row
    found = False
    for user_id, shifts in _all_shifts(case).items():
        person = case.people.get(user_id)
        if person is None:
            continue
        runs = [run for run in _runs_of_nights(shifts, person) if run[1] > most]
        if runs:
            found = True
            longest = max(count for _, count in runs)
            subject = f"{case.name(user_id)} has up to {longest} nights in a row, more than {most},"
            yield from case.told(
                Claim.NIGHTS, Level.WARNING, subject, [run for run, _ in runs], people=[user_id],
                key=str(user_id),
            )  # fmt: skip
    if not found:
        yield case.proven(Claim.NIGHTS, f"Nobody has more than {most} nights in a row")


def handoffs(case: "Case") -> Iterator[Finding]:
    """Taking over in the hours in which one sleeps, on one's own clock."""
    woken: dict[int, list[datetime]] = {}
    for before, after in pairwise(case.walk.stretches):
        for user_id in set(after.primaries) - set(before.primaries):
            person = case.people.get(user_id)
            if person and person.sleep.holds(after.start, person.zone):
                woken.setdefault(user_id, []).append(after.start)
    for user_id, moments in sorted(woken.items()):
        person = case.people[user_id]
        by_clock: dict[time, list[datetime]] = {}
        for at in moments:
            by_clock.setdefault(zone.wall_clock(at, person.zone).time(), []).append(at)
        for clock, each in sorted(by_clock.items()):
            often = f" {len(each)} times," if len(each) > 1 else ""
            first = moment(each[0], person.zone, case.since)
            words = (
                f"{person.name} takes over at {clock:%H:%M} their time,{often} first on {first}:"
                f" they sleep from {person.sleep.start:%H:%M} to {person.sleep.end:%H:%M}"
            )
            yield Finding(
                Claim.HANDOFFS, Level.WARNING, words, f"{Claim.HANDOFFS}:{user_id}:{clock:%H:%M}",
                tuple(Interval(at, at + timedelta(minutes=1)) for at in each), (user_id,),
            )  # fmt: skip
    if not woken:
        yield case.proven(Claim.HANDOFFS, "Nobody takes over in the hours in which they sleep")


def wall_times(case: "Case") -> Iterator[Finding]:
    """Handoffs and hours that a clock change moves, because their clock time does not come that day."""
    config = case.walk.config
    moved = False
    changes = 0
    for name, at in clock_changes(config, case.walk.start, case.walk.end):
        changes += 1
        tz = zone.named(name)
        for layer in config.layers:
            if config.zone_of(layer) != tz:
                continue
            for wall, what in _edges_near(layer, zone.wall_clock(at - timedelta(seconds=1), tz)):
                real = zone.instant(wall, tz)
                if zone.wall_clock(real, tz) == wall:
                    continue
                moved = True
                words = (
                    f"{layer.name}: {what} {wall:%H:%M} comes at {moment(real, tz, case.since)},"
                    f" as clocks skip {wall:%H:%M} that day"
                )
                key = f"{Claim.WALL_TIMES}:{layer.name}:{what}:{wall:%H:%M}"
                interval = Interval(real, real + timedelta(minutes=1))
                yield Finding(Claim.WALL_TIMES, Level.WARNING, words, key, (interval,))
    if not moved:
        words = (
            f"Every handoff keeps its clock time over {changes} clock changes"
            if changes
            else "Clocks do not change here, so every handoff keeps its time"
        )
        yield case.proven(Claim.WALL_TIMES, words)


def _edges_near(layer: Layer, wall: datetime) -> Iterator[tuple[datetime, str]]:
    """Clock times of handoffs and of hours around the day of a clock change, each once."""
    midnight = wall.replace(hour=0, minute=0, second=0, microsecond=0)
    rotation = layer.rotation
    seen: set[tuple[datetime, str]] = set()
    if rotation.unit is not Unit.HOUR and rotation.participants:
        number = rotation.number_at(midnight)
        for each in range(0 if number is None else number, (0 if number is None else number) + 3):
            seen.add((rotation.handoff(each), "the handoff at"))
    for restriction in layer.restrictions:
        for day in (midnight - _DAY, midnight, midnight + _DAY):
            if day.weekday() in restriction.weekdays:
                seen.add((datetime.combine(day, restriction.start), "the start at"))
                closes = day if restriction.end > restriction.start else day + _DAY
                seen.add((datetime.combine(closes, restriction.end), "the end at"))
    for edge, what in sorted(seen):
        if midnight <= edge < midnight + 2 * _DAY:
            yield edge, what


def _all_shifts(case: "Case") -> dict[int, tuple[Interval, ...]]:
    """When each person of this schedule is primary, here or on any other schedule."""
    return {
        user_id: merge([*intervals, *(each for other in case.others for each in other.held.get(user_id, ()))])
        for user_id, intervals in sorted(case.walk.held.items())
    }


def _overlaps(ours: tuple[Interval, ...], theirs: tuple[Interval, ...]) -> Iterator[Interval]:
    """What two sorted lists share."""
    place = 0
    for interval in ours:
        while place < len(theirs) and theirs[place].end <= interval.start:
            place += 1
        for other in theirs[place:]:
            if other.start >= interval.end:
                break
            shared = interval.overlap(other)
            if shared is not None:
                yield shared


def _runs_of_nights(shifts: tuple[Interval, ...], person: Person) -> Iterator[tuple[Interval, int]]:
    """Stretches of consecutive nights with some sleeping hour on call, and how many they are."""
    runs: list[tuple[datetime, datetime, int]] = []  # first moment, the last night's date, how many
    ends: list[datetime] = []
    for shift in shifts:
        for night in _nights_of(shift, person):
            if runs and night - runs[-1][1] <= timedelta():
                ends[-1] = shift.end
                continue
            if runs and night - runs[-1][1] == _DAY:
                runs[-1] = (runs[-1][0], night, runs[-1][2] + 1)
                ends[-1] = shift.end
            else:
                runs.append((shift.start, night, 1))
                ends.append(shift.end)
    for (start, _, count), end in zip(runs, ends, strict=True):
        yield Interval(start, end), count


def _nights_of(shift: Interval, person: Person) -> Iterator[datetime]:
    """The dates (naive midnights) whose following night a shift reaches into."""
    start, end = (zone.wall_clock(each, person.zone) for each in (shift.start, shift.end))
    night = start.replace(hour=0, minute=0, second=0, microsecond=0) - _DAY
    sleeps, wakes = person.sleep.start, person.sleep.end
    while night < end:
        falls = datetime.combine(night, sleeps)
        rises = datetime.combine(night if wakes > sleeps else night + _DAY, wakes)
        if max(falls, start) < min(rises, end):
            yield night
        night += _DAY
