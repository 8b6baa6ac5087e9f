"""The made-up year is the same every time, and holds what a real one holds."""

from itertools import pairwise

import pandas as pd
import pytest

from analytics import columns, response, sample


@pytest.fixture(scope="module")
def year():
    return sample.year()


def test_the_same_seed_gives_the_same_year_and_another_seed_another(year):
    again = sample.year()
    for name in ("incidents", "events", "alerts", "pages"):
        pd.testing.assert_frame_equal(getattr(year, name), getattr(again, name))
    assert not sample.year(seed=1).alerts["fired_at"].head(50).equals(year.alerts["fired_at"].head(50))


@pytest.mark.parametrize("name", ["incidents", "events", "alerts", "pages"])
def test_every_table_has_its_columns_and_tells_of_nothing_after_the_end(year, name):
    table, promised = getattr(year, name), getattr(columns, name.upper())
    assert list(table.columns) == list(promised)
    moments = [column for column, kind in promised.items() if kind == "moment"]
    assert all(str(table[column].dtype) == "datetime64[us, UTC]" for column in moments)
    assert table[moments].max().max() < sample.END
    assert table.iloc[:, 0].is_unique or name == "events"


def test_its_milestones_come_in_order(year):
    order = ["detected_at", "acknowledged_at", "declared_at", "mitigated_at", "resolved_at", "closed_at"]
    for earlier, later in pairwise(order):
        gap = (year.incidents[later] - year.incidents[earlier]).dropna()
        assert (gap >= pd.Timedelta(0)).all(), (earlier, later)


def test_it_holds_the_dirt_of_a_real_year(year):
    durations = response.time_to_resolve(year.incidents, as_of=sample.END, events=year.events)
    assert {"maintenance", "drill", "merged", "stop unknown"} <= set(response.left_out(durations))
    assert (durations["end"] == response.STILL_OPEN).any()
    assert durations["reopened"].any()


def test_acknowledging_got_faster_in_september(year):
    durations = response.time_to_acknowledge(year.alerts, as_of=sample.END)
    urgent = durations[durations["severity"] == "critical"]
    before, after = (
        urgent[urgent["start"] < sample.FASTER_SINCE],
        urgent[urgent["start"] >= sample.FASTER_SINCE],
    )
    assert response.summary(after)["median"].iloc[0] < response.summary(before)["median"].iloc[0]


def test_every_page_is_about_an_alert_of_the_year(year):
    assert year.pages["alert_id"].isin(year.alerts["alert_id"]).all()
    assert (
        year.pages["delivered_at"].dropna() > year.pages["sent_at"][year.pages["delivered_at"].notna()]
    ).all()
