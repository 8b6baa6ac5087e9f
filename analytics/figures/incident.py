"""One incident in time."""

import pandas as pd
import plotly.graph_objects as go

from analytics.figures.frame import as_local, blank, say
from analytics.theme import PALETTES, SYMBOLS

#: ticks of a time axis by how far apart they are: hours with their day under them, else days
WITHIN = (
    {"dtickrange": [None, 86_399_999], "value": "%H:%M\n%-d %b"},
    {"dtickrange": [86_400_000, None], "value": "%-d %b"},
)
LANES = ("Alerts", "Pages", "People", "Status")


def lanes(table: pd.DataFrame, *, zone: str, theme: str = "light") -> go.Figure:
    """One incident in time: a mark per thing that happened, in the lane of alerts, pages, people or status.

    `table` has ``at``, ``lane``, ``what``.
    """
    colours = PALETTES[theme]
    figure = blank("What happened, in order", f"Local time, {zone}", theme)
    if table.empty:
        say(figure, "nothing is recorded", colours)
        return figure
    for place, lane in enumerate(LANES):
        rows = table[table["lane"] == lane]
        figure.add_trace(
            go.Scatter(
                x=as_local(rows["at"], zone),
                y=[lane] * len(rows),
                mode="markers",
                name=lane,
                text=rows["what"].tolist(),
                hovertemplate="%{text}",
                marker={"size": 11, "symbol": SYMBOLS[place], "color": colours.series[place]},
            )
        )
    figure.update_yaxes(
        type="category", categoryorder="array", categoryarray=list(reversed(LANES)), showgrid=True
    )
    figure.update_xaxes(type="date", nticks=5, tickformatstops=WITHIN)
    figure.update_layout(hovermode="closest", height=280, margin={"r": 20})
    return figure
