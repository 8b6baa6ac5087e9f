"""The second scale: one SQL text per metric that scales, over Parquet by DuckDB, or on PostgreSQL.

The text keeps to what both share, reads tables named as in `analytics.schema`, and takes `as_of` and `zone`.
Each has a pandas pair in `PAIRS`; a test holds the two to each other.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from analytics import noise, response
from analytics.weeks import week_of

MEMORY = "900MB"
# of the incidents as they stood at as_of: what later events say of merging, kind and reopening is undone
DURATIONS = """
WITH later_kind AS (
  SELECT incident_id, kind_then
    FROM (SELECT incident_id, "from" AS kind_then,
                 row_number() OVER (PARTITION BY incident_id ORDER BY "at", "from") AS place
            FROM events WHERE kind = 'kind_changed' AND "at" > {as_of}) AS changes
   WHERE place = 1),
turns AS (
  SELECT incident_id, "at",
         kind = 'resolved' OR kind IN ('state_changed', 'status_changed') AND lower("to") = 'resolved' AS over,
         kind = 'reopened' OR kind IN ('state_changed', 'status_changed')
           AND lower("from") IN ('resolved', 'closed') AND lower("to") NOT IN ('resolved', 'closed') AS again
    FROM events WHERE incident_id IS NOT NULL),
reopened AS (
  SELECT incident_id, max(CASE WHEN "at" <= {as_of} THEN "at" END) AS last_at
    FROM turns WHERE again GROUP BY incident_id),
replayed AS (
  SELECT reopened.incident_id, min(turns."at") AS resolved_at
    FROM reopened
    LEFT JOIN turns ON turns.incident_id = reopened.incident_id AND turns.over AND turns."at" <= {as_of}
         AND (reopened.last_at IS NULL OR turns."at" >= reopened.last_at)
   GROUP BY reopened.incident_id),
known AS (
  SELECT detected_at, service,
         CASE WHEN replayed.incident_id IS NULL THEN incidents.resolved_at
              ELSE replayed.resolved_at END AS resolved_at,
         CASE WHEN later_kind.incident_id IS NULL THEN incidents.kind ELSE later_kind.kind_then END AS kind,
         merged_into IS NOT NULL AND merges.incident_id IS NULL AS is_merged
    FROM incidents
    LEFT JOIN later_kind ON later_kind.incident_id = incidents.incident_id
    LEFT JOIN replayed ON replayed.incident_id = incidents.incident_id
    LEFT JOIN (SELECT DISTINCT incident_id FROM events WHERE kind = 'merged' AND "at" > {as_of}) AS merges
           ON merges.incident_id = incidents.incident_id
   WHERE detected_at < {as_of})
SELECT CAST(date_trunc('week', detected_at AT TIME ZONE {zone}) AS DATE) AS week,
       coalesce(service, '') AS service, count(*) AS n, avg(minutes) AS mean,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY minutes) AS median,
       percentile_cont(0.9) WITHIN GROUP (ORDER BY minutes) AS p90
  FROM (SELECT detected_at, service,
               CAST(extract(epoch FROM resolved_at - detected_at) AS DOUBLE PRECISION) / 60 AS minutes
          FROM known
         WHERE coalesce(kind, 'incident') = 'incident' AND NOT is_merged
           AND resolved_at >= detected_at AND resolved_at <= {as_of}) AS ended
 GROUP BY 1, 2 ORDER BY 1, 2
"""
SELF_RESOLVED = """
SELECT coalesce(rule, '') AS rule, count(*) AS n,
       sum(CASE WHEN resolved_at <= {as_of} AND resolved_at <= fired_at + INTERVAL '15 minutes'
                 AND coalesce(resolved_by, 'source') = 'source' AND NOT seen THEN 1 ELSE 0 END) AS k
  FROM (SELECT *, coalesce(acknowledged_at <= {as_of}
               AND coalesce(acknowledged_by, 'human') NOT IN (
                   'source', 'rule', 'timeout', 'system', 'machine', 'integration'), FALSE) AS seen
          FROM alerts WHERE fired_at < {as_of}) AS known
 GROUP BY 1 ORDER BY 1
"""
NO_EVENTS = """
CREATE TABLE events (incident_id TEXT, "at" TIMESTAMPTZ, kind TEXT, "from" TEXT, "to" TEXT)
"""
LOUDEST = """
SELECT coalesce(rule, '') AS rule, coalesce(target, '') AS target, count(*) AS n
  FROM alerts WHERE fired_at < {as_of} GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2
