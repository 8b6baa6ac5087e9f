"""The answer that the Trends page and the notebook share."""

import pandas as pd
import pytest

import analytics
from analytics import sample
from analytics.answer import Review
from analytics.decide import what_to_decide
from tests.analytics.rows import AS_OF, alerts, incidents

WEEKS = pd.Timedelta(weeks=1)


def quick(n: int, minutes: float = 10, start: str = "08:00", **facts: object) -> list[dict[str, object]]:
    """n incidents acknowledged after about `minutes`, resolved after ten times that."""
    day = pd.Timestamp(f"2026-03-02T{start}Z")
    rows = []
    for i in range(n):
        took = pd.Timedelta(minutes=minutes + i / 100)
        rows.append(
            {
                "severity": "SEV2",
                "detected": day,
                "acknowledged": day + took,
                "resolved": day + 10 * took,
                **facts,
            }
        )
    return rows


def table(*groups: list[dict[str, object]]) -> pd.DataFrame:
    rows = [row for group in groups for row in group]
    names = {"detected": "detected_at", "acknowledged": "acknowledged_at", "resolved": "resolved_at"}
    frame = incidents(*({} for _ in rows))
    for column in ("severity", "kind", *names):
        values = [row.get(column) for row in rows]
        if column in names:
            frame[names[column]] = pd.Series(pd.to_datetime(values, utc=True)).astype("datetime64[us, UTC]")
        elif any(value is not None for value in values):
            frame[column] = pd.Series(values, dtype="str")
    return frame


def review(rows: pd.DataFrame, weeks: int = 1) -> Review:
    until = pd.Timestamp("2026-03-09T00:00Z")
    return analytics.review(rows, until - weeks * WEEKS, until, until, "UTC")


def test_no_incidents_are_said_to_be_none():
    found = review(table())
    assert found.sentence == "There were no incidents in this window, so there is nothing to measure."
    assert found.acknowledge.sentence == "No incidents in this window."
    assert (found.acknowledge.n, found.acknowledge.median_minutes) == (0, None)
    assert found.acknowledge.median_words == "too few to tell"


def test_five_are_too_few_to_tell():
    found = review(table(quick(5)))
    assert found.acknowledge.sentence == "Too few to tell: 5 incidents in this window, and a median needs 6."
    assert (found.acknowledge.median_minutes, found.acknowledge.p90) == (None, None)
    assert what_to_decide(found) == ["Nothing yet: 5 incidents are too few. Widen the window and look again."]


def test_six_have_a_median_with_its_interval_and_no_p90():
    found = review(table(quick(6)))
    assert found.acknowledge.sentence.startswith(
        "Half of 6 incidents are acknowledged within 10 min (95 % interval"
    )
    assert found.acknowledge.median_minutes == pytest.approx(10.025)
    assert found.acknowledge.interval == pytest.approx((10, 10.05))
    assert found.acknowledge.p90 is None
    assert found.acknowledge.change == "too few to tell"


def test_twenty_have_a_p90():
    assert ", nine in ten within 10 min." in review(table(quick(20))).acknowledge.sentence


def test_more_than_half_open_has_no_median_yet_and_says_so():
    found = review(table(quick(5), quick(7, resolved=None)))
    assert (
        found.resolve.sentence
        == "Fewer than half of 12 incidents are resolved so far, so there is no median yet."
    )
    assert (found.resolve.still_open, found.resolve.median_words) == (7, "not reached yet")


def test_a_change_is_said_only_when_it_is_one():
    last_week = table(quick(30, minutes=40))
    last_week = last_week.assign(
        **{c: last_week[c] - WEEKS for c in ("detected_at", "acknowledged_at", "resolved_at")}
    )
    last_week["incident_id"] = "OLD" + last_week["incident_id"]
    faster = review(pd.concat([last_week, table(quick(30, minutes=10))], ignore_index=True))
    assert faster.acknowledge.change == "30 min faster than the 7 days before"
    assert faster.acknowledge.change_sentence == "30 min faster than the 7 days before."
    same = review(pd.concat([last_week, table(quick(30, minutes=40))], ignore_index=True))
    assert same.acknowledge.change == "no clear change"
    assert same.acknowledge.change_sentence == "No clear change against the window before."
    few = review(pd.concat([last_week, table(quick(19, minutes=10))], ignore_index=True))
    assert few.acknowledge.change == "too few to tell"


def test_many_unknown_stops_put_the_check_beside_the_headline():
    rows = table(quick(30), quick(2, resolved=None))
    rows["closed_at"] = rows["detected_at"] + pd.Timedelta(days=1)
    found = review(rows)
    assert found.resolve.unknown == 2
    assert (
        found.resolve.beside == "With the closing time for the 2 unknown stops the median would be 1 h 42 min."
    )
    assert found.acknowledge.beside == ""
    assert what_to_decide(found)[0].startswith("Who records when it was over?")


