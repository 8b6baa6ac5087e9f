"""How heavy on-call is for each person: hours by their kind, weighted, and how evenly they lie.

Every moment has one kind. Where several fit, as in a Saturday night, the one that weighs most counts, and of
equals the one that stands first in `HourKind`; so hours are counted once and their kinds add up. Edges are on
the wall clock of the schedule's zone, lengths are real: a night in which clocks go back is an hour longer.

This is the one place that knows what an hour weighs: reports, swaps and candidates ask here.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise
from zoneinfo import ZoneInfo

from app.domain import zone as zones
from app.domain.interval import Interval
from app.domain.invalid import Faults, InvalidField
from app.domain.reason import OnCallRole, Why
from app.domain.schedule import OnCall, Shift

HOUR = timedelta(hours=1)
HEAVIEST, MOST_HOLIDAYS = 10, 400


class HourKind(StrEnum):
    """The kinds of hour, and which of equally heavy ones an hour is."""

    HOLIDAY = "holiday"  # a whole day of the schedule's list
    WEEKEND = "weekend"  # Saturday and Sunday
    NIGHT = "night"  # 22:00 to 08:00
    EVENING = "evening"  # 18:00 to 22:00
    DAY = "day"


USUAL_WEIGHTS: Mapping[HourKind, float] = {
    HourKind.HOLIDAY: 3, HourKind.WEEKEND: 2, HourKind.NIGHT: 2, HourKind.EVENING: 1.5, HourKind.DAY: 1,
}  # fmt: skip
# on the wall clock: until the next edge an hour of a working day is of this kind
_EDGES = (
    (0, HourKind.NIGHT), (8, HourKind.DAY), (18, HourKind.EVENING), (22, HourKind.NIGHT), (24, HourKind.NIGHT)
)  # fmt: skip


@dataclass(frozen=True)
class FairnessRules:
    """What each kind of hour weighs on one schedule, and which local days are holidays."""

    weights: Mapping[HourKind, float] = field(default_factory=lambda: USUAL_WEIGHTS)
    holidays: frozenset[date] = frozenset()


@dataclass(frozen=True)
class Part:
    """A stretch of one kind. `fits`: all kinds it is of; `night_of`: the day its night began, in a night."""

    start: datetime
    end: datetime
    kind: HourKind
    fits: frozenset[HourKind]
    day: date
    night_of: date | None

    @property
    def length(self) -> timedelta:
        return self.end - self.start


@dataclass
class Load:
    """One person's time with the pager. `covered`: hours had for others, minus hours others had for them."""

    user_id: int
    hours: dict[HourKind, timedelta] = field(default_factory=lambda: dict.fromkeys(HourKind, timedelta()))
    covered: dict[HourKind, timedelta] = field(default_factory=lambda: dict.fromkeys(HourKind, timedelta()))
    backup: timedelta = timedelta()  # behind somebody: not paged, so it weighs nothing
    nights: int = 0
    weekends: int = 0
    holidays: int = 0
    pages: int = 0
    night_pages: int = 0

    @property
    def total(self) -> timedelta:
        return sum(self.hours.values(), timedelta())

    @property
    def by_covers(self) -> timedelta:
        """Real hours more, or fewer, than the rotation alone gave."""
        return sum(self.covered.values(), timedelta())

    def weighted(self, rules: FairnessRules) -> float:
        """What all of it counts as, in hours."""
        return _weigh(self.hours, rules)

    def weighted_before(self, rules: FairnessRules) -> float:
        """The same before any swap, override or take-over."""
        return _weigh(self.hours, rules) - _weigh(self.covered, rules)


@dataclass(frozen=True)
class Report:
    """Everybody who belongs to a schedule in a window, heaviest first. `nobody`: real time without anyone."""

    loads: tuple[Load, ...]
    rules: FairnessRules
    nobody: timedelta
    roster: frozenset[int]  # who takes turns here

    @property
    def carriers(self) -> tuple[Load, ...]:
        """Those between whom the load is shared: who takes turns, or had any of it; not who only backs up."""
        return tuple(load for load in self.loads if load.total or load.user_id in self.roster)

    @property
    def gini(self) -> float | None:
        """0 when all carry the same, towards 1 when one carries all; None with fewer than two people."""
        return gini([load.weighted(self.rules) for load in self.carriers])

    @property
    def gini_before(self) -> float | None:
        """The same without swaps, overrides and take-overs."""
        return gini([load.weighted_before(self.rules) for load in self.carriers])


