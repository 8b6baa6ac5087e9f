"""Secrets we hand out: 256 random bits, of which a row keeps only the hash."""

import hashlib
import secrets


def new(prefix: str = "") -> str:
    """A fresh secret, fit for an address or a header. `prefix` lets scanners recognise a leaked one."""
    return prefix + secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """What a row keeps of a secret. A plain hash is enough for 256 random bits (SEC-4), not for a password."""
    return hashlib.sha256(secret.encode()).hexdigest()
