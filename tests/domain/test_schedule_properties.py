"""R6: what holds for every schedule, whatever its layers, exceptions and clock changes."""

import random
from bisect import bisect_right
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.hours import Restriction
from app.domain.layer import Layer
from app.domain.rotation import Rotation, Unit
from app.domain.schedule import Override, ScheduleConfig, Temporary, TimeOff, gaps, resolve, resolve_range
from tests.support.oncall import utc
from tests.support.properties import patiently

MINUTE = timedelta(minutes=1)
# nights when clocks change: Chicago, London, Lord Howe (half an hour), Casablanca and Troll (two hours), Havana
NIGHTS = [
    ("America/Chicago", "2026-03-08"),
    ("America/Chicago", "2026-11-01"),
    ("Europe/London", "2026-03-29"),
    ("Europe/London", "2026-10-25"),
    ("Australia/Lord_Howe", "2026-04-05"),
    ("Australia/Lord_Howe", "2026-10-04"),
    ("Africa/Casablanca", "2026-02-15"),
    ("Africa/Casablanca", "2026-03-22"),
    ("Antarctica/Troll", "2026-03-29"),
    ("America/Havana", "2026-11-01"),
    ("Asia/Kolkata", "2026-05-05"),
]
PEOPLE = st.integers(1, 6)
START = datetime(2020, 1, 1, tzinfo=UTC)
ZONES = sorted(available_timezones() - {"localtime", "posixrules", "Factory"})


@st.composite
def nights(draw: st.DrawFn) -> tuple[ScheduleConfig, datetime]:
    """A schedule in a zone, and the noon before a night when its clocks change."""
    zone, date = draw(st.sampled_from(NIGHTS))
    noon = datetime.fromisoformat(date).replace(tzinfo=UTC) - timedelta(hours=12)
    return draw(schedules_around(zone, noon)), noon


