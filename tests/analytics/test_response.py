"""Six rows at a time, with answers one can check by eye."""

from math import isnan

import pandas as pd
import pytest

import analytics
from analytics import milestones, response
from analytics.response import time_to_acknowledge, time_to_resolve
from tests.analytics.rows import AS_OF, alerts, at, events, incidents


def told(table: pd.DataFrame) -> dict[str, tuple[float, bool]]:
    return {str(i): (row["minutes"], bool(row["observed"])) for i, row in response.counted(table).iterrows()}


def test_minutes_run_from_detection_to_the_first_human_acknowledgement():
    rows = incidents(
        {"detected_at": "09:00", "acknowledged_at": "09:02"},
        {"detected_at": "09:00", "acknowledged_at": "09:00"},  # at once: zero is kept
        {"detected_at": "11:30"},  # nobody yet
    )
    table = time_to_acknowledge(rows, as_of=AS_OF)
    assert told(table) == {"INC1": (2.0, True), "INC2": (0.0, True), "INC3": (30.0, False)}
    assert table["end"].tolist() == ["acknowledged", "acknowledged", "still open"]


def test_the_same_call_reads_an_alert_from_its_firing():
    rows = alerts({"fired_at": "09:00", "acknowledged_at": "09:05", "acknowledged_by": "human"})
    assert told(time_to_acknowledge(rows, as_of=AS_OF)) == {"A1": (5.0, True)}


def test_what_ended_without_an_acknowledgement_says_how_and_waits_no_longer():
    rows = alerts(
        {"fired_at": "09:00", "resolved_at": "09:04", "resolved_by": "source"},
        {"fired_at": "09:00", "resolved_at": "09:20", "resolved_by": "human"},
        {"fired_at": "09:00", "resolved_at": "11:00", "resolved_by": "timeout"},
        {"fired_at": "09:00", "acknowledged_at": "09:01", "acknowledged_by": "source", "resolved_at": "09:30"},
    )
    table = time_to_acknowledge(rows, as_of=AS_OF)
    assert told(table) == {"A1": (4, False), "A2": (20, False), "A3": (120, False), "A4": (30, False)}
    assert table["end"].tolist() == [
        "self-resolved", "resolved unacknowledged", "timed out", "resolved unacknowledged",
    ]  # fmt: skip


def test_an_alert_that_only_its_silence_closed_has_lasted_at_least_that_long():
    rows = alerts(
        {"fired_at": "09:00", "resolved_at": "09:10", "resolved_by": "source"},
        {"fired_at": "09:00", "resolved_at": "11:00", "resolved_by": "timeout"},
    )
    assert told(time_to_resolve(rows, as_of=AS_OF)) == {"A1": (10.0, True), "A2": (120.0, False)}


def test_what_comes_after_as_of_has_not_happened():
    rows = incidents(
        {"detected_at": "09:00", "acknowledged_at": "09:02", "resolved_at": "13:00", "closed_at": "+3 13:00"},
        {"detected_at": "14:00", "resolved_at": "15:00"},
    )
    assert told(time_to_resolve(rows, as_of=AS_OF)) == {"INC1": (180.0, False)}
    later = time_to_resolve(rows, as_of=AS_OF + pd.Timedelta(days=30))
    assert told(later) == {"INC1": (240.0, True), "INC2": (60.0, True)}


def test_a_closed_one_without_a_resolve_time_is_left_out_and_counted():
    rows = incidents(
        {"detected_at": "08:00", "closed_at": "10:00"},
        {"detected_at": "08:00", "closed_at": "+1 10:00"},  # closed later: still open now
    )
    table = time_to_resolve(rows, as_of=AS_OF)
    assert response.left_out(table) == {"stop unknown": 1}
    assert told(table) == {"INC2": (240.0, False)}
    fallback = time_to_resolve(rows, as_of=AS_OF, stop_fallback="closed_at")
    assert told(fallback) == {"INC1": (120.0, True), "INC2": (240.0, False)}


def test_an_impossible_order_is_left_out_counted_and_listed_by_id():
    rows = incidents(
        {"detected_at": "09:00", "resolved_at": "08:00"}, {"detected_at": "09:00", "resolved_at": "09:30"}
    )
    table = time_to_resolve(rows, as_of=AS_OF)
    assert response.left_out(table) == {"in an impossible order": 1}
    assert isnan(table.loc["INC1", "minutes"])
    line = response.footer(table, since=AS_OF - pd.Timedelta(days=1), until=AS_OF, as_of=AS_OF, zone="UTC")
    assert "1 in an impossible order (INC1)" in line


