"""Two scales, one answer: pandas on frames, SQL on Parquet and on PostgreSQL."""

import secrets
from dataclasses import replace
from functools import cache
from pathlib import Path

import ibis
import pandas as pd
import pytest
import sqlalchemy as sa

import analytics
from analytics import archive, frames, load, reader, scale
from analytics.tables import nothing
from tests.analytics.rows import AS_OF as ROWS_AS_OF
from tests.analytics.rows import DAY, events, incidents

DATA = Path(__file__).parent.parent / "data"
AS_OF = {
    "sample": "2025-09-15T06:30Z", "log": "2016-05-02T00:00Z", "probes": "2024-11-05T12:00Z",
    "later": f"{DAY}T11:45Z",
}  # fmt: skip
HELD = {
    "sample": ("incidents", "events", "alerts"), "log": ("incidents", "events"), "probes": ("alerts",),
    "later": ("incidents", "events"),
}  # fmt: skip


@cache
def source(name: str):
    if name == "sample":
        return analytics.read("sample")
    if name == "later":
        return replace(nothing(ROWS_AS_OF), incidents=LATER[0], events=LATER[1])
    file = {"log": "servicenow_incidents.csv.gz", "probes": "probes_alerts.csv.gz"}[name]
    tables = analytics.read(str(DATA / file))
    log = load.load_events(DATA / "servicenow_events.csv.gz") if name == "log" else tables.events
    return replace(tables, events=log)


#: each reads otherwise at 11:45 than its row says in the end
LATER = (
    incidents(
        {"detected_at": "08:00", "resolved_at": "09:00", "merged_into": "INC9"},  # merged at 11:50
        {"detected_at": "08:00", "resolved_at": "10:00", "merged_into": "INC9"},  # merged by then
        {"detected_at": "08:00", "resolved_at": "11:55", "reopen_count": 1},  # first over at 11:00
        {"detected_at": "08:00", "resolved_at": "11:40", "reopen_count": 1},  # again open since 11:42
        {"detected_at": "08:00", "resolved_at": "09:30", "kind": "drill"},  # called a drill at 11:50
        {"detected_at": "08:00", "resolved_at": "09:45"},  # a drill until 11:50
        {"detected_at": "08:00", "resolved_at": "10:15"},
    ),
    events(
        {"incident_id": "INC1", "at": "11:50", "kind": "merged"},
        {"incident_id": "INC2", "at": "10:30", "kind": "merged"},
        {"incident_id": "INC3", "at": "11:00", "kind": "resolved"},
        {"incident_id": "INC3", "at": "11:50", "kind": "status_changed", "from": "resolved", "to": "open"},
        {"incident_id": "INC3", "at": "11:55", "kind": "resolved"},
        {"incident_id": "INC4", "at": "11:40", "kind": "status_changed", "from": "open", "to": "Resolved"},
        {"incident_id": "INC4", "at": "11:42", "kind": "reopened"},
        {"incident_id": "INC5", "at": "11:50", "kind": "kind_changed", "from": "incident", "to": "drill"},
        {"incident_id": "INC6", "at": "11:50", "kind": "kind_changed", "from": "drill", "to": "incident"},
    ),
)


def same(expected: pd.DataFrame, found: pd.DataFrame) -> None:
    keys = [name for name in expected.columns if expected[name].dtype != "float64" and name not in ("n", "k")]
    found = found.assign(**({"week": pd.to_datetime(found["week"])} if "week" in found else {}))
    both = [table.sort_values(keys, ignore_index=True)[list(expected.columns)] for table in (expected, found)]
    for name in keys:
        assert both[0][name].astype(str).str[:40].tolist() == both[1][name].astype(str).str[:40].tolist()
    numbers = [name for name in expected.columns if name not in keys]
    assert len(both[0]) > 0
    pd.testing.assert_frame_equal(
        both[0][numbers].astype("float64"), both[1][numbers].astype("float64"), check_exact=False, rtol=1e-9
    )


@pytest.mark.parametrize(
    ("name", "metric"),
    [
        (name, metric)
        for name, tables in HELD.items()
        for metric, (_, needed) in scale.PAIRS.items()
        if set(needed) <= set(tables)
    ],
)
def test_sql_on_parquet_says_what_pandas_says(tmp_path, name, metric):
    tables, (pair, needed) = source(name), scale.PAIRS[metric]
    given = {table: getattr(tables, table) for table in needed}
    archive.write(replace(nothing(tables.as_of), **given), tmp_path)
    asked = {"as_of": pd.Timestamp(AS_OF[name]), "zone": "Europe/Riga"}
    same(pair(*given.values(), **asked), scale.on_parquet(metric, tmp_path, **asked))


