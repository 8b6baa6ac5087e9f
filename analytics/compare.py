"""Two periods side by side: both curves, the log-rank test, how large the effect is, and what we could have
seen.
"""

from dataclasses import dataclass
from math import ceil, exp, log, sqrt
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from analytics import words
from analytics.response import counted, curve, how_much_we_say
from analytics.survival import log_rank

Z_TWO_SIDED, Z_POWER = 1.959963984540054, 0.8416212335729143  # 5 %, and four times in five
DAY = 1440.0


@dataclass(frozen=True)
class Comparison:
    """Before against after. ``effect`` is a ratio (under 1: faster) or a difference in minutes: ``kind``."""

    n: tuple[int, int]
    median: tuple[float, float]
    chi2: float
    p: float
    kind: str  # "ratio of geometric means", "difference in means up to 1 d", "too few to tell"
    effect: float
    low: float
    high: float
    detectable: float  # the share of change that n would have shown four times in five

    @property
    def is_clear(self) -> bool:
        return self.p < 0.05 and not np.isnan(self.effect)

    @property
    def faster(self) -> bool:
        """Whether the estimate points to less time; `is_clear` says whether that may be said."""
        return self.effect < (1 if self.kind.startswith("ratio") else 0)

    @property
    def sentence(self) -> str:
        """What happened, in words, and what could have been seen."""
        if self.kind == "too few to tell":
            return f"Too few to tell: {self.n[0]} before and {self.n[1]} after, and each side needs 20."
        return f"{self._verdict} {self.power_sentence}"

    @property
    def _verdict(self) -> str:
        if not self.is_clear:
            return f"No clear change (log-rank p {self.p:.2f}; {self._amount})."
        return f"{'Faster' if self.faster else 'Slower'} ({self._amount}; log-rank {words.chance(self.p)})."

    @property
    def _amount(self) -> str:
        if self.kind.startswith("ratio"):
            return (
                f"a typical one takes {self.effect:.2f} times as long, 95 % interval {self.low:.2f}"
                f" to {self.high:.2f}"
            )
        return (
            f"{words.duration(abs(self.effect))} {'shorter' if self.effect < 0 else 'longer'} ({self.kind}),"
            f" 95 % interval {words.duration(self.low)} to {words.duration(self.high)}"
        )

    @property
    def power_sentence(self) -> str:
        a, b = self.n
        return (
            f"With n = {a:,} and {b:,} we would have seen a change of"
            f" {words.share(self.detectable)} four times in five."
        )


def compare(before: pd.DataFrame, after: pd.DataFrame, *, limit: float = DAY) -> Comparison:
    """Whether two tables of the same metric differ, severities compared like with like.

    The effect is the ratio of geometric means once all are over on both sides, else the difference of the
    means restricted to `limit` minutes; each with its 95 % interval, mixed over severities as the two periods
    together are. Under 20 on a side nothing is compared.
    """
    a, b = counted(before), counted(after)
    sizes = (len(a), len(b))
    medians = (curve(before).quantile(0.5), curve(after).quantile(0.5))
    if not (how_much_we_say(sizes[0]).compared and how_much_we_say(sizes[1]).compared):
        nan = float("nan")
        return Comparison(sizes, medians, nan, nan, "too few to tell", nan, nan, nan, nan)
    levels = (a["severity"].fillna("").tolist(), b["severity"].fillna("").tolist())
    chi2, p = log_rank((a["minutes"], a["observed"]), (b["minutes"], b["observed"]), strata=levels)
    spread = sqrt((_log_spread(a) ** 2 + _log_spread(b) ** 2) / 2)
    detectable = detectable_change(*sizes, spread)
    if a["observed"].all() and b["observed"].all():
        effect = _ratio(a, b)
        kind = "ratio of geometric means"
    else:
        limit = min(limit, curve(before).last, curve(after).last)  # no further than both were watched
        effect = _difference(a, b, limit)
        kind = f"difference in means up to {words.duration(limit)}"
    return Comparison(sizes, medians, chi2, p, kind, *effect, detectable)


