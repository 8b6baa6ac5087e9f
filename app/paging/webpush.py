"""Sending one notification to one device, and what came of it.

The outside world's faults are values here, never exceptions: the engine decides by them whether to try again,
try another device, or tell somebody. Accepted is not shown: the push service took it and speaks for no phone.
"""

from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import requests
from cryptography.exceptions import UnsupportedAlgorithm
from http_ece import ECEException
from pywebpush import WebPusher, WebPushException

from app import clock
from app.config import Settings
from app.outbound import AnswerTooLong, DeadlinePassed, Outbound, RefusedAddress
from app.paging import endpoints
from app.paging.vapid import KeyRing

PAYLOAD_LIMIT = 3993  # bytes of plaintext; encrypted they are the 4096 that push services take


@dataclass(frozen=True)
class Accepted:
    """The push service took it. `status` as it answered."""

    status: int


@dataclass(frozen=True)
class Gone:
    """The subscription has ended (404 or 410): remove it, try the person's other devices."""

    status: int


@dataclass(frozen=True)
class RetryAfter:
    """Not now, or nobody knows: send the same page again. `seconds` is the service's wish, if it has one."""

    seconds: float | None
    reason: str


@dataclass(frozen=True)
class TooLarge:
    """Send it shorter."""


@dataclass(frozen=True)
class Refused:
    """It will be refused again: keep the subscription and tell the operator why."""

    reason: str


Outcome = Accepted | Gone | RetryAfter | TooLarge | Refused


class WebPush:
    """One per process: holds our identity and the shared connections. Safe to use from many threads."""

    def __init__(
        self, keys: KeyRing, *, push_hosts: tuple[str, ...] = (), client: Outbound | None = None
    ) -> None:
        self._keys = keys
        self._push_hosts = push_hosts
        self._client = client or Outbound(named_hosts=push_hosts)

    @classmethod
    def from_settings(cls, settings: Settings) -> "WebPush":
        return cls(KeyRing.from_settings(settings), push_hosts=settings.push_hosts)

    @property
    def public_key(self) -> str:
        """What browsers subscribe with, base64url."""
        return self._keys.present.public_key

    def send(
        self,
        endpoint: str,
        p256dh: str,
        auth: str,
        payload: bytes,
        *,
        ttl: int,
        urgency: str,
        topic: str,
        vapid_key: str | None = None,
    ) -> Outcome:
        """Encrypt and send; answers within the client's deadline (8 s).

        `p256dh` and `auth` are the device's keys as its browser gave them, `vapid_key` our public key that it
        subscribed with (None: the present one). `ttl` is how many seconds the push service may wait for the
        device, `urgency` one of RFC 8030's words, and a message of the same `topic` (at most 32 base64url
        characters) that still waits there is replaced.
        """
        if len(payload) > PAYLOAD_LIMIT:
            return TooLarge()
        try:
            endpoints.check(endpoint, push_hosts=self._push_hosts)
        except endpoints.UnknownPushService as unknown:
            return Refused(str(unknown))
        us = self._keys.of(vapid_key)
        if us is None:
            return Refused("This device subscribed with a key that is no longer here; it must subscribe again.")
        service = urlsplit(endpoint)
        headers = {
            "Authorization": us.authorization(f"{service.scheme}://{service.netloc}"),
            "Urgency": urgency,
            "Topic": topic,
        }
        keys = {"p256dh": p256dh, "auth": auth}
        try:
            device = WebPusher({"endpoint": endpoint, "keys": keys}, requests_session=self._client)
            sealed = device.encode(payload)["body"]
        except (WebPushException, ECEException, ValueError, TypeError, IndexError, UnsupportedAlgorithm):
            return Refused("The device's keys cannot be used; it must subscribe again.")
        headers |= {"Content-Encoding": "aes128gcm", "TTL": str(max(0, ttl))}
        return self._post(endpoint, sealed, headers)

    def close(self) -> None:
        self._client.close()

    def _post(self, endpoint: str, body: bytes, headers: dict[str, str]) -> Outcome:
        host = urlsplit(endpoint).hostname
        try:
            answer = self._client.post(endpoint, data=body, headers=headers)
        except RefusedAddress as refused:
            return Refused(f"{host} was not called: {refused}.")
        except (DeadlinePassed, AnswerTooLong) as error:
            if error.response is None:
                return RetryAfter(None, f"{host} did not answer in time.")
            answer = error.response  # status and headers came, which is all we need
        except requests.exceptions.SSLError:
            return RetryAfter(None, f"{host} has no valid certificate.")
        except (requests.ConnectionError, requests.Timeout) as error:
            if error.response is not None:
                return _outcome(error.response, str(host))
            return RetryAfter(None, f"{host} could not be reached.")
        except requests.RequestException:
            return RetryAfter(None, f"{host} gave an answer nobody can read.")
        return _outcome(answer, str(host))


def _outcome(answer: requests.Response, host: str) -> Outcome:
    match answer.status_code:
        case 200 | 201 | 202 | 204:
            return Accepted(answer.status_code)
        case 404 | 410:
            return Gone(answer.status_code)
        case 413:
            return TooLarge()
        case 401 | 403:
            return Refused(
                f"{host} refuses our VAPID key or contact address ({answer.status_code}){_said(answer)}."
            )
        case 408 | 425 | 429 | 500 | 502 | 503 | 504 | 507 as status:
            return RetryAfter(_retry_after(answer), f"{host} asks to wait ({status}){_said(answer)}.")
        case status if status >= 500:
            return RetryAfter(_retry_after(answer), f"{host} has a fault ({status}){_said(answer)}.")
        case status:
            return Refused(f"{host} refuses the message ({status}){_said(answer)}.")


def _retry_after(answer: requests.Response) -> float | None:
    """Retry-After in seconds from now, given as seconds or as an HTTP date; None when absent or unreadable."""
    given = answer.headers.get("Retry-After", "").strip()
    if given.isascii() and given.isdigit():
        return float(given[:9])
    try:
        return max(0.0, (parsedate_to_datetime(given) - clock.host()).total_seconds())
    except (ValueError, TypeError):
        return None


def _said(answer: requests.Response) -> str:
    """The service's own words, for the operator: short, printable, never an address, which may be a secret."""
    words = "".join(c if c.isprintable() else " " for c in answer.content[:200].decode("utf-8", "replace"))
    return f": {' '.join(words.split())}" if words.strip() and "//" not in words else ""
