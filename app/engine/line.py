"""The line of alerts whose step is due: in a storm it is long, and to put it in order takes its time."""

from collections.abc import Callable
from datetime import datetime

from app import clock
from app.alerts import escalate

LONGEST = 1000  # alerts that are put in order at a time
SHARE = 4  # an order is kept for so many times as long as it took to make: most of the time goes to the steps


class Line:
    """Hands out batches of the order that it asked for last. It is a hint: each batch is locked, and looked
    at again, before anybody takes a step.
    """

    def __init__(self, in_order: Callable[..., list[int]] = escalate.line) -> None:
        self._in_order = in_order
        self._ahead: list[int] = []
        self._kept_until = 0.0

    def next(self, at: datetime, *, limit: int) -> list[int]:
        """Up to `limit` alerts that are due, locked for us; none only when none is free. In a transaction."""
        asked = False
        while True:
            if not asked and (not self._ahead or clock.ticks() >= self._kept_until):
                self._ask(at)
                asked = True
            if not self._ahead:
                return []
            batch, self._ahead = self._ahead[:limit], self._ahead[limit:]
            if mine := escalate.free(batch, at=at):
                return mine

    def _ask(self, at: datetime) -> None:
        begun = clock.ticks()
        self._ahead = self._in_order(at, limit=LONGEST)
        self._kept_until = clock.ticks() + SHARE * (clock.ticks() - begun)
