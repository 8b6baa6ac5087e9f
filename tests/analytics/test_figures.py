"""Figures by what they say and show: titles, units, traces, intervals, contrast, weight."""

import json

import numpy as np
import pandas as pd
import pytest

import analytics
from analytics import figures, sample, volume
from analytics.figures import frame
from analytics.theme import DARK, LIGHT, Palette, counterparts

SPAN = ("2025-10-12T21:00Z", "2026-01-04T22:00Z", "2026-01-04T22:00Z", "Europe/Riga")


@pytest.fixture(scope="module")
def year():
    return sample.year()


@pytest.fixture(scope="module")
def review(year):
    return analytics.review(year.incidents, *SPAN, events=year.events)


def test_the_trend_shows_median_interval_and_p90_on_a_log_axis(review):
    figure = review.acknowledge.figure()
    assert figure.layout.title.text == "Time to acknowledge by week"
    assert "95 % interval" in figure.layout.title.subtitle.text
    assert "log scale" in figure.layout.yaxis.title.text
    assert figure.layout.yaxis.type == "log"
    assert [trace.name for trace in figure.data] == ["95 % interval", "p90", "median", "one of few"]
    band = figure.data[0]
    assert band.fill == "toself"
    assert max(v for v in band.y if v) > max(v for v in figure.data[2].y if v)
    assert [note.text for note in figure.layout.annotations] == ["p90", "<b>median</b>"]


def test_the_curves_show_each_severity_by_colour_dash_and_shape_with_its_interval(review):
    figure = review.resolve.curves()
    assert figure.layout.title.text == "Still unresolved, by severity"
    assert figure.layout.xaxis.title.text == "time since detection (log scale)"
    lines = [trace for trace in figure.data if trace.mode == "lines"]
    assert [trace.name for trace in lines] == ["SEV1", "SEV2", "SEV3", "SEV4"]
    assert len({trace.line.color for trace in lines}) == len({trace.line.dash for trace in lines}) == 4
    medians = [trace for trace in figure.data if trace.name.endswith("median")]
    assert [trace.marker.symbol for trace in medians] == ["octagon", "triangle-up", "diamond", "circle"]
    assert all(trace.error_x.array[0] > 0 and trace.error_x.arrayminus[0] > 0 for trace in medians)
    # one SEV5: a dot, no line and no median
    assert [trace.name for trace in figure.data if trace.mode == "markers" and trace.name == "SEV5"] == ["SEV5"]


def test_ticks_are_the_words_of_the_house(review):
    ticks = review.resolve.curves().layout.xaxis.ticktext
    assert set(ticks) <= {"1 min", "5 min", "1 h", "4 h", "1 d", "1 w"}
    assert len(ticks) >= 3


def test_a_week_of_few_is_drawn_one_by_one(year):
    few = analytics.review(year.of_team("Platform").incidents, *SPAN).acknowledge
    dots = few.figure().data[3]
    assert len(dots.x) == few.weeks.loc[few.weeks["n"] < 6, "n"].sum() > 0


def test_an_empty_window_says_so_on_the_figure(year):
    nothing = analytics.review(year.incidents.iloc[:0], *SPAN).resolve
    for figure in (nothing.figure(), nothing.curves("dark")):
        assert figure.layout.annotations[-1].text == "nothing to draw in this window"
        assert (figure.layout.xaxis.visible, figure.layout.yaxis.visible) == (False, False)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_figure_is_under_50_kb_and_wears_the_house_template(year, review, theme):
    alerts = analytics.review(year.alerts, "2025-01-05T22:00Z", *SPAN[1:])
    for answer in (review.acknowledge, review.resolve, alerts.acknowledge, alerts.resolve):
        for figure in (answer.figure(theme), answer.curves(theme)):
            text = figure.to_json()
            assert len(text) < 50_000
            template = json.loads(text)["layout"]["template"]["layout"]
            assert template["font"]["color"] == {"light": "#465166", "dark": "#AFB9C8"}[theme]
            assert template["dragmode"] is False
            assert template["xaxis"]["fixedrange"] is True
            assert template["yaxis"]["fixedrange"] is True


def test_the_configuration_sets_no_zoom_trap():
    assert figures.CONFIG == {
        "displayModeBar": False, "scrollZoom": False, "doubleClick": False, "responsive": True,
    }  # fmt: skip


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_every_mark_has_three_to_one_on_its_surface(palette: Palette):
    marks = (*palette.series, *palette.levels, palette.accent, palette.p90, palette.control)
    assert {
        mark: contrast(mark, palette.surface) for mark in marks if contrast(mark, palette.surface) < 3
    } == {}