def needed_n(sd: float, cut: float) -> int:
    """How many on each side show a cut of `cut` (0.2: 20 %) four times in five, `sd` being that of
    ln(minutes).
    """
    return ceil(2 * (1.95996 + 0.84162) ** 2 * sd**2 / log(1 - cut) ** 2)


def detectable_change(n_before: int, n_after: int, sd: float) -> float:
    """The smallest cut that `n_before` and `n_after` show four times in five; a share of the old length."""
    if not n_before or not n_after or np.isnan(sd):
        return float("nan")
    return 1 - exp(-(Z_TWO_SIDED + Z_POWER) * sd * sqrt(1 / n_before + 1 / n_after))


def power(n: int, sd: float, cut: float) -> float:
    """The chance that `n` on each side show a cut of `cut`."""
    return float(stats.norm.cdf(abs(log(1 - cut)) / (sd * sqrt(2 / n)) - Z_TWO_SIDED))


def looks_worse(n: int, sd: float, cut: float = 0.1) -> float:
    """The chance that geometric means of `n` a side get worse although everything got `cut` faster."""
    return float(stats.norm.cdf(log(1 - cut) / (sd * sqrt(2 / n))))


def simulate_noise(n: int, sd: float, cut: float = 0.1, *, draws: int = 2000, seed: int) -> dict[str, float]:
    """The same by simulation: the share of `draws` in which each mean of log-normal lengths looks worse."""
    dice = np.random.default_rng(seed)
    before = dice.normal(0, sd, (draws, n))
    after = dice.normal(log(1 - cut), sd, (draws, n))
    plain = np.exp(after).mean(axis=1) > np.exp(before).mean(axis=1)
    geometric = after.mean(axis=1) > before.mean(axis=1)
    return {"plain means": float(plain.mean()), "geometric means": float(geometric.mean())}


def log_spread(durations: pd.DataFrame) -> float:
    """The standard deviation of ln(minutes) of what is over; NaN under two."""
    return _log_spread(counted(durations))


def _log_spread(rows: pd.DataFrame) -> float:
    minutes = rows.loc[rows["observed"] & (rows["minutes"] > 0), "minutes"]
    return float(np.log(minutes).std()) if len(minutes) > 1 else float("nan")


def _shares(a: pd.DataFrame, b: pd.DataFrame) -> dict[str, float]:
    """The mix of severities of both periods together, of those both have."""
    both = pd.concat([a["severity"], b["severity"]]).fillna("")
    common = set(a["severity"].fillna("")) & set(b["severity"].fillna(""))
    counts = both[both.isin(common)].value_counts()
    return {str(name): float(n) / float(counts.sum()) for name, n in counts.items()}


def _ratio(a: pd.DataFrame, b: pd.DataFrame) -> tuple[float, float, float]:
    mean = variance = 0.0
    for severity, share in _shares(a, b).items():
        x, y = (
            np.log(g.loc[(g["severity"].fillna("") == severity) & (g["minutes"] > 0), "minutes"])
            for g in (a, b)
        )
        if len(x) < 2 or len(y) < 2:
            continue
        mean += share * float(y.mean() - x.mean())
        variance += share**2 * float(x.var() / len(x) + y.var() / len(y))
    half = Z_TWO_SIDED * sqrt(variance)
    return exp(mean), exp(mean - half), exp(mean + half)


def _difference(a: pd.DataFrame, b: pd.DataFrame, limit: float) -> tuple[float, float, float]:
    mean = variance = total = 0.0
    for severity, share in _shares(a, b).items():
        pairs: list[Any] = [
            curve(g[g["severity"].fillna("") == severity]).restricted_mean(limit) for g in (a, b)
        ]
        (x, sx), (y, sy) = pairs
        if np.isnan(x) or np.isnan(y):
            continue
        mean, variance, total = mean + share * (y - x), variance + share**2 * (sx**2 + sy**2), total + share
    if not total:
        return float("nan"), float("nan"), float("nan")
    mean, half = mean / total, Z_TWO_SIDED * sqrt(variance) / total
    return mean, mean - half, mean + half
