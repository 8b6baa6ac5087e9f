"""Secrets that must be read again, so that no hash will do: sealed with a key made from SECRET_KEY."""

import base64
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import current_app

_NONCE = 12  # bytes


def seal(text: str, *, about: str) -> str:
    """`text`, readable only with this installation's key and only for `about`: a copied row opens nothing."""
    nonce = os.urandom(_NONCE)
    return base64.b64encode(nonce + _cipher().encrypt(nonce, text.encode(), about.encode())).decode()


def unseal(sealed: str, *, about: str) -> str | None:
    """What was sealed; None when it was sealed for something else, or before SECRET_KEY was changed, or is no
    more.
    """
    data = base64.b64decode(sealed)
    if len(data) <= _NONCE:
        return None
    try:
        return _cipher().decrypt(data[:_NONCE], data[_NONCE:], about.encode()).decode()
    except InvalidTag:
        return None


def _cipher() -> AESGCM:
    key: str = current_app.config["settings"].secret_key
    return AESGCM(HKDF(SHA256(), 32, salt=None, info=b"nightbell sealed rows").derive(key.encode()))
