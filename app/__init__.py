"""Nightbell: a pager that can prove it will ring."""

from flask import Flask

from app import clock, config, database
from app.alerts import models as _alerts
from app.incidents import models as _incidents
from app.learning import models as _learning
from app.notices import models as _notices
from app.oncall import models as _oncall
from app.oncall import ring_models as _rings
from app.paging import models as _paging
from app.paging.destinations import models as _destinations
from app.people import models as _people
from app.people import ways_in as _ways_in
from app.telling import models as _telling
from app.timeline import models as _timeline
from app.trends import models as _trends

ROOMS = (
    _people,
    _ways_in,
    _timeline,
    _paging,
    _notices,
    _oncall,
    _rings,
    _alerts,
    _incidents,
    _destinations,
    _telling,
    _trends,
    _learning,
)  # imported so that every table is known


def create_app(settings: config.Settings | None = None, *, api_on_demand: bool = False) -> Flask:
    """The product, wired: settings, database, clock, pages, API. Raises ConfigurationError for all problems.

    With `api_on_demand` the API's modules are read when the first program asks.
    """
    from app import web  # the pages are 20 MB that an engine does without
    from app.web.api import arrival

    app = _wired(Flask(__name__, static_folder="../static"), settings)
    web.register(app)
    if api_on_demand:
        app.wsgi_app = arrival.OnDemand(app)  # type: ignore[method-assign]
    else:
        arrival.join(app)
    return app


def create_pageless_app(settings: config.Settings | None = None) -> Flask:
    """The same for a process that answers no requests: the engine, a command. Raises ConfigurationError."""
    return _wired(Flask(__name__, static_folder=None), settings)


def _wired(app: Flask, settings: config.Settings | None) -> Flask:
    settings = settings or config.Settings.from_environment()
    if app.debug:  # its error pages run whatever code a visitor types (SEC-27)
        raise config.ConfigurationError(["FLASK_DEBUG: must be off; Nightbell has no debug mode"])
    app.config["settings"] = settings
    app.secret_key = settings.secret_key
    database.init(app, settings)
    clock.use(clock.host if settings.on_sqlite else database.database_now)
    return app
