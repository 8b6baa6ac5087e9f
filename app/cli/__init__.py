"""The terminal edge: `nightbell`, one file per group of commands.

Every command prints JSON with --json where it prints data, ends with 0 when it did what was asked, 1 when it
could not, 2 when it was asked wrongly, and asks questions only of a person at a terminal.
"""

import os
import threading
from importlib import import_module

import click

ENGINE_GONE = 3  # how an errand ends whose engine has ended

COMMANDS = {
    "up": "serve:up",
    "web": "serve:web",
    "engine": "serve:engine",
    "db": "database:db_group",
    "doctor": "doctor:doctor",
    "vapid": "vapid:vapid",
    "user": "people:user",
    "token": "people:token",
    "page": "paging:page",
    "oncall": "oncall:oncall",
    "schedule": "schedules:schedule",
    "explain": "oncall:explain",
    "audit": "audit:audit",
    "backup": "backup:backup",
    "restore": "backup:restore",
    "move-to-postgres": "move:move_to_postgres",
    "export": "data:export",
    "import": "data:import_history",
    "report": "data:report",
    "trends": "trends:trends",
    "weekly": "trends:weekly",
    "review-notebooks": "review_notebooks:review_notebooks",
    "demo": "demo.command:group",
}


class OnDemand(click.Group):
    """Loads the file of a command when it is called: an engine need not carry what makes the demo."""

    def list_commands(self, _context: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _context: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[name].partition(":")
        command: click.Command = getattr(import_module(f"app.cli.{module}"), attribute)
        return command


@click.group(cls=OnDemand, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="nightbell", message="nightbell %(version)s")
@click.option(
    "--errand", is_flag=True, hidden=True, help="End when standard input ends: an engine asked for this."
)
def main(errand: bool) -> None:
    """Nightbell: an on-call pager that can prove it will ring."""
    os.umask(0o077)  # what it writes, the database first of all, is for its own account alone
    if errand:
        os.nice(10)  # pages to people go first
        threading.Thread(target=_end_with_the_engine, daemon=True).start()


def _end_with_the_engine() -> None:
    """The engine holds the other end of our standard input, so it closes even when the engine is killed."""
    while os.read(0, 1024):  # not sys.stdin, whose lock a program that ends wants for itself
        pass
    os._exit(ENGINE_GONE)
