"""What on-call work does to people. Whoever shows these by person sees to it that there are three or more."""

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from analytics import pager_load
from analytics.figures.frame import NOTHING, blank, explained, say
from analytics.figures.shapes import in_parts, intervals, ranked
from analytics.theme import PALETTES

KINDS = {"sleep": "asleep", "off": "off hours", "business": "working hours"}
EFFORT = {"in_hours": "in working hours", "out_of_hours": "out of hours"}


def interruptions(table: pd.DataFrame, *, theme: str = "light") -> go.Figure:
    """Interruptions per person by kind; a line at the median of all."""
    people = pager_load.by_person(table)
    said = explained(
        "full: asleep · striped: off · spotted: at work", "line: the median of all" if len(people) else ""
    )
    line = float(people["total"].median()) if len(people) else None
    title, unit = "Interruptions by person", "interruptions"
    return in_parts(people, KINDS, title=title, unit=unit, said=said, line=line, theme=theme)


def interruption_kind(kinds: "pd.Series[Any]", *, theme: str = "light") -> go.Figure:
    """The share of interruptions that came asleep, off hours and in working hours."""
    table = pager_load.by_kind(kinds).rename(index=lambda kind: KINDS[kind].capitalize())
    return intervals(table, value="share", title="When they came", unit="share", dot="share", theme=theme)


def nights_broken(table: pd.DataFrame, *, theme: str = "light") -> go.Figure:
    """Nights broken per person."""
    return ranked(table, value="nights", title="Nights broken", unit="nights", theme=theme)


def shift_load(table: pd.DataFrame, *, theme: str = "light") -> go.Figure:
    """How many shifts had so many incidents in 12 hours; those over the ceiling striped, in another colour."""
    colours = PALETTES[theme]
    most = pager_load.SRE_CEILING
    bars = pager_load.by_load(table)
    counts, over = bars["shifts"], bars["over"]
    n = int(counts.sum())
    said = f"{'Striped:' if counts[over].any() else 'None is'} over the ceiling of {most:g}" if n else ""
    figure = blank("Shifts by incidents in 12 hours", said, theme)
    if not n:
        say(figure, NOTHING, colours)
        return figure
    figure.add_trace(
        go.Bar(
            x=bars.index.tolist(),
            y=counts.tolist(),
            name="shifts",
            marker={
                "color": [colours.levels[1] if bad else colours.series[0] for bad in over],
                "pattern": {
                    "shape": ["/" if bad else "" for bad in over],
                    "fgcolor": colours.surface,
                    "size": 6,
                    "fillmode": "overlay",
                },
            },
            text=[f"{n:,}" for n in counts],
            textposition="outside",
            textfont={"color": colours.muted, "size": 12},
            cliponaxis=False,
            hovertemplate="%{y}",
        )
    )
    figure.update_xaxes(title={"text": "incidents in 12 hours"}, type="category")
    figure.update_yaxes(title={"text": "shifts"}, range=[0, float(counts.max()) * 1.15])
    figure.update_layout(bargap=0.25, margin={"r": 16})
    return figure


def load_fairness(people: pd.DataFrame, *, theme: str = "light") -> go.Figure:
    """Who was woken more and less often than their hours on call would give."""
    return ranked(
        people,
        value="ratio",
        title="Woken, against one's share",
        unit="times the share",
        subtitle="1: as hours on call would give",
        unknown="no hours on call",
        theme=theme,
    )


def response_effort(table: pd.DataFrame, *, theme: str = "light") -> go.Figure:
    """The incidents that took most of people's time, in person-hours: in and out of working hours."""
    top = table.sort_values("person_minutes", ascending=False, kind="stable") / 60
    spent = top.assign(in_hours=top["person_minutes"] - top["out_of_hours"])
    said = explained("full: in working hours", "striped: out of hours")
    return in_parts(spent, EFFORT, title="The dearest incidents", unit="person-hours", said=said, theme=theme)
