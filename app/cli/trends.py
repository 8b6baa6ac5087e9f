"""`nightbell trends`: make the kept pages of Trends again. The engine calls it; nobody else need."""

import os

import click

from app import clock
from app.cli.session import as_json, opened, print_json


@click.command()
@as_json
def trends(as_json: bool) -> None:
    """Make again the pages of Trends that were looked at in the last seven days and have grown old."""
    from app.trends import pages

    os.nice(10)  # pages to people go first
    with opened():
        made = pages.renew(clock.now())
    if as_json:
        print_json({"made": made})
    else:
        click.echo(f"{made} pages of Trends made again")
