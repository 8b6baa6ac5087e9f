"""The API joins the app: at its start, or when the first program asks.

Its modules, with the library that reads and describes bodies, are a sixth of the time and of the memory that
`nightbell web` starts with, and an installation whose alerts come by intake may never need them.
"""

from collections.abc import Iterable
from threading import Lock
from typing import TYPE_CHECKING

from flask import Flask
from werkzeug.routing import Map

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

BELOW = "/api/"
WITH_EACH = ("before_request_funcs", "after_request_funcs", "teardown_request_funcs", "error_handler_spec")


def join(app: Flask) -> None:
    """Give `app` the API. It may be answering requests meanwhile: the routes appear at once, and last."""
    from app.web.api.nouns import application  # read here: see above

    api = application()
    names = api.blueprints.keys()
    app.blueprints.update(api.blueprints)
    app.view_functions.update(
        {name: view for name, view in api.view_functions.items() if name.partition(".")[0] in names}
    )
    for attribute in WITH_EACH:
        of_each = getattr(api, attribute)
        getattr(app, attribute).update({name: of_each[name] for name in names if name in of_each})
    for name, value in api.config.items():
        app.config.setdefault(name, value)
    app.extensions["api"] = api
    # A map that others look routes up in is never added to: they could meet it half sorted.
    app.url_map = _together(app.url_map, api.url_map, names)


class OnDemand:
    """WSGI around `app`: the API joins it before the first request below /api is answered. No other waits."""

    def __init__(self, app: Flask) -> None:
        self._app, self._answer = app, app.wsgi_app
        self._joining = Lock()
        self._has_joined = False

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if not self._has_joined and environ.get("PATH_INFO", "").startswith(BELOW):
            with self._joining:
                if not self._has_joined:
                    join(self._app)
                    self._has_joined = True
        return self._answer(environ, start_response)


def _together(pages: Map, api: Map, names: Iterable[str]) -> Map:
    """The rules of both; of the second only those that belong to the blueprints `names`."""
    of_nouns = (rule for rule in api.iter_rules() if rule.endpoint.partition(".")[0] in names)
    both = type(pages)(host_matching=pages.host_matching)
    both.converters.update(pages.converters)
    for rule in (*pages.iter_rules(), *of_nouns):
        copy = rule.empty()
        # Flask's mark on a rule, which a copy would lose
        copy.provide_automatic_options = rule.provide_automatic_options  # type: ignore[attr-defined]
        both.add(copy)
    both.update()
    return both
