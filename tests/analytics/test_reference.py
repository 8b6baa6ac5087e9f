"""Every answer of `data/reference.json`, leaf by leaf: counts to the digit, numbers within its tolerance."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import analytics
from analytics import backtest, change, compare, noise, response, volume
from analytics.intervals import median_interval
from analytics.survival import kaplan_meier, log_rank

DATA = Path(__file__).parent.parent / "data"
KNOWN = json.loads((DATA / "reference.json").read_text())["datasets"]
AFTER_IT_ALL = pd.Timestamp("2018-01-01T00:00Z")
SHARES = (15, 60, 240, 1440, 4320)
CUTS = (10, 20, 30, 50)
LOOSE = ("negbin", "rate_ratio")  # fitted by two programs that stop at different places


def leaves(told: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Each value and where it stands; of a list that it is one, too: an empty one has no values."""
    if isinstance(told, dict):
        for name, value in told.items():
            yield from leaves(value, f"{path}/{name}")
    elif isinstance(told, list | tuple):
        yield f"{path}/length", len(told)
        for place, value in enumerate(told):
            yield from leaves(value, f"{path}/{place}")
    else:
        yield path, told


def as_told(path: str, value: Any) -> Any:
    if not isinstance(value, float):
        return value
    return pytest.approx(value, rel=2e-2 if any(word in path for word in LOOSE) else 1e-4)


def distribution(durations: pd.DataFrame) -> dict[str, Any]:
    minutes = response.counted(durations).query("observed")["minutes"]
    line = response.summary(durations[durations["observed"]]).iloc[0]
    log = np.log(minutes[minutes > 0])
    one = durations[durations["observed"]].assign(severity="all")
    within = {str(m): response.share_within(one, float(m)).loc["all", "share"] for m in SHARES}
    quartiles = {f"p{q}": float(minutes.quantile(q / 100)) for q in (25, 75, 99)}
    assert (line["low"], line["high"]) == median_interval(minutes)
    return {
        "n": int(line["n"]), "mean": line["mean"], "median": line["median"], "p90": line["p90"],
        "p95": line["p95"], **quartiles, "max": float(minutes.max()), "n_zero": int((minutes == 0).sum()),
        "geometric_mean_positive": line["geometric_mean"], "sd_log_positive": float(log.std()),
        "median_ci95_order_statistic": [line["low"], line["high"]], "share_within_minutes": within,
    }  # fmt: skip


def snapshot(incidents: pd.DataFrame, asked: dict[str, Any]) -> dict[str, Any]:
    as_of = pd.Timestamp(asked["as_of"])
    since = as_of - pd.Timedelta(days=asked["window_days"])
    durations = response.time_to_resolve(response.between(incidents, since, as_of), as_of=as_of)
    line, curve = response.summary(durations).iloc[0], response.curve(durations)
    tie = abs(curve.at(line["median"]) - 0.5) < 1e-9
    means = {str(m): curve.restricted_mean(float(m))[0] for m in (1440, 4320)}
    ended = response.counted(durations).query("observed")["minutes"]
    return {
        "as_of": asked["as_of"], "window_days": asked["window_days"], "n": int(line["n"]),
        "n_resolved": int(line["ended"]), "n_open_censored": int(line["still_open"]),
        "n_unknown_stop_excluded": response.left_out(durations)["stop unknown"],
        "naive_median_resolved_only": float(ended.median()), "km_median": line["median"],
        "km_median_tie_accept_up_to": curve.times[curve.times > line["median"]][0] if tie else None,
        "km_median_ci95_loglog": [line["low"], line["high"]], "km_q25": curve.quantile(0.25),
        "km_q75": curve.quantile(0.75), "km_S": {str(m): curve.at(float(m)) for m in SHARES[1:]},
        "rmst": means, "rmst_1440_se": curve.restricted_mean(1440.0)[1],
    }  # fmt: skip


