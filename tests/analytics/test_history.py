"""Other products' histories: what is understood, what is counted and left out, what is refused and why."""

import json
from pathlib import Path

import pandas as pd
import pytest

import analytics
from analytics import history
from analytics.history import NotUnderstood

ROOT = Path(__file__).parent.parent
NOW = pd.Timestamp("2026-03-02T12:00Z")
HEAD = (
    "number,incident_state,active,reassignment_count,reopen_count,opened_at,sys_created_at,sys_updated_at,category,"
    "subcategory,u_symptom,priority,assignment_group,resolved_at,closed_at"
)


def servicenow(tmp_path: Path, *lines: str) -> history.History:
    file = tmp_path / "log.csv"
    file.write_text("\n".join([HEAD, *lines]) + "\n")
    return history.read("servicenow", file, now=NOW)


UPDATES = (
    (
        "INC1,New,true,0,0,29/2/2016 01:16,29/2/2016 01:23,29/2/2016 01:23,Mail,Slow,?,2 - High,Desk,29/2/2016"
        " 11:29,5/3/2016 12:00"
    ),
    (
        "INC1,Active,true,1,0,29/2/2016 01:16,29/2/2016 01:23,29/2/2016 02:00,Mail,Slow,?,1 -"
        " Critical,Ops,29/2/2016 11:29,5/3/2016 12:00"
    ),
    (
        "INC1,Closed,false,1,1,29/2/2016 01:16,29/2/2016 01:23,5/3/2016 12:00,Mail,Slow,?,1 -"
        " Critical,Ops,29/2/2016 11:29,5/3/2016 12:00"
    ),
)


def test_a_servicenow_log_becomes_one_row_an_incident(tmp_path):
    found = servicenow(tmp_path, *UPDATES)
    row = found.incidents.iloc[0]
    assert row[["incident_id", "title", "service", "team", "severity"]].tolist() == [
        "INC1",
        "Slow",
        "Mail",
        "Ops",
        "SEV1",
    ]
    assert row[["detected_at", "declared_at", "acknowledged_at", "resolved_at"]].tolist() == [
        pd.Timestamp(f"2016-02-29T{at}Z") for at in ("01:16", "01:23", "02:00", "11:29")
    ]
    assert row[["reopen_count", "reassignment_count"]].tolist() == [1, 1]
    assert found.events[["from", "to"]].to_numpy().tolist()[1:] == [["New", "Active"], ["Active", "Closed"]]
    said = "\n".join(found.as_lines())
    assert "3 rows read as servicenow: 1 incident, 3 events." in said
    assert "Not read: active." in said


def test_the_real_log_is_understood_as_its_reference_answers_were(tmp_path):
    """The same incidents as in the neutral table, rebuilt into a log and read back."""
    known = analytics.load_incidents(ROOT / "data" / "servicenow_incidents.csv.gz").head(500)

    def word(at: pd.Timestamp) -> str:
        return "?" if pd.isna(at) else f"{at.day}/{at.month}/{at.year} {at:%H:%M}"

    lines = []
    for row in known.itertuples():
        level = {"SEV1": "1 - Critical", "SEV2": "2 - High", "SEV3": "3 - Moderate", "SEV4": "4 - Low"}[
            row.severity
        ]
        ends = f"{word(row.resolved_at)},{word(row.closed_at)}"
        head = f"{word(row.detected_at)},{word(row.declared_at)}"
        updated = "?" if pd.isna(row.acknowledged_at) else word(row.acknowledged_at)
        state = "Active" if pd.notna(row.acknowledged_at) else "New"
        lines.append(
            f"{row.incident_id},{state},x,{row.reassignment_count},{row.reopen_count},{head},{updated},"
            f"{row.service},a,b,{level},{row.team},{ends}"
        )
    found = servicenow(tmp_path, *lines).incidents.set_index("incident_id")
    columns = ["severity", "detected_at", "declared_at", "acknowledged_at", "resolved_at", "closed_at"]
    pd.testing.assert_frame_equal(found[columns], known.set_index("incident_id").loc[found.index, columns])


