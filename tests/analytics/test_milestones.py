"""Milestone to milestone, legs of a page, volume, impact and budget."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analytics import columns, impact, milestones, paging, reports, response, volume
from analytics.card import Scope
from analytics.reports.handed_on import handed_on_card
from analytics.show import decide, how
from analytics.source import Window
from analytics.tables import nothing
from tests.analytics.rows import AS_OF, DAY, alerts, at, events, incidents

approx = pytest.approx


def minutes(table: pd.DataFrame) -> list:
    return table["minutes"].tolist()


ROWS = (
    {"impact_started_at": "07:55", "detected_at": "08:00", "declared_at": "08:04", "acknowledged_at": "08:02",
     "mitigated_at": "08:30", "resolved_at": "09:00", "impact_ended_at": "08:35"},
    {"detected_at": "10:00", "declared_at": "10:05", "acknowledged_at": "10:01"},
    {"detected_at": "06:00", "declared_at": "06:10", "resolved_at": "07:00"},
)  # fmt: skip


def test_each_milestone_is_measured_from_its_own_start():
    rows = incidents(*ROWS)
    detect = milestones.time_to_detect(rows, as_of=AS_OF)
    assert minutes(detect)[0] == 5.0
    assert milestones.coverage(detect) == (1, 3)
    assert minutes(milestones.time_to_declare(rows, as_of=AS_OF)) == [4.0, 5.0, 10.0]
    mitigate = milestones.time_to_mitigate(rows, as_of=AS_OF)
    assert (minutes(mitigate)[:2], mitigate["observed"].tolist()) == ([30.0, 120.0], [True, False, False])
    assert response.left_out(mitigate) == {
        "stop unknown": 1
    }  # over, and nobody wrote down when it was mitigated
    restore = milestones.time_to_restore(rows, as_of=AS_OF)
    assert (minutes(restore)[0], milestones.coverage(restore)) == (40.0, (1, 3))


def test_as_known_then_a_milestone_that_came_later_has_not_happened():
    then = milestones.time_to_mitigate(incidents(*ROWS), as_of=at("08:10"))
    assert then["observed"].tolist() == [False, False]
    assert minutes(then)[0] == 10.0


def test_phases_stand_side_by_side_with_how_much_is_known():
    table = milestones.phase_shares(incidents(*[ROWS[0]] * 6), as_of=AS_OF)
    assert table["median"].tolist() == [5.0, 2.0, 28.0, 30.0]
    assert table[["known", "of"]].to_numpy().tolist() == [[6, 6]] * 4
    assert milestones.phase_shares(incidents(*ROWS), as_of=AS_OF)["median"].isna().all()  # too few for a median


def test_mobilised_is_when_the_last_of_the_first_hour_has_joined():
    rows = incidents({"detected_at": "08:00"}, {"detected_at": "08:00"}, {"detected_at": "08:00"})
    log = events(
        *(
            {"incident_id": incident, "at": moment, "kind": "joined", "actor": who}
            for incident, moment, who in (
                ("INC1", "08:05", "Ada"),
                ("INC1", "08:20", "Ben"),
                ("INC1", "08:40", "Ada"),
                ("INC1", "09:30", "Cleo"),
                ("INC2", "08:05", "Ada"),
            )
        )
    )
    table = milestones.time_to_mobilise(rows, log, as_of=AS_OF)
    assert minutes(table)[0] == 20.0
    assert response.left_out(table) == {"fewer than 2 responders": 2}
    assert response.left_out(milestones.time_to_mobilise(rows, log, as_of=at("08:10"))) == {
        "fewer than 2 responders": 3
    }


def test_the_three_legs_of_a_page():
    rows = alerts({"fired_at": "08:00", "resolved_at": "08:30"}, {"fired_at": "08:00"}, {"fired_at": "08:00"})
    sent = columns.tidy(
        pd.DataFrame(
            [
                {
                    "page_id": 1,
                    "alert_id": "A1",
                    "sent_at": at("08:01"),
                    "delivered_at": at("08:02"),
                    "answered_at": at("08:05"),
                },
                {"page_id": 2, "alert_id": "A1", "sent_at": at("08:06"), "delivered_at": at("08:07")},
                {"page_id": 3, "alert_id": "A2", "sent_at": at("08:02"), "answered_at": at("08:09")},
            ]
        ),
        columns.PAGES,
    )
    table = paging.time_to_page(rows, sent, as_of=AS_OF)
    legs = dict(iter(table.groupby("leg")))
    assert sorted(minutes(legs["our engine"])) == [1.0, 2.0]
    assert minutes(legs["the push service"])[:2] == [1.0, 1.0]
    assert response.left_out(legs["the push service"]) == {"delivery not reported": 1}
    assert legs["the person"]["observed"].tolist() == [True, False, False]
    assert minutes(legs["the person"])[:2] == [3.0, 23.0]  # nobody answered until it was over


def test_weeks_without_incidents_are_zeros_and_cut_weeks_are_marked():
    rows = incidents(
        {"detected_at": "08:00"}, {"detected_at": "08:00", "kind": "drill"}, {"detected_at": "+20 08:00"}
    )
    since, until = pd.Timestamp("2026-02-25T00:00Z"), pd.Timestamp("2026-03-23T00:00Z")
    table = volume.weekly_counts(rows, since=since, until=until, as_of=until, zone="UTC")
    assert table["n"].tolist() == [0, 1, 0, 1]
    assert table["partial"].tolist() == [True, False, False, False]
    rate = volume.incident_rate(rows, since=since, until=until, as_of=until).loc["all"]
    assert rate["n"] == 2
    assert rate["low"] < rate["rate"] < rate["high"]
    before = incidents({"detected_at": "-60 08:00", "service": "Search"}).assign(incident_id="INC9")
    both = pd.concat([rows.assign(service="Checkout"), before], ignore_index=True)
    by_service = volume.incident_rate(both, since=since, until=until, as_of=until, by="service")
    assert by_service["n"].to_dict() == {"Checkout": 2, "Search": 0}
    assert (
        by_service.loc["Search", "rate"]
        == by_service.loc["Search", "low"]
        == 0
        < by_service.loc["Search", "high"]
    )
    per_deploy = volume.incident_rate(rows, since=since, until=until, as_of=until, deploys=8).loc["all"]
    assert per_deploy["rate"] == 0.25
    none = volume.incident_rate(rows, since=since, until=until, as_of=until, deploys=0).loc["all"]
    assert np.isnan(none["rate"])


def test_reopened_counts_as_it_was_known():
    rows = incidents({"detected_at": "08:00", "reopen_count": 1}, {"detected_at": "08:00"})
    log = events({"incident_id": "INC1", "at": "11:00", "kind": "reopened"})
    assert volume.reopen_rate(rows, as_of=AS_OF, events=log)["k"].tolist() == [1]
    assert volume.reopen_rate(rows, as_of=at("10:00"), events=log)["k"].tolist() == [0]


def test_a_record_without_an_event_log_keeps_its_own_counts():
    """A file of incidents has no events: that must not read as if none had been reopened or handed on."""
    rows = incidents(
        {"detected_at": "08:00", "reopen_count": 2, "reassignment_count": 3}, {"detected_at": "08:00"}
    )
    none = columns.empty(columns.EVENTS)
    assert volume.reopen_rate(rows, as_of=AS_OF, events=none)["share"].tolist() == [0.5]
    assert volume.reassignments(rows, as_of=AS_OF, events=none)["mean"].tolist() == [1.5]
    log = events({"incident_id": "INC2", "at": "11:00", "kind": "reopened"})  # of it only its log tells
    assert volume.reopen_rate(rows, as_of=AS_OF, events=log)["k"].tolist() == [2]


def test_what_a_source_does_not_count_is_not_none():
    """A status page keeps no count of hands: "handed on 0 times on average" would be made up."""
    rows = incidents(*({"detected_at": "08:00"} for _ in range(8)))
    hands, again = (count(rows, as_of=AS_OF).iloc[0] for count in (volume.reassignments, volume.reopen_rate))
    assert (hands["n"], again["n"], hands["why"], again["why"]) == (0, 0, "none counts", "none counts")
    log = events({"incident_id": "INC2", "at": "11:00", "kind": "reopened"})  # where a log tells, of all
    assert volume.reopen_rate(rows, as_of=AS_OF, events=log)[["k", "n"]].to_numpy().tolist() == [[1, 8]]
    scope = Scope(Window(AS_OF - pd.Timedelta(days=1), AS_OF, AS_OF), "UTC")
    tables = replace(nothing(AS_OF), incidents=rows)
    told = handed_on_card(tables, scope)
    assert told.sentence == "Of 8 incidents the source does not tell how often they were handed on."
    some = replace(tables, incidents=rows.assign(reassignment_count=1))
    assert "whether they are opened again the source does not tell" in handed_on_card(some, scope).sentence
    none = replace(tables, incidents=rows.assign(reassignment_count=0))  # and of reopenings it tells nothing
    assert handed_on_card(none, scope).sentence == (
        "None of 8 incidents was handed on; whether they are opened again the source does not tell."
    )


def test_escalations_by_timeout_and_by_hand():
    rows = alerts({"fired_at": "08:00"}, {"fired_at": "08:00"})
    log = events(
        {"alert_id": "A1", "at": "08:05", "kind": "escalated"},
        {"alert_id": "A1", "at": "08:10", "kind": "escalated"},
        {"alert_id": "A2", "at": "08:10", "kind": "escalated", "actor": "Ada"},
    )
    table = volume.escalations(rows, log, as_of=AS_OF)
    assert table["total"].tolist() == [2, 1]
    assert table["mean"].tolist() == [1.0, 0.5]
    assert table["k"].tolist() == [1, 1]
    assert table[["share", "share_1", "share_2_or_more"]].to_numpy().tolist() == [[0.5, 0, 0.5], [0.5, 0.5, 0]]


def degraded(*rows: dict, **more: object) -> pd.DataFrame:
    span = {"since": pd.Timestamp(f"{DAY}T00:00Z"), "until": AS_OF, "as_of": AS_OF, **more}
    return impact.impacts(incidents(*rows), **span)


def test_a_rate_of_uneven_weeks_has_the_wider_interval_and_of_few_nothing_is_said_of_its_weeks():
    even = [
        {"detected_at": f"+{7 * week} 0{hour}:00", "service": "Even"} for week in range(8) for hour in (6, 8)
    ]
    uneven = [
        {"detected_at": f"+{7 * week} 08:{n:02}", "service": "Uneven"} for week in (2, 5) for n in range(8)
    ]
    few = [{"detected_at": "08:00", "service": "Few"}]
    since = pd.Timestamp(f"{DAY}T00:00Z")
    span = {"since": since, "until": since + pd.Timedelta(weeks=8), "as_of": since + pd.Timedelta(weeks=8)}
    rows = incidents(*even, *uneven, *few)
    table = volume.incident_rate(rows, by="service", **span)
    assert table["rate"].to_dict() == {"Even": 2.0, "Few": 0.125, "Uneven": 2.0}
    assert table["weeks_vary"].to_dict() == {
        "Even": "as by chance", "Few": "too few to tell", "Uneven": "more than chance",
    }  # fmt: skip
    low, high = table.loc["Even", ["low", "high"]]
    wide_low, wide_high = table.loc["Uneven", ["low", "high"]]
    # counts 0, 0, 8, 0, 0, 8, 0, 0: variance 96/7, so alpha (96/7 - 2) / 4, and 1/16 + alpha/8 under the root
    assert (wide_low, wide_high) == approx((0.5544, 7.2156), rel=1e-4)
    assert wide_low < low < high < wide_high
    loud = since + pd.Timedelta(days=14)
    short = {"since": loud, "until": loud + pd.Timedelta(days=10), "as_of": loud + pd.Timedelta(days=10)}
    assert volume.incident_rate(rows, **short)["weeks_vary"].tolist() == ["too few to tell"]
    scope = Scope(Window(span["since"], span["until"], span["as_of"]), "UTC")
    card = reports.trends(replace(nothing(span["as_of"]), incidents=rows), scope)["rate"]
    assert dict(zip(card.table["Service"], card.table["Weeks vary"], strict=True))["Few"] == "too few to tell"


def test_overlapping_impacts_are_a_union_and_never_a_sum():
    table = degraded(
        {"impact_started_at": "08:00", "detected_at": "08:00", "impact_ended_at": "09:00"},
        {"impact_started_at": "08:30", "detected_at": "08:40", "impact_ended_at": "09:30"},
        {
            "impact_started_at": "08:10",
            "detected_at": "08:40",
            "impact_ended_at": "08:20",
            "impact_fraction": 0.5,
        },
        {
            "impact_started_at": "10:00",
            "detected_at": "10:00",
            "impact_ended_at": "10:10",
            "impact_fraction": 0.5,
        },
        {"impact_started_at": "-1 23:00", "detected_at": "00:00", "impact_ended_at": "00:05"},
        {"impact_started_at": "11:00", "detected_at": "11:00", "impact_ended_at": "+3 12:00", "kind": "drill"},
    )
    assert impact.degraded_minutes(table).loc["all", "minutes"] == approx(90 + 5 + 5)


def test_an_impact_nobody_wrote_down_is_taken_from_detection_to_mitigation_and_said():
    table = degraded(
        {"detected_at": "08:00", "mitigated_at": "08:10", "resolved_at": "09:00"}, {"detected_at": "11:30"}
    )
    assert impact.degraded_minutes(table).loc["all"].tolist() == [40.0, 2, 0]


def test_a_budget_is_spent_by_named_incidents():
    rows = incidents(
        {
            "impact_started_at": "08:00",
            "detected_at": "08:00",
            "impact_ended_at": "08:36",
            "service": "Checkout",
        }
    )
    since, until = pd.Timestamp(f"{DAY}T00:00Z"), pd.Timestamp(f"{DAY}T00:00Z") + pd.Timedelta(days=25)
    table = impact.budget_spent(rows, since=since, until=until, as_of=AS_OF)
    assert table.loc["Checkout", ["budget", "minutes", "spent", "incidents"]].tolist() == approx(
        [36.0, 36.0, 1.0, "INC1"]
    )
    steps = impact.burn_down(
        impact.impacts(rows, since=since, until=until, as_of=AS_OF), budget=72.0, since=since
    )
    assert steps["left"].tolist() == approx([1.0, 1.0, 0.5])
    assert steps["incident_id"].tolist() == ["", "INC1", ""]


def test_the_most_open_at_once_with_an_end_before_a_start_at_ties():
    rows = incidents(
        {"detected_at": "08:00", "resolved_at": "09:00"}, {"detected_at": "09:00", "resolved_at": "10:00"},
        {"detected_at": "09:30"},
    )  # fmt: skip
    assert impact.peak_concurrency(rows, as_of=AS_OF) == (2, pd.Timestamp(at("09:30")))
    assert impact.peak_concurrency(rows, as_of=at("09:10"))[0] == 1
    assert impact.peak_concurrency(incidents(), as_of=AS_OF) == (0, None)


def test_what_is_asked_to_be_written_down_is_what_a_reviewer_could_have_written():
    """Everything of one responder alone: nobody was mobilised, and nobody could write it down."""
    whole = {"declared_at": "08:05", "mitigated_at": "08:20", "impact_started_at": "07:55",
             "impact_ended_at": "08:30", "resolved_at": "08:40"}  # fmt: skip
    rows = [{"detected_at": "08:00", **whole} for _ in range(8)]
    scope = Scope(Window(AS_OF - pd.Timedelta(days=7), AS_OF, AS_OF), "UTC")

    def asked(*rows: dict) -> str:
        told = replace(nothing(AS_OF), incidents=incidents(*rows))
        return decide(reports.lengths(told, scope)).data

    assert asked(*rows).startswith("- Every milestone is written down.")
    told = replace(nothing(AS_OF), incidents=incidents(*rows, {"detected_at": "11:00", "declared_at": "11:05"}))
    card = reports.lengths(told, scope)["milestones"]
    assert card.table.set_index("Milestone")["Still open"].to_dict() == {
        "Declared": "0", "Mobilised": "0", "Mitigated": "1", "Impact lasted": "0",
    }  # fmt: skip
    for row in rows[:5]:
        del row["mitigated_at"]
    assert asked(*rows) == "- “Mitigated” is known of 3 of 8 incidents: write its times down at the review."
    assert asked(*rows[:5]).startswith("- Nothing yet: 5 incidents are too few.")


def test_a_notebook_of_several_reports_says_each_thing_once():
    scope = Scope(Window(AS_OF - pd.Timedelta(days=7), AS_OF, AS_OF), "UTC")
    told = nothing(AS_OF)
    first, more = reports.response_times(told, scope), reports.lengths(told, scope)
    assert decide(first, more).data == decide(first).data
    assert how(first, more).data.startswith(how(first).data)
    assert more["both-clocks"].how_we_know in how(first, more).data
    assert how(first, more, more).data == how(first, more).data


def test_an_incident_that_ended_before_it_began_was_never_open_and_is_named():
    rows = incidents(
        {"detected_at": "08:00", "resolved_at": "09:00"}, {"detected_at": "08:30", "resolved_at": "07:00"},
        {"detected_at": "08:40", "resolved_at": "08:50"},
    )  # fmt: skip
    line = impact.open_at_once(rows, as_of=AS_OF)
    assert (line["n"].max(), line["n"].iloc[-1]) == (2, 0)
    assert impact.impossible_spells(rows, as_of=AS_OF) == ["INC2"]
    scope = Scope(Window(AS_OF - pd.Timedelta(days=1), AS_OF, AS_OF), "UTC")
    card = reports.budget(replace(nothing(AS_OF), incidents=rows), scope)["peak"]
    assert card.sentence.startswith("At most 2 incidents were open at once")
    assert card.footer.startswith("n 2 incidents · ")
    assert card.footer.endswith(" · left out: 1 in an impossible order (INC2)")
