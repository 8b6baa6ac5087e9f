"""What alerts came to, what flaps, what fires together; backtests against the reference answers."""

import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import analytics
from analytics import backtest, noise, reports
from analytics.card import Scope
from analytics.source import Window
from analytics.tables import nothing
from tests.analytics.rows import AS_OF, alerts, at, events, incidents

DATA = Path(__file__).parent.parent / "data"
KNOWN = json.loads((DATA / "reference.json").read_text())["datasets"]["probes"]
approx = pytest.approx


@pytest.fixture(scope="module")
def probes() -> pd.DataFrame:
    return analytics.load_alerts(DATA / "probes_alerts.csv.gz")


def test_what_resolved_itself_in_the_real_log(probes):
    table = noise.self_resolved_share(probes, as_of=KNOWN["as_of"])
    assert dict(zip(table["minutes"].astype(str), table["k"], strict=True)) == KNOWN["self_resolved_within"]
    assert set(table["n"]) == {KNOWN["alerts"]}


def test_the_loudest_of_the_real_log(probes):
    table = noise.top_talkers(probes, as_of=KNOWN["as_of"])
    assert table.head(5)[["target", "n"]].to_dict("records") == KNOWN["top5_targets"]
    found = noise.concentration(probes, as_of=KNOWN["as_of"])
    assert (found["top_share"], found["gini"], found["pairs"]) == approx(
        (KNOWN["top5_share"], KNOWN["gini_alerts_per_target"], KNOWN["targets"]), rel=1e-5
    )
    flaps = noise.flapping(probes, as_of=KNOWN["as_of"])
    assert {"targets": len(flaps), "alerts_in_flaps": int(flaps["in_flaps"].sum())} == KNOWN[
        "flapping_3_fires_in_60_min"
    ]


def test_backtests_of_the_real_log(probes):
    for minutes, known in KNOWN["backtest_min_duration_minutes"].items():
        found = backtest.hold(probes, float(minutes), as_of=KNOWN["as_of"])
        assert (found.kept, found.suppressed) == (known["pages_kept"], known["pages_suppressed"])
    kept = {m: backtest.regroup(probes, float(m), as_of=KNOWN["as_of"]).kept for m in ("0", "15", "30", "60")}
    assert kept == KNOWN["backtest_regroup_window_minutes"]


def test_a_hold_delays_what_it_keeps_and_loses_by_name_what_it_does_not():
    rows = alerts(
        {"fired_at": "08:00", "resolved_at": "08:03", "incident_id": "INC7"},
        {"fired_at": "08:00", "resolved_at": "09:00", "incident_id": "INC12"},
        {"fired_at": "08:00", "resolved_at": "08:05"},
        {"fired_at": "11:58", "resolved_at": None, "incident_id": "INC12"},
    )
    found = backtest.hold(rows, 5, as_of=AS_OF)
    assert (found.kept, found.suppressed, found.lost, found.delayed) == (2, 2, ("INC7",), ("INC12",))
    asleep = pd.DataFrame({"alert_id": ["A1", "A1", "A2"], "kind": ["sleep", "off", "sleep"]})
    judged = backtest.hold(rows, 5, as_of=AS_OF, disturbances=asleep)
    assert (judged.pages_avoided, judged.avoided_asleep) == (2, 1)
    assert backtest.drop(rows, as_of=AS_OF).lost == ("INC7", "INC12")


def test_three_fires_in_an_hour_flap_and_two_do_not():
    fires = [
        {"fired_at": at, "rule": "r", "target": "t"} for at in ("08:00", "08:30", "09:00", "10:30", "11:00")
    ]
    assert noise.flapping(alerts(*fires), as_of=AS_OF)[["fires", "in_flaps"]].to_numpy().tolist() == [[5, 3]]
    assert noise.flapping(alerts(*fires[1:]), as_of=AS_OF).empty
    other = [{**fire, "target": str(i)} for i, fire in enumerate(fires)]
    assert noise.flapping(alerts(*other), as_of=AS_OF).empty


def test_what_came_of_each_alert():
    rows = alerts(
        {"fired_at": "08:00", "incident_id": "INC1"},
        {"fired_at": "08:00", "acknowledged_at": "08:01", "resolved_at": "08:09", "resolved_by": "human"},
        {"fired_at": "08:00", "acknowledged_at": "08:01", "usefulness": "actionable"},
        {"fired_at": "08:00", "acknowledged_at": "08:01", "usefulness": "false positive"},
        {"fired_at": "08:00", "resolved_at": "08:09", "resolved_by": "source"},
        {"fired_at": "08:00"},
        {"fired_at": "08:00", "acknowledged_at": "08:01", "resolved_at": "08:09", "resolved_by": "source"},
    )
    log = events(
        {"alert_id": "A6", "at": "08:30", "kind": "reassigned", "actor": "Ada"},
        {"alert_id": "A2", "at": "08:30", "kind": "escalated", "actor": None},  # by its timer
    )
    table = noise.outcomes(rows, log, as_of=AS_OF)
    assert table["actioned"].tolist() == [True, False, True, False, False, True, False]
    assert table["judged"].tolist() == [True, False, True, True, True, True, False]
    assert table["self_resolved"].tolist() == [False, False, False, False, True, False, False]
    share = noise.actioned_share(rows, log, as_of=AS_OF).loc["all"]
    assert (share["actioned"], share["judged"], share["share"]) == (3, 5, 0.6)
    assert share["share_not_judged"] == approx(2 / 7)
    before = noise.outcomes(rows, log, as_of=AS_OF.replace(hour=8, minute=5))
    assert not before["self_resolved"].any()
    assert not before["actioned"].iloc[5]


