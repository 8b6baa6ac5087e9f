"""How long a device may stay silent before somebody else is asked."""

from datetime import UTC, datetime, timedelta

import pytest

from app.domain.receipt import is_silent

ACCEPTED = datetime(2026, 3, 2, 3, 10, tzinfo=UTC)
FIREFOX = "https://updates.push.services.mozilla.com/wpush/v2/x"


@pytest.mark.parametrize(
    ("endpoint", "seconds", "silent"),
    [
        (FIREFOX, 44, False),
        (FIREFOX, 45, True),
        ("https://fcm.googleapis.com/fcm/send/x", 45, True),
        ("https://web.push.apple.com/x", 3600, False),  # shows pages without waking our service worker
        ("https://push.apple.com.example.org/x", 45, True),
        (FIREFOX, -5, False),  # a clock that was set back
    ],
)
def test_a_device_is_silent_45_s_after_its_push_service_took_the_page(
    endpoint: str, seconds: int, silent: bool
) -> None:
    now = ACCEPTED + timedelta(seconds=seconds)
    assert is_silent(ACCEPTED, endpoint, now=now, within=timedelta(seconds=45)) is silent
