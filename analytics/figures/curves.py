"""How long things take: the median by week, and the share not over yet after each length of time."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from analytics import words
from analytics.columns import level
from analytics.figures.frame import FLOOR, NOTHING, blank, drawn, explained, rounded, say, time_axis
from analytics.response import counted, curve, spoken, summary
from analytics.theme import DASHES, PALETTES, SYMBOLS, Palette

POINTS = 90
GLYPHS = ("⬢", "▲", "◆", "●", "○")  # as near as text comes to the shapes


def trend(weeks: pd.DataFrame, dots: pd.DataFrame, *, title: str, theme: str = "light") -> go.Figure:
    """Median by week with its 95 % interval, and p90; weeks with too few are dots, cut ones hollow.

    `weeks` and `dots` as from `weeks.by_week` and `weeks.dots`. The time axis is logarithmic.
    """
    colours = PALETTES[theme]
    seen = pd.concat([weeks[name] for name in ("low", "median", "high", "p90")] + [dots["minutes"]]).dropna()
    axis = time_axis(seen)
    top = 10 ** axis["range"][1]
    figure = blank(f"{title} by week", _key_of(weeks, dots), theme)
    figure.add_trace(_interval(weeks, top, colours))
    figure.add_trace(_p90(weeks, colours))
    figure.add_trace(_median(weeks, colours))
    figure.add_trace(_few(dots, colours))
    figure.update_yaxes(**axis, title={"text": "time (log scale)", "font": {"size": 12}, "standoff": 4})
    figure.update_xaxes(type="date", tickformat="%-d %b", nticks=5, range=_span(weeks))
    for name in ("p90", "median"):
        if weeks[name].tail(2).notna().any():  # a label further left would lie among the dots
            _label_end(figure, weeks["week"], weeks[name], name, colours)
    if not len(seen):
        say(figure, NOTHING, colours)
    return figure


def waiting(
    durations: pd.DataFrame,
    *,
    title: str,
    since: str = "detection",
    medians: pd.DataFrame | None = None,
    theme: str = "light",
) -> go.Figure:
    """The share not over yet after each length of time since `since` (log axis), one curve per severity.

    `durations` as from any of the metrics that give lengths. The shape on each curve is its median, the bar
    through it the 95 % interval; a severity with fewer than 6 is dots. `medians` is `by_severity` of them,
    where that is at hand.
    """
    colours = PALETTES[theme]
    steps = _steps_of(durations)
    table = by_severity(durations) if medians is None else medians
    names = list(dict.fromkeys(steps["severity"]))
    few = set(steps.loc[steps["n"] < 6, "severity"])
    key = "  ".join(_key(severity, colours, few) for severity in sorted(names, key=level))
    said = (
        "shape: median · bar: its 95 % interval" + (" · few: one each" if few else "")
        if table["median"].notna().any()
        else "dots: those that are over; too few for a curve"
    )
    figure = blank(f"{title}, by severity", f"{key}<br>{said}" if key else said, theme)
    figure.update_layout(margin={"r": 16})  # no label stands there
    axis = time_axis(_until_nearly_over(steps), most=6)
    for severity, rows in steps.groupby("severity", sort=True):
        figure.add_trace(_steps(str(severity), rows, axis["range"], colours))
    for name, row in table.iterrows():
        if pd.notna(row["median"]):
            figure.add_trace(_median_mark(str(name), row, 10 ** axis["range"][1], colours))
    label = {"text": f"time since {since} (log scale)", "font": {"size": 12}, "standoff": 4}
    figure.update_xaxes(**axis, title=label, tickangle=0)
    # room below for what stands at none: the last one's shape
    figure.update_yaxes(range=[-0.04, 1.04], tickformat=".0%", tickvals=[0, 0.25, 0.5, 0.75, 1])
    if steps.empty:
        say(figure, "none of them is over yet" if len(table) else NOTHING, colours)
    return figure


def by_severity(durations: pd.DataFrame) -> pd.DataFrame:
    """What may be said of each severity: `response.summary`, less what its n does not allow."""
    return spoken(summary(durations, by="severity"))


def _steps_of(durations: pd.DataFrame) -> pd.DataFrame:
    """The steps of each severity's curve: ``severity``, ``n``, ``minutes``, ``waiting``."""
    parts = []
    for severity, rows in counted(durations).groupby("severity", sort=True):
        line = curve(rows)
        steps = pd.DataFrame({"minutes": line.times, "waiting": line.survival})
        parts.append(steps.assign(severity=str(severity), n=len(rows)))
    names = ["severity", "n", "minutes", "waiting"]
    return pd.concat(parts, ignore_index=True)[names] if parts else pd.DataFrame(columns=names)


