"""Interruptions by the clock of the person, nights, shifts, fairness, effort."""

from dataclasses import replace

import pandas as pd
import pytest

from analytics import columns, pager_load, reports
from analytics.card import Scope
from analytics.hours import business_minutes, interruption_kind
from analytics.response import minutes_between
from analytics.source import Window
from analytics.tables import nothing
from tests.analytics.rows import AS_OF, DAY, at, events, incidents

approx = pytest.approx


def moments(*words: str) -> pd.Series:
    return pd.Series(pd.to_datetime(list(words), utc=True, format="ISO8601")).astype("datetime64[us, UTC]")


@pytest.mark.parametrize(
    ("zone", "told"),
    [
        (
            "Europe/Berlin",
            {
                "2025-03-28T06:59:59Z": "sleep",
                "2025-03-28T07:00:00Z": "business",
                "2025-03-28T16:59:59Z": "business",
                "2025-03-28T17:00Z": "off",
                "2025-03-28T21:00Z": "sleep",
                "2025-03-29T12:00Z": "off",
                "2025-03-29T22:30Z": "sleep",
                "2025-03-31T05:59Z": "sleep",
                "2025-03-31T06:00Z": "business",
                "2025-10-26T00:30Z": "sleep",
                "2025-10-26T01:30Z": "sleep",
            },
        ),
        (
            "America/New_York",
            {
                "2025-10-31T12:00Z": "business",
                "2025-11-03T12:30Z": "sleep",
                "2025-11-03T13:00Z": "business",
            },
        ),
        ("Asia/Kolkata", {"2025-06-02T02:29Z": "sleep", "2025-06-02T02:30Z": "business"}),
    ],
)
def test_kinds_of_hours_on_both_sides_of_a_clock_change(zone, told):
    assert interruption_kind(moments(*told), zone).tolist() == list(told.values())


def test_business_minutes_of_a_weekend_of_47_hours():
    start, stop = moments("2025-03-28T16:00Z"), moments("2025-03-31T07:30Z")
    assert business_minutes(start, stop, zone="Europe/Berlin").tolist() == [150.0]
    assert minutes_between(start, stop).tolist() == [3810.0]  # an hour less than the clocks on the wall say


def test_business_minutes_leave_out_nights_holidays_and_what_is_not_known():
    starts, stops = moments("2025-06-02T00:00Z", "2025-06-02T09:30Z", "2025-06-02T09:30Z"), moments(
        "2025-06-07T00:00Z", "2025-06-02T09:45Z", "2025-06-02T09:30Z"
    )  # fmt: skip
    assert business_minutes(starts, stops, zone="UTC").tolist() == [3000.0, 15.0, 0.0]
    holiday = [pd.Timestamp("2025-06-03").date()]
    assert business_minutes(starts, stops, zone="UTC", holidays=holiday).tolist()[0] == 2400.0
    unknown = stops.where([True, False, True])
    assert business_minutes(starts, unknown, zone="UTC").isna().tolist() == [False, True, False]


def pages(*rows: dict) -> pd.DataFrame:
    made = [{"page_id": str(i), "user": "Ada", "channel": "push", **row} for i, row in enumerate(rows)]
    return columns.tidy(pd.DataFrame(made), columns.PAGES)


def test_pages_within_a_minute_of_the_one_before_are_one_interruption():
    sent = pages(*({"sent_at": f"{DAY}T03:{s // 60:02}:{s % 60:02}Z"} for s in (0, 40, 80, 200)))
    table = pager_load.interruptions(sent, as_of=AS_OF, zone="UTC")
    assert table[["pages", "kind"]].to_numpy().tolist() == [[3, "sleep"], [1, "sleep"]]


def test_mail_does_not_interrupt_and_what_is_sent_later_is_not_known_yet():
    sent = pages(
        {"sent_at": f"{DAY}T09:00Z", "channel": "email"},
        {"sent_at": f"{DAY}T13:00Z"},
        {"sent_at": None},
        {"sent_at": f"{DAY}T09:00Z", "user": "Ben", "channel": "sms"},
        {"sent_at": f"{DAY}T09:00:30Z", "user": "Ada"},
    )
    table = pager_load.interruptions(sent, as_of=AS_OF, zone="UTC")
    assert table["user"].tolist() == ["Ada", "Ben"]


def test_a_persons_own_zone_and_sleep_replace_the_house_rules():
    who = columns.tidy(
        pd.DataFrame([{"user": "Ada", "time_zone": "Asia/Kolkata"},
                      {"user": "Ben", "time_zone": "UTC", "sleep_start": "09:00", "sleep_end": "17:00"}]),
        columns.PEOPLE,
    )  # fmt: skip
    sent = pages({"sent_at": f"{DAY}T02:30Z"}, {"sent_at": f"{DAY}T09:00Z", "user": "Ben"})
    assert pager_load.interruptions(sent, as_of=AS_OF, zone="UTC", people=who)["kind"].tolist() == [
        "business",
        "sleep",
    ]


def test_nights_are_counted_on_the_day_they_end_and_three_in_a_row_warn():
    nights = [
        {"sent_at": f"2026-03-{day:02}T{hour}Z"}
        for day, hour in ((2, "23:00"), (3, "02:00"), (3, "23:30"), (5, "03:00"))
    ]
    table = pager_load.interruptions(pages(*nights), as_of="2026-04-01T00:00Z", zone="UTC")
    assert table["night"].dt.day.tolist() == [3, 3, 4, 5]
    assert pager_load.nights_broken(table).loc["Ada"].tolist() == [3, 3, True]
    assert not pager_load.nights_broken(table.iloc[:3]).loc["Ada", "warning"]


def shifts(*rows: dict) -> pd.DataFrame:
    return columns.tidy(pd.DataFrame(list(rows)), columns.SHIFTS)