def test_what_is_left_out_is_told_by_reason():
    found = review(table(quick(6), quick(2, kind="drill")))
    assert (found.acknowledge.n, found.acknowledge.left_out) == (6, {"drill": 2})
    assert "left out: 2 drill" in found.acknowledge.footer


def test_the_tables_in_words_stand_behind_the_figures():
    found = review(table(quick(6), quick(3, severity="SEV1"))).acknowledge
    shown = found.severities_in_words()
    assert shown["Severity"].tolist() == ["SEV1", "SEV2"]
    assert shown["Median"].tolist() == ["–", "10 min"]
    assert shown["Within target"].tolist() == ["–", "17 % in 10 min"]
    assert found.severity_sentence == "Half are acknowledged: SEV2 within 10 min; no median yet for SEV1."
    assert found.weeks_in_words()["Week of"].tolist() == ["2 Mar 2026"]


def test_alert_severities_come_worst_first():
    found = analytics.review(
        sample.year().alerts, "2025-12-01T00:00Z", "2025-12-31T00:00Z", "2025-12-31T00:00Z", "Europe/Riga"
    )
    assert found.noun == "alert"
    assert list(found.acknowledge.table.index) == ["critical", "error", "warning", "info"]


def test_missed_targets_and_old_open_ones_are_put_to_a_decision():
    old = pd.Timestamp("2026-03-02T00:00Z") - 2 * WEEKS
    found = review(
        table(quick(8, minutes=30), quick(1, detected=old, acknowledged=old, resolved=None)), weeks=4
    )
    decisions = what_to_decide(found)
    assert decisions[0] == (
        "SEV2: 11 % acknowledged within 10 min (n 9). Is it the target that is wrong, or the response?"
    )
    assert decisions[-1].startswith("1 incident open for over a week: INC9.")


def test_the_same_call_next_year_gives_the_same_answer():
    tables, at = sample.year(), pd.Timestamp("2025-06-30T00:00Z")
    known = tables.incidents[tables.incidents["detected_at"] < at]
    first = analytics.review(known, at - 12 * WEEKS, at, at, events=tables.events)
    later = analytics.review(tables.incidents, at - 12 * WEEKS, at, at, events=tables.events)
    assert first.sentence == later.sentence
    assert first.resolve.footer == later.resolve.footer


def test_a_moment_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="since needs a zone"):
        analytics.review(table(), "2026-03-02", "2026-03-09T00:00Z", AS_OF)


def test_a_record_without_acknowledgements_is_not_said_to_be_slow():
    """A status page tells of none: "longer than we can tell yet" would be said of people who did answer."""
    rows = incidents(*({"detected_at": "08:00", "resolved_at": f"09:{n:02}"} for n in range(8)))
    found = analytics.review(rows, AS_OF - pd.Timedelta(days=1), AS_OF, AS_OF)
    assert found.acknowledge.sentence == (
        "None of 8 incidents has an acknowledgement by a human on record, so there is no median."
    )
    assert found.sentence.startswith("None of 8 incidents has an acknowledgement by a human on record")
    assert "To resolve half of them it takes 1 h 4 min (" in found.sentence
    still = rows.assign(resolved_at=rows["acknowledged_at"])  # none
    waiting = analytics.review(still, AS_OF - pd.Timedelta(days=1), AS_OF, AS_OF).resolve
    assert (
        waiting.sentence
        == "None of 8 incidents has a resolve other than by silence on record, so there is no median."
    )


def test_what_is_not_on_record_is_no_number_that_is_yet_to_come():
    """ "Not reached yet" and "longer than we can tell" would be said of what nobody wrote down."""
    span = (AS_OF - pd.Timedelta(days=1), AS_OF, AS_OF)
    by_rule = {"fired_at": "08:00", "acknowledged_at": "08:01", "acknowledged_by": "rule"}
    unseen = analytics.review(alerts(*[by_rule] * 8), *span)
    assert (unseen.acknowledge.median_words, unseen.resolve.median_words) == ("none on record",) * 2
    assert unseen.sentence == (
        "None of 8 alerts has an acknowledgement by a human on record, so there is no median. None of 8 alerts"
        " has a resolve other than by silence on record, so there is no median."
    )
    seen = {"fired_at": "08:00", "acknowledged_at": "08:05"}
    silent = analytics.review(alerts(*[{**seen, "resolved_at": "09:00", "resolved_by": "timeout"}] * 8), *span)
    assert silent.resolve.median_words == "none on record"
    assert silent.sentence == (
        "It takes 5 min (5 min to 5 min) to acknowledge half of our alerts. None of 8 alerts has a resolve"
        " other than by silence on record, so there is no median."
    )
