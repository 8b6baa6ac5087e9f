"""Sending one notification to one device by its push service, encrypted and under our VAPID identity."""

from urllib.parse import urlsplit

from cryptography.exceptions import UnsupportedAlgorithm
from http_ece import ECEException
from pywebpush import WebPusher, WebPushException

from app.config import Settings
from app.outbound import Outbound
from app.paging import endpoints
from app.paging.channels.outcome import Outcome, Refused, TooLarge
from app.paging.channels.over_http import post
from app.paging.vapid import KeyRing

PAYLOAD_LIMIT = 3993  # bytes of plaintext; encrypted they are the 4096 that push services take


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
        return post(
            self._client, endpoint, refuses="our VAPID key or contact address", data=sealed, headers=headers
        )

    def close(self) -> None:
        self._client.close()