def parse_rules(
    weights: Mapping[str, object],
    holidays: Sequence[object],
    *,
    usual: Mapping[HourKind, float] = USUAL_WEIGHTS,
) -> FairnessRules:
    """Rules from what a form, a program or a row holds; a kind that is left out weighs the `usual`.

    Raises InvalidField with everything that is wrong.
    """
    faults, own, days = Faults(), dict[HourKind, float](), set()
    try:
        own = parse_weights(weights)
    except InvalidField as invalid:
        faults.errors += invalid.errors
    for place, said in enumerate(faults.sequence(holidays, "/holidays", at_most=MOST_HOLIDAYS)):
        try:
            days.add(date.fromisoformat(str(said)))
        except ValueError:
            faults.add(f"/holidays/{place}", f"“{str(said)[:40]}” is no day; one reads like 2026-12-25")
    faults.stop_if_any()
    return FairnessRules({**usual, **own}, frozenset(days))


def parse_weights(weights: Mapping[str, object]) -> dict[HourKind, float]:
    """What the kinds weigh that are named. Raises InvalidField with everything that is wrong."""
    faults, read = Faults(), dict[HourKind, float]()
    for name, weight in weights.items():
        if name not in HourKind.__members__.values():
            faults.add(f"/weights/{name}", f"is no kind of hour; they are {', '.join(HourKind)}")
        elif isinstance(weight, bool) or not isinstance(weight, int | float) or not 0 <= weight <= HEAVIEST:
            faults.add(f"/weights/{name}", f"must be a number from 0 to {HEAVIEST}")
        else:
            read[HourKind(name)] = weight
    faults.stop_if_any()
    return read


def parts(span: Interval, zone: ZoneInfo, rules: FairnessRules) -> Iterator[Part]:
    """The span cut wherever the kind of hour may change, without hole or overlap."""
    day = zones.position(span.start, zone).date() - timedelta(days=1)
    while (midnight := _instant(day, 0, zone)) < span.end:
        edge = midnight
        for (hour, usual), (until, _) in pairwise(_EDGES):
            start, edge = edge, max(edge, _instant(day, until, zone))
            if start < edge and (inside := Interval(start, edge).overlap(span)):
                fits = _fits(day, usual, rules)
                kind = max(fits, key=lambda each: (rules.weights[each], -list(HourKind).index(each)))
                night_of = (day if hour else day - timedelta(days=1)) if usual is HourKind.NIGHT else None
                yield Part(inside.start, inside.end, kind, fits, day, night_of)
        day += timedelta(days=1)


def weigh(span: Interval, zone: ZoneInfo, rules: FairnessRules) -> float:
    """What these hours count as, in hours: "14 h, counts as 28"."""
    return sum(part.length / HOUR * rules.weights[part.kind] for part in parts(span, zone, rules))


def weighing_kinds(spans: Iterable[Interval], zone: ZoneInfo, rules: FairnessRules) -> list[HourKind]:
    """The kinds for which these hours count as they do, other than the plain days among them: of a Saturday
    night both the weekend and the night, where they weigh the same.
    """
    found = {
        kind
        for span in spans
        for part in parts(span, zone, rules)
        for kind in part.fits
        if rules.weights[kind] == rules.weights[part.kind]
    }
    return [kind for kind in HourKind if kind in found and kind is not HourKind.DAY]


