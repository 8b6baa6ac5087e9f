"""Every report: figures with titles, units and intervals, sentences with their n, the same on any theme."""

import json
import re
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

import analytics
from analytics import columns, reports
from analytics.card import Card, Report, Scope
from analytics.source import Window
from analytics.tables import Tables, nothing
from analytics.theme import counterparts
from tests.analytics.rows import AS_OF, alerts, at, events, incidents

ZONE = "Europe/Riga"
each = pytest.mark.parametrize("name", reports.__all__)
WITH_INTERVAL = {
    "incidents-by-week",
    "alerts-by-week",
    "acknowledge-by-week",
    "resolve-by-week",
    "acknowledge-before-after",
    "resolve-before-after",
    "quality",
    "self-resolve",
    "phases",
    "acknowledge-within",
    "resolve-within",
    "legs",
    "missing",
    "handed-on",
    "rate",
    "escalations",
    "both-clocks",
    "resolve-mean",
    "milestones",
    "kinds",
    "missed",
}


@pytest.fixture(scope="module")
def tables() -> Tables:
    return analytics.read("sample")


@pytest.fixture(scope="module")
def made(tables: Tables) -> dict[str, Report]:
    scope = Scope(analytics.window(tables, zone=ZONE), ZONE)
    return {name: getattr(reports, name)(tables, scope) for name in reports.__all__}


def drawn(card: Card, theme: str = "light") -> dict[str, Any]:
    text = card.figure(theme).to_json()
    assert len(text) < 50_000, card.name
    return json.loads(text)


@each
def test_it_answers_in_a_sentence_and_ends_with_something_to_decide(made, name):
    report = made[name]
    assert report.question.endswith("?")
    assert report.answer.endswith(".")
    assert report.decide
    assert len({card.name for card in report.cards}) == len(report.cards)
    for card in report.cards:
        assert card.sentence.endswith(".")
        assert card.footer.startswith("n ")
        assert card.footer.endswith("as of Mon 5 Jan 2026, 00:00 EET")
        assert card.how_we_know
        assert "!" not in card.sentence + report.answer + "".join(report.decide)


@each
def test_its_figures_have_titles_units_and_intervals_in_both_themes(made, name):
    for card in made[name].cards:
        if card.draw is None:
            assert card.table is not None
            continue
        light, dark = drawn(card), drawn(card, "dark")
        assert light["layout"]["title"]["text"]
        assert light["layout"]["title"]["subtitle"]["text"] is not None
        assert light["layout"]["template"] != dark["layout"]["template"]
        assert [trace["type"] for trace in light["data"]] == [trace["type"] for trace in dark["data"]]
        axes = [v for k, v in light["layout"].items() if k.startswith(("xaxis", "yaxis"))]
        units = [
            axis
            for axis in axes
            if axis.get("title", {}).get("text")
            or axis.get("tickformat")
            or axis.get("ticktext")
            or axis.get("type") == "date"
        ]
        assert units, card.name
        if card.name in WITH_INTERVAL:
            names = [trace.get("name", "") for trace in light["data"]]
            assert any("95 % interval" in word or "error_x" in str(light["data"]) for word in names), card.name


@each
def test_a_figure_in_light_turned_is_the_one_in_dark(made, name):
    """A notebook's page holds each figure once, and turns it where its reader has it dark."""
    dark = counterparts()
    for card in (card for card in made[name].cards if card.draw is not None):
        light = re.sub(
            r"#[0-9A-F]{6}|rgba\([^)]*\)", lambda found: dark.get(found[0], found[0]), card.figure().to_json()
        )
        assert json.loads(light) == drawn(card, "dark"), card.name


@each
def test_a_point_says_nothing_that_its_table_does_not(made, name):
    """No fact is to be had by a pointer alone. Single dots lead in one tap to what they are, and how long."""
    for card in (card for card in made[name].cards if card.draw is not None):
        said = {
            word for cell in card.table.astype("str").to_numpy().ravel() for word in (cell, *cell.split(" · "))
        }
        for trace in drawn(card)["data"]:
            shown = trace.get("customdata") or []
            if trace.get("hoverinfo") == "skip" or trace.get("name") == "one of few" or isinstance(shown, dict):
                continue
            parts = [part for word in shown for part in re.split(r", n | \(|\)", str(word)) if part]
            assert [part for part in parts if not any(part in cell for cell in said)] == [], card.name


