"""Where to go next, from words that came from outside: only ever a path of this app (SEC-28)."""

import re
from urllib.parse import unquote

from flask import redirect, request
from werkzeug.wrappers import Response

# One slash, then nothing a browser could read as another host: no second slash, backslash, or control character.
LOCAL = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*\Z")


def local_path(value: str | None, otherwise: str) -> str:
    """`value` when it is a path of this app, else `otherwise`."""
    if value and LOCAL.match(value) and LOCAL.match(unquote(value)):
        return value
    return otherwise


def back(otherwise: str) -> Response:
    """After an act: to the page the form was on (its field `back`), else `otherwise`. 303, so that it is read."""
    return redirect(local_path(request.form.get("back"), otherwise), 303)