def test_other_kinds_merged_ones_and_missing_starts_are_left_out_by_reason():
    rows = incidents(
        {"detected_at": "09:00", "kind": "drill"},
        {"detected_at": "09:00", "kind": "maintenance"},
        {"detected_at": "09:00", "kind": "maintenance"},
        {"detected_at": "09:00", "merged_into": "INC6"},
        {"detected_at": None},
        {"detected_at": "09:00"},
    )
    table = time_to_resolve(rows, as_of=AS_OF)
    assert response.left_out(table) == {"maintenance": 2, "drill": 1, "merged": 1, "start unknown": 1}
    assert list(response.counted(table).index) == ["INC6"]


def test_a_row_without_a_start_is_counted_in_every_window():
    rows = incidents(
        {"detected_at": "09:00", "resolved_at": "10:00"}, {"detected_at": None, "resolved_at": "10:00"}
    )
    found = analytics.review(rows, AS_OF - pd.Timedelta(weeks=4), AS_OF, AS_OF).resolve
    assert (found.n, found.left_out) == (1, {"start unknown": 1})
    assert "left out: 1 start unknown" in found.footer


def test_a_row_without_a_detection_is_in_no_phase_of_any_window():
    """Its acknowledgement may be years old: 30 minutes to diagnose it stood in every window's median."""
    rows = incidents(
        {"impact_started_at": "07:50", "detected_at": "08:00", "acknowledged_at": "08:02",
         "mitigated_at": "08:30", "resolved_at": "09:00"},
        {"impact_started_at": "07:50", "acknowledged_at": "08:02", "mitigated_at": "08:30",
         "resolved_at": "09:00"},
        {"impact_started_at": "07:50", "acknowledged_at": "08:02", "mitigated_at": "08:30"},
    )  # fmt: skip
    since = AS_OF - pd.Timedelta(weeks=4)
    table = milestones.phase_shares(response.between(rows, since, AS_OF), as_of=AS_OF)
    assert table[["known", "of"]].to_numpy().tolist() == [[1, 3]] * 4
    why = response.left_out(milestones.time_to_detect(rows, as_of=AS_OF))
    assert why == {"stop unknown": 2}  # its start is known


@pytest.fixture
def reopened():
    rows = incidents({"detected_at": "08:00", "resolved_at": "11:00", "reopen_count": 1})
    log = events(
        {"incident_id": "INC1", "at": "09:00", "kind": "resolved"},
        {"incident_id": "INC1", "at": "10:30", "kind": "reopened"},
        {"incident_id": "INC1", "at": "11:00", "kind": "resolved"},
    )
    return rows, log


@pytest.mark.parametrize(("mode", "minutes"), [("first", 60.0), ("final", 180.0), ("active", 90.0)])
def test_a_reopened_one_has_three_lengths(reopened, mode, minutes):
    rows, log = reopened
    assert told(time_to_resolve(rows, as_of=AS_OF, events=log, reopened=mode)) == {"INC1": (minutes, True)}


def test_a_reopened_one_is_read_as_it_stood_at_as_of(reopened):
    rows, log = reopened
    between = time_to_resolve(rows, as_of=at("10:00"), events=log)
    assert told(between) == {"INC1": (60.0, True)}
    again_open = time_to_resolve(rows, as_of=at("10:45"), events=log)
    assert told(again_open) == {"INC1": (165.0, False)}
    spells = time_to_resolve(rows, as_of=at("10:45"), events=log, reopened="active")
    assert told(spells) == {"INC1": (75.0, False)}


def test_a_log_that_tells_of_states_is_replayed_too():
    rows = incidents({"detected_at": "08:00", "resolved_at": "11:00"})
    log = events(
        {"incident_id": "INC1", "at": "09:00", "kind": "state_changed", "from": "Active", "to": "Resolved"},
        {"incident_id": "INC1", "at": "10:00", "kind": "state_changed", "from": "Resolved", "to": "Active"},
    )
    assert told(time_to_resolve(rows, as_of=AS_OF, events=log)) == {"INC1": (240.0, False)}