def _key_of(weeks: pd.DataFrame, dots: pd.DataFrame) -> str:
    """The line under a trend: of the marks that are in it, what each means."""
    has_medians = weeks["median"].notna()
    return explained(
        "line: median · band: 95 % interval" if has_medians.any() else "",
        "dashes: p90" if weeks["p90"].notna().any() else "",
        "dots: one each, in weeks of under 6" if len(dots) else "",
        "hollow: cut week" if weeks["partial"][has_medians].any() else "",
    )


def _key(severity: str, colours: Palette, few: set[str]) -> str:
    """Shape and word in the severity's colour, for the line under the title."""
    place, mark = level(severity), " (few)" if severity in few else ""
    return f'<span style="color:{colours.levels[place]}">{GLYPHS[place]} {severity}{mark}</span>'


def _until_nearly_over(steps: pd.DataFrame) -> "pd.Series[Any]":
    """The times worth an axis: until 2 % are left, for a single straggler would squeeze all the others."""
    over = steps["waiting"] <= 0.02
    first_over = steps["minutes"].where(over).groupby(steps["severity"]).transform("min")
    return steps["minutes"][~over | (steps["minutes"] <= first_over)]


def _interval(weeks: pd.DataFrame, top: float, colours: Palette) -> go.Scatter:
    """One filled shape per unbroken run of weeks; an end that is not reached goes to the top."""
    x: list[Any] = []
    y: list[float | None] = []
    for run in _runs(weeks[weeks["low"].notna()], weeks):
        days = run["week"].dt.strftime("%Y-%m-%d").tolist()
        low, high = drawn(run["low"]), drawn(run["high"].fillna(top))
        if len(run) == 1:  # a week between two that have none: as wide as can be seen
            alone = run["week"].iloc[0]
            days = [str((alone + pd.Timedelta(days=by)).date()) for by in (-2, 2)]
            low, high = low * 2, high * 2
        x += [*days, *reversed(days), None]
        y += [*low, *reversed(high), None]
    return go.Scatter(
        x=x,
        y=y,
        name="95 % interval",
        mode="lines",
        fill="toself",
        fillcolor=colours.band,
        line={"width": 1, "color": colours.band},
        hoverinfo="skip",
    )


