"""`nightbell review-notebooks`: what is asked for on a postmortem. The engine calls it, nobody else need."""

import logging
from datetime import datetime
from typing import Any

import click

from app import clock
from app.cli.session import as_json, opened, print_json, settings
from app.database import db, transaction

log = logging.getLogger(__name__)


@click.command()
@as_json
def review_notebooks(as_json: bool) -> None:
    """Run the review notebooks that somebody asked for, and keep them with their postmortems."""
    from app.learning import notebook

    made: list[int] = []
    failed: list[int] = []
    with opened():
        with transaction():
            claimed = notebook.claim_due(clock.now())
        for number in claimed:
            try:
                html, as_of = _run(number, settings().database_url)
            except Exception:
                log.exception("the review notebook of incident %s could not be run", number)
                failed.append(number)
                continue
            with transaction():
                notebook.keep(number, html, as_of=as_of, at=clock.now())
            made.append(number)
    if as_json:
        print_json({"made": made, "failed": failed})
    else:
        click.echo(f"{len(made)} notebooks run" + (f", {len(failed)} failed" if failed else ""))
    if failed:
        raise click.exceptions.Exit(1)


def _run(number: int, source: str) -> tuple[str, datetime]:
    """The notebook's page without the program that draws, and the moment that both speak of."""
    from analytics import report
    from app.learning import figures, notebook
    from app.learning.models import Postmortem

    counted = figures.at_hand(db.session.get_one(Postmortem, number), now=clock.now())
    if counted is None:
        raise LookupError("no figure counts a restricted incident")
    words: dict[str, Any] = {
        "source": source, "incident": str(number), "as_of": counted["as_of"], "zone": "UTC",
    }  # fmt: skip
    book = report.run(report.NOTEBOOKS / f"{notebook.NAME}.ipynb", words)
    return report.page(book), datetime.fromisoformat(counted["as_of"])
