"""`nightbell vapid rotate`: a new push identity, with the old one kept until every phone has moved."""

import os

import click

from app.cli.session import opened, settings
from app.config import VAPID_FILE, VAPID_PREVIOUS_FILE, new_vapid_key
from app.paging import bound_devices
from app.paging.vapid import KeyRing


@click.group()
def vapid() -> None:
    """The key pair that push services know us by."""


@vapid.command()
def rotate() -> None:
    """Make a new key in the instance directory and keep the old one beside it. Restart web and engine then."""
    kept = settings().instance_dir / VAPID_FILE
    if not kept.exists():
        raise click.ClickException(
            "the key comes from NIGHTBELL_VAPID_PRIVATE_KEY: put its value in front of"
            " NIGHTBELL_VAPID_PREVIOUS_KEYS there, and a new key in its place"
        )
    previous = kept.with_name(VAPID_PREVIOUS_FILE)
    _write(previous, "\n".join([kept.read_text().strip(), *_lines(previous)]) + "\n")
    _write(kept, new_vapid_key())
    click.echo(
        "A new push key is in place, the old one is kept. Restart web and engine: phones move over as their"
        " people open Nightbell, and ring all the while."
    )


@vapid.command()
def devices() -> None:
    """How many devices have moved to the present key."""
    with opened() as app:
        bound = bound_devices.count(KeyRing.from_settings(app.config["settings"]))
    click.echo(f"present key: {bound.present} devices")
    click.echo(f"earlier keys: {bound.earlier} devices")
    if bound.lost:
        raise click.ClickException(f"{bound.lost} devices are bound to a key that is gone: they cannot ring")


def _lines(path: os.PathLike[str]) -> list[str]:
    try:
        with open(path) as file:
            return file.read().split()
    except FileNotFoundError:
        return []


def _write(path: os.PathLike[str], text: str) -> None:
    """Replace a secret file at one stroke, readable by us alone: a crash leaves the old one or the new one."""
    beside = f"{os.fspath(path)}.new"
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(beside, path)
