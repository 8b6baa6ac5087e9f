"""Analytics, measured: beside DuckDB on the same rows in the same run, beside lifelines in an environment of
its own, and ten million rows from Parquet by their memory.
"""

import dataclasses
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import numpy as np
import pandas as pd

import analytics
from analytics import columns, reports, scale, volume
from analytics.card import Scope
from analytics.survival import kaplan_meier
from bench.running import ROOT

ROWS, MANY = 1_000_000, 10_000_000
SINCE, WEEKS = pd.Timestamp("2024-01-01T00:00Z"), 104
UNTIL = SINCE + pd.Timedelta(weeks=WEEKS)
ZONE = "America/New_York"
STRANGERS = ROOT / ".venv-bench"
Figures = dict[str, Any]
BY_WEEK = """
SELECT CAST(date_trunc('week', detected_at AT TIME ZONE 'America/New_York') AS DATE), count(*)
  FROM incidents GROUP BY 1 ORDER BY 1
"""
BY_HOUR = """
SELECT dayofweek("at"), hour("at"), count(*)
  FROM (SELECT detected_at AT TIME ZONE 'America/New_York' AS "at" FROM incidents)
 GROUP BY 1, 2 ORDER BY 1, 2
"""
MADE = """
COPY (SELECT 'I' || i AS incident_id, 'incident' AS kind, NULL AS merged_into,
             'service ' || (i % 50) AS service, began AS detected_at,
             began + to_seconds(CAST(exp(random() * 12) AS BIGINT)) AS resolved_at
        FROM (SELECT i, TIMESTAMPTZ '2024-01-01 00:00Z'
                        + to_seconds(CAST(random() * 62899200 AS BIGINT)) AS began
                FROM range({rows}) AS made(i)))
  TO '{file}' (FORMAT parquet)
"""


def all_of_them(rounds: int) -> Figures:
    """Everything below, one after the other."""
    return {
        "duckdb": beside_duckdb(rounds), "page": whole_page(), "many": ten_million(),
        "lifelines": beside_lifelines(rounds),
        "notebooks_seconds": notebooks(),
    }  # fmt: skip


def incidents(rows: int) -> pd.DataFrame:
    """Made-up incidents of two years and fifty services; one in fifteen is still open."""
    dice = np.random.default_rng(7)
    starts = SINCE + pd.to_timedelta(np.sort(dice.integers(0, WEEKS * 7 * 86_400, rows)), unit="s")
    lengths = pd.to_timedelta(np.exp(dice.normal(8, 1.5, rows)).astype("int64"), unit="s")
    ends = pd.Series(starts + lengths).where(dice.random(rows) > 1 / 15)
    table = pd.DataFrame({"detected_at": starts, "resolved_at": ends})
    table = table.astype("datetime64[us, UTC]")
    names = np.array([f"service {number}" for number in range(50)])
    made = table.assign(
        incident_id=np.arange(rows).astype("str"), kind="incident", service=names[dice.integers(0, 50, rows)],
        severity="SEV3",
    )  # fmt: skip
    return columns.tidy(made, columns.INCIDENTS)


def beside_duckdb(rounds: int) -> Figures:
    """Milliseconds of each question put to our function and to DuckDB with two threads, in turn."""
    rows = incidents(ROWS)
    text = scale.text("weekly_durations", as_of=UNTIL, zone=ZONE)
    span: Figures = {"since": SINCE, "until": UNTIL, "as_of": UNTIL, "zone": ZONE}
    with duckdb.connect() as connection:
        connection.execute("SET threads = 2")
        connection.execute("SET TimeZone = 'UTC'")
        connection.register("given", rows)
        connection.execute("CREATE TABLE incidents AS SELECT * FROM given")
        connection.execute(scale.NO_EVENTS)
        asked: dict[str, tuple[Callable[[], Any], Callable[[], Any]]] = {
            "percentiles": (
                lambda: scale.weekly_durations(rows, as_of=UNTIL, zone=ZONE),
                lambda: connection.execute(text).fetchall(),
            ),
            "trend": (
                lambda: volume.weekly_counts(rows, **span),
                lambda: connection.execute(BY_WEEK).fetchall(),
            ),
            "hours": (
                lambda: volume.hour_by_weekday(rows["detected_at"], zone=ZONE),
                lambda: connection.execute(BY_HOUR).fetchall(),
            ),
        }
        found: Figures = {}
        for name, (ours, theirs) in asked.items():
            taken = [(_milliseconds(ours), _milliseconds(theirs)) for _ in range(rounds + 1)][1:]  # warm
            found[name] = {"ours": median(a for a, _ in taken), "duckdb": median(b for _, b in taken)}
    return found


