"""Only our own names are answered at (SEC-36): what is fetched under another could be read by its owner."""

from urllib.parse import urlsplit

from flask import Flask, abort, current_app, request

from app.config import Settings

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


def _check() -> None:
    settings: Settings = current_app.config["settings"]
    if request.endpoint not in WATCHED and not is_ours(request.headers.get("Host", ""), settings):
        abort(400, "Nightbell does not answer at this name. Its operator can allow it with NIGHTBELL_HOSTS.")


def _name(address: str) -> str | None:
    try:
        return (urlsplit(address).hostname or "").rstrip(".") or None
    except ValueError:
        return None
