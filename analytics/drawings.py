"""Metric table -> plotly figure, for what is no duration over time: shares, counts, hours, people.

As in `figures`, only drawing happens here. Severity, kind and person are told by shape, place or words besides
colour.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from analytics import words
from analytics.figures import FLOOR, blank, explained, rounded, say, time_axis
from analytics.theme import PALETTES

NOTHING = "nothing to draw in this window"
ROW = 30  # px a row of a list of bars takes, where they are few
MOST = 12  # rows of a list: as many as a phone shows at once; the table beside it has all
TALLEST, BAR = 320, 24
FEW_TICKS, HEADROOM = 6, 1.05
KINDS = {"sleep": "asleep", "off": "off hours", "business": "working hours"}
PATTERNS = {"sleep": "", "off": "/", "business": "."}


def intervals(
    table: pd.DataFrame, *, value: str, title: str, unit: str, theme: str = "light", target: float | None = None
) -> go.Figure:
    """One row per line of `table`, a dot at `value` with its interval (``low``, ``high``); the first on top.

    `unit` is "share" (0 to 100 %), "time" (minutes on a log axis) or a word for plain numbers.
    """
    colours = PALETTES[theme]
    said = explained("dot: median" if unit == "time" else "dot: estimate", "line: 95 % interval")
    figure = blank(title, said, theme)
    rows = _listed(figure, table[table[value].notna()], said)
    if rows.empty:
        say(figure, NOTHING, colours)
        return figure
    middle, low, high = (rows[name].astype("float64") for name in (value, "low", "high"))
    if unit == "time":
        axis = time_axis(pd.concat([middle, low, high]).dropna(), most=4)  # beside the names is half a phone
        middle, low, high = (s.clip(lower=FLOOR) for s in (middle, low, high))
        high = high.fillna(10 ** axis["range"][1])
    else:
        axis = _plain_axis(unit)
    figure.add_trace(go.Scatter(
        x=rounded(middle), y=names(rows.index), mode="markers", name="95 % interval",
        marker={"size": 10, "color": colours.accent},
        error_x={"type": "data", "symmetric": False, "array": rounded((high - middle).clip(lower=0)),
                 "arrayminus": rounded((middle - low).clip(lower=0)), "color": colours.accent, "thickness": 2,
                 "width": 5},
        customdata=[_value(v, unit) for v in middle], hovertemplate="%{customdata}",
    ))  # fmt: skip
    if target is not None:
        figure.add_vline(x=target, line={"color": colours.muted, "width": 1.5, "dash": "dot"})
    figure.update_xaxes(**axis, tickangle=0)
    return _as_list(figure, len(rows))


def by_week(
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


def heat(table: pd.DataFrame, *, noun: str, zone: str, theme: str = "light") -> go.Figure:
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


def people(table: pd.DataFrame, *, theme: str = "light", median: float | None = None) -> go.Figure:
    """Interruptions per person, stacked: asleep, off hours, working hours; a line at the group's median."""
    colours = PALETTES[theme]
    said = explained(
        "full: asleep · striped: off · spotted: at work",
        "line: the median of all" if median is not None and len(table) else "",
    )
    figure = blank("Interruptions by person", said, theme)
    rows = _listed(figure, table, said)
    for place, (kind, word) in enumerate(KINDS.items()):
        figure.add_trace(
            go.Bar(
                x=rows[kind].tolist(),
                y=names(rows.index),
                orientation="h",
                name=word,
                marker={
                    "color": colours.series[place],
                    "line": {"color": colours.series[place], "width": 1},
                    "pattern": {
                        "shape": PATTERNS[kind],
                        "fgcolor": colours.surface,
                        "size": 6,
                        "fillmode": "overlay",
                    },
                },
                hovertemplate="%{x}",
            )
        )
    if median is not None and len(rows):
        figure.add_vline(x=median, line={"color": colours.ink, "width": 1.5, "dash": "dot"})
    figure.update_xaxes(title={"text": "interruptions"}, rangemode="tozero", showgrid=True)
    figure.update_layout(barmode="stack")
    if rows.empty:
        say(figure, NOTHING, colours)
    return _as_list(figure, len(rows))


def ranked(
    table: pd.DataFrame,
    *,
    value: str,
    title: str,
    unit: str,
    theme: str = "light",
    subtitle: str = "",
    unknown: str = "not known",
) -> go.Figure:
    """Plain bars of a ranked list, the first on top, the number at the end of each; of what has none, that."""
    colours = PALETTES[theme]
    figure = blank(title, subtitle, theme)
    rows = _listed(figure, table, subtitle)
    values = rows[value].astype("float64")
    figure.add_trace(
        go.Bar(
            x=rounded(values.fillna(0.0)),
            y=names(rows.index),
            orientation="h",
            name=title,
            marker={"color": colours.series[0]},
            text=[unknown if np.isnan(v) else _value(v, unit) for v in values],
            textposition="outside",
            constraintext="none",  # a bar that is thin has no smaller number
            cliponaxis=False,
            textfont={"color": colours.muted, "size": 12},
            hovertemplate="%{text}",
        )
    )
    top = float(values.max()) if len(values) and values.max() > 0 else 1.0
    figure.update_xaxes(range=[0, top * 1.3], showticklabels=False, title={"text": unit})
    if rows.empty:
        say(figure, NOTHING, colours)
    return _as_list(figure, len(rows))


def _plain_axis(unit: str) -> dict[str, Any]:
    if unit == "share":
        return {
            "range": [-0.02, 1.02],
            "tickformat": ".0%",
            "tickvals": [0, 0.25, 0.5, 0.75, 1],
            "showgrid": True,
        }
    title = {"text": unit}
    return {"rangemode": "tozero", "title": title, "showgrid": True}


def _value(value: float, unit: str) -> str:
    if unit == "time":
        return words.duration(value)
    if unit == "share":
        return words.share(value)
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"


def _listed(figure: go.Figure, table: pd.DataFrame, said: str) -> pd.DataFrame:
    """The first rows of a list, the first on top; where there are more, the line under the title says so."""
    if len(table) > MOST:
        of_all = f"the first {MOST} of {len(table):,}"
        line = f"{said}<br>{of_all}" if said else of_all[0].upper() + of_all[1:]
        figure.update_layout(title={"subtitle": {"text": line}}, margin={"t": 60 + 18 * line.count("<br>")})
    return table.head(MOST).iloc[::-1]


def _as_list(figure: go.Figure, rows: int) -> go.Figure:
    figure.update_yaxes(type="category", showgrid=False, ticklabelstandoff=6, dtick=1)
    height = min(TALLEST, max(240, 104 + ROW * rows))
    row = (height - 104) / max(rows, 1)
    bargap = max(0.35, 1 - BAR / row)  # of one or two, no beams
    figure.update_layout(height=height, bargap=bargap, hovermode="y unified", margin={"r": 24})
    return figure


def names(index: "pd.Index[Any]") -> list[str]:
    """Names short enough for a phone; what two share stays apart by a number."""
    seen: dict[str, int] = {}
    made = []
    for name in index:
        short = str(name) if len(str(name)) <= 22 else f"{str(name)[:21]}…"
        seen[short] = seen.get(short, 0) + 1
        made.append(short if seen[short] == 1 else f"{short} ({seen[short]})")
    return made
