"""`nightbell audit verify` and `audit head`."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import Result

from app.timeline.seal import BEGINNING

Nightbell = Callable[..., Result]


@pytest.fixture
def sealed(migrated: Nightbell, instance: Path) -> Path:
    """Two people added at the command line and sealed, as an engine does."""
    from app import create_pageless_app
    from app.database import transaction
    from app.timeline import seal
    from tests.support.databases import settings_for

    for name in ("Ada", "Ben"):
        made = migrated(
            "user", "create", "--email", f"{name}@nightbell.example", "--name", name, "--role", "responder"
        )
        assert made.exit_code == 0, made.output
    database = instance / "nightbell.db"
    with create_pageless_app(settings_for(instance, f"sqlite:///{database}")).app_context(), transaction():
        assert seal.seal() == 2
    return database


def test_SEC18_it_passes_and_after_one_edit_by_SQL_names_the_row(migrated: Nightbell, sealed: Path) -> None:
    fine = migrated("audit", "verify")
    assert (fine.exit_code, fine.output) == (0, "2 events sealed, 0 waiting: intact.\n")
    with closing(sqlite3.connect(sealed)) as connection, connection:
        connection.execute("DROP TRIGGER event_no_update")
        connection.execute("UPDATE event SET at = '2020-01-01 00:00:00.000000' WHERE id = 2")
    broken = migrated("audit", "verify")
    assert broken.exit_code == 1
    assert "event 2 is not as it was sealed at 2." in broken.output
    told = json.loads(migrated("audit", "verify", "--json").output)
    assert told["ok"] is False
    assert told["faults"][0]["event_id"] == "2"


def test_a_head_written_down_is_looked_for(migrated: Nightbell, sealed: Path) -> None:
    head = migrated("audit", "head").output.strip()
    assert json.loads(migrated("audit", "head", "--json").output)["position"] == 2
    assert migrated("audit", "verify", "--head", head).exit_code == 0
    other = migrated("audit", "verify", "--head", f"2:{'f' * 64}")
    assert other.exit_code == 1
    assert "does not pass through 2:" in other.output
    assert migrated("audit", "verify", "--head", "two").exit_code == 2


def test_an_empty_chain_is_intact(migrated: Nightbell) -> None:
    assert migrated("audit", "head").output == f"0:{BEGINNING}\n"
    assert migrated("audit", "verify").exit_code == 0
