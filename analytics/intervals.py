"""95 % intervals that need no curve: for a median and for a share."""

from functools import lru_cache
from math import sqrt
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
    return max(0.0, middle - half), min(1.0, middle + half)
