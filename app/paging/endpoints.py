"""Which push endpoints we call: those of the browsers' own push services, and hosts the operator named (SEC-2).

An endpoint is foreign input: a browser hands us an address and we promise to call it for months. So it is
checked when a device subscribes and again at each send, since the list and the operator's setting may change.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.web_address import Target

# Each name stands for itself; one that starts with a dot stands for every host under it.
PUSH_SERVICES = {
    "fcm.googleapis.com": "Chrome, Edge on Android, Opera, Samsung Internet, Brave",
    "android.googleapis.com": "old Chrome",
    "jmt17.google.com": "Chrome's early channels",
    "updates.push.services.mozilla.com": "Firefox",
    ".push.services.mozilla.com": "Firefox",
    ".push.apple.com": "Safari and every browser on iOS",
    ".notify.windows.com": "Edge on Windows",
}


class UnknownPushService(ValueError):
    """An endpoint that is no browser's push service; says so to whoever sent it."""


def check(endpoint: str, *, push_hosts: Iterable[str] = ()) -> "Target":
    """The place an endpoint leads to, if it is one we call; raises UnknownPushService."""
    from app.web_address import RefusedAddress, target  # and its HTTP client, which few requests need

    named = tuple(push_hosts)
    try:
        where = target(endpoint, named_hosts=named)
    except RefusedAddress as refused:
        raise UnknownPushService(f"This is not the address of a push service: {refused}.") from refused
    if not where.is_one_of(named) and not _is_known(where.host):
        raise UnknownPushService(
            f"{where.host} is not a push service we know. The operator can allow it with NIGHTBELL_PUSH_HOSTS."
        )
    return where


def _is_known(host: str) -> bool:
    return any(host.endswith(name) if name.startswith(".") else host == name for name in PUSH_SERVICES)
