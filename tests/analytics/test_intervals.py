"""Intervals without a curve: exact, and without randomness."""

from fractions import Fraction
from math import comb, isnan

import pytest

from analytics.intervals import median_interval, median_ranks, share_interval


def exact_lower_rank(n: int) -> int:
    """The definition, in whole numbers: the smallest k whose tail of Binomial(n, 1/2) reaches 1/40."""
    tail = 0
    for k in range(n + 1):
        tail += comb(n, k)
        if Fraction(tail, 2**n) >= Fraction(1, 40):
            return max(1, k)
    raise AssertionError("the tail reaches one")


@pytest.mark.parametrize("n", [*range(1, 130), 500, 1001, 3000])
def test_the_ranks_are_those_of_the_exact_binomial(n):
    lower = exact_lower_rank(n)
    assert median_ranks(n) == (lower, n + 1 - lower)


@pytest.mark.parametrize(("n", "lower"), [(24_916, 12_304), (25_000, 12_346), (1_000_000, 499_021)])
def test_the_ranks_stay_right_for_many(n, lower):
    # the normal approximation n/2 - 0.98 * sqrt(n) is this good here; one rank either way would be wrong
    assert abs(median_ranks(n)[0] - lower) <= 1


def test_the_interval_of_ten_values_is_the_second_to_the_ninth():
    assert median_interval([4, 7, 9, 15, 22, 30, 41, 90, 200, 720]) == (7, 200)


def test_an_interval_of_nothing_is_not_defined():
    assert isnan(median_interval([])[0])
    assert isnan(share_interval(0, 0)[0])


def test_wilsons_interval_is_the_textbook_one():
    # Newcombe 1998, table I: 81 of 263 and 0 of 20
    assert share_interval(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert share_interval(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)
