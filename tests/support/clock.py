"""A clock that stands still until a test moves it."""

from datetime import UTC, datetime, timedelta

THU_0310 = datetime(2026, 11, 12, 3, 10, tzinfo=UTC)


class TestClock:
    """Call it for the present moment; `advance` moves it, never backwards."""

    __test__ = False

    def __init__(self, start: datetime = THU_0310) -> None:
        self.moment = start

    def __call__(self) -> datetime:
        return self.moment

    def advance(self, **amount: float) -> datetime:
        self.moment += timedelta(**amount)
        return self.moment
