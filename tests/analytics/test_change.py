"""Trends, control limits and change points, held to published values and to the real log."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analytics import change, compare, response
from analytics.intervals import bootstrap, rate_interval, upper_bound
from tests.analytics.rows import AS_OF, incidents

REFERENCE = Path(__file__).parent.parent / "data" / "reference.json"
LOG = json.loads(REFERENCE.read_text())["datasets"]["servicenow"]
FIRST, LAST = LOG["weekly_window_monday_dates"]
WEEKS = [n for week, n in LOG["weekly_counts_utc"].items() if FIRST <= week <= LAST]
COAL = [
    int(n)
    for line in (
        "4 5 4 1 0 4 3 4 0 6 3 3 4 0 2 6 3 3 5 4 5 3 1 4 4 1 5 5 3 4 2 5 2 2 3 4 2 1 3 2 2 1 1 1 1 3",
        "0 0 1 0 1 1 0 0 3 1 0 3 2 2 0 1 1 1 0 1 0 1 0 0 0 2 1 0 0 0 1 1 0 2 3 3 1 1 2 1 1 1 1 2 3 3",
        "0 0 0 1 4 0 0 0 1 0 0 0 0 0 1 0 0 1 0 1",
    )
    for n in line.split()
]
approx = pytest.approx


def test_british_coal_disasters_have_one_change_after_1891():
    assert (len(COAL), sum(COAL)) == (112, 191)
    found = change.change_point(COAL)
    assert 1851 + found.after == 1891
    assert (found.before, found.since) == approx((3.098, 0.901), abs=5e-4)
    assert (found.log_likelihood, found.without) == approx((-168.576, -203.570), abs=5e-4)
    assert [1851 + place for place in change.change_points(COAL)] == [1891]


def test_british_coal_disasters_fall_by_a_poisson_trend():
    trend = change.count_trend(COAL)
    assert trend.method == "Poisson"
    assert (trend.slope, trend.se) == approx((-0.018371, 0.002473), abs=5e-7)


def test_weekly_incidents_of_the_real_log_fall_by_a_negative_binomial_trend(monkeypatch):
    trend, known = change.count_trend(WEEKS), LOG["trend_weekly"]
    assert trend.method == "negative binomial"
    found = [trend.slope, trend.se, trend.p, trend.theta, trend.ratio, trend.low, trend.high]
    names = ["negbin_slope", "negbin_se", "negbin_p", "negbin_theta", "rate_ratio_per_week"]
    assert found == approx([*(known[name] for name in names), *known["rate_ratio_ci95"]], rel=2e-2)
    assert trend.dispersion == approx(known["dispersion_pearson"], rel=1e-4)
    assert len(WEEKS) == known["n_weeks"]
    # in place of it, the Poisson line would claim six times the certainty
    monkeypatch.setattr(change, "OVERDISPERSED", float("inf"))
    poisson = change.count_trend(WEEKS)
    assert (poisson.slope, poisson.se) == approx((known["poisson_slope"], known["poisson_se"]), rel=1e-4)


def test_a_steady_rate_per_exposure_has_no_trend():
    exposure = np.array([1, 2, 4, 8, 16, 32, 64])
    trend = change.count_trend(10 * exposure, exposure)
    assert trend.ratio == approx(1.0)


@pytest.mark.parametrize("counts", [[], [1, 2, 3], [0] * 20])
def test_no_trend_is_said_of_too_little(counts):
    assert change.count_trend(counts) is None


def test_nist_individuals_chart():
    chart = change.xmr([49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1])
    assert (chart.centre, chart.spread) == approx((50.81, 1.8778), abs=1e-4)
    # the handbook divides by d2 = 1.128, and 3 / 1.128 is the 2.66 that charts are drawn with, not rounded
    reach = 3 / 1.128 * chart.spread
    assert (chart.centre - reach, chart.centre + reach) == approx((45.8159, 55.8041), abs=5e-5)
    assert (chart.low, chart.high) == approx((45.8159, 55.8041), abs=1e-3)
    assert chart.outside == ()


def test_nist_counts_chart():
    counts = [
        16,
        14,
        28,
        16,
        12,
        20,
        10,
        12,
        10,
        17,
        19,
        17,
        14,
        16,
        15,
        13,
        14,
        16,
        11,
        20,
        11,
        19,
        16,
        31,
        13,
    ]
    chart = change.c_chart(counts)
    assert (round(chart.centre), round(chart.low), round(chart.high)) == (16, 4, 28)
    assert [place + 1 for place in chart.outside] == [24]


def test_nist_cusum():
    values = [
        324.925,
        324.675,
        324.725,
        324.350,
        325.350,
        325.225,
        324.125,
        324.525,
        325.225,
        324.600,
        324.625,
        325.150,
        328.325,
        327.250,
        327.825,
        328.500,
        326.675,
        327.775,
        326.875,
        328.350,
    ]
    high, _, first = change.cusum(values, target=325, slack=0.3175, limit=4.1959)
    assert high[[12, 13, 19]] == approx([3.01, 4.94, 19.04], abs=5e-3)
    assert first + 1 == 14


def test_control_limits_of_the_real_log():
    for chart, name in ((change.xmr(WEEKS), "xmr"), (change.c_chart(WEEKS), "c_chart")):
        known = LOG["control_charts_weekly"][name]
        found = [chart.centre, chart.high, chart.low, len(chart.outside)]
        assert found == approx([known["center"], known["ucl"], known["lcl"], known["n_out"]], rel=1e-6)
    assert change.xmr(WEEKS).spread == approx(LOG["control_charts_weekly"]["xmr"]["mr_bar"], rel=1e-6)


def test_rates_with_varying_exposure_have_limits_of_their_own():
    centre, low, high, outside = change.u_chart([1, 10, 40], [10, 100, 100])
    assert centre == approx(51 / 210)
    assert high[0] > high[1]
    assert (low[0], outside) == (0.0, (2,))


def test_mann_kendall_of_ten_in_order_and_of_the_real_log():
    found = change.mann_kendall(range(1, 11))
    assert (found.s, found.variance) == (45, 125)
    assert (found.z, found.p) == (approx(3.9355, abs=5e-5), approx(8.30e-5, abs=5e-8))
    known, found = LOG["mann_kendall_weekly"], change.mann_kendall(WEEKS)
    assert (found.s, found.variance, found.z, found.p, found.slope) == approx(
        [known[name] for name in ("S", "var", "z", "p", "sen_slope")], rel=1e-5
    )


def test_gini_of_one_who_has_all_and_of_equals():
    assert change.gini([0, 0, 0, 10]) == approx(0.75)
    assert change.gini([5, 5, 5, 5]) == approx(0.0)
    assert np.isnan(change.gini([0, 0]))
    assert np.isnan(change.gini([]))


def test_many_tests_at_once_are_held_to_a_false_discovery_rate():
    assert change.false_discoveries([0.01, 0.02, 0.03, 0.04]) == approx([0.04] * 4)
    assert change.false_discoveries([]) == []


@pytest.mark.parametrize(
    ("sd", "expected"),
    [(1.0, [1415, 316, 124, 33]), (1.5, [3182, 710, 278, 74]), (3.217783, [14642, 3265, 1278, 339])],
)
def test_how_many_are_needed_to_see_a_cut(sd, expected):
    found = [compare.needed_n(sd, cut) for cut in (0.1, 0.2, 0.3, 0.5)]
    assert found == expected
    assert compare.power(found[0], sd, 0.1) == approx(0.8, abs=2e-3)
    assert compare.detectable_change(found[0], found[0], sd) == approx(0.1, abs=1e-3)


@pytest.mark.parametrize(
    ("n", "chance", "plain"), [(50, 0.299, 0.33), (100, 0.228, 0.29), (300, 0.098, 0.16), (1000, 0.009, 0.04)]
)
def test_it_looks_worse_by_chance_although_it_got_faster(n, chance, plain):
    assert compare.looks_worse(n, 1.0) == approx(chance, abs=5e-4)
    found = compare.simulate_noise(n, 1.0, seed=1)
    assert found["geometric means"] == approx(chance, abs=0.03)
    assert found["plain means"] == approx(plain, abs=0.03)


def test_plain_means_of_a_wider_spread_mislead_still_more():
    found = [compare.simulate_noise(n, 1.5, seed=2)["plain means"] for n in (50, 100, 300, 1000)]
    assert found == approx([0.42, 0.39, 0.30, 0.19], abs=0.03)


@pytest.mark.parametrize(("n", "bound"), [(10, 0.2589), (20, 0.1391), (29, 0.0981), (59, 0.0495)])
def test_none_of_n_still_leaves_room(n, bound):
    assert upper_bound(0, n) == approx(bound, abs=5e-5)
    assert upper_bound(1, n) > bound
    assert upper_bound(n, n) == 1.0


def test_intervals_of_rates_and_of_anything_else():
    assert rate_interval(0, 1.0) == approx((0.0, 3.6889), abs=1e-4)
    assert rate_interval(10, 2.0) == approx((4.7954 / 2, 18.3904 / 2), abs=1e-4)
    assert np.isnan(rate_interval(3, 0.0)).all()
    values = np.arange(50.0)
    assert bootstrap(values, np.mean, seed=7) == bootstrap(values, np.mean, seed=7)
    low, high = bootstrap(values, np.mean, seed=7)
    assert low < values.mean() < high


def lengths(minutes, severity="SEV1"):
    rows = [{"detected_at": "00:00", "resolved_at": None, "severity": severity} for _ in minutes]
    table = response.time_to_resolve(incidents(*rows), as_of=AS_OF)
    return table.assign(minutes=minutes, observed=True, end="resolved")


def test_a_change_of_mix_does_not_pass_for_speed():
    dice = np.random.default_rng(3)
    quick, slow = (np.exp(dice.normal(np.log(middle), 0.5, 400)) for middle in (10, 1000))
    before = pd.concat([lengths(quick[:50], "SEV1"), lengths(slow[:200], "SEV2")])
    after = pd.concat([lengths(quick[50:250], "SEV1"), lengths(slow[200:250], "SEV2")])
    found = compare.compare(before, after)
    assert found.median[1] < found.median[0] / 2
    assert not found.is_clear
    assert found.low < 1 < found.high
    assert found.sentence.startswith("No clear change")


def test_a_real_change_is_found_with_its_size_and_what_could_have_been_seen():
    dice = np.random.default_rng(4)
    before, after = (lengths(np.exp(dice.normal(np.log(middle), 1.0, 400))) for middle in (60, 30))
    found = compare.compare(before, after)
    assert found.is_clear
    assert found.low < 0.5 < found.high
    assert "Faster" in found.sentence
    assert "With n = 400 and 400 we would have seen a change of 18 % four times in five." in found.sentence
    waiting = after.assign(observed=after["minutes"] < 90)
    assert compare.compare(before, waiting).kind.startswith("difference in means up to")
    assert compare.compare(before, waiting).effect < 0


def test_under_twenty_nothing_is_compared():
    found = compare.compare(lengths(np.ones(19)), lengths(np.ones(40)))
    assert found.sentence == "Too few to tell: 19 before and 40 after, and each side needs 20."
    assert not found.is_clear
