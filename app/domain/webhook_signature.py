"""Standard Webhooks 1.0: who signed what we are sent, and signing what we send (SEC-6)."""

import base64
import hmac
import secrets
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

PREFIX = "whsec_"
WINDOW = timedelta(minutes=5)


class NotSigned(Exception):
    """This request does not come from whoever holds the secret, or not now; the message says why."""


def new_secret() -> str:
    """32 random bytes, as both sides write them down."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def headers(body: bytes, *, name: str, at: datetime, keys: Iterable[str]) -> dict[str, str]:
    """What goes with a body. `name` is the message's for ever, `at` this attempt's; one signature a key."""
    moment = str(int(at.timestamp()))
    signatures = " ".join(f"v1,{_sign(body, name, moment, key)}" for key in keys)
    return {"webhook-id": name, "webhook-timestamp": moment, "webhook-signature": signatures}


def verify(body: bytes, given: Mapping[str, str], *, keys: Iterable[str], now: datetime) -> str:
    """The message's name, when one of the keys signed it within five minutes of now; raises NotSigned.

    Whoever takes it sees to it that a name counts once.
    """
    name, moment = given.get("webhook-id", ""), given.get("webhook-timestamp", "")
    signed = given.get("webhook-signature", "")
    if not (name and moment and signed):
        raise NotSigned("It is not signed.")
    if not (moment.isascii() and moment.isdigit() and len(moment) < 12):
        raise NotSigned("Its time is no number of seconds.")
    if abs(now - datetime.fromtimestamp(int(moment), UTC)) > WINDOW:
        raise NotSigned("It was signed more than five minutes ago, or ahead.")
    wanted = [_sign(body, name, moment, key).encode() for key in keys]
    for each in signed.split(" "):
        version, _, signature = each.partition(",")
        if version == "v1" and any(hmac.compare_digest(signature.encode(), right) for right in wanted):
            return name
    raise NotSigned("Its signature is another's.")


def _sign(body: bytes, name: str, moment: str, key: str) -> str:
    secret = base64.b64decode(key.removeprefix(PREFIX))
    return base64.b64encode(hmac.digest(secret, f"{name}.{moment}.".encode() + body, "sha256")).decode()
