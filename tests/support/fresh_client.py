"""A client for which each request stands alone, though the test holds an app context around them all."""

from typing import Any

from flask import g, has_app_context
from flask.testing import FlaskClient


class FreshClient(FlaskClient):
    """Flask keeps what a request noted on `g` for as long as that context lives: here, for the whole test."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        for name in list(g) if has_app_context() else ():  # another thread has none, and so nothing to forget
            g.pop(name)
        return super().open(*args, **kwargs)
