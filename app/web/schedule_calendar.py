"""A schedule drawn over days: where each turn begins and ends, as parts of the whole, in the schedule's zone.

Lengths are real ones: the week in which the clocks go back is an hour longer, and its columns show it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from app.domain import zone as zones
from app.domain.interval import Interval
from app.domain.layer import Layer
from app.domain.reason import OnCallRole, Why
from app.oncall.queries import HeldShift, Holder, Roster
from app.people.models import User
from app.web.words import moment

WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Block:
    """One piece of a lane. `left` and `width` are percents of the span; with nobody in `people` it is a gap."""

    start: datetime
    end: datetime
    left: float
    width: float
    people: tuple[User, ...]
    backups: tuple[User, ...] = ()
    is_cover: bool = False
    is_away: bool = False
    reasons: tuple[str, ...] = ()

    @property
    def is_gap(self) -> bool:
        return not self.people


@dataclass(frozen=True)
class Lane:
    """One row of the drawing: the answer, the covers, a layer, the time off."""

    title: str
    hint: str
    blocks: tuple[Block, ...]
    is_answer: bool = False


@dataclass(frozen=True)
class Day:
    """A local day, its place in the span, and who is on call in it."""

    date: date
    start: datetime
    end: datetime
    left: float
    width: float
    is_today: bool
    in_month: bool = True
    blocks: tuple[Block, ...] = ()

    def place(self, block: Block) -> tuple[float, float]:
        """Left edge and width of a block in percent of this day, cut to it."""
        whole = (self.end - self.start).total_seconds()
        left = (max(block.start, self.start) - self.start).total_seconds() / whole * 100
        right = (min(block.end, self.end) - self.start).total_seconds() / whole * 100
        return round(left, 1), round(right - left, 1)


@dataclass(frozen=True)
class Span:
    """Some whole local days, from the first's midnight to the midnight after the last."""

    zone: ZoneInfo
    first: date
    days: int
    start: datetime = field(init=False)
    end: datetime = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "start", midnight(self.first, self.zone))
        object.__setattr__(self, "end", midnight(self.first + timedelta(days=self.days), self.zone))

    def place(self, start: datetime, end: datetime) -> tuple[float, float]:
        """Left edge and width of [start, end) in percent, cut to the span."""
        whole = (self.end - self.start).total_seconds()
        left = (max(start, self.start) - self.start).total_seconds() / whole * 100
        right = (min(end, self.end) - self.start).total_seconds() / whole * 100
        return round(left, 3), round(right - left, 3)

    def marker(self, at: datetime) -> float | None:
        """Where `at` is, in percent; None outside."""
        return self.place(at, at)[0] if self.start <= at < self.end else None


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The first moment of a local day, in UTC: not every day begins at 00:00."""
    return zones.instant(datetime.combine(day, time()), zone)


def week_of(day: date, zone: ZoneInfo) -> Span:
    """Monday to Sunday."""
    return Span(zone, day - timedelta(days=day.weekday()), 7)


def two_weeks_from(span: Span) -> Span:
    """What the strip on a phone shows: the week and the one after."""
    return Span(span.zone, span.first, 14)


def month_of(day: date, zone: ZoneInfo) -> Span:
    """Whole weeks that hold the whole month."""
    first = day.replace(day=1)
    after = (first + timedelta(days=32)).replace(day=1)
    begin = first - timedelta(days=first.weekday())
    end = after + timedelta(days=-after.weekday() % 7)
    return Span(zone, begin, (end - begin).days)


def answer(span: Span, held: Iterable[HeldShift], gaps: Iterable[Interval], people: Mapping[int, User]) -> Lane:
    """Who is on call, with the gaps drawn."""
    blocks = [_held(span, shift, people) for shift in held]
    blocks += [Block(gap.start, gap.end, *span.place(gap.start, gap.end), people=()) for gap in gaps]
    return Lane("Who is on call", "the answer", tuple(sorted(blocks, key=lambda block: block.start)), True)


def covers(span: Span, roster: Roster, people: Mapping[int, User]) -> Lane:
    """Overrides and swaps: they win over layers."""
    blocks = []
    for override in sorted(roster.config.overrides, key=lambda row: row.start):
        taker = people.get(override.user_id or 0)
        if taker and override.end > span.start and override.start < span.end:
            where = span.place(override.start, override.end)
            blocks.append(Block(override.start, override.end, *where, people=(taker,), is_cover=True))
    return Lane("Covers, swaps", "win over layers", tuple(blocks))


def layers(span: Span, roster: Roster, people: Mapping[int, User]) -> list[Lane]:
    """One lane a layer, highest priority first: what each says by itself."""
    ordered = sorted(roster.config.layers, key=lambda layer: -layer.priority)
    return [Lane(layer.name, _hours(layer), tuple(_turns(span, roster, layer, people))) for layer in ordered]


def away(span: Span, roster: Roster, people: Mapping[int, User]) -> Lane:
    """Time off of the people in this schedule: it takes them out of the answer."""
    blocks = [
        Block(off.start, off.end, *span.place(off.start, off.end), people=(people[off.user_id],), is_away=True)
        for off in sorted(roster.config.time_off, key=lambda row: row.start)
        if off.user_id in people and off.end > span.start and off.start < span.end
    ]
    return Lane("Time off", "takes people out", tuple(blocks))


def days(span: Span, lane: Lane, *, now: datetime, month: int | None = None) -> list[Day]:
    """The days of a span, each with the blocks of `lane` that touch it, cut to it."""
    edges = [midnight(span.first + timedelta(days=number), span.zone) for number in range(span.days + 1)]
    found = []
    for number, (start, end) in enumerate(pairwise(edges)):
        day = span.first + timedelta(days=number)
        inside = tuple(
            _cut(block, start, end) for block in lane.blocks if block.start < end and block.end > start
        )
        found.append(
            Day(
                day, start, end, *span.place(start, end), start <= now < end, month in (None, day.month), inside
            )
        )
    return found


def everybody(roster: Roster, held: Sequence[HeldShift]) -> set[int]:
    """Ids of all who may be drawn."""
    ids = {holder.user_id for shift in held for holder in shift.people}
    facts = (fact for shift in held for holder in shift.people for fact in holder.facts)
    ids |= {fact.other_user_id for fact in facts if fact.other_user_id is not None}
    return ids | set(roster.names)


def _held(span: Span, shift: HeldShift, people: Mapping[int, User]) -> Block:
    primaries = [holder for holder in shift.people if holder.role is OnCallRole.PRIMARY] or list(shift.people)
    backups = [holder for holder in shift.people if holder not in primaries]
    return Block(
        shift.start,
        shift.end,
        *span.place(shift.start, shift.end),
        people=_users(primaries, people),
        backups=_users(backups, people),
        is_cover=any(fact.kind is Why.COVER for holder in primaries for fact in holder.facts),
        reasons=tuple(reason for holder in shift.people for reason in holder.reasons),
    )


def _users(holders: Iterable[Holder], people: Mapping[int, User]) -> tuple[User, ...]:
    return tuple(people[holder.user_id] for holder in holders if holder.user_id in people)


def _turns(span: Span, roster: Roster, layer: Layer, people: Mapping[int, User]) -> Iterator[Block]:
    at = span.start
    while at < span.end:
        stretch = layer.at(at, roster.config.zone_of(layer))
        until = min(stretch.until or span.end, span.end)
        if until <= at:  # a fault in a rule must not hang a page
            return
        if stretch.turn and stretch.turn.people:
            known = tuple(people[user] for user in stretch.turn.people if user in people)
            if known:
                yield Block(at, until, *span.place(at, until), people=known[:1], backups=known[1:])
        at = until


def _cut(block: Block, start: datetime, end: datetime) -> Block:
    return Block(
        max(block.start, start), min(block.end, end), block.left, block.width, block.people, block.backups,
        block.is_cover, block.is_away, block.reasons,
    )  # fmt: skip


def _hours(layer: Layer) -> str:
    """In a few words, when this layer answers: "days 08:00 – 22:00"."""
    if not layer.restrictions:
        return "always"
    one = layer.restrictions[0]
    words = f"{one.start:%H:%M} – {one.end:%H:%M}"
    return words if len(layer.restrictions) == 1 else f"{words} and {len(layer.restrictions) - 1} more"


def said(block: Block, zone: ZoneInfo) -> str:
    """A block as a sentence, in the schedule's zone: "Ada Okafor, Thu 12 Nov 08:00 to 22:00 GMT"."""
    who = " and ".join(person.name for person in block.people) or "Nobody"
    backup = f", backup {', '.join(person.name for person in block.backups)}" if block.backups else ""
    away = ", away" if block.is_away else ""
    return f"{who}{away}, {moment(block.start, zone)} to {moment(block.end, zone)}{backup}"
