"""When the next message may go to one destination."""

from datetime import UTC, datetime, timedelta

import pytest

from app.domain.throttle import LIMITS, bundle_title, goes_at
from app.domain.words import ChannelKind

NOW = datetime(2026, 11, 12, 3, 0, tzinfo=UTC)
FAR = NOW + timedelta(days=1)


def ago(*minutes: float) -> list[datetime]:
    return [NOW - timedelta(minutes=each) for each in minutes]


@pytest.mark.parametrize(
    ("channel", "sent", "waits"),
    [
        (ChannelKind.SMS, [], 0),
        (ChannelKind.SMS, [0.5], 0.5),
        (ChannelKind.SMS, [1], 0),
        (ChannelKind.SMS, [2, 4, 6, 8, 10], 5),  # five in a quarter of an hour
        (ChannelKind.SMS, [2, 16, 20, 25, 30, 35, 40, 45, 50, 55, 59], 1),  # eleven in an hour
        (ChannelKind.VOICE, [2, 4, 14], 1),
        (ChannelKind.VOICE, [2, 4, 15], 0),
        (ChannelKind.EMAIL, [2, 3, 4, 5], 0),
    ],
)
def test_37_each_limit_counts_what_was_sent_within_it(
    channel: ChannelKind, sent: list[float], waits: float
) -> None:
    found = goes_at(ago(*sent), LIMITS[channel], deadline=FAR, now=NOW)
    assert found == NOW + timedelta(minutes=waits)


def test_INV23_no_limit_keeps_a_page_past_its_time() -> None:
    sent, soon = ago(1, 2, 3, 4, 5), NOW + timedelta(minutes=5)
    assert goes_at(sent, LIMITS[ChannelKind.SMS], deadline=soon, now=NOW) == NOW + timedelta(minutes=4)
    assert goes_at(sent, LIMITS[ChannelKind.SMS], deadline=NOW, now=NOW) == NOW


def test_36_a_bundle_names_its_service_or_how_many_there_are() -> None:
    assert bundle_title(["api", "api"], 6) == "api: 6 alerts"
    assert bundle_title(["api", "db", "api"], 6) == "2 services: 6 alerts"
