"""A real year of 24,918 incidents, and reference answers computed twice with other software."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import analytics
from analytics import compare, response, volume
from analytics.intervals import median_interval
from analytics.survival import kaplan_meier, log_rank

DATA = Path(__file__).parent.parent / "data"
REFERENCE = json.loads((DATA / "reference.json").read_text())["datasets"]
LOG = REFERENCE["servicenow"]
AFTER_IT_ALL = pd.Timestamp("2018-01-01T00:00Z")
exactly = pytest.approx


@pytest.fixture(scope="module")
def incidents() -> pd.DataFrame:
    return analytics.load_incidents(DATA / "servicenow_incidents.csv.gz")


def assert_distribution(minutes: pd.Series, expected: dict[str, Any]) -> None:
    positive = np.log(minutes[minutes > 0])
    found = {
        "n": len(minutes),
        "mean": minutes.mean(),
        **{name: minutes.quantile(q) for name, q in QUANTILES.items()},
        "max": minutes.max(),
        "n_zero": int((minutes == 0).sum()),
        "geometric_mean_positive": float(np.exp(positive.mean())),
        "sd_log_positive": positive.std(),
    }
    assert found == {name: exactly(expected[name], rel=1e-4) for name in found}
    assert median_interval(minutes) == exactly(tuple(expected["median_ci95_order_statistic"]), rel=1e-7)


QUANTILES = {"median": 0.5, "p25": 0.25, "p75": 0.75, "p90": 0.9, "p95": 0.95, "p99": 0.99}


def assert_summary(durations: pd.DataFrame, expected: dict[str, Any]) -> None:
    line = response.summary(durations).iloc[0]
    found = line[["n", "mean", "median", "p90", "p95", "low", "high"]].tolist()
    low, high = expected["median_ci95_order_statistic"]
    assert found == exactly(
        [*(expected[k] for k in ("n", "mean", "median", "p90", "p95")), low, high], rel=1e-4
    )


def assert_shares(durations: pd.DataFrame, expected: dict[str, float]) -> None:
    everything = durations.assign(severity="all")
    found = {limit: response.share_within(everything, float(limit)).loc["all", "share"] for limit in expected}
    assert found == exactly(expected, rel=1e-4)


def test_time_to_resolve_of_the_whole_log(incidents):
    durations = response.time_to_resolve(incidents, as_of=AFTER_IT_ALL)
    assert_distribution(response.counted(durations)["minutes"], LOG["ttr_minutes"])
    assert_summary(durations, LOG["ttr_minutes"])
    assert_shares(durations, LOG["ttr_minutes"]["share_within_minutes"])
    assert response.left_out(durations) == {"stop unknown": LOG["counts"]["unknown_stop"]}


def test_time_to_resolve_with_the_close_where_the_resolve_is_unknown(incidents):
    durations = response.time_to_resolve(incidents, as_of=AFTER_IT_ALL, stop_fallback="closed_at")
    known = LOG["ttr_minutes_with_closed_fallback"]
    assert_distribution(response.counted(durations)["minutes"], known)
    assert_shares(durations, known["share_within_minutes"])


def test_time_to_acknowledge_of_the_whole_log(incidents):
    durations = response.time_to_acknowledge(incidents, as_of=AFTER_IT_ALL)
    assert_distribution(response.counted(durations)["minutes"], LOG["tta_minutes"])
    assert_summary(durations, LOG["tta_minutes"])
    assert_shares(durations, LOG["tta_minutes"]["share_within_minutes"])
    assert response.left_out(durations) == {"in an impossible order": LOG["counts"]["negative_tta"]}


def test_time_to_resolve_by_severity(incidents):
    durations = response.time_to_resolve(incidents, as_of=AFTER_IT_ALL)
    table = response.summary(durations, by="severity")
    found = {name: {"median": row["median"], "p90": row["p90"]} for name, row in table.iterrows()}
    expected = {
        name: {k: exactly(row[k], rel=1e-4) for k in ("median", "p90")}
        for name, row in LOG["by_severity"].items()
    }
    assert found == expected
    assert durations["severity"].value_counts().to_dict() == {
        k: row["n"] for k, row in LOG["by_severity"].items()
    }


@pytest.mark.parametrize("snapshot", LOG["snapshots"], ids=lambda s: s["as_of"][:10])
def test_a_window_as_it_was_known_then(incidents, snapshot):
    as_of = pd.Timestamp(snapshot["as_of"])
    cohort = response.between(incidents, as_of - pd.Timedelta(days=snapshot["window_days"]), as_of)
    durations = response.time_to_resolve(cohort, as_of=as_of)
    line, curve = response.summary(durations).iloc[0], response.curve(durations)
    ended = response.counted(durations).query("observed")["minutes"]
    assert (line["n"], line["ended"], line["still_open"]) == (
        snapshot["n"], snapshot["n_resolved"], snapshot["n_open_censored"],
    )  # fmt: skip
    assert response.left_out(durations) == {"stop unknown": snapshot["n_unknown_stop_excluded"]}
    assert ended.median() == snapshot["naive_median_resolved_only"]
    assert (line["median"], line["low"], line["high"]) == (
        snapshot["km_median"], *snapshot["km_median_ci95_loglog"],
    )  # fmt: skip
    is_tie = abs(curve.at(line["median"]) - 0.5) < 1e-9  # then another median would be right as well
    assert is_tie is (snapshot["km_median_tie_accept_up_to"] is not None)
    assert (curve.quantile(0.25), curve.quantile(0.75)) == (snapshot["km_q25"], snapshot["km_q75"])
    assert {t: curve.at(float(t)) for t in snapshot["km_S"]} == exactly(snapshot["km_S"], rel=1e-4)
    assert {t: curve.restricted_mean(float(t))[0] for t in snapshot["rmst"]} == exactly(
        snapshot["rmst"], rel=1e-4
    )
    assert curve.restricted_mean(1440)[1] == exactly(snapshot["rmst_1440_se"], rel=1e-4)


@pytest.mark.parametrize("known", LOG["period_comparisons_logrank"], ids=lambda one: one["label"])
def test_two_months_compared(incidents, known):
    as_of = pd.Timestamp(known["as_of"], tz="UTC")
    groups = []
    for since, until in (known["a"], known["b"]):
        cohort = response.between(incidents, pd.Timestamp(since, tz="UTC"), pd.Timestamp(until, tz="UTC"))
        rows = response.counted(response.time_to_resolve(cohort, as_of=as_of))
        groups.append((rows["minutes"], rows["observed"]))
    assert [len(minutes) for minutes, _ in groups] == known["n"]
    assert [observed.sum() for _, observed in groups] == known["events"]
    chi2, p = log_rank(*groups)
    assert (chi2, p) == exactly((known["logrank_chi2"], known["p"]), rel=1e-4)
    assert [kaplan_meier(*group).quantile(0.5) for group in groups] == known["km_median"]


def test_no_length_in_it_is_suspect(incidents):
    for name, known in LOG["suspect_durations"].items():
        durations = getattr(response, name)(incidents, as_of=AFTER_IT_ALL)
        found = response.suspects(durations)
        assert (len(found), found.index.tolist()) == (known["n"], known["ids"])
        for part, suspected in ((0.99, 0), (1.01, 1)):  # on either side of the limit
            one = durations.head(1).assign(minutes=part * known["threshold_minutes"], observed=True)
            assert len(response.suspects(pd.concat([durations, one]))) == suspected


def test_how_many_are_needed_to_see_a_cut_in_this_log(incidents):
    minutes = response.counted(response.time_to_resolve(incidents, as_of=AFTER_IT_ALL))["minutes"]
    spread = np.log(minutes[minutes > 0]).std()
    expected = LOG["incidents_needed_per_period_80pct_power"]
    found = {cut: compare.needed_n(spread, float(cut.rstrip("%")) / 100) for cut in expected}
    assert found == expected


def test_every_row_of_it_is_an_incident_and_none_ends_before_it_begins(incidents):
    assert incidents["kind"].value_counts().to_dict() == LOG["rows_by_kind"]
    assert (incidents["resolved_at"] < incidents["detected_at"]).sum() == LOG["counts"]["negative_ttr"]


def test_its_event_log_replays_to_the_same_final_resolves(incidents):
    log = analytics.load_events(DATA / "servicenow_events.csv.gz")
    from_rows = response.time_to_resolve(incidents, as_of=AFTER_IT_ALL)
    replayed = response.time_to_resolve(incidents, as_of=AFTER_IT_ALL, events=log)
    both = from_rows["minutes"].notna() & replayed["minutes"].notna()
    same = (from_rows["minutes"] == replayed["minutes"])[both]
    # a dozen rows carry a resolve time that the log's own states do not show
    assert len(same) - same.sum() == 12


def test_probe_alerts_that_still_fire_are_counted_as_waiting():
    known = REFERENCE["probes"]
    alerts = analytics.load_alerts(DATA / "probes_alerts.csv.gz")
    durations = response.time_to_resolve(alerts, as_of=known["as_of"])
    ended = response.counted(durations).query("observed")
    assert (len(durations), (~durations["observed"]).sum()) == (known["alerts"], known["still_firing"])
    assert_distribution(ended["minutes"], known["duration_minutes"])
    assert_shares(ended, known["duration_minutes"]["share_within_minutes"])


def test_what_was_reopened_and_handed_on(incidents):
    again = volume.reopen_rate(incidents, as_of=AFTER_IT_ALL).iloc[0]
    hands = volume.reassignments(incidents, as_of=AFTER_IT_ALL).iloc[0]
    known = LOG["counts"]
    assert (again["k"], again["n"], hands["n"]) == (known["reopened"], known["incidents"], known["incidents"])
    assert (again["share"], hands["mean"]) == exactly(
        (known["reopen_rate"], known["mean_reassignments"]), rel=1e-4
    )


def test_volume_by_week_weekday_and_hour(incidents):
    by_week = volume.weekly_counts(
        incidents, since=pd.Timestamp("2016-02-29T00:00Z"), until=pd.Timestamp("2017-02-20T00:00Z"),
        as_of=AFTER_IT_ALL, zone="UTC",
    )  # fmt: skip
    found = dict(zip(by_week["week"].dt.strftime("%Y-%m-%d"), by_week["n"], strict=True))
    assert found == LOG["weekly_counts_utc"]
    hours = volume.hour_by_weekday(incidents["detected_at"], zone="UTC")
    assert hours.sum(axis="columns").tolist() == LOG["weekday_counts_mon_to_sun"]
    assert hours.sum(axis="index").tolist() == LOG["hour_counts_utc"]


def test_time_to_resolve_by_service_and_by_year(incidents):
    durations = response.time_to_resolve(incidents, as_of=AFTER_IT_ALL)
    services = response.summary(durations, by="service")
    for known in LOG["top_services"]:  # n: all of them; the median: of those with a known stop
        assert (durations["service"] == known["service"]).sum() == known["n"]
        assert services.loc[known["service"], "median"] == exactly(known["median"], rel=1e-4)
    most = durations["service"].value_counts().head(8)
    assert most.index.tolist() == [known["service"] for known in LOG["top_services"]]
    year = durations.assign(year=durations["start"].dt.year.astype("str"))
    years = response.summary(year, by="year")
    for name, known in LOG["by_year"].items():
        assert (year["year"] == name).sum() == known["n"]
        assert years.loc[name, ["median", "mean"]].tolist() == exactly(
            [known["median"], known["mean"]], rel=1e-4
        )


def test_alerts_a_day_of_the_probes():
    alerts = analytics.load_alerts(DATA / "probes_alerts.csv.gz")
    found = alerts["fired_at"].dt.strftime("%Y-%m-%d").value_counts().sort_index()
    assert found.to_dict() == REFERENCE["probes"]["per_day_utc"]
