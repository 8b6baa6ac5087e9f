"""What the fault tests stand on: one nursery of engines, an installation of each kind, a seed that is told."""

import os
import random
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from apiflask import APIFlask

from app import clock
from tests.fault.harness import Lane, Nursery
from tests.support.lane import IS_FULL
from tests.support.push_service import PushService

KINDS = ("sqlite", "sweep", "queue")


@pytest.fixture(scope="session")
def nursery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    nursery = Nursery(tmp_path_factory.mktemp("nursery") / "engines.log")
    yield nursery
    nursery.close()


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """How engines work: one on SQLite; two that only sweep on PostgreSQL; two with procrastinate's queue."""
    return str(request.param)


@pytest.fixture
def database_url(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty, migrated database of this kind."""
    if kind != "sqlite":
        return str(request.getfixturevalue("postgresql_url"))
    shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "nightbell.db")
    return f"sqlite:///{tmp_path / 'nightbell.db'}"


@pytest.fixture
def lane(app: APIFlask, tmp_path: Path, database_url: str, nursery: Nursery, kind: str) -> Iterator[Lane]:
    with PushService() as service, clock.fixed(clock.host):
        lane = Lane(tmp_path, database_url, service, nursery, kind)
        yield lane
        lane.kill_engines()


@pytest.fixture
def chance(record_property: Callable[[str, object], None]) -> random.Random:
    """Seeded by NIGHTBELL_FAULT_SEED, or anew; what the seed was is told when the test fails."""
    seed = int(os.environ.get("NIGHTBELL_FAULT_SEED") or random.SystemRandom().randrange(10_000))
    record_property("seed", seed)
    sys.stdout.write(f"seed={seed}\n")
    return random.Random(seed)


@pytest.fixture
def progress(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """One line that is written over, for the long lane; silent in the quick one."""
    begun = time.monotonic()

    def say(words: str) -> None:
        if IS_FULL and sys.__stderr__ is not None:
            sys.__stderr__.write(f"\r{request.node.name}: {words}, {time.monotonic() - begun:.0f} s\033[K")
            sys.__stderr__.flush()

    return say
