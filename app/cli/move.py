"""`nightbell move-to-postgres`: from one SQLite file to a PostgreSQL server, with every row and due time."""

import sqlite3
from contextlib import closing
from dataclasses import replace

import click
import sqlalchemy as sa

from app import clock, create_pageless_app, migrations
from app.cli import rows
from app.cli.session import as_json, opened, print_json, settings
from app.config import driver_of
from app.database import db, on_sqlite
from app.engine import EngineAlreadyRuns, only_engine
from app.timeline import seal


@click.command()
@click.argument("url")
@as_json
def move_to_postgres(url: str, as_json: bool) -> None:
    """Copy every row to the empty PostgreSQL database at URL and compare both. Stop Nightbell first.

    The SQLite file stays as it is. All of the copy arrives, or none of it.
    """
    current = settings()
    target = replace(current, database_url=driver_of(url))
    if target.on_sqlite or target.problems():
        raise click.UsageError("say where to, as postgresql://user:password@host/name")
    try:
        with only_engine(current.instance_dir / "engine.lock"), opened():
            if not on_sqlite():
                raise click.ClickException("this installation is on PostgreSQL already")
            _refuse_if_in_use(db.engine.url.database or "")
            # nobody writes to the file while it is read: BEGIN IMMEDIATE
            with db.engine.connect().execution_options(writes=True) as source:
                source.execute(sa.text("SELECT 1"))
                with create_pageless_app(target).app_context():
                    try:
                        copied = _copy(source)
                        faults = [fault.says for fault in seal.faults(now=clock.now())]
                        end = seal.head()
                    finally:
                        db.session.remove()
                        db.engine.dispose()
    except EngineAlreadyRuns as error:
        raise click.ClickException(f"{error} Stop Nightbell first.") from error
    except sa.exc.OperationalError as error:
        reason = str(error.orig).strip().splitlines()[0]
        raise click.ClickException(f"a database cannot be used: {reason}") from error
    if as_json:
        print_json({"rows": copied, "audit_head": f"{end.position}:{end.digest}", "audit_faults": faults})
    else:
        click.echo(f"{sum(copied.values()):,} rows of {len(copied)} tables copied and compared: the same.")
        click.echo(f"Audit chain: {end.position} sealed, {'; '.join(faults) or 'intact'}.")
        click.echo("Set NIGHTBELL_DATABASE_URL to it, then start. The SQLite file is as it was.")


def _refuse_if_in_use(file: str) -> None:
    """Web has no lock file, but its connections: what it took in after the copy would be left behind."""
    db.session.remove()
    db.engine.dispose()
    with closing(sqlite3.connect(file, timeout=0, isolation_level=None)) as alone:
        try:
            alone.execute("PRAGMA journal_mode=DELETE")  # only whoever is alone with the file may change it
            alone.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            raise click.ClickException(f"{file} is in use ({error}): stop Nightbell's web first") from error


def _copy(source: sa.Connection) -> dict[str, int]:
    """Fill the database of the current app, which has to be empty, in one transaction."""
    with db.engine.connect() as connection:
        present = sa.inspect(connection).get_table_names()
    if present and migrations.current() != migrations.head():
        raise click.ClickException("the PostgreSQL database holds other tables: give an empty one")
    migrations.upgrade()
    with db.engine.begin() as target:
        target.execute(sa.text("SET LOCAL statement_timeout = 0"))
        if held := rows.filled(target):
            raise click.ClickException(
                f"the PostgreSQL database holds rows already, in {held[0]}: give an empty one"
            )
        copied = rows.copy(source, target)
        if differ := rows.differing(source, target):
            raise click.ClickException(f"nothing was moved: the copy differs in {', '.join(differ)}")
    return copied
