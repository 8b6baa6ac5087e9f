"""A telephone provider that speaks Twilio's HTTP API: it sends texts, makes calls, signs what it tells us."""

import base64
import hmac
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlsplit

import requests

from app.config import Settings
from app.outbound import Outbound
from app.paging.channels.outcome import Gone, Outcome, Refused
from app.paging.channels.over_http import post

ITS_OWN = "https://api.twilio.com"


class Twilio:
    """One account there. Safe to use from many threads."""

    def __init__(
        self, *, url: str, account: str, secret: str, sender: str, client: Outbound | None = None
    ) -> None:
        self._place = f"{url}/2010-04-01/Accounts/{quote(account, safe='')}"
        self._account, self._secret, self._sender = account, secret, sender
        named = () if url == ITS_OWN else (urlsplit(url).netloc,)  # the operator's own word, so it may be near
        self._client = client or Outbound(named_hosts=named, private=True)

    @classmethod
    def from_settings(cls, settings: Settings) -> "Twilio | None":
        """None where the operator has no such account."""
        if settings.twilio_account_sid is None:
            return None
        return cls(
            url=settings.twilio_url, account=settings.twilio_account_sid,
            secret=settings.twilio_auth_token or "", sender=settings.twilio_from or "",
        )  # fmt: skip

    def text(self, number: str, body: str, **further: str) -> Outcome:
        """Send a text to a number in E.164. `further` are fields as the provider names them."""
        return self._ask("Messages", {"To": number, "Body": body, **further})

    def call(self, number: str, script: str, **further: str) -> Outcome:
        """Call a number in E.164 and follow `script`, which is TwiML."""
        return self._ask("Calls", {"To": number, "Twiml": script, **further})

    def has_signed(self, url: str, said: Mapping[str, Sequence[str]], signature: str) -> bool:
        """Whether a request with these form fields to this whole address comes from the provider."""
        return hmac.compare_digest(signature_of(url, said, self._secret).encode(), signature.encode())

    def close(self) -> None:
        self._client.close()

    def _ask(self, what: str, fields: dict[str, str]) -> Outcome:
        outcome = post(
            self._client, f"{self._place}/{what}.json", refuses="our account or its token", said=_said,
            data={"From": self._sender, **fields}, auth=(self._account, self._secret),
        )  # fmt: skip
        # a number is never gone here: only the account's own address can be
        return Refused("the telephone provider does not know our account") if outcome == Gone(404) else outcome


def signature_of(url: str, said: Mapping[str, Sequence[str]], secret: str) -> str:
    """X-Twilio-Signature: over the address and every field with its value, sorted by name."""
    fields = "".join(f"{name}{value}" for name in sorted(said) for value in sorted(set(said[name])))
    digest = hmac.digest(secret.encode(), f"{url}{fields}".encode("utf-8", "replace"), "sha1")
    return base64.b64encode(digest).decode()


def _said(answer: requests.Response) -> str:
    """Its number for the fault; its sentence repeats the number that was called, so it is left out."""
    try:
        told: Any = answer.json()
    except ValueError:
        return ""
    code = told.get("code") if isinstance(told, dict) else None
    return f": fault {code}, see its list of errors" if isinstance(code, int) else ""
