"""Each metric of the dictionary has the figure of its name, drawn from the table that the metric gave."""

import json
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import pytest

import analytics
from analytics import figures, hours, impact, noise, pager_load, response
from analytics.answer import TARGETS
from analytics.figures.frame import NOTHING
from analytics.tables import Tables, nothing
from tests.analytics.test_rules import DICTIONARY, METRICS, SPAN, THEN, Metric

#: where the metric gives a number, or a number beside its table: the table that it is the number of
TABLES: dict[str, Metric] = {
    **METRICS,
    "peak_concurrency": lambda t, at: impact.open_at_once(t.incidents, as_of=at, events=t.events),
    "concentration": lambda t, at: noise.top_talkers(t.alerts, as_of=at),
    "interruption_kind": lambda t, at: METRICS["interruptions"](t, at)["kind"],
    "load_fairness": lambda t, at: pager_load.load_fairness(
        METRICS["interruptions"](t, at), t.shifts, as_of=at
    )[0],
    "business_minutes": lambda t, at: hours.both_clocks(METRICS["time_to_resolve"](t, at), zone="Europe/Riga"),
    "share_within": lambda t, at: response.share_within(
        METRICS["time_to_resolve"](t, at), TARGETS["time_to_resolve"]
    ),
    "restricted_mean": lambda t, at: analytics.restricted_mean(
        METRICS["time_to_resolve"](t, at), by="severity"
    ),
}
LENGTHS = [name for name in DICTIONARY if name.startswith("time_to_") and name != "time_to_page"]
#: metrics that carry an interval, which their figure shows
WITH_INTERVAL = {
    *LENGTHS, "time_to_page", "phase_shares", "restricted_mean", "share_within", "business_minutes",
    "incident_rate", "reopen_rate", "reassignments", "escalations", "interruption_kind", "actioned_share",
    "self_resolved_share", "missed_by_alerts",
}  # fmt: skip
each = pytest.mark.parametrize("name", DICTIONARY)


@pytest.fixture(scope="module")
def tables() -> Tables:
    return analytics.read("sample")


def draw(name: str, tables: Tables, theme: str = "light") -> go.Figure:
    return getattr(figures, name)(TABLES[name](tables, THEN), theme=theme)


def units(layout: dict[str, Any]) -> list[str]:
    """What its axes are measured in: words at an axis, percent, dates, ticks in minutes and hours."""
    axes = [axis for name, axis in layout.items() if name.startswith(("xaxis", "yaxis"))]
    said = [(axis.get("title") or {}).get("text") or axis.get("tickformat") for axis in axes]
    return [*filter(None, said), *(tick for axis in axes for tick in axis.get("ticktext") or [])]


@each
def test_a_metric_has_the_figure_of_its_name_with_title_unit_and_interval(name: str, tables: Tables) -> None:
    assert name in figures.__all__
    assert getattr(figures, name).__name__ == name
    light, dark = (json.loads(draw(name, tables, theme).to_json()) for theme in ("light", "dark"))
    for drawn in (light, dark):
        assert drawn["data"]
        assert drawn["layout"]["title"]["text"]
        assert units(drawn["layout"])
        assert len(json.dumps(drawn)) < 50_000
    assert light["layout"]["template"] != dark["layout"]["template"]
    is_told = "95 % interval" in str(light)
    bounds = [trace for trace in light["data"] if "error_x" in trace or "error_y" in trace or "fill" in trace]
    assert (is_told, bool(bounds)) == ((name in WITH_INTERVAL),) * 2


@each
def test_of_nothing_it_says_so(name: str) -> None:
    drawn = draw(name, nothing(THEN))
    assert [note.text for note in drawn.layout.annotations] == [
        NOTHING if name != "cooccurrence" else "no two rules fire together often enough to say"
    ]
    assert not any(trace.y for trace in drawn.data)


def test_a_list_by_service_has_the_most_incidents_a_week_on_top(tables: Tables) -> None:
    rates = analytics.incident_rate(tables.incidents, as_of=THEN, by="service", **SPAN)
    drawn = draw("incident_rate", tables)
    assert drawn.data[0].y[-1] == rates["rate"].idxmax()
    assert drawn.layout.xaxis.title.text == "incidents a week"


def test_the_most_at_once_is_the_number_and_the_moment_of_the_metric(tables: Tables) -> None:
    most, when = analytics.peak_concurrency(tables.incidents, as_of=THEN, events=tables.events)
    line, dot = draw("peak_concurrency", tables).data
    assert max(line.y) == most == dot.y[0]
    assert when is not None
    assert dot.x[0] == when.tz_localize(None).isoformat(timespec="seconds")


def test_shifts_over_the_ceiling_are_marked_and_none_is_lost() -> None:
    rates = pd.DataFrame({"per_12_h": [0.0, 0.5, 1.0, 2.0, 2.1, 9.0]})
    (bars,) = figures.shift_load(rates).data
    assert dict(zip(bars.x, bars.y, strict=True)) == {
        "none": 1, "up to 1": 2, "1 to 2": 1, "2 to 3": 1, "3 to 4": 0, "over 4": 1,
    }  # fmt: skip
    assert list(bars.marker.pattern.shape) == ["", "", "", "/", "/", "/"]


def test_the_dearest_incident_is_on_top_and_its_bar_is_whole(tables: Tables) -> None:
    effort = TABLES["response_effort"](tables, THEN)
    inside, outside = draw("response_effort", tables).data
    dearest = effort["person_minutes"].idxmax()
    assert inside.y[-1] == outside.y[-1] == dearest
    assert inside.x[-1] + outside.x[-1] == pytest.approx(effort["person_minutes"].max() / 60, rel=1e-3)


def test_rules_whose_names_begin_alike_have_a_cell_each_and_a_part_of_them_is_said_to_be_one() -> None:
    """Two rows of one name are one row to plotly: the cells of the second lay on those of the first."""
    names = [f"Checkout latency is high in {place}" for place in range(12)]
    pairs = pd.DataFrame({"first": names[::2], "second": names[1::2], "together": range(6, 12)})
    figure = figures.cooccurrence(pairs)
    (cells,) = figure.data
    assert len(set(cells.x)) == len(set(cells.y)) == 9
    assert cells.z[0][1] == cells.z[1][0] == 6
    assert "the first 9 of 12 rules" in " ".join(figure.layout.title.subtitle.text.split("<br>"))
    assert "the first" not in figures.cooccurrence(pairs.head(4)).layout.title.subtitle.text


def test_a_line_of_moments_says_whose_clock_they_are_by() -> None:
    told = pd.DataFrame({"at": pd.to_datetime(["2026-03-02T23:30Z", "2026-03-03T02:00Z"]), "n": [1, 2],
                         "left": [0.9, 0.4]})  # fmt: skip
    zone, until = "Europe/Riga", pd.Timestamp("2026-03-04T00:00Z")
    for figure in (
        figures.peak_concurrency(told, zone=zone),
        figures.burn_down(told, service="Search", until=until, zone=zone),
    ):
        assert figure.data[0].x[0] == "2026-03-03T01:30:00"
        assert "local time, Europe/Riga" in figure.layout.title.subtitle.text
