"""How long things last when some of them are not over yet.

Kaplan-Meier, its log-log interval, restricted means and the log-rank test, on plain arrays: forty lines of
numpy instead of a package that brings scipy and matplotlib with it. Checked in the tests against the
Freireich trial, the AML maintenance study and reference answers on a real incident log.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import erfc, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Z95 = 1.959963984540054
TOLERANCE = 1e-9


@dataclass(frozen=True)
class Curve:
    """The share not over yet after each length of time, in the unit of the times it was made from.

    ``survival[i]`` holds from ``times[i]`` until the next; before ``times[0]`` it is 1. ``low`` and ``high``
    are the 95 % log-log band; NaN where it is not defined (nothing left).
    """

    times: Floats
    survival: Floats
    low: Floats
    high: Floats
    at_risk: Floats
    ended: Floats
    last: float

    def at(self, moment: float) -> float:
        """The share not over after `moment`; NaN beyond the longest that anything was watched."""
        if not len(self.times) and np.isnan(self.last):
            return float("nan")
        if moment > self.last and self._end > 0:
            return float("nan")
        return self._step(self.survival, moment)

    def band(self, moment: float) -> tuple[float, float]:
        """The 95 % interval around `at(moment)`."""
        return self._step(self.low, moment), self._step(self.high, moment)

    def quantile(self, share: float) -> float:
        """The first time by which `share` of everything was over; NaN when it has not come to that."""
        return self._first(self.survival, 1 - share)

    def quantile_interval(self, share: float) -> tuple[float, float]:
        """Where the log-log band crosses; NaN for an end that is not reached."""
        return self._first(self.low, 1 - share), self._first(self.high, 1 - share)

    def restricted_mean(self, limit: float) -> tuple[float, float]:
        """Mean time up to `limit`, with its standard error: the area under the curve.

        NaN when nothing was watched as long as that and the curve has not reached zero.
        """
        if np.isnan(self.last) or (self.last < limit and self._end > 0):
            return float("nan"), float("nan")
        inside = self.times < limit
        times = np.concatenate([[0.0], self.times[inside], [limit]])
        share = np.concatenate([[1.0], self.survival[inside]])
        areas = np.diff(times) * share
        after = areas[::-1].cumsum()[::-1][1:]
        at_risk, ended = self.at_risk[inside], self.ended[inside]
        left = at_risk > ended
        terms = after[left] ** 2 * ended[left] / (at_risk[left] * (at_risk[left] - ended[left]))
        return float(areas.sum()), sqrt(float(terms.sum()))

    @property
    def _end(self) -> float:
        return float(self.survival[-1]) if len(self.survival) else 1.0

    def _step(self, heights: Floats, moment: float) -> float:
        index = int(np.searchsorted(self.times, moment + TOLERANCE, side="right")) - 1
        return float(heights[index]) if index >= 0 else 1.0

    def _first(self, heights: Floats, level: float) -> float:
        reached = np.flatnonzero(heights <= level + TOLERANCE)
        return float(self.times[reached[0]]) if len(reached) else float("nan")


def kaplan_meier(lengths: Any, observed: Any) -> Curve:
    """The curve of `lengths`, of which those with ``observed`` false were still going on."""
    length = np.asarray(lengths, dtype="float64")
    over = np.asarray(observed, dtype=bool)
    length, over = length[~np.isnan(length)], over[~np.isnan(length)]
    times, at_risk, ended = _counts(length, over)
    survival: Floats = np.cumprod(1 - ended / at_risk, dtype="float64")
    # the product must be zero, not 1e-17, when the last one is over
    survival[at_risk == ended] = 0.0
    low, high = _log_log_band(survival, at_risk, ended)
    last = float(length.max()) if len(length) else float("nan")
    return Curve(times, survival, low, high, at_risk, ended, last)


def _counts(length: Floats, over: NDArray[np.bool_]) -> tuple[Floats, Floats, Floats]:
    """Distinct times at which something ended, how many were going on just before, how many ended."""
    times, ended = np.unique(length[over], return_counts=True)
    at_risk = len(length) - np.searchsorted(np.sort(length), times, side="left")
    return times, at_risk.astype("float64"), ended.astype("float64")


def _log_log_band(survival: Floats, at_risk: Floats, ended: Floats) -> tuple[Floats, Floats]:
    with np.errstate(divide="ignore", invalid="ignore"):
        greenwood = np.cumsum(ended / (at_risk * (at_risk - ended)))
        width = Z95 * np.sqrt(greenwood) / np.abs(np.log(survival))
        low, high = survival ** np.exp(width), survival ** np.exp(-width)
    undefined = (survival <= 0) | (survival >= 1)
    return np.where(undefined, np.nan, low), np.where(undefined, np.nan, high)


def log_rank(
    a: tuple[Any, Any], b: tuple[Any, Any], strata: tuple[Sequence[Any], Sequence[Any]] | None = None
) -> tuple[float, float]:
    """Chi-square (1 degree of freedom) and p that two groups take equally long.

    `a` and `b` are (lengths, observed). With `strata` like is compared with like, so that a change in the mix
    does not pass for a change in speed. NaN where nothing can be compared.
    """
    length = np.concatenate([np.asarray(a[0], dtype="float64"), np.asarray(b[0], dtype="float64")])
    over = np.concatenate([np.asarray(a[1], dtype=bool), np.asarray(b[1], dtype=bool)])
    in_a = np.arange(len(length)) < len(a[0])
    stratum = np.array([*strata[0], *strata[1]], dtype=str) if strata else np.zeros(len(length), dtype=str)
    difference = variance = 0.0
    for name in np.unique(stratum):
        here = stratum == name
        more = _log_rank_terms(length[here], over[here], in_a[here])
        difference, variance = difference + more[0], variance + more[1]
    if variance <= 0:
        return float("nan"), float("nan")
    chi2 = difference**2 / variance
    return chi2, erfc(sqrt(chi2 / 2))


def _log_rank_terms(length: Floats, over: NDArray[np.bool_], in_a: NDArray[np.bool_]) -> tuple[float, float]:
    """Observed minus expected ends in group a, and the variance of that."""
    times, at_risk, ended = _counts(length, over)
    risk_a = in_a.sum() - np.searchsorted(np.sort(length[in_a]), times, side="left")
    share_a = risk_a / at_risk
    spread = np.divide(at_risk - ended, at_risk - 1, out=np.zeros_like(at_risk), where=at_risk > 1)
    expected = float((ended * share_a).sum())
    return float((over & in_a).sum()) - expected, float((ended * share_a * (1 - share_a) * spread).sum())
