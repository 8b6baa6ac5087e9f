"""Metric table -> plotly figure, for what alerts are worth: what came of each rule's, what ends by itself."""

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from analytics.drawings import NOTHING, names
from analytics.figures import blank, explained, rounded, say
from analytics.theme import PALETTES

RULES = 40  # marks of a figure of rules; more would lie on each other


def quadrants(table: pd.DataFrame, *, theme: str = "light") -> go.Figure:
    """One mark per rule: how often it fires (log) against the share that led to something, with its interval.

    Bottom right: loud and rarely worth it. `table` as from `noise.actioned_share`, by rule.
    """
    colours = PALETTES[theme]
    rows = table[table["share"].notna() & (table["n"] > 0)].sort_values("n", ascending=False, kind="stable")
    rows, all_of_them = rows.head(RULES), len(rows)
    poor = rows["high"] < 0.5
    said = explained(
        "shape: the share that led to something · line: 95 % interval",
        "triangle: surely under half" if poor.any() else "",
        f"the loudest {RULES} of {all_of_them:,} rules" if all_of_them > RULES else "",
    )
    figure = blank("Which rules earn their page", said, theme)
    if rows.empty:
        say(figure, NOTHING, colours)
        return figure
    share = rows["share"].astype("float64")
    figure.add_trace(
        go.Scatter(
            x=rows["n"].tolist(),
            y=rounded(share),
            mode="markers",
            name="95 % interval",
            marker={
                "size": 10,
                "symbol": ["triangle-down" if p else "circle" for p in poor],
                "color": [colours.levels[1] if p else colours.accent for p in poor],
            },
            error_y={
                "type": "data",
                "symmetric": False,
                "array": rounded(rows["high"] - share),
                "arrayminus": rounded(share - rows["low"]),
                "thickness": 1.5,
                "width": 4,
                "color": colours.control,
            },
            text=[str(name) for name in rows.index],
            hovertemplate="%{text}: %{y:.0%} of %{x}<extra></extra>",
        )
    )
    figure.add_hline(y=0.5, line={"color": colours.muted, "width": 1, "dash": "dot"})
    for name, row in _apart(rows[poor]).iterrows():
        figure.add_annotation(
            x=float(np.log10(row["n"])),
            y=float(row["share"]),
            text=names(pd.Index([name]))[0],
            showarrow=False,
            font={"size": 12, "color": colours.ink},
            **_beside(row, rows),
        )
    figure.update_xaxes(
        type="log",
        tickvals=_counts(float(rows["n"].min()), float(rows["n"].max())),
        tickangle=0,
        title={"text": "alerts in the window (log scale)"},
    )
    figure.update_yaxes(tickformat=".0%", range=[-0.03, 1.03], tickvals=[0, 0.25, 0.5, 0.75, 1])
    figure.update_layout(hovermode="closest")
    return figure


def self_resolve(table: pd.DataFrame, *, theme: str = "light") -> go.Figure:
    """The share that ended by itself within m minutes, with its interval: where the curve flattens, waiting
    stops paying.
    """
    colours = PALETTES[theme]
    figure = blank("Ended by itself within …", "Line: share of all alerts · band: 95 % interval", theme)
    rows = table[table["share"].notna()]
    if rows.empty:
        say(figure, NOTHING, colours)
        return figure
    x = rows["minutes"].astype("float64").tolist()
    figure.add_trace(go.Scatter(
        x=[*x, *reversed(x)], y=rounded([*rows["low"], *reversed(rows["high"].tolist())]), fill="toself",
        fillcolor=colours.band, line={"width": 0}, name="95 % interval", hoverinfo="skip", mode="lines",
    ))  # fmt: skip
    figure.add_trace(
        go.Scatter(
            x=x,
            y=rounded(rows["share"]),
            mode="lines+markers",
            name="share",
            line={"color": colours.accent, "width": 2.5},
            marker={"size": 8},
            hovertemplate="%{y:.0%}",
        )
    )
    figure.update_xaxes(
        type="log", tickvals=x, ticktext=[f"{m:g}" for m in x], tickangle=0,
        title={"text": "minutes after it fired (log scale)"},
    )  # fmt: skip
    figure.update_yaxes(tickformat=".0%", rangemode="tozero")
    return figure


def _apart(rows: pd.DataFrame) -> pd.DataFrame:
    """Up to three, the loudest first, whose names would not lie on each other."""
    kept: list[Any] = []
    for name, row in rows.iterrows():
        near = (
            abs(np.log10(row["n"] / rows.at[other, "n"])) < 0.8
            and abs(row["share"] - rows.at[other, "share"]) < 0.1
            for other in kept
        )
        if len(kept) < 3 and not any(near):
            kept.append(name)
    return rows.loc[kept]


def _beside(row: "pd.Series[Any]", rows: pd.DataFrame) -> dict[str, Any]:
    """Where the name of a mark lies on the fewest others: above or below it, to the left or to the right."""
    logs = pd.Series(np.log10(rows["n"].to_numpy(dtype="float64")), index=rows.index)
    letters = min(len(str(row.name)), 22)
    at, width = float(np.log10(row["n"])), max(float(logs.max() - logs.min()), 0.3) * (letters + 2) / 50
    found = []
    for place, (left, up) in enumerate(((True, True), (True, False), (False, True), (False, False))):
        near, far = (at - width, at) if left else (at, at + width)
        low, high = sorted((row["share"], row["share"] + (0.16 if up else -0.16)))
        under = logs.between(near, far) & rows["share"].between(low, high) & (rows.index != row.name)
        outside = near < logs.min() or far > logs.max() or low < -0.03
        found.append((int(under.sum()) + 9 * outside, place, left, up))
    _, _, left, up = min(found)
    return {"yshift": 14 if up else -14, "xanchor": "right" if left else "left", "xshift": -6 if left else 6}


def _counts(low: float, high: float) -> list[int]:
    """Round numbers for a logarithmic axis of counts, as many as a phone has room for."""
    bases = (1, 2, 3, 5, 7) if high / low < 10 else (1, 2, 5) if high / low < 50 else (1,)
    return [base * 10**power for power in range(7) for base in bases]
