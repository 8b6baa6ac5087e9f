"""Shapes that several figures share: a list of intervals, of bars, of bars in parts."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from analytics import words
from analytics.figures.frame import FLOOR, NOTHING, blank, explained, names, rounded, say, time_axis
from analytics.theme import PALETTES

ROW = 30  # px a row of a list of bars takes, where they are few
MOST = 12  # rows of a list: as many as a phone shows at once; the table beside it has all
TALLEST, BAR = 320, 24
PATTERNS = ("", "/", ".")  # parts of a bar are told by these besides colour


def intervals(
    table: pd.DataFrame, *, value: str, title: str, unit: str, dot: str = "estimate", theme: str = "light"
) -> go.Figure:
    """One row per line of `table`, a dot at `value` with its interval (``low``, ``high``); the first on top.

    `unit` is "share" (0 to 100 %), "time" (minutes on a log axis) or a word for plain numbers; `dot` says
    what the dot is.
    """
    colours = PALETTES[theme]
    said = explained(f"dot: {dot}", "line: 95 % interval")
    figure = blank(title, said, theme)
    rows = _listed(figure, table[table[value].notna()], said)
    if rows.empty:
        say(figure, NOTHING, colours)
        return figure
    middle, low, high = (rows[name].astype("float64") for name in (value, "low", "high"))
    if unit == "time":
        axis = time_axis(pd.concat([middle, low, high]).dropna(), most=4)  # beside the names is half a phone
        middle, low, high = (s.clip(lower=FLOOR) for s in (middle, low, high))
        high = high.fillna(10 ** axis["range"][1]).where(low.notna() | high.notna())  # of few there is none
    else:
        axis = _plain_axis(unit, pd.concat([middle, high]).max())
    figure.add_trace(go.Scatter(
        x=rounded(middle), y=names(rows.index), mode="markers", name="95 % interval",
        marker={"size": 10, "color": colours.accent},
        error_x={"type": "data", "symmetric": False, "array": rounded((high - middle).clip(lower=0)),
                 "arrayminus": rounded((middle - low).clip(lower=0)), "color": colours.accent, "thickness": 2,
                 "width": 5},
        customdata=[_value(v, unit, digits=2) for v in middle], hovertemplate="%{customdata}",
    ))  # fmt: skip
    figure.update_xaxes(**axis, tickangle=0)
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


def in_parts(
    table: pd.DataFrame,
    parts: Mapping[str, str],
    *,
    title: str,
    unit: str,
    said: str,
    theme: str = "light",
    line: float | None = None,
) -> go.Figure:
    """Bars in up to three parts (full, striped, spotted), the first row on top: ``{column: word}``; a line at
    `line`.
    """
    colours = PALETTES[theme]
    figure = blank(title, said, theme)
    rows = _listed(figure, table, said)
    for place, (column, word) in enumerate(parts.items()):
        figure.add_trace(
            go.Bar(
                x=rounded(rows[column]),
                y=names(rows.index),
                orientation="h",
                name=word,
                marker={
                    "color": colours.series[place],
                    "line": {"color": colours.series[place], "width": 1},
                    "pattern": {
                        "shape": PATTERNS[place],
                        "fgcolor": colours.surface,
                        "size": 6,
                        "fillmode": "overlay",
                    },
                },
                hovertemplate="%{x}",
            )
        )
    if line is not None and len(rows):
        figure.add_vline(x=line, line={"color": colours.ink, "width": 1.5, "dash": "dot"})
    figure.update_xaxes(title={"text": unit}, rangemode="tozero", showgrid=True)
    figure.update_layout(barmode="stack")
    if rows.empty:
        say(figure, NOTHING, colours)
    return _as_list(figure, len(rows))


def _plain_axis(unit: str, most: float) -> dict[str, Any]:
    if unit == "share":
        return {
            "range": [-0.02, 1.02],
            "tickformat": ".0%",
            "tickvals": [0, 0.25, 0.5, 0.75, 1],
            "showgrid": True,
        }
    top = most if most > 0 else 1.0
    return {"range": [-0.03 * top, 1.05 * top], "title": {"text": unit}, "showgrid": True}  # dots at none whole


def _value(value: float, unit: str, *, digits: int = 1) -> str:
    if unit == "time":
        return words.duration(value)
    if unit == "share":
        return words.share(value)
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.{digits}f}"


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
