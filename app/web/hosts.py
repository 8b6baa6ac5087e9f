"""Only our own names are answered at (SEC-36): what is fetched under another could be read by its owner."""

from urllib.parse import urlsplit

from flask import Flask, abort, current_app, redirect, request
from flask.typing import ResponseReturnValue

from app.config import Settings

STATUS_PAGE_NEEDS = {"pwa.app_css", "static", "health.healthz", "health.readyz"}
LOOPBACK = {"localhost", "127.0.0.1", "::1"}
WATCHED = {
    "health.healthz",
    "health.readyz",
    "metrics.show",
}  # balancers ask at whatever address the process has


def register(app: Flask) -> None:
    """Refuse a request whose Host is none of ours, before anything looks at it."""
    app.before_request(_check)


def is_ours(host: str, settings: Settings) -> bool:
    """Whether a Host header names this installation, at any port."""
    name = None if "@" in host else _name(f"//{host}")
    return name is not None and name in {_name(settings.base_url), *LOOPBACK, *settings.hosts}


def is_of_status_page(host: str, settings: Settings) -> bool:
    """Whether this is the public status page's own name, at which nothing else is answered."""
    own = _name(settings.status_url) if settings.status_url else None
    return own is not None and own != _name(settings.base_url) and "@" not in host and _name(f"//{host}") == own


def _check() -> ResponseReturnValue | None:
    settings: Settings = current_app.config["settings"]
    if is_of_status_page(request.headers.get("Host", ""), settings):
        if request.path == "/":
            return redirect("/public/status")
        if request.blueprint != "public_status" and request.endpoint not in STATUS_PAGE_NEEDS:
            abort(404)
        return None
    if request.endpoint not in WATCHED and not is_ours(request.headers.get("Host", ""), settings):
        abort(400, "Nightbell does not answer at this name. Its operator can allow it with NIGHTBELL_HOSTS.")
    return None


def _name(address: str) -> str | None:
    try:
        return (urlsplit(address).hostname or "").rstrip(".") or None
    except ValueError:
        return None
