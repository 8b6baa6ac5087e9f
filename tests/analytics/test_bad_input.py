"""What is wrong with the input is a named error or a counted exclusion, never a silent number."""

import gzip
from dataclasses import replace
from functools import partial

import pandas as pd
import pytest

import analytics
from analytics import columns, load, pack, reports, response, scale
from analytics.card import Scope
from analytics.tables import nothing

AS_OF = pd.Timestamp("2026-03-09T00:00Z")
GOOD = (
    "incident_id,detected_at,acknowledged_at,resolved_at,closed_at\n"
    "1,2026-03-02T09:00Z,2026-03-02T09:05Z,2026-03-02T10:00Z,\n"
    "2,2026-03-02T12:00+01:00,2026-03-02T13:05+02:00,2026-03-02T12:00-01:00,\n"
)


def refused(tmp_path, text: str) -> str:
    file = tmp_path / "incidents.csv"
    file.write_text(text)
    with pytest.raises(load.UnreadableTable) as problem:
        analytics.load_incidents(file)
    return str(problem.value)


def table(*rows: tuple[str | None, ...]) -> pd.DataFrame:
    names = ("incident_id", "detected_at", "acknowledged_at", "resolved_at", "closed_at")
    return columns.tidy(pd.DataFrame(rows, columns=names, dtype="str"), columns.INCIDENTS)


def test_a_column_that_is_missing_or_goes_by_another_name_is_named(tmp_path):
    assert "it has no column detected_at (`Detected At` for detected_at)" in refused(
        tmp_path, GOOD.replace("detected_at", "Detected At")
    )
    # unread, it would make every incident an open one
    assert "rename the column (`resolved` for resolved_at)" in refused(
        tmp_path, GOOD.replace("resolved_at", "resolved")
    )


def test_offsets_may_be_mixed_but_not_with_times_of_no_zone(tmp_path):
    file = tmp_path / "incidents.csv"
    file.write_text(GOOD)
    minutes = response.time_to_resolve(analytics.load_incidents(file), as_of=AS_OF)["minutes"]
    assert minutes.tolist() == [60.0, 120.0]
    said = refused(tmp_path, GOOD.replace("T10:00Z", "T10:00"))
    assert "column resolved_at: 1 times have no zone and the others have one" in said
    assert "nightbell import csv" in said
    with pytest.raises(ValueError, match="as_of needs a zone"):
        response.time_to_resolve(table(), as_of="2026-03-09")


def test_times_with_a_zone_in_one_column_and_without_in_another_are_refused(tmp_path):
    """A resolve in local time beside a detection in UTC: every length would be wrong by the offset."""
    naive = GOOD.replace("T10:00Z", "T10:00").replace("2026-03-02T12:00-01:00", "2026-03-02T12:00")
    assert "times of resolved_at have no zone and those of detected_at, acknowledged_at have one" in refused(
        tmp_path, naive
    )
    file = tmp_path / "short.csv"  # as PostgreSQL writes an offset
    file.write_text("incident_id,detected_at,resolved_at\n1,2026-03-02 09:00:00+00,2026-03-02 12:00:00.5+02\n")
    minutes = response.time_to_resolve(analytics.load_incidents(file), as_of=AS_OF)["minutes"]
    assert minutes.tolist() == [pytest.approx(60 + 0.5 / 60)]


def test_a_year_that_is_mistyped_does_not_make_the_open_ones_last_until_then(tmp_path):
    file = tmp_path / "incidents.csv"
    file.write_text(GOOD.replace("2026-03-02T10:00Z", "2962-03-02T10:00Z"))
    tables = analytics.read(str(file))
    assert tables.as_of <= pd.Timestamp.now("UTC")
    found = response.time_to_resolve(tables.incidents, as_of=tables.as_of)
    assert found["end"].tolist() == ["still open", "resolved"]


def test_ids_that_stand_twice_or_are_empty_are_refused_by_name(tmp_path):
    assert "1 incident_id stand more than once: 1" in refused(tmp_path, GOOD.replace("\n2,", "\n1,"))
    assert "1 of 2 rows have no incident_id" in refused(tmp_path, GOOD.replace("\n2,", "\n,"))


def test_a_stop_before_its_start_is_left_out_counted_and_listed():
    rows = table(("1", "2026-03-02T09:00Z", "2026-03-02T08:00Z", "2026-03-02T08:00Z", None))
    for metric in (response.time_to_acknowledge, response.time_to_resolve):
        found = metric(rows, as_of=AS_OF)
        assert response.left_out(found) == {"in an impossible order": 1}
        span = {"since": AS_OF - pd.Timedelta(weeks=4), "until": AS_OF, "as_of": AS_OF, "zone": "UTC"}
        assert "left out: 1 in an impossible order (1)" in response.footer(found, **span)


def test_times_yet_to_come_have_not_happened():
    rows = table(
        ("1", "2026-03-02T09:00Z", "2030-01-01T00:00Z", "2030-01-01T00:00Z", None),
        ("2", "2030-01-01T00:00Z", None, None, None),
    )
    found = response.time_to_resolve(rows, as_of=AS_OF)
    assert found.index.tolist() == ["1"]  # the other one does not exist yet
    assert (found["observed"].tolist(), found["end"].tolist()) == ([False], ["still open"])


