"""`nightbell backup`, `restore`: all rows in one SQLite file, whichever database they are in.

A file from either kind of database can be put back into either. What was due in it long ago is held before it
is anybody's database, so that no crash in between lets an engine page for last week (INV-26).
"""

import os
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import click
import sqlalchemy as sa

from app import clock, create_pageless_app, migrations
from app.alerts import restored
from app.cli import rows
from app.cli.session import opened, settings
from app.config import Settings
from app.database import db, transaction


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def backup(file: Path) -> None:
    """Copy the database to the SQLite file FILE, as it is at one moment, while everything runs.

    The keys in the instance directory are not in it: keep those too, apart from it.
    """
    current = settings()
    if file.exists():
        raise click.ClickException(f"{file} is there already; a backup never overwrites one")
    partial = _new(file.with_name(file.name + ".part"))
    if current.on_sqlite:
        _copy_file(_path_of(current), partial)
    else:
        _copy_rows_out(current, partial)
    with closing(sqlite3.connect(partial)) as copy:
        _check(copy, partial)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, complete in itself
        end = copy.execute("SELECT position, digest FROM audit_seal ORDER BY position DESC LIMIT 1").fetchone()
    _write_through(partial)
    partial.rename(file)
    click.echo(
        f"{file}: {file.stat().st_size:,} bytes, checked. Keep {current.instance_dir}'s keys as well, apart."
    )
    if end is not None:  # who can edit the file could make its chain anew; not what was written down elsewhere
        click.echo(f"The record of who did what ends at {end[0]}:{end[1]} in it: write that down elsewhere.")


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--yes", is_flag=True, help="Do not ask; the present database is kept beside it.")
def restore(file: Path, yes: bool) -> None:
    """Put FILE, made by `nightbell backup`, in the place of the database. Stop Nightbell first.

    On PostgreSQL it goes into an empty database. An alert that was due long ago pages nobody by itself.
    """
    current = settings()
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as copy:
        _check(copy, file)
    if current.on_sqlite:
        target = _path_of(current)
        _ask_to_replace(target, yes=yes)
        partial = target.with_name(target.name + ".part")
        held = _prepared(file, partial, current)
        kept = _keep(target)
        partial.replace(target)
        click.echo(f"{target} is what {file} was." + (f" What was there is {kept}." if kept else ""))
    else:
        partial = current.instance_dir / "restore.part"
        held = _prepared(file, partial, current)
        copied = _copy_rows_in(partial, current)
        partial.unlink()
        click.echo(f"{copied:,} rows are in the database, and are what {file} was.")
    if held:
        click.echo(f"{held} of its alerts were due long ago: held for review, and administrators are told.")


def _prepared(file: Path, partial: Path, current: Settings) -> int:
    """Bring a copy of the backup to this version's schema, and hold in it what was due long ago; how much."""
    shutil.copyfile(file, _new(partial))
    with _file_as_database(partial, current):
        migrations.upgrade()
        with transaction():
            held = restored.hold_overdue(at=clock.now())
    with closing(sqlite3.connect(partial)) as copy:
        copy.execute("PRAGMA journal_mode=DELETE")
    _write_through(partial)
    return held


def _copy_file(source: Path, partial: Path) -> None:
    if not source.exists():
        raise click.ClickException(f"there is no database at {source}")
    with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(partial)) as copy:
        live.backup(copy)


def _copy_rows_out(current: Settings, partial: Path) -> None:
    """All rows of PostgreSQL as one transaction sees them, compared with what arrived."""
    with _file_as_database(partial, current):
        migrations.upgrade()
        to = db.engine.connect().execution_options(writes=True)
        with to as target, target.begin(), opened(), _one_moment() as source:
            rows.copy(source, target)
            if differ := rows.differing(source, target):
                raise click.ClickException(f"the copy differs in {', '.join(differ)}")


def _copy_rows_in(partial: Path, current: Settings) -> int:
    """All rows of the file into the empty PostgreSQL database, in one transaction; answers how many."""
    with opened(any_version=True):
        migrations.upgrade()
        with db.engine.begin() as target, _file_as_database(partial, current), db.engine.connect() as source:
            target.execute(sa.text("SET LOCAL statement_timeout = 0"))
            if held := rows.filled(target):
                raise click.ClickException(f"the database holds rows already, in {held[0]}: give an empty one")
            copied = rows.copy(source, target)
            if differ := rows.differing(source, target):
                raise click.ClickException(f"nothing was restored: the copy differs in {', '.join(differ)}")
    return sum(copied.values())


@contextmanager
def _one_moment() -> Iterator[sa.Connection]:
    """The database as it is now, for as long as it takes to read, whatever is written meanwhile."""
    with db.engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        connection.execute(sa.text("SET LOCAL statement_timeout = 0"))
        connection.execute(sa.text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        yield connection


@contextmanager
def _file_as_database(path: Path, current: Settings) -> Iterator[None]:
    """Work on this SQLite file as if it were the installation's database."""
    with create_pageless_app(replace(current, database_url=f"sqlite:///{path}")).app_context():
        try:
            yield
        finally:
            db.session.remove()
            db.engine.dispose()


def _path_of(current: Settings) -> Path:
    return Path(current.database_url.removeprefix("sqlite:///"))


def _new(path: Path) -> Path:
    """An empty file for our own account alone, in the place of what an earlier try may have left."""
    for left in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
        left.unlink(missing_ok=True)
    path.touch(mode=0o600)
    return path


def _ask_to_replace(target: Path, *, yes: bool) -> None:
    if target.exists() and not yes:
        if not sys.stdin.isatty():
            raise click.UsageError(f"{target} would be replaced: say --yes")
        click.confirm(f"Replace {target}? It is kept beside it.", abort=True)


def _check(connection: sqlite3.Connection, file: Path) -> None:
    """End the command unless the file is whole and ours."""
    try:
        found = connection.execute("PRAGMA integrity_check").fetchone()[0]
        connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.DatabaseError as error:
        raise click.ClickException(f"{file} is no database of Nightbell: {error}") from error
    if found != "ok":
        raise click.ClickException(f"{file} is damaged: {found}")


def _keep(target: Path) -> Path | None:
    """Give the present database a second name, so that there always is one. Refuses one that is in use."""
    if not target.exists():
        return None
    with closing(sqlite3.connect(target, timeout=0, isolation_level=None)) as live:
        try:
            live.execute(
                "PRAGMA journal_mode=DELETE"
            )  # takes the whole file, or fails; empties the log into it
        except sqlite3.OperationalError as error:
            raise click.ClickException(f"{target} is in use ({error}): stop Nightbell first") from error
    number = 1
    while (kept := target.with_name(f"{target.name}.before-restore-{number}")).exists():
        number += 1
    os.link(target, kept)
    return kept


def _write_through(file: Path) -> None:
    descriptor = os.open(file, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
