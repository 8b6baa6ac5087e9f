"""Standard Webhooks: what we sign others can check, and what others sign we check (SEC-6)."""

from datetime import UTC, datetime, timedelta

import pytest

from app.domain.webhook_signature import NotSigned, headers, new_secret, verify

# the published example: secret, name, moment, body, signature
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NAME, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", b'{"test": 2432232314}'
AT = datetime.fromtimestamp(1614265330, UTC)
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
SIGNED = headers(BODY, name=NAME, at=AT, keys=[SECRET])


def test_SEC6_we_sign_as_the_published_example_does() -> None:
    assert SIGNED == {
        "webhook-id": NAME, "webhook-timestamp": "1614265330", "webhook-signature": SIGNATURE,
    }  # fmt: skip
    assert verify(BODY, SIGNED, keys=[new_secret(), SECRET], now=AT + timedelta(minutes=4)) == NAME


def test_SEC6_while_a_secret_changes_either_side_may_be_first() -> None:
    new = new_secret()
    both = headers(BODY, name=NAME, at=AT, keys=[new, SECRET])
    assert verify(BODY, both, keys=[SECRET], now=AT) == verify(BODY, both, keys=[new], now=AT) == NAME


@pytest.mark.parametrize(
    ("changes", "body", "later"),
    [
        ({}, BODY + b" ", 0),  # altered
        ({"webhook-id": "msg_other"}, BODY, 0),
        ({"webhook-timestamp": "1614265331"}, BODY, 0),
        ({}, BODY, 301),  # old
        ({}, BODY, -301),  # ahead
        ({"webhook-signature": SIGNATURE.replace("v1,", "v2,")}, BODY, 0),  # another version
        ({"webhook-signature": SIGNATURE.removeprefix("v1,")}, BODY, 0),
        ({"webhook-signature": ""}, BODY, 0),
        ({"webhook-timestamp": "soon"}, BODY, 0),
        ({"webhook-timestamp": "9" * 30}, BODY, 0),
        ({"webhook-signature": "v1,ü"}, BODY, 0),
    ],
)
def test_SEC6_what_is_altered_old_or_of_another_version_is_refused(
    changes: dict[str, str], body: bytes, later: int
) -> None:
    with pytest.raises(NotSigned):
        verify(body, SIGNED | changes, keys=[SECRET], now=AT + timedelta(seconds=later))
