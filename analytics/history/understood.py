"""Which source, what it gave, and what of it was left out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

import pandas as pd

from analytics import columns, words
from analytics.tables import Tables, nothing

SOURCES = {
    "servicenow": "the incident log as ServiceNow exports it: CSV, a row an update",
    "statuspage": "incidents as a Statuspage-like page gives them at /api/v2/incidents.json",
    "pagerduty": "incidents as PagerDuty's REST API lists them: JSON",
    "csv": "any CSV, with --mapping naming its columns",
}
EXAMPLES = 3


class NotUnderstood(ValueError):
    """A file that is not what it was said to be; the message says what is missing and what to do."""


@dataclass(frozen=True)
class History:
    """What a file gave. `left_out` counts rows by reason, with a few of their names; `unused` are columns not
    read.
    """

    source: str
    rows: int
    incidents: pd.DataFrame = field(repr=False)
    events: pd.DataFrame = field(repr=False)
    used: Mapping[str, str]
    unused: tuple[str, ...]
    left_out: Mapping[str, tuple[str, ...]]
    notes: tuple[str, ...]

    @property
    def tables(self) -> Tables:
        """As tables that speak of the last moment the file tells of."""
        moments = [self.incidents[name].max() for name in self.incidents.columns if name.endswith("_at")]
        known = [at for at in moments if not pd.isna(at)]
        as_of = max(known) if known else pd.Timestamp("1970-01-01T00:00Z")
        empty = nothing(as_of)
        return Tables(
            self.incidents, self.events, empty.alerts, empty.pages, empty.shifts, empty.people,
            (as_of + pd.Timedelta(microseconds=1)).as_unit("us"),
        )  # fmt: skip

    def as_lines(self) -> list[str]:
        """The report of what was understood, for a person to read before anything is kept."""
        found = self.incidents
        lines = [
            f"{words.count(self.rows, 'row')} read as {self.source}: {words.count(len(found), 'incident')},"
            f" {words.count(len(self.events), 'event')}."
        ]
        if len(found):
            first, last = found["detected_at"].min(), found["detected_at"].max()
            lines.append(f"Detected from {words.moment(first, 'UTC')} to {words.moment(last, 'UTC')}.")
            known = {name: int(found[name].notna().sum()) for name in found.columns if name.endswith("_at")}
            lines.append("Known: " + ", ".join(f"{name} {n:,}" for name, n in known.items() if n) + ".")
            severities = found["severity"].fillna("none").value_counts().sort_index()
            lines.append("Severity: " + ", ".join(f"{name} {n:,}" for name, n in severities.items()) + ".")
            backwards = found.loc[found["resolved_at"] < found["detected_at"], "incident_id"].tolist()
            if backwards:
                lines.append(
                    f"Kept, and left out of every length: {words.count(len(backwards), 'incident')} resolved"
                    f" before detection ({words.listed(backwards, EXAMPLES)})."
                )
        lines += [
            f"Left out: {len(ids):,} {why} ({words.listed(list(ids), EXAMPLES)})."
            for why, ids in self.left_out.items()
            if ids
        ]
        lines += [f"{ours} is read from {theirs}." for ours, theirs in self.used.items()]
        if self.unused:
            lines.append(f"Not read: {', '.join(self.unused)}.")
        return [*lines, *self.notes]


def read(
    source: str, file: Path, *, mapping: Mapping[str, Any] | None = None, now: pd.Timestamp | None = None
) -> History:
    """What `file` says, read as `source`. Times after `now` cannot have happened: their rows are left out.

    Raises `NotUnderstood`, also for a source that is not one of `SOURCES`.
    """
    if source not in SOURCES:
        raise NotUnderstood(f"there is no source {source!r}: say one of {', '.join(SOURCES)}")
    if not file.is_file():
        raise NotUnderstood(f"there is no file {file}")
    reader: Callable[..., History] = import_module(f"analytics.history.{source}").read
    moment = now or pd.Timestamp.now("UTC")
    return reader(file, moment) if source != "csv" else reader(file, moment, mapping or {})


def checked(rows: pd.DataFrame, now: pd.Timestamp) -> tuple[pd.DataFrame, dict[str, tuple[str, ...]]]:
    """Tidy incidents without those that cannot be one, and why those were left out, by id.

    Raises `NotUnderstood` for a cell that is not what its column promises.
    """
    try:
        table = columns.tidy(rows, columns.INCIDENTS)
    except columns.Unclear as problem:
        raise NotUnderstood(str(problem)) from problem
    why: dict[str, tuple[str, ...]] = {}
    names = table["incident_id"].fillna("a row without an id")
    tests: tuple[tuple[str, Any], ...] = (
        ("without an id", table["incident_id"].isna()),
        ("without a start", table["detected_at"].isna()),
        ("that start in the future", table["detected_at"] > now),
        ("with an id that was there before", table["incident_id"].duplicated()),
    )
    keep = pd.Series(True, index=table.index)
    for reason, wrong in tests:
        why[reason] = tuple(names[wrong & keep])
        keep &= ~wrong
    return table[keep].sort_values("detected_at", kind="stable", ignore_index=True), why


def moments(
    values: "pd.Series[Any]", column: str, pattern: str | None = None, zone: str = "UTC"
) -> "pd.Series[Any]":
    """Words as moments in UTC: those without a zone are ones of `zone`; the hour a clock change repeats is its
    first.

    Raises `NotUnderstood` naming the column and the first word that is no time.
    """
    said = values.astype("str").str.strip().where(values.notna())
    said = said.where(~said.isin(["", "?", "null", "None"]))
    parsed = said.map(lambda word: word if pd.isna(word) else _parsed(str(word), column, pattern))
    made: list[Any] = [pd.NaT if pd.isna(at) else _in_utc(at, zone) for at in parsed]
    return pd.Series(pd.to_datetime(made, utc=True), index=values.index).astype("datetime64[us, UTC]")


def _parsed(word: str, column: str, pattern: str | None) -> pd.Timestamp:
    try:
        return pd.to_datetime(word, format=pattern) if pattern else pd.Timestamp(word)
    except ValueError as problem:
        how = f" as {pattern}" if pattern else ", write ISO 8601 or name its form in the mapping"
        raise NotUnderstood(f"column {column}: {word!r} cannot be read{how}") from problem


def _in_utc(at: pd.Timestamp, zone: str) -> pd.Timestamp:
    aware = at.tz_localize(zone, ambiguous=True, nonexistent="shift_forward") if at.tzinfo is None else at
    return aware.tz_convert("UTC")