def test_an_alert_that_became_an_incident_later_had_led_to_nothing_by_then():
    rows = alerts({"fired_at": "09:00", "incident_id": "7"})
    log = events({"alert_id": "A1", "at": "10:00", "kind": "promoted", "actor": "Ada"})
    shares = [
        noise.actioned_share(rows, log, as_of=at(clock))["actioned"].tolist() for clock in ("09:30", "10:30")
    ]
    assert shares == [[0], [1]]


def test_rules_that_fire_together_say_who_leads():
    fires = []
    for hour in range(6, 12):
        fires += [
            {"fired_at": f"{hour:02}:00", "rule": "Replica lag"},
            {"fired_at": f"{hour:02}:03", "rule": "Queue grows"},
        ]
    fires.append({"fired_at": "05:00", "rule": "Disk"})
    table = noise.cooccurrence(alerts(*fires), as_of=AS_OF)
    assert table[["first", "second", "together", "lag"]].to_numpy().tolist() == [
        ["Replica lag", "Queue grows", 6, 3.0]
    ]
    assert table["jaccard"].iloc[0] == 1.0
    assert noise.cooccurrence(alerts(*fires[:8]), as_of=AS_OF).empty  # four times is no habit
    far = [
        {**fire, "incident_id": str(i // 2), "fired_at": f"{5 + i // 2:02}:{30 * (i % 2):02}"}
        for i, fire in enumerate(fires[:12])
    ]
    assert noise.cooccurrence(alerts(*far), as_of=AS_OF)["together"].tolist() == [6]  # in the same incident


def test_incidents_that_no_alert_told_of():
    told = incidents(
        {"detected_at": "08:00", "declared_at": "08:10"}, {"detected_at": "08:00", "declared_at": "08:10"},
        {"detected_at": "08:00", "declared_at": "08:10"}, {"detected_at": "08:00", "kind": "drill"},
    )  # fmt: skip
    rows = alerts({"fired_at": "08:00", "incident_id": "INC1"}, {"fired_at": "08:11", "incident_id": "INC2"})
    table = noise.missed_by_alerts(told, rows, as_of=AS_OF)
    assert table["missed"].tolist() == [False, True, True]


def missed_cards(*of: str | None):
    told = replace(nothing(AS_OF), incidents=incidents(*({"detected_at": "08:00", "severity": s} for s in of)))
    report = reports.fires_together(told, Scope(Window(AS_OF - pd.Timedelta(days=7), AS_OF, AS_OF), "UTC"))
    return report["missed"], report["missed-list"]


def test_the_share_missed_is_said_of_six_and_none_is_left_out_for_want_of_a_severity():
    card, _ = missed_cards(*["SEV1"] * 6, *["SEV2"] * 5, None)
    assert card.table[["Severity", "Missed", "Of", "Share"]].to_numpy().tolist() == [
        ["SEV1", "6", "6", "100 %"], ["SEV2", "5", "5", "–"], ["not written down", "1", "1", "–"],
    ]  # fmt: skip
    assert card.table["95 % interval"].tolist()[1:] == ["too few to tell"] * 2
    assert list(card.figure().data[0].y) == ["SEV1"]
    few, _ = missed_cards(*["SEV1"] * 5)
    assert (few.draw, few.sentence) == (None, "5 incidents: too few to tell what alerts miss.")


def test_of_no_incidents_none_is_said_to_have_been_told_of():
    assert missed_cards()[1].sentence == "No incidents in this window."


def test_of_many_rules_looked_at_at_once_the_doubt_is_shown_as_q():
    """0 of 29 and 0 of 59: p is 0.9 to that power, .0471 and .0020; q of two holds them to each other."""
    shares = pd.DataFrame({"judged": [29, 59], "actioned": [0, 0]}, index=["Disk", "Lag"])
    q = noise.doubts(shares)
    assert q.to_dict() == {"Disk": approx(0.9**29), "Lag": approx(2 * 0.9**59)}
    others = {"judged": [29] * 20, "actioned": [0] + [6] * 19}
    many = pd.DataFrame(others, index=[f"rule {k}" for k in range(20)])
    assert noise.doubts(many)["rule 0"] > 0.9  # one of twenty would look like that by chance
    fired = [{"fired_at": "08:00", "rule": "Disk", "resolved_at": "08:01", "resolved_by": "source"}] * 29
    told = replace(nothing(AS_OF), alerts=alerts(*fired))
    scope = Scope(Window(AS_OF - pd.Timedelta(days=1), AS_OF, AS_OF), "UTC")
    card = reports.alert_quality(told, scope)["quality"]
    assert card.table["q, under 10 %"].tolist() == ["0.047"]
    assert "Benjamini" in card.how_we_know


def test_what_nobody_judged_casts_no_doubt_on_a_rule():
    """2 of 2 judged led to something: "100 %" stood beside a q of .002, of the 98 nobody said a word about."""
    fired = [{"fired_at": "08:00", "rule": "Disk", "acknowledged_at": "08:01"}] * 98
    became = [{"fired_at": "08:00", "rule": "Disk", "incident_id": "INC1"}] * 2
    shares = noise.actioned_share(alerts(*fired, *became), as_of=AS_OF, by="rule")
    assert shares.loc["Disk", ["n", "judged", "share"]].tolist() == [100, 2, 1.0]
    assert noise.doubts(shares).to_dict() == {"Disk": 1.0}
    unjudged = noise.actioned_share(alerts(*fired), as_of=AS_OF, by="rule")
    assert noise.doubts(unjudged).to_dict() == {"Disk": 1.0}
