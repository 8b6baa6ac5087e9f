"""When an alert whose key comes and goes waits, and until when."""

from datetime import UTC, datetime, timedelta

import pytest

from app.domain.flapping import STAYS, held_until

NOW = datetime(2026, 3, 2, 3, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("paged", "limit", "open_for", "held"),
    [
        (0, 5, 0, False),
        (4, 5, 0, False),  # the fifth still pages
        (5, 5, 0, True),
        (5, 5, 119, True),
        (5, 5, 120, False),  # it stays
        (99, None, 0, False),
        (1, 1, 0, True),
    ],
)
def test_F13_what_comes_and_goes_waits_until_it_stays(
    paged: int, limit: int | None, open_for: int, held: bool
) -> None:
    opened = NOW - timedelta(seconds=open_for)
    assert held_until(opened, paged, limit, now=NOW) == (opened + STAYS if held else None)
