"""Who we are to the push services: one key pair, and a signed header for each of them (RFC 8292).

Every subscription is bound to the public key, so losing the private one silences every phone (SEC-29).
"""

import base64
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from py_vapid import Vapid02, VapidException

from app import clock
from app.config import Settings

RENEWED_AFTER = timedelta(hours=6)
VALID_FOR = timedelta(hours=12)  # push services accept up to 24 h
_Vapid: Any = Vapid02  # published without types
_NOT_PUBLIC = ("localhost", ".localhost", ".local", ".invalid", ".test", ".example", ".internal", ".lan")


class UnusableKey(ValueError):
    """The VAPID private key cannot be used; the sentence says how."""


class Identity:
    """Our key pair and contact address; signs once per push service and renews every six hours."""

    def __init__(self, private_key: str, subject: str) -> None:
        key = _read(private_key)
        self._vapid = _Vapid(key)
        self._subject = subject
        self._signed: dict[str, tuple[str, datetime]] = {}
        self.public_key = _public(key)

    def authorization(self, origin: str) -> str:
        """The Authorization header for the push service at `origin`: scheme, host and port of its endpoints."""
        now = clock.host()  # the push service compares it with its own clock, so a test's clock would not do
        header, renew_at = self._signed.get(origin, ("", now))
        if renew_at <= now:
            claims = {"aud": origin, "sub": self._subject, "exp": int((now + VALID_FOR).timestamp())}
            header = str(self._vapid.sign(claims)["Authorization"])
            self._signed[origin] = header, now + RENEWED_AFTER
        return header


class KeyRing:
    """Our present key pair, and the ones before it that some phones are still bound to (SEC-29)."""

    def __init__(self, private_key: str, subject: str, *, previous: Sequence[str] = ()) -> None:
        self.present = Identity(private_key, subject)
        held = [self.present, *(Identity(key, subject) for key in previous)]
        self._held = {identity.public_key: identity for identity in reversed(held)}

    @classmethod
    def from_settings(cls, settings: Settings) -> "KeyRing":
        """Raises UnusableKey."""
        return cls(settings.vapid_private_key, settings.vapid_subject, previous=settings.vapid_previous_keys)

    def of(self, public_key: str | None) -> Identity | None:
        """Who we are to a phone that subscribed with `public_key`; None when we hold that key no more."""
        return self.present if public_key is None else self._held.get(public_key)

    def __contains__(self, public_key: str) -> bool:
        return public_key in self._held


def public_key_of(private_key: str) -> str:
    """What browsers subscribe with (applicationServerKey): 65 bytes in base64url. Raises UnusableKey."""
    return _public(_read(private_key))


def problems(private_key: str, subject: str) -> list[str]:
    """What would silence every phone, one sentence each; asked at start (decision 12). No network is used."""
    found = []
    try:
        key = _read(private_key)
        probe = b"nightbell start-up check"
        key.public_key().verify(key.sign(probe, ec.ECDSA(hashes.SHA256())), probe, ec.ECDSA(hashes.SHA256()))
    except (UnusableKey, InvalidSignature) as error:
        found.append(f"NIGHTBELL_VAPID_PRIVATE_KEY: {error}")
    else:
        try:
            Identity(private_key, subject).authorization("https://push.example.net")
        except VapidException:
            found.append(f"NIGHTBELL_VAPID_SUBJECT: expected mailto:… or https:…, got {subject!r}")
    return found


def warnings(subject: str) -> list[str]:
    """What some push services refuse though it works for others, one sentence each."""
    parts = urlsplit(subject)
    domain = (parts.path.rpartition("@")[2] if parts.scheme == "mailto" else parts.hostname or "").lower()
    if "." in domain and not domain.endswith(_NOT_PUBLIC):
        return []
    return [f"NIGHTBELL_VAPID_SUBJECT: {subject} is not on a public domain; Apple refuses pages signed with it"]


def _read(private_key: str) -> ec.EllipticCurvePrivateKey:
    try:
        key = _Vapid.from_string(private_key).private_key
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise UnusableKey("not a private key in base64url, raw or DER") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise UnusableKey("not a key on the curve P-256")
    return key


def _public(key: ec.EllipticCurvePrivateKey) -> str:
    point = key.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
    return base64.urlsafe_b64encode(point).rstrip(b"=").decode()
