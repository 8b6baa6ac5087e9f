"""Was it a change? Counts by week: trend, control limits, change point. What is ours is held to published
values.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import erfc, log, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

Floats = NDArray[np.float64]
SPREAD = 2.66  # 3 / d2 of two neighbours: from a mean moving range to three sigma
OVERDISPERSED = 1.5
WEEKS_PER_CHANGE = 12


@dataclass(frozen=True)
class CountTrend:
    """A log-linear trend of counts: the rate is multiplied by ``ratio`` each step, 95 % interval ``low`` to
    ``high``.

    ``method`` is "negative binomial" or "Poisson"; ``dispersion`` is Pearson's, of the Poisson fit.
    """

    slope: float
    se: float
    p: float
    ratio: float
    low: float
    high: float
    dispersion: float
    theta: float
    method: str
    fitted: tuple[float, ...]


def count_trend(counts: Any, exposure: Any = None) -> CountTrend | None:
    """The trend of counts on complete, equally long steps; None under 6 steps or when nothing was counted.

    Overdispersed counts (Pearson's dispersion over 1.5) are fitted as negative binomial, others as Poisson.
    `exposure`, if given, is what each count is per.
    """
    import warnings

    import statsmodels.api as sm

    y = np.asarray(counts, dtype="float64")
    if len(y) < 6 or y.sum() == 0:
        return None
    x = sm.add_constant(np.arange(len(y), dtype="float64"))
    offset = None if exposure is None else np.log(np.asarray(exposure, dtype="float64"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # counts that a line fits exactly are no trouble
        poisson = sm.GLM(y, x, family=sm.families.Poisson(), offset=offset).fit()
    dispersion = float(poisson.pearson_chi2 / poisson.df_resid)
    fit, theta, method = poisson, float("inf"), "Poisson"
    if dispersion > OVERDISPERSED:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a start value that did not help is no news
            alpha = float(sm.NegativeBinomial(y, x, offset=offset).fit(disp=0, maxiter=200).params[-1])
        if np.isfinite(alpha) and alpha > 1e-8:
            family = sm.families.NegativeBinomial(alpha=alpha)
            fit = sm.GLM(y, x, family=family, offset=offset).fit()
            theta, method = 1 / alpha, "negative binomial"
    slope, se = float(fit.params[1]), float(fit.bse[1])
    z = stats.norm.ppf(0.975)
    return CountTrend(
        slope, se, float(fit.pvalues[1]), float(np.exp(slope)), float(np.exp(slope - z * se)),
        float(np.exp(slope + z * se)), dispersion, theta, method, tuple(float(v) for v in fit.fittedvalues),
    )  # fmt: skip


@dataclass(frozen=True)
class Limits:
    """Control limits and the places outside them."""

    centre: float
    low: float
    high: float
    outside: tuple[int, ...]
    spread: float  # mean moving range (XmR), or the standard deviation the limits stand on


def xmr(values: Any) -> Limits:
    """Individuals chart: mean ± 2.66 times the mean moving range. NaN limits under two values."""
    x = np.asarray(values, dtype="float64")
    if len(x) < 2:
        return Limits(float(x.mean()) if len(x) else float("nan"), float("nan"), float("nan"), (), float("nan"))
    moving = float(np.abs(np.diff(x)).mean())
    centre = float(x.mean())
    return _limits(x, centre, centre - SPREAD * moving, centre + SPREAD * moving, moving)


def c_chart(values: Any) -> Limits:
    """Counts with the same exposure, as if Poisson: mean ± 3 roots of it; honest only when dispersion ≤ 1.5."""
    x = np.asarray(values, dtype="float64")
    centre = float(x.mean()) if len(x) else float("nan")
    sigma = sqrt(centre) if centre >= 0 else float("nan")
    return _limits(x, centre, max(0.0, centre - 3 * sigma), centre + 3 * sigma, sigma)


def u_chart(counts: Any, exposure: Any) -> tuple[float, Floats, Floats, tuple[int, ...]]:
    """Rates where exposure varies: centre, lower and upper limit of each, places outside."""
    k, n = np.asarray(counts, dtype="float64"), np.asarray(exposure, dtype="float64")
    centre = float(k.sum() / n.sum())
    sigma = np.sqrt(centre / n)
    low, high = np.maximum(0.0, centre - 3 * sigma), centre + 3 * sigma
    rate = k / n
    return centre, low, high, tuple(int(i) for i in np.flatnonzero((rate < low) | (rate > high)))


def _limits(x: Floats, centre: float, low: float, high: float, spread: float) -> Limits:
    outside = tuple(int(i) for i in np.flatnonzero((x < low) | (x > high)))
    return Limits(centre, low, high, outside, spread)


@dataclass(frozen=True)
class MannKendall:
    s: int
    variance: float
    z: float
    p: float
    slope: float  # Sen's: the median of all pairwise slopes


def mann_kendall(values: Any) -> MannKendall | None:
    """Monotone trend without any assumption of shape, ties allowed for; None under 4 values."""
    x = np.asarray(values, dtype="float64")
    n = len(x)
    if n < 4:
        return None
    first, second = np.triu_indices(n, k=1)
    s = int(np.sign(x[second] - x[first]).sum())
    _, ties = np.unique(x, return_counts=True)
    variance = float((n * (n - 1) * (2 * n + 5) - (ties * (ties - 1) * (2 * ties + 5)).sum()) / 18)
    z = 0.0 if s == 0 or variance == 0 else (s - np.sign(s)) / sqrt(variance)
    slope = float(np.median((x[second] - x[first]) / (second - first)))
    return MannKendall(s, variance, float(z), erfc(abs(z) / sqrt(2)), slope)


@dataclass(frozen=True)
class ChangePoint:
    """Poisson rates before and after; ``gain`` is the log likelihood won over "no change"."""

    after: int  # the last place of the old rate
    before: float
    since: float
    log_likelihood: float
    without: float

    @property
    def gain(self) -> float:
        return self.log_likelihood - self.without


def change_point(counts: Any) -> ChangePoint | None:
    """The best single change of rate, whatever its worth; None under two places. See `change_points`."""
    x = np.asarray(counts, dtype="float64")
    n = len(x)
    if n < 2:
        return None
    head = np.cumsum(x)[:-1]
    tail = x.sum() - head
    left = np.arange(1, n, dtype="float64")
    right = n - left
    own = float(special.gammaln(x + 1).sum())
    likelihood = special.xlogy(head, head / left) - head + special.xlogy(tail, tail / right) - tail - own
    best = int(np.argmax(likelihood))
    total = float(x.sum())
    alone = float(special.xlogy(total, total / n) - total - own)
    return ChangePoint(
        best, float(head[best] / left[best]), float(tail[best] / right[best]), float(likelihood[best]), alone
    )


def change_points(counts: Any, dispersion: float = 1.0) -> list[int]:
    """Places after which the rate changed: at most one per 12 weeks, each worth more than chance would give.

    Splits the best stretch again and again while the gain, divided by the dispersion, beats
    ``2 + ln n`` (about 1 in 100 by chance).
    """
    x = np.asarray(counts, dtype="float64")
    found: list[int] = []
    stretches = [(0, len(x))]
    while stretches and len(found) < len(x) // WEEKS_PER_CHANGE:
        start, end = stretches.pop(0)
        best = change_point(x[start:end])
        if best is None or end - start < 6 or best.gain / max(1.0, dispersion) <= 2 + log(end - start):
            continue
        place = start + best.after
        found.append(place)
        stretches += [(start, place + 1), (place + 1, end)]
    return sorted(found)


def cusum(values: Any, *, target: float, slack: float, limit: float) -> tuple[Floats, Floats, int | None]:
    """Tabular CUSUM: the upper and the lower sum, and the first place over `limit`."""
    x = np.asarray(values, dtype="float64")
    high, low = np.zeros(len(x)), np.zeros(len(x))
    above = below = 0.0
    for i, value in enumerate(x):
        above = max(0.0, above + value - target - slack)
        below = max(0.0, below + target - slack - value)
        high[i], low[i] = above, below
    over = np.flatnonzero((high > limit) | (low > limit))
    return high, low, int(over[0]) if len(over) else None


def gini(counts: Any) -> float:
    """Gini's coefficient of non-negative amounts, over all who could have had some; NaN where there was nothing
    to have.
    """
    x = np.sort(np.asarray(counts, dtype="float64"))
    if x.sum() == 0:
        return float("nan")
    ranks = np.arange(1, len(x) + 1)
    return float((2 * (ranks * x).sum()) / (len(x) * x.sum()) - (len(x) + 1) / len(x))


def false_discoveries(p: Sequence[float]) -> list[float]:
    """Benjamini–Hochberg q of many tests at once."""
    return [float(q) for q in stats.false_discovery_control(np.asarray(p, dtype="float64"))] if p else []
