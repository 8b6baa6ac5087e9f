"""The canary: a synthetic event that goes the way of a page every minute; its arrival proves that way (D3).

The engine sends it to the public intake; intake writes it down and wakes the engine; an engine takes it up and
sends it, encrypted and signed like any page, to the canary's own destination, which is no device but an address
of our web process. That has the keys of a made-up device, reads it and notes its arrival. It is never an alert,
never a page row, pages nobody and is in no figure. What it cannot prove is a vendor's push service and a phone.
"""

import hmac
import json
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from flask import current_app

from app import wakeup
from app.database import db
from app.paging.models import Canary

KEPT = timedelta(hours=24)
LONGEST_NONCE = 64
PREFIX = "nbc_"
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of P-256


@dataclass(frozen=True)
class Device:
    """The made-up device that the canary is encrypted for."""

    private_key: ec.EllipticCurvePrivateKey
    auth_secret: bytes

    @property
    def p256dh(self) -> str:
        point = self.private_key.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        return _text(point)

    @property
    def auth(self) -> str:
        return _text(self.auth_secret)


# All of it follows from the installation's secret: web and engine agree without a row, and nobody else can say
# that the path works.


def intake_key() -> str:
    """What opens the intake for the canary, as an integration's key does for alerts."""
    return PREFIX + _text(_derived("intake key"))


def token() -> str:
    """The secret part of the address it has to arrive at."""
    return _text(_derived("destination"))


def device() -> Device:
    number = int.from_bytes(_derived("private key"), "big") % (_ORDER - 1) + 1
    return Device(ec.derive_private_key(number, ec.SECP256R1()), _derived("auth")[:16])


def opens(key: str) -> bool:
    """Whether this key, in the address of the public intake, is the canary's."""
    return key.startswith(PREFIX) and hmac.compare_digest(intake_key().encode(), key.encode(errors="replace"))


def is_at(given: str) -> bool:
    """Whether an address with this token is the canary's destination."""
    return hmac.compare_digest(token().encode(), given.encode(errors="replace"))


def new_nonce() -> str:
    return secrets.token_hex(16)


def take(nonce: object, *, at: datetime) -> bool:
    """A canary came in by the public intake: due at once. The same one twice is one; False for what is none."""
    if not isinstance(nonce, str) or not nonce or len(nonce) > LONGEST_NONCE:
        return False
    db.session.execute(sa.delete(Canary).where(Canary.taken_at < at - KEPT))
    if db.session.scalar(sa.select(Canary.id).where(Canary.nonce == nonce)) is None:
        db.session.add(Canary(nonce=nonce, taken_at=at))
        wakeup.engine()
    return True


def waits() -> bool:
    """Whether a canary came in that nobody has sent on."""
    return db.session.scalar(sa.select(Canary.id).where(Canary.sent_at.is_(None)).limit(1)) is not None


def take_up(at: datetime) -> list[str]:
    """The canaries that wait to be sent, now ours to send. One lost with its engine is followed by the next."""
    waiting = sa.select(Canary).where(Canary.sent_at.is_(None)).order_by(Canary.id).limit(10)
    found = db.session.scalars(waiting.with_for_update(skip_locked=True)).all()
    for canary in found:
        canary.sent_at = at
    return [canary.nonce for canary in found]


def message(nonce: str) -> bytes:
    return json.dumps({"canary": nonce}).encode()


def arrived(body: bytes, *, at: datetime) -> bool:
    """What came to the canary's destination was read and is one of ours; noted once. Inside a transaction."""
    import http_ece  # read here: of all that web does, only this decrypts

    ours = device()
    try:
        plain = http_ece.decrypt(  # type: ignore[no-untyped-call]
            body, private_key=ours.private_key, auth_secret=ours.auth_secret, version="aes128gcm"
        )
        nonce = json.loads(plain)["canary"]
    except Exception:  # whatever foreign bytes do to it
        return False
    heard = (
        sa.update(Canary)
        .where(Canary.nonce == str(nonce), Canary.sent_at.is_not(None), Canary.heard_at.is_(None))
        .values(heard_at=at)
        .returning(Canary.id)
    )
    return db.session.scalar(heard) is not None


def last_heard() -> Canary | None:
    """The newest one that went all the way; None when none did in the last day."""
    return db.session.scalars(
        sa.select(Canary).where(Canary.heard_at.is_not(None)).order_by(Canary.heard_at.desc()).limit(1)
    ).one_or_none()


@dataclass(frozen=True)
class Day:
    """How many canaries were taken in and how many arrived in 24 h, and what the slowest of them took."""

    sent: int
    arrived: int
    slowest: timedelta | None


def of_the_day(now: datetime) -> Day:
    taken = sa.select(Canary.taken_at, Canary.heard_at).where(Canary.taken_at > now - KEPT)
    rows = db.session.execute(taken).all()
    took = [heard_at - taken_at for taken_at, heard_at in rows if heard_at is not None]
    return Day(len(rows), len(took), max(took, default=None))


def _derived(purpose: str) -> bytes:
    secret: str = current_app.config["settings"].secret_key
    return hmac.digest(secret.encode(), f"canary:{purpose}".encode(), "sha256")


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
