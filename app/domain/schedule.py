"""Who is on call at a moment, and why: the one answer that pages, screens, feeds and reports all read (R1, R6).

Layers answer from the highest priority down, and a lower one is asked only when nobody above is left; layers of
the same priority answer together. A set brings its primary and its backups. Who is on time off (R1) or switched
off (R3) is passed over, and whoever would answer next shows through: the person they cover for, the backup, a
lower layer.

Overrides act in the order they took effect, each on what the earlier ones made:

- *add* puts somebody on call beside whoever is; it never takes anyone off.
- *replace* gives someone's place to another, in every place where that person is or was before other overrides:
  A→B then B→C ends with C; A→B then A→C also ends with C, and B is shown as cut.
- *remove* takes somebody off, as time off would but on this schedule only. A later override may bring them
  back.

They act on places, whether or not their holder is available: B covering for A is the usual way to give A time
off. All moments are aware and in UTC; asked with another zone the answer is the same, asked with none it is
ValueError.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import NamedTuple
from zoneinfo import ZoneInfo

from app.domain import seats, zone
from app.domain.interval import Interval, merge
from app.domain.layer import Layer, Levels, Stretch, levels_of
from app.domain.over_time import EVER, OverTime, Remembered, sooner
from app.domain.reason import OnCallRole, Reason
from app.domain.rotation import Turn
from app.domain.seats import Place
from app.domain.words import ChangeKind

NOBODY: frozenset[int | None] = frozenset()
MOST_REMEMBERED = 20_000  # answers of one schedule: some ten megabytes


@dataclass(frozen=True)
class Override:
    """A change for some hours: only `user_id` adds, only `replaces_user_id` removes, both replace.

    An effective swap is one too; they are stacked in the order they took effect, whatever their `kind` (R1).
    """

    id: int
    start: datetime
    end: datetime
    user_id: int | None
    replaces_user_id: int | None
    took_effect_at: datetime
    kind: ChangeKind = ChangeKind.OVERRIDE


@dataclass(frozen=True)
class TimeOff:
    user_id: int
    start: datetime
    end: datetime


@dataclass(frozen=True)
class Temporary:
    """Other layers from `start` to `end`, both wall clocks of the schedule. Hours in which none of them has
    anybody are the usual schedule's, unless `holes_are_intended` (R4).
    """

    name: str
    start: datetime
    end: datetime
    layers: tuple[Layer, ...]
    holes_are_intended: bool = False


@dataclass(frozen=True)
class _Running:
    """A temporary schedule by its moments; its layers know whose they are."""

    start: datetime
    end: datetime
    temporary: Temporary

    @cached_property
    def levels(self) -> Levels:
        name = self.temporary.name
        return levels_of(replace(layer, temporary=name) for layer in self.temporary.layers)


OnCall = Place  # one person who is on call: the first reasons lead to them, the later say why not others


class Shift(NamedTuple):
    """From `start` to `end` the same people for the same reasons; with nobody in `on_call` it is a gap."""

    start: datetime
    end: datetime
    on_call: tuple[OnCall, ...]


class Answer(NamedTuple):
    """Who is on call, who was passed over and why, and until when that holds (None: for good)."""

    on_call: tuple[OnCall, ...]
    passed_over: tuple[Reason, ...]
    until: datetime | None


@dataclass(frozen=True)
class ScheduleConfig:
    """All that decides who is on call on one schedule. The order of its rows means nothing (R6)."""

    id: int
    name: str
    time_zone: str
    layers: tuple[Layer, ...]
    overrides: tuple[Override, ...]
    time_off: tuple[TimeOff, ...]
    active_users: frozenset[int]
    temporary: tuple[Temporary, ...] = ()  # no two of them at the same time
    onlookers: frozenset[int] = frozenset()  # who is here and answers no alerts: none of `active_users`

    @cached_property
    def zone(self) -> ZoneInfo:
        return zone.named(self.time_zone)

    @cached_property
    def levels(self) -> Levels:
        """Layers of the same priority together, highest first."""
        return levels_of(self.layers)

    def levels_at(self, moment: datetime) -> tuple[Levels, datetime, datetime | None]:
        """The levels that answer at `moment`, since when, and until when (None: for good). What those of a
        temporary schedule leave open the usual ones fill, unless its holes are meant (R4).
        """
        if not self.temporary:
            return self.levels, EVER, None
        running, since, until = self._temporary_over_time.at(moment)
        if not running:
            return self.levels, since, until
        first = running[0].levels
        return first if running[0].temporary.holes_are_intended else first + self.levels, since, until

    @property
    def everything(self) -> tuple[Layer, ...]:
        """The layers of the schedule and of everything that stands in for it."""
        return (*self.layers, *(layer for each in self.temporary for layer in each.layers))

    @cached_property
    def _temporary_over_time(self) -> OverTime[_Running]:
        running = [
            _Running(zone.instant(each.start, self.zone), zone.instant(each.end, self.zone), each)
            for each in self.temporary
        ]
        return OverTime(running, lambda row: (row.start, row.temporary.name))

    @cached_property
    def overrides_over_time(self) -> OverTime[Override]:
        return OverTime(self.overrides, lambda row: (row.took_effect_at, row.id))

    @cached_property
    def time_off_over_time(self) -> OverTime[TimeOff]:
        return OverTime(self.time_off, lambda row: (row.user_id, row.end, row.start))

    @cached_property
    def is_plain(self) -> bool:
        """Whether its layers alone decide: no exception, no time off, nothing temporary."""
        return not (self.overrides or self.time_off or self.temporary)

    @cached_property
    def only_layer(self) -> Layer | None:
        """The layer that alone decides everything, if one does."""
        return self.layers[0] if self.is_plain and len(self.layers) == 1 else None

    def stretch(self, layer: Layer, at: datetime) -> Stretch:
        """What `layer` says at `at`."""
        if self.only_layer is not None:  # then it is the answer, and that is remembered
            return layer.at(at, self.zone_of(layer))
        remembered = self._stretches[id(layer)]
        known = remembered.at(at)
        if known is None:
            known = layer.at(at, self.zone_of(layer))
            remembered.keep(known.start, known)
        return known

    def zone_of(self, layer: Layer) -> ZoneInfo:
        """Whose clock the layer keeps."""
        return self.zone if layer.time_zone is None else zone.named(layer.time_zone)

    @cached_property
    def remembered(self) -> Remembered[Answer]:
        """Answers given: most questions are about the same stretches."""
        return Remembered(MOST_REMEMBERED)

    @cached_property
    def _stretches(self) -> dict[int, Remembered[Stretch]]:
        return defaultdict(lambda: Remembered(MOST_REMEMBERED))


def answer_at(config: ScheduleConfig, at: datetime) -> Answer:
    """Who is on call at `at`, with all that led there and how long it holds."""
    return _answer_at(config, _in_utc(at))


def _answer_at(config: ScheduleConfig, at: datetime) -> Answer:
    known = config.remembered.at(at)
    if known is None:
        since, known = _answer(config, at)
        config.remembered.keep(since, known)
    return known


def _answer(config: ScheduleConfig, at: datetime) -> tuple[datetime, Answer]:
    """The answer, and a moment not after `at` since which it is this one."""
    if config.is_plain and (known := _undisturbed(config, config.levels, at, EVER, None, NOBODY)):
        return known
    overrides, since, until = config.overrides_over_time.at(at)
    rows_off, off_since, off_until = config.time_off_over_time.at(at)
    levels, levels_since, levels_until = config.levels_at(at)
    since = max(since, off_since, levels_since)
    until = sooner(until, sooner(off_until, levels_until))
    about: Set[int | None] = {row.replaces_user_id for row in overrides} if overrides else NOBODY
    if None not in about:  # nobody is added
        about |= {row.user_id for row in rows_off}
        known = _undisturbed(config, levels, at, since, until, about)
        if known is not None:
            return known
    table = seats.Table(
        config.active_users, overrides, {row.user_id: row for row in rows_off}, config.onlookers
    )
    for level in levels:
        for layer in level:
            stretch = config.stretch(layer, at)
            since = max(since, stretch.start)
            until = sooner(until, stretch.until)
            table.seat(stretch.places)
        if table.settle():
            break
    return min(since, at), Answer(tuple(table.people()), table.passed_over(), until)


def _undisturbed(
    config: ScheduleConfig, levels: Levels, at: datetime, since: datetime, until: datetime | None,
    about: Set[int | None],
) -> tuple[datetime, Answer] | None:  # fmt: skip
    """The answer while only turns decide; None when one of those seated has no account that works, or is one
    of those whom an exception or time off is `about`.
    """
    seated: tuple[Place, ...] = ()
    for level in levels:
        for layer in level:
            begins, ends, _, places = config.stretch(layer, at)
            if begins > since:
                since = begins
            if until is None or (ends is not None and ends < until):
                until = ends
            seated += places
        for place in seated:
            if place.user_id in about or place.user_id not in config.active_users:
                return None
        if seated:
            break
    return since, Answer(seats.once_each(seated), (), until)


def resolve(config: ScheduleConfig, at: datetime) -> tuple[OnCall, ...]:
    """The people on call at `at`, primaries before backups, each with the chain of reasons; empty is a gap."""
    return answer_at(config, at).on_call


def pieces(config: ScheduleConfig, start: datetime, end: datetime) -> Iterator[Shift]:
    """Pieces that cover [start, end) without hole or overlap, one after the other, gaps as pieces with nobody.

    Neighbours differ in people, role or reason. There are none when `end` is not after `start`.
    """
    piece: Shift | None = None
    for at, until, answer in answers(config, start, end):
        if piece and piece.on_call == answer.on_call:
            piece = Shift(piece.start, until, answer.on_call)
        else:
            if piece:
                yield piece
            piece = Shift(at, until, answer.on_call)
    if piece:
        yield piece


def answers(
    config: ScheduleConfig, start: datetime, end: datetime
) -> Iterator[tuple[datetime, datetime, Answer]]:
    """Each answer of [start, end) with the moments it holds from and until, at every boundary of a rule."""
    at, end = _in_utc(start), _in_utc(end)
    if config.only_layer is not None and config.only_layer.hours is None:
        yield from _turn_by_turn(config, config.only_layer, at, end)
        return
    while at < end:
        answer = _answer_at(config, at)
        until = sooner(answer.until, end) or end
        if until <= at:  # a fault in a rule: better an error in one schedule than an engine that never returns
            raise AssertionError(f"schedule {config.id} stands still at {at}")
        yield at, until, answer
        at = until


def _turn_by_turn(
    config: ScheduleConfig, layer: Layer, at: datetime, end: datetime
) -> Iterator[tuple[datetime, datetime, Answer]]:
    """The answers of the only layer, always open: each turn begins where the one before it ended."""
    rotation, tz = layer.rotation, config.zone_of(layer)
    if at < end and rotation.number_at(zone.position(at, tz)) is None:
        answer = _answer_at(config, at)
        until = sooner(answer.until, end) or end
        yield at, until, answer
        at = until
    number = rotation.number_at(zone.position(at, tz)) or 0
    start = zone.instant(rotation.handoff(number), tz)
    while at < end:
        until = zone.instant(rotation.handoff(number + 1), tz)
        if until > at:  # a turn that a clock change swallowed is nobody's
            people = rotation.people_of(number)
            if config.active_users.issuperset(people):
                seated = tuple(seats.places(layer, Turn(number, start, until, people)))
                answer = Answer(seats.once_each(seated), (), until)
            else:
                answer = _answer_at(config, at)
            yield at, min(until, end), answer
            at = until
        start, number = until, number + 1


def resolve_range(config: ScheduleConfig, start: datetime, end: datetime) -> tuple[Shift, ...]:
    """All `pieces` of [start, end)."""
    return tuple(pieces(config, start, end))


def next_change(found: Iterable[Shift]) -> datetime | None:
    """When others, or the same in other roles, have it than in the first of these pieces; None when never."""
    who: list[tuple[int, OnCallRole]] | None = None
    for piece in found:
        here = [(person.user_id, person.role) for person in piece.on_call]
        if who is not None and here != who:
            return piece.start
        who = here
    return None


def gaps(config: ScheduleConfig, start: datetime, end: datetime) -> tuple[Interval, ...]:
    """The hours of [start, end) in which nobody is on call, in order."""
    return merge(Interval(piece.start, piece.end) for piece in pieces(config, start, end) if not piece.on_call)


def _in_utc(moment: datetime) -> datetime:
    if moment.tzinfo is UTC:
        return moment
    if moment.tzinfo is None:
        raise ValueError(f"a moment needs its zone: {moment}")
    return moment.astimezone(UTC)