def test_a_shift_with_over_two_incidents_in_twelve_hours_is_over():
    duty = shifts({"user": "Ada", "start": f"{DAY}T00:00Z", "end": f"{DAY}T12:00Z"},
                  {"user": "Ben", "start": f"{DAY}T00:00Z", "end": "2026-03-03T00:00Z"},
                  {"user": "Ben", "start": "2026-03-03T00:00Z", "end": "2026-03-04T00:00Z"})  # fmt: skip
    sent = pages(*({"sent_at": f"{DAY}T0{i}:00Z", "incident_id": i} for i in (1, 2, 3, 3)),
                 {"sent_at": f"{DAY}T05:00Z", "user": "Ben", "incident_id": 1})  # fmt: skip
    table = pager_load.shift_load(sent, duty, as_of=AS_OF)
    assert table[["hours", "incidents", "per_12_h", "over"]].to_numpy().tolist() == [
        [12, 3, 3.0, True],
        [12, 1, 1.0, False],
    ]


def test_luck_and_design_are_told_apart():
    duty = shifts({"user": "Ada", "start": "2026-01-01T00:00Z", "end": "2026-03-01T00:00Z"},
                  {"user": "Ben", "start": "2026-01-01T00:00Z", "end": "2026-01-08T00:00Z"})  # fmt: skip
    nights = [{"sent_at": f"2026-02-{day:02}T03:00Z"} for day in range(1, 29)]
    table = pager_load.interruptions(pages(*nights), as_of=AS_OF, zone="UTC")
    people, numbers = pager_load.load_fairness(table, duty, as_of=AS_OF)
    assert people.loc["Ada", "expected"] == approx(28 * 59 / 66)
    assert numbers["gini"] == approx(0.5)
    assert numbers["p"] > 0.05  # she had nine tenths of the hours
    _, same_hours = pager_load.load_fairness(
        table, duty.assign(end=duty["start"] + pd.Timedelta(days=30)), as_of=AS_OF
    )
    assert same_hours["p"] < 0.01


def test_effort_runs_from_joining_to_leaving_or_the_resolve():
    rows = incidents({"detected_at": "06:00", "resolved_at": "09:00"})
    log = events(
        {"incident_id": "INC1", "at": "07:00", "kind": "joined", "actor": "Ada"},
        {"incident_id": "INC1", "at": "07:30", "kind": "joined", "actor": "Ben"},
        {"incident_id": "INC1", "at": "08:30", "kind": "left", "actor": "Ben"},
    )
    table = pager_load.response_effort(rows, log, as_of=AS_OF, zone="UTC")
    assert table.loc["INC1"].tolist() == [2, 180.0, 90.0]
    early = pager_load.response_effort(rows, log, as_of=at("08:00"), zone="UTC")
    assert early.loc["INC1", "person_minutes"] == 90.0


def test_effort_has_no_end_where_an_incident_was_closed_without_one():
    rows = incidents(
        {"detected_at": "-60 06:00", "closed_at": "-60 09:00"},
        {"detected_at": "-60 06:00", "closed_at": "-60 09:00"},
        {"detected_at": "06:00"},
    )  # fmt: skip
    log = events(
        {"incident_id": "INC1", "at": "-60 07:00", "kind": "joined", "actor": "Ada"},
        {"incident_id": "INC1", "at": "-60 07:00", "kind": "joined", "actor": "Ben"},
        {"incident_id": "INC1", "at": "-60 08:00", "kind": "left", "actor": "Ben"},
        {"incident_id": "INC2", "at": "-60 07:00", "kind": "joined", "actor": "Ada"},
        {"incident_id": "INC2", "at": "-60 07:45", "kind": "left", "actor": "Ada"},
        {"incident_id": "INC3", "at": "11:00", "kind": "joined", "actor": "Ada"},
    )
    table = pager_load.response_effort(rows, log, as_of=AS_OF, zone="UTC")
    assert table["person_minutes"].to_dict() == {"INC2": 45.0, "INC3": 60.0}  # everybody left; and still open
    assert pager_load.effort_unknown(rows, log, as_of=AS_OF) == ["INC1"]
    told = replace(nothing(AS_OF), incidents=rows, events=log)
    scope = Scope(Window(AS_OF - pd.Timedelta(days=90), AS_OF, AS_OF), "UTC")
    card = reports.pager_load(told, scope)["effort"]
    assert card.sentence.endswith("incident INC3 the most, 1.0 person-hours.")
    assert "2 with responders · 1 unknown stop · " in card.footer
    lost = replace(told, incidents=rows[rows["incident_id"] == "INC1"])
    assert reports.pager_load(lost, scope)["effort"].sentence == (
        "Of 1 incident nobody knows how long people were on it."
    )


def test_who_joined_when_it_was_over_is_known_to_have_joined():
    rows = incidents({"detected_at": "06:00", "resolved_at": "07:00"})
    log = events({"incident_id": "INC1", "at": "08:00", "kind": "joined", "actor": "Ada"})
    told = replace(nothing(AS_OF), incidents=rows, events=log)
    scope = Scope(Window(AS_OF - pd.Timedelta(days=1), AS_OF, AS_OF), "UTC")
    assert reports.pager_load(told, scope)["effort"].sentence == (
        "1 incident took 0.0 person-hours: whoever joined, joined when it was over."
    )
    none = replace(told, events=log.head(0))
    assert reports.pager_load(none, scope)["effort"].sentence.startswith("Nobody is known to have joined")


def test_as_of_needs_a_zone():
    with pytest.raises(ValueError, match="as_of needs a zone"):
        pager_load.interruptions(pages(), as_of="2026-03-02T00:00", zone="UTC")
