"""Proof of life for an outside watcher: called while the engine is well, silent when it is not.

Nothing can report its own death; whoever listens raises the alarm when this falls silent.
"""

import logging
from datetime import datetime, timedelta

import requests
import sqlalchemy as sa

from app.alerts.models import Escalation
from app.database import db

log = logging.getLogger(__name__)

OVERDUE = timedelta(seconds=30)
TIMEOUT = (3, 5)  # seconds to connect, and between two bytes


def is_well(now: datetime) -> bool:
    """No timer has been due for half a minute (INV-3): escalations are taken as they fall due."""
    late = sa.select(Escalation.id).where(Escalation.next_due_at < now - OVERDUE).limit(1)
    return db.session.scalar(late) is None


def beat(url: str) -> None:
    """Call the watcher once. Its faults are logged and change nothing here."""
    try:
        requests.get(url, timeout=TIMEOUT, allow_redirects=False)
    except requests.RequestException as error:
        log.warning("the heartbeat was not heard: %s", type(error).__name__)