def test_all_open_waits_and_all_closed_without_a_stop_says_nothing():
    still = table(*((str(n), "2026-03-02T09:00Z", None, None, None) for n in range(8)))
    waiting = response.time_to_resolve(still, as_of=AS_OF)
    line = response.summary(waiting).iloc[0]
    assert (line["n"], line["still_open"], line["ended"]) == (8, 8, 0)
    assert pd.isna(line["median"])
    closed = table(*((str(n), "2026-03-02T09:00Z", None, None, "2026-03-03T09:00Z") for n in range(8)))
    unknown = response.time_to_resolve(closed, as_of=AS_OF)
    assert response.left_out(unknown) == {"stop unknown": 8}
    assert response.summary(unknown).iloc[0]["n"] == 0
    beside = response.time_to_resolve(closed, as_of=AS_OF, stop_fallback="closed_at")
    assert response.summary(beside).iloc[0]["median"] == 1440.0


def test_of_nothing_and_of_one_row_no_median_is_said():
    for rows in (table(), table(("1", "2026-03-02T09:00Z", None, "2026-03-02T10:00Z", None))):
        span = (AS_OF - pd.Timedelta(weeks=4), AS_OF, AS_OF, "UTC")
        found = analytics.review(rows, *span)
        assert found.resolve.median_words == "too few to tell"
        assert found.resolve.n == len(rows)


@pytest.mark.parametrize("packed", [False, True])
def test_a_csv_too_large_for_a_frame_is_refused_with_the_way_to_do_it(tmp_path, monkeypatch, packed):
    file = tmp_path / ("incidents.csv.gz" if packed else "incidents.csv")
    file.write_bytes(gzip.compress(GOOD.encode() * 9) if packed else GOOD.encode() * 9)
    monkeypatch.setattr(load, "LARGEST", 1000)
    with pytest.raises(load.UnreadableTable, match=r"Turn it into Parquet once, in bounded memory"):
        analytics.load_incidents(file)


def test_a_parquet_file_too_large_for_a_frame_is_refused_with_the_way_to_do_it(tmp_path, monkeypatch):
    file = tmp_path / "incidents.csv"
    file.write_text(GOOD)
    kept = load.to_parquet(file, tmp_path / "kept", "incidents")
    assert len(analytics.read(str(kept)).incidents) == 2
    monkeypatch.setattr(load, "MOST_ROWS", 1)
    with pytest.raises(
        load.UnreadableTable, match=r"has 2 rows; .* Ask it where it is: analytics\.scale\.on_parquet"
    ):
        analytics.read(str(kept))


def test_a_csv_of_any_size_becomes_parquet_that_answers_as_the_frame_does(tmp_path):
    file = tmp_path / "incidents.csv"
    file.write_text(GOOD)
    load.to_parquet(file, tmp_path / "kept", "incidents")
    asked = {"as_of": AS_OF, "zone": "Europe/Riga"}
    found = scale.on_parquet("weekly_durations", tmp_path / "kept", **asked)
    expected = scale.weekly_durations(analytics.load_incidents(file), **asked)
    assert (
        found[["n", "mean", "median"]].to_numpy().tolist()
        == expected[["n", "mean", "median"]].to_numpy().tolist()
    )


#: what is put in place of what, and what is then said
WRONG = {
    "a time that is none": ("T10:00Z", "T10:99Z", "99"),
    "another start": ("detected_at", "seen_at", "no column detected_at"),
    "almost its name": ("resolved_at", "resolved", "rename the column"),
    "no stop": ("resolved_at", "finished", "every one of its incidents would read as still open"),
    "an id twice": ("\n2,", "\n1,", "stand more than once: 1"),
    "an empty id": ("\n2,", "\n,", "1 of 2 rows have no incident_id"),
    "a time without a zone": ("T10:00Z", "T10:00", "column resolved_at: 1 times have no zone"),
    "a word for none": (
        "T12:00-01:00,,0,",
        "T12:00-01:00,NULL,0,",
        "column closed_at: NULL is not a time: leave",
    ),
    "a column twice": ("closed_at", "resolved_at", "more than one column is called resolved_at"),
    "a row cut short": (",2026-03-02T12:00-01:00,,0,", "", "line 3; Expected Number of Columns: 7 Found: 3"),
    "a row too long": (",0,0.5\n", ",0,0.5,x,y\n", "line 2; Expected Number of Columns: 7 Found: 8"),
    "a quote left open": (",0,0.5", ',"0,0.5', "line 2; Value with unterminated quote found"),
    "a count that is none": (",0,0.5", ",many,0.5", "column reopen_count: many is not a number"),
    "half a count": (",0,0.5", ",1.5,0.5", "column reopen_count: 1.5 is not a count"),
    "a count below none": (",0,0.5", ",-1,0.5", "column reopen_count: -1 is not a count"),
    "a count without end": (",0,0.5", ",inf,0.5", "column reopen_count: inf is not a count"),
    "a share in per cent": (",0.5", ",50", "column impact_fraction: 50 is not a share of 0 to 1"),
    "a share that is none": (",0.5", ",half", "column impact_fraction: half is not a number"),
    "nothing": (None, "", "has no first line that names its columns"),
}


