"""`nightbell demo load`."""

from dataclasses import asdict

import click

from app import clock
from app.cli import demo
from app.cli.session import as_json, opened, print_json


@click.group(name="demo")
def group() -> None:
    """A made-up organisation to look at."""


@group.command()
@as_json
def load(as_json: bool) -> None:
    """Fill an empty database with a made-up organisation and its last 90 days, and say how to sign in.

    It never pages anyone. Where it is loaded already, nothing changes.
    """
    with opened():
        made: dict[str, int] = {}
        if not demo.is_loaded():
            try:
                made = demo.load(at=clock.now())
            except demo.NotEmpty as error:
                raise click.ClickException(str(error)) from error
        sign_in = demo.sign_in()
    if as_json:
        print_json({"made": made, "sign_in": asdict(sign_in)})
        return
    counts = ", ".join(f"{number} {name}" for name, number in made.items())
    click.echo(f"Made up: {counts}." if made else "The made-up organisation is here already.")
    click.echo(f"{sign_in.says}.")
