"""Our own addresses as others are given them: senders, whoever is invited."""

from flask import current_app

from app.alerts.sources.kinds import Kind
from app.people.invitations import Sent


def join_url(sent: Sent) -> str:
    """The address that lets the invited person in."""
    return f"{current_app.config['settings'].base_url}/join/{sent.token}"


def integration_address(kind: str) -> str:
    """Where a sender of this kind posts to, its key in a header, or in the body of Events API v2; a heartbeat
    has it in the path.
    """
    base: str = current_app.config["settings"].base_url
    return base + {Kind.EVENTS_V2: "/v2/enqueue", Kind.HEARTBEAT: "/ping"}.get(Kind(kind), "/intake")


def integration_url(kind: str, key: str) -> str:
    """The same for a sender that cannot set a header: the key is in the path, and so in logs (SEC-4)."""
    address = integration_address(kind)
    return address if kind == Kind.EVENTS_V2 else f"{address}/{key}"
