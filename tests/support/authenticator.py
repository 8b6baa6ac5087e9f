"""A passkey authenticator in software: what a phone does, and what a broken or hostile one might."""

import base64
import hashlib
import json
import os
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT, VERIFIED, HAS_KEY = 0x01, 0x04, 0x40


class Authenticator:
    """One device with one passkey. Change its fields to make it lie."""

    def __init__(self, origin: str = "http://localhost", rp_id: str = "localhost") -> None:
        self.origin, self.rp_id = origin, rp_id
        self.id = os.urandom(16)
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.flags = PRESENT | VERIFIED
        self.count = 0
        self.step = 1
        self.handle: str | None = None

    def make(self, options: dict[str, Any]) -> str:
        """What `navigator.credentials.create` answers, as our page sends it."""
        self.handle = options["user"]["id"]
        numbers = self.key.public_key().public_numbers()
        cose = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)})
        held = bytes(16) + len(self.id).to_bytes(2) + self.id + cose
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": self._data(HAS_KEY) + held})
        said = self._client_data("webauthn.create", options["challenge"])
        return self._answer({"clientDataJSON": text(said), "attestationObject": text(attestation)})

    def use(self, options: dict[str, Any]) -> str:
        """What `navigator.credentials.get` answers."""
        self.count += self.step
        data, said = self._data(), self._client_data("webauthn.get", options["challenge"])
        signature = self.key.sign(data + hashlib.sha256(said).digest(), ec.ECDSA(SHA256()))
        return self._answer(
            {
                "clientDataJSON": text(said),
                "authenticatorData": text(data),
                "signature": text(signature),
                "userHandle": self.handle,
            }
        )

    def _data(self, more: int = 0) -> bytes:
        return (
            hashlib.sha256(self.rp_id.encode()).digest() + bytes([self.flags | more]) + self.count.to_bytes(4)
        )

    def _client_data(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _answer(self, response: dict[str, Any]) -> str:
        return json.dumps(
            {"id": text(self.id), "rawId": text(self.id), "type": "public-key", "response": response,
             "clientExtensionResults": {}}
        )  # fmt: skip


def text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
