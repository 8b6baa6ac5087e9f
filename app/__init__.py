"""Nightbell: a pager that can prove it will ring."""

from apiflask import APIFlask

from app import clock, config, database, web
from app.alerts import models as _alerts
from app.incidents import models as _incidents
from app.oncall import models as _oncall
from app.paging import models as _paging
from app.people import models as _people
from app.timeline import models as _timeline

ROOMS = (_people, _timeline, _paging, _oncall, _alerts, _incidents)  # imported so that every table is known


def create_app(settings: config.Settings | None = None) -> APIFlask:
    """The product, wired: settings, database, clock, pages. Raises ConfigurationError naming every problem."""
    settings = settings or config.Settings.from_environment()
    app = APIFlask(
        __name__,
        title="Nightbell",
        version="v1",
        static_folder="../static",
        json_errors=False,
        spec_path=None,
        docs_path=None,
    )
    app.config["settings"] = settings
    app.secret_key = settings.secret_key
    database.init(app, settings)
    clock.use(clock.host if settings.on_sqlite else database.database_now)
    web.register(app)
    return app
