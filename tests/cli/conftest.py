"""The command as a person or a script calls it, on an installation of its own."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from app import clock as app_clock
from app import create_pageless_app
from app.cli import main
from app.database import db, transaction
from app.oncall import schedules
from tests.support.cast import Cast
from tests.support.databases import settings_for


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty instance directory that every command of the test uses."""
    for name in ("DATABASE_URL", "BASE_URL", "SECRET_KEY", "VAPID_PRIVATE_KEY", "VAPID_SUBJECT", "SMTP_URL"):
        monkeypatch.delenv(f"NIGHTBELL_{name}", raising=False)
    directory = tmp_path / "instance"
    monkeypatch.setenv("NIGHTBELL_INSTANCE_DIR", str(directory))
    return directory


@pytest.fixture
def nightbell(instance: Path) -> Callable[..., Result]:
    """Calls `nightbell WORD…`; `stdin` is what it may read, never a terminal."""

    def call(*words: str, stdin: str = "") -> Result:
        return CliRunner().invoke(main, words, input=stdin, prog_name="nightbell")

    return call


@pytest.fixture
def migrated(nightbell: Callable[..., Result]) -> Callable[..., Result]:
    """The same, with the schema in place."""
    assert nightbell("db", "upgrade").exit_code == 0
    return nightbell


@pytest.fixture
def covered(migrated: Callable[..., Result], instance: Path) -> Callable[..., Result]:
    """Ada and Ben take turns by the week, from Monday 09:00 in London; the policy asks Ada, then Ben."""
    app = create_pageless_app(settings_for(instance, f"sqlite:///{instance / 'nightbell.db'}"))
    with app.app_context(), app_clock.fixed(datetime(2026, 11, 1, tzinfo=UTC)):
        with transaction():
            cast = Cast()
            turns = [[str(cast.ada.id)], [str(cast.ben.id)]]
            rotation = {"unit": "week", "length": 1, "start": "2026-11-09T09:00", "participants": turns}
            schedules.create(
                name="Payments primary", team_id=cast.payments.id, time_zone="Europe/London",
                layers=[{"name": "Weekly", "priority": 1, "rotation": rotation, "restrictions": []}],
                by=cast.root, at=app_clock.now(),
            )  # fmt: skip
        db.session.remove()
        db.engine.dispose()
    return migrated


@pytest.fixture
def empty_postgresql(postgresql_url: str) -> Iterator[str]:
    """The address of a database of this test's own, on the server of the test run."""
    server = sa.create_engine(postgresql_url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with server.connect() as connection:
        connection.exec_driver_sql("DROP DATABASE IF EXISTS moved WITH (FORCE)")
        connection.exec_driver_sql("CREATE DATABASE moved")
        address = sa.make_url(postgresql_url).set(drivername="postgresql", database="moved")
        yield address.render_as_string(hide_password=False)
        connection.exec_driver_sql("DROP DATABASE moved WITH (FORCE)")
