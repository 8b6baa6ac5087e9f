"""Figures that compare: before and after, how many it takes to see a change, what a hold would have done."""

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from analytics.figures.frame import NOTHING, blank, rounded, say, time_axis
from analytics.response import counted, curve
from analytics.theme import PALETTES

POINTS = 120


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


def needed_n(table: pd.DataFrame, *, have: int, theme: str = "light") -> go.Figure:
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


def simulate_noise(table: pd.DataFrame, *, theme: str = "light") -> go.Figure:
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


def _thin(n: int) -> Any:
    return (
        np.unique(np.linspace(0, n - 1, min(n, POINTS)).astype("int64")) if n else np.array([], dtype="int64")
    )


def _held(ends: Any) -> Any:
    """A band's end where it is not defined any more: as it was last."""
    return pd.Series(ends).ffill().fillna(1.0).to_numpy()
