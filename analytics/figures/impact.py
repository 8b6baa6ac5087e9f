"""What it cost users: degraded time, the budget it spends, and how much was open at once."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from analytics.figures.frame import FEW_TICKS, NOTHING, as_local, blank, explained, rounded, say
from analytics.figures.shapes import ranked
from analytics.theme import PALETTES

MOST_STEPS = 500  # of a line in steps: more are under 50 kB no longer, and under a pixel each


def burn_down(
    steps: pd.DataFrame, *, service: str, until: pd.Timestamp, zone: str, theme: str = "light"
) -> go.Figure:
    """What is left of a budget, falling with each incident; under zero it is overspent. As from
    `impact.burn_down`.
    """
    colours = PALETTES[theme]
    steps = _thinned(steps)
    said = explained("each fall is an incident", "dots: the ideal, evenly spent", f"local time, {zone}")
    figure = blank(f"Budget left: {service}", said, theme)
    local, (end,) = as_local(steps["at"], zone), as_local(pd.Series([until]), zone)
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


def degraded_minutes(table: pd.DataFrame, *, theme: str = "light") -> go.Figure:
    """How long something was degraded, by group."""
    return ranked(table, value="minutes", title="Degraded time", unit="time", theme=theme)


def budget_spent(table: pd.DataFrame, *, theme: str = "light") -> go.Figure:
    """How much of its budget each service spent: 1 is all of it."""
    return ranked(table, value="spent", title="Budget spent", unit="times the budget", theme=theme)


def peak_concurrency(table: pd.DataFrame, *, zone: str = "UTC", theme: str = "light") -> go.Figure:
    """How many incidents were open at once, the most marked. `table` as from `impact.open_at_once`."""
    colours = PALETTES[theme]
    said = explained("line: incidents open", "dot: the most", f"local time, {zone}")
    figure = blank("Open at once", said, theme)
    if table.empty:
        say(figure, NOTHING, colours)
        return figure
    best = int(table["n"].to_numpy().argmax())
    most = int(table["n"].iloc[best])
    steps = _highest(table)
    figure.add_trace(
        go.Scatter(
            x=as_local(steps["at"], zone),
            y=steps["n"].tolist(),
            mode="lines",
            name="open",
            line={"shape": "hv", "color": colours.accent, "width": 1.5},
            hovertemplate="%{y}",
        )
    )
    figure.add_trace(
        go.Scatter(
            x=as_local(table["at"].iloc[[best]], zone),
            y=[most],
            mode="markers+text",
            name="the most",
            text=[str(most)],
            textposition="top center",
            textfont={"color": colours.ink, "size": 12},
            marker={"size": 9, "color": colours.ink},
            cliponaxis=False,
            hoverinfo="skip",
        )
    )
    few = {"dtick": 1} if most < FEW_TICKS else {}  # there is no half an incident
    figure.update_yaxes(title={"text": "incidents"}, range=[0, most * 1.15 + 0.2], **few)
    figure.update_xaxes(type="date", tickformat="%-d %b", nticks=5)
    figure.update_layout(margin={"r": 16})
    return figure


def _highest(table: pd.DataFrame) -> pd.DataFrame:
    """Of thousands of steps the highest of each of as many stretches as can be told apart."""
    if len(table) <= MOST_STEPS:
        return table
    stretch = np.arange(len(table)) * MOST_STEPS // len(table)
    return table.loc[table["n"].groupby(stretch).idxmax()]
