"""`nightbell demo load`."""

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
    """Fill an empty database with a made-up organisation and its last 90 days. It never pages anyone."""
    with opened():
        try:
            made = demo.load(at=clock.now())
        except demo.NotEmpty as error:
            raise click.ClickException(str(error)) from error
    if as_json:
        print_json(made)
    else:
        click.echo("Made up: " + ", ".join(f"{number} {name}" for name, number in made.items()) + ".")