@each
def test_the_same_tables_give_the_same_report(made, tables, name):
    scope = Scope(analytics.window(tables, zone=ZONE), ZONE)
    again = getattr(reports, name)(tables, scope)
    for one, other in zip(made[name].cards, again.cards, strict=True):
        assert (one.sentence, one.footer) == (other.sentence, other.footer)
        assert one.draw is None or one.figure().to_json() == other.figure().to_json()


@each
def test_of_nothing_it_says_nothing_without_an_error(name):
    empty = nothing(pd.Timestamp("2026-03-02T12:00Z"))
    report = getattr(reports, name)(empty, Scope(analytics.window(empty, zone=ZONE), ZONE))
    for card in report.cards:
        assert "nan" not in (card.sentence + card.footer).lower()
        assert card.draw is None or drawn(card)
    assert "nan" not in (report.answer + "".join(report.decide)).lower()


def test_recommendations_carry_a_backtest_of_the_newest_third_and_name_what_is_lost(tables):
    scope = Scope(analytics.window(tables, zone=ZONE), ZONE)
    from analytics.recommend import recommend

    found = {one.key: one for one in recommend(tables, scope)}
    assert set(found) == {
        "demote:Consumer lag", "group:Consumer lag + Queue is growing", "hold:Synthetic check (Lisbon)",
    }  # fmt: skip
    demoted = found["demote:Consumer lag"]
    assert demoted.evidence["n"] >= 29
    assert demoted.evidence["upper_bound"] < 0.10
    newest = scope.window.since + (scope.window.until - scope.window.since) * 2 / 3
    fires = tables.alerts[(tables.alerts["rule"] == "Consumer lag") & (tables.alerts["fired_at"] >= newest)]
    assert demoted.backtest["n"] == len(fires[fires["fired_at"] < scope.window.until])
    assert demoted.backtest["lost"] == []
    assert json.loads(json.dumps(demoted.as_data()))["draft"]["rule"] == "Consumer lag"


def test_a_rule_that_led_to_an_incident_is_never_let_go(tables):
    scope = Scope(analytics.window(tables, zone=ZONE), ZONE)
    from dataclasses import replace

    from analytics.recommend import recommend

    quiet = tables.alerts["rule"] == "Consumer lag"
    some = tables.alerts.index[quiet & (tables.alerts["fired_at"] > scope.window.since)][:3]
    alerts = tables.alerts.assign(
        incident_id=tables.alerts["incident_id"].mask(tables.alerts.index.isin(some), "INC1")
    )
    keys = {one.key for one in recommend(replace(tables, alerts=alerts), scope)}
    assert "demote:Consumer lag" not in keys


def test_working_hours_stand_beside_the_wall_clock_and_what_is_open_counts_on_both(tables):
    scope = Scope(analytics.window(tables, zone=ZONE), ZONE)
    weekdays = [{"detected_at": f"-{n} 15:00", "resolved_at": f"-{n} 19:00"} for n in range(3, 8)]
    rows = incidents(*weekdays, {"detected_at": "-7 15:00"})
    told = replace(nothing(AS_OF), incidents=rows)
    card = reports.lengths(told, Scope(Window(AS_OF - pd.Timedelta(days=30), AS_OF, AS_OF), "UTC"))[
        "both-clocks"
    ]
    assert card.sentence == (
        "Half of the incidents are resolved within 4 h on the wall clock; of working hours alone, within 3 h."
    )
    assert card.table["Clock"].tolist() == ["Wall clock", "Working hours"]
    assert set(card.table["Still open"]) == {"1"}
    assert scope.zone in reports.lengths(tables, scope)["both-clocks"].how_we_know


def test_escalations_by_timeout_and_by_hand_are_told_apart():
    fired = alerts(*({"fired_at": "08:00"} for _ in range(10)))
    log = events(
        {"alert_id": "A1", "at": "08:05", "kind": "escalated"},
        {"alert_id": "A1", "at": "08:10", "kind": "escalated"},
        {"alert_id": "A2", "at": "08:10", "kind": "escalated", "actor": "Ada"},
        {"alert_id": "A2", "at": "13:00", "kind": "escalated", "actor": "Ada"},  # not known yet
    )
    told = replace(nothing(AS_OF), alerts=fired, events=log)
    scope = Scope(Window(AS_OF - pd.Timedelta(days=1), AS_OF, AS_OF), ZONE)
    card = reports.response_times(told, scope, "alert")["escalations"]
    assert card.table["Escalations"].tolist() == ["2", "1"]
    assert card.sentence.startswith("Of a hundred alerts 10 (95 % interval 1.8 to 40) are escalated because")
    assert card.sentence.endswith(" and 10 (95 % interval 1.8 to 40) by hand.")
    assert card.table[["Alerts", "Once", "Twice or more"]].to_numpy().tolist() == [
        ["1", "0 %", "10 %"], ["1", "10 %", "0 %"],
    ]  # fmt: skip
    none = reports.response_times(replace(told, events=log.head(0)), scope, "alert")["escalations"]
    assert (none.sentence, none.draw) == ("None of 10 alerts was escalated.", None)


