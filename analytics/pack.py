"""A review pack: one incident's rows, the notebook run on exactly them, the page, and the name of the
snapshot.

folder/ incidents/ events/ alerts/ pages/ … manifest.json the rows, as in any export 00_one_incident.ipynb run
on them, with its outputs 00_one_incident.html the same as a page that needs no network

Run again on the folder, the notebook gives the same figures: everything it uses is in the snapshot, `as_of`
with it.
"""

import json
from dataclasses import replace
from pathlib import Path

import nbformat
import pandas as pd

from analytics import archive, columns, report
from analytics.archive import Manifest
from analytics.tables import Tables

NOTEBOOK = report.NOTEBOOKS / "00_one_incident.ipynb"


class NoSuchIncident(LookupError):
    """There is no incident of that number."""


def write(tables: Tables, incident: str, folder: Path) -> Manifest:
    """Make the pack of one incident in `folder`."""
    rows = snapshot(tables, incident)
    folder.mkdir(parents=True, exist_ok=True)
    kept = archive.write(rows, folder, f"incident {incident}")
    detected = rows.incidents.loc[rows.incidents["incident_id"] == incident, "detected_at"].iloc[0]
    as_of = pd.Timestamp(kept.as_of)
    run(folder, incident, detected, as_of, kept.hash)
    return kept


def snapshot(tables: Tables, incident: str) -> Tables:
    """The rows of one incident's pack.

    Of one that is over they speak as of just after the last moment they tell of, so that a second pack has the
    same hash until more is told; of one that is open, as of now.
    """
    row = tables.incidents[tables.incidents["incident_id"] == incident]
    if row.empty:
        raise NoSuchIncident(f"there is no incident {incident}")
    found = about(tables, incident)
    if row[["resolved_at", "closed_at"]].isna().all(axis=None):
        return found
    parts = (
        (found.incidents, columns.INCIDENTS), (found.events, columns.EVENTS), (found.alerts, columns.ALERTS),
        (found.pages, columns.PAGES),
    )  # fmt: skip
    told = (columns.last_moment(rows, promised) for rows, promised in parts)
    last = max(at for at in told if at is not None) + pd.Timedelta(microseconds=1)
    return replace(found, as_of=min(last.as_unit("us"), tables.as_of))


def about(tables: Tables, incident: str) -> Tables:
    """One incident with its alerts, pages and events, and what its service had before it: what "usual" stands
    on.
    """
    one = tables.incidents[tables.incidents["incident_id"] == incident].iloc[0]
    service = (
        tables.incidents["service"].isna()
        if pd.isna(one["service"])
        else tables.incidents["service"] == one["service"]
    )
    before = service & (tables.incidents["detected_at"] <= one["detected_at"])
    alerts = tables.alerts[tables.alerts["incident_id"] == incident]
    pages = tables.pages[
        (tables.pages["incident_id"] == incident) | tables.pages["alert_id"].isin(alerts["alert_id"])
    ]
    log = (tables.events["incident_id"] == incident) | tables.events["alert_id"].isin(alerts["alert_id"])
    people = set(pages["user"].dropna()) | set(tables.events.loc[log, "actor"].dropna())
    return replace(
        tables,
        incidents=tables.incidents[before | (tables.incidents["incident_id"] == incident)],
        alerts=alerts,
        pages=pages,
        events=tables.events[log],
        shifts=tables.shifts.iloc[:0],
        people=tables.people[tables.people["user"].isin(people)],
    )


def run(
    folder: Path, incident: str, detected: pd.Timestamp, as_of: pd.Timestamp, name: str
) -> nbformat.NotebookNode:
    """The notebook on the snapshot in `folder`, written beside it with its page; the snapshot's name stands on
    both.
    """
    parameters = {
        "source": str(folder.resolve()),
        "incident": incident,
        "start": detected.isoformat(),
        "end": (max(as_of, detected) + pd.Timedelta(microseconds=1)).isoformat(),
        "as_of": as_of.isoformat(),
        "zone": "UTC",
    }
    book = report.run(NOTEBOOK, parameters)
    book.cells.append(nbformat.v4.new_markdown_cell(f"Snapshot `{name}`, as of {as_of.isoformat()}."))
    (folder / NOTEBOOK.name).write_text(nbformat.writes(book), encoding="utf-8")
    page = report.page(book, inline=True)
    (folder / f"{NOTEBOOK.stem}.html").write_text(page, encoding="utf-8")
    return book


def figures(book: nbformat.NotebookNode) -> str:
    """All figures of a run as JSON, to compare two runs by."""
    outputs = [output for cell in book.cells for output in cell.get("outputs", [])]
    return json.dumps(
        [o["data"][report.FIGURE] for o in outputs if report.FIGURE in o.get("data", {})], sort_keys=True
    )
