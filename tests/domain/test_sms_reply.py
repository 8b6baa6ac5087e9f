"""Which alert somebody takes by answering a text."""

import pytest

from app.domain.sms_reply import Takes, read


@pytest.mark.parametrize(
    ("text", "takes"),
    [
        ("12", Takes(12)), (" #12. ", Takes(12)), ("Ack 12", Takes(12)), ("ACKNOWLEDGE #7", Takes(7)),
        ("ok", Takes(None)), ("Yes!", Takes(None)), ("ack", Takes(None)),
        ("", None), ("!", None), ("STOP", None), ("who is this?", None), ("12 but Ben should", None),
        ("-12", None), ("ack 999999999999", Takes(0)), ("1234567890123", None), ("ackk", None),
    ],
)  # fmt: skip
def test_a_number_or_a_yes_acknowledges_and_nothing_else_does(text: str, takes: Takes | None) -> None:
    assert read(text) == takes
