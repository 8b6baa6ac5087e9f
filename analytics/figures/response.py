"""How long we take: each length of an incident, the legs of a page, the phases, the targets.

The figure of a length is the share not over yet, by severity; its `medians` are `curves.by_severity` of the
table, where that is at hand.
"""

import pandas as pd
import plotly.graph_objects as go

from analytics import hours, paging
from analytics.figures.curves import waiting
from analytics.figures.shapes import intervals

IMPACT = "the impact began"


def time_to_detect(
    table: pd.DataFrame, *, medians: pd.DataFrame | None = None, theme: str = "light"
) -> go.Figure:
    """How long users were hurt before anybody knew."""
    return waiting(table, title="Not yet detected", since=IMPACT, medians=medians, theme=theme)


def time_to_declare(
    table: pd.DataFrame, *, medians: pd.DataFrame | None = None, theme: str = "light"
) -> go.Figure:
    """How long until somebody called it an incident."""
    return waiting(table, title="Not yet declared", medians=medians, theme=theme)


def time_to_acknowledge(
    table: pd.DataFrame, *, medians: pd.DataFrame | None = None, theme: str = "light"
) -> go.Figure:
    """How long until a human had it."""
    return waiting(table, title="Still unacknowledged", medians=medians, theme=theme)


def time_to_mobilise(
    table: pd.DataFrame, *, medians: pd.DataFrame | None = None, theme: str = "light"
) -> go.Figure:
    """How long until those of the first hour were together."""
    return waiting(table, title="Not yet mobilised", medians=medians, theme=theme)


def time_to_mitigate(
    table: pd.DataFrame, *, medians: pd.DataFrame | None = None, theme: str = "light"
) -> go.Figure:
    """How long until users stopped hurting."""
    return waiting(table, title="Not yet mitigated", medians=medians, theme=theme)


def time_to_resolve(
    table: pd.DataFrame, *, medians: pd.DataFrame | None = None, theme: str = "light"
) -> go.Figure:
    """How long until it was over."""
    return waiting(table, title="Still unresolved", medians=medians, theme=theme)


def time_to_restore(
    table: pd.DataFrame, *, medians: pd.DataFrame | None = None, theme: str = "light"
) -> go.Figure:
    """How long the impact lasted."""
    return waiting(table, title="Not yet restored", since=IMPACT, medians=medians, theme=theme)


def time_to_page(
    table: pd.DataFrame, *, medians: pd.DataFrame | None = None, theme: str = "light"
) -> go.Figure:
    """Our engine, the push service, the person. `medians` is `paging.by_leg` of the table."""
    legs = paging.by_leg(table) if medians is None else medians
    return intervals(legs, value="median", title="The legs of a page", unit="time", dot="median", theme=theme)


def phase_shares(table: pd.DataFrame, *, title: str = "Phases", theme: str = "light") -> go.Figure:
    """The phases side by side: medians do not add up."""
    return intervals(table, value="median", title=title, unit="time", dot="median", theme=theme)


def restricted_mean(table: pd.DataFrame, *, theme: str = "light") -> go.Figure:
    """The mean of the first hours, what is open in it; of a group with fewer than 6, none."""
    first = f" of the first {table['limit'].iloc[0] / 60:g} h" if len(table) else ""
    enough = table[table["n"] >= 6]
    return intervals(enough, value="mean", title=f"Mean{first}", unit="time", dot="mean", theme=theme)


def share_within(table: pd.DataFrame, *, done: str = "over", theme: str = "light") -> go.Figure:
    """The share that was `done` within the target of its severity; of a severity with fewer than 6, none."""
    enough = table[table["n"] >= 6]
    title = f"{done.capitalize()} within target"
    return intervals(enough, value="share", title=title, unit="share", dot="share", theme=theme)


def business_minutes(
    table: pd.DataFrame, *, medians: pd.DataFrame | None = None, theme: str = "light"
) -> go.Figure:
    """A length on the wall clock and, beside it, inside working hours. `table` as from `hours.both_clocks`;
    `medians` is `hours.by_clock` of it.
    """
    clocks = hours.by_clock(table) if medians is None else medians
    return intervals(clocks, value="median", title="On both clocks", unit="time", dot="median", theme=theme)
