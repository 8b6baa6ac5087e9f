"""One app for many tests: to register every page, read the templates and prepare the statements takes longer
than most tests do. It is done once for each kind of settings and then pointed at each test's own database.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask

from app import create_app, create_pageless_app
from app.config import Settings
from app.database import db
from app.web import incident_watch
from tests.support import databases
from tests.support.fresh_client import FreshClient


class SharedApps:
    """The apps made so far, by whether they have pages and by their settings, whatever database these name."""

    def __init__(self) -> None:
        self._made: dict[tuple[bool, Settings], tuple[Flask, dict[str, Any]]] = {}

    @contextmanager
    def on(self, settings: Settings, *, has_pages: bool) -> Iterator[Flask]:
        """The app on the empty database that `settings` name, its context pushed; all that a test left in it is
        forgotten before the next.
        """
        kind = replace(
            settings,
            instance_dir=Path(),
            database_url=settings.database_url.split(":")[0],
            vapid_private_key="",
        )
        if (has_pages, kind) not in self._made:
            app = create_app(settings) if has_pages else create_pageless_app(settings)
            app.testing = True
            app.test_client_class = FreshClient
            if settings.on_sqlite:
                with app.app_context():
                    sa.event.listen(
                        db.engine, "do_connect", lambda _dialect, _record, to, _how: _follow(app, to)
                    )
                    sa.event.listen(db.engine, "connect", _need_no_disk)
            self._made[has_pages, kind] = app, dict(app.config)
        app, config = self._made[has_pages, kind]
        app.config.clear()
        app.config.update(config, settings=settings)
        app.extensions.pop("trends", None)
        app.extensions.pop("oncall_kept", None)
        incident_watch.register(app)
        with app.app_context():
            if not settings.on_sqlite:
                databases.empty(db.engine)
            yield app
            db.session.remove()
            if settings.on_sqlite:
                db.engine.dispose()  # its file is this test's own
            else:
                databases.keep(db.engine)


def _follow(app: Flask, to: list[Any]) -> None:
    """Connect to the file that the running test's settings name."""
    to[0] = app.config["settings"].database_url.removeprefix("sqlite:///")


def _need_no_disk(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA synchronous=OFF")  # no test here pulls the plug
    # Rows in an order nobody asked for come backwards, as PostgreSQL gives them once it has reused a place.
    connection.execute("PRAGMA reverse_unordered_selects=ON")
