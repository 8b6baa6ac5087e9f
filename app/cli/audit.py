"""`nightbell audit verify` and `audit head`: whether the record of who did what is as it was written."""

import sys

import click

from app import clock
from app.cli.session import as_json, opened, print_json
from app.timeline import seal
from app.timeline.seal import Head


@click.group()
def audit() -> None:
    """The record of who did what."""


@audit.command()
@click.option(
    "--head", "kept", help="A head written down before, such as 120:3f…: the chain must pass through it."
)
@as_json
def verify(kept: str | None, as_json: bool) -> None:
    """Recompute the chain. Exits with 1 and names each row that was edited, removed or reordered."""
    with opened():
        found = list(seal.faults(now=clock.now(), kept=_head(kept)))
        end, waiting = seal.head(), seal.unsealed()
    if as_json:
        print_json(
            {
                "ok": not found, "sealed": end.position, "waiting": waiting,
                "head": f"{end.position}:{end.digest}",
                "faults": [
                    {"position": fault.position, "event_id": fault.event_id and str(fault.event_id),
                     "says": fault.says} for fault in found
                ],
            }
        )  # fmt: skip
    else:
        for fault in found:
            click.echo(f"{fault.says}.", err=True)
        click.echo(f"{end.position} events sealed, {waiting} waiting: {'not intact' if found else 'intact'}.")
    sys.exit(1 if found else 0)


@audit.command("head")
@as_json
def show_head(as_json: bool) -> None:
    """Where the chain ends. Keep it away from the database, for example with the backup."""
    with opened():
        end = seal.head()
    if as_json:
        print_json({"position": end.position, "digest": end.digest})
    else:
        click.echo(f"{end.position}:{end.digest}")


def _head(written: str | None) -> Head | None:
    if written is None:
        return None
    position, _, digest = written.partition(":")
    if not position.isdecimal() or len(digest) != len(seal.BEGINNING):
        raise click.UsageError("a head is a position and a digest, such as audit head prints")
    return Head(int(position), digest)
