"""One machine: the engine that is woken looks for itself, and its own threads send what it finds."""

from collections.abc import Callable
from datetime import timedelta

from app import wakeup

GRACE = timedelta()  # the sweep takes a page at once: there is nobody else


def wake(_number: Callable[[], int]) -> None:
    wakeup.engine()


class Fleet:
    """Nothing to run beside the engine's own loop. `run` and `stop` as `queued.Fleet` has them."""

    def __init__(self, _database_url: str, _take: Callable[[int], None]) -> None: ...

    def run(self) -> None: ...

    def stop(self) -> None: ...
