"""`nightbell trends` and `nightbell weekly`: what is kept ready. The engine calls them, nobody else need."""

import logging
from datetime import datetime

import click

from app import clock
from app.cli.oncall import Moment
from app.cli.session import as_json, opened, print_json, settings
from app.database import transaction

log = logging.getLogger(__name__)


@click.command()
@as_json
def trends(as_json: bool) -> None:
    """Bring the days that Trends reads up to now; make the pages that somebody waits for, and again those that
    have grown old.
    """
    from app.trends import keep, pages

    with opened():
        keep.renew(clock.now())
        made = pages.renew(clock.now())
    if as_json:
        print_json({"made": made})
    else:
        click.echo(f"{made} pages of Trends made again")


@click.command()
@click.option("--at", type=Moment(), metavar="T", help="As if it were then: for a Monday that was missed.")
@as_json
def weekly(at: datetime | None, as_json: bool) -> None:
    """Render the notebooks that somebody wants of the week that has ended, and mail their links."""
    from app.trends import weekly

    made: list[dict[str, object]] = []
    failed: list[dict[str, object]] = []
    moment = at or clock.now()
    with opened() as app:
        base_url, source = app.config["settings"].base_url, settings().database_url
        for notebook, team in weekly.due(moment, of=at):
            name = None if team is None else team.name
            with transaction():
                is_ours = weekly.claim(notebook, team, of=moment, at=clock.now(), is_by_hand=at is not None)
            if not is_ours:
                continue
            try:
                answer, html = _rendered(notebook, source, name, moment)
            except click.ClickException:
                raise
            except Exception:
                log.exception("%s of %s could not be rendered", notebook, name or "all teams")
                failed.append({"notebook": notebook, "team": name})
                continue
            with transaction():
                page = weekly.keep(notebook, team, answer=answer, html=html, base_url=base_url, at=moment)
                if page is not None:
                    made.append({"number": page.id, "notebook": notebook, "team": name})
    if as_json:
        print_json({"made": made, "failed": failed})
    else:
        click.echo(f"{len(made)} notebooks rendered" + (f", {len(failed)} failed" if failed else ""))
    if failed:
        raise click.exceptions.Exit(1)


def _rendered(notebook: str, source: str, team: str | None, at: datetime) -> tuple[str, str]:
    """A notebook's answer, and its page without the program that draws."""
    try:
        from analytics import report
    except ImportError as problem:
        raise click.ClickException(
            f"notebooks need the packages that `bin/setup --dev` brings: {problem.name} is missing"
        ) from problem
    from app.people import queries
    from app.trends import weekly

    organisation, monday = queries.organisation(), weekly.week_due(at)
    words: dict[str, str | None] = {"source": source, "team": team}
    if organisation is not None:
        words["zone"] = organisation.time_zone
    if monday is not None:
        words["end"] = words["as_of"] = f"{monday}T00:00"
    given = {name: word for name, word in words.items() if word is not None}
    book = report.run(report.NOTEBOOKS / f"{notebook}.ipynb", given)
    return report.answer(book), report.page(book)
