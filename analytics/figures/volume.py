"""How much happens: by week, by hour, by service, and how often it comes back or is handed on."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from analytics import volume
from analytics.figures.frame import FEW_TICKS, NOTHING, blank, explained, rounded, say
from analytics.figures.shapes import intervals
from analytics.theme import PALETTES

HEADROOM = 1.05


def weekly_counts(
    table: pd.DataFrame,
    *,
    noun: str,
    theme: str = "light",
    limits: tuple[float, float, float] | None = None,
    fitted: pd.DataFrame | None = None,
    changes: Sequence[pd.Timestamp] = (),
) -> go.Figure:
    """Counts by week as bars, cut weeks hollow; the fitted trend, natural limits (dashed), and changes of rate.

    `table` as from `volume.weekly_counts`; `fitted` has ``week``, ``value``, ``low``, ``high``.
    """
    colours = PALETTES[theme]
    has_limits = limits is not None and not np.isnan(limits[1])
    said = explained(
        "bars: counts",
        "hollow: part of a week" if table["partial"].any() else "",
        "line: trend, with its 95 % interval" if fitted is not None and len(fitted) else "",
        "dashes: natural limits" if has_limits else "",
        "dots: a change of rate" if len(changes) else "",
    )
    figure = blank(f"{noun.capitalize()}s a week", said, theme)
    days = [str(at.date()) for at in table["week"]]
    figure.add_trace(go.Bar(
        x=days, y=table["n"].tolist(), name=f"{noun}s",
        marker={"color": [colours.sunken if cut else colours.series[0] for cut in table["partial"]],
                "line": {"color": colours.series[0], "width": 1}},
        hovertemplate="%{y}",
    ))  # fmt: skip
    if fitted is not None and len(fitted):
        at = [str(day.date()) for day in fitted["week"]]
        figure.add_trace(
            go.Scatter(
                x=[*at, *reversed(at)],
                y=rounded([*fitted["low"], *reversed(fitted["high"].tolist())]),
                fill="toself",
                fillcolor=colours.band,
                line={"width": 0},
                name="95 % interval",
                hoverinfo="skip",
                mode="lines",
            )
        )
        figure.add_trace(
            go.Scatter(
                x=at,
                y=rounded(fitted["value"]),
                name="trend",
                mode="lines",
                line={"color": colours.ink, "width": 2.5},
                hovertemplate="%{y:.1f}",
            )
        )
    if limits is not None and has_limits:
        for place in limits[1:]:
            figure.add_hline(y=max(place, 0.0), line={"color": colours.muted, "width": 1.5, "dash": "dash"})
    for moment in changes:
        figure.add_vline(x=str(moment.date()), line={"color": colours.ink, "width": 1.5, "dash": "dot"})
    figure.update_xaxes(type="date", tickformat="%-d %b", nticks=5)
    top = _top(table, limits, fitted)
    few = {"dtick": 1} if top < FEW_TICKS else {}  # there is no half an alert
    figure.update_yaxes(title={"text": f"{noun}s"}, range=[0, top * HEADROOM], **few)
    figure.update_layout(bargap=0.25, margin={"r": 16})
    if not table["n"].sum():
        say(figure, NOTHING, colours)
    return figure


def _top(table: pd.DataFrame, limits: tuple[float, float, float] | None, fitted: pd.DataFrame | None) -> float:
    """The highest that must be seen whole. A band that reaches beyond twice that is cut: that it is wide is all
    it says, and an axis as high as it would flatten the bars.
    """
    seen = [1.0, float(table["n"].max()) if len(table) else 0.0]
    seen += [limits[2]] if limits is not None and not np.isnan(limits[2]) else []
    if fitted is None or not len(fitted):
        return max(seen)
    seen.append(float(fitted["value"].max()))
    return max(*seen, min(float(fitted["high"].max()), 2 * max(seen)))


def hour_by_weekday(table: pd.DataFrame, *, noun: str, zone: str, theme: str = "light") -> go.Figure:
    """Seven rows of 24 hours: the darker, the more; the number stands in the cell where there is room to read
    it.
    """
    colours = PALETTES[theme]
    most = int(table.to_numpy().max(initial=0))
    said = explained(f"local hours, {zone}", f"darkest: {most:,}" if most else "")
    figure = blank(f"{noun.capitalize()}s by hour and weekday", said, theme)
    if not most:  # plotly draws nothing but zeros as half of everything
        say(figure, NOTHING, colours)
        return figure
    figure.add_trace(go.Heatmap(
        z=table.to_numpy().tolist(), x=list(range(24)), y=list(table.index), xgap=2, ygap=2, showscale=False,
        colorscale=[[0, colours.sunken], [1, colours.accent]], zmin=0, name=f"{noun}s",
        hovertemplate="%{y} %{x}:00: %{z}<extra></extra>",
    ))  # fmt: skip
    figure.update_yaxes(autorange="reversed", showgrid=False, ticklabelstandoff=4)
    figure.update_xaxes(tickvals=[0, 6, 12, 18, 23], ticktext=["00", "06", "12", "18", "23"], title={
        "text": "hour"})  # fmt: skip
    figure.update_layout(margin={"r": 12}, hovermode="closest")
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


def incident_rate(table: pd.DataFrame, *, per: str = "week", theme: str = "light") -> go.Figure:
    """Incidents a week (or `per` deploy) of each group, with the interval; the most on top."""
    rows = table.sort_values("rate", ascending=False, kind="stable")
    return intervals(
        rows, value="rate", title=f"Incidents a {per}", unit=f"incidents a {per}", dot="rate", theme=theme
    )


def reopen_rate(table: pd.DataFrame, *, theme: str = "light") -> go.Figure:
    """The share of incidents that were opened again."""
    row = table.set_axis(["Reopened"])
    return intervals(row, value="share", title="Reopened", unit="share", dot="share", theme=theme)


def reassignments(
    table: pd.DataFrame, *, reopened: pd.DataFrame | None = None, theme: str = "light"
) -> go.Figure:
    """The share of incidents by how often they changed hands; below them those `reopened` (`reopen_rate`)."""
    title = "Handed on" if reopened is None else "Handed on and reopened"
    rows = volume.how_often(table, reopened)
    return intervals(rows, value="share", title=title, unit="share", dot="share", theme=theme)


def escalations(table: pd.DataFrame, *, theme: str = "light") -> go.Figure:
    """Escalations an alert, those by timeout and those by hand."""
    rows = table.rename(index=str.capitalize)
    return intervals(
        rows, value="mean", title="Escalations", unit="escalations an alert", dot="mean", theme=theme
    )
