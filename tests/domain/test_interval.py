"""Half-open stretches of time."""

import pytest

from app.domain.interval import Interval, merge, subtract, to_the_minute
from tests.support.oncall import utc, wall


def between(start: int, end: int) -> Interval:
    return Interval(utc(f"2026-11-12 {start:02}:00"), utc(f"2026-11-12 {end:02}:00"))


def test_R2_the_start_belongs_to_an_interval_and_the_end_does_not() -> None:
    assert utc("2026-11-12 09:00") in between(9, 17)
    assert utc("2026-11-12 16:59:59") in between(9, 17)
    assert utc("2026-11-12 17:00") not in between(9, 17)


def test_intervals_that_only_touch_do_not_overlap() -> None:
    assert between(9, 12).overlap(between(12, 15)) is None
    assert between(9, 13).overlap(between(12, 15)) == between(12, 13)


def test_an_interval_that_does_not_pass_is_refused() -> None:
    with pytest.raises(ValueError, match="ends after it starts"):
        between(9, 9)


def test_touching_and_overlapping_intervals_merge_into_one() -> None:
    assert merge([between(12, 15), between(3, 4), between(9, 12), between(10, 11)]) == (
        between(3, 4),
        between(9, 15),
    )


@pytest.mark.parametrize(
    ("taken", "left"),
    [
        ([], [between(8, 18)]),
        ([between(8, 18)], []),
        ([between(6, 20)], []),
        ([between(10, 12)], [between(8, 10), between(12, 18)]),
        ([between(6, 9), between(17, 20)], [between(9, 17)]),
        ([between(12, 14), between(10, 13)], [between(8, 10), between(14, 18)]),
        ([between(2, 8), between(18, 19)], [between(8, 18)]),
    ],
)
def test_what_is_left_after_taking_stretches_out(taken: list[Interval], left: list[Interval]) -> None:
    assert subtract([between(8, 18)], taken) == tuple(left)


def test_R2_a_moment_is_cut_to_its_minute() -> None:
    assert to_the_minute(utc("2026-11-12 09:00:59.999")) == utc("2026-11-12 09:00")
    with pytest.raises(ValueError, match="needs its zone"):
        to_the_minute(wall("2026-11-12 09:00"))