@st.composite
def anywhere(draw: st.DrawFn) -> tuple[ScheduleConfig, datetime]:
    """A schedule in any zone of IANA, and some minute of 2020 to 2035."""
    minutes = draw(st.integers(0, (datetime(2036, 1, 1, tzinfo=UTC) - START) // MINUTE))
    at = START + minutes * MINUTE
    return draw(schedules_around(draw(st.sampled_from(ZONES)), at)), at


@st.composite
def schedules_around(draw: st.DrawFn, zone: str, noon: datetime) -> ScheduleConfig:
    moments = st.integers(-600, 2400).map(lambda minutes: noon + minutes * MINUTE)
    quarters = st.integers(0, 95).map(lambda quarter: time(quarter // 4, quarter % 4 * 15))
    layers = st.builds(
        Layer,
        st.sampled_from(["days", "nights", "all"]),
        st.integers(0, 2),
        st.builds(
            Rotation,
            st.sampled_from(Unit),
            st.integers(1, 13),
            st.integers(0, 200_000).map(
                lambda minutes: (noon - timedelta(days=135) + minutes * MINUTE).replace(tzinfo=None)
            ),
            st.lists(
                st.lists(PEOPLE, min_size=1, max_size=3, unique=True).map(tuple), min_size=1, max_size=4
            ).map(tuple),
            st.frozensets(st.integers(-150, 30), max_size=4).map(
                lambda days: frozenset((noon + timedelta(days=day)).date() for day in days)
            ),
        ),
        st.lists(
            st.builds(Restriction, st.frozensets(st.integers(0, 6), min_size=1), quarters, quarters), max_size=2
        ).map(tuple),
        st.none() | st.sampled_from(ZONES),
    )
    walls = st.tuples(st.integers(-20, 40), st.integers(1, 40)).map(
        lambda hours: tuple(
            (noon + timedelta(hours=each)).replace(tzinfo=None) for each in (hours[0], sum(hours))
        )
    )
    temporary = st.builds(
        lambda span, own, holes: Temporary("Move", *span, tuple(own), holes),
        walls, st.lists(layers, max_size=2), st.booleans(),
    )  # fmt: skip
    spans = st.tuples(moments, st.integers(1, 900)).map(lambda span: (span[0], span[0] + span[1] * MINUTE))
    overrides = draw(
        st.lists(
            st.tuples(spans, st.none() | PEOPLE, st.none() | PEOPLE, st.integers(0, 3)).filter(
                lambda row: row[1] != row[2]
            ),
            max_size=5,
        )
    )
    return ScheduleConfig(
        1, "Payments", zone,
        tuple(draw(st.lists(layers, max_size=4))),
        tuple(
            Override(id_, *span, to, from_, utc("2020-01-01 00:00") + effect * MINUTE)
            for id_, (span, to, from_, effect) in enumerate(overrides)
        ),
        tuple(TimeOff(user, *span) for span, user in draw(st.lists(st.tuples(spans, PEOPLE), max_size=3))),
        draw(st.frozensets(PEOPLE, min_size=3)),
        tuple(draw(st.lists(temporary, max_size=1))),
    )  # fmt: skip


SOMEWHERE = nights() | anywhere()  # the nights by name come up often, and all of IANA comes up


@pytest.mark.fault
@patiently
@given(SOMEWHERE, st.integers(0, 2**32), st.integers(1, 3 * 24 * 60))
def test_R6_the_pieces_tile_the_range_and_every_moment_agrees_in_any_order_of_rows(
    found: tuple[ScheduleConfig, datetime], seed: int, minutes: int
) -> None:
    config, at = found
    pieces = resolve_range(config, at, at + minutes * MINUTE)
    assert (pieces[0].start, pieces[-1].end) == (at, at + minutes * MINUTE)
    for piece, following in pairwise(pieces):
        assert piece.end == following.start
        assert piece.on_call != following.on_call
    for piece in pieces:
        assert piece.start < piece.end
        people = [person.user_id for person in piece.on_call]
        assert len(people) == len(set(people)), "nobody twice"
        assert set(people) <= config.active_users
        assert all(person.reasons for person in piece.on_call)
    empty = sum((piece.end - piece.start for piece in pieces if not piece.on_call), timedelta())
    assert sum((gap.length for gap in gaps(config, at, at + minutes * MINUTE)), timedelta()) == empty
    edges = [piece.start + by * MINUTE for piece in pieces for by in (-1, 0, 1)]
    shuffler = random.Random(seed)
    between = [at + minute * MINUTE for minute in shuffler.choices(range(minutes), k=200)]
    starts = [piece.start for piece in pieces]
    fresh = replace(config)  # without what it remembers of walking forward, and asked in any order
    for moment in (*edges, *between):
        if at <= moment < at + minutes * MINUTE:
            assert resolve(fresh, moment) == pieces[bisect_right(starts, moment) - 1].on_call, moment
    assert resolve_range(shuffled(config, shuffler), at, at + minutes * MINUTE) == pieces


@pytest.mark.fault
@patiently
@given(nights())
def test_R6_asking_every_minute_of_a_night_when_clocks_change_agrees_with_the_range(
    night: tuple[ScheduleConfig, datetime],
) -> None:
    config, noon = night
    for piece in resolve_range(config, noon + timedelta(hours=9), noon + timedelta(hours=19)):
        at = piece.start
        while at < piece.end:
            assert resolve(config, at) == piece.on_call
            at += MINUTE


@pytest.mark.fault
@patiently
@given(SOMEWHERE, st.integers(1, 60))
def test_R6_a_single_layer_walked_turn_by_turn_says_what_it_says_beside_rows_about_nobody(
    found: tuple[ScheduleConfig, datetime], days: int
) -> None:
    config, at = found
    layers = tuple(replace(layer, restrictions=()) for layer in config.layers[:1])
    plain = replace(config, layers=layers, overrides=(), time_off=(), temporary=())
    stranger = TimeOff(99, at, at + MINUTE)  # with such a row every boundary is asked by itself
    span = at, at + timedelta(days=days)
    assert resolve_range(plain, *span) == resolve_range(replace(plain, time_off=(stranger,)), *span)


def shuffled(config: ScheduleConfig, shuffler: random.Random) -> ScheduleConfig:
    rows = [list(config.layers), list(config.overrides), list(config.time_off)]
    for each in rows:
        shuffler.shuffle(each)
    layers, overrides, away = (tuple(each) for each in rows)
    return replace(config, layers=layers, overrides=overrides, time_off=away)  # type: ignore[arg-type]


@pytest.mark.fault
@patiently
@given(SOMEWHERE, PEOPLE)
def test_R1_nobody_on_time_off_is_on_call_and_adding_somebody_takes_nobody_off(
    found: tuple[ScheduleConfig, datetime], user: int
) -> None:
    config, at = found
    newest = Override(99, at, at + timedelta(hours=36), user, None, utc("2036-12-01 00:00"))
    more = replace(config, overrides=(*config.overrides, newest))
    for piece in resolve_range(config, at, at + timedelta(hours=36)):
        people = {person.user_id for person in piece.on_call}
        away = {off.user_id for off in config.time_off if off.start < piece.end and piece.start < off.end}
        assert not people & away
        assert people <= {person.user_id for person in resolve(more, piece.start)}
