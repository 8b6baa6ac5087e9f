"""Parquet a file a month, with checksums."""

import json

import duckdb
import pandas as pd
import pytest

import analytics
from analytics import archive, load, pack

TABLES = tuple(archive.TABLES)


@pytest.fixture(scope="module")
def tables():
    return analytics.read("sample")


@pytest.fixture
def folder(tables, tmp_path):
    archive.write(tables, tmp_path / "kept")
    return tmp_path / "kept"


@pytest.mark.parametrize("name", TABLES)
def test_what_is_kept_is_read_again_to_the_microsecond(tables, folder, name):
    was, found = (getattr(each, name) for each in (tables, analytics.read(str(folder))))
    order = list(was.columns)
    found = found[order].sort_values(order, ignore_index=True)
    pd.testing.assert_frame_equal(was.sort_values(order, ignore_index=True), found)


def test_a_file_a_month_with_its_rows_and_checksum_and_one_name_for_it_all(tables, folder, tmp_path):
    said = json.loads((folder / "manifest.json").read_text())
    months = [name for name in said["files"] if name.startswith("incidents/")]
    assert months[:2] == ["incidents/2025-01.parquet", "incidents/2025-02.parquet"]
    assert sum(said["files"][name]["rows"] for name in months) == len(tables.incidents)
    assert archive.write(tables, tmp_path / "again").hash == said["hash"]
    fewer = analytics.tables.replace(tables, alerts=tables.alerts.iloc[1:])
    assert archive.write(fewer, tmp_path / "fewer").hash != said["hash"]


def test_duckdb_reads_it_as_it_is(tables, folder):
    count = duckdb.sql(
        f"SELECT count(*), min(fired_at) FROM read_parquet('{folder}/alerts/*.parquet')"
    ).fetchall()[0]
    assert count[0] == len(tables.alerts)
    assert pd.Timestamp(count[1]) == tables.alerts["fired_at"].min()


def test_an_altered_or_missing_file_is_noticed(folder):
    file = next(folder.glob("alerts/*.parquet"))
    good = file.read_bytes()
    file.write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
    with pytest.raises(archive.Damaged, match="not what was exported"):
        archive.read(folder)
    file.unlink()
    with pytest.raises(archive.Damaged, match="missing"):
        archive.read(folder)
    file.write_bytes(good)
    manifest = folder / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"as_of": "2026', '"as_of": "2027'))
    with pytest.raises(archive.Damaged, match="changed after the export"):
        archive.read(folder)


def test_a_folder_that_is_no_export_is_said(tmp_path):
    with pytest.raises(archive.Damaged, match=r"has no manifest\.json"):
        analytics.read(str(tmp_path))


def test_months_that_went_away_are_taken_out_and_other_files_left_alone(tables, folder):
    (folder / "notes.txt").write_text("mine")
    late = analytics.tables.replace(
        tables, alerts=tables.alerts[tables.alerts["fired_at"] >= "2025-06-01T00:00Z"]
    )
    archive.write(late, folder)
    assert min(file.stem for file in folder.glob("alerts/*.parquet")) == "2025-06"
    assert (folder / "notes.txt").exists()
    assert not list(folder.glob("*/*.partial"))


@pytest.mark.parametrize("there", ["the record", "incident 7", "history from csv"])
def test_a_folder_that_holds_something_else_is_not_replaced(tables, tmp_path, there):
    """To import into the folder of an export would take out every alert of it."""
    archive.write(tables, tmp_path / "kept", there)
    hashes = {archive.write(tables, tmp_path / "kept", there).hash}  # its own, again
    with pytest.raises(archive.Occupied, match=f"holds {there}, which history from statuspage would replace"):
        archive.write(tables, tmp_path / "kept", "history from statuspage")
    assert {archive.manifest(tmp_path / "kept").hash} == hashes


def test_parquet_of_somebody_else_is_not_taken_out(tables, tmp_path):
    file = tmp_path / "incidents" / "all.parquet"
    file.parent.mkdir()
    duckdb.sql(f"COPY (SELECT 1 AS incident_id) TO '{file}' (FORMAT parquet)")
    with pytest.raises(archive.Occupied, match="holds tables that are no export"):
        archive.write(tables, tmp_path)
    assert file.exists()


def test_D13_a_second_pack_of_an_incident_that_is_over_has_the_same_hash(tables, tmp_path):
    over = tables.incidents[tables.incidents["resolved_at"].notna()]["incident_id"].iloc[3]
    still = tables.incidents[tables.incidents["resolved_at"].isna() & tables.incidents["closed_at"].isna()]
    later = analytics.tables.replace(tables, as_of=tables.as_of + pd.Timedelta(days=3))
    hashes = {
        name: [
            archive.write(pack.snapshot(known, name), tmp_path / f"{name}-{n}", f"incident {name}").hash
            for n, known in enumerate((tables, later))
        ]
        for name in (over, still["incident_id"].iloc[0])
    }
    assert [len(set(each)) for each in hashes.values()] == [1, 2]  # what is open has lasted three days longer
    told = pack.snapshot(later, over)
    assert told.events["at"].max() < told.as_of <= later.as_of


def test_a_single_parquet_file_is_a_table_like_any_other(folder):
    file = folder / "incidents" / "2025-03.parquet"
    assert len(load.load_incidents(file)) > 10
    assert analytics.read(str(file)).incidents["detected_at"].dt.month.unique().tolist() == [3]
    broken = folder / "broken.parquet"
    broken.write_bytes(b"PAR1 and nothing more")
    with pytest.raises(load.UnreadableTable, match="cannot be read as Parquet"):
        load.load_incidents(broken)
