"""`bin/bench`: measure, print tables, write JSON. Exit code 1 when a promise is not held."""

import json
import os
import platform
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

from bench import (
    doors,
    engine,
    incident,
    load,
    measures,
    numbers,
    oncall,
    peer_table,
    peers,
    running,
    scene,
    search,
    storm,
    strangers,
    tables,
    trends,
)
from bench import page as last_figures
from tests.support.push_service import PushService

MEASURES = (
    "pages", "intake", "engine", "memory", "sizes", "strangers",
    "doors", "oncall", "start", "numbers", "trends", "search", "peers", "screens", "first_paint", "burst",
    "storm",
)  # fmt: skip
ONCE = (
    "memory",
    "sizes",
    "strangers",
    "start",
    "numbers",
    "trends",
    "first_paint",
)  # the same on either database
BUNDLED = ("burst", "storm")  # with the gap between two messages to one phone that installations have
DATABASES = ("sqlite", "postgresql")
OUT = running.ROOT / "build" / "bench.json"


@click.command()
@click.argument("wanted", nargs=-1, type=click.Choice(MEASURES))
@click.option("--database", "databases", multiple=True, type=click.Choice(DATABASES), help="Default: both.")
@click.option("--alerts", default=500, show_default=True, type=click.IntRange(2, 5000), help="For pages.")
@click.option(
    "--seconds", default=3.0, show_default=True, type=click.FloatRange(0.5, 30), help="Of load, a round."
)
@click.option(
    "--rounds", default=3, show_default=True, type=click.IntRange(1, 9), help="Of load; the median counts."
)
@click.option(
    "--stored", default=10_000, show_default=True, type=click.IntRange(1, 100_000), help="For memory."
)
@click.option(
    "--many", default=100_000, show_default=True, type=click.IntRange(100, 1_000_000), help="Open, for peers."
)
@click.option("--out", default=OUT, show_default=True, type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--page", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="docs/performance.md, renewed."
)
def main(
    wanted: tuple[str, ...], databases: tuple[str, ...], out: Path, page: Path | None, **amounts: Any
) -> None:
    """Measure WANTED (all of it when nothing is named) on real processes; nothing leaves this machine."""
    if page is not None and (homeless := last_figures.without_place(page, wanted or MEASURES)):
        raise click.BadParameter(f"{page} has no place for {', '.join(homeless)}", param_hint="--page")
    found: dict[str, Any] = {"machine": machine()}
    rows: dict[str, list[peer_table.Row]] = {}
    for database, gap, group in _groups(databases or DATABASES, wanted or MEASURES):
        with installed(database, gap) as (installation, stage, service):
            for measure in group:
                click.echo(f"{measure} on {database} …", err=True)
                figures = _measure(measure, installation, stage, service, amounts)
                found.setdefault(measure, {})[database] = figures
                rows.setdefault(measure, []).extend(tables.rows(measure, database, figures))
    lines = [line for of_one in rows.values() for line in of_one]
    click.echo(f"{found['machine']['words']}\n\n{tables.table(lines)}")
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(found, indent=2) + "\n")
    click.echo(f"\n{out}")
    if page is not None:
        last_figures.keep(page, rows, machine=found["machine"]["words"], at=datetime.now(UTC))
    sys.exit(1 if any(held == "NO" for *_, held in lines) else 0)


def _groups(databases: Sequence[str], wanted: Sequence[str]) -> Iterator[tuple[str, int, list[str]]]:
    """What is measured on one installation: a database, the gap between messages there, the measures."""
    for database in databases:
        here = [measure for measure in wanted if measure not in ONCE or database == databases[0]]
        for gap in (0, storm.GAP):
            if group := [measure for measure in here if (measure in BUNDLED) == (gap > 0)]:
                yield database, gap, group


@contextmanager
def installed(database: str, gap: int) -> Iterator[tuple[running.Installation, scene.Scene, PushService]]:
    """`up` on SQLite; `web` and `engine` on PostgreSQL; and the push service they send to."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="nightbell-bench-")))
        service = stack.enter_context(PushService())
        if database == "sqlite":
            stage = scene.make(folder, f"sqlite:///{folder / 'nightbell.db'}", service, gap=gap)
            installation = stack.enter_context(running.up(stage.environ))
        else:
            stage = scene.make(folder, stack.enter_context(running.postgresql()), service, gap=gap)
            installation = stack.enter_context(running.web_and_engine(stage.environ))
        yield installation, stage, service


def _measure(
    measure: str,
    installation: running.Installation,
    stage: scene.Scene,
    service: PushService,
    amounts: dict[str, Any],
) -> measures.Figures:
    match measure:
        case "pages":
            return measures.pages(installation, stage, service, alerts=amounts["alerts"])
        case "intake":
            with running.bare_route() as bare:
                spent = {name: amounts[name] for name in ("seconds", "rounds")}
                return measures.intake(installation, stage, bare, **spent)
        case "engine":
            return engine.measure(installation, stage, service, rounds=amounts["rounds"])
        case "memory":
            return measures.memory(installation, stage, alerts=amounts["stored"])
        case "oncall":
            with running.bare_route() as bare:
                spent = {name: amounts[name] for name in ("seconds", "rounds")}
                web = installation.url, installation.web
                asked = oncall.over_http(web, stage.cookie, stage.key, bare, **spent)
            return {**oncall.pure(amounts["rounds"]), **asked}
        case "start":
            return measures.start(stage, rounds=amounts["rounds"])
        case "trends":
            return trends.at_a_million(stage)
        case "search":
            return search.over_all(stage)
        case "numbers":
            return numbers.all_of_them(amounts["rounds"])
        case "doors":
            return doors.crowd(installation, stage, service, alerts=max(2, amounts["alerts"] // 5))
        case "screens":
            return incident.screens(installation, stage)
        case "first_paint":
            return incident.first_paint(installation, stage)
        case "peers":
            spent = {name: amounts[name] for name in ("seconds", "rounds", "many")}
            return peers.compare(installation, stage, stage.settings.database_url, **spent)
        case "burst":
            return storm.burst(installation, stage, service)
        case "storm":
            return storm.under_attack(installation, stage, service)
        case "strangers":
            return strangers.wrong_passwords(stage)
        case _:
            return measures.sizes(installation, stage)


def machine() -> dict[str, Any]:
    """What it was measured on, and by which sender."""
    cores, sender, busy = os.cpu_count(), load.program(), os.getloadavg()[0]
    words = (
        f"{platform.machine()}, {cores} cores, Python {platform.python_version()}, sender {sender},"
        f" load before {busy:.1f}"
    )
    return {"cores": cores, "python": platform.python_version(), "sender": sender, "load": busy, "words": words}


if __name__ == "__main__":
    main()
