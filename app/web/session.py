"""The cookies that keep a person signed in: `__Host-`, Secure, HttpOnly, SameSite=Lax (SEC-10).

`__Host-` cookies need a secure context. Chromium and Firefox count http on loopback as one, so `bin/run` on
one's own machine is no exception; plain http anywhere else gets a name without the prefix, since no browser
would keep the other (docs/decisions). Push does not work there either.
"""

import hmac
import ipaddress
from urllib.parse import urlsplit

from flask import Flask, current_app, request
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.wrappers import Response

from app.people import secret, sessions

NAME = "nightbell"
_STEP_FOR = 300  # seconds, as long as the row
_KNOWN_FOR = 400 * 24 * 3600  # the longest a browser keeps a cookie, in seconds


def is_secure(base_url: str) -> bool:
    """Whether a browser treats this address as secure: https anywhere, http on loopback."""
    address = urlsplit(base_url)
    if address.scheme == "https":
        return True
    host = address.hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def name_of(kind: str = "") -> str:
    """The cookie's name here: with the prefix wherever a browser can keep it."""
    return ("__Host-" if _secure() else "") + NAME + (f"-{kind}" if kind else "")


def token() -> str | None:
    """The session token this request carries."""
    return request.cookies.get(name_of()) or None


def keep(response: Response, session_token: str) -> None:
    """Sign this browser in. It lasts on a phone as long as the row does."""
    _set(response, name_of(), session_token, int(sessions.ABSOLUTE.total_seconds()))


def forget(response: Response) -> None:
    """Sign this browser out."""
    _set(response, name_of(), "", 0)


def keep_step(response: Response, token: str) -> None:
    """What was begun at the door and waits for its next step, in this browser alone; the empty one is gone."""
    _set(response, name_of("step"), token, _STEP_FOR if token else 0)


def step() -> str | None:
    """The token of what was begun in this browser."""
    return request.cookies.get(name_of("step")) or None


def remember_browser(response: Response, email: str) -> None:
    """Note that this person has signed in here, so that somebody who guesses elsewhere cannot keep them out."""
    _set(response, name_of("known"), _signer().dumps([_digest(email), secret.new()]), _KNOWN_FOR)


def known_browser(email: str) -> str | None:
    """This browser's own name, if this person has signed in here before."""
    try:
        whose, browser = _signer().loads(request.cookies.get(name_of("known"), ""))
    except (BadSignature, ValueError, TypeError):
        return None
    return str(browser) if hmac.compare_digest(str(whose).encode(), _digest(email).encode()) else None


def remember_theme(response: Response, theme: str) -> None:
    """Light or dark, for this browser alone; nothing secret, and the empty one forgets the choice."""
    response.set_cookie(
        "theme",
        theme,
        max_age=_KNOWN_FOR if theme else 0,
        path="/",
        secure=_secure(),
        httponly=True,
        samesite="Lax",
    )


def register(app: Flask) -> None:
    """Give Flask's own cookie, which holds the form token and one sentence to say, the same protection."""
    with app.app_context():
        app.config.update(
            SESSION_COOKIE_NAME=name_of("form"),
            SESSION_COOKIE_SECURE=_secure(),
            SESSION_COOKIE_HTTPONLY=True,
            SESSION_COOKIE_SAMESITE="Lax",
            SESSION_COOKIE_PATH="/",
            PERMANENT_SESSION_LIFETIME=sessions.ABSOLUTE,
            SESSION_REFRESH_EACH_REQUEST=False,  # else every stylesheet would set it again
        )


def _secure() -> bool:
    return is_secure(current_app.config["settings"].base_url)


def _set(response: Response, name: str, value: str, max_age: int) -> None:
    response.set_cookie(name, value, max_age=max_age, path="/", secure=_secure(), httponly=True, samesite="Lax")


def _digest(email: str) -> str:
    return secret.digest(f"known browser of {email.strip().lower()}")


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["settings"].secret_key, salt="known browser")
