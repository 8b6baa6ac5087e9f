"""What every command begins with: the app on its settings, and an end in words."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import sqlalchemy as sa
from flask import Flask

from app import create_pageless_app, migrations
from app.config import ConfigurationError, Settings
from app.database import db

ROOT = Path(__file__).resolve().parents[2]

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def settings() -> Settings:
    """The settings, or the end of the command with every problem listed at once."""
    # Started from anywhere, the command means this checkout's database, not a new one in the current directory.
    if not (os.environ.get("NIGHTBELL_INSTANCE_DIR") or os.environ.get("NIGHTBELL_INSTANCE_DIR_FILE")):
        os.environ["NIGHTBELL_INSTANCE_DIR"] = str(ROOT / "instance")
    try:
        return Settings.from_environment()
    except ConfigurationError as error:
        raise click.ClickException("\n  ".join(["the settings are not in order:", *error.problems])) from error


@contextmanager
def opened(*, any_version: bool = False) -> Iterator[Flask]:
    """The app with its context pushed. The database has to be at this code's schema, unless any will do."""
    app = create_pageless_app(settings())
    with app.app_context():
        try:
            if not any_version and migrations.current() != migrations.head():
                raise click.ClickException(
                    "the database lacks this version's schema: run `nightbell db upgrade`"
                )
            yield app
        except sa.exc.OperationalError as error:
            reason = str(error.orig).strip().splitlines()[0]
            raise click.ClickException(f"the database cannot be used: {reason}") from error
        finally:
            db.session.remove()
            db.engine.dispose()


def print_json(data: Any) -> None:
    click.echo(json.dumps(data, indent=2, ensure_ascii=False, default=str))
