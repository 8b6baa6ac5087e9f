"""What makes the pages an app on a phone: worker, manifest, the joined stylesheet, the page for no network."""

import gzip
import hashlib
from functools import cache
from pathlib import Path

from flask import (
    Blueprint,
    Flask,
    Response,
    current_app,
    jsonify,
    render_template,
    request,
    send_from_directory,
    url_for,
)

blueprint = Blueprint("pwa", __name__)

# One file per component, joined in this order into one request: the later may correct the earlier.
STYLESHEETS = (
    "tokens", "base", "layout", "places", "button", "dock", "badge", "card", "row", "countdown", "delivery",
    "person", "strip", "timeline", "prose", "phase", "decide", "task", "update", "tabs", "field", "sheet",
    "toast", "banner", "figure", "finding", "on-call", "swap", "calendar", "schedule-editor", "policy",
    "trends", "notice", "profile", "code", "organisation", "postmortem", "search",
)  # fmt: skip


@cache
def _joined(folder: str, _changed: float) -> tuple[bytes, str]:
    css = "\n".join((Path(folder) / f"{name}.css").read_text(encoding="utf-8") for name in STYLESHEETS).encode()
    return gzip.compress(css, mtime=0), hashlib.sha256(css).hexdigest()[:12]


def stylesheet() -> tuple[bytes, str]:
    """Every component's CSS, compressed, and a short hash of it; read again when a file has changed."""
    folder = Path(current_app.static_folder or "static") / "css"
    return _joined(str(folder), max((folder / f"{name}.css").stat().st_mtime for name in STYLESHEETS))


def stylesheet_address() -> str:
    """Where the stylesheet is; the hash in it lets a browser keep it for good."""
    return url_for("pwa.app_css", v=stylesheet()[1])


@blueprint.get("/app.css")
def app_css() -> Response:
    compressed, version = stylesheet()
    takes_gzip = bool(request.accept_encodings["gzip"])
    response = Response(compressed if takes_gzip else gzip.decompress(compressed), mimetype="text/css")
    if takes_gzip:
        response.content_encoding = "gzip"
    response.vary.add("Accept-Encoding")
    response.set_etag(version)
    kept = request.args.get("v") == version
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if kept else "no-cache"
    response.make_conditional(request)
    return response


@blueprint.get("/sw.js")
def service_worker() -> Response:
    """At the root, so that its scope is the whole app; never from a cache, so that a fix arrives."""
    response = send_from_directory(current_app.static_folder or "static", "sw.js", mimetype="text/javascript")
    response.headers["Cache-Control"] = "no-cache"
    return response


@blueprint.get("/manifest.webmanifest")
def manifest() -> Response:
    response = jsonify(
        {
            "id": "/",
            "name": "Nightbell",
            "short_name": "Nightbell",
            "description": "The on-call pager that can prove it will ring.",
            "start_url": "/",
            "scope": "/",
            "display": "standalone",
            "background_color": "#0A0E15",
            "theme_color": "#0A0E15",
            "lang": "en",
            "icons": [
                _icon("icon-192.png", "192x192", "any"),
                _icon("icon-512.png", "512x512", "any"),
                _icon("maskable-512.png", "512x512", "maskable"),
                _icon("badge-96.png", "96x96", "monochrome"),
            ],
            "shortcuts": [{"name": "Who is on call", "url": "/on-call"}],
        }
    )
    response.mimetype = "application/manifest+json"
    return response


@blueprint.get("/offline")
def offline() -> str:
    """The page a worker keeps for when nothing answers."""
    return render_template("offline.html")


def register(app: Flask) -> None:
    """Let templates name the stylesheet."""
    app.jinja_env.globals["stylesheet"] = stylesheet_address


def _icon(name: str, sizes: str, purpose: str) -> dict[str, str]:
    return {"src": f"/static/icons/{name}", "sizes": sizes, "type": "image/png", "purpose": purpose}
