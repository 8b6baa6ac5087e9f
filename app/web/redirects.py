"""Where to go next, from words that came from outside: only ever a path of this app (SEC-28)."""

import re
from urllib.parse import unquote

from flask import redirect, request
from werkzeug.wrappers import Response

# One slash, then nothing that a browser could read as another host: a slash, a backslash, a control character.
LOCAL = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*\Z")


def local_path(value: str | None, otherwise: str) -> str:
    """`value` when it is a path of this app, else `otherwise`."""
    if value and LOCAL.match(value) and LOCAL.match(unquote(value)):
        return value
    return otherwise


def see(address: str) -> Response:
    """After an act, read `address`: 303, so that a reload does not act again."""
    return redirect(address, 303)


def back(otherwise: str) -> Response:
    """After an act: to the page the form was on (its field `back`), else `otherwise`."""
    return see(local_path(request.form.get("back"), otherwise))
