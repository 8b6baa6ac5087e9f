"""Figures that tell a comparison or a sequence: before and after, power, backtests, budgets, one incident's
lanes.
"""

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from analytics.drawings import NOTHING
from analytics.figures import blank, rounded, say, time_axis
from analytics.response import counted, curve
from analytics.theme import PALETTES, SYMBOLS

POINTS = 120
MOST_STEPS = 500  # of a falling line: more are under 50 kB no longer, and under a pixel each
#: ticks of a time axis by how far apart they are: hours with their day under them, else days
WITHIN = (
    {"dtickrange": [None, 86_399_999], "value": "%H:%M\n%-d %b"},
    {"dtickrange": [86_400_000, None], "value": "%-d %b"},
)
LANES = ("Alerts", "Pages", "People", "Status")


def two_curves(before: pd.DataFrame, after: pd.DataFrame, *, done: str, theme: str = "light") -> go.Figure:
    """The share not yet `done` after each length of time: before dashed, after solid, with 95 % bands."""
    colours = PALETTES[theme]
    figure = blank(f"Not yet {done}", "Dashes: before · solid: after · bands: 95 % interval", theme)
    both = pd.concat([counted(before)["minutes"], counted(after)["minutes"]])
    if both.empty:
        say(figure, NOTHING, colours)
        return figure
    axis = time_axis(both.clip(upper=both.quantile(0.98)))
    floor = 10 ** axis["range"][0]
    looks = (("before", before, colours.p90, "dash"), ("after", after, colours.accent, "solid"))
    for name, rows, colour, dash in looks:
        line = curve(rows)
        keep = _thin(len(line.times))
        x = rounded(np.concatenate([[floor], line.times[keep].clip(min=floor)]))
        bands = [rounded(np.concatenate([[1.0], _held(end[keep])])) for end in (line.low, line.high)]
        figure.add_trace(
            go.Scatter(
                x=[*x, *reversed(x)],
                y=[*bands[0], *reversed(bands[1])],
                fill="toself",
                mode="lines",
                fillcolor=colours.band,
                line={"width": 0, "shape": "hv"},
                name=f"{name}: 95 % interval",
                hoverinfo="skip",
            )
        )
        figure.add_trace(go.Scatter(
            x=x, y=rounded(np.concatenate([[1.0], line.survival[keep]])), mode="lines", name=name,
            line={"shape": "hv", "color": colour, "width": 2.5, "dash": dash}, hovertemplate="%{y:.0%}",
        ))  # fmt: skip
    figure.update_xaxes(**axis, title={"text": "time since detection (log scale)"}, tickangle=0)
    figure.update_yaxes(range=[0, 1.02], tickformat=".0%", tickvals=[0, 0.25, 0.5, 0.75, 1])
    return figure


def power(table: pd.DataFrame, *, have: int, theme: str = "light") -> go.Figure:
    """How many incidents a side show a cut of x % four times in five (log axis), and how many there are.

    `table` has ``cut`` and ``n``.
    """
    colours = PALETTES[theme]
    figure = blank(
        "Incidents needed on each side", "Line: needed, four times in five · dots: what we have", theme
    )
    rows = table[table["n"].notna()]
    if rows.empty:
        say(figure, NOTHING, colours)
        return figure
    figure.add_trace(
        go.Scatter(
            x=rounded(rows["cut"]),
            y=rounded(rows["n"]),
            mode="lines+markers",
            name="needed",
            line={"color": colours.accent, "width": 2.5},
            hovertemplate="%{y:,.0f}",
        )
    )
    figure.add_hline(y=max(have, 1), line={"color": colours.ink, "width": 1.5, "dash": "dot"})
    figure.update_yaxes(type="log", title={"text": "incidents (log scale)"}, dtick=1)
    figure.update_xaxes(tickformat=".0%", title={"text": "cut we want to see"})
    return figure


def noise(table: pd.DataFrame, *, theme: str = "light") -> go.Figure:
    """How often an average looks worse although all got 10 % faster: ``n``, ``plain means``, ``geometric
    means``.
    """
    colours = PALETTES[theme]
    figure = blank("Looks worse although 10 % faster", "Dashes: plain means · solid: geometric means", theme)
    for name, colour, dash in (
        ("plain means", colours.p90, "dash"),
        ("geometric means", colours.accent, "solid"),
    ):
        figure.add_trace(
            go.Scatter(
                x=table["n"].tolist(),
                y=rounded(table[name]),
                name=name,
                mode="lines+markers",
                line={"color": colour, "width": 2.5, "dash": dash},
                hovertemplate="%{y:.0%}",
            )
        )
    figure.update_xaxes(
        type="log", tickvals=table["n"].tolist(), title={"text": "incidents a side (log scale)"}
    )
    figure.update_yaxes(tickformat=".0%", range=[0, 0.5], title={"text": "chance"})
    return figure