def report(
    pieces: Iterable[Shift],
    pages: Mapping[int, Sequence[datetime]],
    *,
    roster: Iterable[int],
    zone: ZoneInfo,
    rules: FairnessRules,
) -> Report:
    """Who carried what in `pieces`. `roster` is listed even with nothing; `pages` count in own hours only.

    Whoever an alert would page has the hour: the primaries, or the backups when there is none.
    """
    turns = frozenset(roster)
    found = _Sums({user_id: Load(user_id) for user_id in turns}, pages)
    nobody = timedelta()
    for piece in pieces:
        if not piece.on_call:
            nobody += piece.end - piece.start
            continue
        carrying = [person for person in piece.on_call if person.role is OnCallRole.PRIMARY] or piece.on_call
        for part in parts(Interval(piece.start, piece.end), zone, rules):
            for person in carrying:
                found.add(person, part)
        for person in piece.on_call:
            if person not in carrying:
                found.load(person.user_id).backup += piece.end - piece.start
    loads = found.finish()
    ordered = sorted(loads, key=lambda load: (-load.weighted(rules), load.user_id))
    return Report(tuple(ordered), rules, nobody, turns)


def gini(values: Sequence[float]) -> float | None:
    """The Gini coefficient of loads: 0 is all alike; None with fewer than two, or where nobody carries any."""
    ordered, total = sorted(max(value, 0.0) for value in values), sum(max(value, 0.0) for value in values)
    if len(ordered) < 2 or not total:
        return None
    ranked = sum(place * value for place, value in enumerate(ordered, start=1))
    return max(0.0, 2 * ranked / (len(ordered) * total) - (len(ordered) + 1) / len(ordered))


class _Sums:
    """Loads while they are added up. A night, weekend or holiday counts for whoever had an hour of it."""

    def __init__(self, loads: dict[int, Load], pages: Mapping[int, Sequence[datetime]]) -> None:
        self._loads = loads
        self._pages = {user_id: sorted(times) for user_id, times in pages.items()}
        self._stretches: defaultdict[tuple[int, HourKind, date], timedelta] = defaultdict(timedelta)

    def load(self, user_id: int) -> Load:
        return self._loads.setdefault(user_id, Load(user_id))

    def add(self, person: OnCall, part: Part) -> None:
        load, length = self.load(person.user_id), part.length
        load.hours[part.kind] += length
        if (relieved := _relieved(person)) is not None:
            load.covered[part.kind] += length
            self.load(relieved).covered[part.kind] -= length
        times = self._pages.get(person.user_id, [])
        pages = bisect_left(times, part.end) - bisect_left(times, part.start)
        load.pages += pages
        if part.night_of is not None:
            load.night_pages += pages
            self._stretches[person.user_id, HourKind.NIGHT, part.night_of] += length
        if HourKind.WEEKEND in part.fits:
            saturday = part.day - timedelta(days=part.day.weekday() - 5)
            self._stretches[person.user_id, HourKind.WEEKEND, saturday] += length
        if HourKind.HOLIDAY in part.fits:
            self._stretches[person.user_id, HourKind.HOLIDAY, part.day] += length

    def finish(self) -> Iterable[Load]:
        for (user_id, kind, _), length in self._stretches.items():
            load, counts = self._loads[user_id], length >= HOUR
            load.nights += counts and kind is HourKind.NIGHT
            load.weekends += counts and kind is HourKind.WEEKEND
            load.holidays += counts and kind is HourKind.HOLIDAY
        return self._loads.values()


def _relieved(person: OnCall) -> int | None:
    """Whose place this was by the rotation, where it is had by a cover."""
    covers = [reason for reason in person.reasons if reason.kind is Why.COVER]
    first = covers[0].other_user_id if covers else None
    return None if first == person.user_id else first


def _fits(day: date, usual: HourKind, rules: FairnessRules) -> frozenset[HourKind]:
    kinds = {usual}
    if day.weekday() >= 5:
        kinds.add(HourKind.WEEKEND)
    if day in rules.holidays:
        kinds.add(HourKind.HOLIDAY)
    return frozenset(kinds)


def _weigh(hours: Mapping[HourKind, timedelta], rules: FairnessRules) -> float:
    return sum(held / HOUR * rules.weights[kind] for kind, held in hours.items())


def _instant(day: date, hour: int, zone: ZoneInfo) -> datetime:
    after = day + timedelta(days=1) if hour == 24 else day
    return zones.instant(datetime.combine(after, time(hour % 24)), zone)