def test_a_log_that_is_none_or_whose_times_are_not_its_own_is_refused(tmp_path):
    file = tmp_path / "other.csv"
    file.write_text("a,b\n1,2\n")
    with pytest.raises(NotUnderstood, match="it has no column number, incident_state"):
        history.read("servicenow", file, now=NOW)
    with pytest.raises(NotUnderstood, match="cannot be read as a ServiceNow log"):
        servicenow(tmp_path, UPDATES[0].replace("29/2/2016 01:16", "2016-02-29 01:16"))
    with pytest.raises(NotUnderstood, match="there is no file"):
        history.read("servicenow", tmp_path / "none.csv", now=NOW)
    with pytest.raises(NotUnderstood, match="say one of servicenow, statuspage"):
        history.read("opsgenie", file, now=NOW)


def test_a_log_that_was_cut_short_is_refused_with_its_line(tmp_path):
    with pytest.raises(NotUnderstood, match="line 4; Expected Number of Columns: 15 Found: 3"):
        servicenow(tmp_path, *UPDATES[:2], "INC1,Closed,false")
    with pytest.raises(NotUnderstood, match="line 4; Value with unterminated quote found"):
        servicenow(tmp_path, *UPDATES[:2], UPDATES[2].replace("Slow", '"Slow'))


STATUS = {
    "page": {"id": "x"},
    "incidents": [
        {
            "id": "a1",
            "name": "Search is slow",
            "impact": "major",
            "created_at": "2026-02-01T10:05:00.000+01:00",
            "started_at": "2026-02-01T10:00:00.000+01:00",
            "monitoring_at": "2026-02-01T09:30:00Z",
            "resolved_at": "2026-02-01T10:00:00Z",
            "shortlink": "https://example.com",
            "components": [{"name": "Search"}],
            "incident_updates": [
                {"status": "resolved", "created_at": "2026-02-01T10:00:00Z"},
                {"status": "investigating", "created_at": "2026-02-01T09:05:00Z"},
                {"status": "investigating", "created_at": "2026-02-01T09:15:00Z"},
            ],
        },
        {
            "id": "a2",
            "name": "Planned",
            "impact": "maintenance",
            "created_at": "2026-02-02T10:00:00Z",
            "scheduled_for": "2026-02-03T10:00:00Z",
        },
        {"id": "a1", "name": "Again", "impact": "minor", "created_at": "2026-02-02T10:00:00Z"},
        {"id": "a4", "name": "Tomorrow", "impact": "none", "created_at": "2026-03-03T10:00:00Z"},
        {"id": None, "name": "Nameless", "impact": "none", "created_at": "2026-02-03T10:00:00Z"},
        {"id": "a6", "name": "Timeless", "impact": "none"},
    ],
}


def as_file(tmp_path: Path, said: object, name: str = "history.json") -> Path:
    file = tmp_path / name
    file.write_text(said if isinstance(said, str) else json.dumps(said))
    return file


def test_a_status_pages_incidents_with_what_was_left_out_by_name(tmp_path):
    found = history.read("statuspage", as_file(tmp_path, STATUS), now=NOW)
    first = found.incidents.iloc[0]
    assert first[["incident_id", "service", "severity", "kind"]].tolist() == [
        "a1",
        "Search",
        "SEV2",
        "incident",
    ]
    assert first["detected_at"] == pd.Timestamp("2026-02-01T09:00Z")
    assert first["mitigated_at"] == pd.Timestamp("2026-02-01T09:30Z")
    assert found.incidents["kind"].tolist() == ["incident", "maintenance"]
    assert found.events[["from", "to"]].astype(object).to_numpy().tolist()[1] == ["investigating", "resolved"]
    assert {why: ids for why, ids in found.left_out.items() if ids} == {
        "without an id": ("a row without an id",),
        "without a start": ("a6",),
        "that start in the future": ("a4",),
        "with an id that was there before": ("a1",),
    }
    assert "Not read: page" not in "".join(found.as_lines())
    assert "Not read: shortlink." in found.as_lines()


