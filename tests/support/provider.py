"""A single sign-on provider that says what a test wants it to, true or not, with real keys and signatures."""

import base64
import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey

CLIENT_ID, CLIENT_SECRET = "nightbell", "a secret between the two"


class Provider:
    """`claims` and `header` of the next token, and the key it is signed with, are a test's to change."""

    def __init__(self, port: int) -> None:
        self.issuer = f"http://127.0.0.1:{port}"
        self.calls_itself = self.issuer
        self.key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
        self.signs_with: RSAKey | OctKey = self.key
        self.algorithm = "RS256"
        self.change: Callable[[dict[str, Any]], None] = lambda _: None
        self.email: str | None = "gus@x.example"
        self.verified: object = True
        self.subject = "gus-at-the-provider"
        self.codes: dict[str, dict[str, str]] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.now = 0

    def approve(self, address: str) -> str:
        """The person says yes: the code for the trip that `address` began."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return code

    def answer(self, method: str, path: str, sent: dict[str, str]) -> dict[str, Any] | None:
        self.asked.append((path, sent))
        match method, path:
            case "GET", "/.well-known/openid-configuration":
                return {
                    "issuer": self.calls_itself,
                    "authorization_endpoint": f"{self.issuer}/authorize",
                    "token_endpoint": f"{self.issuer}/token",
                    "jwks_uri": f"{self.issuer}/keys",
                }
            case "GET", "/keys":
                return dict(KeySet([self.key]).as_dict(private=False))
            case "POST", "/token":
                return self._token(sent)
        return None

    def _token(self, sent: dict[str, str]) -> dict[str, Any] | None:
        asked = self.codes.pop(sent.get("code", ""), None)  # a code is good once
        if asked is None or asked["redirect_uri"] != sent["redirect_uri"]:
            return None
        proof = base64.urlsafe_b64encode(hashlib.sha256(sent["code_verifier"].encode()).digest())
        if asked["code_challenge_method"] != "S256" or proof.rstrip(b"=").decode() != asked["code_challenge"]:
            return None
        claims: dict[str, Any] = {
            "iss": self.issuer, "sub": self.subject, "aud": CLIENT_ID, "nonce": asked["nonce"],
            "iat": self.now, "exp": self.now + 300, "name": "Gus Grind",
        }  # fmt: skip
        if self.email is not None:
            claims |= {"email": self.email, "email_verified": self.verified}
        self.change(claims)
        if self.algorithm == "none":
            parts = [{"alg": "none"}, claims]
            token = ".".join([*(_text(json.dumps(part).encode()) for part in parts), ""])
        else:
            header = {"alg": self.algorithm, "kid": "one"}
            token = jwt.encode(header, claims, self.signs_with, algorithms=[self.algorithm])
        return {"access_token": "a", "token_type": "Bearer", "id_token": token}


@contextmanager
def provider() -> Iterator[Provider]:
    """One of them, on a port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def _say(self, sent: dict[str, str]) -> None:
            told = known.answer(self.command, urlsplit(self.path).path, sent)
            body = json.dumps(told or {"error": "invalid_grant"}).encode()
            self.send_response(200 if told else 400)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            self._say({})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            sent = {name: values[0] for name, values in parse_qs(body).items()}
            self._say(sent | {"authorization": self.headers.get("Authorization", "")})

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    known = Provider(server.server_port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield known
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
