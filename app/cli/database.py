"""`nightbell db upgrade`, `db reader`: the schema, and who may read."""

import secrets

import click

from app import migrations
from app.cli.session import as_json, opened, print_json
from app.database import db, on_sqlite


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
