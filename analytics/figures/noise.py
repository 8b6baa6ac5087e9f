"""Which alerts earn their page: what came of them, what ends by itself, what fires again, or together."""

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from analytics import noise
from analytics.figures.frame import NOTHING, blank, explained, names, rounded, say
from analytics.figures.shapes import intervals, ranked
from analytics.theme import PALETTES

MOST_PLACES = 60  # points of a curve of loudness
TOGETHER = 9  # rules of a matrix that a phone has room for
RULES = 40  # marks of a figure of rules; more would lie on each other


def actioned_share(table: pd.DataFrame, *, theme: str = "light") -> go.Figure:
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


def self_resolved_share(table: pd.DataFrame, *, theme: str = "light") -> go.Figure:
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


def cooccurrence(table: pd.DataFrame, *, theme: str = "light") -> go.Figure:
    """Rules that fire together as a matrix: how often, the number in the cell."""
    colours = PALETTES[theme]
    every = list(dict.fromkeys(table[["first", "second"]].to_numpy().ravel()))  # both of a pair, the most first
    rules = every[:TOGETHER]
    said = explained(
        "Times the rarer of two fired with the other",
        f"the first {TOGETHER} of {len(every):,} rules" if len(every) > TOGETHER else "",
    )
    figure = blank("Fires together", said, theme)
    if not rules:
        say(figure, "no two rules fire together often enough to say", colours)
        return figure
    cells = pd.DataFrame(np.nan, index=rules, columns=rules)
    row: Any
    for row in table.itertuples():
        if row.first in rules and row.second in rules:
            cells.loc[row.first, row.second] = cells.loc[row.second, row.first] = row.together
    short = names(pd.Index(rules))
    z = [[None if np.isnan(v) else float(v) for v in line] for line in cells.to_numpy()]
    figure.add_trace(go.Heatmap(
        z=z, x=short, y=short, xgap=2, ygap=2, showscale=False, zmin=0,
        colorscale=[[0, colours.sunken], [1, colours.accent]], name="together",
        text=[["" if v is None else f"{v:.0f}" for v in line] for line in z], texttemplate="%{text}",
        hovertemplate="%{y} and %{x}: %{z}<extra></extra>",
    ))  # fmt: skip
    figure.update_xaxes(tickangle=-50, title={"text": "rule · cell: times"})
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_layout(height=max(320, 150 + 34 * len(rules)), hovermode="closest", margin={"r": 12})
    return figure


def flapping(table: pd.DataFrame, *, theme: str = "light") -> go.Figure:
    """The rules and targets that flapped most, by the alerts that came in bursts."""
    return ranked(_by_pair(table), value="in_flaps", title="Alerts in bursts", unit="alerts", theme=theme)


def top_talkers(table: pd.DataFrame, *, theme: str = "light") -> go.Figure:
    """The loudest pairs of rule and target."""
    return ranked(_by_pair(table), value="n", title="The loudest", unit="alerts", theme=theme)


def concentration(table: pd.DataFrame, *, theme: str = "light") -> go.Figure:
    """How few pairs of rule and target make how much of it all: `table` as from `noise.top_talkers`."""
    colours = PALETTES[theme]
    said = "Line: share of all alerts · dots: if all were as loud"
    figure = blank("How much comes from how few", said, theme)
    if table.empty:
        say(figure, NOTHING, colours)
        return figure
    place = np.unique(np.geomspace(1, len(table), MOST_PLACES).astype("int64"))
    figure.add_trace(
        go.Scatter(
            x=place.tolist(),
            y=rounded(table["running"].iloc[place - 1]),
            mode="lines+markers" if len(place) <= 12 else "lines",
            name="share of all alerts",
            line={"color": colours.accent, "width": 2.5},
            hovertemplate="%{y:.0%}",
        )
    )
    figure.add_trace(
        go.Scatter(
            x=place.tolist(),
            y=rounded(place / len(table)),
            mode="lines",
            name="if all were as loud",
            line={"color": colours.p90, "width": 1.5, "dash": "dot"},
            hoverinfo="skip",
        )
    )
    figure.update_xaxes(
        type="log",
        tickvals=_counts(1, len(table)),
        title={"text": "loudest rules and targets (log scale)"},
    )
    figure.update_yaxes(tickformat=".0%", range=[0, 1.03], tickvals=[0, 0.25, 0.5, 0.75, 1])
    figure.update_layout(margin={"r": 16})
    return figure


def missed_by_alerts(table: pd.DataFrame, *, theme: str = "light") -> go.Figure:
    """The share of incidents that no alert told of before somebody declared them, by severity."""
    rows = noise.missed_share(table, by="severity")
    title = "Declared before any alert"
    return intervals(rows, value="share", title=title, unit="share", dot="share", theme=theme)


def _by_pair(table: pd.DataFrame) -> pd.DataFrame:
    return table.set_axis(pd.Index(noise.pair_names(table), name="pair"))
