"""A device without a browser: it has its own keys, decrypts what the push service hands it, and keeps a log."""

import base64
import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import http_ece
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec


@dataclass(frozen=True)
class Rung:
    """One message that reached a device: the outside truth of a page. `page` is empty when it named none."""

    page: str
    endpoint: str
    at: float  # time.time()
    message: dict[str, Any]
    headers: dict[str, str]  # as the push service got them

    @property
    def data(self) -> dict[str, Any]:
        """What the service worker would be given: receipt_url, url, card and so on."""
        return dict(self.message["notification"]["data"])


@dataclass
class StandIn:
    """A subscription that can decrypt. `log` only grows; `is_online` is set by `leave` and `come_back`."""

    endpoint: str
    on_return: Callable[[], None]
    log: list[Rung] = field(default_factory=list)
    undecryptable: int = 0
    is_online: bool = True

    def __post_init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._auth = os.urandom(16)
        point = self._key.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        self.p256dh, self.auth = _base64url(point), _base64url(self._auth)

    def to_json(self) -> dict[str, Any]:
        """As a browser's `subscription.toJSON()` gives it."""
        return {
            "endpoint": self.endpoint,
            "expirationTime": None,
            "keys": {"p256dh": self.p256dh, "auth": self.auth},
        }

    def leave(self) -> None:
        """Go out of reach: the push service keeps messages as long as their TTL says."""
        self.is_online = False

    def come_back(self) -> None:
        self.is_online = True
        self.on_return()

    def receive(self, body: bytes, headers: dict[str, str]) -> None:
        """Called by the push service. What cannot be decrypted never reaches a service worker either."""
        try:
            plain = http_ece.decrypt(body, private_key=self._key, auth_secret=self._auth, version="aes128gcm")
        except Exception:
            self.undecryptable += 1
            return
        try:
            message = json.loads(plain)
        except ValueError:
            message = {"raw": plain}
        notification = message.get("notification") or {}
        page = str((notification.get("data") or {}).get("page", ""))
        self.log.append(Rung(page, self.endpoint, time.time(), message, headers))


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
