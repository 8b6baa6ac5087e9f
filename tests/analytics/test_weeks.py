"""By week, in the report's zone, also when the clocks change."""

import pandas as pd
import pytest

from analytics import response, weeks
from tests.analytics.rows import incidents

RIGA = "Europe/Riga"


def durations(*starts: str, minutes: float = 10.0) -> pd.DataFrame:
    rows = incidents(*({} for _ in starts))
    moments = pd.Series(pd.to_datetime(list(starts), utc=True)).astype("datetime64[us, UTC]")
    rows = rows.assign(detected_at=moments, resolved_at=moments + pd.Timedelta(minutes=minutes))
    return response.time_to_resolve(rows, as_of="2030-01-01T00:00Z")


def by_week(
    table: pd.DataFrame, since: str, until: str, as_of: str | None = None, zone: str = RIGA
) -> pd.DataFrame:
    span = {
        name: pd.Timestamp(at) for name, at in (("since", since), ("until", until), ("as_of", as_of or until))
    }
    return weeks.by_week(table, **span, zone=zone)


def test_a_week_begins_on_monday_by_the_calendar_of_the_zone():
    # Sunday 23:30 in London is already Monday in Riga
    table = durations("2026-03-01T23:30Z")
    assert weeks.week_of(table["start"], RIGA).tolist() == [pd.Timestamp("2026-03-02")]
    assert weeks.week_of(table["start"], "Europe/London").tolist() == [pd.Timestamp("2026-02-23")]


def test_empty_weeks_are_zeros_not_gaps():
    table = by_week(
        durations("2026-03-03T10:00Z", "2026-03-17T10:00Z"), "2026-03-01T22:00Z", "2026-03-22T22:00Z"
    )
    assert table["n"].tolist() == [1, 0, 1]
    assert table["week"].dt.strftime("%d %b").tolist() == ["02 Mar", "09 Mar", "16 Mar"]


@pytest.mark.parametrize(
    ("since", "until"),
    [
        ("2026-03-22T22:00Z", "2026-04-05T21:00Z"),  # clocks go forward on 29 March at 03:00 in Riga: 167 hours
        ("2026-10-18T21:00Z", "2026-11-01T22:00Z"),  # and back on 25 October at 04:00: 169 hours
    ],
)
def test_two_whole_weeks_around_a_clock_change_are_two_whole_weeks(since, until):
    table = by_week(durations(since), since, until)
    assert len(table) == 2
    assert not table["partial"].any()
    assert table["n"].tolist() == [1, 0]


def test_weeks_cut_by_the_window_or_by_as_of_are_marked():
    cut = by_week(durations("2026-03-05T10:00Z"), "2026-03-04T00:00Z", "2026-03-20T00:00Z")
    assert cut["partial"].tolist() == [True, False, True]
    known = by_week(
        durations("2026-03-05T10:00Z"), "2026-03-01T22:00Z", "2026-03-15T22:00Z", "2026-03-11T10:00Z"
    )
    assert known["partial"].tolist() == [False, True]


def test_a_week_of_few_has_dots_and_no_median():
    few, more = ["2026-03-03T10:00Z"] * 5, ["2026-03-10T10:00Z"] * 6
    rows = durations(*few, *more)
    table = by_week(rows, "2026-03-01T22:00Z", "2026-03-15T22:00Z")
    assert table["median"].isna().tolist() == [True, False]
    dots = weeks.dots(rows, table, zone=RIGA)
    assert (dots["week"].unique().tolist(), len(dots)) == ([pd.Timestamp("2026-03-02")], 5)


def test_a_window_without_rows_still_has_its_weeks():
    table = by_week(durations(), "2026-03-01T22:00Z", "2026-03-15T22:00Z")
    assert table["n"].tolist() == [0, 0]
    assert table["median"].isna().all()
