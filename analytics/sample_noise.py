"""The sample's noise: a check that cries wolf, a lag that follows a queue, and a probe that flaps now and then.

Drawn from dice of its own and added behind the year's other alerts, so that those stay the same.
"""

from typing import Any

import numpy as np
import pandas as pd

WOLF, FOLLOWER, LEADER, FLAPPER = (
    "Synthetic check (Lisbon)",
    "Consumer lag",
    "Queue is growing",
    "Probe of the edge",
)
WOLVES_A_WEEK = 5.0
FLAPS = 14


def alerts(
    dice: np.random.Generator, others: pd.DataFrame, start: pd.Timestamp, end: pd.Timestamp
) -> pd.DataFrame:
    """The rows to add; ids go on where `others` end."""
    wolves = _between(dice, start, end, int(WOLVES_A_WEEK * 52))
    queues = others[(others["rule"] == LEADER) & (dice.random(len(others)) < 0.85)]
    lag = pd.to_timedelta(np.round(dice.gamma(3.0, 40.0, len(queues)) * 1e6), unit="us")
    bursts = np.repeat(_between(dice, start, end, FLAPS).to_numpy(), 4)
    spread = np.tile(np.arange(4), FLAPS) * 900 + dice.integers(0, 300, 4 * FLAPS)
    flaps = pd.Series(pd.DatetimeIndex(bursts, tz="UTC") + pd.to_timedelta(spread, unit="s"))
    parts = [
        _rows(wolves, WOLF, "Images", "Storefront", "images-lisbon", dice.gamma(2.0, 1.6, len(wolves))),
        _rows(queues["fired_at"] + lag, FOLLOWER, queues["service"], queues["team"], queues["target"],
              dice.gamma(3.0, 12.0, len(queues))),
        _rows(flaps, FLAPPER, "Search", "Storefront", "search-edge", dice.gamma(2.0, 2.0, len(flaps))),
    ]  # fmt: skip
    made = pd.concat(parts, ignore_index=True).sort_values("fired_at", kind="stable", ignore_index=True)
    ids = [f"A{number}" for number in range(len(others) + 1, len(others) + len(made) + 1)]
    return made[made["fired_at"] < end].assign(alert_id=ids[: int((made["fired_at"] < end).sum())])


def pages(
    dice: np.random.Generator, made: pd.DataFrame, turns: dict[str, Any], start: pd.Timestamp
) -> pd.DataFrame:
    """A page for each of them to whoever has the week; most are over before anybody answers."""
    week = (made["fired_at"] - start).dt.days // 7
    user = [turns[team][turn % len(turns[team])] for team, turn in zip(made["team"], week, strict=True)]
    sent = made["fired_at"] + pd.to_timedelta(np.round(dice.gamma(2.0, 0.2e6, len(made))), unit="us")
    return pd.DataFrame(
        {
            "page_id": [f"N{number}" for number in range(1, len(made) + 1)],
            "user": user,
            "alert_id": made["alert_id"],
            "incident_id": None,
            "channel": "push",
            "sent_at": sent,
            "delivered_at": sent + pd.to_timedelta(np.round(dice.gamma(2.0, 0.6e6, len(made))), unit="us"),
            "answered_at": made["acknowledged_at"],
        }
    )


def _between(dice: np.random.Generator, start: pd.Timestamp, end: pd.Timestamp, n: int) -> "pd.Series[Any]":
    seconds = np.sort(dice.integers(0, int((end - start).total_seconds()), n))
    return pd.Series(start + pd.to_timedelta(seconds, unit="s")).astype("datetime64[us, UTC]")


def _rows(fired: Any, rule: str, service: Any, team: Any, target: Any, minutes: Any) -> pd.DataFrame:
    resolved = fired + pd.to_timedelta(np.round(np.clip(minutes, 0.2, None) * 60e6), unit="us")
    seen = fired + pd.Timedelta(minutes=4)
    return pd.DataFrame(
        {
            "rule": rule,
            "service": service,
            "team": team,
            "target": target,
            "severity": "error",
            "fired_at": fired,
            "acknowledged_at": seen.where(seen < resolved),
            "acknowledged_by": pd.Series("human", index=fired.index).where(seen < resolved),
            "resolved_at": resolved,
            "resolved_by": "source",
            "incident_id": None,
            "usefulness": None,
        }
    )
