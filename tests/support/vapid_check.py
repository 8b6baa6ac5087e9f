"""What a push service demands of a VAPID header (RFC 8292), checked without any of the sender's code."""

import base64
import json
import time
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

DAY = 24 * 60 * 60


class VapidFault(Exception):
    """`status` is what the service answers: 401 without a header, 403 for a wrong one."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


def check(header: str | None, *, audience: str, key: str) -> dict[str, Any]:
    """The claims of a header made for `audience` by the holder of `key` (base64url); raises VapidFault."""
    if not header:
        raise VapidFault(401, "no Authorization header")
    scheme, _, rest = header.partition(" ")
    parts = dict(part.strip().partition("=")[::2] for part in rest.split(","))
    if scheme.lower() != "vapid" or set(parts) != {"t", "k"}:
        raise VapidFault(403, "not vapid t=…, k=…")
    if parts["k"].rstrip("=") != key:
        raise VapidFault(403, "signed with another key than the subscription's")
    try:
        head, body, signature = parts["t"].split(".")
        if json.loads(_bytes(head)).get("alg") != "ES256":
            raise VapidFault(403, "not ES256")
        raw = _bytes(signature)
        public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), _bytes(key))
        as_der = utils.encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
        public.verify(as_der, f"{head}.{body}".encode(), ec.ECDSA(hashes.SHA256()))
        claims: dict[str, Any] = json.loads(_bytes(body))
    except (ValueError, InvalidSignature) as error:
        raise VapidFault(403, f"not a signature of this key: {error!r}") from error
    if claims.get("aud") != audience:
        raise VapidFault(403, f"for {claims.get('aud')}, not for {audience}")
    if not time.time() < claims.get("exp", 0) <= time.time() + DAY:
        raise VapidFault(403, "expires too late, or has expired")
    if not str(claims.get("sub", "")).startswith(("mailto:", "https:")):
        raise VapidFault(403, "sub is neither mailto: nor https:")
    return claims


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
