"""From a word on the command line to tables and a window: what every notebook starts with."""

from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from analytics import columns, delimited, frames, load, sample
from analytics.tables import Tables, nothing

__all__ = ["Tables", "Window", "read", "window"]

WEEKS = 12


@dataclass(frozen=True)
class Window:
    """The half-open [since, until) a report is about, and the moment whose knowledge it uses."""

    since: pd.Timestamp
    until: pd.Timestamp
    as_of: pd.Timestamp


def read(source: str = "sample", *, seed: int = sample.SEED) -> Tables:
    """The tables of `source`: "sample", a database URL, a folder of an export, or a CSV or Parquet file.

    A database speaks of now; a file of just after the last moment written in it. Raises `load.UnreadableTable`
    for a file that is neither table, and ``FileNotFoundError`` for none at all.
    """
    if source == "sample":
        return sample.year(seed)
    if "://" in source:
        return frames.read(source)
    if Path(source).is_dir():
        from analytics import archive

        return archive.read(Path(source))
    return _read_file(Path(source))


def window(
    tables: Tables,
    start: str | None = None,
    end: str | None = None,
    as_of: str | None = None,
    zone: str = "UTC",
    *,
    weeks: int = WEEKS,
) -> Window:
    """What a report covers: by default the `weeks` up to `as_of`, which is the last moment the tables tell of.

    A date or time without a zone of its own is one of `zone`. Raises ``ValueError`` for a window without
    length.
    """
    known = _moment(as_of, zone) if as_of else tables.as_of
    until = _moment(end, zone) if end else known
    # by the calendar of the zone: weeks with a clock change in them begin at the same time of day
    since = (
        _moment(start, zone)
        if start
        else (until.tz_convert(zone) - pd.DateOffset(weeks=weeks)).tz_convert("UTC")
    )
    if since >= until:
        raise ValueError(f"the window is empty: it starts {since.isoformat()} and ends {until.isoformat()}")
    return Window(since, until, known)


def _moment(words: str, zone: str) -> pd.Timestamp:
    at = pd.Timestamp(words)
    return (at.tz_localize(zone) if at.tzinfo is None else at).tz_convert("UTC").as_unit("us")


def _read_file(path: Path) -> Tables:
    if not path.exists():
        raise FileNotFoundError(f"there is no file {path}")
    is_parquet = path.suffix == ".parquet"
    names = load.read_rows(path).columns if is_parquet else delimited.head(path).names
    if "alert_id" in names and "fired_at" in names:
        alerts = load.load_alerts(path)
        return replace(nothing(_just_after(columns.last_moment(alerts, columns.ALERTS))), alerts=alerts)
    incidents = load.load_incidents(path)
    return replace(nothing(_just_after(columns.last_moment(incidents, columns.INCIDENTS))), incidents=incidents)


def _just_after(last: pd.Timestamp | None) -> pd.Timestamp:
    """Just after the latest moment of a file, so that an incident detected at it is there; now for a file
    without rows, or where it is yet to come: a mistyped year must not make what is open last until then.
    """
    now = pd.Timestamp.now("UTC").as_unit("us")
    return now if last is None else min((last + pd.Timedelta(microseconds=1)).as_unit("us"), now)
