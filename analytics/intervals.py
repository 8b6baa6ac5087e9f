"""95 % intervals that need no curve: of a median, a share, a rate, and of anything else by resampling.

Those every card needs are a few lines of numpy; those few need come from scipy, loaded when asked for.
"""

from collections.abc import Callable
from functools import lru_cache
from math import exp, sqrt
from typing import Any

import numpy as np

from analytics.survival import Z95


@lru_cache(maxsize=4096)
def median_ranks(n: int) -> tuple[int, int]:
    """Ranks, counted from 1, of the sorted values that bracket the median of `n`: exact, no randomness.

    The lower rank is ``max(1, k)``, `k` the smallest with P(Binomial(n, 1/2) <= k) >= 0.025. The probabilities
    are built from the middle outwards, each from its neighbour and relative to the middle one, so that nothing
    overflows and the sum is known: half of everything.
    """
    if n < 1:
        raise ValueError("an interval needs at least one value")
    step = np.arange(n // 2, 0, -1, dtype="float64")
    lower_half = np.concatenate([[1.0], np.cumprod(step / (n - step + 1))])[::-1]
    total = 2 * lower_half.sum() - (1.0 if n % 2 == 0 else 0.0)
    k = int(np.searchsorted(np.cumsum(lower_half) / total, 0.025, side="left"))
    lower = max(1, k)
    return lower, n + 1 - lower


def median_interval(values: Any) -> tuple[float, float]:
    """The 95 % order-statistic interval of the median of `values`; NaN of nothing."""
    ordered = np.sort(np.asarray(values, dtype="float64"))
    if not len(ordered):
        return float("nan"), float("nan")
    low, high = median_ranks(len(ordered))
    return float(ordered[low - 1]), float(ordered[high - 1])


def share_interval(k: int, n: int) -> tuple[float, float]:
    """Wilson's 95 % interval for `k` of `n`; NaN of none."""
    if n == 0:
        return float("nan"), float("nan")
    share, z2 = k / n, Z95**2
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = Z95 * sqrt(share * (1 - share) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    # exactly none and all: what the arithmetic leaves of them would be said as "under 1 %"
    return 0.0 if k == 0 else middle - half, 1.0 if k == n else middle + half


def rate_interval(k: int, exposure: float, *, alpha: float = 0.0, weeks: float = 1.0) -> tuple[float, float]:
    """The exact Poisson interval of `k` events in `exposure`; NaN of no exposure. With `alpha` above 0 the
    counts of `weeks` vary more than chance: then the negative binomial one, on the log scale, where that is
    wider.
    """
    from scipy import stats

    if exposure <= 0:
        return float("nan"), float("nan")
    low = 0.0 if k == 0 else float(stats.chi2.ppf(0.025, 2 * k)) / 2
    high = float(stats.chi2.ppf(0.975, 2 * (k + 1))) / 2
    if alpha > 0 and k:
        wider = exp(Z95 * sqrt(1 / k + alpha / weeks))
        low, high = min(low, k / wider), max(high, k * wider)
    return low / exposure, high / exposure


def upper_bound(k: int, n: int) -> float:
    """The one-sided 95 % upper bound (Clopper–Pearson) of a share of which `k` of `n` were seen; 1 of none."""
    from scipy import stats

    if k >= n:
        return 1.0
    return float(1 - 0.05 ** (1 / n)) if k == 0 else float(stats.beta.ppf(0.95, k + 1, n - k))


def bootstrap(
    values: Any, statistic: "Callable[..., Any]", *, seed: int, draws: int = 2000
) -> tuple[float, float]:
    """The percentile interval of `statistic`, which takes ``axis``; the same `seed` gives the same interval,
    whatever the order of `values`.
    """
    x = np.sort(np.asarray(values, dtype="float64"))
    if len(x) < 2:
        return float("nan"), float("nan")
    dice = np.random.default_rng(seed)
    # in blocks: 2,000 draws of a large sample at once would fill the memory
    block = max(1, min(draws, 4_000_000 // len(x)))
    found = [
        statistic(x[dice.integers(0, len(x), (min(block, draws - done), len(x)))], axis=1)
        for done in range(0, draws, block)
    ]
    low, high = np.quantile(np.concatenate(found), [0.025, 0.975])
    return float(low), float(high)


def bootstrap_mean(values: Any, *, seed: int, draws: int = 2000) -> tuple[float, float]:
    """The percentile interval of the mean of counts (whole, none below zero), of which few differ: how many of
    each a draw holds is drawn, so that a million cost no more than ten.
    """
    n = np.bincount(np.asarray(values, dtype="int64"))
    if n.sum() < 2:
        return float("nan"), float("nan")
    drawn = np.random.default_rng(seed).multinomial(n.sum(), n / n.sum(), draws)
    low, high = np.quantile(drawn @ np.arange(len(n)) / n.sum(), [0.025, 0.975])
    return float(low), float(high)