def trade_off(table: pd.DataFrame, *, theme: str = "light") -> go.Figure:
    """A hold of so many minutes: the share of alerts held back (line), and detections lost (crosses with their
    number).

    `table` as from `backtest.curve`.
    """
    colours = PALETTES[theme]
    figure = blank(
        "What a hold would have done", "Line: share of alerts held back · ✕: detections lost, counted", theme
    )
    rows = table[table["share_held"].notna()]
    if rows.empty:
        say(figure, NOTHING, colours)
        return figure
    x = [f"{m:g} min" for m in rows["minutes"]]
    figure.add_trace(
        go.Scatter(
            x=x,
            y=rounded(rows["share_held"]),
            mode="lines+markers",
            name="alerts held back",
            line={"color": colours.accent, "width": 2.5},
            marker={"size": 8},
            hovertemplate="%{y:.0%}",
        )
    )
    lost = rows["lost"].astype("int64")
    figure.add_trace(
        go.Scatter(
            x=x,
            y=[0.02] * len(rows),
            mode="markers+text",
            name="detections lost",
            text=[str(n) for n in lost],
            textposition="top center",
            textfont={"color": colours.ink, "size": 12},
            marker={
                "symbol": "x",
                "size": 10,
                "color": [colours.levels[0] if n else colours.control for n in lost],
            },
            hovertemplate="%{text} lost",
        )
    )
    figure.update_yaxes(tickformat=".0%", range=[0, 1.02])
    figure.update_xaxes(title={"text": "page only after"})
    return figure


def together(table: pd.DataFrame, *, theme: str = "light") -> go.Figure:
    """Rules that fire together as a matrix: how often, the number in the cell."""
    colours = PALETTES[theme]
    figure = blank("Fires together", "Times the rarer of two fired with the other", theme)
    names = list(dict.fromkeys([*table["first"], *table["second"]]))[:9]
    if not names:
        say(figure, "no two rules fire together often enough to say", colours)
        return figure
    cells = pd.DataFrame(np.nan, index=names, columns=names)
    row: Any
    for row in table.itertuples():
        if row.first in names and row.second in names:
            cells.loc[row.first, row.second] = cells.loc[row.second, row.first] = row.together
    short = [_short(name) for name in names]
    z = [[None if np.isnan(v) else float(v) for v in line] for line in cells.to_numpy()]
    figure.add_trace(go.Heatmap(
        z=z, x=short, y=short, xgap=2, ygap=2, showscale=False, zmin=0,
        colorscale=[[0, colours.sunken], [1, colours.accent]], name="together",
        text=[["" if v is None else f"{v:.0f}" for v in line] for line in z], texttemplate="%{text}",
        hovertemplate="%{y} and %{x}: %{z}<extra></extra>",
    ))  # fmt: skip
    figure.update_xaxes(tickangle=-50, title={"text": "rule · cell: times"})
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_layout(height=max(320, 150 + 34 * len(names)), hovermode="closest", margin={"r": 12})
    return figure


def burn_down(
    steps: pd.DataFrame, *, service: str, until: pd.Timestamp, zone: str, theme: str = "light"
) -> go.Figure:
    """What is left of a budget, falling with each incident; under zero it is overspent. As from
    `impact.burn_down`.
    """
    colours = PALETTES[theme]
    steps = _thinned(steps)
    figure = blank(f"Budget left: {service}", "Each fall is an incident · dots: the ideal, evenly spent", theme)
    local = [at.tz_convert(zone).tz_localize(None).isoformat() for at in steps["at"]]
    end = until.tz_convert(zone).tz_localize(None).isoformat()
    figure.add_trace(
        go.Scatter(
            x=[*local, end],
            y=rounded([*steps["left"], steps["left"].iloc[-1]]),
            mode="lines",
            name="left",
            line={"color": colours.accent, "width": 2.5},
            hovertemplate="%{y:.0%}",
        )
    )
    figure.add_trace(go.Scatter(
        x=[local[0], end], y=[1, 0], mode="lines", name="evenly spent",
        line={"color": colours.p90, "width": 1.5, "dash": "dot"}, hoverinfo="skip",
    ))  # fmt: skip
    figure.add_hline(y=0, line={"color": colours.levels[0], "width": 1.5})
    figure.update_yaxes(tickformat=".0%", title={"text": "of the budget"})
    figure.update_xaxes(type="date", tickformat="%-d %b", nticks=5)
    return figure


