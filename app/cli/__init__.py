"""The terminal edge: `nightbell`, one file per group of commands.

Every command prints JSON with --json where it prints data, ends with 0 when it did what was asked, 1 when it
could not, 2 when it was asked wrongly, and asks questions only of a person at a terminal.
"""

import os

import click

from app.cli import database, doctor, paging, people, serve
from app.cli.demo.command import group as demo_group

COMMANDS: tuple[click.Command, ...] = (
    serve.up,
    serve.web,
    serve.engine,
    database.db_group,
    database.backup,
    database.restore,
    doctor.doctor,
    people.user,
    people.token,
    paging.page,
    demo_group,
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="nightbell", message="nightbell %(version)s")
def main() -> None:
    """Nightbell: an on-call pager that can prove it will ring."""
    os.umask(0o077)  # what it writes, the database first of all, is for its own account alone


for _command in COMMANDS:
    main.add_command(_command)
