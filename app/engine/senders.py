"""The pool that sends pages: bounded threads, half of them at most for one push host (INV-21)."""

import logging
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from flask import Flask

from app import clock
from app.database import is_any, transaction
from app.paging.channels.registry import Channels
from app.paging.deliver import Claim, all_due, claim_due, deliver

log = logging.getLogger(__name__)

THREADS = 24
PER_HOST = 12


class Senders:
    """Claims only what a thread is free to send now: a claim's lease runs from the moment it is taken."""

    def __init__(self, app: Flask, channels: Channels, *, done: Callable[[], None]) -> None:
        self._app, self._channels, self._done = app, channels, done
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="sender")
        self._lock = threading.Lock()
        self._taking = threading.Lock()  # the loop and the fleet never fill the same room twice
        self._in_hand: Counter[str] = Counter()

    def take(self, *, grace: timedelta = timedelta(), of_page: int | None = None) -> int:
        """Start sending as much of what is due as there is room for; returns how many.

        What finds no room is found by the sweep.
        """
        with self._taking:
            return self._take(grace, of_page)

    def _take(self, grace: timedelta, of_page: int | None) -> int:
        with self._lock:
            free = THREADS - self._in_hand.total()
            busy = {host for host, count in self._in_hand.items() if count >= PER_HOST}
        if free == 0 or (of_page is None and not is_any(all_due(clock.now() - grace))):
            return 0  # of a page that the queue named there is something: to look first would be to look twice
        with transaction():
            claims = claim_due(free, busy_hosts=busy, per_host=PER_HOST, grace=grace, of_page=of_page)
        with self._lock:
            self._in_hand.update(claim.host for claim in claims)
        for claim in claims:
            self._pool.submit(self._send, claim)
        return len(claims)

    def beside(self, act: Callable[[], None]) -> None:
        """Do something else that takes its time, so that the loop does not."""
        self._pool.submit(act)

    def close(self) -> None:
        """Finish what is in hand."""
        self._pool.shutdown(wait=True)

    def _send(self, claim: Claim) -> None:
        try:
            with self._app.app_context():
                deliver(claim, self._channels)
        except Exception:
            log.exception("delivery %s failed; its lease runs out and it is sent again", claim.delivery_id)
        finally:
            with self._lock:
                self._in_hand[claim.host] -= 1
            self._done()
