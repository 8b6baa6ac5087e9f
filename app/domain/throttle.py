"""How often one destination is rung: limits by channel, and when the next message may go (features 36, 37).

Nothing is dropped: what has to wait goes together with what came meanwhile (INV-23).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.domain.words import ChannelKind

LAST_MOMENT = timedelta(minutes=1)  # how long before its time is over a page goes out whatever the limits say
_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)


@dataclass(frozen=True)
class Limit:
    """At most so many messages within any stretch of that length."""

    most: int
    within: timedelta


LIMITS: Mapping[ChannelKind, tuple[Limit, ...]] = {
    ChannelKind.SMS: (
        Limit(1, _MINUTE), Limit(5, 15 * _MINUTE), Limit(11, _HOUR), Limit(21, 3 * _HOUR)
    ),
    ChannelKind.VOICE: (
        Limit(1, _MINUTE), Limit(3, 15 * _MINUTE), Limit(7, _HOUR), Limit(15, 3 * _HOUR)
    ),
    ChannelKind.EMAIL: (Limit(1, _MINUTE), Limit(30, _HOUR)),
}  # fmt: skip
LONGEST = 3 * _HOUR


def goes_at(
    sent: Sequence[datetime], limits: Sequence[Limit], *, deadline: datetime, now: datetime
) -> datetime:
    """When the next message may go after those `sent`: `now`, or later, but in time for its `deadline`."""
    free = now
    for limit in limits:
        lately = sorted(one for one in sent if one > now - limit.within)
        if len(lately) >= limit.most:
            free = max(free, lately[-limit.most] + limit.within)
    return max(now, min(free, deadline - LAST_MOMENT))


def bundle_title(services: Sequence[str], alerts: int) -> str:
    """ "checkout-api: 6 alerts", or "2 services: 6 alerts"."""
    named = list(dict.fromkeys(services))
    where = named[0] if len(named) == 1 else f"{len(named)} services"
    return f"{where}: {alerts} alerts"
