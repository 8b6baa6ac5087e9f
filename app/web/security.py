"""Headers every answer carries (SEC-19): what a page may load, and what a browser may do with it."""

from flask import Flask, Response, current_app, g

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "connect-src": "'self'",
    "img-src": "'self' data:",
    "object-src": "'none'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "form-action": "'self'",
    "worker-src": "'self'",
    "manifest-src": "'self'",
    "require-trusted-types-for": "'script'",
    # fragment: pages of our own origin, read again (static/js/fragment.js); worker: /sw.js and its parts
    "trusted-types": "nightbell-fragment nightbell-worker",
}
# plotly.js adds one empty <style> and fills it rule by rule; this is the hash of nothing.
EMPTY_STYLE = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
CLOSED = "accelerometer camera display-capture geolocation gyroscope hid magnetometer microphone midi payment serial usb"


def allow_figures() -> None:
    """Let the answer of this request draw plotly figures. For Trends alone."""
    g.draws_figures = True


def content_security_policy(*, figures: bool = False) -> str:
    """The policy as one header line."""
    rules = dict(POLICY)
    if figures:
        rules["style-src"] += f" {EMPTY_STYLE}"
    return "; ".join(f"{name} {sources}" for name, sources in rules.items())


def add_headers(response: Response) -> Response:
    """Put the headers on one answer. Transport security only where the address is https."""
    headers = response.headers
    headers.setdefault(
        "Content-Security-Policy", content_security_policy(figures=g.get("draws_figures", False))
    )
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "no-referrer"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["Permissions-Policy"] = ", ".join(f"{feature}=()" for feature in CLOSED.split())
    if current_app.config["settings"].base_url.startswith("https:"):
        headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    if response.mimetype == "text/html":
        headers.setdefault("Cache-Control", "no-store")
    return response


def register(app: Flask) -> None:
    """Give every answer of `app` its headers, errors and static files included."""
    app.after_request(add_headers)
