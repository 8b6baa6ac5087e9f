"""Accepted is not shown: how long a device may stay silent about a page before somebody else is asked (D1).

A receipt proves that the device showed the page, not that anybody heard it. A missing one proves nothing where
the browser shows pages without waking our service worker: there it is never held against the device, and only
brings the person's next way forward.
"""

from datetime import datetime, timedelta
from urllib.parse import urlsplit

# Declarative Web Push: the phone shows the page whether or not our service worker runs to say so
BEST_EFFORT_HOSTS = ("push.apple.com",)


def promises_receipts(endpoint: str) -> bool:
    """Whether devices at this push endpoint always say when they have shown a page."""
    host = urlsplit(endpoint).hostname or ""
    return not any(host == known or host.endswith(f".{known}") for known in BEST_EFFORT_HOSTS)


def is_silent(accepted_at: datetime, endpoint: str, *, now: datetime, within: timedelta) -> bool:
    """Whether a page that was accepted then, and that nothing was heard of, has to be taken for not shown."""
    return promises_receipts(endpoint) and now - accepted_at >= within


def sooner(due: datetime, *, asked_at: datetime, now: datetime) -> datetime:
    """When the next way has its turn if a phone that promises no receipt said nothing: after half the time."""
    return max(now, asked_at + (due - asked_at) / 2)
