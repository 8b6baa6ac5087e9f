"""F-24, F-25: a new version while alerts are under way, and yesterday's backup on another machine."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from app import clock, create_pageless_app, migrations
from app.cli import main
from app.database import db
from tests.fault.harness import Lane, check, environment, watch_for_second_marks
from tests.support import databases
from tests.support.lane import IS_FULL
from tests.support.waiting import until

ALERTS = 200 if IS_FULL else 20
LEASE = 1.0

pytestmark = [pytest.mark.fault, pytest.mark.parametrize("kind", ["sqlite"], indirect=True)]


def test_F24_INV25_alerts_under_way_go_on_after_the_newest_migration_and_old_code_stands_aside(
    lane: Lane, tmp_path: Path
) -> None:
    before = _version_before(migrations.head())
    for number in range(ALERTS):
        lane.fire(f"alert {number}")
    file = Path(lane.settings.database_url.removeprefix("sqlite:///"))
    _become_older(lane, file, before)
    early = lane.start_engine(lease=LEASE, name="new")
    until(lambda: "stands aside" in lane.nursery.log.read_text(), within=60, what="it waits for its schema")
    assert lane.service.posts == []
    migrations.upgrade()
    watch_for_second_marks()
    until(lambda: lane.service.posts != [], within=60, what="the new engine goes on by itself")
    early.kill()
    lane.in_hand += lane.held_by(early)
    told = lane.nursery.log.read_text().count("stands aside")
    old = lane.start_engine(lease=LEASE, name="old", schema=before)
    until(lambda: lane.nursery.log.read_text().count("stands aside") > told, within=60)
    old.kill()
    lane.start_engines(lease=LEASE)
    lane.settle(within=120)
    verdict = check(lane)
    assert verdict.holds, verdict.line()
    assert {post.headers["X-Engine"] for post in lane.service.posts if "X-Engine" in post.headers} == {"new"}


def _version_before(version: str) -> str:
    versions = sorted(path.name[:4] for path in (Path(migrations.__file__).parent / "versions").glob("0*_*.py"))
    return versions[versions.index(version) - 1]


def _become_older(lane: Lane, file: Path, version: str) -> None:
    """The same rows at the schema before the newest, as they were there: in the columns that both have."""
    db.session.remove()
    db.engine.dispose()
    older = file.with_name("older.db")
    with create_pageless_app(replace(lane.settings, database_url=f"sqlite:///{older}")).app_context():
        databases.upgrade_to(version)
        db.engine.dispose()
    with closing(sqlite3.connect(older, isolation_level=None)) as rows:
        rows.execute("ATTACH ? AS newer", [str(file)])
        # the words of the search are not copied: its triggers write them anew with the rows they come from
        stored = "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table'"
        for (table,) in rows.execute(stored).fetchall():
            if table.startswith(("sqlite_", "alembic")) or not _columns(rows, "newer", table):
                continue
            both = [name for name in _columns(rows, "main", table) if name in _columns(rows, "newer", table)]
            names = ", ".join(f'"{name}"' for name in both)
            rows.execute(f'INSERT OR REPLACE INTO main."{table}" ({names}) SELECT {names} FROM newer."{table}"')
    for left in ("-wal", "-shm"):
        file.with_name(file.name + left).unlink(missing_ok=True)
    older.replace(file)


def _columns(rows: sqlite3.Connection, schema: str, table: str) -> list[str]:
    return [name for _, name, *_ in rows.execute(f"PRAGMA {schema}.table_info('{table}')")]


def test_F25_SEC37_INV26_a_backup_under_load_goes_back_on_another_machine_six_hours_later(
    lane: Lane, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lane.start_engines(lease=LEASE)
    for number in range(ALERTS):
        lane.fire(f"alert {number}")
    until(lambda: len(lane.service.posts) >= ALERTS // 2, within=60, what="it is in the middle of it")
    backup = tmp_path / "backup.db"
    _nightbell(monkeypatch, environment(lane.settings), "backup", str(backup))
    lane.kill_engines()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    file = elsewhere / "nightbell.db"
    other = replace(lane.settings, instance_dir=elsewhere, database_url=f"sqlite:///{file}")
    later = clock.host() + timedelta(hours=6)
    with clock.fixed(later):
        monkeypatch.setattr(clock, "use", lambda _source: None)  # the command would wire the host's own
        _nightbell(monkeypatch, environment(other), "restore", str(backup), "--yes")
    assert _counted(file) == _counted(backup)
    with closing(sqlite3.connect(file)) as rows:
        due = "SELECT count(*) FROM escalation WHERE next_due_at IS NOT NULL"
        waiting = (
            "SELECT count(*) FROM delivery JOIN page ON page.id = page_id"
            " WHERE page.kind = 'page' AND next_attempt_at IS NOT NULL"
        )
        held = "SELECT count(*) FROM escalation WHERE state = 'held'"
        assert rows.execute(due).fetchone() == (0,)
        assert rows.execute(waiting).fetchone() == (0,)
        assert rows.execute(held).fetchone()[0] > 0
        assert rows.execute("SELECT count(*) FROM page WHERE kind = 'notice'").fetchone()[0] >= 1


def _nightbell(monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], *words: str) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    ran = CliRunner().invoke(main, words)
    assert ran.exit_code == 0, ran.output


def _counted(file: Path) -> dict[str, int]:
    """How many rows each table has whose rows a restore adds nothing to."""
    with closing(sqlite3.connect(file)) as rows:
        return {
            name: rows.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]
            for name in ("alert", "escalation", "raw_request", "user", "integration", "push_subscription")
        }