@pytest.mark.parametrize("is_frame", [True, False])
@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_named_in_a_frame_and_on_the_way_to_parquet(tmp_path, name, is_frame):
    there, instead, said = WRONG[name]
    first, one, two = GOOD.splitlines()
    good = f"{first},reopen_count,impact_fraction\n{one},0,0.5\n{two},0,\n"
    file = tmp_path / "incidents.csv"
    file.write_text(instead if there is None else good.replace(there, instead))
    assert there is None or file.read_text() != good
    read = (
        analytics.load_incidents if is_frame else partial(load.to_parquet, folder=tmp_path, table="incidents")
    )
    with pytest.raises(load.UnreadableTable, match=said):
        read(file)


@pytest.mark.parametrize(
    ("name", "held", "said"),
    [
        ("latin.csv", "incident_id,service\n1,Küche\n".encode("latin-1"), "is not text in UTF-8"),
        ("torn.csv.gz", gzip.compress(GOOD.encode())[:-12], "cannot be read as CSV"),
        ("none.csv.gz", GOOD.encode(), "cannot be read as CSV: Not a gzipped file"),
    ],
)
def test_a_file_that_is_no_csv_is_said_to_be_none(tmp_path, name, held, said):
    file = tmp_path / name
    file.write_bytes(held)
    for read in (analytics.load_incidents, partial(load.to_parquet, folder=tmp_path, table="incidents")):
        with pytest.raises(load.UnreadableTable, match=said):
            read(file)


@pytest.mark.parametrize("separator", [";", "\t"])
def test_columns_may_stand_apart_by_semicolons_or_tabs(tmp_path, separator):
    file = tmp_path / "incidents.csv"
    file.write_text("\ufeff" + GOOD.replace(",", separator))
    minutes = response.time_to_resolve(analytics.load_incidents(file), as_of=AS_OF)["minutes"]
    assert minutes.tolist() == [60.0, 120.0]


def test_what_no_window_can_hold_is_listed_by_the_question_whether_to_believe_it(tmp_path):
    """A start in 2062 and a start that is empty are in no figure; the records' report names both."""
    file = tmp_path / "incidents.csv"
    late = GOOD.replace("2026-03-02T10:00Z", "2962-03-02T10:00Z")
    file.write_text(late + "3,2062-03-02T09:00Z,,,\n4,,,2026-03-02T10:00Z,\n")
    tables = analytics.read(str(file))
    scope = Scope(analytics.window(tables), "UTC")
    card = reports.data_quality(tables, scope)["impossible"]
    assert card.sentence == (
        "2 incidents in the whole source have a time yet to come;"
        " 1 incident in the whole source has no detection."
    )
    assert card.table[["Incident", "What"]].to_numpy().tolist() == [
        ["1", "a time yet to come"], ["3", "a time yet to come"], ["4", "no detection"],
    ]  # fmt: skip
    file.write_text(GOOD)
    tables = analytics.read(str(file))
    clean = reports.data_quality(tables, Scope(analytics.window(tables), "UTC"))["impossible"]
    assert clean.sentence == "No stop comes before its start."


def test_what_else_a_file_brings_may_be_called_at_and_be_text(tmp_path):
    """`opened_at` of another tool: a time to us only in the columns that promise one."""
    file = tmp_path / "incidents.csv"
    first, *rows = GOOD.splitlines()
    file.write_text("\n".join([f"{first},opened_at", *(f"{row},2026-03-02 in the morning" for row in rows)]))
    tables = analytics.read(str(file))
    assert tables.as_of == pd.Timestamp("2026-03-02T13:00:00.000001Z")
    report = reports.data_quality(tables, Scope(analytics.window(tables), "UTC"))
    assert report["impossible"].sentence == "No stop comes before its start."
    assert pack.snapshot(tables, "2").as_of == tables.as_of


def test_drills_and_merged_ones_are_not_listed_among_what_no_window_can_hold():
    """A drill of next month is planned, and what was merged is counted where it went."""
    rows = table(*((str(n), None, None, None, None) for n in range(4)))
    rows = rows.assign(kind=["incident", "drill", "maintenance", "incident"])
    rows = rows.assign(merged_into=pd.Series([None, None, None, "0"], dtype="str"))
    later = table(("5", "2062-03-02T09:00Z", None, None, None)).assign(kind="drill")
    told = replace(nothing(AS_OF), incidents=pd.concat([rows, later], ignore_index=True))
    card = reports.data_quality(told, Scope(analytics.window(told), "UTC"))["impossible"]
    assert card.sentence == "1 incident in the whole source has no detection."
    assert card.table["Incident"].tolist() == ["0"]
