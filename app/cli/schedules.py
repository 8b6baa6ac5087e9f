"""`nightbell schedule check`: prove the schedules of a file, or all that are saved."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click
import sqlalchemy as sa

from app import clock
from app.cli.session import as_json, opened, print_json
from app.database import db
from app.domain.claims import Finding, Level
from app.oncall import schedule_file
from app.oncall.findings import finding_to_json
from app.oncall.models import Schedule
from app.oncall.proof import prove_draft, prove_saved

MOST_INTERVALS = 10


@click.group()
def schedule() -> None:
    """Schedules."""


@schedule.command()
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--all", "everything", is_flag=True, help="All schedules that are saved.")
@click.option("--strict", is_flag=True, help="Warnings count as errors.")
@as_json
def check(file: Path | None, everything: bool, strict: bool, as_json: bool) -> None:
    """Prove the schedules of FILE (YAML, as docs/schedules.md says), or all, over the next 800 days.

    Ends with 1 when a claim that must hold does not, or the file names what is not there. Nothing is saved.
    """
    if (file is None) == (not everything):
        raise click.UsageError("Name a file, or say --all.")
    with opened():
        try:
            answers = [_of_row(row) for row in _saved()] if file is None else _of_file(file)
        except schedule_file.Unreadable as unreadable:
            raise click.ClickException(f"{file}: {unreadable}") from unreadable
    if as_json:
        print_json({"schedules": answers})
    else:
        for answer in answers:
            _tell(answer)
    counted = {str(Level.ERROR), str(Level.WARNING)} if strict else {str(Level.ERROR)}
    fails = any(
        answer["faults"] or any(finding["level"] in counted for finding in answer["findings"])
        for answer in answers
    )
    raise SystemExit(1 if fails else 0)


def _saved() -> Iterable[Schedule]:
    return db.session.scalars(sa.select(Schedule).order_by(Schedule.name)).all()


def _of_row(row: Schedule) -> dict[str, Any]:
    return _answer(row.name, prove_saved(row, at=clock.now()))


def _of_file(file: Path) -> list[dict[str, Any]]:
    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise schedule_file.Unreadable("It is no text in UTF-8.") from error
    answers = []
    for read in schedule_file.read(text):
        found = prove_draft(read.draft, read.replaces, at=clock.now()) if read.draft else ()
        answers.append(_answer(read.name, found, read.faults))
    return answers


def _answer(name: str, findings: Iterable[Finding], faults: Iterable[tuple[str, str]] = ()) -> dict[str, Any]:
    return {
        "name": name,
        "faults": [{"pointer": pointer, "detail": detail} for pointer, detail in faults],
        "findings": [finding_to_json(finding, at_most=MOST_INTERVALS) for finding in findings],
    }


def _tell(answer: dict[str, Any]) -> None:
    click.echo(answer["name"] or "A schedule without a name")
    for fault in answer["faults"]:
        click.echo(f"  error    {fault['pointer'] or '/'} {fault['detail']}")
    for finding in answer["findings"]:
        click.echo(f"  {finding['level']:<8} {finding['sentence']}")