def test_of_a_hundred_alerts_escalated_often_no_more_than_a_hundred_are_escalated():
    fired = alerts(*({"fired_at": "08:00"} for _ in range(100)))
    often = [{"alert_id": f"A{number % 100 + 1}", "at": "08:05", "kind": "escalated"} for number in range(125)]
    told = replace(nothing(AS_OF), alerts=fired, events=events(*often))
    scope = Scope(Window(AS_OF - pd.Timedelta(days=1), AS_OF, AS_OF), ZONE)
    card = reports.response_times(told, scope, "alert")["escalations"]
    assert card.sentence.startswith("Of a hundred alerts 100 (95 % interval 96 to 100) are escalated because")
    assert card.table["An alert"].tolist() == ["1.25", "0.00"]


def test_the_effort_of_incidents_is_of_the_window_and_names_no_person():
    rows = incidents(
        {"detected_at": "08:00", "resolved_at": "10:00"}, {"detected_at": "08:00", "kind": "drill"}
    )
    log = events(
        {"incident_id": "INC1", "at": "08:00", "kind": "joined", "actor": "Ada"},
        {"incident_id": "INC1", "at": "09:00", "kind": "joined", "actor": "Ben"},
        {"incident_id": "INC2", "at": "08:00", "kind": "joined", "actor": "Cleo"},
    )
    told = replace(nothing(AS_OF), incidents=rows, events=log)
    card = reports.pager_load(told, Scope(Window(AS_OF - pd.Timedelta(days=1), AS_OF, AS_OF), "UTC"))["effort"]
    assert card.sentence.startswith("1 incident took 3.0 person-hours, ")
    assert card.table["Incident"].tolist() == ["INC1"]
    assert "Ada" not in card.sentence + card.table.to_string()


def test_people_are_not_shown_one_by_one_in_a_group_of_two(tables):
    from dataclasses import replace

    two = tables.pages[tables.pages["user"].isin(["Ada", "Ben"])]
    scope = Scope(analytics.window(tables, zone=ZONE), ZONE)
    report = reports.pager_load(replace(tables, pages=two), scope)
    for name in ("people", "nights", "fairness"):
        assert report[name].table.empty
        assert report[name].draw is None
        assert "Ada" not in report[name].sentence


def test_records_are_judged_as_they_were_known_then():
    """What was reopened, merged, called a drill or stopped before its start later was none of it by 10:30."""
    told = replace(
        nothing(AS_OF),
        incidents=incidents(
            {"detected_at": "08:00", "team": "Core", "resolved_at": "11:30", "reopen_count": 1},
            {"detected_at": "08:00", "team": "Core", "resolved_at": "09:00", "merged_into": "INC1"},
            {"detected_at": "08:00", "team": "Core", "resolved_at": "09:00", "kind": "drill"},
            {"detected_at": "08:00", "team": "Core", "acknowledged_at": "07:00"},
        ),
        events=events(
            {"incident_id": "INC1", "at": "09:00", "kind": "resolved"},
            {"incident_id": "INC1", "at": "11:00", "kind": "reopened"},
            {"incident_id": "INC1", "at": "11:30", "kind": "resolved"},
            {"incident_id": "INC2", "at": "11:00", "kind": "merged"},
            {"incident_id": "INC3", "at": "11:00", "kind": "kind_changed", "from": "incident", "to": "drill"},
            {"incident_id": "INC4", "at": "11:00", "kind": "kind_changed", "from": "drill"},
        ),
    )
    lines = {}
    for clock in ("10:30", "11:45"):
        report = reports.data_quality(
            told, Scope(Window(AS_OF - pd.Timedelta(days=1), AS_OF, pd.Timestamp(at(clock))), ZONE)
        )
        ended = report["missing"].table.set_index("Milestone").loc["resolve", ["Missing", "Of"]].tolist()
        lines[clock] = ended, report["impossible"].table["Incident"].tolist()
    assert lines == {"10:30": (["0", "3"], []), "11:45": (["0", "1"], ["INC4"])}