def test_both_scales_tell_of_a_moment_what_was_known_then(tmp_path):
    """Merged, reopened or called a drill later: not yet; 60, 180, 90 and 135 minutes."""
    tables, asked = source("later"), {"as_of": pd.Timestamp(AS_OF["later"])}
    archive.write(tables, tmp_path)
    for found in (
        scale.weekly_durations(tables.incidents, tables.events, **asked),
        scale.on_parquet("weekly_durations", tmp_path, **asked),
    ):
        assert found["n"].tolist() == [4]
        assert found["mean"].tolist() == pytest.approx([116.25])
        assert found["median"].tolist() == [112.5]


@pytest.mark.filterwarnings("ignore:The 'future.infer_string' option")  # Ibis 12 still sets it, pandas 3 minds
@pytest.mark.parametrize(
    ("name", "metric"), [("later", "weekly_durations"), *(("sample", m) for m in scale.SQL)]
)
def test_the_same_sql_on_postgresql_says_it_too_also_by_way_of_ibis(postgresql_url, name, metric):
    """Ibis on PostgreSQL stands for any engine of the operator's that takes over past one machine."""
    tables, (pair, needed) = source(name), scale.PAIRS[metric]
    asked = {"as_of": pd.Timestamp(AS_OF[name]), "zone": "Europe/Riga"}
    engine = sa.create_engine(postgresql_url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        for table in needed:
            put(getattr(tables, table), table, connection)
        found = pd.read_sql(sa.text(scale.text(metric, **asked)), connection)
        connection.commit()
        address = engine.url
        elsewhere = ibis.postgres.connect(
            host=address.query["host"], user=address.username, database=address.database
        )
        by_ibis = scale.on_engine(metric, elsewhere, **asked)
        elsewhere.disconnect()
        connection.execute(sa.text(f"DROP TABLE IF EXISTS {', '.join(needed)}"))
        connection.commit()
    engine.dispose()
    for answer in (found, by_ibis):
        same(pair(*(getattr(tables, table) for table in needed), **asked), answer)


def put(rows: pd.DataFrame, table: str, connection: sa.Connection) -> None:
    words = {c: rows[c].astype(object).where(rows[c].notna(), None) for c in rows.columns}
    kinds = {c: sa.DateTime(timezone=True) for c in rows.columns if c.endswith("at")}
    texts = {c: sa.Text() for c in rows.columns if c not in kinds and rows[c].dtype.kind not in "if"}
    rows.assign(**words).to_sql(
        table, connection, if_exists="replace", index=False, dtype={**texts, **kinds}, chunksize=5000
    )


def test_a_zone_that_is_none_never_reaches_the_database():
    with pytest.raises(ValueError, match="is no time zone"):
        scale.text("loudest", as_of=pd.Timestamp("2026-01-01T00:00Z"), zone="UTC'; DROP TABLE alerts; --")


def test_SEC32_the_notebooks_role_reads_what_they_need_and_no_secret(postgresql_url):
    address = sa.make_url(postgresql_url.replace("postgresql://", "postgresql+psycopg://"))
    owner, password = sa.create_engine(address), secrets.token_urlsafe(12) + "%'\\"
    for _ in range(2):  # a second time renews it
        with owner.begin() as connection:
            reader.make(connection, "nightbell_reader", password)
    engine = sa.create_engine(address.set(username="nightbell_reader", password=password))
    try:
        with engine.connect() as connection:
            tables = frames.everything(connection)
            assert len(nothing(tables.as_of).alerts.columns) <= len(tables.alerts.columns)
        forbidden = [
            'SELECT password_hash FROM "user"',
            'SELECT email FROM "user"',
            "SELECT token_hash FROM session",
            "SELECT endpoint FROM push_subscription",
            "SELECT token_hash FROM delivery",
            "SELECT * FROM integration",
            "SELECT * FROM api_token",
            "DELETE FROM alert",
            "CREATE TABLE mine (id int)",
        ]
        for statement in forbidden:
            with (
                engine.connect() as connection,
                pytest.raises(sa.exc.DBAPIError, match=r"permission denied|read-only"),
            ):
                connection.execute(sa.text(statement))
        with engine.connect() as connection:
            assert connection.scalar(sa.text("SHOW statement_timeout")) == "1min"
    finally:
        engine.dispose()
        with owner.begin() as connection:
            connection.exec_driver_sql("DROP OWNED BY nightbell_reader")
            connection.exec_driver_sql("DROP ROLE nightbell_reader")
        owner.dispose()
