"""What the engine listens for from outside."""

from app import clock
from app.alerts import heartbeats
from app.database import transaction


def hear_silence() -> int:
    """Heartbeats that have been silent too long raise their alerts."""
    with transaction():
        return heartbeats.raise_overdue(clock.now())
