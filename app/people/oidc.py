"""Single sign-on by OpenID Connect: the code flow with PKCE, state and nonce, and an answer believed only when
signature, issuer, audience, time and nonce all fit (SEC-13).

What the provider says goes through the one way out, like every other foreign address (SEC-1).
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from app.config import Settings
from app.people import secret

if TYPE_CHECKING:  # 20 MB that a process pays for when somebody first signs in this way
    from app.outbound import Outbound

log = logging.getLogger(__name__)

SCOPE = "openid email profile"
ALGORITHMS = [
    "RS256",
    "PS256",
    "ES256",
    "ES384",
    "EdDSA",
    "Ed25519",
]  # never `none`, never one with a shared key
LEEWAY = 60  # seconds that the provider's clock may differ from ours


class ProviderRefused(Exception):
    """The provider, or whoever answered in its name, did not say what it should. The log says which part."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        log.warning("single sign-on refused: %s", why)


@dataclass(frozen=True)
class Way:
    """One trip to the provider: where to go, and what only we and the row know until the answer comes."""

    address: str
    nonce: str
    verifier: str


@dataclass(frozen=True)
class Account:
    """Whom the provider vouches for. `email` is None unless it says that it has verified it."""

    issuer: str
    subject: str
    email: str | None
    name: str
    factors: int  # 2 where it says that it asked for more than one


class Provider:
    """The operator's single sign-on provider. One per process: its connections and keys are kept."""

    def __init__(self, settings: Settings) -> None:
        # all three are set, or the start was refused
        self._issuer, self._client = settings.oidc_issuer or "", settings.oidc_client_id or ""
        self._secret = settings.oidc_client_secret or ""
        self._http = _client(settings)

    def way_there(self, *, redirect_uri: str, state: str) -> Way:
        """Where to send the browser. Raises ProviderRefused when the provider cannot be asked."""
        from authlib.oauth2.rfc7636 import create_s256_code_challenge

        verifier, nonce = secret.new(), secret.new()
        asked = {
            "response_type": "code",
            "client_id": self._client,
            "redirect_uri": redirect_uri,
            "scope": SCOPE,
            "state": state,
            "nonce": nonce,
            "code_challenge": create_s256_code_challenge(verifier),  # type: ignore[no-untyped-call]
            "code_challenge_method": "S256",
        }
        door = self._known("authorization_endpoint")
        return Way(f"{door}{'&' if '?' in door else '?'}{urlencode(asked)}", nonce, verifier)

    def account(self, code: str, *, nonce: str, verifier: str, redirect_uri: str, at: datetime) -> Account:
        """Who came back with `code`. Raises ProviderRefused."""
        told = self._json(
            "POST", self._known("token_endpoint"), auth=(self._client, self._secret),
            data={
                "grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri,
                "code_verifier": verifier,
            },
        )  # fmt: skip
        claims = self._read(told.get("id_token"), nonce=nonce, at=at)
        email = claims.get("email")
        if email is None and isinstance(told.get("access_token"), str):
            claims = self._with_user_info(claims, told["access_token"])
            email = claims.get("email")
        verified = isinstance(email, str) and claims.get("email_verified") is True
        methods = claims.get("amr")
        several = isinstance(methods, list) and "mfa" in methods
        name = claims.get("name")
        return Account(
            issuer=self._issuer,
            subject=str(claims["sub"]),
            email=str(email) if verified else None,
            name=name if isinstance(name, str) else "",
            factors=2 if several else 1,
        )

    def _read(self, token: object, *, nonce: str, at: datetime) -> dict[str, Any]:
        """The claims of an ID token that is this provider's, for us, of now, and for this very trip."""
        from authlib.oidc.core import CodeIDToken
        from joserfc import jwt
        from joserfc.errors import JoseError
        from joserfc.jwk import KeySet

        if not isinstance(token, str):
            raise ProviderRefused("no id_token")
        try:
            keys = KeySet.import_key_set(self._json("GET", self._known("jwks_uri")))  # type: ignore[arg-type]
            read = jwt.decode(token, keys, algorithms=ALGORITHMS)
            claims = CodeIDToken(
                read.claims,
                read.header,
                {
                    "iss": {"essential": True, "value": self._issuer},
                    "aud": {"essential": True, "value": self._client},
                },
                {"nonce": nonce, "client_id": self._client},
            )
            claims.validate(now=int(at.timestamp()), leeway=LEEWAY)  # type: ignore[no-untyped-call]
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise ProviderRefused(f"the id_token does not fit: {type(error).__name__}") from error
        if claims.get("nonce") != nonce or not isinstance(claims.get("sub"), str) or not claims["sub"]:
            raise ProviderRefused("the id_token is for another trip, or for nobody")
        return dict(claims)

    def _with_user_info(self, claims: dict[str, Any], access_token: str) -> dict[str, Any]:
        """Some providers tell the address only when asked again; it counts for the same subject alone."""
        door = self._discovered().get("userinfo_endpoint")
        if not isinstance(door, str):
            return claims
        told = self._json("GET", door, headers={"Authorization": f"Bearer {access_token}"})
        if told.get("sub") != claims["sub"]:
            raise ProviderRefused("the user info is about somebody else")
        return {**told, **claims}

    def _known(self, name: str) -> str:
        address = self._discovered().get(name)
        if not isinstance(address, str):
            raise ProviderRefused(f"the provider does not say its {name}")
        return address

    def _discovered(self) -> Mapping[str, Any]:
        """What the provider says of itself. It must call itself by the name the operator gave it."""
        found = self._json("GET", self._issuer.rstrip("/") + "/.well-known/openid-configuration")
        if found.get("issuer") != self._issuer:
            raise ProviderRefused("the provider calls itself by another name")
        return found

    def _json(self, method: str, address: str, **more: Any) -> dict[str, Any]:
        import requests

        try:
            answer = self._http.request(method, address, **more)
            told = answer.json() if answer.status_code == requests.codes.ok else None
        except (requests.RequestException, ValueError) as error:
            raise ProviderRefused(f"the provider could not be asked: {type(error).__name__}") from error
        if not isinstance(told, dict):
            raise ProviderRefused(f"the provider answered {answer.status_code}")
        return told


def _client(settings: Settings) -> "Outbound":
    from app.outbound import Outbound

    return Outbound(named_hosts=settings.private_hosts, private=True)


@cache
def provider(settings: Settings) -> Provider:
    """The provider these settings name. Only where one is configured."""
    return Provider(settings)
