"""Metric table -> plotly figure. Only drawing happens here; the numbers come ready.

Every figure wears `nightbell_light` or `nightbell_dark`, is at most 50 kB as JSON, and is shown with `CONFIG`.
"""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from analytics import words
from analytics.columns import level
from analytics.theme import CONFIG, DASHES, PALETTES, SYMBOLS, Palette

__all__ = ["CONFIG", "trend", "waiting"]

TITLES = {"time_to_acknowledge": "Time to acknowledge", "time_to_resolve": "Time to resolve"}
WAITING = {"time_to_acknowledge": "Still unacknowledged", "time_to_resolve": "Still unresolved"}
TICKS = {1.0: "1 min", 5.0: "5 min", 60.0: "1 h", 240.0: "4 h", 1440.0: "1 d", 10080.0: "1 w"}
MORE_TICKS = {
    1 / 60: "1 s", 1 / 6: "10 s", 0.5: "30 s", 2.0: "2 min", 15.0: "15 min", 30.0: "30 min",
    4320.0: "3 d", 40320.0: "4 w",
}  # fmt: skip
FLOOR = 1 / 60  # a log axis has no zero: at once is drawn at one second
POINTS = 90
LINE = 54  # characters of a heading that a phone shows in one line
GLYPHS = ("⬢", "▲", "◆", "●", "○")  # as near as text comes to the shapes


def trend(weeks: pd.DataFrame, dots: pd.DataFrame, *, metric: str, theme: str = "light") -> go.Figure:
    """Median by week with its 95 % interval, and p90; weeks with too few are dots, cut ones hollow.

    `weeks` and `dots` as from `weeks.by_week` and `weeks.dots`. The time axis is logarithmic.
    """
    colours = PALETTES[theme]
    seen = pd.concat([weeks[name] for name in ("low", "median", "high", "p90")] + [dots["minutes"]]).dropna()
    axis = time_axis(seen)
    top = 10 ** axis["range"][1]
    figure = blank(f"{TITLES[metric]} by week", _key_of(weeks, dots), theme)
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
        say(figure, "nothing to draw in this window", colours)
    return figure


def waiting(steps: pd.DataFrame, table: pd.DataFrame, *, metric: str, theme: str = "light") -> go.Figure:
    """The share not over yet after each length of time (log axis), one curve per severity.

    `steps` as from `answer.curve_steps`, `table` as from `response.summary(by="severity")`: the shape on each
    curve is its median, the bar through it the 95 % interval. A severity with fewer than 6 is dots.
    """
    colours = PALETTES[theme]
    names = list(dict.fromkeys(steps["severity"]))
    few = set(steps.loc[steps["n"] < 6, "severity"])
    key = "  ".join(_key(severity, colours, few) for severity in sorted(names, key=level))
    explained = (
        "shape: median · bar: its 95 % interval" + (" · few: one each" if few else "")
        if table["median"].notna().any()
        else "dots: those that are over; too few for a curve"
    )
    figure = blank(f"{WAITING[metric]}, by severity", f"{key}<br>{explained}" if key else explained, theme)
    figure.update_layout(margin={"r": 16})  # no label stands there
    axis = time_axis(_until_nearly_over(steps), most=6)
    for severity, rows in steps.groupby("severity", sort=True):
        figure.add_trace(_steps(str(severity), rows, axis["range"], colours))
    for name, row in table.iterrows():
        if pd.notna(row["median"]):
            figure.add_trace(_median_mark(str(name), row, 10 ** axis["range"][1], colours))
    title = {"text": "time since detection (log scale)", "font": {"size": 12}, "standoff": 4}
    figure.update_xaxes(**axis, title=title, tickangle=0)
    # room below for what stands at none: the last one's shape
    figure.update_yaxes(range=[-0.04, 1.04], tickformat=".0%", tickvals=[0, 0.25, 0.5, 0.75, 1])
    if steps.empty:
        say(figure, "none of them is over yet" if len(table) else "nothing to draw in this window", colours)
    return figure


def explained(*parts: str) -> str:
    """What the marks mean, those of `parts` that are not empty, in lines that a phone shows whole."""
    lines: list[str] = []
    for part in filter(None, parts):
        if lines and len(lines[-1]) + len(part) + 3 <= LINE:
            lines[-1] += f" · {part}"
        else:
            lines.append(part)
    said = "<br>".join(lines)
    return said[:1].upper() + said[1:]


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


def blank(title: str, subtitle: str, theme: str) -> go.Figure:
    """A figure without marks, in the theme, with room for its heading: a title, and lines under it if any."""
    figure = go.Figure(layout={"template": f"nightbell_{theme}", "height": 300})
    # the template's top margin is for cards that carry their own heading; the title makes its room
    figure.update_layout(
        title={
            "text": title,
            "subtitle": {"text": subtitle, "font": {"size": 12}},
            "yref": "container",
            "y": 0.97,
            "yanchor": "top",
        },
        margin={"t": (60 if subtitle else 38) + 18 * subtitle.count("<br>"), "r": 56},
    )
    return figure


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


def time_axis(minutes: "pd.Series[Any]", *, most: float = 7) -> dict[str, Any]:
    """A logarithmic axis of minutes that holds `minutes`, with ticks in words, as many as there is room for.

    The house's six ticks; a narrow span that holds fewer than three of them gets the ones between, and reaches
    to the two around it where it holds fewer than two: one word on an axis is no scale.
    """
    seen = minutes[minutes > 0].clip(lower=FLOOR)
    low, high = (float(seen.min()), float(seen.max())) if len(seen) else (1.0, 1440.0)
    low, high = low / 1.5, high * 1.5
    every = dict(sorted({**TICKS, **MORE_TICKS}.items()))
    if sum(low <= at <= high for at in every) < 2:
        low = max((at for at in every if at <= low), default=low)
        high = min((at for at in every if at >= high), default=high)
    ticks = {at: word for at, word in TICKS.items() if low <= at <= high}
    if len(ticks) < 3:
        ticks = {at: word for at, word in every.items() if low <= at <= high}
    ticks = _apart(ticks, by=float(np.log10(high / low)) / most)
    return {
        "type": "log",
        "range": [float(np.log10(low)), float(np.log10(high))],
        "tickvals": list(ticks),
        "ticktext": list(ticks.values()),
        "showgrid": True,
    }


def _apart(ticks: dict[float, str], *, by: float) -> dict[float, str]:
    """Those at least `by` decades from the one before: on a phone two nearer words would lie on each other."""
    kept: dict[float, str] = {}
    for at, word in ticks.items():
        if not kept or np.log10(at / max(kept)) >= by:
            kept[at] = word
    return kept


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


def say(figure: go.Figure, sentence: str, colours: Palette) -> None:
    """A sentence in the middle, where there is nothing to draw, and no axis that would measure nothing."""
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    figure.add_annotation(
        text=sentence, x=0.5, y=0.5, xref="paper", yref="paper", showarrow=False, font={"color": colours.muted}
    )


def _days(rows: pd.DataFrame) -> list[str]:
    return [str(at.date()) for at in rows["week"]]


def _said(minutes: "pd.Series[Any]") -> list[str]:
    return ["" if pd.isna(value) else words.duration(value) for value in minutes]


def drawn(minutes: "pd.Series[Any]") -> list[float | None]:
    """Lengths as a log axis can hold them: at once is one second."""
    return rounded(minutes.clip(lower=FLOOR))


def rounded(values: Any) -> list[float | None]:
    """Four figures are more than a pixel shows; fewer bytes on a phone."""
    return [None if pd.isna(value) else float(f"{value:.4g}") for value in values]
