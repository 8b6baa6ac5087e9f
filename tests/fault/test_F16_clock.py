"""F-16: clocks that jump and drift, nights in which they change, leap days and year ends.

No page comes early, none is missed, none comes twice (INV-15); every handoff is at its wall time or the first
instant there is, with neither hole nor overlap (INV-14).
"""

import random
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from apiflask import APIFlask

from app.domain import zone
from app.domain.layer import Layer
from app.domain.rotation import Unit
from app.domain.schedule import resolve, resolve_range
from tests.support.clock import TestClock
from tests.support.oncall import ANA, BO, CY, rotation, schedule
from tests.support.world import World

pytestmark = pytest.mark.fault

NIGHTS = [  # clocks go forward, back
    ("America/Chicago", "2026-03-08", "2026-11-01"),
    ("Europe/London", "2026-03-29", "2026-10-25"),
    ("Australia/Lord_Howe", "2026-10-04", "2026-04-05"),  # by half an hour
    ("America/Santiago", "2026-09-06", "2026-04-05"),  # at midnight
    ("Africa/Casablanca", "2026-03-22", "2026-02-15"),  # back for Ramadan
    ("Antarctica/Troll", "2026-03-29", "2026-10-25"),  # by two hours
]
DAYS = [(name, day) for name, *days in NIGHTS for day in days]
DAYS += [(name, day) for name in ("America/Chicago", "Asia/Kolkata") for day in ("2028-02-29", "2026-12-31")]


@pytest.fixture
def world(app: APIFlask, clock: TestClock) -> World:
    """Ada at step 1, Ben five minutes later, then Mara as last resort."""
    return World(clock)


@pytest.mark.parametrize("jump", [timedelta(hours=1), timedelta(hours=-1)], ids=["forward", "back"])
def test_F16_INV15_a_clock_that_jumps_fires_each_step_once_in_order_and_none_early(
    world: World, jump: timedelta
) -> None:
    world.fire()
    world.tick()
    first = world.now
    world.forward(minutes=2)
    world.clock.moment += jump
    world.tick()
    due = ["Ada", "Ben"] if jump > timedelta() else ["Ada"]
    assert world.paged() == due, "an hour ahead one step is due, not all; an hour back nothing is due again"
    while world.now < max(first, first + jump) + timedelta(minutes=12):
        world.forward(minutes=1)
    assert world.paged()[:3] == ["Ada", "Ben", "Mara"]
    ben = next(page for page in world.pages() if page.user.name == "Ben")
    assert ben.created_at >= first + timedelta(minutes=5)


def test_F16_INV15_a_clock_that_drifts_by_minutes_misses_no_step_and_repeats_none(world: World) -> None:
    chance = random.Random(16)
    world.fire()
    world.tick()
    true = world.now
    for _ in range(80):
        true += timedelta(seconds=30)
        world.clock.moment = true + timedelta(seconds=chance.uniform(-300, 300))
        world.tick()
    pages = world.pages()
    keys = [(page.step, page.reminder, page.user.name) for page in pages]
    assert len(set(keys)) == len(keys)
    assert [page.user.name for page in pages][:3] == ["Ada", "Ben", "Mara"]
    for earlier, later in pairwise(pages):
        assert later.created_at - earlier.created_at >= timedelta(minutes=5), "by the one clock that decides"


@pytest.mark.parametrize(("name", "day"), DAYS)
def test_F16_INV14_a_handoff_that_night_is_at_its_wall_time_or_the_first_instant_there_is(
    name: str, day: str
) -> None:
    tz, midnight = zone.named(name), datetime.fromisoformat(day)
    start, end = ((midnight + timedelta(days=by, minutes=7)).replace(tzinfo=UTC) for by in (-2, 3))
    for quarter in range(4 * 4):
        at = timedelta(minutes=15 * quarter)
        first = (midnight - timedelta(days=3) + at).isoformat(sep=" ")
        config = schedule(Layer("Daily", 0, rotation(first, ANA, BO, CY, unit=Unit.DAY)), zone=name)
        pieces = resolve_range(config, start, end)
        assert (pieces[0].start, pieces[-1].end) == (start, end)
        for piece, following in pairwise(pieces):
            assert piece.end == following.start
            assert len(piece.on_call) == 1
            moment = following.start
            wall = zone.wall_clock(moment, tz)
            expected = datetime.combine(wall.date(), (midnight + at).time())
            if wall == expected:  # and of two such moments the first
                assert zone.instant(expected, tz) == moment
            else:  # there is no such wall time: the first instant after the gap
                assert wall > expected
                assert zone.wall_clock(moment - timedelta(minutes=1), tz) < expected
            [before], [after] = (resolve(config, each) for each in (moment - timedelta(minutes=1), moment))
            assert before.user_id != after.user_id
        dates = [zone.wall_clock(piece.start, tz).date() for piece in pieces[1:]]
        assert all(after - before == timedelta(days=1) for before, after in pairwise(dates)), "one each day"
        assert len(dates) > 3
