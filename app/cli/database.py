"""`nightbell db upgrade`, `backup`, `restore`: the rows as a whole."""

import os
import secrets
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import click

from app import clock, migrations
from app.alerts import restored
from app.cli.session import as_json, opened, print_json, settings
from app.database import db, on_sqlite, transaction


@click.group(name="db")
def db_group() -> None:
    """The database's schema."""


@db_group.command()
@as_json
def upgrade(as_json: bool) -> None:
    """Bring the database to this version's schema. Safe to repeat."""
    with opened(any_version=True):
        before = migrations.current()
        migrations.upgrade()
        after = migrations.current()
    if as_json:
        print_json({"before": before, "after": after})
    elif before == after:
        click.echo(f"The database is already at {after}.")
    else:
        click.echo(f"The database is at {after}; it was {f'at {before}' if before else 'empty'}.")


@db_group.command()
@click.argument("name")
@as_json
def reader(name: str, as_json: bool) -> None:
    """Make NAME a role that reads what notebooks read and no secret, or give it a new password. PostgreSQL
    only.
    """
    from analytics import reader as role

    password = secrets.token_urlsafe(24)
    with opened():
        if on_sqlite():
            raise click.ClickException("SQLite has no roles: notebooks open the file itself, read only.")
        with db.engine.begin() as connection:
            role.make(connection, name, password)
        address = db.engine.url.set(drivername="postgresql", username=name, password=password)
        shown = address.render_as_string(hide_password=False)
    if as_json:
        print_json({"role": name, "address": shown})
    else:
        click.echo(f"{shown}\nShown once. Give it to bin/notebooks --source, from a file or the environment.")


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def backup(file: Path) -> None:
    """Copy the SQLite database to FILE, consistently, while everything runs.

    The keys in the instance directory are not in it: keep those too, apart from it.
    """
    source = _sqlite_file()
    if not source.exists():
        raise click.ClickException(f"there is no database at {source}")
    if file.exists():
        raise click.ClickException(f"{file} is there already; a backup never overwrites one")
    partial = file.with_name(file.name + ".part")
    partial.touch(mode=0o600)
    with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(partial)) as copy:
        live.backup(copy)
        _check(copy, partial)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, complete in itself
    _write_through(partial)
    partial.rename(file)
    click.echo(f"{file}: {file.stat().st_size:,} bytes, checked. Keep {source.parent}'s keys as well, apart.")


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--yes", is_flag=True, help="Do not ask; the present database is kept beside it.")
def restore(file: Path, yes: bool) -> None:
    """Put FILE, made by `nightbell backup`, in the place of the database. Stop Nightbell first."""
    target = _sqlite_file()
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as copy:
        _check(copy, file)
    if target.exists() and not yes:
        if not sys.stdin.isatty():
            raise click.UsageError(f"{target} would be replaced: say --yes")
        click.confirm(f"Replace {target}? It is kept beside it.", abort=True)
    kept = _set_aside(target)
    partial = target.with_name(target.name + ".part")
    partial.touch(mode=0o600)
    partial.write_bytes(file.read_bytes())
    _write_through(partial)
    partial.rename(target)
    with opened(any_version=True):
        migrations.upgrade()
        with transaction():
            held = restored.hold_overdue(at=clock.now())
    click.echo(f"{target} is what {file} was." + (f" What was there is {kept}." if kept else ""))
    if held:
        click.echo(f"{held} of its alerts were due long ago: held for review, and administrators are told.")


def _sqlite_file() -> Path:
    current = settings()
    if not current.on_sqlite:
        raise click.ClickException("this database is PostgreSQL: use pg_dump --format=custom, and pg_restore")
    return Path(current.database_url.removeprefix("sqlite:///"))


def _check(connection: sqlite3.Connection, file: Path) -> None:
    """End the command unless the file is whole and ours."""
    try:
        found = connection.execute("PRAGMA integrity_check").fetchone()[0]
        connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.DatabaseError as error:
        raise click.ClickException(f"{file} is no database of Nightbell: {error}") from error
    if found != "ok":
        raise click.ClickException(f"{file} is damaged: {found}")


def _set_aside(target: Path) -> Path | None:
    """Move the present database and what SQLite keeps beside it out of the way. Refuses one that is in use."""
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
    target.rename(kept)
    return kept


def _write_through(file: Path) -> None:
    descriptor = os.open(file, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
