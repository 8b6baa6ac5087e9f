"""`nightbell export`, `import` and `report`: the record out as Parquet, another product's history in,
notebooks on demand.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app.cli.oncall import Moment
from app.cli.session import as_json, opened, print_json, settings
from app.database import db

if TYPE_CHECKING:
    import pandas as pd
    import sqlalchemy as sa

FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command(name="export")
@click.option("--out", type=FOLDER, help="Folder to keep it in.")
@click.option("--since", type=Moment(), metavar="T", help="From this moment on; unset: from the beginning.")
@click.option("--until", type=Moment(), metavar="T", help="Up to this moment, not part of it.")
@click.option(
    "--incident", metavar="NUMBER", help="Only one incident, with its notebook and its page: a review pack."
)
@as_json
def export(
    out: Path | None, since: datetime | None, until: datetime | None, incident: str | None, as_json: bool
) -> None:
    """Write Parquet, a file a month and table, with checksums: for notebooks, `report --source` and DuckDB."""
    from analytics import archive, frames, words

    if out is None and incident is None:
        raise click.UsageError("say where to: --out DIR")
    folder = out or Path(f"incident-{incident}")
    with opened(), frames.connected(db.engine) as connection, _in_words():
        if incident is None:
            found = archive.write_parts(folder, _now(), _parts(connection, since, until))
        else:
            found = _pack(connection, incident, folder)
    said = {"folder": str(folder), "hash": found.hash, "as_of": found.as_of, "rows": found.rows}
    if as_json:
        print_json(said)
        return
    told = ", ".join(words.count(n, NOUNS[name]).replace("persons", "people") for name, n in found.rows.items())
    click.echo(f"{folder}: {told}")
    click.echo(f"as of {found.as_of}, snapshot {found.hash}")


NOUNS = {
    "incidents": "incident", "events": "event", "alerts": "alert", "pages": "page", "shifts": "shift",
    "people": "person",
}  # fmt: skip


@contextmanager
def _in_words() -> Iterator[None]:
    """A folder that cannot be written, or holds another's tables, ends the command in a sentence."""
    from analytics import archive

    try:
        yield
    except archive.Occupied as problem:
        raise click.ClickException(str(problem)) from problem
    except OSError as problem:
        if problem.filename is None:  # not about a file
            raise
        raise click.ClickException(f"{problem.filename} cannot be written: {problem.strerror}") from problem


def _now() -> "pd.Timestamp":
    import pandas as pd

    return pd.Timestamp.now("UTC").as_unit("us")


def _parts(
    connection: "sa.Connection", since: datetime | None, until: datetime | None
) -> "Iterator[tuple[str, str, pd.DataFrame]]":
    """Month by month, so that years of alerts need no more memory than one of them."""
    import pandas as pd

    from analytics import archive, frames

    bounds = [None if at is None else pd.Timestamp(at) for at in (since, until)]
    for table, (_, start) in archive.TABLES.items():
        if start is None:
            yield table, "all", frames.people(connection)
            continue
        read = getattr(frames, table)
        for month in frames.months(connection, table):
            first = pd.Timestamp(f"{month}-01T00:00Z")
            low = first if bounds[0] is None else max(first, bounds[0])
            high = first + pd.DateOffset(months=1)
            high = high if bounds[1] is None else min(high, bounds[1])
            rows = read(connection, low, high) if low < high else None
            if (
                rows is not None and table == "shifts"
            ):  # one that runs over a month's end is filed where it began
                rows = rows[(rows["start"] >= low) & (rows["start"] < high)]
            if rows is not None and len(rows):
                yield table, month, rows


def _pack(connection: "sa.Connection", incident: str, folder: Path) -> Any:
    from analytics import frames

    try:
        from analytics import pack
    except ImportError as problem:
        raise click.ClickException(_NO_NOTEBOOKS.format(problem.name)) from problem
    number = incident.upper().removeprefix("INC-").removeprefix("INC")
    try:
        return pack.write(frames.everything(connection), number, folder)
    except pack.NoSuchIncident as problem:
        raise click.ClickException(str(problem)) from problem


_NO_NOTEBOOKS = "notebooks need the packages that `bin/setup --dev` brings: {} is missing"


@click.command(name="import")
@click.argument("source")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--mapping",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="JSON that names a CSV's columns.",
)
@click.option("--out", type=FOLDER, help="Keep what was understood here; unset: only say it.")
@as_json
def import_history(source: str, file: Path, mapping: Path | None, out: Path | None, as_json: bool) -> None:
    """Read another product's history: SOURCE is servicenow, statuspage, pagerduty or csv. Without --out a dry
    run.

    What is kept is a folder that notebooks and `nightbell report --source` read; a second time it is replaced.
    The product's own record is left alone.
    """
    from analytics import archive, history

    try:
        named = json.loads(mapping.read_text(encoding="utf-8")) if mapping is not None else None
        found = history.read(source, file, mapping=named)
    except (json.JSONDecodeError, UnicodeDecodeError) as problem:
        raise click.ClickException(f"{mapping} is not JSON: {problem}") from problem
    except history.NotUnderstood as problem:
        raise click.ClickException(str(problem)) from problem
    with _in_words():
        kept = None if out is None else archive.write(found.tables, out, f"history from {source}")
    if as_json:
        print_json(
            {
                "source": source,
                "rows": found.rows,
                "incidents": len(found.incidents),
                "events": len(found.events),
                "left_out": {why: len(ids) for why, ids in found.left_out.items() if ids},
                "not_read": list(found.unused),
                "folder": None if out is None else str(out),
                "hash": None if kept is None else kept.hash,
            }
        )
        return
    for line in found.as_lines():
        click.echo(line)
    if kept is None:
        click.echo("Nothing was kept. Add --out DIR to keep it for notebooks.")
    else:
        click.echo(f"Kept in {out}, snapshot {kept.hash}. Read it with: nightbell report 02 --source {out}")


@click.command()
@click.argument("notebook")
@click.option(
    "--source",
    help="sample, a database URL, a folder of an export, or a file; unset: this installation's database.",
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The page to write; unset: NOTEBOOK.html here.",
)
@click.option("--start", help="First day or moment of the window.")
@click.option("--end", help="End of the window; not part of it.")
@click.option("--as-of", help="The moment whose knowledge is used.")
@click.option("--team", help="Only this team.")
@click.option("--zone", help="Time zone the report speaks in.")
def report(notebook: str, source: str | None, out: Path | None, **chosen: str | None) -> None:
    """Run NOTEBOOK, such as 02 or 02_response_times, on this installation's record, and write one page."""
    try:
        from analytics import report as pages
    except ImportError as problem:
        raise click.ClickException(_NO_NOTEBOOKS.format(problem.name)) from problem
    file = pages.find(notebook)
    if file is None:
        names = ", ".join(path.stem for path in sorted(pages.NOTEBOOKS.glob("*.ipynb")))
        raise click.ClickException(f"there is no notebook {notebook!r}: say one of {names}")
    target = out or Path(f"{file.stem}.html")
    given = {name: value for name, value in chosen.items() if value is not None}
    try:
        with _in_words():
            said = pages.write_one(file, {"source": source or settings().database_url, **given}, target)
    except pages.CellExecutionError as problem:
        raise click.ClickException(f"{file.stem}: {pages.reason(problem)}") from problem
    click.echo(said)
    click.echo(str(target))
