"""`nightbell move-to-postgres`: every row arrives, and the next one is numbered after it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import Result

from app import create_pageless_app
from app.cli import rows
from app.database import db, transaction
from app.engine import only_engine
from app.people.models import User
from tests.support.cast import make_user
from tests.support.databases import settings_for
from tests.support.two_houses import TwoHouses

Nightbell = Callable[..., Result]


def fill(instance: Path) -> None:
    with create_pageless_app(settings_for(instance, f"sqlite:///{instance / 'nightbell.db'}")).app_context():
        with transaction():
            TwoHouses()
        db.session.remove()
        db.engine.dispose()


def test_moving_keeps_every_row_and_number_and_a_second_move_is_refused(
    migrated: Nightbell, instance: Path, empty_postgresql: str
) -> None:
    fill(instance)
    moved = migrated("move-to-postgres", empty_postgresql, "--json")
    assert moved.exit_code == 0, moved.output
    said = json.loads(moved.output)
    assert said["audit_faults"] == []
    assert said["rows"]["alert"] >= 2
    assert said["rows"]["escalation"] == said["rows"]["alert"]
    with create_pageless_app(settings_for(instance, empty_postgresql)).app_context():
        with transaction():
            highest = db.session.scalar(sa.select(sa.func.max(User.id))) or 0
            assert make_user("Newcomer").id == highest + 1
        db.session.remove()
        db.engine.dispose()
    again = migrated("move-to-postgres", empty_postgresql)
    assert again.exit_code == 1
    assert "holds rows already" in again.output


def test_a_move_notices_a_web_process_that_still_has_the_file(
    migrated: Nightbell, instance: Path, empty_postgresql: str
) -> None:
    fill(instance)
    with create_pageless_app(settings_for(instance, f"sqlite:///{instance / 'nightbell.db'}")).app_context():
        db.session.execute(sa.text("SELECT count(*) FROM alert"))  # as a page of web did: its connection stays
        db.session.rollback()
        refused = migrated("move-to-postgres", empty_postgresql)
        db.session.remove()
        db.engine.dispose()
    assert refused.exit_code == 1
    assert "stop Nightbell's web first" in refused.output
    assert migrated("move-to-postgres", empty_postgresql).exit_code == 0


def test_a_copy_that_differs_is_not_kept(
    migrated: Nightbell, instance: Path, empty_postgresql: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(instance)
    whole = rows.copy

    def loses_an_alert_timer(source: sa.Connection, target: sa.Connection) -> dict[str, int]:
        copied = whole(source, target)
        target.exec_driver_sql("UPDATE escalation SET round = round + 1")
        return copied

    monkeypatch.setattr(rows, "copy", loses_an_alert_timer)
    refused = migrated("move-to-postgres", empty_postgresql)
    assert refused.exit_code == 1
    assert "differs in escalation" in refused.output
    monkeypatch.undo()
    monkeypatch.setenv("NIGHTBELL_INSTANCE_DIR", str(instance))
    assert migrated("move-to-postgres", empty_postgresql).exit_code == 0


def test_it_refuses_while_an_engine_runs_and_an_address_that_is_no_postgresql(
    migrated: Nightbell, instance: Path
) -> None:
    assert migrated("move-to-postgres", "sqlite:///elsewhere.db").exit_code == 2
    with only_engine(instance / "engine.lock"):
        refused = migrated("move-to-postgres", "postgresql://nobody@127.0.0.1:1/none")
    assert refused.exit_code == 1
    assert "Stop Nightbell first" in refused.output
    unreachable = migrated("move-to-postgres", "postgresql://nobody@127.0.0.1:1/none")
    assert unreachable.exit_code == 1
    assert "cannot be used" in unreachable.output
