"""Posts to rooms and programs have threads of their own: however slow those are, no page waits for them."""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor

from flask import Flask

from app import clock
from app.database import transaction
from app.paging.channels.registry import Channels
from app.paging.destinations import send

log = logging.getLogger(__name__)

THREADS = 4


class Courier:
    """Claims only what a thread is free to send now."""

    def __init__(self, app: Flask, channels: Channels) -> None:
        self._app, self._channels = app, channels
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="courier")
        self._lock = threading.Lock()
        self._in_hand = 0

    def take(self) -> int:
        """Start sending as much of what is due as there is room for; returns how many."""
        with self._lock:
            free = THREADS - self._in_hand
        if free == 0 or not send.has_due(at=clock.now()):
            return 0
        with transaction():
            claims = send.claim_due(free)
        with self._lock:
            self._in_hand += len(claims)
        for claim in claims:
            self._pool.submit(self._send, claim)
        return len(claims)

    def close(self) -> None:
        """Finish what is in hand."""
        self._pool.shutdown(wait=True)

    def _send(self, claim: send.Claim) -> None:
        try:
            with self._app.app_context():
                send.send(claim, self._channels)
        except Exception:
            log.exception("post %s failed; its lease runs out and it is sent again", claim.post_id)
        finally:
            with self._lock:
                self._in_hand -= 1