@pytest.mark.parametrize(
    ("days", "is_told"),
    [((3, 4, 5), False), ((3,) * 40, False), ((10, 17, 24, 31, 38, 45) * 3, False), (range(7, 80, 3), True)],
    ids=["three", "forty of one day", "eighteen of six weeks", "some each week"],
)
def test_a_trend_by_week_is_told_of_twenty_in_six_weeks_and_of_fewer_not(days, is_told):
    """Zeros, and then three alerts: fitted, that was 98,313 % more each week."""
    now = pd.Timestamp("2026-11-12T03:10Z")
    fired = [now - pd.Timedelta(days=day) for day in days]
    rows = pd.DataFrame({"alert_id": [str(n) for n in range(len(fired))], "fired_at": fired})
    told = replace(nothing(now), alerts=columns.tidy(rows, columns.ALERTS))
    card = reports.trends(told, Scope(analytics.window(told, zone=ZONE), ZONE))["alerts-by-week"]
    assert ("too few to tell a trend" not in card.sentence) is is_told
    assert ("95 % interval" in card.sentence) is is_told
    assert (len(card.figure().data) > 1) is is_told


def test_a_source_that_tells_of_no_pages_is_not_said_to_avoid_none():
    """A file of alerts: "would have avoided 0 pages" would be a number that nobody counted."""
    told = replace(nothing(AS_OF), alerts=alerts(
        {"fired_at": "08:00", "resolved_at": "08:03", "rule": "Disk"}, {"fired_at": "08:00", "rule": "Disk"},
    ))  # fmt: skip
    scope = Scope(Window(AS_OF - pd.Timedelta(days=1), AS_OF, AS_OF), ZONE)
    report = reports.rule_backtest(told, scope)
    assert "would have avoided 1 page (the source tells of none: each alert is taken for one)" in report.answer
    assert set(report["holds"].table["In sleep"]) == set(report["quiet"].table["In sleep"]) == {"–"}
    sent = columns.tidy(
        pd.DataFrame([{"page_id": "1", "user": "Ada", "alert_id": "A1", "sent_at": at("08:00")}]), columns.PAGES
    )
    paged = reports.rule_backtest(replace(told, pages=sent), scope)
    assert "would have avoided 1 page (0 in sleep)" in paged.answer
    assert report["holds"].sentence == (
        "A hold of 30 min is the longest that loses nothing; it holds back 50 % of alerts."
    )
    assert "–" not in set(paged["holds"].table["In sleep"])


def test_a_recommendation_takes_alerts_for_pages_where_the_source_tells_of_none_as_the_backtest_does():
    """ "Would have avoided 0 pages" was said of a change that notebook 06 found to avoid thirty."""
    day = pd.Timedelta(days=1)
    fired = [AS_OF - n * day for n in range(1, 91)]
    rows = pd.DataFrame({
        "alert_id": [str(n) for n in range(90)], "rule": "Disk", "fired_at": fired,
        "resolved_at": [moment + pd.Timedelta(minutes=2) for moment in fired], "resolved_by": "source",
    })  # fmt: skip
    told = replace(nothing(AS_OF), alerts=columns.tidy(rows, columns.ALERTS))
    scope = Scope(Window(AS_OF - 90 * day, AS_OF, AS_OF), ZONE)
    from analytics.recommend import recommend

    found = {one.kind: one for one in recommend(told, scope)}
    assert found["demote"].backtest["pages_avoided"] == 30
    assert found["demote"].cost == (
        "In the newest third it would have avoided 30 pages (the source tells of none: each alert is taken for"
        " one), and lost no detection."
    )


@pytest.mark.parametrize(("minutes", "said"), [(1.02, "102 %"), (1.001, "101 %"), (12.5, "1,250 %")])
def test_a_budget_just_overspent_is_not_said_to_be_spent_once(minutes, said):
    start = AS_OF - pd.Timedelta(days=7)
    over = start + pd.Timedelta(minutes=minutes * 7 * 1440 * 0.001)
    row = {
        "incident_id": "1",
        "service": "Checkout",
        "detected_at": start,
        "mitigated_at": over,
        "resolved_at": over,
    }
    told = replace(nothing(AS_OF), incidents=columns.tidy(pd.DataFrame([row]), columns.INCIDENTS))
    card = reports.budget(told, Scope(Window(start, AS_OF, AS_OF), ZONE))["burn-down"]
    assert card.sentence == f"Checkout spent {said} of its budget of 10 min."