"""
SQL: dict[str, str] = {"weekly_durations": DURATIONS, "self_resolved": SELF_RESOLVED, "loudest": LOUDEST}

#: what each metric's rows hold, as Ibis names kinds: an engine need not be asked first
COLUMNS: dict[str, dict[str, str]] = {
    "weekly_durations": {
        "week": "date", "service": "string", "n": "int64", "mean": "float64", "median": "float64",
        "p90": "float64",
    },
    "self_resolved": {"rule": "string", "n": "int64", "k": "int64"},
    "loudest": {"rule": "string", "target": "string", "n": "int64"},
}  # fmt: skip


def text(metric: str, *, as_of: pd.Timestamp, zone: str = "UTC") -> str:
    """The SQL of a metric. Raises ``KeyError`` for none, ``ValueError`` for a zone whose name is no zone's."""
    if not all(letter.isalnum() or letter in "/_+-" for letter in zone):
        raise ValueError(f"{zone!r} is no time zone")
    moment = f"TIMESTAMPTZ '{pd.Timestamp(as_of).tz_convert('UTC').isoformat()}'"
    return SQL[metric].replace("{as_of}", moment).replace("{zone}", f"'{zone}'")


def on_parquet(metric: str, folder: Path, *, as_of: pd.Timestamp, zone: str = "UTC") -> pd.DataFrame:
    """A metric of an export of any size, in under a gigabyte of memory."""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET memory_limit = ?", [MEMORY])
        for table in ("incidents", "events", "alerts"):
            if any((folder / table).glob("*.parquet")):
                files = str(folder / table / "*.parquet")
                connection.read_parquet(files, union_by_name=True).create_view(table)
        if not any((folder / "events").glob("*.parquet")):  # then the rows are all that is known
            connection.execute(NO_EVENTS)
        return connection.execute(text(metric, as_of=as_of, zone=zone)).df()


def on_engine(metric: str, engine: Any, *, as_of: pd.Timestamp, zone: str = "UTC") -> pd.DataFrame:
    """A metric on an engine that the operator has, past one machine: `engine` is a connection of Ibis to a
    database with the tables of `analytics.schema`. The engine works; only the metric's own rows come here.
    """
    found: pd.DataFrame = engine.sql(text(metric, as_of=as_of, zone=zone), schema=COLUMNS[metric]).to_pandas()
    return found


def weekly_durations(
    rows: pd.DataFrame, events: pd.DataFrame | None = None, *, as_of: pd.Timestamp, zone: str = "UTC"
) -> pd.DataFrame:
    """The pandas pair: of what had ended by `as_of`, by week and service."""
    ended = response.counted(response.time_to_resolve(rows, as_of=as_of, events=events))
    ended = ended.loc[ended["observed"].to_numpy()]
    weeks = ended.assign(week=week_of(ended["start"], zone), service=ended["service"].fillna(""))
    groups = weeks.groupby(["week", "service"], sort=True)["minutes"]
    table = pd.DataFrame(
        {"n": groups.size(), "mean": groups.mean(), "median": groups.quantile(0.5), "p90": groups.quantile(0.9)}
    )
    return table.reset_index()


def self_resolved(rows: pd.DataFrame, *, as_of: pd.Timestamp, zone: str = "UTC") -> pd.DataFrame:
    """The pandas pair: by rule, how many fired and how many ended by themselves within 15 minutes."""
    del zone
    table = noise.self_resolved_share(
        rows.assign(rule=rows["rule"].fillna("")), as_of=as_of, minutes=(15,), by="rule"
    )
    return table[["rule", "n", "k"]]


def loudest(rows: pd.DataFrame, *, as_of: pd.Timestamp, zone: str = "UTC") -> pd.DataFrame:
    """The pandas pair: alerts by rule and target."""
    del zone
    table = noise.top_talkers(
        rows.assign(rule=rows["rule"].fillna(""), target=rows["target"].fillna("")), as_of=as_of
    )
    return table[["rule", "target", "n"]]


Pair = Callable[..., pd.DataFrame]
#: metric: (its pandas function, the tables that takes)
PAIRS: Mapping[str, tuple[Pair, tuple[str, ...]]] = {
    "weekly_durations": (weekly_durations, ("incidents", "events")),
    "self_resolved": (self_resolved, ("alerts",)),
    "loudest": (loudest, ("alerts",)),
}
