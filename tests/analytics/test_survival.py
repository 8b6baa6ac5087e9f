"""Kaplan-Meier and its company, held to published answers."""

from math import isnan

import numpy as np
import pytest

from analytics.survival import kaplan_meier, log_rank

Group = tuple[list[float], list[bool]]


def group(words: str) -> Group:
    """ "6, 9+" -> lengths and whether each ended; a plus means still going on."""
    parts = [part.strip() for part in words.split(",")]
    return [float(part.rstrip("+")) for part in parts], [not part.endswith("+") for part in parts]


# Freireich et al. 1963, weeks of remission of children with leukaemia
SIX_MP = group("6,6,6,7,10,13,16,22,23,6+,9+,10+,11+,17+,19+,20+,25+,32+,32+,34+,35+")
PLACEBO = group("1,1,2,2,3,4,4,5,5,8,8,8,8,11,11,12,12,15,17,22,23")
# survival of leukaemia patients with and without maintenance (R: survival::aml)
MAINTAINED = group("9,13,13+,18,23,28+,31,34,45+,48,161+")
NOT_MAINTAINED = group("5,5,8,8,12,16+,23,27,30,33,43,45")
SMALL = group("3,5,8,8+,12,20,45+,60")


def test_the_curve_of_freireichs_trial_is_the_published_one():
    line = kaplan_meier(*SIX_MP)
    assert line.times.tolist() == [6, 7, 10, 13, 16, 22, 23]
    assert line.survival == pytest.approx([0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448], abs=5e-4)


def test_its_standard_errors_are_greenwoods():
    line = kaplan_meier(*SIX_MP)
    terms = line.ended / (line.at_risk * (line.at_risk - line.ended))
    errors = line.survival * np.sqrt(np.cumsum(terms))
    assert errors == pytest.approx([0.0764, 0.0869, 0.0963, 0.1068, 0.1141, 0.1282, 0.1346], abs=5e-5)


def test_its_medians_are_23_and_8_and_the_treated_one_has_no_upper_end():
    line = kaplan_meier(*SIX_MP)
    low, high = line.quantile_interval(0.5)
    assert line.quantile(0.5) == 23
    assert low == 13
    assert isnan(high)
    assert kaplan_meier(*PLACEBO).quantile(0.5) == 8


def test_its_log_rank_is_16_79():
    chi2, p = log_rank(SIX_MP, PLACEBO)
    assert chi2 == pytest.approx(16.79, abs=5e-3)
    assert p == pytest.approx(4.17e-5, rel=1e-2)


def test_its_restricted_means_to_20_weeks_are_the_published_ones():
    assert kaplan_meier(*SIX_MP).restricted_mean(20) == pytest.approx((16.1165, 1.2516), abs=5e-5)
    assert kaplan_meier(*PLACEBO).restricted_mean(20) == pytest.approx((8.4286, 1.2681), abs=5e-5)


def test_the_leukaemia_maintenance_study_has_medians_31_and_23():
    assert kaplan_meier(*MAINTAINED).quantile(0.5) == 31
    assert kaplan_meier(*NOT_MAINTAINED).quantile(0.5) == 23
    assert log_rank(MAINTAINED, NOT_MAINTAINED) == pytest.approx((3.39639, 0.06534), abs=5e-6)


def test_waltons_worms_have_medians_56_58_and_26_and_a_log_rank_of_122_249():
    """The `waltons` of lifelines: lifetimes in days, counted; six controls were still alive when last seen."""
    control = {
        7: 1, 17: 1, 32: 1, 33: 1, 38: 2, 41: 7, 45: 9, 48: 8, 51: 3, 53: 7, 54: 2, 56: 18, 58: 4, 60: 15,
        61: 9, 63: 9, 66: 3, 68: 9, 69: 12, 75: 1,
    }  # fmt: skip
    alive = {7: 1, 45: 1, 60: 1, 61: 2, 68: 1, 69: 1}
    mutant = {6: 1, 9: 3, 13: 3, 15: 2, 19: 3, 22: 4, 26: 5, 29: 5, 33: 2, 36: 2, 43: 1, 47: 1, 62: 2}
    ended = [day for died in (control, mutant) for day, n in died.items() for _ in range(n)]
    seen = [day for day, n in alive.items() for _ in range(n)]
    n = sum(control.values())
    groups = ((ended[:n] + seen, [True] * n + [False] * len(seen)), (ended[n:], [True] * (len(ended) - n)))
    assert [len(lengths) for lengths, _ in groups] == [129, 34]
    both = kaplan_meier(ended + seen, [True] * len(ended) + [False] * len(seen))
    assert [line.quantile(0.5) for line in (both, *(kaplan_meier(*group) for group in groups))] == [56, 58, 26]
    assert log_rank(*groups)[0] == pytest.approx(122.249, abs=5e-4)


def test_a_small_curve_one_can_check_by_hand():
    line = kaplan_meier(*SMALL)
    assert line.survival == pytest.approx([0.875, 0.75, 0.625, 0.46875, 0.3125, 0])
    assert line.quantile(0.5) == 12
    assert line.restricted_mean(30)[0] == pytest.approx(16.375)


def test_the_share_left_is_read_from_the_step_before():
    line = kaplan_meier(*SMALL)
    shares = [line.at(t) for t in (0, 2.9, 3, 11, 12, 59, 60, 1000)]
    assert shares == pytest.approx([1, 1, 0.875, 0.625, 0.46875, 0.3125, 0, 0])


def test_nothing_is_claimed_beyond_the_longest_anyone_was_watched():
    line = kaplan_meier(*SIX_MP)
    assert line.at(35) == pytest.approx(0.448, abs=5e-4)
    assert isnan(line.at(36))
    assert isnan(line.restricted_mean(36)[0])


def test_where_nothing_has_ended_there_is_no_median():
    line = kaplan_meier([5.0, 9.0], [False, False])
    assert line.at(4) == 1
    assert isnan(line.quantile(0.5))
    assert line.restricted_mean(5) == (5.0, 0.0)


def test_the_curve_of_nothing_knows_nothing():
    line = kaplan_meier([], [])
    assert isnan(line.at(1))
    assert isnan(line.quantile(0.5))
    assert isnan(line.restricted_mean(10)[0])


def test_an_end_at_once_counts():
    line = kaplan_meier([0.0, 0.0, 4.0, 9.0], [True, True, True, False])
    assert line.at(0) == 0.5
    assert line.quantile(0.5) == 0


def test_like_is_compared_with_like_when_strata_are_given():
    # within each severity both periods are equally fast; only the mix has changed
    slow, fast = [100.0, 110, 120, 130], [1.0, 2, 3, 4]
    before = (slow * 8 + fast * 2, [True] * 40)
    after = (slow * 2 + fast * 8, [True] * 40)
    strata = (["SEV3"] * 32 + ["SEV1"] * 8, ["SEV3"] * 8 + ["SEV1"] * 32)
    assert log_rank(before, after)[1] < 0.05
    assert log_rank(before, after, strata)[1] == pytest.approx(1)


def test_two_empty_groups_cannot_be_compared():
    assert isnan(log_rank(([], []), ([], []))[0])
