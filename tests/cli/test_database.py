"""`nightbell db upgrade`, `backup` and `restore`."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import Result

from app import clock as app_clock
from app import create_pageless_app, migrations
from app.alerts.models import Integration
from app.alerts.receive import receive
from app.database import db, transaction
from app.domain.alert import IncomingAlert
from app.domain.words import Severity
from tests.support.databases import settings_for
from tests.support.two_houses import TwoHouses

Nightbell = Callable[..., Result]


def rename_organisation(database: Path, name: str) -> None:
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute(
            "INSERT OR REPLACE INTO organisation (id, name, time_zone, is_demo, created_at)"
            " VALUES (1, ?, 'UTC', 0, '2026-11-12 03:10:00')",
            (name,),
        )


def organisation(database: Path) -> str:
    with closing(sqlite3.connect(database)) as connection:
        return str(connection.execute("SELECT name FROM organisation").fetchone()[0])


def test_upgrade_makes_the_schema_and_can_be_repeated(nightbell: Nightbell) -> None:
    first, second = nightbell("db", "upgrade", "--json"), nightbell("db", "upgrade", "--json")
    assert json.loads(first.output) == {"before": None, "after": migrations.head()}
    assert json.loads(second.output) == {"before": migrations.head(), "after": migrations.head()}


def test_a_backup_is_complete_private_and_never_overwrites(
    migrated: Nightbell, instance: Path, tmp_path: Path
) -> None:
    rename_organisation(instance / "nightbell.db", "Before")
    copy = tmp_path / "copy.db"
    assert migrated("backup", str(copy)).exit_code == 0
    assert organisation(copy) == "Before"
    assert copy.stat().st_mode & 0o077 == 0
    again = migrated("backup", str(copy))
    assert again.exit_code == 1
    assert "never overwrites" in again.output


def test_SEC18_a_backup_says_where_its_chain_ends(migrated: Nightbell, instance: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(instance / "nightbell.db")) as connection, connection:
        for position in (1, 2):
            connection.execute(
                "INSERT INTO audit_seal VALUES (?, ?, ?)", (position, position, f"{position}f" * 32)
            )
    said = migrated("backup", str(tmp_path / "copy.db")).output
    assert f"ends at 2:{'2f' * 32} in it" in said
    assert migrated("audit", "head").output.strip() in said


def test_restore_puts_the_backup_in_place_and_keeps_what_was_there(
    migrated: Nightbell, instance: Path, tmp_path: Path
) -> None:
    database = instance / "nightbell.db"
    rename_organisation(database, "Before")
    migrated("backup", str(tmp_path / "copy.db"))
    rename_organisation(database, "After")
    restored = migrated("restore", str(tmp_path / "copy.db"), "--yes")
    assert restored.exit_code == 0, restored.output
    assert organisation(database) == "Before"
    assert organisation(instance / "nightbell.db.before-restore-1") == "After"


def test_INV26_restore_holds_what_was_due_long_ago(covered: Nightbell, instance: Path, tmp_path: Path) -> None:
    fire_long_ago(instance, f"sqlite:///{instance / 'nightbell.db'}")
    covered("backup", str(tmp_path / "copy.db"))
    restored = covered("restore", str(tmp_path / "copy.db"), "--yes")
    assert "1 of its alerts were due long ago: held for review" in restored.output


def test_INV26_a_restore_that_is_cut_off_leaves_the_present_database_and_a_held_copy(
    covered: Nightbell, instance: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fire_long_ago(instance, f"sqlite:///{instance / 'nightbell.db'}")
    covered("backup", str(tmp_path / "copy.db"))
    rename_organisation(instance / "nightbell.db", "Present")

    def cut_off(*_: object) -> None:
        raise SystemExit(137)

    with monkeypatch.context() as power:
        power.setattr(Path, "replace", cut_off)
        assert covered("restore", str(tmp_path / "copy.db"), "--yes").exit_code == 137
    assert organisation(instance / "nightbell.db") == "Present"
    with closing(sqlite3.connect(instance / "nightbell.db.part")) as copy:
        assert copy.execute("SELECT state, next_due_at FROM escalation").fetchall() == [("held", None)]


def test_INV26_a_backup_of_postgresql_goes_back_into_either_kind_of_database(
    nightbell: Nightbell, instance: Path, tmp_path: Path, empty_postgresql: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NIGHTBELL_DATABASE_URL", empty_postgresql)
    assert nightbell("db", "upgrade").exit_code == 0
    with create_pageless_app(settings_for(instance, empty_postgresql)).app_context():
        with app_clock.fixed(datetime(2026, 11, 1, tzinfo=UTC)), transaction():
            TwoHouses()
        db.session.remove()
        db.engine.dispose()
    file = tmp_path / "copy.db"
    saved = nightbell("backup", str(file))
    assert saved.exit_code == 0, saved.output
    full = nightbell("restore", str(file), "--yes")
    assert full.exit_code == 1
    assert "holds rows already" in full.output
    with create_pageless_app(settings_for(instance, empty_postgresql)).app_context():
        with db.engine.begin() as connection:
            connection.exec_driver_sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        db.engine.dispose()
    back = nightbell("restore", str(file), "--yes")
    assert back.exit_code == 0, back.output
    assert "held for review" in back.output
    monkeypatch.setenv("NIGHTBELL_DATABASE_URL", f"sqlite:///{instance / 'other.db'}")
    into_sqlite = nightbell("restore", str(file), "--yes")
    assert into_sqlite.exit_code == 0, into_sqlite.output
    again = tmp_path / "again.db"
    assert nightbell("backup", str(again)).exit_code == 0
    assert counted(again) == counted(instance / "other.db")


def counted(database: Path) -> dict[str, int]:
    with closing(sqlite3.connect(database)) as rows:
        tables = [name for (name,) in rows.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: rows.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in tables}


def fire_long_ago(instance: Path, database_url: str) -> None:
    with create_pageless_app(settings_for(instance, database_url)).app_context():
        with app_clock.fixed(datetime(2026, 11, 1, tzinfo=UTC)), transaction():
            door = db.session.get(Integration, 1)
            assert door is not None
            receive(IncomingAlert("old", "Disk full", severity=Severity.CRITICAL), door, at=app_clock.now())
        db.session.remove()
        db.engine.dispose()


def test_restore_asks_nothing_when_nobody_can_answer(
    migrated: Nightbell, instance: Path, tmp_path: Path
) -> None:
    migrated("backup", str(tmp_path / "copy.db"))
    refused = migrated("restore", str(tmp_path / "copy.db"))
    assert refused.exit_code == 2
    assert "say --yes" in refused.output


def test_restore_refuses_a_file_that_is_no_database_of_ours(migrated: Nightbell, tmp_path: Path) -> None:
    other = tmp_path / "letter.txt"
    other.write_text("Dear Ada")
    refused = migrated("restore", str(other), "--yes")
    assert refused.exit_code == 1
    assert "no database of Nightbell" in refused.output


def test_restore_refuses_while_the_database_is_in_use(
    migrated: Nightbell, instance: Path, tmp_path: Path
) -> None:
    migrated("backup", str(tmp_path / "copy.db"))
    with closing(sqlite3.connect(instance / "nightbell.db")) as busy:
        busy.execute("SELECT count(*) FROM alert").fetchone()
        busy.execute("BEGIN IMMEDIATE")
        refused = migrated("restore", str(tmp_path / "copy.db"), "--yes")
    assert refused.exit_code == 1
    assert "stop Nightbell first" in refused.output


def test_a_command_that_needs_rows_says_how_to_make_the_schema(nightbell: Nightbell) -> None:
    refused = nightbell("engine")
    assert refused.exit_code == 1
    assert "nightbell db upgrade" in refused.output
