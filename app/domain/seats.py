"""Places on call at one moment, and who ends up holding each: how overrides, time off and accounts play
together.

A place remembers everyone it was given to. The newest of them who is available holds it, so when the person who
covers falls ill the one they covered for shows through, rather than nobody.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, Protocol

from app.domain.interval import Interval
from app.domain.reason import OnCallRole, Reason, Why
from app.domain.rotation import Rotation, Turn
from app.domain.words import ChangeKind

_ROLES = tuple(OnCallRole)  # to walk through an enumeration costs more than to decide a place


class Change(Protocol):
    """An override, as `schedule.Override`."""

    @property
    def id(self) -> int: ...
    @property
    def start(self) -> datetime: ...
    @property
    def end(self) -> datetime: ...
    @property
    def user_id(self) -> int | None: ...
    @property
    def replaces_user_id(self) -> int | None: ...
    @property
    def kind(self) -> ChangeKind: ...


class Away(Protocol):
    @property
    def start(self) -> datetime: ...
    @property
    def end(self) -> datetime: ...


class Rota(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def rotation(self) -> Rotation: ...
    @property
    def temporary(self) -> str | None: ...


class Place(NamedTuple):
    """One person's place in the answer, and what gives it to them: at first a turn, as a layer's set has it."""

    user_id: int
    role: OnCallRole
    reasons: tuple[Reason, ...]


def places(layer: Rota, turn: Turn, hours: Interval | None = None) -> Iterator[Place]:
    """The places of the set whose turn it is, the primary's first. `hours`: those the layer is open in, if it
    is not always.
    """
    role = OnCallRole.PRIMARY
    for user_id in turn.people:
        reasons: tuple[Reason, ...] = (
            Reason(
                Why.TURN, user_id, turn.start, turn.end, layer.name, layer.rotation.rhythm, role,
                temporary=layer.temporary,
            ),
        )  # fmt: skip
        if hours:
            reasons += (
                Reason(Why.HOURS, user_id, hours.start, hours.end, layer.name, temporary=layer.temporary),
            )
        yield Place(user_id, role, reasons)
        role = OnCallRole.BACKUP


def once_each(seated: tuple[Place, ...]) -> tuple[Place, ...]:
    """Everyone once, primaries first."""
    if len(seated) <= 1:
        return seated
    found: dict[int, Place] = {}
    for wanted in _ROLES:
        for place in seated:
            if place.role is wanted:
                found.setdefault(place.user_id, place)
    return tuple(found.values())


@dataclass(slots=True, eq=False)
class Given:
    """The place given to somebody: by a layer (no `by`), or by an override, from the one who was `before`."""

    user_id: int
    reasons: tuple[Reason, ...]
    before: "Given | None" = None
    removed: Reason | None = None


@dataclass(slots=True, eq=False)
class Seat:
    """One place. `ahead`: the places of the same set that come before it, the primary's first."""

    role: OnCallRole
    given: list[Given]
    ahead: tuple["Seat", ...] = ()
    passed: tuple[Reason, ...] = ()
    holder: Given | None = None

    def apply(self, change: Change) -> None:
        """Let one replacing or removing override act, if it is about somebody this place was given to."""
        leaving = [given for given in self.given if given.user_id == change.replaces_user_id]
        if not leaving:
            return
        if change.user_id is None:
            for given in leaving:
                given.removed = Reason(
                    Why.REMOVED, given.user_id, change.start, change.end, override_id=change.id
                )
            return
        cover = Reason(
            Why.COVER,
            change.user_id,
            change.start,
            change.end,
            override_id=change.id,
            other_user_id=change.replaces_user_id,
            change=change.kind,
        )
        self.given.append(Given(change.user_id, (cover,), before=leaving[-1]))

    def chain(self) -> tuple[Reason, ...]:
        """What led to the holder, from the layer on."""
        given = self.holder
        if given and given.before is None:
            return given.reasons
        links: list[Given] = []
        while given:
            links.append(given)
            given = given.before
        return tuple(reason for link in reversed(links) for reason in link.reasons)

    def cut(self) -> tuple[Reason, ...]:
        """The overrides that would have decided this place, had a newer one not done so."""
        if self.holder is None or len(self.given) == 1:
            return ()
        kept: list[Given] = []
        given: Given | None = self.holder
        while given:
            kept.append(given)
            given = given.before
        older = self.given[: self.given.index(self.holder)]
        return tuple(
            Reason(
                Why.CUT,
                loser.user_id,
                loser.reasons[0].start,
                loser.reasons[0].end,
                override_id=loser.reasons[0].override_id,
                other_user_id=self.holder.user_id,
            )
            for loser in older
            if loser not in kept
        )