def months(incidents: pd.DataFrame, asked: dict[str, Any]) -> dict[str, Any]:
    as_of, groups = pd.Timestamp(asked["as_of"], tz="UTC"), []
    for side in ("a", "b"):
        since, until = (pd.Timestamp(day, tz="UTC") for day in asked[side])
        rows = response.time_to_resolve(response.between(incidents, since, until), as_of=as_of)
        rows = response.counted(rows)
        groups.append((rows["minutes"], rows["observed"]))
    chi2, p = log_rank(*groups)
    return {
        **{name: asked[name] for name in ("label", "a", "b", "as_of")}, "n": [len(m) for m, _ in groups],
        "events": [int(over.sum()) for _, over in groups],
        "km_median": [kaplan_meier(*group).quantile(0.5) for group in groups], "logrank_chi2": chi2, "p": p,
    }  # fmt: skip


def by(durations: pd.DataFrame, name: str, column: str, *numbers: str) -> dict[str, Any]:
    line = response.summary(durations[durations[column] == name]).iloc[0]
    return {"n": int((durations[column] == name).sum()), **{number: line[number] for number in numbers}}


def suspects(incidents: pd.DataFrame, metric: str, asked: dict[str, Any]) -> dict[str, Any]:
    durations = getattr(response, metric)(incidents, as_of=AFTER_IT_ALL)
    log = np.log(response.counted(durations).query("observed and minutes > 0")["minutes"])
    limit = np.exp(log.median() + 6 * 1.4826 * (log - log.median()).abs().median())
    found = response.suspects(durations)
    ids = found.index.tolist()
    return {"rule": asked["rule"], "threshold_minutes": float(limit), "n": len(found), "ids": ids}


def limits(chart: change.Limits, spread: bool) -> dict[str, Any]:
    found = {"center": chart.centre, "ucl": chart.high, "lcl": chart.low, "n_out": len(chart.outside)}
    return {**found, "mr_bar": chart.spread} if spread else found


def by_week(weeks: list[int], patch: pytest.MonkeyPatch) -> dict[str, Any]:
    trend, kendall = change.count_trend(weeks), change.mann_kendall(weeks)
    patch.setattr(change, "OVERDISPERSED", float("inf"))
    poisson = change.count_trend(weeks)
    assert (trend.method, poisson.method) == ("negative binomial", "Poisson")
    return {
        "control_charts_weekly": {
            "c_chart": limits(change.c_chart(weeks), spread=False),
            "xmr": limits(change.xmr(weeks), spread=True),
        },
        "trend_weekly": {
            "n_weeks": len(weeks), "poisson_slope": poisson.slope, "poisson_se": poisson.se,
            "dispersion_pearson": trend.dispersion, "negbin_slope": trend.slope, "negbin_se": trend.se,
            "negbin_p": trend.p, "negbin_theta": trend.theta, "rate_ratio_per_week": trend.ratio,
            "rate_ratio_ci95": [trend.low, trend.high],
        },
        "mann_kendall_weekly": {
            "S": kendall.s, "var": kendall.variance, "z": kendall.z, "p": kendall.p, "sen_slope": kendall.slope,
        },
    }  # fmt: skip


