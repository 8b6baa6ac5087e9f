"""Fixtures: the app on both databases, with a clock that stands still."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings

from app import clock as app_clock
from tests.support import databases
from tests.support.clock import TestClock
from tests.support.lane import IS_FULL
from tests.support.shared_apps import SharedApps

# A property is about the answer: how long a busy machine takes for one example says nothing of it.
# The check tries the same examples each time, to say the same of the same code; bin/fault tries new ones.
settings.register_profile("nightbell", deadline=None, derandomize=not IS_FULL)
settings.load_profile("nightbell")

ROOMS = ("alerts", "incidents", "learning", "leaving", "notices", "oncall", "paging", "people", "timeline")


@pytest.fixture(scope="session")
def postgresql_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with databases.postgresql_server() as url:
        databases.migrate(url, tmp_path_factory.mktemp("pg-instance"))
        yield url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    instance = tmp_path_factory.mktemp("sqlite-instance")
    databases.migrate(f"sqlite:///{instance / 'nightbell.db'}", instance)
    return instance / "nightbell.db"


@pytest.fixture(params=databases.KINDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty, migrated database: the test runs once on each kind."""
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgresql_url"))
    shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "nightbell.db")
    return f"sqlite:///{tmp_path / 'nightbell.db'}"


@pytest.fixture
def clock() -> TestClock:
    return TestClock()


@pytest.fixture
def setting_changes() -> dict[str, object]:
    """What a test file sets otherwise than the rest, by the setting's name."""
    return {}


@pytest.fixture
def has_pages(request: pytest.FixtureRequest) -> bool:
    """Whether requests are answered. Tests of a room do without, as the engine does: to register all pages
    takes longer than most of them. A file of theirs that asks over HTTP says so.
    """
    return request.path.parent.name not in ROOMS


@pytest.fixture(scope="session")
def shared_apps() -> SharedApps:
    return SharedApps()


@pytest.fixture
def app(
    shared_apps: SharedApps,
    database_url: str,
    tmp_path: Path,
    clock: TestClock,
    setting_changes: dict[str, object],
    has_pages: bool,
) -> Iterator[Flask]:
    """The app on an empty database, its context pushed, its clock the test's."""
    settings = databases.settings_for(tmp_path, database_url, **setting_changes)
    with shared_apps.on(settings, has_pages=has_pages) as app, app_clock.fixed(clock):
        yield app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()