@dataclass(slots=True)
class Table:
    """The places of one schedule at one moment. Seat a level of layers, `settle` it, and go on while nobody
    sits.
    """

    active_users: frozenset[int]
    changes: Sequence[Change]
    away: Mapping[int, Away]
    onlookers: frozenset[int] = frozenset()
    seats: list[Seat] = field(default_factory=list)
    settled: list[Seat] = field(default_factory=list)
    passed: list[Reason] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.changes:
            self._seat_those_added()

    def seat(self, places: Iterable[Place]) -> None:
        """Give the places of a layer's set to the people whose turn it is."""
        ahead: tuple[Seat, ...] = ()
        for user_id, role, reasons in places:
            seat = Seat(role, [Given(user_id, reasons)], ahead)
            self.seats.append(seat)
            ahead += (seat,)

    def settle(self) -> bool:
        """Decide who holds the places seated since the last time. True when somebody does."""
        for seat in self.seats:
            for change in self.changes:
                if change.replaces_user_id is not None:
                    seat.apply(change)
        return self._hold(self.seats)

    def people(self) -> Iterator[Place]:
        """Everyone on call, once, primaries first."""
        seen: set[int] = set()
        for role in _ROLES:
            for seat in self.settled:
                if seat.holder and seat.role is role and seat.holder.user_id not in seen:
                    seen.add(seat.holder.user_id)
                    yield Place(seat.holder.user_id, role, self._reasons(seat))

    def passed_over(self) -> tuple[Reason, ...]:
        """Why those who come earlier are not the ones."""
        return tuple(dict.fromkeys(self.passed))

    def _seat_those_added(self) -> None:
        added: list[Seat] = []
        for change in self.changes:
            if change.replaces_user_id is not None:
                for seat in added:
                    seat.apply(change)
            elif change.user_id is not None:
                reason = Reason(
                    Why.ADDED,
                    change.user_id,
                    change.start,
                    change.end,
                    role=OnCallRole.PRIMARY,
                    override_id=change.id,
                    change=None if change.kind is ChangeKind.OVERRIDE else change.kind,
                )
                added.append(Seat(OnCallRole.PRIMARY, [Given(change.user_id, (reason,))]))
        self._hold(added)

    def _hold(self, seats: list[Seat]) -> bool:
        held = False
        higher = tuple(self.passed)
        for seat in seats:
            passed: list[Reason] = []
            for given in reversed(seat.given):
                why_not = self._why_not(given)
                if why_not is None:
                    seat.holder, held = given, True
                    break
                passed.append(why_not)
            self.passed += passed
            for earlier in seat.ahead:
                if earlier.holder is None:
                    passed += earlier.passed
            seat.passed = (*passed, *higher)
        self.settled += seats
        self.seats = []
        return held

    def _why_not(self, given: Given) -> Reason | None:
        if given.user_id not in self.active_users:
            why = Why.ONLOOKER if given.user_id in self.onlookers else Why.INACTIVE
            return Reason(why, given.user_id)
        if given.user_id in self.away:
            off = self.away[given.user_id]
            return Reason(Why.AWAY, given.user_id, off.start, off.end)
        return given.removed

    def _reasons(self, seat: Seat) -> tuple[Reason, ...]:
        chain = seat.chain()
        if not seat.passed and len(seat.given) == 1:
            return chain
        return tuple(dict.fromkeys((*chain, *seat.passed, *seat.cut())))
