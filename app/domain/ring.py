"""A ring of three (D14): where no two match, three give hours on and each gets hours of the next.

A wish is a posted request: somebody gives hours, and perhaps says which they would take. In a ring each takes
what the next one gives, so every hour that is given is taken by exactly one person and nobody gives or takes
twice. A ring is only proposed; nothing changes until all three agree to all of it, and then everything at once.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from itertools import combinations, permutations

from app.domain.interval import Interval, subtract
from app.domain.lifecycle import InvalidTransition
from app.domain.words import RingState

MOST_WISHES = 40  # the earliest of a schedule: 40 wishes make 20,000 rings, which is a moment


@dataclass(frozen=True, slots=True)
class Wish:
    """`gives` are real hours of `user_id`, `wants` those they would take (none: whatever comes)."""

    id: int
    user_id: int
    gives: tuple[Interval, ...]
    wants: tuple[Interval, ...] = ()


@dataclass(frozen=True, slots=True)
class Leg:
    """`taker_id` takes all hours of the wish `wish_id` from `giver_id`."""

    wish_id: int
    giver_id: int
    taker_id: int
    hours: tuple[Interval, ...]


@dataclass(frozen=True, slots=True)
class Ring:
    """Each of the three takes what the next gives, and the last what the first gives."""

    wishes: tuple[Wish, Wish, Wish]

    @property
    def legs(self) -> tuple[Leg, ...]:
        """In the order of the wishes: who takes what of whom."""
        one, two, three = self.wishes
        return tuple(
            Leg(gives.id, gives.user_id, takes.user_id, gives.gives)
            for takes, gives in ((three, one), (one, two), (two, three))
        )


CanTake = Callable[[Wish, Wish], bool]  # whether the person of the first could take what the second gives


def rings(wishes: Sequence[Wish], can: CanTake) -> tuple[Ring, ...]:
    """Every ring of three people in which each can take what the next gives, best first: those in which most of
    what is wanted is given, then those that leave the three with the most equal lengths.

    Whoever has a match in a pair is left out: two agree more easily than three. No two wishes of a ring are of
    one person, or give the same moment.
    """
    fits = {
        (one.id, other.id)
        for one, other in permutations(wishes, 2)
        if one.user_id != other.user_id and _wanted(one, other) and can(one, other)
    }
    single = [
        wish
        for wish in wishes
        if not any((wish.id, other.id) in fits and (other.id, wish.id) in fits for other in wishes)
    ]
    found = [
        Ring((one, two, three))
        for first in combinations(sorted(single, key=lambda wish: wish.id), 3)
        for one, two, three in (first, (first[0], first[2], first[1]))
        if len({wish.user_id for wish in first}) == 3
        and {(one.id, two.id), (two.id, three.id), (three.id, one.id)} <= fits
        and not any(_meet(a, b) for a, b in combinations(first, 2))
    ]
    return tuple(sorted(found, key=lambda ring: (-_satisfied(ring), _uneven(ring), _ids(ring))))


RING_MOVES: Mapping[tuple[RingState, str], RingState] = {
    (RingState.OPEN, "agree"): RingState.ACCEPTED,  # the last of the three
    (RingState.OPEN, "decline"): RingState.DECLINED,
    (RingState.OPEN, "end"): RingState.VOID,
    (RingState.ACCEPTED, "approve"): RingState.AGREED,
    (RingState.ACCEPTED, "decline"): RingState.DECLINED,
    (RingState.ACCEPTED, "reject"): RingState.REJECTED,
    (RingState.ACCEPTED, "end"): RingState.VOID,
}


class RingWords(StrEnum):
    """How a ring stands, in words."""

    OPEN = "waiting for all three"
    ACCEPTED = "agreed by all three and waiting for approval"
    AGREED = "agreed"
    DECLINED = "declined"
    REJECTED = "not approved"
    VOID = "over, because one of its hours is not to be had any more"


def ring_after(state: RingState, move: str) -> RingState:
    """The ring's state after `move`. Raises InvalidTransition when the state does not allow it."""
    if (state, move) not in RING_MOVES:
        raise InvalidTransition(f"This ring is {RingWords[state.name]}, so there is nothing to {move}.")
    return RING_MOVES[state, move]


def _wanted(taker: Wish, giver: Wish) -> bool:
    """What is given holds some of what is wanted, or nothing particular is wanted."""
    return not taker.wants or bool(_shared(taker.wants, giver.gives))


def _shared(wanted: Sequence[Interval], given: Sequence[Interval]) -> timedelta:
    return _length(wanted) - _length(subtract(wanted, given))


def _satisfied(ring: Ring) -> float:
    """How much of what the three want they get: 3 when each gets all of it; who wants nothing counts half."""
    one, two, three = ring.wishes
    return sum(
        _shared(takes.wants, gives.gives) / _length(takes.wants) if takes.wants else 0.5
        for takes, gives in ((one, two), (two, three), (three, one))
    )


def _uneven(ring: Ring) -> timedelta:
    """How far what each gives is from what each takes, all together."""
    one, two, three = (_length(wish.gives) for wish in ring.wishes)
    return abs(one - two) + abs(two - three) + abs(three - one)


def _meet(one: Wish, other: Wish) -> bool:
    return any(mine.overlap(theirs) for mine in one.gives for theirs in other.gives)


def _length(hours: Sequence[Interval]) -> timedelta:
    return sum((each.length for each in hours), timedelta())


def _ids(ring: Ring) -> tuple[int, ...]:
    return tuple(wish.id for wish in ring.wishes)