def test_pagerdutys_list_also_in_several_pages(tmp_path):
    one = {
        "id": "P1",
        "title": "Disk",
        "status": "resolved",
        "urgency": "low",
        "created_at": "2026-02-01T09:00:00Z",
        "service": {"summary": "Search"},
        "teams": [{"summary": "Storefront"}],
        "last_status_change_at": "2026-02-01T10:00:00Z",
    }
    two = {
        **one,
        "id": "P2",
        "status": "acknowledged",
        "priority": {"summary": "P1"},
        "acknowledgements": [{"at": "2026-02-01T09:05:00Z"}, {"at": "2026-02-01T09:03:00Z"}],
    }
    found = history.read(
        "pagerduty", as_file(tmp_path, [{"incidents": [one], "more": True}, {"incidents": [two]}]), now=NOW
    )
    assert found.incidents["severity"].tolist() == ["SEV4", "SEV1"]
    assert found.incidents["team"].tolist() == ["Storefront", "Storefront"]
    assert found.incidents["resolved_at"].notna().tolist() == [True, False]
    assert found.incidents["acknowledged_at"].tolist()[1] == pd.Timestamp("2026-02-01T09:03Z")


@pytest.mark.parametrize("said", ["{", "[1, 2]", '{"incidents": 3}', '{"incidents": ["a"]}', '{"other": []}'])
@pytest.mark.parametrize("source", ["statuspage", "pagerduty"])
def test_a_document_of_another_kind_is_refused(tmp_path, source, said):
    with pytest.raises(NotUnderstood):
        history.read(source, as_file(tmp_path, said), now=NOW)


def test_another_products_list_is_not_read_as_ones_own(tmp_path):
    """Both have ids and times: the stops of one would be missed by the other, and all would be open."""
    with pytest.raises(NotUnderstood, match="not PagerDuty's list: none of its incidents has urgency"):
        history.read("pagerduty", as_file(tmp_path, STATUS), now=NOW)
    theirs = {
        "incidents": [{"id": "P1", "title": "Disk", "urgency": "low", "created_at": "2026-02-01T09:00:00Z"}]
    }
    with pytest.raises(NotUnderstood, match="not a status page's list: none of its incidents has impact"):
        history.read("statuspage", as_file(tmp_path, theirs), now=NOW)


@pytest.mark.parametrize("is_cut", [True, False])
def test_a_list_that_goes_on_elsewhere_says_so(tmp_path, is_cut):
    one = {"id": "P1", "title": "Disk", "urgency": "low", "created_at": "2026-02-01T09:00:00Z"}
    found = history.read("pagerduty", as_file(tmp_path, {"incidents": [one], "more": is_cut}), now=NOW)
    assert any("there are more" in line for line in found.as_lines()) is is_cut


def a_csv(tmp_path: Path, text: str, **mapping: object) -> history.History:
    named = {
        "columns": {
            "incident_id": "Number",
            "detected_at": "Opened",
            "resolved_at": "Done",
            "severity": "Prio",
        },
        **mapping,
    }
    return history.read("csv", as_file(tmp_path, text, "any.csv"), mapping=named, now=NOW)


ROWS = (
    "Number,Opened,Done,Prio,Colour\n7,01/07/2025 10:00,01/07/2025 12:00,High,red\n8,26/10/2025"
    " 02:30,?,Low,blue\n"
)


def test_a_csv_by_its_mapping_in_its_zone(tmp_path):
    found = a_csv(
        tmp_path, ROWS, zone="Europe/Riga", times="%d/%m/%Y %H:%M", severity={"High": "SEV1"}, missing=["?"]
    )
    assert found.incidents["detected_at"].tolist() == [
        pd.Timestamp("2025-07-01T07:00Z"),
        pd.Timestamp("2025-10-25T23:30Z"),
    ]
    assert found.incidents["resolved_at"].isna().tolist() == [False, True]
    assert found.incidents["severity"].tolist() == ["SEV1", "Low"]
    assert found.unused == ("Colour",)