def test_no_light_colour_stands_for_two_dark_ones():
    for name, light in vars(LIGHT).items():
        dark = getattr(DARK, name)
        for one, other in zip(light, dark, strict=True) if isinstance(light, tuple) else ((light, dark),):
            assert counterparts()[one] == other


def test_what_is_not_reached_has_a_bar_to_the_edge_and_what_has_no_interval_has_none():
    none = float("nan")
    rows = pd.DataFrame({"median": [60.0, 60.0], "low": [30.0, none], "high": [none, none]}, index=["a", "b"])
    (dots,) = figures.intervals(rows, value="median", title="Both", unit="time").data
    assert dict(zip(dots.y, dots.error_x.array, strict=True))["b"] is None
    assert dict(zip(dots.y, dots.error_x.array, strict=True))["a"] > 0


def contrast(a: str, b: str) -> float:
    """WCAG 2 contrast ratio of two hex colours."""
    light, dark = sorted((luminance(a), luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_a_budget_that_thousands_spent_is_drawn_in_under_50_kb_and_falls_as_far():
    start = pd.Timestamp("2026-01-01T00:00Z")
    falls = np.random.default_rng(7).exponential(size=10_000).cumsum()
    at = pd.Series(start + pd.to_timedelta(np.arange(10_000), unit="min")).astype("datetime64[us, UTC]")
    steps = pd.DataFrame({"at": at, "left": 1 - falls / 5_000, "incident_id": ""})
    drawn = figures.burn_down(steps, service="Checkout", until=at.iloc[-1], zone="UTC")
    assert len(drawn.to_json()) < 50_000
    line = drawn.data[0]
    assert (line.y[0], line.y[-1]) == pytest.approx((steps["left"].iloc[0], steps["left"].iloc[-1]), abs=1e-3)
    assert np.abs(np.diff(line.y)).max() < (steps["left"].iloc[0] - steps["left"].iloc[-1]) / 100


def test_the_words_of_a_long_time_axis_keep_apart():
    narrow = frame.time_axis(pd.Series([1.0, 5.0, 60.0, 240.0, 1440.0]))
    assert narrow["ticktext"] == ["1 min", "5 min", "1 h", "4 h", "1 d"]
    wide = frame.time_axis(pd.Series([1 / 60, 3 * 1440.0]))
    assert wide["ticktext"] == ["1 min", "1 h", "1 d"]


def test_a_list_of_many_is_as_high_as_a_phone_allows_and_says_that_there_are_more():
    many = pd.DataFrame({"nights": range(40, 0, -1)}, index=[f"user {n}" for n in range(40)])
    woken = pd.DataFrame({"user": many.index.repeat(many["nights"]), "kind": "sleep"})
    for figure in (figures.interruptions(woken), figures.nights_broken(many)):
        assert 240 <= figure.layout.height <= 320
        assert "irst 12 of 40" in figure.layout.title.subtitle.text
        assert [figure.data[0].y[0], figure.data[0].y[-1]] == ["user 11", "user 0"]  # the first on top
    few = figures.interruptions(woken[woken["user"].isin(many.index[:3])])
    assert "of 3" not in str(few.layout.title.subtitle.text)


def test_hundreds_of_rules_are_drawn_as_the_loudest_and_no_name_lies_on_another():
    n = np.arange(1, 301) * 10
    rules = pd.DataFrame({"n": n, "share": 0.01, "low": 0.0, "high": 0.1}, index=[f"rule {k}" for k in n])
    figure = figures.actioned_share(rules)
    assert max(figure.data[0].x) == 3000
    assert len(figure.data[0].x) == 40
    assert "the loudest 40 of 300 rules" in figure.layout.title.subtitle.text
    assert [note.text for note in figure.layout.annotations] == ["rule 3000"]


def test_hours_without_anything_are_words_and_no_shade():
    """plotly draws a field of zeros in the middle of its scale: as if there were much."""
    none = pd.DataFrame(0, index=volume.WEEKDAYS, columns=range(24))
    figure = figures.hour_by_weekday(none, noun="alert", zone="Europe/Riga")
    assert [note.text for note in figure.layout.annotations] == ["nothing to draw in this window"]
    assert not figure.data
    none.loc["Tue", 3] = 4
    assert (
        "darkest: 4"
        in figures.hour_by_weekday(none, noun="alert", zone="Europe/Riga").layout.title.subtitle.text
    )


def test_an_axis_has_two_words_at_least_and_beside_names_no_more_than_half_a_phone_holds():
    alike = frame.time_axis(pd.Series([3.0, 3.0]))
    assert alike["ticktext"] == ["2 min", "5 min"]
    low, high = alike["range"]
    assert low <= np.log10(2) < np.log10(5) <= high
    long = pd.Series([1.6, 60.0])
    assert frame.time_axis(long)["ticktext"] == ["2 min", "5 min", "15 min", "30 min", "1 h"]
    assert frame.time_axis(long, most=4)["ticktext"] == ["2 min", "15 min", "1 h"]
    rules = pd.DataFrame({"n": [3, 7], "share": 0.5, "low": 0.2, "high": 0.8}, index=["a", "b"])
    ticks = figures.actioned_share(rules).layout.xaxis.tickvals
    assert [at for at in ticks if 3 <= at <= 7] == [3, 5, 7]


def test_the_name_of_a_rule_lies_on_no_other_mark():
    rules = pd.DataFrame(
        {
            "n": [16, 48, 101, 131, 188],
            "share": [0.7, 0.33, 0.46, 0.39, 0.63],
            "low": 0.2,
            "high": [0.9, 0.53, 0.57, 0.49, 0.72],
        },
        index=["a", "Backup is late", "Restarted too often", "Replica lag", "b"],
    )
    (name,) = figures.actioned_share(rules).layout.annotations
    assert (name.text, name.xanchor, name.yshift < 0) == ("Replica lag", "right", True)  # above left is a mark
    alone = figures.actioned_share(rules.drop(index="Restarted too often")).layout.annotations[0]
    assert alone.yshift > 0


def test_every_mark_of_a_trend_is_explained_and_only_those_that_are_there(year, review):
    few = analytics.review(year.of_team("Platform").incidents, *SPAN).acknowledge
    said = few.figure().layout.title.subtitle.text
    assert "dots: one each, in weeks of under 6" in said
    three = analytics.review(year.incidents.tail(3), *SPAN).acknowledge.figure()
    assert three.layout.title.subtitle.text == "Dots: one each, in weeks of under 6"
    assert [note.text for note in three.layout.annotations] == []
    assert all(len(line) <= frame.LINE for line in said.split("<br>"))
    curves = review.resolve.curves().layout.title.subtitle.text
    assert "SEV5 (few)" in curves
    assert "few: one each" in curves


@pytest.mark.parametrize("over", [True, False])
def test_three_incidents_are_three_dots_that_can_be_seen_or_a_sentence(year, over):
    rows = year.incidents[year.incidents["resolved_at"].notna()].tail(3)
    ends = rows["resolved_at"] if over else rows["resolved_at"].where(rows["resolved_at"].isna())
    three = rows.assign(severity=["SEV1", "SEV1", "SEV2"], resolved_at=ends, closed_at=ends, kind="incident")
    figure = analytics.review(three.assign(merged_into=None), *SPAN).resolve.curves()
    dots = [(trace.name, list(trace.y)) for trace in figure.data]
    if over:
        assert dots == [("SEV1", [0.5, 0.0]), ("SEV2", [0.0])]
        assert figure.layout.yaxis.range[0] < 0  # the last one's shape is whole
        assert "dots" in figure.layout.title.subtitle.text
    else:
        assert [note.text for note in figure.layout.annotations] == ["none of them is over yet"]


@pytest.mark.parametrize("band", [3.0, 1832.0])
def test_a_wide_band_neither_flattens_the_bars_nor_asks_for_a_tick_of_each_alert(band):
    """1,832 ticks, one an alert, held a phone up for a minute."""
    weeks = pd.DataFrame({"week": pd.date_range("2026-08-17", periods=12, freq="7D"), "n": [0] * 10 + [2, 1]})
    fitted = weeks.assign(value=weeks["n"].astype("float64"), low=0.0, high=[0.1] * 11 + [band])
    figure = figures.weekly_counts(weeks.assign(partial=False), noun="alert", fitted=fitted)
    low, high = figure.layout.yaxis.range
    assert (low, figure.layout.yaxis.dtick) == (0, 1)
    assert 2 < high < 5