def test_without_events_only_the_final_length_is_known(reopened):
    rows, _ = reopened
    with pytest.raises(ValueError, match="needs events"):
        time_to_resolve(rows, as_of=AS_OF, reopened="first")


def test_what_was_resolved_without_an_acknowledgement_and_reopened_later_had_ended_by_then(reopened):
    rows, log = reopened
    table = time_to_acknowledge(rows, as_of=at("10:00"), events=log)
    assert told(table) == {"INC1": (60.0, False)}
    assert table["end"].tolist() == ["resolved unacknowledged"]


def test_a_severity_a_kind_and_a_team_that_changed_later_are_those_of_then():
    rows = incidents(
        {"detected_at": "09:00", "severity": "SEV1", "team": "Web"},
        {"detected_at": "09:00", "severity": "SEV2", "kind": "drill"},
        {"detected_at": "09:00", "severity": "SEV4"},
        {"detected_at": "09:00", "severity": "SEV5"},
    )
    log = events(
        {"incident_id": "INC1", "at": "11:00", "kind": "severity_changed", "from": "sev2", "to": "sev1"},
        {"incident_id": "INC1", "at": "10:00", "kind": "severity_changed", "from": "sev3", "to": "sev2"},
        {"incident_id": "INC1", "at": "11:00", "kind": "team_changed", "from": "Core", "to": "Web"},
        {"incident_id": "INC2", "at": "11:00", "kind": "kind_changed", "from": "incident", "to": "drill"},
        {"incident_id": "INC3", "at": "11:00", "kind": "severity_changed", "from": "2 - High", "to": "4 - Low"},
        {"incident_id": "INC4", "at": "11:00", "kind": "severity_changed", "to": "sev5"},
    )
    for measure in (time_to_acknowledge, time_to_resolve):
        severity = {
            clock: measure(rows, as_of=at(clock), events=log)["severity"].fillna("unknown").tolist()
            for clock in ("09:30", "10:30", "11:30")
        }
        assert severity == {
            "09:30": ["SEV3", "SEV2", "SEV2", "unknown"],
            "10:30": ["SEV2", "SEV2", "SEV2", "unknown"],
            "11:30": ["SEV1", "SEV2", "SEV4", "SEV5"],
        }
        assert response.left_out(measure(rows, as_of=at("10:30"), events=log)) == {}
        assert response.left_out(measure(rows, as_of=at("11:30"), events=log)) == {"drill": 1}
        assert measure(rows, as_of=at("10:30"), events=log)["team"].iloc[0] == "Core"


def test_an_alert_has_the_severity_of_then():
    rows = alerts({"fired_at": "09:00", "severity": "critical"})
    log = events({"alert_id": "A1", "at": "11:00", "kind": "severity_changed", "from": "warning"})
    assert time_to_acknowledge(rows, as_of=at("10:00"), events=log)["severity"].tolist() == ["warning"]


@pytest.mark.parametrize("kind", ["milestone_corrected", "detection_corrected", "time_corrected"])
def test_corrected_times_are_used_and_marked(kind):
    rows = incidents({"detected_at": "08:00", "resolved_at": "09:00"}, {"detected_at": "08:00"})
    log = events({"incident_id": "INC1", "at": "10:00", "kind": kind})
    table = time_to_resolve(rows, as_of=AS_OF, events=log)
    assert table["edited"].tolist() == [True, False]
    assert not time_to_resolve(rows, as_of=at("09:30"), events=log)["edited"].any()


def test_as_of_needs_a_zone():
    with pytest.raises(ValueError, match="needs a zone"):
        time_to_resolve(incidents({"detected_at": "08:00"}), as_of="2026-03-02T12:00")


def test_nothing_in_the_frame_is_changed():
    rows = incidents({"detected_at": "09:00", "resolved_at": "13:00"})
    before = rows.copy(deep=True)
    time_to_resolve(rows, as_of=AS_OF)
    pd.testing.assert_frame_equal(rows, before)


def lasting(minutes: list[float], still_open: int = 0, severity: str = "SEV1") -> pd.DataFrame:
    """A metric's table of known lengths, the last `still_open` of them not over."""
    n = len(minutes)
    over = [i < n - still_open for i in range(n)]
    facts = {"minutes": minutes, "observed": over, "left_out": None, "severity": severity, "edited": False}
    ends = ["resolved" if ended else response.STILL_OPEN for ended in over]
    return pd.DataFrame({**facts, "end": ends}, index=[f"INC{i}" for i in range(n)])