def test_without_a_resolve_in_the_mapping_it_is_said_that_all_read_as_open(tmp_path):
    named = {"incident_id": "Number", "detected_at": "Opened"}
    found = a_csv(tmp_path, ROWS, columns=named, times="%d/%m/%Y %H:%M")
    assert "The mapping names no resolved_at: every incident will read as still open." in found.as_lines()


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        (
            "Number,Opened,Done,Prio,N\n7,2025-07-01T10:00Z,,High,many\n",
            "column reopen_count: many is not a number",
        ),
        ("Number,Opened,Done,Prio,N\n7,2025-07-01T10:00Z,,High,-1\n", "column reopen_count: -1 is not a count"),
        ("Number,Opened,Done,Prio,N\n7,2025-07-01T10:00Z\n", "line 2; Expected Number of Columns: 5 Found: 2"),
        ("Number,Opened,Done,Prio,Prio\n", "more than one column is called Prio"),
        ("", "has no first line that names its columns"),
    ],
)
def test_rows_that_cannot_be_meant_are_refused_by_column_or_line(tmp_path, rows, why):
    named = {"incident_id": "Number", "detected_at": "Opened", "resolved_at": "Done", "reopen_count": "N"}
    with pytest.raises(NotUnderstood, match=why):
        a_csv(tmp_path, rows, columns=named)


def test_a_stop_before_its_start_is_kept_and_said(tmp_path):
    rows = "Number,Opened,Done,Prio\n7,2025-07-01T10:00Z,2025-07-01T11:00+02:00,High\n"
    found = a_csv(tmp_path, rows)
    assert any("1 incident resolved before detection (7)" in line for line in found.as_lines())


@pytest.mark.parametrize(
    ("mapping", "why"),
    [
        ({"columns": {"incident_id": "Number"}}, "must name detected_at"),
        ({"columns": {"incident_id": "Number", "detected_at": "When"}}, "has no column When; it has Number"),
        (
            {"columns": {"incident_id": "Number", "detected_at": "Opened", "colour": "Colour"}},
            "incidents have no colour",
        ),
        (
            {"columns": {"incident_id": "Number", "detected_at": "Opened"}, "zone": "Mars/Base"},
            "no time zone 'Mars/Base'",
        ),
        ({"columns": {"incident_id": "Number", "detected_at": "Opened"}, "color": 1}, "the mapping says color"),
        ({}, "a CSV needs a mapping"),
        ([1], "a mapping is an object"),
        ({"columns": {}, "severity": 5}, '"severity" is {"theirs": "SEV1"}'),
        ({"columns": {}, "missing": 7}, '"missing" a list of words'),
        ({"columns": {}, "times": 3}, '"times" is a form'),
        (
            {"columns": {"incident_id": "Number", "detected_at": "Opened"}, "times": "%Y"},
            "column Opened: '01/07/2025 10:00' cannot be read as %Y",
        ),
    ],
)
def test_a_mapping_that_cannot_be_meant_is_refused_with_what_to_do(tmp_path, mapping, why):
    with pytest.raises(NotUnderstood, match=why):
        history.read("csv", as_file(tmp_path, ROWS, "any.csv"), mapping=mapping, now=NOW)


def test_a_csv_larger_than_a_frame_should_be_is_refused_with_the_way_to_do_it(tmp_path, monkeypatch):
    from analytics.history import csv

    monkeypatch.setattr(csv, "LARGEST", 1)
    with pytest.raises(NotUnderstood, match="give it in parts, a year each"):
        a_csv(tmp_path, ROWS)


def test_what_was_understood_is_measured_like_any_table(tmp_path):
    tables = servicenow(tmp_path, *UPDATES).tables
    review = analytics.review(
        tables.incidents, "2016-02-01T00:00Z", "2016-04-01T00:00Z", tables.as_of, events=tables.events
    )
    assert review.resolve.n == 1
