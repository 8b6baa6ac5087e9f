"""ServiceNow's incident log: a row an update, days first, no zone (read as UTC), ``?`` for what is missing.

Read by DuckDB, so that a log larger than memory is no trouble.
"""

import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pandas as pd

from analytics import columns, delimited
from analytics.history.understood import History, NotUnderstood, checked

NEEDED = (
    "number",
    "incident_state",
    "reassignment_count",
    "reopen_count",
    "opened_at",
    "sys_created_at",
    "sys_updated_at",
    "category",
    "subcategory",
    "u_symptom",
    "priority",
    "assignment_group",
    "resolved_at",
    "closed_at",
)
USED = {
    "incident_id": "number",
    "title": "subcategory / u_symptom",
    "service": "category",
    "team": "the last assignment_group",
    "severity": "the last priority",
    "detected_at": "opened_at",
    "declared_at": "sys_created_at",
    "acknowledged_at": "the first update whose incident_state is not New",
    "resolved_at": "resolved_at",
    "closed_at": "closed_at",
    "reopen_count": "reopen_count",
    "reassignment_count": "reassignment_count",
}
MEMORY = "512MB"
LOG = """
CREATE TABLE log AS
SELECT row_number() OVER () AS place, * REPLACE (
    strptime(nullif(opened_at, '?'), '%d/%m/%Y %H:%M') AS opened_at,
    strptime(nullif(sys_created_at, '?'), '%d/%m/%Y %H:%M') AS sys_created_at,
    strptime(nullif(sys_updated_at, '?'), '%d/%m/%Y %H:%M') AS sys_updated_at,
    strptime(nullif(resolved_at, '?'), '%d/%m/%Y %H:%M') AS resolved_at,
    strptime(nullif(closed_at, '?'), '%d/%m/%Y %H:%M') AS closed_at)
  FROM given
"""
INCIDENTS = """
SELECT number AS incident_id,
       concat_ws(' / ', nullif(arg_max(subcategory, place), '?'), nullif(arg_max(u_symptom, place), '?'))
         AS title,
       nullif(arg_max(category, place), '?') AS service, nullif(arg_max(assignment_group, place), '?') AS team,
       'SEV' || left(nullif(arg_max(priority, place), '?'), 1) AS severity, 'incident' AS kind,
       min(opened_at) AS detected_at, min(sys_created_at) AS declared_at,
       arg_min(sys_updated_at, place) FILTER (incident_state <> 'New') AS acknowledged_at,
       max(resolved_at) AS resolved_at, max(closed_at) AS closed_at,
       max(CAST(reopen_count AS BIGINT)) AS reopen_count,
       max(CAST(reassignment_count AS BIGINT)) AS reassignment_count
  FROM log GROUP BY number ORDER BY number
"""
STATES = """
SELECT incident_id, "at", 'state_changed' AS kind, "from", "to" FROM (
    SELECT number AS incident_id, sys_updated_at AS "at", incident_state AS "to", place,
           lag(incident_state) OVER (PARTITION BY number ORDER BY place) AS "from" FROM log)
 WHERE "at" IS NOT NULL AND "to" IS DISTINCT FROM "from" ORDER BY "at", place
"""


def read(file: Path, now: pd.Timestamp) -> History:
    """The log as incidents, and the changes of state as events."""
    with _plain(file) as path, duckdb.connect() as connection, tempfile.TemporaryDirectory() as spill:
        connection.execute("SET memory_limit = ?", [MEMORY])
        connection.execute("SET threads = 1")  # an update's place in the log is its place in time
        connection.execute("SET temp_directory = ?", [spill])
        try:
            given = delimited.rows_of(connection, path)
            names = given.columns
            lacking = ", ".join(name for name in NEEDED if name not in names)
            if lacking:
                raise NotUnderstood(f"{file} is no ServiceNow incident log: it has no column {lacking}")
            given.create_view("given")
            connection.execute(LOG)
            rows = connection.execute("SELECT count(*) FROM log").fetchall()[0][0]
            incidents, events = connection.execute(INCIDENTS).df(), connection.execute(STATES).df()
        except delimited.UnreadableTable as problem:
            raise NotUnderstood(f"{file} cannot be read as a ServiceNow log: {problem}") from problem
        except duckdb.Error as problem:
            said = delimited.said(problem)
            raise NotUnderstood(f"{file} cannot be read as a ServiceNow log: {said}") from problem
    incidents["title"] = incidents["title"].where(incidents["title"] != "")
    kept, why = checked(_utc(incidents), now)
    return History(
        "servicenow",
        int(rows),
        kept,
        columns.tidy(_utc(events), columns.EVENTS),
        USED,
        tuple(name for name in names if name not in NEEDED),
        why,
        ("Its times carry no zone and are read as UTC.",),
    )


def _utc(rows: pd.DataFrame) -> pd.DataFrame:
    naive = [name for name in rows.columns if str(rows[name].dtype).startswith("datetime64")]
    return rows.assign(**{name: rows[name].dt.tz_localize("UTC") for name in naive})


@contextmanager
def _plain(file: Path) -> Iterator[Path]:
    """The file itself, or the one CSV in a zip, unpacked for as long as it is read."""
    if not zipfile.is_zipfile(file):
        yield file
        return
    with zipfile.ZipFile(file) as packed, tempfile.TemporaryDirectory() as folder:
        names = [name for name in packed.namelist() if name.endswith(".csv")]
        if len(names) != 1:
            raise NotUnderstood(f"{file} holds {len(names)} CSV files; unpack the one to read")
        target = Path(folder) / "log.csv"
        with packed.open(names[0]) as source, target.open("wb") as sink:
            while block := source.read(1 << 20):
                sink.write(block)
        yield target
