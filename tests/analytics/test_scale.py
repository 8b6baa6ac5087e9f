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
from analytics import archive, frames, reader, scale
from analytics.tables import nothing

DATA = Path(__file__).parent.parent / "data"
AS_OF = {"sample": "2025-09-15T06:30Z", "log": "2016-05-02T00:00Z", "probes": "2024-11-05T12:00Z"}

HELD = {"sample": ("incidents", "alerts"), "log": ("incidents",), "probes": ("alerts",)}


@cache
def source(name: str):
    if name == "sample":
        return analytics.read("sample")
    file = {"log": "servicenow_incidents.csv.gz", "probes": "probes_alerts.csv.gz"}[name]
    return analytics.read(str(DATA / file))


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
        for metric, (_, table) in scale.PAIRS.items()
        if table in tables
    ],
)
def test_sql_on_parquet_says_what_pandas_says(tmp_path, name, metric):
    tables, (pair, table) = source(name), scale.PAIRS[metric]
    archive.write(replace(nothing(tables.as_of), **{table: getattr(tables, table)}), tmp_path)
    asked = {"as_of": pd.Timestamp(AS_OF[name]), "zone": "Europe/Riga"}
    same(pair(getattr(tables, table), **asked), scale.on_parquet(metric, tmp_path, **asked))


@pytest.mark.filterwarnings("ignore:The 'future.infer_string' option")  # Ibis 12 still sets it, pandas 3 minds
@pytest.mark.parametrize("metric", scale.SQL)
def test_the_same_sql_on_postgresql_says_it_too_also_by_way_of_ibis(postgresql_url, metric):
    """Ibis on PostgreSQL stands for any engine of the operator's that takes over past one machine."""
    tables, (pair, table) = source("sample"), scale.PAIRS[metric]
    asked = {"as_of": pd.Timestamp(AS_OF["sample"]), "zone": "Europe/Riga"}
    engine = sa.create_engine(postgresql_url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        rows = getattr(tables, table)
        words = {c: rows[c].astype(object).where(rows[c].notna(), None) for c in rows.columns}
        kinds = {c: sa.DateTime(timezone=True) for c in rows.columns if c.endswith("_at")}
        rows.assign(**words).to_sql(
            table,
            connection,
            if_exists="replace",
            index=False,
            dtype={
                **{c: sa.Text() for c in rows.columns if c not in kinds and rows[c].dtype.kind not in "if"},
                **kinds,
            },
        )
        found = pd.read_sql(sa.text(scale.text(metric, **asked)), connection)
        connection.commit()
        address = engine.url
        elsewhere = ibis.postgres.connect(
            host=address.query["host"], user=address.username, database=address.database
        )
        by_ibis = scale.on_engine(metric, elsewhere, **asked)
        elsewhere.disconnect()
        connection.execute(sa.text(f"DROP TABLE IF EXISTS {table}"))
        connection.commit()
    engine.dispose()
    for answer in (found, by_ibis):
        same(pair(getattr(tables, table), **asked), answer)


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