def _runs(rows: pd.DataFrame, weeks: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Stretches of `rows` that follow each other without a gap in `weeks`."""
    places = [(int(place), int(place) - at) for at, place in enumerate(weeks.index.get_indexer(rows.index))]
    for _, run in groupby(places, key=lambda pair: pair[1]):
        yield weeks.iloc[[place for place, _ in run]]


def _p90(weeks: pd.DataFrame, colours: Palette) -> go.Scatter:
    return go.Scatter(
        x=_days(weeks),
        y=drawn(weeks["p90"]),
        name="p90",
        mode="lines+markers",
        marker={"size": 4},
        line={"color": colours.p90, "width": 1.5, "dash": "dash"},
        customdata=_said(weeks["p90"]),
        hovertemplate="%{customdata}",
    )


def _median(weeks: pd.DataFrame, colours: Palette) -> go.Scatter:
    counts = [
        f"{words.duration(m)}, n {n:,}" if pd.notna(m) else ""
        for m, n in zip(weeks["median"], weeks["n"], strict=True)
    ]
    return go.Scatter(
        x=_days(weeks),
        y=drawn(weeks["median"]),
        name="median",
        mode="lines+markers",
        line={"color": colours.accent, "width": 2.5},
        marker={
            "size": 6,
            "color": [colours.surface if cut else colours.accent for cut in weeks["partial"]],
            "line": {"color": colours.accent, "width": 1.5},
        },
        customdata=counts,
        hovertemplate="%{customdata}",
    )


def _few(dots: pd.DataFrame, colours: Palette) -> go.Scatter:
    return go.Scatter(
        x=_days(dots),
        y=drawn(dots["minutes"]),
        name="one of few",
        mode="markers",
        marker={
            "size": 6,
            "color": colours.control,
            "symbol": ["circle" if over else "circle-open" for over in dots["observed"]],
        },
        customdata=[
            said if over else f"{said}, still open"
            for said, over in zip(_said(dots["minutes"]), dots["observed"], strict=True)
        ],
        hovertemplate="%{customdata}",
    )


def _steps(severity: str, rows: pd.DataFrame, span: list[float], colours: Palette) -> go.Scatter:
    place, few = level(severity), int(rows["n"].iloc[0]) < 6
    thin = _thinned(rows)
    start = [] if few else [(10 ** span[0], 1.0)]
    points = start + list(zip(thin["minutes"].clip(lower=10 ** span[0]), thin["waiting"], strict=True))
    return go.Scatter(
        x=rounded([minutes for minutes, _ in points]),
        y=[round(float(share), 4) for _, share in points],
        name=severity,
        mode="markers" if few else "lines",
        line={"shape": "hv", "color": colours.levels[place], "width": 2, "dash": DASHES[place]},
        marker={"symbol": SYMBOLS[place], "color": colours.levels[place], "size": 6},
        cliponaxis=not few,
        hovertemplate="%{y:.0%}",
    )


def _thinned(rows: pd.DataFrame) -> pd.DataFrame:
    """At most `POINTS` of the steps, evenly along the log axis; the last step always."""
    if len(rows) <= POINTS:
        return rows
    log = np.log(rows["minutes"].clip(lower=FLOOR).to_numpy(dtype="float64"))
    wanted = np.searchsorted(log, np.linspace(log[0], log[-1], POINTS))
    return rows.iloc[np.unique(np.append(wanted.clip(max=len(rows) - 1), len(rows) - 1))]


def _median_mark(severity: str, row: "pd.Series[Any]", top: float, colours: Palette) -> go.Scatter:
    place = level(severity)
    median, low = float(row["median"]), float(row["low"])
    high = top if pd.isna(row["high"]) else float(row["high"])
    return go.Scatter(
        x=rounded([max(median, FLOOR)]),
        y=[0.5],
        name=f"{severity} median",
        mode="markers",
        marker={"symbol": SYMBOLS[place], "size": 11, "color": colours.levels[place]},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": rounded([high - median]),
            "arrayminus": rounded([median - max(low, FLOOR)]),
            "color": colours.levels[place],
            "thickness": 1.5,
            "width": 4,
        },
        customdata=[f"{words.duration(median)} ({words.interval(low, float(row['high']))})"],
        hovertemplate="%{customdata}",
    )


def _span(weeks: pd.DataFrame) -> list[str]:
    if weeks.empty:
        return ["2000-01-01", "2000-01-08"]
    pad = pd.Timedelta(days=3)
    return [str((weeks["week"].iloc[0] - pad).date()), str((weeks["week"].iloc[-1] + pad).date())]


def _label_end(
    figure: go.Figure, x: "pd.Series[Any]", y: "pd.Series[Any]", name: str, colours: Palette
) -> None:
    ends = y.dropna()
    if len(ends):
        colour = colours.ink if name == "median" else colours.muted
        figure.add_annotation(
            x=str(x.loc[ends.index[-1]].date()),
            y=float(np.log10(max(ends.iloc[-1], FLOOR))),
            text=f"<b>{name}</b>" if name == "median" else name,
            showarrow=False,
            xanchor="left",
            xshift=8,
            font={"size": 12, "color": colour},
        )


def _days(rows: pd.DataFrame) -> list[str]:
    return [str(at.date()) for at in rows["week"]]


def _said(minutes: "pd.Series[Any]") -> list[str]:
    return ["" if pd.isna(value) else words.duration(value) for value in minutes]
