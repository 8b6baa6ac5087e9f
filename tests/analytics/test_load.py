"""Files and sources."""

import subprocess
import sys

import duckdb
import pandas as pd
import pytest

import analytics
from analytics import columns, load


def test_a_csv_becomes_a_tidy_table(tmp_path):
    file = tmp_path / "incidents.csv"
    file.write_text(
        "incident_id,detected_at,service,reopen_count,cost_centre,resolved_at\n"
        "7,2026-03-02T09:00:00.000001Z,NA,2,42,\n"
        "8,2026-03-02 11:00:00+02:00,,,,\n"
    )
    table = analytics.load_incidents(file)
    assert list(table.columns) == [*columns.INCIDENTS, "cost_centre"]
    assert table["incident_id"].tolist() == ["7", "8"]
    assert table["detected_at"].tolist() == [
        pd.Timestamp("2026-03-02T09:00:00.000001Z"),
        pd.Timestamp("2026-03-02T09:00Z"),
    ]
    assert table["service"].tolist()[0] == "NA"  # a name, not an empty cell
    assert table["service"].isna().tolist() == [False, True]
    assert table["reopen_count"].tolist() == [2, 0]


def test_gzipped_alerts_and_events_are_read_too(tmp_path):
    pd.DataFrame({"alert_id": ["A1"], "fired_at": ["2026-03-02T09:00Z"], "resolved_at": [None]}).to_csv(
        tmp_path / "a.csv.gz", index=False
    )
    pd.DataFrame({"at": ["2026-03-02T09:00Z"], "kind": ["noted"]}).to_csv(tmp_path / "e.csv.gz", index=False)
    assert list(analytics.load_alerts(tmp_path / "a.csv.gz").columns) == list(columns.ALERTS)
    assert analytics.load_events(tmp_path / "e.csv.gz")["kind"].tolist() == ["noted"]


def test_a_file_that_is_another_table_is_refused_by_the_columns_it_lacks(tmp_path):
    file = tmp_path / "shopping.csv"
    file.write_text("what,price\nmilk,2\n")
    with pytest.raises(load.UnreadableTable, match="no column incident_id, detected_at"):
        analytics.load_incidents(file)


def test_a_time_that_is_none_is_named(tmp_path):
    file = tmp_path / "incidents.csv"
    file.write_text("incident_id,detected_at,resolved_at\n7,yesterday,\n")
    with pytest.raises(load.UnreadableTable, match="column detected_at: not a time"):
        analytics.load_incidents(file)


def test_parquet_is_read_with_its_types(tmp_path):
    file = tmp_path / "incidents.parquet"
    rows = pd.DataFrame({"incident_id": ["7"], "detected_at": [pd.Timestamp("2026-03-02T09:00Z")]})
    rows = rows.assign(incident_id=rows["incident_id"].astype(object), resolved_at=pd.NaT)
    duckdb.sql(f"COPY rows TO '{file}' (FORMAT parquet)")
    assert analytics.load_incidents(file)["detected_at"].tolist() == [pd.Timestamp("2026-03-02T09:00Z")]


def test_a_source_may_be_a_file_of_incidents_or_of_alerts(tmp_path):
    incidents, alerts = tmp_path / "i.csv", tmp_path / "a.csv"
    incidents.write_text("incident_id,detected_at,resolved_at\n7,2026-03-02T09:00Z,2026-03-03T09:00Z\n")
    alerts.write_text("alert_id,fired_at,resolved_at\n1,2026-03-02T09:00Z,\n")
    tables = analytics.read(str(incidents))
    assert (len(tables.incidents), len(tables.alerts)) == (1, 0)
    assert tables.as_of == pd.Timestamp("2026-03-03T09:00:00.000001Z")  # when its last moment is known
    assert len(analytics.read(str(alerts)).alerts) == 1


def test_the_newest_incident_of_a_file_is_there_though_nothing_happened_since(tmp_path):
    """The last moment of a file may be a detection: what was open then is not to be lost."""
    file = tmp_path / "incidents.csv"
    file.write_text(
        "incident_id,detected_at,resolved_at\n7,2026-03-02T09:00Z,2026-03-03T09:00Z\n8,2026-03-04T12:00Z,\n"
    )
    tables = analytics.read(str(file))
    window = analytics.window(tables)
    found = analytics.review(tables.incidents, window.since, window.until, window.as_of).resolve
    assert (found.n, found.still_open) == (2, 1)


def test_a_window_is_twelve_weeks_by_the_calendar_of_its_zone():
    tables = analytics.read("sample")
    window = analytics.window(tables, zone="Europe/Riga")
    assert window.since == pd.Timestamp(
        "2025-10-13", tz="Europe/Riga"
    )  # summer time then, winter time at the end
    assert window.until == window.as_of == pd.Timestamp("2026-01-05", tz="Europe/Riga")
    named = analytics.window(tables, "2025-03-01", "2025-04-01", "2025-04-02T12:00Z", zone="Europe/Riga")
    assert named.since == pd.Timestamp("2025-02-28T22:00Z")
    assert named.as_of == pd.Timestamp("2025-04-02T12:00Z")
    with pytest.raises(ValueError, match="the window is empty"):
        analytics.window(tables, "2025-04-01", "2025-03-01")


def test_one_team_can_be_looked_at():
    tables = analytics.read("sample").of_team("Payments")
    assert set(tables.incidents["team"]) == {"Payments"}
    assert set(tables.alerts["team"]) == {"Payments"}


def test_measuring_never_loads_plotly_and_importing_loads_nothing():
    probe = (
        "import sys, analytics; assert 'pandas' not in sys.modules;"
        "tables = analytics.read(); w = analytics.window(tables);"
        "r = analytics.review(tables.incidents, w.since, w.until, w.as_of);"
        "r.acknowledge.severities_in_words();"
        "assert 'plotly' not in sys.modules; r.acknowledge.figure(); assert 'plotly' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", probe], check=True)
