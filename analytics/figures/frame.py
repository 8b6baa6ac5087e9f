"""What every figure begins with: its heading, an axis of time, words where there is nothing to draw."""

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from analytics.theme import Palette

NOTHING = "nothing to draw in this window"
TICKS = {1.0: "1 min", 5.0: "5 min", 60.0: "1 h", 240.0: "4 h", 1440.0: "1 d", 10080.0: "1 w"}
MORE_TICKS = {
    1 / 60: "1 s", 1 / 6: "10 s", 0.5: "30 s", 2.0: "2 min", 15.0: "15 min", 30.0: "30 min",
    4320.0: "3 d", 40320.0: "4 w",
}  # fmt: skip
FLOOR = 1 / 60  # a log axis has no zero: at once is drawn at one second
FEW_TICKS = 6  # an axis of counts that ends below has a tick for each: there is no half of one
LINE = 54  # characters of a heading that a phone shows in one line


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


def say(figure: go.Figure, sentence: str, colours: Palette) -> None:
    """A sentence in the middle, where there is nothing to draw, and no axis that would measure nothing."""
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    figure.add_annotation(
        text=sentence, x=0.5, y=0.5, xref="paper", yref="paper", showarrow=False, font={"color": colours.muted}
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


def drawn(minutes: "pd.Series[Any]") -> list[float | None]:
    """Lengths as a log axis can hold them: at once is one second."""
    return rounded(minutes.clip(lower=FLOOR))


def rounded(values: Any) -> list[float | None]:
    """Four figures are more than a pixel shows; fewer bytes on a phone."""
    return [None if pd.isna(value) else float(f"{value:.4g}") for value in values]


def as_local(moments: "pd.Series[Any]", zone: str) -> list[str]:
    """Moments as plotly takes them: the clock of `zone`, without its name, which the figure says."""
    return [at.tz_convert(zone).tz_localize(None).isoformat(timespec="seconds") for at in moments]


def names(index: "pd.Index[Any]") -> list[str]:
    """Names short enough for a phone; what two share stays apart by a number."""
    seen: dict[str, int] = {}
    made = []
    for name in index:
        short = str(name) if len(str(name)) <= 22 else f"{str(name)[:21]}…"
        seen[short] = seen.get(short, 0) + 1
        made.append(short if seen[short] == 1 else f"{short} ({seen[short]})")
    return made