def servicenow(patch: pytest.MonkeyPatch) -> dict[str, Any]:
    told = KNOWN["servicenow"]
    rows = analytics.load_incidents(DATA / "servicenow_incidents.csv.gz")
    resolve = response.time_to_resolve(rows, as_of=AFTER_IT_ALL)
    closed = response.time_to_resolve(rows, as_of=AFTER_IT_ALL, stop_fallback="closed_at")
    acknowledge = response.time_to_acknowledge(rows, as_of=AFTER_IT_ALL)
    year = resolve.assign(year=resolve["start"].dt.year.astype("str"))
    again = volume.reopen_rate(rows, as_of=AFTER_IT_ALL).iloc[0]
    span = {"since": pd.Timestamp("2016-02-29T00:00Z"), "until": pd.Timestamp("2017-02-20T00:00Z")}
    weekly = volume.weekly_counts(rows, **span, as_of=AFTER_IT_ALL, zone="UTC")
    counts = {str(week.date()): int(n) for week, n in zip(weekly["week"], weekly["n"], strict=True)}
    first, last = told["weekly_window_monday_dates"]
    hours = volume.hour_by_weekday(rows["detected_at"], zone="UTC")
    most = resolve["service"].value_counts().head(8).index
    spread = distribution(resolve)["sd_log_positive"]
    return {
        "dataset": "servicenow", "rows": len(rows), "rows_by_kind": rows["kind"].value_counts().to_dict(),
        "counts": {
            "incidents": int(again["n"]), "unknown_stop": response.left_out(resolve)["stop unknown"],
            "negative_ttr": response.left_out(resolve).get(response.IMPOSSIBLE, 0),
            "negative_tta": response.left_out(acknowledge)[response.IMPOSSIBLE], "reopened": int(again["k"]),
            "reopen_rate": again["share"],
            "mean_reassignments": volume.reassignments(rows, as_of=AFTER_IT_ALL)["mean"].iloc[0],
        },
        "ttr_minutes": distribution(resolve), "ttr_minutes_with_closed_fallback": distribution(closed),
        "tta_minutes": distribution(acknowledge),
        "by_severity": {f"SEV{k}": by(resolve, f"SEV{k}", "severity", "median", "p90") for k in (1, 2, 3, 4)},
        "top_services": [{"service": s, **by(resolve, s, "service", "median")} for s in most],
        "weekly_counts_utc": counts, "weekday_counts_mon_to_sun": hours.sum(axis="columns").tolist(),
        "hour_counts_utc": hours.sum(axis="index").tolist(),
        "by_year": {y: by(year, y, "year", "median", "mean") for y in ("2016", "2017")},
        "snapshots": [snapshot(rows, asked) for asked in told["snapshots"]],
        "incidents_needed_per_period_80pct_power": {
            f"{cut}%": compare.needed_n(spread, cut / 100) for cut in CUTS
        },
        "weekly_window_monday_dates": [first, last],
        **by_week([n for week, n in counts.items() if first <= week <= last], patch),
        "period_comparisons_logrank": [months(rows, asked) for asked in told["period_comparisons_logrank"]],
        "suspect_durations": {m: suspects(rows, m, asked) for m, asked in told["suspect_durations"].items()},
    }  # fmt: skip


def probes() -> dict[str, Any]:
    as_of, rows = KNOWN["probes"]["as_of"], analytics.load_alerts(DATA / "probes_alerts.csv.gz")
    durations = response.time_to_resolve(rows, as_of=as_of)
    own, flaps = noise.self_resolved_share(rows, as_of=as_of), noise.flapping(rows, as_of=as_of)
    uneven = noise.concentration(rows, as_of=as_of)
    held = {m: backtest.hold(rows, float(m), as_of=as_of) for m in (5, 10, 15, 30)}
    days = rows["fired_at"].dt.strftime("%Y-%m-%d").value_counts()
    return {
        "dataset": "probes_a", "as_of": as_of, "alerts": len(durations), "targets": int(uneven["pairs"]),
        "still_firing": int(response.summary(durations)["still_open"].iloc[0]),
        "duration_minutes": distribution(durations),
        "self_resolved_within": dict(zip(own["minutes"].astype("str"), own["k"].tolist(), strict=True)),
        "top5_targets": noise.top_talkers(rows, as_of=as_of).head(5)[["target", "n"]].to_dict("records"),
        "top5_share": uneven["top_share"], "gini_alerts_per_target": uneven["gini"],
        "flapping_3_fires_in_60_min": {"targets": len(flaps), "alerts_in_flaps": int(flaps["in_flaps"].sum())},
        "backtest_min_duration_minutes": {
            str(m): {"pages_kept": one.kept, "pages_suppressed": one.suppressed} for m, one in held.items()
        },
        "backtest_regroup_window_minutes": {
            str(m): backtest.regroup(rows, float(m), as_of=as_of).kept for m in (0, 15, 30, 60)
        },
        "per_day_utc": days.sort_index().to_dict(),
    }  # fmt: skip


@pytest.mark.parametrize("dataset", KNOWN)
def test_every_answer_is_ours_too(dataset, monkeypatch):
    found = dict(leaves(probes() if dataset == "probes" else servicenow(monkeypatch)))
    told = dict(leaves(KNOWN[dataset]))
    assert len(told) > 50
    assert found == {path: as_told(path, value) for path, value in told.items()}
