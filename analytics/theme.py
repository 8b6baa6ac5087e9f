"""Colours, templates and the plotly configuration: one look for the app's pages and the notebooks."""

from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go
import plotly.io as pio

#: Never a mode bar or a zoom trap: a finger on a chart scrolls the page.
CONFIG: dict[str, Any] = {
    "displayModeBar": False,
    "scrollZoom": False,
    "doubleClick": False,
    "responsive": True,
}


@dataclass(frozen=True)
class Palette:
    """The named colours of one theme; every mark has at least 3:1 on its surface."""

    surface: str
    sunken: str
    ink: str
    muted: str
    control: str
    line: str
    grid: str
    accent: str
    band: str
    p90: str
    series: tuple[str, ...]
    levels: tuple[str, ...]


LIGHT = Palette(
    surface="#FFFFFF",
    sunken="#E9ECF2",
    ink="#131A26",
    muted="#465166",
    control="#717D92",
    line="#D8DDE6",
    grid="#E3E7EE",
    accent="#2B4CC4",
    band="rgba(43,76,196,0.16)",
    p90="#4E5866",
    series=("#3464BA", "#A3661D", "#3C9F9A", "#622C71", "#4E5866", "#6B1C2D"),
    # the third is the edge of the yellow: the fill itself has 1.7:1 on white
    levels=("#9B1C31", "#B8510A", "#8A6A00", "#0E6C93", "#5A6578"),
)
DARK = Palette(
    surface="#121823",
    sunken="#1B2330",
    ink="#E6EAF1",
    muted="#AFB9C8",
    control="#6C7A91",
    line="#2A3445",
    grid="#222C3C",
    accent="#9DB5FF",
    band="rgba(157,181,255,0.16)",
    p90="#9CA5B7",
    series=("#97B9E4", "#F0D0B1", "#C5EFEE", "#AA67BF", "#9CA5B7", "#CA5F7A"),
    levels=("#F2747B", "#F79A4D", "#F3D36B", "#74C4E8", "#9AA6B8"),
)
PALETTES = {"light": LIGHT, "dark": DARK}


def counterparts() -> dict[str, str]:
    """Each light colour's dark one: what a page needs to turn a figure that was drawn in light."""
    found: dict[str, str] = {}
    for name, light in vars(LIGHT).items():
        dark = getattr(DARK, name)
        both = zip(light, dark, strict=True) if isinstance(light, tuple) else ((light, dark),)
        found.update(both)
    return found


#: Severity is told by colour and by shape and dash.
SYMBOLS = ("octagon", "triangle-up", "diamond", "circle", "circle-open")
DASHES = ("solid", "dash", "dashdot", "dot", "longdash")


def template(colours: Palette) -> go.layout.Template:
    """The plotly template of one theme."""
    axis = {
        "showline": False,
        "ticks": "",
        "tickfont": {"size": 12},
        "title": {"font": {"size": 12}, "standoff": 4},
        "zerolinecolor": colours.line,
        "gridcolor": colours.grid,
        "gridwidth": 1,
        "fixedrange": True,
        "automargin": True,
    }
    layout = {
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": "system-ui, sans-serif", "size": 13, "color": colours.muted},
        "title": {"font": {"size": 13, "color": colours.muted}, "x": 0, "xanchor": "left"},
        "colorway": list(colours.series),
        "colorscale": {"sequential": [[0, colours.sunken], [1, colours.accent]]},
        "xaxis": {**axis, "showgrid": False, "zeroline": False},
        "yaxis": {**axis, "showgrid": True},
        "margin": {"l": 36, "r": 12, "t": 8, "b": 28},
        "hovermode": "x unified",
        "hoverlabel": {
            "bgcolor": colours.surface,
            "bordercolor": colours.control,
            "font": {"color": colours.ink},
        },
        "showlegend": False,
        "dragmode": False,
    }
    return go.layout.Template(layout=layout)


for _name, _colours in PALETTES.items():
    pio.templates[f"nightbell_{_name}"] = template(_colours)
