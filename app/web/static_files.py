"""Scripts, icons and libraries at addresses that change with what they hold: a browser keeps them for good.

A script names the others beside it by relative addresses, which stay in the same version. What is asked for by
no version, as `/sw.js` does, is looked for anew each time.
"""

import hashlib
from functools import cache
from pathlib import Path

from flask import Flask, Response, current_app, g, url_for

MARK = "v-"  # begins a version, and no folder's name
FOLDERS = ("api", "css", "icons", "js", "lib")


def register(app: Flask) -> None:
    """Let templates say `static("js/app.js")`, and answer at such addresses."""
    app.jinja_env.globals["static"] = address
    app.view_functions["static"] = send


def address(path: str) -> str:
    """Where this version of a file below `static/` is."""
    return url_for("static", filename=f"{MARK}{version()}/{path}")


def send(filename: str) -> Response:
    """The file as it is now; to be kept for good when this is the version that was asked for."""
    if not filename.startswith(MARK):
        return current_app.send_static_file(filename)
    asked, _, path = filename.removeprefix(MARK).partition("/")
    response = current_app.send_static_file(path)
    if asked == version():
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


def version() -> str:
    """A short hash of all that is below `static/`, the same on every host; each page looks once for changes."""
    if "static_version" not in g:
        g.static_version = _read()
    return str(g.static_version)


def _read() -> str:
    folder = Path(current_app.static_folder or "static")
    files = sorted(file for name in FOLDERS for file in (folder / name).rglob("*") if file.is_file())
    return _hashed(folder, tuple((file, file.stat().st_mtime_ns) for file in files))


@cache
def _hashed(folder: Path, files: tuple[tuple[Path, int], ...]) -> str:
    digest = hashlib.sha256()
    for file, _changed in files:
        digest.update(file.relative_to(folder).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:12]
