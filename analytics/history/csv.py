"""Any CSV, by a mapping that names its columns.

{"columns": {"incident_id": "Number", "detected_at": "Opened"}, "zone": "Europe/Riga", "times": "%d/%m/%Y
%H:%M", "severity": {"1 - Critical": "SEV1"}, "missing": ["?"]}

`zone` is that of times that carry none; `times` their form, ISO 8601 unless said.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pandas as pd

from analytics import columns, delimited
from analytics.history.understood import History, NotUnderstood, checked, moments

LARGEST = 2_000_000  # rows that become a frame of words
KEYS = {"columns", "zone", "times", "severity", "missing"}


def read(file: Path, now: pd.Timestamp, mapping: Mapping[str, Any]) -> History:
    """Only the columns the mapping names are read, whatever else the file holds."""
    named = _named(mapping)
    try:
        with duckdb.connect() as connection:
            table = delimited.rows_of(connection, file)
            absent = [theirs for theirs in named.values() if theirs not in table.columns]
            if absent:
                raise NotUnderstood(
                    f"{file} has no column {', '.join(absent)}; it has {', '.join(table.columns)}"
                )
            n = table.aggregate("count(*)").fetchall()[0][0]
            if n > LARGEST:
                raise NotUnderstood(f"{file} has {n:,} rows; over {LARGEST:,} give it in parts, a year each")
            chosen = dict.fromkeys(named.values())
            said = table.project(", ".join(delimited.quoted(theirs) for theirs in chosen)).df()
            unused = tuple(name for name in table.columns if name not in named.values())
    except delimited.UnreadableTable as problem:
        raise NotUnderstood(str(problem)) from problem
    except duckdb.Error as problem:
        raise NotUnderstood(f"{file} cannot be read as CSV: {delimited.said(problem)}") from problem
    missing = [*mapping.get("missing", []), ""]
    rows = pd.DataFrame(
        {ours: said[theirs].where(~said[theirs].isin(missing)) for ours, theirs in named.items()}
    )
    if "severity" in mapping and "severity" in rows:
        rows["severity"] = rows["severity"].map(lambda word: mapping["severity"].get(word, word))
    for name in rows.columns:
        if columns.INCIDENTS[name] == "moment":
            rows[name] = moments(rows[name], named[name], mapping.get("times"), str(mapping.get("zone", "UTC")))
    kept, why = checked(rows, now)
    notes = [] if "zone" in mapping else ["Times without a zone are read as UTC; the mapping may name another."]
    if "resolved_at" not in named:
        notes.append("The mapping names no resolved_at: every incident will read as still open.")
    return History("csv", int(n), kept, columns.empty(columns.EVENTS), named, unused, why, tuple(notes))


def _named(mapping: Mapping[str, Any]) -> dict[str, str]:
    """Our columns and theirs. Raises `NotUnderstood` for a mapping that lacks an id or a start or names what
    is not ours.
    """
    if not isinstance(mapping, Mapping):
        raise NotUnderstood('a mapping is an object, such as {"columns": {"incident_id": "Number"}}')
    if unknown := sorted(set(mapping) - KEYS):
        raise NotUnderstood(
            f"the mapping says {', '.join(unknown)}, which means nothing here; it may say"
            f" {', '.join(sorted(KEYS))}"
        )
    if not isinstance(mapping.get("severity", {}), Mapping) or not isinstance(mapping.get("missing", []), list):
        raise NotUnderstood('in a mapping "severity" is {"theirs": "SEV1"} and "missing" a list of words')
    if not isinstance(mapping.get("times", ""), str):
        raise NotUnderstood('in a mapping "times" is a form such as "%d/%m/%Y %H:%M"')
    named = mapping.get("columns")
    if not isinstance(named, Mapping) or not all(isinstance(word, str) for word in named.values()):
        raise NotUnderstood(
            'a CSV needs a mapping: {"columns": {"incident_id": "Number", "detected_at": "Opened"}}'
        )
    if wrong := [name for name in named if name not in columns.INCIDENTS]:
        raise NotUnderstood(f"incidents have no {', '.join(wrong)}; they have {', '.join(columns.INCIDENTS)}")
    if lacking := [name for name in columns.REQUIRED["incidents"] if name not in named]:
        raise NotUnderstood(f"the mapping must name {' and '.join(lacking)}")
    try:
        ZoneInfo(str(mapping.get("zone", "UTC")))
    except (KeyError, ValueError) as problem:
        raise NotUnderstood(f"there is no time zone {mapping['zone']!r}") from problem
    return dict(named)
