"""Proof of life for an outside watcher: called while the engine is well, silent when it is not (INV-27).

Nothing can report its own death; whoever listens raises the alarm when this falls silent.
"""

import logging
from datetime import datetime, timedelta

import requests
import sqlalchemy as sa

from app.alerts.models import Escalation
from app.database import db
from app.paging import canary, health

log = logging.getLogger(__name__)

OVERDUE = timedelta(seconds=30)
PROVEN_WITHIN = timedelta(minutes=5)
TIMEOUT = (3, 5)  # seconds to connect, and between two bytes


def unwell(now: datetime, *, with_canary: bool) -> list[str]:
    """Why an outside watcher should hear nothing: one sentence for each of tick, auditor and canary."""
    found = []
    seen, late = health.seen_at(), sa.select(Escalation.id).where(Escalation.next_due_at < now - OVERDUE)
    if seen is None or now - seen > OVERDUE or db.session.scalar(late.limit(1)) is not None:
        found.append("steps that are due are not taken")
    looked = health.audited()
    if looked is None or now - looked.at > health.AUDITED_WITHIN:
        found.append("the auditor has not looked")
    elif looked.found:
        found.append(f"the auditor found {len(looked.found)} promises not kept")
    if with_canary:
        heard = canary.last_heard()
        if heard is None or heard.heard_at is None or now - heard.heard_at > PROVEN_WITHIN:
            found.append("no canary has arrived in 5 minutes")
    return found


def beat(url: str) -> None:
    """Call the watcher once. Its faults are logged and change nothing here."""
    try:
        requests.get(url, timeout=TIMEOUT, allow_redirects=False)
    except requests.RequestException as error:
        log.warning("the heartbeat was not heard: %s", type(error).__name__)
