"""D14: a ring of three, where no pair matches. Hours are conserved and nobody has anything twice."""

from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.interval import Interval, merge
from app.domain.layer import Layer
from app.domain.lifecycle import InvalidTransition
from app.domain.ring import CanTake, Ring, Wish, ring_after, rings
from app.domain.schedule import Override, ScheduleConfig, resolve, resolve_range
from app.domain.swap_hours import held_hours, pieces_of
from app.domain.words import RingState
from tests.support.oncall import ANA, BO, CY, DI, ED, EVERYBODY, rotation, schedule, utc
from tests.support.properties import patiently

START, WEEKS = utc("2026-10-05 14:00"), 12
END = START + timedelta(weeks=WEEKS)


def hours(day: int, length: int = 10) -> tuple[Interval, ...]:
    start = START + timedelta(days=day)
    return (Interval(start, start + timedelta(hours=length)),)


def always(_one: Wish, _other: Wish) -> bool:
    return True


def ids(found: tuple[Ring, ...]) -> list[tuple[int, ...]]:
    return [tuple(wish.id for wish in ring.wishes) for ring in found]


# Ana gives day 1 and wants Bo's day 8, he wants Cy's day 15, she wants Ana's: no two of them match.
ANAS = Wish(1, ANA, hours(1), hours(8))
BOS = Wish(2, BO, hours(8), hours(15))
CYS = Wish(3, CY, hours(15), hours(1))


def test_D14_three_who_do_not_match_in_pairs_make_a_ring() -> None:
    [ring] = rings([CYS, ANAS, BOS], always)
    assert [(leg.wish_id, leg.giver_id, leg.taker_id) for leg in ring.legs] == [
        (1, ANA, CY), (2, BO, ANA), (3, CY, BO),
    ]  # fmt: skip


def test_D14_there_is_none_where_a_pair_matches_or_somebody_could_not_take_it() -> None:
    assert rings([ANAS, replace(BOS, wants=hours(1)), CYS], always) == ()
    assert rings([ANAS, BOS, CYS], lambda taker, giver: (taker.user_id, giver.user_id) != (CY, ANA)) == ()
    assert rings([ANAS, BOS], always) == ()


def test_D14_nobody_is_in_a_ring_twice_and_nobody_gets_the_same_moment_of_two() -> None:
    assert rings([ANAS, BOS, replace(CYS, user_id=ANA)], always) == ()
    assert rings([ANAS, BOS, replace(CYS, gives=hours(15) + hours(1))], always) == ()


def test_D14_the_ring_that_gives_most_of_what_is_wanted_comes_first_whatever_the_order() -> None:
    less = Wish(4, DI, hours(15, 2), hours(1))  # two hours of the ten that Bo wants
    assert ids(rings([less, CYS, BOS, ANAS], always)) == ids(rings([ANAS, BOS, CYS, less], always))
    assert ids(rings([less, CYS, BOS, ANAS], always)) == [(1, 2, 3), (1, 2, 4)]


@pytest.mark.parametrize("state", [RingState.AGREED, RingState.DECLINED, RingState.REJECTED, RingState.VOID])
def test_D14_what_is_over_moves_no_more(state: RingState) -> None:
    for move in ("agree", "decline", "approve", "reject", "end"):
        with pytest.raises(InvalidTransition, match="This ring is"):
            ring_after(state, move)


PAIRS = list(combinations(sorted(EVERYBODY), 2))


def one_way(refusals: int) -> CanTake:
    """Of any two people only one could take the other's hours, so no pair matches."""

    def can(taker: Wish, giver: Wish) -> bool:
        lower = taker.user_id < giver.user_id
        pair = PAIRS.index((min(taker.user_id, giver.user_id), max(taker.user_id, giver.user_id)))
        return bool(refusals >> pair & 1) is lower

    return can


@st.composite
def posted(draw: st.DrawFn) -> tuple[ScheduleConfig, list[Wish]]:
    """A rotation of three to five people, and wishes about hours that their people really have."""
    people = draw(st.permutations([ANA, BO, CY, DI, ED]))[: draw(st.integers(3, 5))]
    config = schedule(Layer("Weekly", 0, rotation("2026-10-05 09:00", *people)), zone="America/Chicago")
    parts = st.tuples(st.integers(0, WEEKS - 1), st.integers(0, 100), st.integers(1, 60)).map(
        lambda part: Interval(
            START + timedelta(weeks=part[0], hours=part[1]),
            START + timedelta(weeks=part[0], hours=sum(part[1:])),
        )
    )
    wishes: list[Wish] = []
    for span in draw(st.lists(parts, min_size=3, max_size=8)):
        [holder, *_] = resolve(config, span.start)
        if gives := held_hours(pieces_of(config, holder.user_id, span)):
            wishes.append(Wish(len(wishes) + 1, holder.user_id, gives))
    wanted = st.sampled_from([(), *(wish.gives for wish in wishes)])
    return config, [replace(wish, wants=draw(st.just(()) | st.just(()) | wanted)) for wish in wishes]


def held(config: ScheduleConfig) -> dict[int, timedelta]:
    """Real hours of each person, and of nobody as 0."""
    found: dict[int, timedelta] = defaultdict(timedelta)
    for piece in resolve_range(config, START, END):
        people = [person.user_id for person in piece.on_call]
        assert len(people) == len(set(people)) <= 1
        found[people[0] if people else 0] += piece.end - piece.start
    return found


def length(stretches: tuple[Interval, ...]) -> timedelta:
    return sum((each.length for each in merge(stretches)), timedelta())


@pytest.mark.fault
@patiently
@given(posted(), st.integers(0, 2**10 - 1))
def test_D14_in_every_ring_hours_are_conserved_and_nobody_has_anything_twice(
    found: tuple[ScheduleConfig, list[Wish]], refusals: int
) -> None:
    config, wishes = found
    before = held(config)
    for ring in rings(wishes, one_way(refusals))[:3]:
        legs = ring.legs
        givers, takers = [leg.giver_id for leg in legs], [leg.taker_id for leg in legs]
        assert len(set(givers)) == 3
        assert sorted(givers) == sorted(takers), "who gives takes"
        assert all(leg.giver_id != leg.taker_id for leg in legs)
        rows = tuple(
            Override(number, hours_.start, hours_.end, leg.taker_id, leg.giver_id, START)
            for number, (leg, hours_) in enumerate((leg, each) for leg in legs for each in leg.hours)
        )
        after = held(replace(config, overrides=rows))
        gave = {leg.giver_id: length(leg.hours) for leg in legs}
        took = {leg.taker_id: length(leg.hours) for leg in legs}
        assert sum(gave.values(), timedelta()) == sum(took.values(), timedelta())
        for person in (0, *EVERYBODY):
            assert after[person] - before[person] == took.get(person, timedelta()) - gave.get(
                person, timedelta()
            )
