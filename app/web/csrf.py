"""A form that changes something comes from our own pages: by its token and by its origin (SEC-9)."""

from urllib.parse import urlsplit

from flask import Flask, request, session
from flask_wtf.csrf import CSRFError, CSRFProtect, generate_csrf

from app.web import session as cookie

# What programs and the service worker speak to: no cookie counts there, so no other site can borrow one.
NO_COOKIE = (
    "/v2/",
    "/intake",
    "/r/",
    "/ping/",
    "/canary/",
    "/twilio/",
    "/slack/",
    "/push-subscriptions/renewal",
    "/public/",
    "/letters/",
)
SAFE = {"GET", "HEAD", "OPTIONS", "TRACE"}

_protect = CSRFProtect()  # type: ignore[no-untyped-call]


def register(app: Flask) -> None:
    """Check every request that may change something, unless it carries its own proof and no cookie."""
    app.config.update(
        WTF_CSRF_CHECK_DEFAULT=False,  # we ask ourselves, below
        WTF_CSRF_TIME_LIMIT=None,  # a page may stay open all night
        WTF_CSRF_SSL_STRICT=False,  # it wants a referrer, which our pages never send; see _is_from_here
    )
    _protect.init_app(app)  # type: ignore[no-untyped-call]
    app.context_processor(lambda: {"csrf_token": form_token})
    app.before_request(_check)


def form_token() -> str:
    """The token a form carries. The cookie beside it lasts as long as a login, not as an evening's browser."""
    session.permanent = True
    return str(generate_csrf())  # type: ignore[no-untyped-call]


def _check() -> None:
    if request.method in SAFE or request.endpoint is None or _carries_its_own_proof():
        return
    if not _is_from_here():
        raise CSRFError("The request came from another site.")
    if request.is_json and request.headers.get("Sec-Fetch-Site") == "same-origin":
        return  # no form of another site can send JSON, and the browser vouches for where this comes from
    _protect.protect()  # type: ignore[no-untyped-call]


def _carries_its_own_proof() -> bool:
    if request.path.startswith(NO_COOKIE):
        return True
    # a program's own words, or nobody at all, which the API answers with 401
    return request.path.startswith("/api/v1/") and ("Authorization" in request.headers or not cookie.token())


def _is_from_here() -> bool:
    """What the browser says of where a request comes from; it lets no page say it otherwise."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc == request.host