def whole_page() -> Figures:
    """Seconds of Response over a million incidents and two years: the report with each of its figures as JSON,
    and the megabytes that this process had held by then.
    """
    sample = analytics.read("sample")
    others = {
        name: getattr(sample, name).iloc[:0] for name in ("events", "alerts", "pages", "shifts", "people")
    }
    tables = dataclasses.replace(sample, incidents=incidents(ROWS), **others)
    at = UNTIL.isoformat()
    scope = Scope(analytics.window(tables, SINCE.isoformat(), at, at, ZONE), ZONE)
    taken = []
    for _ in range(3):
        began, spent = time.perf_counter(), time.process_time()
        for card in reports.response_times(tables, scope, noun="incident").cards:
            if card.draw is not None:
                card.draw("light").to_json()
        taken.append((time.perf_counter() - began, time.process_time() - spent))
    return {
        "seconds": min(both[0] for both in taken), "cpu_seconds": min(both[1] for both in taken),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }  # fmt: skip


def ten_million() -> Figures:
    """A metric's SQL over Parquet of ten million rows, in a process of its own: seconds and peak megabytes."""
    with TemporaryDirectory(prefix="nightbell-bench-") as folder:
        (Path(folder) / "incidents").mkdir()
        with duckdb.connect() as connection:
            connection.execute(MADE.format(rows=MANY, file=Path(folder) / "incidents" / "all.parquet"))
        done = subprocess.run(
            [sys.executable, "-c", _MANY, folder], cwd=ROOT, capture_output=True, text=True, check=True
        )
    return dict(json.loads(done.stdout.splitlines()[-1]))


_MANY = f"""
import json, re, sys, time
from pathlib import Path
import pandas as pd
from analytics import scale
began = time.perf_counter()
found = scale.on_parquet("weekly_durations", Path(sys.argv[1]), as_of=pd.Timestamp("{UNTIL}"), zone="{ZONE}")
# not getrusage: that one still counts what the parent held
peak = int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text()).group(1)) / 1024
print()  # DuckDB draws its progress on this line
print(json.dumps({{"seconds": time.perf_counter() - began, "peak_mb": peak, "groups": len(found)}}))
"""


def notebooks() -> float:
    """Seconds for all eleven notebooks on the sample, as `bin/notebooks` runs them."""
    began = time.perf_counter()
    with TemporaryDirectory(prefix="nightbell-bench-") as folder:
        words = [sys.executable, "-m", "analytics.report", "--out", folder]
        subprocess.run(words, cwd=ROOT, capture_output=True, check=True)
    return time.perf_counter() - began


def beside_lifelines(rounds: int) -> Figures:
    """Kaplan-Meier of a million distinct times, ours and lifelines'. That pins an older pandas, so it gets an
    environment of its own beside the project's; `why` says so where it cannot be installed.
    """
    dice = np.random.default_rng(7)
    lengths, ended = dice.permutation(ROWS) + 1.0, dice.random(ROWS) > 0.1
    ours = median([_milliseconds(lambda: kaplan_meier(lengths, ended)) for _ in range(rounds)])
    found: Figures = {"ours": ours}
    python = STRANGERS / "bin" / "python"
    try:
        if subprocess.run([python, "-c", "import lifelines"], capture_output=True, check=False).returncode:
            raise FileNotFoundError
    except FileNotFoundError:
        for words in (
            [sys.executable, "-m", "venv", "--clear", str(STRANGERS)],
            [str(python), "-m", "pip", "install", "--quiet", "--only-binary", ":all:", "lifelines==0.30.3"],
        ):
            made = subprocess.run(words, capture_output=True, text=True, check=False)
            if made.returncode:
                last = (made.stderr.strip() or made.stdout.strip()).splitlines()[-1:]
                return {**found, "why": " ".join(["lifelines cannot be installed:", *last])}
    with TemporaryDirectory(prefix="nightbell-bench-") as folder:
        file = Path(folder) / "lengths.npz"
        np.savez(file, lengths=lengths, ended=ended)
        done = subprocess.run(
            [str(python), "-c", _LIFELINES, str(file), str(rounds)], capture_output=True, text=True, check=True
        )
    theirs = json.loads(done.stdout)
    last_share = float(kaplan_meier(lengths, ended).survival[-1])
    return {**found, "lifelines": theirs["ms"], "apart": abs(theirs["last"] - last_share)}


_LIFELINES = """
import json, sys, time
from statistics import median
import numpy as np
from lifelines import KaplanMeierFitter
given = np.load(sys.argv[1])
taken = []
for _ in range(int(sys.argv[2])):
    began = time.perf_counter()
    fitted = KaplanMeierFitter().fit(given["lengths"], given["ended"])
    taken.append((time.perf_counter() - began) * 1000)
over = given["lengths"][given["ended"]].max()
print(json.dumps({"ms": median(taken), "last": float(fitted.survival_function_at_times(over).iloc[0])}))
"""


def _milliseconds(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000
