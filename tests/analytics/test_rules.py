"""What holds for every metric: the order of rows changes nothing, `as_of` hides what came later, groups add
up.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import analytics
from analytics import backtest, impact, means, milestones, noise, pager_load, paging, response, volume
from analytics.hours import business_minutes
from analytics.survival import kaplan_meier, log_rank
from analytics.tables import Tables

SINCE, THEN = pd.Timestamp("2025-06-01T22:00Z"), pd.Timestamp("2025-08-10T13:37Z")
SPAN: dict[str, Any] = {"since": SINCE, "until": THEN}
Metric = Callable[[Tables, pd.Timestamp], Any]

METRICS: dict[str, Metric] = {
    "time_to_detect": lambda t, at: milestones.time_to_detect(t.incidents, as_of=at, events=t.events),
    "time_to_declare": lambda t, at: milestones.time_to_declare(t.incidents, as_of=at, events=t.events),
    "time_to_acknowledge": lambda t, at: response.time_to_acknowledge(t.incidents, as_of=at, events=t.events),
    "time_to_acknowledge_alerts": lambda t, at: response.time_to_acknowledge(t.alerts, as_of=at),
    "time_to_page": lambda t, at: paging.time_to_page(t.alerts, t.pages, as_of=at),
    "time_to_mobilise": lambda t, at: milestones.time_to_mobilise(t.incidents, t.events, as_of=at),
    "time_to_mitigate": lambda t, at: milestones.time_to_mitigate(t.incidents, as_of=at, events=t.events),
    "time_to_resolve": lambda t, at: response.time_to_resolve(t.incidents, as_of=at, events=t.events),
    "time_to_restore": lambda t, at: milestones.time_to_restore(t.incidents, as_of=at, events=t.events),
    "phase_shares": lambda t, at: milestones.phase_shares(t.incidents, as_of=at, events=t.events),
    "incident_rate": lambda t, at: volume.incident_rate(
        t.incidents, as_of=at, by="service", events=t.events, **SPAN
    ),
    "weekly_counts": lambda t, at: volume.weekly_counts(
        t.incidents, as_of=at, zone="Europe/Riga", events=t.events, **SPAN
    ),
    "reopen_rate": lambda t, at: volume.reopen_rate(t.incidents, as_of=at, events=t.events),
    "reassignments": lambda t, at: volume.reassignments(t.incidents, as_of=at, events=t.events),
    "escalations": lambda t, at: volume.escalations(t.alerts, t.events, as_of=at),
    "budget_spent": lambda t, at: impact.budget_spent(t.incidents, as_of=at, events=t.events, **SPAN),
    "peak_concurrency": lambda t, at: impact.peak_concurrency(t.incidents, as_of=at, events=t.events),
    "response_effort": lambda t, at: pager_load.response_effort(t.incidents, t.events, as_of=at, zone="UTC"),
    "interruptions": lambda t, at: pager_load.interruptions(t.pages, as_of=at, zone="UTC", people=t.people),
    "shift_load": lambda t, at: pager_load.shift_load(t.pages, t.shifts, as_of=at),
    "actioned_share": lambda t, at: noise.actioned_share(t.alerts, t.events, as_of=at, by="rule"),
    "self_resolved_share": lambda t, at: noise.self_resolved_share(t.alerts, as_of=at),
    "flapping": lambda t, at: noise.flapping(t.alerts, as_of=at),
    "top_talkers": lambda t, at: noise.top_talkers(t.alerts, as_of=at),
    "cooccurrence": lambda t, at: noise.cooccurrence(t.alerts, as_of=at),
    "missed_by_alerts": lambda t, at: noise.missed_by_alerts(t.incidents, t.alerts, as_of=at, events=t.events),
    "restricted_mean": lambda t, at: pd.concat(
        [means.restricted_mean(METRICS["time_to_resolve"](t, at), tau) for tau in (1440.0, 4320.0)]
    ),
    "share_within": lambda t, at: response.share_within(METRICS["time_to_resolve"](t, at), 60.0),
    "degraded_minutes": lambda t, at: impact.degraded_minutes(
        impact.impacts(t.incidents, as_of=at, events=t.events, **SPAN), by="service"
    ),
    "interruption_kind": lambda t, at: METRICS["interruptions"](t, at)["kind"].value_counts().to_dict(),
    "nights_broken": lambda t, at: pager_load.nights_broken(METRICS["interruptions"](t, at)),
    "load_fairness": lambda t, at: _fairness(
        *pager_load.load_fairness(METRICS["interruptions"](t, at), t.shifts, as_of=at)
    ),
    "business_minutes": lambda t, at: _in_business_hours(METRICS["time_to_resolve"](t, at)),
    "concentration": lambda t, at: pd.DataFrame([noise.concentration(t.alerts, as_of=at)]),
    "hold": lambda t, at: backtest.curve(t.alerts, (5.0, 15.0), as_of=at),
    "regroup": lambda t, at: backtest.regroup(t.alerts, 15.0, as_of=at),
}
#: the dictionary of metrics; to take one away is a decision, not an oversight
DICTIONARY = [
    "time_to_detect",
    "time_to_declare",
    "time_to_acknowledge",
    "time_to_page",
    "time_to_mobilise",
    "time_to_mitigate",
    "time_to_resolve",
    "time_to_restore",
    "phase_shares",
    "restricted_mean",
    "share_within",
    "incident_rate",
    "reopen_rate",
    "reassignments",
    "escalations",
    "degraded_minutes",
    "budget_spent",
    "peak_concurrency",
    "response_effort",
    "interruptions",
    "interruption_kind",
    "nights_broken",
    "shift_load",
    "load_fairness",
    "business_minutes",
    "actioned_share",
    "self_resolved_share",
    "flapping",
    "top_talkers",
    "concentration",
    "cooccurrence",
    "missed_by_alerts",
]
each = pytest.mark.parametrize("name", METRICS)


def _fairness(people: pd.DataFrame, numbers: dict[str, float]) -> pd.DataFrame:
    return people.assign(**numbers)


def _in_business_hours(durations: pd.DataFrame) -> pd.DataFrame:
    stops = durations["start"] + pd.to_timedelta(durations["minutes"], unit="min").astype("timedelta64[us]")
    return durations.assign(business=business_minutes(durations["start"], stops, zone="Europe/Berlin"))


def test_every_metric_of_the_dictionary_is_held_to_these_rules():
    assert [name for name in DICTIONARY if name not in METRICS] == []


@pytest.fixture(scope="module")
def tables() -> Tables:
    return analytics.read("sample")


def comparable(found: Any) -> Any:
    """Tables in an order of their own, so that only what they say is compared."""
    if not isinstance(found, pd.DataFrame):
        return found
    table = found.reset_index(drop=found.index.name is None)
    words = table.astype("str")
    return table.loc[words.sort_values(list(words.columns)).index].reset_index(drop=True)


def same(a: Any, b: Any) -> None:
    a, b = comparable(a), comparable(b)
    if isinstance(a, pd.DataFrame):
        pd.testing.assert_frame_equal(a, b, check_dtype=False, rtol=1e-12)
    else:
        assert a == b


def each_table(tables: Tables, change: Callable[[pd.DataFrame], pd.DataFrame]) -> Tables:
    names = ("incidents", "events", "alerts", "pages", "shifts", "people")
    return Tables(**{name: change(getattr(tables, name)) for name in names}, as_of=tables.as_of)


@each
def test_the_order_of_rows_changes_nothing(tables, name):
    mixed = each_table(tables, lambda rows: rows.sample(frac=1, random_state=7).reset_index(drop=True))
    same(METRICS[name](tables, THEN), METRICS[name](mixed, THEN))


@each
def test_as_of_in_the_past_equals_the_data_truncated_then(tables, name):
    same(METRICS[name](tables, THEN), METRICS[name](truncated(tables), THEN))


STARTS = {
    "incidents": "detected_at",
    "events": "at",
    "alerts": "fired_at",
    "pages": "sent_at",
    "shifts": "start",
}
OF_LATER_STATE = ("reopen_count", "reassignment_count", "closed_at", "resolved_at")


def truncated(tables: Tables) -> Tables:
    """The tables as somebody would have exported them at `THEN`: later rows are absent, later milestones
    empty.
    """
    made = {"people": tables.people}
    for name, start in STARTS.items():
        rows = getattr(tables, name)
        rows = rows[rows[start] <= THEN] if name == "events" else rows[rows[start] < THEN]
        moments = [column for column in rows.columns if column.endswith("_at")]
        made[name] = rows.assign(**{column: rows[column].where(rows[column] <= THEN) for column in moments})
    # a row that had been resolved, and was resolved again later, said the first one then
    log = made["events"]
    last = log[log["kind"] == "resolved"].groupby("incident_id")["at"].max()
    reopened = log[log["kind"] == "reopened"].groupby("incident_id")["at"].max()
    incidents = made["incidents"]
    resolved, again = (incidents["incident_id"].map(s).astype("datetime64[us, UTC]") for s in (last, reopened))
    made["incidents"] = incidents.assign(
        resolved_at=resolved.where(~(again > resolved)), reopen_count=(~again.isna()).astype("int64")
    )
    return Tables(**made, as_of=tables.as_of)


@each
def test_nothing_is_changed_in_place(tables, name):
    copies = each_table(tables, lambda rows: rows.copy())
    METRICS[name](tables, THEN)
    for table in ("incidents", "events", "alerts", "pages", "shifts", "people"):
        pd.testing.assert_frame_equal(getattr(tables, table), getattr(copies, table))


@each
def test_nothing_one_row_and_all_open_are_answered_without_an_error(tables, name):
    METRICS[name](each_table(tables, lambda rows: rows.iloc[:0]), THEN)
    METRICS[name](each_table(tables, lambda rows: rows.iloc[:1]), THEN)
    METRICS[name](each_table(tables, all_open), THEN)


def all_open(rows: pd.DataFrame) -> pd.DataFrame:
    ends = [c for c in ("resolved_at", "closed_at", "acknowledged_at", "answered_at") if c in rows.columns]
    return rows.assign(**{c: rows[c].where(rows[c].isna()) for c in ends})


@pytest.mark.parametrize("by", ["severity", "service", "team"])
def test_groups_add_up_to_the_whole(tables, by):
    durations = response.time_to_resolve(tables.incidents, as_of=THEN, events=tables.events)
    whole, parts = response.summary(durations).iloc[0], response.summary(durations, by=by)
    for count in ("n", "ended", "still_open"):
        assert parts[count].sum() == whole[count]
    shares = noise.actioned_share(tables.alerts, tables.events, as_of=THEN, by=by)
    everything = noise.actioned_share(tables.alerts, tables.events, as_of=THEN).loc["all"]
    assert (
        shares[["n", "judged", "actioned"]].sum().tolist() == everything[["n", "judged", "actioned"]].tolist()
    )


def test_open_incidents_cannot_be_dropped_without_being_noticed(tables):
    """The p90 of the closed ones alone is another number: what a report that drops them would say."""
    durations = response.time_to_resolve(tables.incidents, as_of=THEN, events=tables.events)
    naive = response.counted(durations).query("observed")["minutes"].quantile(0.9)
    line = response.summary(durations).iloc[0]
    assert line["still_open"] > 0
    assert line["p90"] > naive


def test_our_curve_and_test_are_scipys(tables):
    durations = response.counted(response.time_to_resolve(tables.incidents, as_of=THEN, events=tables.events))
    minutes, observed = durations["minutes"].to_numpy(), durations["observed"].to_numpy()
    theirs = stats.ecdf(stats.CensoredData(uncensored=minutes[observed], right=minutes[~observed])).sf
    ours = kaplan_meier(minutes, observed)
    shared = np.isin(theirs.quantiles, ours.times)
    assert ours.survival == pytest.approx(theirs.probabilities[shared], abs=1e-9)
    half = np.arange(len(minutes)) % 2 == 0
    data = [
        stats.CensoredData(uncensored=minutes[side & observed], right=minutes[side & ~observed])
        for side in (half, ~half)
    ]
    known = stats.logrank(*data)
    chi2, p = log_rank((minutes[half], observed[half]), (minutes[~half], observed[~half]))
    assert (chi2, p) == pytest.approx((known.statistic**2, known.pvalue), rel=1e-9)