def test_the_summary_of_ten_closed_ones():
    line = response.summary(lasting([4, 7, 9, 15, 22, 30, 41, 90, 200, 720])).iloc[0]
    assert (line["n"], line["still_open"], line["method"]) == (10, 0, "order statistics")
    assert (line["median"], line["low"], line["high"]) == (26, 7, 200)
    assert line["p90"] == pytest.approx(252)
    assert line["mean"] == pytest.approx(113.8)
    assert line["geometric_mean"] == pytest.approx(32.527, abs=5e-4)


def test_while_one_is_open_the_summary_is_kaplan_meiers_and_claims_no_mean():
    line = response.summary(lasting([3, 5, 8, 12, 20, 60, 45], still_open=1)).iloc[0]
    assert line["method"] == "Kaplan-Meier"
    assert (line["still_open"], line["median"]) == (1, 12)
    assert isnan(line["mean"])


def test_the_summary_by_severity_has_a_line_for_each():
    table = pd.concat([lasting([1, 2, 3]), lasting([10, 20], severity="SEV2")])
    assert response.summary(table, by="severity")["median"].to_dict() == {"SEV1": 2, "SEV2": 15}


def test_the_share_within_a_target_is_wilsons_when_nothing_is_unsure():
    line = response.share_within(lasting([1, 2, 3, 4, 10, 50], still_open=1), {"SEV1": 5.0}).loc["SEV1"]
    assert line["share"] == pytest.approx(4 / 6)  # the open one is past its target: missed
    assert (line["low"], line["high"]) == pytest.approx((0.2999, 0.9032), abs=1e-3)


def test_one_that_is_open_before_its_target_is_not_held_against_it():
    line = response.share_within(lasting([1, 2, 9, 10, 4], still_open=1), 5.0).loc["SEV1"]
    assert line["share"] == pytest.approx(
        2 / 5
    )  # two over of five, and the open one left before any other ended
    assert line["low"] < 2 / 5 < line["high"]


@pytest.mark.parametrize(
    ("minutes", "share", "interval"),
    [([1, 2, 2, 3, 3, 4], 1.0, (0.6097, 1.0)), ([60, 70, 80, 90, 95, 99], 0.0, (0.0, 0.3903))],
)
def test_all_within_a_target_and_none_have_an_interval_though_one_is_open(minutes, share, interval):
    """The curve's own ends there: it has none, or one of no width."""
    line = response.share_within(lasting([*minutes, 0.5], still_open=1), 5.0).loc["SEV1"]
    assert line["share"] == share
    assert (line["low"], line["high"]) == pytest.approx(interval, abs=1e-3)


@pytest.mark.parametrize(
    ("n", "said"),
    [(0, ()), (5, ()), (6, ("median",)), (19, ("median",)), (20, ("median", "p90")), (59, ("median", "p90")),
     (60, ("median", "p90", "p95"))],
)  # fmt: skip
def test_how_much_is_said_depends_on_how_many_there_are(n, said):
    voice = response.how_much_we_say(n)
    assert tuple(name for name in ("median", "p90", "p95") if getattr(voice, name)) == said
    assert voice.compared == (n >= 20)
    assert voice.dots_only == (n < 6)


def test_suspect_lengths_are_listed_and_kept():
    table = lasting([10, 11, 12, 13, 14, 15, 16, 9, 8, 5_000_000])
    assert list(response.suspects(table).index) == ["INC9"]
    assert response.summary(table).loc[0, "n"] == 10
    assert response.suspects(lasting([])).empty


def test_the_footer_says_what_the_figure_rests_on():
    rows = incidents(
        {"detected_at": "08:00", "resolved_at": "09:00"},
        {"detected_at": "08:00"},
        {"detected_at": "08:00", "closed_at": "09:00"},
        {"detected_at": "08:00", "kind": "maintenance"},
    )
    table = time_to_resolve(rows, as_of=AS_OF)
    line = response.footer(
        table, since=AS_OF - pd.Timedelta(days=28), until=AS_OF, as_of=AS_OF, zone="Europe/Riga"
    )
    assert line == (
        "n 2 · 1 still open · 1 unknown stop · left out: 1 maintenance"
        " · 2 Feb 2026 to 2 Mar 2026, Europe/Riga · as of Mon 2 Mar 2026, 14:00 EET"
    )