def _thinned(steps: pd.DataFrame) -> pd.DataFrame:
    """Of a line of thousands of falls those that show: both ends of each 250th of the way down."""
    height = steps["left"].max() - steps["left"].min()
    if len(steps) <= MOST_STEPS or height == 0:
        return steps
    level = ((steps["left"].max() - steps["left"]) / height * (MOST_STEPS / 2)).astype("int64")
    kept: pd.DataFrame = steps[~(level.duplicated() & level.duplicated(keep="last"))]
    return kept


def lanes(table: pd.DataFrame, *, zone: str, theme: str = "light") -> go.Figure:
    """One incident in time: a mark per thing that happened, in the lane of alerts, pages, people or status.

    `table` has ``at``, ``lane``, ``what``.
    """
    colours = PALETTES[theme]
    figure = blank("What happened, in order", f"Local time, {zone}", theme)
    if table.empty:
        say(figure, "nothing is recorded", colours)
        return figure
    for place, lane in enumerate(LANES):
        rows = table[table["lane"] == lane]
        figure.add_trace(
            go.Scatter(
                x=[at.tz_convert(zone).tz_localize(None).isoformat(timespec="seconds") for at in rows["at"]],
                y=[lane] * len(rows),
                mode="markers",
                name=lane,
                text=rows["what"].tolist(),
                hovertemplate="%{text}",
                marker={"size": 11, "symbol": SYMBOLS[place], "color": colours.series[place]},
            )
        )
    figure.update_yaxes(
        type="category", categoryorder="array", categoryarray=list(reversed(LANES)), showgrid=True
    )
    figure.update_xaxes(type="date", nticks=5, tickformatstops=WITHIN)
    figure.update_layout(hovermode="closest", height=280, margin={"r": 20})
    return figure


def multiples(table: pd.DataFrame, *, theme: str = "light") -> go.Figure:
    """Small pictures one above the other, a measure each, by week: ``week``, ``measure``, ``value``; the last
    week marked.
    """
    colours = PALETTES[theme]
    measures = list(dict.fromkeys(table["measure"]))
    figure = blank("The weeks at a glance", "One line a measure, from zero; dot: the last week", theme)
    if not measures:
        say(figure, NOTHING, colours)
        return figure
    height = 1 / len(measures)
    layout: dict[str, Any] = {}
    for place, measure in enumerate(measures):
        rows = table[table["measure"] == measure]
        axis = "y" if place == 0 else f"y{place + 1}"
        figure.add_trace(
            go.Scatter(
                x=[str(at.date()) for at in rows["week"]],
                y=rounded(rows["value"]),
                mode="lines+markers",
                name=measure,
                line={"color": colours.series[place % 6], "width": 2},
                yaxis=axis,
                xaxis="x",
                marker={"size": [0] * (len(rows) - 1) + [9]},
                hovertemplate="%{y}",
            )
        )
        top = 1 - place * height
        layout[axis.replace("y", "yaxis")] = {
            "domain": [top - height * 0.7, top - height * 0.12],
            "rangemode": "tozero",
            "nticks": 3,
            "fixedrange": True,
        }
        figure.add_annotation(
            text=f"<b>{measure}</b>", x=0, xref="paper", y=top, yref="paper", showarrow=False, xanchor="left",
            yanchor="top", font={"size": 12, "color": colours.muted},
        )  # fmt: skip
    figure.update_layout(**layout, height=90 + 96 * len(measures), margin={"r": 16})
    figure.update_xaxes(type="date", tickformat="%-d %b", nticks=5, anchor="free", position=0)
    return figure


def _short(name: object) -> str:
    return str(name) if len(str(name)) <= 20 else f"{str(name)[:19]}…"


def _thin(n: int) -> Any:
    return (
        np.unique(np.linspace(0, n - 1, min(n, POINTS)).astype("int64")) if n else np.array([], dtype="int64")
    )


def _held(ends: Any) -> Any:
    """A band's end where it is not defined any more: as it was last."""
    return pd.Series(ends).ffill().fillna(1.0).to_numpy()
